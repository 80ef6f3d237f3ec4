"""What a reader's few answers say of a recording's other beats: arrays in, arrays out."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Asked", "Prior", "choose", "corrected", "describe", "groups", "surprising"]

if TYPE_CHECKING:
    from ectopy.runtime.corrections.asking import Asked, choose
    from ectopy.runtime.corrections.grouping import groups
    from ectopy.runtime.corrections.places import describe
    from ectopy.runtime.corrections.residual import Prior, corrected, surprising
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Asked": "ectopy.runtime.corrections.asking",
            "Prior": "ectopy.runtime.corrections.residual",
            "choose": "ectopy.runtime.corrections.asking",
            "corrected": "ectopy.runtime.corrections.residual",
            "describe": "ectopy.runtime.corrections.places",
            "groups": "ectopy.runtime.corrections.grouping",
            "surprising": "ectopy.runtime.corrections.residual",
        },
    )

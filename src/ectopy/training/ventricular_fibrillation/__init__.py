"""The weights that tell ventricular fibrillation, made anew, and the records they are judged on."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Examples"]

if TYPE_CHECKING:
    from ectopy.training.ventricular_fibrillation.fit import Examples
else:
    __getattr__, __dir__ = lazy(
        __name__, {"Examples": "ectopy.training.ventricular_fibrillation.fit"}
    )

"""One published network a file, and the registry that names them."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "MODELS",
    "build",
]

if TYPE_CHECKING:
    from ectopy.models.registry import MODELS, build
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "MODELS": "ectopy.models.registry",
            "build": "ectopy.models.registry",
        },
    )

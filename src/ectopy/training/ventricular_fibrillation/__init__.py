"""The weights that tell ventricular fibrillation, made anew, and the records they are judged on."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["train"]

if TYPE_CHECKING:
    from ectopy.training.ventricular_fibrillation.fit import train
else:
    __getattr__, __dir__ = lazy(__name__, {"train": "ectopy.training.ventricular_fibrillation.fit"})

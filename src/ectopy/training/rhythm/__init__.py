"""Training of what tells atrial fibrillation from beat times."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["RhythmRecipe"]

if TYPE_CHECKING:
    from ectopy.training.rhythm.recipe import RhythmRecipe
else:
    __getattr__, __dir__ = lazy(__name__, {"RhythmRecipe": "ectopy.training.rhythm.recipe"})

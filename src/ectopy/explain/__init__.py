"""Which part of a beat decided: maps, and the checks a map must pass."""

from typing import TYPE_CHECKING

from ectopy.explain.attribution import integrated_gradients, occlusion
from ectopy.explain.gradcam import gradcam  # at once: its module is called the same
from ectopy.lazy import lazy

__all__ = ["Verdict", "check", "gradcam", "integrated_gradients", "occlusion"]

if TYPE_CHECKING:
    from ectopy.explain.checks import Verdict, check
else:
    __getattr__, __dir__ = lazy(
        __name__, {"Verdict": "ectopy.explain.checks", "check": "ectopy.explain.checks"}
    )

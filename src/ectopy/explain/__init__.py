"""Which part of a beat decided: maps, and the checks a map must pass."""

from ectopy.explain.attribution import integrated_gradients, occlusion
from ectopy.explain.checks import Verdict, check
from ectopy.explain.gradcam import gradcam

__all__ = ["Verdict", "check", "gradcam", "integrated_gradients", "occlusion"]

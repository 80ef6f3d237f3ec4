"""The figures of a study: one registry from file name to the function that draws it."""

from __future__ import annotations

from ectopy.report.figures.registry import FIGURES, Entry, Picture, write

__all__ = ["FIGURES", "Entry", "Picture", "write"]

"""``model_card.md``: what a model is for, what it was tested on, and where it must not be used."""

from __future__ import annotations

from pathlib import Path

from ectopy.files import atomic_write
from ectopy.report.html import render
from ectopy.report.results import Results


def write(results: Results) -> Path:
    """Write ``model_card.md`` into the run folder."""
    target = results.folder / "model_card.md"
    atomic_write(target, render("model_card.md", results))
    return target

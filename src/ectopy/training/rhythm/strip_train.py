"""From the strips of the CinC 2017 Challenge to the packaged weights for strips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.evaluation.strip_figures import strip_figures
from ectopy.files import sha256
from ectopy.runtime.rhythm.strip_model import STRIP_KINDS, TREES
from ectopy.training.rhythm.export import export_strips
from ectopy.training.rhythm.recipe import StripRecipe
from ectopy.training.rhythm.strip_examples import Strip, cinc2017, kinds_of
from ectopy.training.rhythm.strip_fit import (
    ask,
    choose_decision,
    fit_strips,
    left_out,
)

NAME: Final = "default"


def train_strips(
    data: Path,
    out: Path,
    *,
    recipe: StripRecipe | None = None,
    seed: int = 0,
    strips: list[Strip] | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Choose and report in folds, fit on four fifths, and read the strips that were put aside.

    Parameters
    ----------
    data : Path
        Folder with ``cinc2017``.
    out : Path
        Where the weights go.
    recipe : StripRecipe, optional
        Settings.
    seed : int
        Of what is drawn: which strips are put aside, folds, trees.
    strips : list of Strip, optional
        If they are known already.
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        The manifest, with the figures of strips never trained on.
    """
    recipe = recipe or StripRecipe()
    strips = cinc2017(data / "cinc2017") if strips is None else strips
    aside = put_aside(strips, recipe, seed)
    known = [strip for strip in strips if strip.name not in aside]
    unseen = [strip for strip in strips if strip.name in aside]
    say(f"{len(known)} strips to learn from, {len(unseen)} put aside")
    told = left_out(known, recipe, seed)
    decision = choose_decision(told, kinds_of(known))

    def figures(probabilities: np.ndarray, of: list[Strip]) -> dict[str, Any]:
        called = (probabilities * decision).argmax(axis=1)
        return strip_figures(kinds_of(of), called, STRIP_KINDS)

    in_folds = figures(told, known)
    say(f"left out in folds: {_line(in_folds)}")
    models = fit_strips(known, recipe, seed)
    at_the_end = figures(ask(models, unseen), unseen)
    say(f"put aside: {_line(at_the_end)}")
    manifest: dict[str, Any] = {
        "name": NAME,
        "decision": list(decision),
        "kinds": list(STRIP_KINDS),
        "trained_on": {"cinc2017": sorted(strip.name for strip in known)},
        "put_aside": {"cinc2017": sorted(aside)},
        "seed": seed,
        "recipe": recipe.model_dump(),
        "left_out_in_folds": in_folds,
        "left_out_at_the_end": at_the_end,
    }
    difference = export_strips(models, out, manifest, np.concatenate([s.measures for s in known]))
    say(f"{out / TREES} {sha256(out / TREES)[:12]}, ONNX within {difference:.1g}")
    return manifest


def put_aside(strips: list[Strip], recipe: StripRecipe, seed: int) -> set[str]:
    """Draw the strips that are read once, the same share of each kind."""
    rng, kinds, found = np.random.default_rng(seed), kinds_of(strips), set()
    for kind in range(len(STRIP_KINDS)):
        own = np.flatnonzero(kinds == kind)
        drawn = rng.choice(own, round(recipe.aside * len(own)), replace=False)
        found |= {strips[i].name for i in drawn}
    return found


def _line(told: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in told["f1"].items() if value)

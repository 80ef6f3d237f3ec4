"""From annotated databases to the packaged rhythm weights, with figures of left-out patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.files import sha256
from ectopy.runtime.rhythm.fibrillation import TREES
from ectopy.training.rhythm.examples import RhythmRecord, examples, places_of
from ectopy.training.rhythm.export import export
from ectopy.training.rhythm.fit import fit
from ectopy.training.rhythm.recipe import RhythmRecipe
from ectopy.training.rhythm.smoothing import choose, false_share, figures
from ectopy.training.rhythm.sources import ectopic_records, ltafdb

NAME: Final = "default"


def train(
    data: Path,
    out: Path,
    *,
    recipe: RhythmRecipe | None = None,
    seed: int = 0,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Train on all records, after choosing the smoothing on patients left out in folds.

    Parameters
    ----------
    data : Path
        Folder with ``ltafdb``, ``mitdb`` and ``svdb``.
    out : Path
        Where the weights go.
    recipe : RhythmRecipe, optional
        Settings.
    seed : int
        Of what is drawn: places, copies, folds, trees.
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        The manifest, with the figures of left-out patients.
    """
    recipe = recipe or RhythmRecipe()
    with_af, ectopic = ltafdb(data / "ltafdb"), ectopic_records(data)
    records = [*with_af, *ectopic]
    say(f"{len(records)} records, {sum(len(record.times_s) for record in records)} beats")
    drawn = examples(records, recipe, np.random.default_rng(seed))
    say(f"{sum(len(truth) for _, truth in drawn)} places")
    fold = _folds(len(records), recipe.folds, seed)
    scored = {}
    for own in range(recipe.folds):
        model = fit([drawn[i] for i in np.flatnonzero(fold != own)], recipe, seed)
        for i in np.flatnonzero(fold == own):
            at, measures = places_of(records[i].times_s)
            scored[records[i].name] = at, model.decision_function(measures)
        say(f"fold {own + 1} of {recipe.folds}")
    chosen = choose(with_af, ectopic, scored)
    told = figures(chosen, with_af, scored)
    model = fit(drawn, recipe, seed)
    manifest: dict[str, Any] = {
        "name": NAME,
        **asdict(chosen),
        "trained_on": _counted(records),
        "seed": seed,
        "recipe": recipe.model_dump(),
        "left_out": {
            "ltafdb": told,
            "false_share_ectopic": false_share(chosen, ectopic, scored),
        },
    }
    difference = export(model, out, manifest, drawn[0][0])
    say(f"{out / TREES} {sha256(out / TREES)[:12]}, ONNX within {difference:.1g}")
    return manifest


def _folds(n: int, folds: int, seed: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).permutation(n) % folds)


def _counted(records: Sequence[RhythmRecord]) -> dict[str, list[str]]:
    """Give the names of the records by database."""
    found: dict[str, list[str]] = {}
    for record in records:
        database, _, name = record.name.partition(" ")
        found.setdefault(database, []).append(name)
    return found

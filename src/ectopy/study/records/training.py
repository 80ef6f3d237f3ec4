"""Train the beat model in both settings on records, calibrate it on left-out ones, write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.runtime import bundle
from ectopy.runtime.bundle import SETTINGS, Setting
from ectopy.runtime.labels import BeatLabels, adapt, decide
from ectopy.runtime.networks import log_softmax
from ectopy.training.inter_patient.fit import features, fit, gated_by
from ectopy.training.inter_patient.recipe import BeatModelRecipe
from ectopy.training.inter_patient.training_record import TrainingRecord

Logits = npt.NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class LeftOut:
    """What models without a record say of it, calibrated as the model that knows them all.

    Attributes
    ----------
    setting : {"past", "whole"}
        What the labels depend on.
    labels : list of BeatLabels
        Of each training record.
    """

    setting: Setting
    labels: list[BeatLabels]


def train(
    records: Sequence[TrainingRecord],
    folder: Path,
    name: str,
    *,
    seed: int,
    recipe: BeatModelRecipe,
    rhythm: bool = False,
    say: Say,
) -> list[LeftOut]:
    """Train both settings, calibrate on left-out records, and write a bundle.

    The left-out records decide the calibration, with their left-out copies in other rhythms as the
    second voice for the prior correction; the recipe is given.

    Parameters
    ----------
    records : sequence of TrainingRecord
        Training patients.
    folder : Path
        Where the weights go.
    name : str
        What they are called.
    seed : int
        Of random units and copies.
    recipe : BeatModelRecipe
        Settings.
    rhythm : bool
        Whether the packaged trees will have a say (`ectopy.runtime.supraventricular`). Not in what
        is said of left-out records: the trees know the beat times of some of them.
    say : callable
        Told what is going on.
    """
    from ectopy.training.inter_patient.calibrate import calibrate
    from ectopy.training.inter_patient.export import export

    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {}
    members: list[dict[str, Any]] = []
    held_out: list[list[Logits]] = []
    copies: list[list[Logits]] = []
    found = []
    for setting in SETTINGS:
        whole = setting == "whole"
        say(f"{setting}: training")
        trained = fit(records, recipe, seed, two_sided=whole, say=partial(_of, say, setting))
        sample = features(records[0], whole)
        export(trained.fibrillation, folder, f"{setting}-fibrillation", sample)
        export(trained.model, folder, setting, gated_by(trained.fibrillation, sample, whole))
        members.append({"stem": setting, "two_sided": whole})
        held_out.append([log_softmax(part.astype(np.float64)) for part in trained.held_out])
        copies.append([log_softmax(part.astype(np.float64)) for part, _ in trained.copies])
        # The whole-recording setting averages the networks of both settings and adapts.
        ours, theirs = (
            [_together(parts, whole) for parts in zip(*given, strict=True)]
            for given in (held_out, copies)
        )
        chosen = calibrate(
            ours, [record.y for record in records], (theirs, [y for _, y in trained.copies])
        )
        told[setting] = {"networks": list(members), "adapt": whole, **chosen}
        found.append(LeftOut(setting, [decide(logits, chosen) for logits in ours]))
    bundle.write(
        folder,
        {
            "name": name,
            "rhythm": bundle.WITH_RHYTHM if rhythm else None,
            "trained_on": [record.name for record in records],
            "beats": int(sum(len(record.y) for record in records)),
            **told,
            "recipe": {**recipe.model_dump(mode="json"), "seed": seed},
        },
    )
    return found


def _of(say: Say, setting: Setting, text: str) -> None:
    say(f"{setting}: {text}")


def _together(parts: Sequence[Logits], whole: bool) -> Logits:
    mean = np.asarray(sum(parts) / len(parts))
    return adapt(mean) if whole else mean

"""The study `mitbih-interpatient`: the beat model trained on DS1, scored on DS2 and svdb."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, DS2, PACED, SAME_SUBJECT
from ectopy.errors import ConfigError, RunFolderError
from ectopy.evaluation.ec57.counting import Matrix, statistics
from ectopy.files import atomic_write
from ectopy.runtime import bundle
from ectopy.runtime.bundle import SETTINGS
from ectopy.runtime.classifier import BeatClassifier, adapt, log_softmax
from ectopy.study.interpatient import records as data
from ectopy.study.interpatient.robustness import robustness
from ectopy.study.interpatient.score import brief, labels, peaks_of, score
from ectopy.study.lock import LOCK, FolderLock
from ectopy.training.inter_patient.fit import BeatModelRecipe, features, fit, gated_by
from ectopy.training.inter_patient.training_record import TrainingRecord

NAME: Final = "mitbih-interpatient"
ROLES: Final = {
    "ds2": "test set: no setting was chosen by it, though it was read more than once",
    "svdb": "development set: not trained on, but recipe, adaptation and fusion were chosen by it",
}
"""What each database's figures may be taken for."""

TITLE: Final = "DS1 -> DS2: the shipped beat model on patients it has never seen"
RECIPE: Final = BeatModelRecipe()
Logits = npt.NDArray[np.float64]
Say = Callable[[str], None]


def run_interpatient(
    *,
    out: str | os.PathLike[str] | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    evaluate_only: bool = False,
    seed: int = 0,
    train_on: str = "ds1",
    disturb: bool = False,
    say: Say = print,
) -> Path:
    """Train from scratch and score, or only score the packaged DS1 weights.

    Parameters
    ----------
    out : path, optional
        Run folder; by default a new one in ``runs/``.
    data_dir : path, optional
        Where ``mitdb`` (and ``svdb``, if wanted) are looked for first.
    evaluate_only : bool
        Score the packaged weights; under a minute, no Keras.
    seed : int
        Of random units and copies.
    train_on : {"ds1", "all"}
        "all" trains on the 44 MIT-BIH records without a pacemaker and on svdb: the default
        weights. Its only honest figure is the cross-validated one; DS2 is not scored.
    disturb : bool
        Measure robustness on DS2 too: noise, misplaced peaks, gain, polarity, rate, one lead.
    say : callable
        Told what is going on.

    Returns
    -------
    Path
        The run folder: ``metrics.json``, and after training ``weights/``.

    Raises
    ------
    EctopyError
        If data is missing, the run folder is not empty, or another study is running there.
    """
    began = time.perf_counter()
    if train_on not in ("ds1", "all"):
        raise ConfigError(f"--train-on is {train_on!r}, expected ds1 or all")
    if train_on == "all" and (evaluate_only or disturb):
        raise ConfigError(
            "the default weights know all of DS2, so there is nothing to score them on; "
            "give --evaluate-only and --robustness without --train-on all"
        )
    folder = _new_folder(out)
    mitbih, svdb = data.folders(data_dir)
    with FolderLock(folder):
        _assert_new(folder)  # again: who had the lock may have filled it
        if evaluate_only:
            classifier = BeatClassifier.load("ds1")
        else:
            name = "ds1" if train_on == "ds1" else "default"
            records = _training_records(mitbih, svdb, train_on)
            train(records, folder / "weights", name, seed=seed, say=say)
            classifier = BeatClassifier.load(folder / "weights")
        metrics: dict[str, Any] = {
            "study": NAME,
            "weights": classifier.bundle.manifest,
            "evaluate_only": evaluate_only,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if train_on == "ds1":
            metrics |= evaluate(classifier, mitbih, svdb, say=say)
            if disturb:
                say("robustness: DS2 under noise, displaced peaks and other recorders")
                scored = list(data.read_all(mitbih, DS2))
                metrics["robustness"] = {"ds2": robustness(scored, classifier.classify)}
        metrics["total_s"] = time.perf_counter() - began
        atomic_write(folder / "metrics.json", json.dumps(metrics, indent=1) + "\n")
        say(f"written to {folder}")
        return folder


def train(
    records: Sequence[TrainingRecord],
    folder: Path,
    name: str,
    *,
    seed: int = 0,
    recipe: BeatModelRecipe = RECIPE,
    say: Say = print,
) -> None:
    """Train both settings, calibrate on left-out records, write a bundle.

    The left-out records decide the calibration, with their left-out copies in other rhythms as the
    second voice for the prior correction; the recipe is given.
    """
    from ectopy.training.inter_patient.calibrate import calibrate
    from ectopy.training.inter_patient.export import export

    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {
        "name": name,
        "trained_on": [record.name for record in records],
        "beats": int(sum(len(record.y) for record in records)),
    }
    members: list[dict[str, Any]] = []
    held_out: list[list[Logits]] = []
    copies: list[list[Logits]] = []
    for setting in SETTINGS:
        own = replace(recipe, two_sided=setting == "whole")
        say(f"{setting}: training")
        trained = fit(records, own, seed, say=say)
        sample = features(records[0], own.two_sided)
        export(trained.fibrillation, folder, f"{setting}-fibrillation", sample)
        export(
            trained.model, folder, setting, gated_by(trained.fibrillation, sample, own.two_sided)
        )
        members.append({"stem": setting, "two_sided": own.two_sided})
        held_out.append([log_softmax(part.astype(np.float64)) for part in trained.held_out])
        copies.append([log_softmax(part.astype(np.float64)) for part, _ in trained.copies])
        truths = [y for _, y in trained.copies]
        # The setting "whole" averages the networks of both settings and adapts.
        whole = setting == "whole"
        ours, theirs = (
            [_together(parts, whole) for parts in zip(*given, strict=True)]
            for given in (held_out, copies)
        )
        chosen = calibrate(
            ours,
            [record.y for record in records],
            (theirs, truths),
        )
        told[setting] = {
            "networks": list(members),
            "adapt": whole,
            **chosen,
            "held_out_by_database": _by_database(records, ours, chosen["bias"]),
        }
    told["recipe"] = {**recipe.told(), "seed": seed}
    bundle.write(folder, told)


def _by_database(
    records: Sequence[TrainingRecord], logits: Sequence[Logits], bias: Sequence[float]
) -> dict[str, Any]:
    """Figures of left-out records by database, with intervals over records.

    The prior correction was chosen on the same records: five numbers for all of them.
    """
    found: dict[str, dict[str, Matrix]] = {}
    for record, scores in zip(records, logits, strict=True):
        counts = np.zeros((7, 7), dtype=np.int64)
        np.add.at(counts, (record.y, (scores + np.asarray(bias)).argmax(axis=1)), 1)
        database = "svdb" if record.name in data.SVDB else "mitdb"
        found.setdefault(database, {})[record.name] = Matrix(counts)
    return {database: brief(statistics(matrices)) for database, matrices in found.items()}


def _together(parts: Sequence[Logits], whole: bool) -> Logits:
    mean = np.asarray(sum(parts) / len(parts))
    return adapt(mean) if whole else mean


def evaluate(
    classifier: BeatClassifier, mitbih: Path, svdb: Path | None, *, say: Say = print
) -> dict[str, Any]:
    """Score a DS1 model on DS2, and on the development set svdb where it is there."""
    found: dict[str, Any] = {"roles": dict(ROLES)}
    found["ds2"] = _database(classifier, mitbih, DS2, say)
    if svdb is not None:
        say(f"svdb, a {ROLES['svdb']}")
        found["svdb"] = _database(classifier, svdb, data.SVDB, say)
    return found


def _database(
    classifier: BeatClassifier, folder: Path, names: Sequence[str], say: Say
) -> dict[str, Any]:
    records = list(data.read_all(folder, names))
    found: dict[str, Any] = {}
    for kind in ("reference", "detected"):
        peaks = [peaks_of(record, kind) for record in records]
        for setting in SETTINGS:
            label = partial(classifier.classify, setting=setting)
            given = [(r, labels(r, label, at)) for r, at in zip(records, peaks, strict=True)]
            whole = score(given)
            entry = brief(whole)
            if kind == "reference":
                entry["records"] = whole["records"]
                entry["average"] = whole["average"]
                entry["confusion"] = whole["gross"]["confusion"]
                entry["variants"] = {
                    "escape beats in S": brief(score(given, escape="S")),
                    "without the first five minutes": brief(score(given, skip_s=300.0)),
                }
                if SAME_SUBJECT[1] in names:
                    strict = score(given, leave_out=SAME_SUBJECT[1:])
                    entry["variants"]["without record 202"] = brief(strict)
            key = setting if kind == "reference" else f"{setting}_detected"
            found[key] = entry
            say(
                f"{folder.name} {setting} ({kind} peaks): SVEB F1 {entry['SVEB']['f1']:.4f}, "
                f"VEB F1 {entry['VEB']['f1']:.4f}, accuracy {entry['accuracy']:.4f}, "
                f"macro-F1 N S V {entry['macro_f1_nsv']:.4f}"
            )
    return found


def _training_records(mitbih: Path, svdb: Path | None, train_on: str) -> list[TrainingRecord]:
    if train_on == "ds1":
        return [record.training() for record in data.read_all(mitbih, DS1)]
    names = sorted({*DS1, *DS2} - set(PACED))
    found = [record.training() for record in data.read_all(mitbih, names)]
    if svdb is not None:
        found += [record.training() for record in data.read_all(svdb, data.SVDB)]
    return found


def _new_folder(out: str | os.PathLike[str] | None) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = Path(out) if out is not None else Path("runs") / f"{NAME}-{stamp}"
    if folder.exists():
        _assert_new(folder)
    return folder


def _assert_new(folder: Path) -> None:
    if {path.name for path in folder.iterdir()} - {LOCK}:
        raise RunFolderError(f"{folder} is not empty; give --out a new folder")

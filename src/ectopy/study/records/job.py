"""`RecordJob`: the trainings of a study of records, and what they come to."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.classes import AAMI
from ectopy.datasets.wfdb.noise import recorded_noise
from ectopy.errors import LeakError
from ectopy.files import atomic_write
from ectopy.report.schema import Ec57Row, Metrics
from ectopy.runtime.bundle import Bundle
from ectopy.runtime.classifier import BeatClassifier
from ectopy.study.job import OUTCOME, Job, Unit
from ectopy.study.records.corrected import find_corrected, read_corrected, refuse_known
from ectopy.study.records.outcome import Part, RecordTold, write_part
from ectopy.study.records.read import Annotated
from ectopy.study.records.robustness import of_noise, robustness
from ectopy.study.records.score import labelling, left_out_rows, rows
from ectopy.study.records.sets import SETS, RecordSet
from ectopy.study.records.settings import RecordStudy
from ectopy.study.records.training import LeftOut, train
from ectopy.training.inter_patient.training_record import TrainingRecord
from ectopy.training.task import Observer

QUICK_RECORDS: Final = 5  # of each set, for a look
LEFT_OUT_ROLE: Final = "training records, each labelled by a model that was trained without it"
WEIGHTS: Final = "weights"


class RecordJob(Job):
    """A study of records, made ready.

    Parameters
    ----------
    config : RecordStudy
        What to do.
    data_dir : Path, optional
        Where data is looked for first.

    Raises
    ------
    LeakError
        If packaged weights are to be scored on records that they were trained on, or corrected
        records are trained on twice, scored, or labelled by weights that know what is scored.
    """

    def __init__(self, config: RecordStudy, data_dir: Path | None) -> None:
        self.config = config
        self.data_dir = data_dir
        self.most = QUICK_RECORDS if config.quick else None
        self.units = [Unit(config.protocol, seed) for seed in range(config.seeds)]
        self.checksums: dict[str, str] = {}
        self.corrected = find_corrected(config.corrected, self.most)
        scored = {*config.test, *config.robustness}
        for name in dict.fromkeys((*config.train, *config.test, *config.robustness)):
            known = SETS[name]
            self.checksums |= known.checksums(data_dir, self.most)
            if not config.train:
                _refuse_known(self._packaged, known)
            if self.corrected:
                signals = known.signals(data_dir, self.most)
                refuse_known(self.corrected, known, signals, name in scored)
        for path, record in self.corrected.items():
            own = {f"{path.parent.name}/{name}": sha for name, sha in record.files.items()}
            self.checksums |= own

    def fingerprint(self) -> str:
        """Give one checksum of those of all files that are read."""
        told = json.dumps(self.checksums, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    def run(self, unit: Unit, folder: Path, observer: Observer) -> None:
        """Train with one seed, if there is something to train on, and score."""
        config, begin = self.config, time.perf_counter()
        found: list[Ec57Row] = []
        parts: list[Part] = []
        counts: dict[str, dict[str, int]] = {}
        if config.train:
            records = [record for own in self._training.values() for record in own]
            every = [*records, *self._corrected]
            left_out = train(
                every,
                folder / WEIGHTS,
                config.weights,
                seed=unit.seed,
                recipe=config.recipe,
                rhythm=config.rhythm,
                corrected=[*self.corrected.values()],
                say=observer.say,
            )
            classifier = BeatClassifier.load(folder / WEIGHTS)
            counts["train"] = _count([record.taught for record in every])
            for one in left_out:
                found += self._left_out_rows(one)
                part = Part("left out", one.setting)
                write_part(folder, part, records, [r.y for r in records], one.labels)
                parts.append(part)
        else:
            classifier = BeatClassifier(self._packaged)
        trained = time.perf_counter()
        for name in config.test:
            observer.say(f"{name}, {SETS[name].role}")
            scored = self._read(name)
            told, labels = rows(scored, classifier, records=name, role=SETS[name].role)
            found += told
            y = [record.beats()[1] for record in scored]
            counts.setdefault("test", _count(y))  # of the first: the one that figures begin with
            for setting, said in labels.items():
                part = Part(name, setting)
                write_part(folder, part, scored, y, said)
                parts.append(part)
        noises = recorded_noise(self.data_dir) if config.robustness else []
        for name in config.robustness:
            observer.say(f"{name} under noise, displaced peaks and other recorders")
            scored, role = self._read(name), SETS[name].role
            for setting, only in (("past", None), ("whole", of_noise)):
                label = labelling(classifier, setting)
                found += robustness(
                    scored, label, noises, only=only, records=name, role=role, setting=setting
                )
        outcome = RecordTold(
            rows=tuple(found),
            parts=tuple(parts),
            counts=counts,
            train_s=trained - begin,
            evaluate_s=time.perf_counter() - trained,
        )
        atomic_write(folder / OUTCOME, outcome.model_dump_json())  # last: it marks the unit as done

    def results(
        self, folders: Mapping[Unit, Path], out: Path, timing: Mapping[str, float]
    ) -> Metrics:
        """Write predictions and the first seed's weights; give the metrics."""
        from ectopy.study.records.results import write_results

        corrected = [*self.corrected.values()]
        return write_results(out, self.config, self.checksums, folders, timing, corrected)

    @cached_property
    def _packaged(self) -> Bundle:
        """The weights that are scored, where nothing is trained."""
        bundle = Bundle.load(self.config.weights)
        return bundle.with_rhythm() if self.config.rhythm else bundle

    @cached_property
    def _training(self) -> dict[str, list[TrainingRecord]]:
        return {
            name: [record.training() for record in self._read(name)] for name in self.config.train
        }

    @cached_property
    def _corrected(self) -> list[TrainingRecord]:
        return read_corrected(self.corrected)

    def _read(self, name: str) -> list[Annotated]:
        return SETS[name].read(self.data_dir, self.most)

    def _left_out_rows(self, left_out: LeftOut) -> list[Ec57Row]:
        """Give a row of each set that was trained on, and one of all where they are several."""
        found, start = [], 0
        groups = list(self._training.items())
        for name, own in groups:
            found.append((f"left-out {name}", slice(start, start + len(own))))
            start += len(own)
        if len(groups) > 1:
            found.append(("left-out, all", slice(0, start)))
        names = [f"{name} {r.name}" if len(groups) > 1 else r.name for name, o in groups for r in o]
        y = [record.y for _, own in groups for record in own]
        return [
            left_out_rows(
                names[part],
                y[part],
                left_out.labels[part],
                records=name,
                role=LEFT_OUT_ROLE,
                setting=left_out.setting,
            )
            for name, part in found
        ]


def _refuse_known(bundle: Bundle, known: RecordSet) -> None:
    learnt = {f"the weights {bundle.name!r} were": {*bundle.manifest["trained_on"]}}
    if bundle.rhythm is not None:
        of_rhythm = bundle.rhythm.manifest["trained_on"].get(known.database.folder, ())
        learnt[f"the rhythm that goes with {bundle.name!r} was"] = {*of_rhythm}
    for who, records in learnt.items():
        if both := records & {*known.records}:
            raise LeakError(
                f"{who} trained on {len(both)} of the records of {known.name!r}, so figures on "
                "them say nothing; score other weights or records"
            )


def _count(y: list[np.ndarray]) -> dict[str, int]:
    tally = np.bincount(np.concatenate(y), minlength=len(AAMI))
    return {name: int(n) for name, n in zip(AAMI, tally, strict=True)}

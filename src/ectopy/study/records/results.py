"""From the outcomes of all seeds to the result files of a study of records."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ectopy.beats.aami import SAME_SUBJECT
from ectopy.classes import AAMI
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.report import schema
from ectopy.report.schema import Beside, Data, Metrics, Model, Scores
from ectopy.report.wording import QUICK
from ectopy.study.job import Unit
from ectopy.study.predictions import Predictions, write_predictions
from ectopy.study.records.outcome import Part, read_part, read_told
from ectopy.study.records.sets import SETS
from ectopy.study.records.settings import RecordStudy

_IN_WORDS: Final = {"past": "bounded past", "whole": "whole recording"}


def write_results(
    out: Path,
    config: RecordStudy,
    checksums: dict[str, str],
    folders: Mapping[Unit, Path],
    timing: Mapping[str, float],
) -> Metrics:
    """Write predictions and the first seed's weights; give the metrics."""
    told = {unit: read_told(folder) for unit, folder in folders.items()}
    first = next(iter(told.values()))
    scored = [part for part in first.parts if part.records in config.test]
    parts = (*scored, *(part for part in first.parts if part not in scored))
    labelled = {
        part: [read_part(folder, part, unit.seed) for unit, folder in folders.items()]
        for part in parts
    }
    write_predictions(out, AAMI, labelled[parts[0]])
    if config.train:
        _hand_on(next(iter(folders.values())) / "weights", out / "weights")
    left_out = not scored
    return Metrics(
        study=config.name,
        kind=config.kind,
        title=config.title,
        protocol=config.protocol,
        quick=config.quick,
        data=Data(
            name=", ".join(config.train if left_out else config.test),
            classes=AAMI,
            checksums=checksums,
            provenance=_provenance(config),
            counts=first.counts,
            shares_patients=False,
        ),
        notes=(*[QUICK] * config.quick, *config.caveats, *_notes(config)),
        seeds=tuple(unit.seed for unit in told),
        model=Model(
            name=f"beat model, weights {config.weights}",
            input="a recording of one or more leads at any rate, and the R peaks in it",
            files={"weights/": f"ONNX and settings, of seed {next(iter(told)).seed}"}
            if config.train
            else {},
        ),
        test=_scores(labelled[parts[0]]),
        beside=tuple(
            Beside(
                label=f"{part.records}, {_IN_WORDS[part.setting]}",
                protocol=_protocol(config, part),
                scores=_scores(labelled[part]),
            )
            for part in parts[1:]
        ),
        published=config.published,
        ec57=tuple(
            schema.merge_seeds(rows) for rows in zip(*(t.rows for t in told.values()), strict=True)
        ),
        timing={
            **timing,
            "train_s": sum(t.train_s for t in told.values()),
            "evaluate_s": sum(t.evaluate_s for t in told.values()),
        },
    )


def _scores(seeds: list[Predictions]) -> Scores:
    return Scores.model_validate(
        over_seeds([classification(one.y_true, one.p, AAMI, one.group) for one in seeds])
    )


def _protocol(config: RecordStudy, part: Part) -> str:
    if part.records not in config.test:
        return "record-wise"
    if part.records == config.test[0]:
        return config.protocol
    return f"{', '.join(config.train) or config.weights} to {part.records}"


def _provenance(config: RecordStudy) -> str:
    def words(names: tuple[str, ...]) -> str:
        return " and ".join(SETS[name].words for name in names)

    told = [
        f"Trained on {words(config.train)}."
        if config.train
        else f"The packaged weights {config.weights!r}."
    ]
    if config.rhythm:
        told.append(
            "Trees that learnt fibrillation from beat times elsewhere (LTAFDB, DS1, svdb) have a "
            "say in what is an S beat, but not with left-out records."
        )
    if config.test:
        told.append(f"Scored on {words(config.test)}.")
    told.append(
        "Escape beats (e, j, n) count as N, and peaks are the reference's, unless a row says so."
    )
    return " ".join(told)


def _notes(config: RecordStudy) -> tuple[str, ...]:
    """Say where one person is on both sides."""
    first, second = SAME_SUBJECT
    trained = {record for name in config.train for record in SETS[name].records}
    scored = {record for name in config.test for record in SETS[name].records}
    if {first, second} <= trained:
        return (f"Records {first} and {second} are of one person and are left out by themselves.",)
    if first in trained | ({first} if config.weights == "ds1" else set()) and second in scored:
        return (f"Records {first} (trained on) and {second} (scored) are of one person.",)
    return ()


def _hand_on(source: Path, target: Path) -> None:
    """Copy a folder whole or not at all; what an interrupted copy left is replaced."""
    temporary = target.with_name(f".{target.name}")
    for leftover in (temporary, target):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(source, temporary)
    temporary.replace(target)

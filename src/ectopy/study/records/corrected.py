"""Folders of records with a reader's corrections, trained on beside the sets of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ectopy.analysis.corrected_record import ENDING, CorrectedRecord
from ectopy.analysis.given_labels import UNCERTAIN_SUBTYPE
from ectopy.errors import DataFormatError, DataNotFoundError, LeakError
from ectopy.study.records.read import read
from ectopy.study.records.sets import RecordSet
from ectopy.training.inter_patient.training_record import TrainingRecord

Found = Mapping[Path, CorrectedRecord]


def find_corrected(folders: Sequence[str], most: int | None = None) -> Found:
    """Find the records of folders, or the first of each, by the file that says who labelled them.

    Raises
    ------
    DataNotFoundError
        If a folder holds none, or a file of one is missing.
    DataFormatError
        If nothing says of a record who labelled it and whose it is, or a file was changed.
    LeakError
        If two are of one recording.
    """
    found: dict[Path, CorrectedRecord] = {}
    for folder in map(Path, folders):
        told = sorted(folder.glob(f"*{ENDING}"))
        if not told:
            raise DataNotFoundError(
                f"{folder}, which the study names as corrected, holds no corrected record; "
                "expected a folder that Result.write_training wrote into"
            )
        names = {path.name.removesuffix(ENDING) for path in told}
        if strangers := sorted({path.stem for path in folder.glob("*.hea")} - names):
            raise DataFormatError(
                f"{folder / strangers[0]}.hea has no {strangers[0]}{ENDING} beside it, which says "
                "who labelled it and of which patient it is; move it elsewhere, or write it by "
                "Result.write_training"
            )
        found |= {path: CorrectedRecord.load(path) for path in told[:most]}
    first: dict[str, Path] = {}
    for path, record in found.items():
        if (other := first.setdefault(record.signal_sha256, path)) != path:
            raise LeakError(f"{path} and {other} are of one recording; keep one of them")
    return found


def refuse_known(found: Found, known: RecordSet, signals: Mapping[str, str], scored: bool) -> None:
    """Refuse records that are in a set already, or whose labels know what is scored.

    Parameters
    ----------
    found : mapping of Path to CorrectedRecord
        From `find_corrected`.
    known : RecordSet
        A set that the study trains on or scores.
    signals : mapping of str to str
        Its records by what `ectopy.analysis.overwrite.signal_fingerprint` gives of them.
    scored : bool
        Whether it is scored.

    Raises
    ------
    LeakError
        If there is one.
    """
    for path, record in found.items():
        if twice := signals.get(record.signal_sha256):
            what = "scored" if scored else "trained on already"
            raise LeakError(
                f"{path} is record {twice} of {known.name!r}, which is {what}; leave one of them "
                "out"
            )
        if not scored or record.taught == len(record.stated):
            continue
        by = f"{path} has labels that nobody stated, by the weights {record.labelled_by.name!r}"
        mend = "keep it with certain=False, or as it is labelled by other weights"
        if record.trained_on is None:
            raise LeakError(
                f"{by}, of which nothing says whether they know the records of {known.name!r}, "
                f"which are scored; {mend}"
            )
        if both := {*record.trained_on} & {*known.records}:
            raise LeakError(
                f"{by}, which were trained on {len(both)} of the records of {known.name!r}, which "
                f"are scored; {mend}"
            )


def read_corrected(found: Found) -> list[TrainingRecord]:
    """Read them in the form that the model is trained on.

    Rhythm marks there are the analysis's own word, so they teach no rhythm.
    """
    records = []
    for path, told in found.items():
        record = read(path.parent, told.record)
        subtypes = record.reference.subtypes
        assert subtypes is not None, "WFDB files have them"
        made = record.training()
        teaches = subtypes[record.beat] != UNCERTAIN_SUBTYPE
        nobody = np.full_like(made.fibrillation, np.nan)
        records.append(
            replace(made, fibrillation=nobody, patient=f"patient {told.patient}", teaches=teaches)
        )
    return records


def in_words(records: Sequence[CorrectedRecord], trained: Sequence[RecordSet]) -> tuple[str, ...]:
    """Say what was trained with, a sentence each."""
    if not records:
        return ()
    n, patients = len(records), len({record.patient for record in records})
    stated, taught = sum(len(r.stated) for r in records), sum(r.taught for r in records)
    who = "model and reader" if taught > stated else "reader"
    more = f" and {taught - stated:,} more that were certain" if taught > stated else ""
    said = [
        f"Trained with {n} corrected record{'s' * (n != 1)} (labels by {who}) of {patients} "
        f"patient{'s' * (patients != 1)}: {stated:,} beats that a reader stated{more}; nothing is "
        "calibrated or judged by them."
    ]
    if simulated := sum(record.simulated for record in records):
        said.append(f"SIMULATED: {simulated} of the corrected records.")
    names = {name for own in trained for name in own.records}
    knowing = [
        record
        for record in records
        if record.taught > len(record.stated)
        and (record.trained_on is None or names & {*record.trained_on})
    ]
    if knowing:
        said.append(
            f"{len(knowing)} of the corrected records were labelled by weights that know, or may "
            "know, records of the training sets, so figures of records left out may be too good."
        )
    return tuple(said)

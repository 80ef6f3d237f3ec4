"""`CorrectedRecord`: a recording kept with a reader's corrections, for a study to train on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ectopy.analysis.given_labels import UNCERTAIN_SUBTYPE
from ectopy.analysis.outputs import EXTENSION, to_annotations
from ectopy.analysis.overwrite import cannot_write, signal_fingerprint
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import LabelledBy
from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, UnknownPatientError
from ectopy.files import aside, atomic_write, sha256
from ectopy.recordings.annotations import write_annotations
from ectopy.recordings.recording import Recording
from ectopy.recordings.wfdb.write import record_name, write_record
from ectopy.runtime.bundle import Bundle, packaged

ENDING: Final = ".corrected.json"
"""What follows the record's name in the file that says who labelled it."""


class CorrectedRecord(BaseModel):
    """Who labelled a record, and which of its beats may teach: ``NAME.corrected.json``.

    Beside it lie ``NAME.hea`` and ``NAME.dat``, the signals, and ``NAME.atr``, the labels. A beat
    that may not teach is ``Q`` there with the subtype `UNCERTAIN_SUBTYPE`: nobody vouches for its
    class, but it is a beat, and the RR intervals of others begin and end at it. Rhythm marks are
    those of the analysis; no reader stated them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["ectopy corrected record 1"] = "ectopy corrected record 1"
    record: str = Field(description="its name")
    patient: str = Field(
        description="pseudonym of the patient: the same for all records of one person"
    )
    simulated: bool = Field(description="whether the signal is simulated")
    signal_sha256: str = Field(
        description="of the original recording's rate, length, leads and first minute"
    )
    stated: tuple[int, ...] = Field(description="samples of the beats that a reader stated")
    taught: int = Field(description="beats that may teach: the stated ones, and `certain` others")
    certain: bool = Field(
        description="whether beats that nobody stated may teach too, where their label is certain"
    )
    labelled_by: LabelledBy = Field(description="what labelled the beats that nobody stated")
    trained_on: tuple[str, ...] | None = Field(
        description="records that these weights learnt from; null where they are not packaged ones"
    )
    files: dict[str, str] = Field(description="SHA-256 of each file of the record")

    @classmethod
    def load(cls, path: Path) -> CorrectedRecord:
        """Read it, and check that the files beside it are those that it speaks of.

        Raises
        ------
        DataFormatError
            If it is none of ours, or a file was changed.
        DataNotFoundError
            If a file is missing.
        """
        try:
            found = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise DataFormatError(
                f"{path} is not what Result.write_training writes; write the record anew"
            ) from error
        expected = {f"{found.record}{ending}" for ending in (".hea", ".dat", ".atr")}
        if path.name != f"{found.record}{ENDING}" or found.files.keys() != expected:
            raise DataFormatError(
                f"{path} speaks of the record {found.record!r} and of {len(found.files)} files, "
                "expected those beside it; write the record anew"
            )
        for name, digest in found.files.items():
            file = path.with_name(name)
            if not file.is_file():
                raise DataNotFoundError(f"{file} is missing, though {path.name} names it")
            if sha256(file) != digest:
                raise DataFormatError(
                    f"{file} was changed since it was written; correct the result and write the "
                    "record anew"
                )
        return found


def write_training(
    result: Result,
    folder: Path,
    *,
    stated: npt.ArrayLike | None = None,
    patient: str = "",
    certain: bool = False,
    overwrite: bool = False,
) -> Path:
    """Keep a recording with its corrected labels, see `Result.write_training`.

    Parameters
    ----------
    result : Result
        With its recording.
    folder : Path
        Made if it is not there.
    stated : array_like of bool, shape (n_beats,), optional
        Beats whose class a reader stated; by default those of ``result.answers``, or all certain
        ones of labels that were given.
    patient, certain, overwrite
        As there.
    """
    recording, name = result.signal(), record_name(result.name)
    by, beats = result.summary.labelled_by, result.intervals.beats
    told = _stated(result) if stated is None else np.asarray(stated, dtype=bool)
    if not told.any():
        raise ConfigError(
            f"no reader stated a beat of {result.name}, and a model learns nothing from its own "
            "labels; state or confirm the classes of some first"
        )
    teaches = told | ~beats.uncertain if certain else told
    marks = to_annotations(result)
    beat = to_classes(marks.symbols) != NOT_A_BEAT
    symbols, subtypes = marks.symbols.copy(), np.array(marks.subtypes)
    symbols[beat] = np.where(teaches, beats.symbols, "Q")
    subtypes[beat] = np.where(teaches, 0, UNCERTAIN_SUBTYPE)
    record = CorrectedRecord(
        record=name,
        patient=_pseudonym(recording, patient),
        simulated=recording.simulated,
        signal_sha256=signal_fingerprint(recording),
        stated=tuple(beats.samples[told].tolist()),
        taught=int(teaches.sum()),
        certain=certain,
        labelled_by=by.model_copy(update={"stated": int(told.sum())}),
        trained_on=_trained_on(by),
        files={},
    )
    try:
        with aside(folder) as temporary:
            files = [*write_record(temporary, recording, name)]
            mine = write_annotations(
                temporary, name, replace(marks, symbols=symbols, subtypes=subtypes), EXTENSION
            )
            # In a record that we make, what a reader left is the reference.
            files.append(mine.replace(mine.with_suffix(".atr")))
            _check_overwrite(folder, record, overwrite)
            (folder / f"{name}{ENDING}").unlink(missing_ok=True)  # it vouches for whole records
            for file in files:
                file.replace(folder / file.name)
            digests = {file.name: sha256(folder / file.name) for file in files}
            told_of = record.model_copy(update={"files": digests})
            atomic_write(folder / f"{name}{ENDING}", told_of.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder / f"{name}{ENDING}"


def _stated(result: Result) -> npt.NDArray[np.bool_]:
    beats = result.intervals.beats
    if result.summary.labelled_by.setting is None:  # given: a reader's, but for what is doubted
        return ~beats.uncertain
    return np.isin(beats.samples, result.answers.samples)


def _pseudonym(recording: Recording, patient: str) -> str:
    who = recording.subject
    by_name = f"{who.name} {who.birth_year}" if who.name and who.birth_year else ""
    words = patient.strip() or who.id or by_name
    if not words:
        raise UnknownPatientError(
            f"the file of {recording.name} does not say whose it is, and records of one patient "
            "must be known as such; give a word for the patient"
        )
    return hashlib.sha256(f"patient {' '.join(words.casefold().split())}".encode()).hexdigest()[:16]


def _trained_on(by: LabelledBy) -> tuple[str, ...] | None:
    """Say what packaged weights learnt from; nobody's labels learnt from nothing."""
    if by.setting is None:
        return ()
    bundle = Bundle.load(by.name) if by.name in packaged() else None
    if bundle is None or bundle.checksum != by.sha256:
        return None
    return tuple(bundle.manifest["trained_on"])


def _check_overwrite(folder: Path, record: CorrectedRecord, overwrite: bool) -> None:
    """Refuse to overwrite files that are none of ours, or that are of another recording."""
    paths = [folder / f"{record.record}{ending}" for ending in (ENDING, ".hea", ".dat", ".atr")]
    there = [path for path in paths if path.exists()]
    if not there:
        return
    try:
        known = CorrectedRecord.load(paths[0])
    except (DataFormatError, DataNotFoundError) as error:
        raise ConfigError(
            f"{there[-1]} is there already and is not as Result.write_training left it; name "
            "another folder",
            change="out",
        ) from error
    if overwrite:
        return
    if known.signal_sha256 != record.signal_sha256:
        raise ConfigError(
            f"{paths[0]} is of another recording of the same name; name another folder, or allow "
            "to overwrite it",
            change=("out", "overwrite"),
        )
    if lost := len({*known.stated} - {*record.stated}):
        raise ConfigError(
            f"{paths[0]} has {lost} beats stated that this result does not, which would be lost; "
            "name another folder, or allow to overwrite it",
            change=("out", "overwrite"),
        )

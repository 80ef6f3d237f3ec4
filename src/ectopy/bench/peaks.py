"""How well R peaks are found on annotated records: matched within 150 ms, record by record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.beats.detection.r_peaks import PACKAGED, detect
from ectopy.beats.reference import reference_beats
from ectopy.errors import DataNotFoundError
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotated import AnnotatedRecord, open_annotated
from ectopy.recordings.annotated_folder import annotated_records

FLUTTER: Final = ("[", "]")
"""WFDB symbols between which there is ventricular flutter: no beats are annotated there."""


@dataclass(frozen=True)
class Detections:
    """How the beats of one record were found, or those of several.

    Attributes
    ----------
    name : str
        Record.
    found, missed, extra : int
        Reference beats found and missed; detections without a reference beat.
    in_flutter : int
        Of ``extra``, those in ventricular flutter.
    late_ms : float
        Median of detection minus annotation.
    """

    name: str
    found: int
    missed: int
    extra: int
    in_flutter: int
    late_ms: float

    @property
    def sensitivity(self) -> float:
        """Share of the reference beats that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def ppv(self) -> float:
        """Share of the detections that are beats (+P)."""
        return self.found / max(1, self.found + self.extra)


def score_detection(
    folder: Path, records: Sequence[str] | None, *, network: Path = PACKAGED, leads: int = 1
) -> list[Detections]:
    """Detect the beats of a folder's annotated WFDB records; the last row pools them all.

    Parameters
    ----------
    folder : Path
        Holds ``NAME.hea`` and ``NAME.atr``.
    records : sequence of str, optional
        Which; all by default.
    network : Path
        Detector network, an ONNX file; by default the packaged one.
    leads : int
        Leads to use, in file order, from channel 0.

    Raises
    ------
    DataNotFoundError, ConfigError
        If the folder or a record is not there, or a record that was asked for has no annotations.
    DataFormatError
        If a record cannot be read or has no annotated beat.
    """
    found, without = annotated_records(folder, wanted=records)
    if records and without:
        name, reason = next(iter(without.items()))
        raise DataNotFoundError(f"record {name} cannot be scored: {reason}; leave it out")
    rows = [_score(open_annotated(path), network, leads) for path in found.values()]
    gross = Detections(
        "gross",
        found=sum(row.found for row in rows),
        missed=sum(row.missed for row in rows),
        extra=sum(row.extra for row in rows),
        in_flutter=sum(row.in_flutter for row in rows),
        late_ms=float(np.median([row.late_ms for row in rows])),
    )
    return [*rows, gross]


def _score(record: AnnotatedRecord, network: Path, leads: int) -> Detections:
    recording, marks = record.recording, record.reference
    beats = reference_beats(record).samples
    found = detect(recording.read()[:leads], recording.fs_hz, network=network)
    pairs = pair(beats, found, round(WINDOW_S * recording.fs_hz))
    extra = found[pairs.extra]
    begins, ends = (marks.samples[marks.symbols == symbol] for symbol in FLUTTER)
    inside = np.zeros(len(extra), dtype=bool)
    for begin in begins:
        end = ends[ends > begin].min(initial=recording.n_samples)
        inside |= (extra >= begin) & (extra <= end)
    late = found[pairs.test] - beats[pairs.reference]
    return Detections(
        record.name,
        len(pairs.reference),
        len(pairs.missed),
        len(extra),
        int(inside.sum()),
        round(1000 * float(np.median(late)) / recording.fs_hz, 1) if len(late) else 0.0,
    )


def table(rows: list[Detections]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = [
        "| record | beats | missed | extra | of these in flutter | Se, % | +P, % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        name = f"**{row.name}**" if row.name == "gross" else row.name
        lines.append(
            f"| {name} | {row.found + row.missed:,} | {row.missed} | {row.extra} | "
            f"{row.in_flutter or ''} | {100 * row.sensitivity:.2f} | {100 * row.ppv:.2f} |"
        )
    return "\n".join(lines)

"""How well R peaks are found on annotated records: matched within 150 ms, record by record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.beats.aami import to_classes
from ectopy.beats.detection.r_peaks import PACKAGED, detect
from ectopy.errors import DataNotFoundError
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording

FLUTTER: Final = ("[", "]")
"""WFDB symbols between which there is ventricular flutter: no beats are annotated there."""


@dataclass(frozen=True)
class Row:
    """Detections of one record, or of several pooled.

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


def measure(
    folder: Path, records: Iterable[str] | None, *, network: Path = PACKAGED, leads: int = 1
) -> list[Row]:
    """Detect the beats of a folder's annotated WFDB records; the last row pools them all.

    Parameters
    ----------
    folder : Path
        Holds ``NAME.hea`` and ``NAME.atr``.
    records : iterable of str, optional
        Which; all by default.
    network : Path
        Detector network, an ONNX file; by default the packaged one.
    leads : int
        Leads to use, in file order, from channel 0.

    Raises
    ------
    DataNotFoundError
        If there is no such record.
    """
    wanted = set(records) if records is not None else None
    rows = [
        _record(marks.with_suffix(""), network, leads)
        for marks in sorted(folder.glob("*.atr"))
        if wanted is None or marks.stem in wanted
    ]
    if not rows or (wanted is not None and len(rows) < len(wanted)):
        found = {row.name for row in rows}
        missing = ", ".join(sorted((wanted or set()) - found)) or "any annotated record"
        raise DataNotFoundError(f"{folder} does not hold {missing}; expected NAME.hea and NAME.atr")
    gross = Row(
        "gross",
        found=sum(row.found for row in rows),
        missed=sum(row.missed for row in rows),
        extra=sum(row.extra for row in rows),
        in_flutter=sum(row.in_flutter for row in rows),
        late_ms=float(np.median([row.late_ms for row in rows])),
    )
    return [*rows, gross]


def _record(path: Path, network: Path, leads: int) -> Row:
    recording = open_recording(path.with_suffix(".hea"))
    marks = read_annotations(path)
    beats = marks.samples[to_classes(marks.symbols) >= 0]
    found = detect(recording.read()[:leads], recording.fs_hz, network=network)
    pairs = pair(beats, found, round(WINDOW_S * recording.fs_hz))
    extra = found[pairs.extra]
    begins, ends = (marks.samples[marks.symbols == symbol] for symbol in FLUTTER)
    inside = np.zeros(len(extra), dtype=bool)
    for begin in begins:
        end = ends[ends > begin].min(initial=recording.n_samples)
        inside |= (extra >= begin) & (extra <= end)
    late = found[pairs.test] - beats[pairs.reference]
    return Row(
        path.name,
        len(pairs.reference),
        len(pairs.missed),
        len(extra),
        int(inside.sum()),
        round(1000 * float(np.median(late)) / recording.fs_hz, 1) if len(late) else 0.0,
    )


def table(rows: list[Row]) -> str:
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

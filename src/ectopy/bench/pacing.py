"""How well a paced rhythm is told, and that nothing else is called paced or a calibration pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.analysis.analyze import analyze
from ectopy.beats.detection.paced_rhythm import AROUND_BEATS
from ectopy.beats.detection.pacing import spikes
from ectopy.classes import AAMI
from ectopy.errors import DataNotFoundError
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording
from ectopy.runtime.bundle import Setting

MARKS: Final = ("/", "f")
"""WFDB symbols of a paced beat, and of the fusion of a paced and a normal one."""
NEAR_S: Final = 0.15


@dataclass(frozen=True)
class PacingRow:
    """How the pacing of one record was told.

    Attributes
    ----------
    name : str
        Record.
    known : bool
        Whether it is known to be paced: its annotations say so, or the caller does.
    verdict : str
        Of the summary.
    beats, called_q : int
        Beats found, and of these certain ones called Q.
    spiked, most, fewest : float
        Share of the beats that have a pacing spike: of all, and of the 128 neighbours (of a short
        strip, all) with most and with fewest.
    marked, right : int
        Beats that the reference calls paced, and of these the ones called Q or uncertain.
    pulses : int
        Calibration pulses, in the lead with most of them.
    """

    name: str
    known: bool
    verdict: str
    beats: int
    called_q: int
    spiked: float
    most: float
    fewest: float
    marked: int
    right: int
    pulses: int


def score_pacing(
    folder: Path,
    records: Sequence[str] | None = None,
    *,
    paced: Sequence[str] = (),
    sample: int | None = None,
    setting: Setting = "whole",
) -> list[PacingRow]:
    """Label the records of a folder and tell what is said of their pacing.

    Parameters
    ----------
    folder : Path
        Holds ``NAME.hea``; a ``NAME.atr`` beside it tells which beats are paced.
    records : sequence of str, optional
        Which; all by default.
    paced : sequence of str
        Records that are known to be paced without such annotations.
    sample : int, optional
        Draw so many records, always the same.
    setting : {"past", "whole"}
        As for `ectopy.analyze`.

    Raises
    ------
    DataNotFoundError
        If there is no such record, or none at all.
    EctopyError
        If a record cannot be read.
    """
    there = sorted(path.stem for path in folder.glob("*.hea"))
    names = list(records or there)
    lacking = sorted(set(names) - set(there))
    if lacking or not names:
        what = f"no record {', '.join(lacking)}" if lacking else "no .hea header"
        raise DataNotFoundError(f"{folder} has {what}; name a folder of WFDB records")
    if sample is not None and sample < len(names):
        names = sorted(np.random.default_rng(0).choice(names, sample, replace=False).tolist())
    return [_score(folder / name, name in paced, setting) for name in names]


def _score(path: Path, known: bool, setting: Setting) -> PacingRow:
    recording = open_recording(path.with_suffix(".hea"))
    result = analyze(recording, setting=setting)
    beats, summary = result.beats, result.summary
    q = beats.classes == AAMI.index("Q")
    made = np.zeros(0, dtype=np.int64)
    if path.with_suffix(".atr").is_file():
        marks = read_annotations(path, "atr")
        made = marks.samples[np.isin(marks.symbols, MARKS)]
    right = 0
    if len(made) and len(beats):
        apart = np.abs(beats.samples[:, None] - made)
        near = apart.argmin(axis=0)
        found = apart.min(axis=0) <= NEAR_S * recording.fs_hz
        right = int(((q | beats.uncertain)[near] | ~found).sum())  # a beat not found is not counted
    used = [i for i, lead in enumerate(summary.leads) if lead.used]
    spiked = spikes(recording.read()[used], recording.fs_hz, beats.samples)
    width = min(AROUND_BEATS, max(len(spiked), 1))
    counts = np.convolve(spiked, np.ones(width), "valid") / width if len(spiked) else np.zeros(1)
    return PacingRow(
        path.name,
        known or len(made) > 0,
        summary.pacing.verdict,
        len(beats),
        int((q & ~beats.uncertain).sum()),
        float(spiked.mean()) if len(spiked) else 0.0,
        float(counts.max()),
        float(counts.min()),
        len(made),
        right,
        max((one.pulses for one in summary.calibration), default=0),
    )


def table(rows: list[PacingRow]) -> str:
    """Lay out as Markdown what is paced or called so, and all others in one row."""
    lines = [
        "| record | known to be paced | said | beats | called Q | with a spike, % | "
        "most and fewest of 128, % | paced by the reference | Q or withheld | pulses |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    silent = [row for row in rows if not row.known and row.verdict in ("none", "not looked for")]
    for row in rows:
        if row in silent:
            continue
        share = f"{row.right / row.marked:.4f}" if row.marked else ""
        lines.append(
            f"| {row.name} | {'yes' if row.known else 'no'} | {row.verdict} | {row.beats:,} | "
            f"{row.called_q:,} | {100 * row.spiked:.1f} | {100 * row.most:.0f}, "
            f"{100 * row.fewest:.0f} | {row.marked or ''} | {share} | {row.pulses or ''} |"
        )
    others = [row for row in rows if not row.known]
    n, q = sum(row.beats for row in others), sum(row.called_q for row in others)
    most = max((row.most for row in silent), default=0.0)
    lines.append(
        f"| **{len(silent)} others** | no | none | {sum(row.beats for row in silent):,} | "
        f"{sum(row.called_q for row in silent):,} | | {100 * most:.0f} at most | | | "
        f"{sum(row.pulses for row in silent)} |"
    )
    per = 1000 * q / max(n, 1)
    lines.append(
        f"\nCalled Q in records not known to be paced: {q:,} of {n:,}, {per:.2f} in 1,000."
    )
    return "\n".join(lines)

"""What recorded noise does to beats and rhythm, file to labels: what is decided, how well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.datasets.wfdb.noise import RecordedNoise, recorded_noise
from ectopy.datasets.wfdb.noise_stress import noisy_samples, stressed
from ectopy.errors import DataNotFoundError
from ectopy.evaluation.ec57.counting import figures
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotated import AnnotatedRecord, open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.recording import Recording
from ectopy.runtime.rhythm.kinds import NONE

LEVELS_DB: Final = (24, 18, 12, 6, 0, -6)
THRESHOLDS: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Probabilities of its class from which a beat is decided, for the curve of risk by coverage."""


@dataclass(frozen=True)
class UnderNoise:
    """What became of the beats in the noise, of all records together.

    Attributes
    ----------
    noise : str
        Its kind; empty as recorded, where the same beats are counted.
    level_db : int or None
        Signal to noise.
    beats : int
        Reference beats in the noise.
    found, right : float
        Share of them that was found, and of the beats found that are beats.
    certain : float
        Share of the beats found that are certain.
    wrong, wrong_certain : float
        Share of the beats found, and of the certain ones, whose class is wrong or that are none.
    sveb_f1, veb_f1, sveb_f1_certain, veb_f1_certain : float
        Over all beats, and over the certain ones.
    decided : float
        Share of the time in the noise in which a rhythm is told.
    curve : tuple of (float, float)
        Coverage and risk: share of the beats found that are at least as likely as each of
        `THRESHOLDS`, and share of those that are wrong; both of beats that signal quality does
        not put in doubt.
    """

    noise: str
    level_db: int | None
    beats: int
    found: float
    right: float
    certain: float
    wrong: float
    wrong_certain: float
    sveb_f1: float
    veb_f1: float
    sveb_f1_certain: float
    veb_f1_certain: float
    decided: float
    curve: tuple[tuple[float, float], ...]


def under_noise(
    folder: Path,
    records: Sequence[str] | None,
    *,
    weights: str = "ds1",
    data_dir: Path | None = None,
) -> list[UnderNoise]:
    """Analyse annotated records as they are, and with recorded noise of each kind and level.

    Parameters
    ----------
    folder : Path
        Holds ``NAME.hea`` and ``NAME.atr``.
    records : sequence of str, optional
        Which; all by default.
    weights : str
        Packaged weights by name, or a folder.
    data_dir : Path, optional
        Where the noise is, as for any database.

    Raises
    ------
    DataNotFoundError
        If there is no such record, or no noise.
    """
    paths, _ = annotated_records(folder, wanted=records)
    if not paths:
        raise DataNotFoundError(f"{folder} holds no annotated record, expected some")
    known = [open_annotated(path) for path in paths.values()]
    conditions: list[tuple[RecordedNoise | None, int | None]] = [(None, None)]
    conditions += [(one, level) for one in recorded_noise(data_dir) for level in LEVELS_DB]
    rows = []
    for noise, level in conditions:
        count = _Count()
        for record in known:
            given = record.recording
            if noise is not None and level is not None:
                given = _noisy(record, noise, level)
            count.add(record, analyze(given, weights=weights))
        rows.append(count.row(noise.kind if noise else "", level))
    return rows


def _noisy(record: AnnotatedRecord, noise: RecordedNoise, level_db: int) -> Recording:
    recording, truth = record.recording, reference_beats(record)
    normal = truth.samples[~np.isin(truth.classes, [AAMI.index("V"), AAMI.index("F")])]
    signal, fs_hz = recording.read(), recording.fs_hz
    signal = stressed(signal, fs_hz, normal, noise.signal, noise.fs_hz, level_db)
    return Recording.from_array(signal, fs_hz, recording.leads, name=record.name)


@dataclass
class _Count:
    """What is summed over records."""

    all: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((7, 7)))
    sure: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((7, 7)))
    seconds: float = 0.0
    decided_s: float = 0.0
    likely: list[npt.NDArray[np.float32]] = field(default_factory=list)
    correct: list[npt.NDArray[np.bool_]] = field(default_factory=list)

    def add(self, record: AnnotatedRecord, result: Result) -> None:
        """Count the beats of a record that lie where noise is added."""
        truth, beats = reference_beats(record), result.beats
        on = noisy_samples(result.n_samples, result.fs_hz)
        pairs = pair(truth.samples, beats.samples, round(WINDOW_S * result.fs_hz))
        here, there = on[truth.samples], on[beats.samples]
        both = here[pairs.reference]
        missed, extra = pairs.missed[here[pairs.missed]], pairs.extra[there[pairs.extra]]
        asked, said = truth.classes[pairs.reference[both]], pairs.test[both]
        none, sure = len(AAMI), ~beats.uncertain
        for matrix, kept in ((self.all, np.ones(len(beats), bool)), (self.sure, sure)):
            ours, more = kept[said], extra[kept[extra]]
            np.add.at(matrix, (asked[ours], beats.classes[said[ours]]), 1)
            np.add.at(matrix, (np.full(len(more), none), beats.classes[more]), 1)
        np.add.at(self.all, (truth.classes[missed], np.full(len(missed), none)), 1)
        found = np.concatenate([said, extra])
        self.likely.append(
            np.where(beats.quality[found] == 0, beats.probabilities[found].max(axis=1), 0)
        )
        self.correct.append(
            np.concatenate([asked == beats.classes[said], np.zeros(len(extra), bool)])
        )
        seconds = np.flatnonzero(on[:: round(result.fs_hz)])
        span = np.searchsorted(result.rhythm.onset_s, seconds + 0.5, side="right") - 1
        self.seconds += len(seconds)
        self.decided_s += int((result.rhythm.kind[span] != NONE).sum())

    def row(self, noise: str, level_db: int | None) -> UnderNoise:
        """Give the figures."""
        n, none = len(AAMI), len(AAMI)
        asked, found = self.all[:n].sum(), self.all[:, :n].sum()
        wrong, wrong_sure = (
            1 - np.trace(one[:n, :n]) / max(1.0, one[:, :n].sum()) for one in (self.all, self.sure)
        )
        likely, correct = np.concatenate(self.likely), np.concatenate(self.correct)
        curve = []
        for threshold in THRESHOLDS:
            kept = likely >= max(threshold, 1e-9)
            risk = float((~correct[kept]).mean()) if kept.any() else 0.0
            curve.append((float(kept.mean()), risk))
        return UnderNoise(
            noise,
            level_db,
            int(asked),
            1 - float(self.all[:n, none].sum() / max(1.0, asked)),
            float(self.all[:n, :n].sum() / max(1.0, found)),
            float(self.sure[:, :n].sum() / max(1.0, found)),
            float(wrong),
            float(wrong_sure),
            _f1(self.all, "SVEB"),
            _f1(self.all, "VEB"),
            _f1(self.sure, "SVEB"),
            _f1(self.sure, "VEB"),
            self.decided_s / max(1.0, self.seconds),
            tuple(curve),
        )


def _f1(matrix: npt.NDArray[np.float64], name: str) -> float:
    return float(np.nan_to_num(figures(matrix)[f"{name}.f1"]))


def to_json(rows: list[UnderNoise]) -> str:
    """Write the rows as a list of objects."""
    return json.dumps([asdict(row) for row in rows], indent=1) + "\n"


def table(rows: list[UnderNoise]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = [
        "| noise | found, % | right, % | certain, % | wrong, % | of the certain, % | SVEB F1 | "
        "certain | VEB F1 | certain | rhythm told, % |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {f'{row.noise}, {row.level_db} dB' if row.noise else 'as recorded'} | "
        f"{100 * row.found:.1f} | {100 * row.right:.1f} | {100 * row.certain:.1f} | "
        f"{100 * row.wrong:.2f} | {100 * row.wrong_certain:.2f} | {row.sveb_f1:.3f} | "
        f"{row.sveb_f1_certain:.3f} | {row.veb_f1:.3f} | {row.veb_f1_certain:.3f} | "
        f"{100 * row.decided:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)

"""How beats of twelve-lead strips are found and called: the strips of LUDB, with its diagnoses."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.classes import AAMI
from ectopy.errors import DataNotFoundError
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.runtime.bundle import Setting

Int64 = npt.NDArray[np.int64]

VENTRICULAR: Final = {"Extrasystolies": "entricular", "Cardiac pacing": ""}
"""Columns of ludb.csv, and what in them makes a diagnosis of ventricular or paced beats."""
FEWEST_LEADS: Final = 3
"""Leads that have to show a QRS complex for it to be a reference beat."""


@dataclass(frozen=True)
class StripBeats:
    """Beats of strips with a ventricular diagnosis, or of those without.

    Attributes
    ----------
    ventricular : bool
        Which strips.
    strips, beats, missed, extra : int
        Strips; reference beats, those not found, and beats found where there are none. LUDB leaves
        out complexes at the ends of a strip: beats found there are not counted as extra.
    labelled, veb, certain_veb, uncertain : int
        All beats found; those called V, with certainty or without; those whose label is uncertain.
    """

    ventricular: bool
    strips: int
    beats: int
    missed: int
    extra: int
    labelled: int
    veb: int
    certain_veb: int
    uncertain: int


def score_strips(
    folder: Path, numbers: Sequence[int], *, weights: str = "default", setting: Setting = "whole"
) -> list[StripBeats]:
    """Label strips of LUDB, and count the beats of those with a ventricular diagnosis and without.

    Parameters
    ----------
    folder : Path
        Holds ``ludb.csv`` and ``N.hea`` with one annotation file a lead. Numbers that it does not
        hold are passed over.
    numbers : sequence of int
        Which strips.
    weights : str
        Packaged weights by name, or a folder.
    setting : {"past", "whole"}
        What labels may depend on.

    Raises
    ------
    DataNotFoundError
        If there is no such strip, or no table of diagnoses.
    """
    table = folder / "ludb.csv"
    there = [number for number in numbers if (folder / f"{number}.hea").is_file()]
    if not there or not table.is_file():
        raise DataNotFoundError(f"{folder} holds no strip that was asked for, or no ludb.csv")
    with table.open(newline="", encoding="utf-8") as lines:
        told = {int(row["ID"]): row for row in csv.DictReader(lines)}
    counts = {True: np.zeros(8, dtype=np.int64), False: np.zeros(8, dtype=np.int64)}
    for number in there:
        ventricular = any(
            told[number].get(column, "").strip() and words in told[number][column]
            for column, words in VENTRICULAR.items()
        )
        counts[ventricular] += _one(folder / str(number), weights, setting)
    return [StripBeats(kind, *count.tolist()) for kind, count in counts.items()]


def _one(path: Path, weights: str, setting: Setting) -> Int64:
    recording = open_recording(path.with_suffix(".hea"))
    window = round(WINDOW_S * recording.fs_hz)
    truth = _reference(path, recording, window // 2)
    beats = analyze(recording, weights=weights, setting=setting).beats
    pairs = pair(truth, beats.samples, window)
    extra = beats.samples[pairs.extra]
    between = (extra >= truth[0] - window) & (extra <= truth[-1] + window)
    veb = beats.classes == AAMI.index("V")
    counts = (
        1,
        len(truth),
        len(pairs.missed),
        np.count_nonzero(between),
        len(beats),
        np.count_nonzero(veb),
        np.count_nonzero(veb & ~beats.uncertain),
        np.count_nonzero(beats.uncertain),
    )
    return np.array(counts, dtype=np.int64)


def _reference(path: Path, recording: Recording, apart: int) -> Int64:
    """Give the median place of each QRS complex over the leads that show it."""
    marks = [read_annotations(path, lead.casefold()) for lead in recording.leads]
    at = np.sort(np.concatenate([mark.samples[mark.symbols == "N"] for mark in marks]))
    groups = np.split(at, np.flatnonzero(np.diff(at) > apart) + 1)
    places = [np.median(group) for group in groups if len(group) >= FEWEST_LEADS]
    return np.array(places, dtype=np.int64)


def table(rows: list[StripBeats]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = [
        "| strips | number | reference beats | missed | extra | labelled | called V | of these "
        "certain | uncertain |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {'with' if row.ventricular else 'without'} ventricular diagnosis | {row.strips} | "
        f"{row.beats:,} | {row.missed} | {row.extra} | {row.labelled:,} | {row.veb} | "
        f"{row.certain_veb} | {row.uncertain} |"
        for row in rows
    ]
    return "\n".join(lines)

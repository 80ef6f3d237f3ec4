"""What is left of a rhythm: WFDB rhythm annotations, a table of spans, a summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import Field

from ectopy import __version__
from ectopy.analysis.overwrite import cannot_write
from ectopy.analysis.rhythm.marks import rhythm_marks
from ectopy.analysis.summary.part import Part
from ectopy.analysis.summary.rhythm import rhythm_of_beat_times
from ectopy.analysis.summary.rhythm_model import Rhythm
from ectopy.analysis.tables import Rhythms
from ectopy.errors import ConfigError
from ectopy.files import aside
from ectopy.recordings.annotations import write_annotations
from ectopy.recordings.clock import Clock
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.episodes import RhythmResult
from ectopy.runtime.rhythm.kinds import AF, NONE, OTHER
from ectopy.runtime.rhythm.settings import RhythmSettings

EXTENSION: Final = "ecr"
"""Extension of our rhythm annotations."""
ENDINGS: Final = (f".{EXTENSION}", ".rhythm.csv", ".rhythm.json")


class RhythmSummary(Part):
    """``NAME.rhythm.json``."""

    ectopy: str = Field(description="version")
    name: str
    source: str = Field(description="what the beats were read from")
    weights: str
    beats: int
    first_beat_s: float | None
    last_beat_s: float | None
    rhythm: Rhythm
    settings: RhythmSettings


def summarise(result: RhythmResult, name: str, source: str) -> RhythmSummary:
    """Sum a rhythm up."""
    times = result.times_s
    return RhythmSummary(
        ectopy=__version__,
        name=name,
        source=source,
        weights=result.weights,
        beats=len(times),
        first_beat_s=round(float(times[0]), 3) if len(times) else None,
        last_beat_s=round(float(times[-1]), 3) if len(times) else None,
        rhythm=rhythm_of_beat_times(to_course(result), times, result.settings),
        settings=result.settings,
    )


def to_course(result: RhythmResult) -> RhythmCourse:
    """Give the course from second 0 to the last beat, as a labelled recording has it.

    What is not fibrillation is an unnamed rhythm, for beat times do not tell more of it. Nothing is
    decided before a first beat that is later than a gap.
    """
    times, kind = result.times_s, np.array([OTHER, AF, NONE])[result.kind]
    onset = result.onset_s.copy()
    if len(onset):
        if onset[0] > result.settings.rhythm_gap_s and kind[0] != NONE:
            onset, kind = np.append(0.0, onset), np.append(NONE, kind)
        onset[0] = 0.0
    last = float(times[-1]) if len(times) else 0.0
    end = np.append(onset[1:], times[-1:])
    af = np.full(int(np.ceil(last)), np.nan, dtype=np.float32)
    probability = np.full(len(kind), np.nan, dtype=np.float32)
    if len(times):
        nearest = np.searchsorted(times, np.arange(len(af)) + 0.5)
        af[:] = result.probability[np.minimum(nearest, len(times) - 1)]
        known = ~np.isnan(result.probability)
        of_beat = np.searchsorted(onset, times, side="right") - 1
        sums = np.bincount(of_beat[known], result.probability[known], minlength=len(kind))
        mean = sums / np.maximum(np.bincount(of_beat[known], minlength=len(kind)), 1)
        probability[:] = np.where(kind == AF, mean, 1 - mean)
        probability[kind == NONE] = np.nan
    return RhythmCourse(onset, end, kind, probability, af)


def write_rhythm(
    result: RhythmResult,
    folder: Path,
    name: str,
    *,
    fs_hz: float,
    source: str,
    overwrite: bool = False,
) -> list[Path]:
    """Write all files, or none.

    Parameters
    ----------
    result : RhythmResult
        From `ectopy.runtime.rhythm.episodes.rhythm_of`.
    folder : Path
        Made if it is not there.
    name : str
        What the files are called, before `ENDINGS`.
    fs_hz : float
        Rate of the annotations.
    source : str
        What the beats were read from.
    overwrite : bool
        Whether to overwrite files that are there.

    Raises
    ------
    ConfigError
        If they are there, or cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.analysis.rhythm import write_rhythm
    >>> regular = ectopy.rhythm(np.arange(600) * 0.8)
    >>> made = write_rhythm(regular, Path("out"), "b", fs_hz=250, source="made up")
    >>> [path.name for path in made]
    ['b.ecr', 'b.rhythm.csv', 'b.rhythm.json']
    """
    from pyarrow.csv import write_csv

    taken = [folder / f"{name}{end}" for end in ENDINGS if (folder / f"{name}{end}").exists()]
    if taken and not overwrite:
        raise ConfigError(
            f"{taken[0]} is there already; name another folder or overwrite it",
            change=("out", "overwrite"),
        )
    course = to_course(result)
    summary = summarise(result, name, source).model_dump(mode="json")
    try:
        with aside(folder) as temporary:
            write_annotations(temporary, name, rhythm_marks(course, fs_hz), EXTENSION)
            table = Rhythms(course, Clock()).to_arrow()
            write_csv(table, temporary / f"{name}{ENDINGS[1]}")
            (temporary / f"{name}{ENDINGS[2]}").write_text(
                json.dumps(summary, indent=2) + "\n", encoding="utf-8"
            )
            names = [f"{name}{end}" for end in ENDINGS]
            return [(temporary / one).replace(folder / one) for one in names]
    except OSError as error:
        raise cannot_write(folder, error) from error

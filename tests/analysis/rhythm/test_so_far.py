"""The rhythm while a recording runs: what is told when, and that it is what the whole gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import ectopy
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.rhythm.so_far import AHEAD_BEATS, LONGEST_S, RhythmSoFar
from ectopy.analysis.settings import Settings
from ectopy.beats.detection.ventricular_fibrillation import NEVER
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, KEYS, NONE

FS_HZ, SECOND = 250.0, 250


def beats_at(samples: npt.NDArray[np.int64]) -> LabelledBeats:
    n = len(samples)
    none = np.zeros(n, dtype=np.int64)
    sure = np.tile(np.array([0.96, 0.01, 0.01, 0.01, 0.01], dtype=np.float32), (n, 1))
    strength, quality = np.ones(n, dtype=np.float32), none.astype(np.uint8)
    return LabelledBeats(samples, none, sure, none.astype(bool), strength, quality)


def streamed(samples: npt.NDArray[np.int64], seconds: int, step_s: int) -> list[RhythmCourse]:
    """Feed beats in steps, and ask after each."""
    own, parts = RhythmSoFar(FS_HZ, SECOND, Settings()), []
    for begin in range(0, seconds, step_s):
        end = min(begin + step_s, seconds)
        here = samples[(samples >= begin * SECOND) & (samples < end * SECOND)]
        own.add_beats(beats_at(here))
        n = end - begin
        own.add_seconds(np.zeros(n, dtype=np.uint8), np.full(n, NEVER, dtype=np.float32))
        parts.append(own.told(end * SECOND, finished=False))
        kept = len(own._beats)
        assert kept < 400 + AHEAD_BEATS + step_s * 4
    parts.append(own.told(seconds * SECOND, finished=True))
    return parts


def by_second(parts: list[RhythmCourse]) -> list[int]:
    """Give the kind of every second; the spans of all parts must follow each other."""
    onset = np.concatenate([part.onset_s for part in parts])
    end = np.concatenate([part.end_s for part in parts])
    kind = np.concatenate([part.kind for part in parts])
    assert onset[0] == 0
    assert (onset[1:] == end[:-1]).all()
    middle = np.arange(int(end[-1])) + 0.5
    return kind[np.searchsorted(onset, middle, side="right") - 1].tolist()


def test_episodes_come_out_as_from_the_whole(rng: np.random.Generator) -> None:
    irregular = np.clip(rng.gamma(12, 0.65 / 12, 600), 0.3, 1.8)
    rr = np.r_[np.full(900, 0.8), irregular, np.full(900, 0.8)] + rng.normal(0, 0.005, 2400)
    samples = np.rint(np.cumsum(rr) * FS_HZ).astype(np.int64)
    seconds = int(samples[-1] / FS_HZ) + 1
    parts = streamed(samples, seconds, 30)
    found = by_second(parts)
    assert len(found) == seconds
    assert sum(len(part.af_probability) for part in parts) == seconds
    whole = by_second(streamed(samples, seconds, seconds))
    assert {KEYS[kind] for kind in found} == {"sinus", "af"}
    assert np.mean(np.array(found) == np.array(whole)) > 0.98
    first = next(i for i, part in enumerate(parts) if (part.kind == AF).any())
    onset = whole.index(AF)
    # It is told once so many beats have followed.
    assert onset < 30 * first < onset + 0.9 * AHEAD_BEATS + 60


def test_where_no_beats_come_it_does_not_wait_for_ever() -> None:
    seconds = 3000
    samples = (np.arange(100) * 200 + 100).astype(np.int64)
    parts = streamed(samples, seconds, 60)
    assert len(by_second(parts)) == seconds
    for i, part in enumerate(parts[:-1]):
        if len(part):
            assert part.end_s[-1] == 60 * (i + 1) - LONGEST_S
    assert KEYS[by_second(parts)[10]] == "sinus"
    assert by_second(parts)[1000] == NONE


@pytest.mark.data
def test_a_stream_tells_the_rhythm_of_a_real_recording(data_dir: Path) -> None:
    recording = ectopy.open_recording(data_dir / "mitdb" / "201.hea")
    stream = ectopy.Stream(recording.fs_hz, leads=recording.leads)
    parts = []
    for begin in range(0, recording.n_samples, 60 * 360):
        stream.push(recording.read(begin, min(begin + 60 * 360, recording.n_samples)))
        parts.append(stream.rhythm())
    stream.finish()
    parts.append(stream.rhythm())
    found = np.array(by_second(parts))
    whole = ectopy.analyze(recording, setting="past", lead=recording.leads[0]).rhythm
    expected = np.array(by_second([whole]))
    assert np.mean((found == AF) == (expected == AF)) > 0.97
    assert np.mean(found == expected) > 0.9

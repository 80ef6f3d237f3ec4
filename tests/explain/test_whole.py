"""A beat is explained from what is around it as from the whole recording, to the last digit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis import plan
from ectopy.analysis.explanation.build import explain
from ectopy.analysis.explanation.looked import NearLooks
from ectopy.analysis.result import Result
from ectopy.analysis.work import Work
from ectopy.errors import ConfigError, DataFormatError
from ectopy.explain.whole import Whole
from ectopy.recordings.recording import Recording

PIECES = 4
Told = tuple[Result, Whole]


@pytest.fixture(scope="module")
def told() -> Told:
    """Some pieces of 400 s each, with a gap and noise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "PIECE_SAMPLES", 400 * 250 * 2)
        recording, _ = ectopy.simulate(PIECES * 400, rng=np.random.default_rng(4), fs_hz=250)
        signal = recording.read().copy()
        signal[:, 700 * 250 : 704 * 250] = np.nan
        signal[:, 1100 * 250 : 1160 * 250] += np.random.default_rng(1).normal(
            0, 0.3, (len(signal), 60 * 250)
        )
        noisy = Recording.from_array(signal, 250.0, recording.leads)
        kept: list[Whole] = []
        result = ectopy.analyze(noisy, whole=kept.append)
        return result, kept[0]


@pytest.fixture(autouse=True)
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PIECE_SAMPLES", 400 * 250 * 2)


def beats_of(result: Result) -> list[int]:
    """Beats at the seam of two pieces, after the gap, an ectopic one, and the last."""
    samples, beats = result.beats.samples, result.beats
    seam, gap = (int(np.searchsorted(samples, s * 250)) for s in (400, 704))
    ectopic = np.flatnonzero((beats.classes == 2) & (samples > 1200 * 250))[0]
    return [seam, gap, int(ectopic), len(beats) - 1]


def test_a_beat_is_explained_alike_from_what_is_around_it(told: Told) -> None:
    result, whole = told
    looks = NearLooks(result, whole)
    for beat in beats_of(result):
        at = result.beats.samples[beat] / result.fs_hz
        near, far = explain(result, at, None, looks), explain(result, at)
        assert json.dumps(near.to_json(), default=str) == json.dumps(far.to_json(), default=str)
    assert near.page() == far.page()


def test_little_is_looked_at(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    result, whole = told
    read: list[tuple[int, int]] = []
    reader = result.signal().reader
    watched = replace(
        result.signal(),
        reader=lambda start, stop: read.append((start, stop)) or reader(start, stop),
    )
    again = replace(result, recording=watched)
    looks = NearLooks(again, whole)
    read.clear()  # the survey of the leads
    explain(again, 10.0, None, looks)
    assert read
    assert max(stop for _, stop in read) < 1300 * 250  # of 1600 s: two pieces, and a look ahead
    read.clear()
    explain(again, 12.0, None, looks)  # near: what was looked at is kept
    assert not read


def test_it_comes_back_from_a_file(told: Told, tmp_path: Path) -> None:
    _, whole = told
    path = tmp_path / "whole.npz"
    whole.save(path)
    again = Whole.load(path)
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(getattr(again, name), value)
        assert getattr(again, name).dtype == value.dtype
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataFormatError, match="analysed again"):
        Whole.load(path)


def test_another_recording_is_refused(told: Told) -> None:
    result, whole = told
    recording = result.signal()
    flat = replace(
        recording, reader=lambda start, stop: 0.5 * recording.reader(start, stop)[::-1] ** 3
    )
    looks = NearLooks(replace(result, recording=flat), whole)
    with pytest.raises(ConfigError, match="cannot be made again"):
        explain(result.with_recording(flat), 10.0, None, looks)
    few = Whole(*(value[:100] if len(value) > 5 else value for value in vars(whole).values()))
    with pytest.raises(ConfigError, match="cannot be made again"):
        explain(result, 10.0, None, NearLooks(result, few))


def test_nothing_is_kept_where_labels_depend_on_the_past_alone() -> None:
    recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    kept: list[Whole] = []
    ectopy.analyze(recording, setting="past", whole=kept.append)
    assert not kept


def test_the_stretches_that_hold_some_samples_alone_are_looked_at(told: Told) -> None:
    result, _ = told
    request = ectopy.Request(result.signal(), r_peaks=result.beats.samples)
    work = Work(request, look_only=True)
    n = result.n_samples
    assert work.stretched((0, n)) == (0, n)
    begin, end = work.stretched((n // 2, n // 2 + 1))
    assert 0 < begin <= n // 2 < end < n
    (run,) = work.seen(within=(n // 2, n // 2 + 1))
    inside = (result.beats.samples >= begin) & (result.beats.samples < end)
    assert sum(map(len, run)) == np.count_nonzero(inside)

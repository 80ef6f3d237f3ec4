"""Ventricular fibrillation goes through to rhythm, warnings, labels and the written file."""

import numpy as np
import pytest

import ectopy
from ectopy.runtime.rhythm.kinds import VF


@pytest.fixture(scope="module")
def stricken() -> ectopy.Result:
    """A minute of beats, half a minute of fibrillation as a swelling sine, and a minute more."""
    rng = np.random.default_rng(0)
    recording, _ = ectopy.simulate(150, rng=rng)
    signal, fs_hz = recording.read(), recording.fs_hz
    here = slice(round(60 * fs_hz), round(90 * fs_hz))
    at = np.arange(here.stop - here.start) / fs_hz
    rate = 5 + 0.4 * np.sin(2 * np.pi * 0.11 * at)
    waves = (
        0.6 * (1 + 0.3 * np.sin(2 * np.pi * 0.3 * at)) * np.sin(2 * np.pi * np.cumsum(rate) / fs_hz)
    )
    signal[:, here] = waves + 0.02 * rng.normal(size=(len(signal), len(at)))
    return ectopy.analyze(signal, fs_hz=fs_hz)


def test_it_is_the_rhythm_there(stricken: ectopy.Result) -> None:
    ((onset, end),) = stricken.rhythm.of(VF)
    assert 55 < onset < 68
    assert 80 < end < 96
    told = {kind.key: kind.seconds for kind in stricken.summary.rhythm.kinds}
    assert told["vf"] == pytest.approx(end - onset)


def test_a_reader_is_told_first_and_no_beat_there_is_relied_on(stricken: ectopy.Result) -> None:
    assert stricken.summary.warnings[0].startswith(
        "it looks like ventricular fibrillation or flutter from 0:0"
    )
    ((onset, end),) = stricken.rhythm.of(VF)
    times = stricken.intervals.times_s
    assert stricken.beats.uncertain[(times > onset) & (times < end)].all()


def test_it_is_kept(stricken: ectopy.Result, tmp_path) -> None:
    again = ectopy.Result.load(stricken.save(tmp_path / "a.ectopy"))
    assert again.background.vf_spans_s == stricken.background.vf_spans_s
    assert again.summary == stricken.summary

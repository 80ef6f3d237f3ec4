"""Ventricular fibrillation goes through to rhythm, warnings, labels and the written file."""

import numpy as np
import pytest

import ectopy
from ectopy.recordings.annotations import Annotations, write_annotations
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


@pytest.fixture(scope="module")
def marked(stricken: ectopy.Result) -> ectopy.Request:
    """The same with beats marked in the fibrillation, where hardly one is found."""
    samples = stricken.beats.samples
    ((onset, end),) = stricken.rhythm.of(VF) * stricken.fs_hz
    peaks = np.r_[samples[samples < onset], np.arange(onset, end, 80), samples[samples > end]]
    return ectopy.Request(stricken.recording, r_peaks=peaks.astype(np.int64))


def within(result: ectopy.Result) -> np.ndarray:
    ((onset, end),) = result.rhythm.of(VF)
    inside = (result.intervals.times_s > onset) & (result.intervals.times_s < end)
    assert inside.sum() > 50
    return inside


def test_a_reader_is_told_first_and_no_beat_there_is_relied_on(
    stricken: ectopy.Result, marked: ectopy.Request
) -> None:
    assert stricken.summary.warnings[0].startswith(
        "it looks like ventricular fibrillation or flutter from 0:0"
    )
    lines = str(stricken).split("\n  ")
    assert lines[2].startswith("warning: it looks like ventricular fibrillation")
    assert lines[3].startswith("ventricular fibrillation or flutter once (")
    result = ectopy.analyze(marked)
    assert result.beats.uncertain[within(result)].all()
    assert result.beats.uncertain.mean() < 0.7
    at = result.intervals.times_s[within(result)][10]
    assert "uncertain: it looks like ventricular fibrillation" in str(result.explain(at))
    pieces = list(ectopy.pieces(marked))
    assert (np.concatenate([one.beats.uncertain for one in pieces]) == result.beats.uncertain).all()


def test_a_stream_tells_it_too(stricken: ectopy.Result) -> None:
    recording = stricken.recording
    stream = ectopy.Stream(recording.fs_hz, recording.leads)
    rhythm = []
    for chunk in np.array_split(recording.read(), 8, axis=1):
        stream.push(chunk)
        rhythm.append(stream.rhythm())
    stream.finish()
    rhythm.append(stream.rhythm())
    told = np.concatenate([one.of(VF) for one in rhythm])
    assert told.tolist() == stricken.rhythm.of(VF).tolist()


def test_labels_that_a_reader_gave_stand_there(marked: ectopy.Request, tmp_path) -> None:
    result = ectopy.analyze(marked)
    symbols = np.where(within(result), "V", "N")
    aux = np.full(len(symbols), "")
    stated = Annotations(result.beats.samples, symbols, result.fs_hz, aux)
    file = write_annotations(tmp_path, "a", stated, "reader")
    given = ectopy.analyze(result.recording, annotations=file)
    assert not given.beats.uncertain[within(given)].any()


def test_it_is_kept(stricken: ectopy.Result, tmp_path) -> None:
    again = ectopy.Result.load(stricken.save(tmp_path / "a.ectopy"))
    assert again.background.vf_spans_s == stricken.background.vf_spans_s
    assert again.summary == stricken.summary

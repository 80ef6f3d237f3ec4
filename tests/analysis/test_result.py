"""A result as an object: compared, and with its recording brought back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import to_annotations
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate


def test_results_and_their_arrays_compare_without_an_error(classifier: Classifier) -> None:
    recording, _ = simulate(60, rng=np.random.default_rng(0))
    one, other = (analyze(recording, classifier=classifier) for _ in range(2))
    assert one == one
    for mine, yours in (
        (one, other),
        (one.beats, other.beats),
        (one.intervals, other.intervals),
        (one.quality, other.quality),
        (to_annotations(one), to_annotations(other)),
    ):
        assert mine != yours
        assert mine in [yours, mine]
        assert len({mine, yours}) == 2


def test_a_recording_of_other_leads_is_another(classifier: Classifier) -> None:
    recording, _ = simulate(60, rng=np.random.default_rng(0))
    result = analyze(recording, classifier=classifier)
    assert result.with_recording(recording).recording is recording
    with pytest.raises(ConfigError, match="has the leads X, Y, expected II, V1"):
        result.with_recording(replace(recording, leads=("X", "Y")))


@pytest.mark.parametrize("seconds", [0.0, 30.0])
def test_outlines_and_events_come_back(seconds: float, tmp_path: Path) -> None:
    recording, _ = simulate(30, rng=np.random.default_rng(0))
    if not seconds:  # no beat
        flat = np.zeros((1, 7500), np.float32)
        recording = Recording.from_array(flat, 250.0, ("II",))
    result = analyze(recording)
    again = Result.load(result.save(tmp_path / "one.ectopy"))
    assert bool(len(result.beats)) == bool(seconds)
    np.testing.assert_array_equal(again.beats.outlines, result.beats.outlines)
    assert again.beats.outlines.dtype == np.int8
    assert list(again.events) == list(result.events)
    assert again.summary == result.summary

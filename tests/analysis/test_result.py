"""A result as an object: compared, and with its recording brought back."""

from dataclasses import replace

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import to_annotations
from ectopy.errors import ConfigError
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

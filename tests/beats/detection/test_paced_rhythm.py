import numpy as np
import pytest

from ectopy.beats.detection.paced_rhythm import AROUND_BEATS, NOT_PACED, PACED, SUSPECTED, paced


@pytest.mark.parametrize("whole", [False, True])
def test_a_paced_rhythm_holds_where_spikes_drown(whole: bool) -> None:
    spiked = np.ones(400, dtype=bool)
    spiked[150:200] = False
    states = paced(spiked, whole=whole)
    assert (states[5:] == PACED).all()
    assert (states == PACED).all() == whole  # what came before is known from what came after


@pytest.mark.parametrize("whole", [False, True])
def test_scattered_artefacts_are_no_pacing(whole: bool) -> None:
    rng = np.random.default_rng(0)
    assert (paced(rng.random(20_000) < 0.01, whole=whole) == NOT_PACED).all()


@pytest.mark.parametrize("whole", [False, True])
def test_a_few_beats_of_pacing_are_suspected_and_leave_the_rest_alone(whole: bool) -> None:
    spiked = np.zeros(2000, dtype=bool)
    spiked[1000:1007] = True
    states = paced(spiked, whole=whole)
    assert states.max() == SUSPECTED
    assert np.count_nonzero(states) <= 16
    assert (states[1003:1007] == SUSPECTED).all()


def test_a_strip_of_four_paced_beats_is_suspected() -> None:
    assert (paced(np.ones(4, dtype=bool), whole=True) == SUSPECTED).all()


def test_the_past_is_bounded() -> None:
    rng = np.random.default_rng(0)
    spiked = rng.random(600) < 0.1
    for first in (0, 100, 300):
        own = slice(first + AROUND_BEATS, None)
        assert (paced(spiked)[own] == paced(spiked[first:])[AROUND_BEATS:]).all()


def test_no_beats() -> None:
    assert paced(np.zeros(0, dtype=bool)).shape == (0,)

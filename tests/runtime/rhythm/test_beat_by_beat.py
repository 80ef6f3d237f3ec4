import numpy as np
import pytest

from ectopy.runtime.rhythm.beat_by_beat import AHEAD, FEWEST, BeatRhythm
from ectopy.runtime.rhythm.fibrillation import FibrillationModel

MODEL = FibrillationModel.load()


def none_lost(n: int) -> np.ndarray:
    return np.zeros(n, dtype=bool)


def half_and_half(rng: np.random.Generator) -> np.ndarray:
    """Sinus rhythm, and from beat 400 on fibrillation."""
    return np.cumsum(np.append(rng.normal(0.8, 0.01, 400), rng.uniform(0.4, 1.1, 400)))


def test_fibrillation_is_told_beat_by_beat(rng: np.random.Generator) -> None:
    times = half_and_half(rng)
    for told in (
        BeatRhythm(MODEL, times, none_lost(800)),
        BeatRhythm.of_whole(MODEL, times, none_lost(800)),
    ):
        odds = told.log_odds(np.arange(800))
        assert np.median(odds[100:380]) < -4
        assert np.median(odds[450:]) > 2


def test_the_past_alone_counts_where_it_should(rng: np.random.Generator) -> None:
    times = half_and_half(rng)
    known = BeatRhythm(MODEL, times, none_lost(800)).log_odds(np.arange(800))
    for cut in (300, 410, 700):
        until = BeatRhythm(MODEL, times[:cut], none_lost(cut)).log_odds(np.arange(cut - AHEAD))
        np.testing.assert_array_equal(until, known[: cut - AHEAD])
        # Nor do beats from long ago: a stream has forgotten them.
        since = BeatRhythm(MODEL, times, none_lost(800))[cut - 100 :].log_odds(np.array([99]))
        assert since[0] == pytest.approx(known[cut - 1], abs=1e-4)


def test_a_beat_of_a_whole_recording_hears_what_follows(rng: np.random.Generator) -> None:
    whole = BeatRhythm.of_whole(MODEL, half_and_half(rng), none_lost(800))
    past = BeatRhythm(MODEL, whole.times_s, whole.lost)
    onset = np.arange(401, 411)
    assert (whole.log_odds(onset) > past.log_odds(onset)).mean() > 0.5
    np.testing.assert_array_equal(whole[390:420].log_odds(onset - 390), whole.log_odds(onset))


def test_beats_across_a_gap_are_no_neighbours(rng: np.random.Generator) -> None:
    times = half_and_half(rng)
    later = times.copy()
    later[400:] += 60
    lost = none_lost(800)
    lost[400] = True
    after = np.arange(400, 800)
    alone = BeatRhythm.of_whole(MODEL, times[400:], none_lost(400)).log_odds(after - 400)
    for told in (BeatRhythm.of_whole(MODEL, later, none_lost(800)),
                 BeatRhythm.of_whole(MODEL, times, lost)):  # fmt: skip
        np.testing.assert_allclose(told.log_odds(after), alone, atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, FEWEST - 1, FEWEST])
def test_of_a_few_beats_nothing_is_said(n: int) -> None:
    times = 0.8 * np.arange(n)
    for told in (
        BeatRhythm(MODEL, times, none_lost(n)),
        BeatRhythm.of_whole(MODEL, times, none_lost(n)),
    ):
        odds = told.log_odds(np.arange(n))
        assert np.isnan(odds[: FEWEST - 1 - AHEAD]).all() or told.whole is not None
        assert np.isfinite(odds[-1:]).all() == (n >= FEWEST or not n)


def test_two_peaks_in_one_place_do_no_harm(rng: np.random.Generator) -> None:
    times = half_and_half(rng)
    times[100] = times[101]
    for told in (
        BeatRhythm(MODEL, times, none_lost(800)),
        BeatRhythm.of_whole(MODEL, times, none_lost(800)),
    ):
        assert np.isfinite(told.log_odds(np.arange(FEWEST, 800))).all()

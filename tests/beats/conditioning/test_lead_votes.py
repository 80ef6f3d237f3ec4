import numpy as np

from ectopy.beats.conditioning.lead_votes import LeadVotes, beat_states, widened, withheld
from ectopy.beats.conditioning.quality import FLAT, GOOD, MISSING, NOISY, SATURATED

STATES = np.array(
    [
        [GOOD, GOOD, FLAT, FLAT, GOOD, GOOD, SATURATED, GOOD],
        [GOOD, GOOD, GOOD, MISSING, GOOD, NOISY, GOOD, GOOD],
    ],
    dtype=np.uint8,
)


def test_seconds_beside_lost_ones_are_lost() -> None:
    assert (widened(STATES)[0] >= FLAT).tolist() == [0, 1, 1, 1, 1, 0, 0, 0]
    assert (widened(STATES)[1] >= FLAT).tolist() == [0, 0, 1, 1, 1, 0, 0, 0]


def test_a_beat_has_the_worst_state_under_its_qrs() -> None:
    samples = np.array([50, 595, 650, 795])  # 100 Hz; the second and last beats reach on
    assert beat_states(STATES, samples, 100)[0].tolist() == [GOOD, SATURATED, SATURATED, GOOD]
    assert beat_states(STATES, samples, 100)[1].tolist() == [GOOD, NOISY, GOOD, GOOD]


def test_leads_that_are_there_are_heard_and_lost_intervals_known() -> None:
    votes = LeadVotes.of(STATES, np.array([50, 150, 250, 550, 650]), 100)
    assert votes.heard[0].tolist() == [True, False, False, True, True]
    assert votes.heard[1].tolist() == [True, True, False, True, True]
    # Only in the fourth second are both leads lost.
    assert votes.lost.tolist() == [False, False, False, True, False]
    assert votes[1:4].lost.tolist() == [False, False, True]


def test_what_lost_leads_show_is_withheld() -> None:
    signal = np.ones((2, 800), dtype=np.float32)
    kept = withheld(signal, STATES, 100)
    assert np.isnan(kept[0, 200:400]).all()
    assert np.isnan(kept).sum() == 300
    assert np.isfinite(signal).all()
    assert withheld(signal, np.zeros_like(STATES), 100) is signal

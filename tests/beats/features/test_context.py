import numpy as np
import pytest

from ectopy.beats.conditioning.canonical import RATE_HZ, canonical, positions, snap
from ectopy.beats.conditioning.lead_votes import LeadVotes
from ectopy.beats.features import context
from ectopy.beats.features.context import (
    N_MEASURES,
    SETTLED_BEATS,
    describe,
    from_canonical,
    in_rhythm,
    inputs,
    look,
)
from ectopy.beats.features.prematurity import N_SINUS, PREMATURE, sinus
from ectopy.beats.features.rr_intervals import intervals, rhythm, sinus_weight
from ectopy.errors import ConfigError


def beats_at(times_s, fs_hz, duration_s, *, wide=(), gain=1.0):
    """Two leads of Gaussian P, QRS and T waves."""
    t = np.arange(int(duration_s * fs_hz)) / fs_hz
    lead = np.zeros_like(t)
    for number, at in enumerate(times_s):
        width = 0.035 if number in wide else 0.012
        for height, centre, sd in ((0.15, -0.16, 0.02), (1.0, 0.0, width), (0.3, 0.28, 0.05)):
            lead += height * np.exp(-0.5 * ((t - at - centre) / sd) ** 2)
    return gain * np.stack([lead, -0.6 * lead]).astype(np.float32)


TIMES = 1.0 + 0.8 * np.arange(140)


@pytest.fixture
def signal():
    return beats_at(TIMES, 250.0, 115.0)


N_RHYTHM = rhythm(np.arange(9.0)).shape[1]
UNLIKE = N_RHYTHM + 10  # relative distance of the QRS from the usual one


def test_shapes_and_finite(signal):
    given = inputs(signal, 250.0, np.rint(TIMES * 250))
    assert given.shape == (140, N_RHYTHM + 7 * N_MEASURES + N_SINUS)
    assert given.dtype == np.float32
    assert np.isfinite(given).all()


def test_gain_drops_out(signal):
    peaks = np.rint(TIMES * 250)
    plain, loud = inputs(signal, 250.0, peaks), inputs(20 * signal, 250.0, peaks)
    assert np.abs(plain[5:] - loud[5:]).max() < 0.05


@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 360.0, 500.0, 1000.0])
def test_rate_hardly_matters(signal, fs_hz):
    plain = inputs(signal, 250.0, np.rint(TIMES * 250))
    other = inputs(beats_at(TIMES, fs_hz, 115.0), fs_hz, np.rint(TIMES * fs_hz))
    assert np.abs(plain - other)[30:, :N_RHYTHM].max() < 0.05
    assert np.median(np.abs(plain - other)[30:]) < 0.02


def test_misplaced_peaks_are_centred(signal):
    rng = np.random.default_rng(0)
    clean = canonical(signal, 250.0)
    at = positions(np.rint(TIMES * 250), 250.0)
    moved = np.sort(at + rng.uniform(-0.05, 0.05, len(at)) * RATE_HZ)
    assert np.abs(snap(clean, moved) - snap(clean, at)).max() < 0.05


def test_a_flat_signal_leaves_peaks_where_they_were():
    at = np.array([100.0, 200.0, 300.0])
    assert np.array_equal(snap(np.zeros((1, 500), np.float32), at), at)
    given = from_canonical(np.zeros((1, 500), np.float32), at)
    assert np.isfinite(given).all()


def test_chunks_do_not_show(signal, monkeypatch):
    clean = canonical(signal, 250.0)
    at = positions(np.rint(TIMES * 250), 250.0)
    for two_sided in (False, True):
        whole = from_canonical(clean, at, two_sided=two_sided)
        monkeypatch.setattr(context, "CHUNK", 17)
        pieces = from_canonical(clean, at, two_sided=two_sided)
        monkeypatch.undo()
        assert np.abs(whole - pieces).max() < 1e-4


def test_the_past_is_bounded_and_the_future_is_two_beats(signal):
    clean = canonical(signal, 250.0)
    at = positions(np.rint(TIMES * 250), 250.0)
    whole = from_canonical(clean, at)
    cut = from_canonical(clean[:, : int(at[100] + 200)], at[:101])
    assert np.abs(whole[:99] - cut[:99]).max() < 1e-4


def test_an_unlike_beat_stands_out_from_the_usual_beat():
    signal = beats_at(TIMES, 250.0, 115.0, wide={60})
    given = inputs(signal, 250.0, np.rint(TIMES * 250))
    distance = given[:, UNLIKE]
    assert distance[60] > 5 * np.median(distance)


def test_the_usual_beat_survives_bigeminy():
    times = np.sort(np.concatenate([1 + 1.4 * np.arange(80), 1.5 + 1.4 * np.arange(80)]))
    signal = beats_at(times, 250.0, 115.0, wide=set(range(1, 160, 2)))
    given = inputs(signal, 250.0, np.rint(times * 250))
    distance = given[20:, UNLIKE]
    assert distance[::2].max() < 0.5 * distance[1::2].min()


def test_premature_beats_weigh_less():
    times = np.cumsum(np.tile([0.8, 0.8, 0.5, 1.1], 30))
    weight = sinus_weight(times)
    assert weight[2::4].max() < 0.1 < 0.5 < weight[3::4].min()


def test_rhythm_does_not_depend_on_when():
    times = np.cumsum(np.random.default_rng(1).uniform(0.4, 1.2, 400))
    assert np.abs(rhythm(times) - rhythm(times + 1000)).max() < 1e-4


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_beats(n):
    given = inputs(np.zeros((2, 1000), np.float32), 250.0, 200 * np.arange(n))
    assert given.shape == (n, N_RHYTHM + 7 * N_MEASURES + N_SINUS)


def test_no_beats_have_as_many_features_as_some():
    clean = np.zeros((2, 1000), np.float32)
    none, some = (from_canonical(clean, 200.0 * np.arange(n), two_sided=True) for n in (0, 3))
    assert none.shape == (0, some.shape[1])


def test_a_dead_lead_is_left_out(signal):
    peaks = np.rint(TIMES * 250)
    alone = inputs(signal[:1], 250.0, peaks)
    dead = inputs(np.stack([signal[0], np.full_like(signal[0], np.nan)]), 250.0, peaks)
    assert np.abs(alone - dead).max() < 1e-4


def test_missing_samples_are_bridged(signal):
    signal[0, 5000:6000] = np.nan
    signal[1] = np.nan
    assert np.isfinite(canonical(signal, 250.0)).all()


def test_an_absurd_rate_is_refused():
    with pytest.raises(ConfigError, match="20 to 20,000 Hz"):
        canonical(np.zeros((1, 100)), 3.0)


def test_a_lead_that_is_not_heard_leaves_no_trace(signal):
    """Neither in the beats it is lost at, nor in neighbours, nor in the usual beat."""
    clean = canonical(signal, 250.0)
    at = positions(np.rint(TIMES * 250), 250.0)
    heard = np.ones((2, len(at)), dtype=bool)
    heard[0, 60:80] = False
    votes = LeadVotes(heard, np.zeros(len(at), dtype=bool))
    spoilt = clean.copy()
    begin, end = int(at[60]) - 50, int(at[79]) + 50  # the beats, not those beside them
    spoilt[0, begin:end] = np.random.default_rng(0).normal(0, 1, end - begin)
    for sides in ((False,), (True,)):
        plain, other = (
            look(canonical_signal, at, sides=sides, votes=votes)
            for canonical_signal in (clean, spoilt)
        )
        assert (plain.on == other.on).all()
        assert not plain.on[:, 0, 60:80].any()
        (one,), (two,) = (describe(seen, in_rhythm(seen)) for seen in (plain, other))
        assert (plain.at == other.at).all()
        assert np.abs(one - two).max() < 1e-4


def test_a_lead_that_comes_back_is_heard_once_its_usual_beat_is_known(signal):
    clean = canonical(signal, 250.0)
    at = positions(np.rint(TIMES * 250), 250.0)
    heard = np.ones((2, len(at)), dtype=bool)
    heard[0, :90] = False
    on = look(clean, at, votes=LeadVotes(heard, np.zeros(len(at), dtype=bool))).on[0]
    assert on[1].all()
    assert np.flatnonzero(on[0])[0] == 90 + SETTLED_BEATS - 1


def test_an_interval_across_lost_signal_is_taken_from_the_next_one():
    times = np.array([1.0, 1.8, 2.7, 100.0, 100.7, 101.4, 300.0])
    lost = np.array([False, False, False, True, False, False, True])
    np.testing.assert_allclose(intervals(times, lost), [0.8, 0.8, 0.9, 0.7, 0.7, 0.7, 0.7])
    np.testing.assert_allclose(intervals(times[:3], np.array([False, True, True])), 0.8)
    assert (intervals(times) == intervals(times, np.zeros(7, dtype=bool))).all()


def test_after_a_gap_no_beat_is_early():
    times = np.r_[1 + 0.8 * np.arange(60), 200 + 0.8 * np.arange(60)]
    lost = np.zeros(120, dtype=bool)
    lost[60] = True
    plain, gap = rhythm(times[:60]), rhythm(times, lost=lost)
    np.testing.assert_allclose(gap[60:, :9], plain[:, :9], atol=1e-6)
    assert np.abs(sinus(times, lost)[60:, PREMATURE[0]]).max() < 0.01
    assert np.abs(sinus(times)[60:, PREMATURE[0]]).max() > 0.1

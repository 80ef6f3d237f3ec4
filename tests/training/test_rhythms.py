import numpy as np
import pytest

from ectopy.classes import AAMI
from ectopy.training.disturb import Disturbance
from ectopy.training.rhythms import plan, rewrite

N, S, V = (AAMI.index(name) for name in "NSV")


def record(seed=0, n=600):
    rng = np.random.default_rng(seed)
    at = 100 + np.cumsum(100 + rng.normal(0, 1, n))
    y = np.zeros(n, dtype=np.int64)
    y[50::97] = V
    t = np.arange(int(at[-1]) + 200)
    lead = np.zeros(len(t))
    for when in at:
        for height, centre, sd in ((0.15, -20, 3), (1.0, 0, 1.5), (0.3, 36, 6)):
            lead += height * np.exp(-0.5 * ((t - when - centre) / sd) ** 2)
    return np.stack([lead, 0.5 * lead]).astype(np.float32), at, y


@pytest.mark.parametrize("seed", range(6))
def test_beats_move_with_their_signal(seed):
    signal, at, y = record()
    moved_signal, moved, new = rewrite(signal, at, y, np.random.default_rng(seed))
    assert len(moved) == len(new) == len(y)
    assert (np.diff(moved) > 0).all()
    where = np.rint(moved[1:-1]).astype(int)
    near = moved_signal[0][where[:, None] + np.arange(-3, 4)].max(axis=1)
    assert np.median(near) > 0.9  # the R wave is where the annotation is


@pytest.mark.parametrize("seed", range(6))
def test_only_normal_beats_change_class(seed):
    _, at, y = record()
    drawn = plan(y, np.diff(at, prepend=at[0] - 100) / 128, np.random.default_rng(seed))
    changed = drawn.y != y
    assert (y[changed] == N).all()
    assert (drawn.y[changed] == S).all()
    assert (drawn.factor[changed] < 0.95).all()


def test_scenarios_add_premature_beats():
    _, at, y = record()
    rr = np.diff(at, prepend=at[0] - 100) / 128
    share = np.mean([(plan(y, rr, np.random.default_rng(s)).y == S).mean() for s in range(40)])
    assert 0.02 < share < 0.3


def test_without_disturbance_nothing_changes():
    signal, at, y = record(n=60)
    same = Disturbance(rhythm=0.0).apply(signal, at, y, np.random.default_rng(0))
    assert np.array_equal(same[0], signal)
    assert np.array_equal(same[1], at)
    assert np.array_equal(same[2], y)


def test_disturbance_is_repeatable_and_bounded():
    signal, at, y = record(n=60)
    rough = Disturbance(rhythm=0.0, flip=1.0, noise=0.2, jitter_s=0.02, one_lead=1.0)
    one, other = (rough.apply(signal, at, y, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert one[0].shape[0] == 1
    assert np.abs(one[1] - at).max() <= 0.02 * 128 + 1e-9

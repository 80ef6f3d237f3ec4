from dataclasses import replace

import numpy as np
import pytest

from ectopy.classes import AAMI
from ectopy.training.inter_patient.augment_records import RecordAugmentation
from ectopy.training.inter_patient.other_rhythms import plan, rewrite
from ectopy.training.inter_patient.training_record import TrainingRecord

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
    signal = np.stack([lead, 0.5 * lead]).astype(np.float32)
    return TrainingRecord("made", signal, at, y, np.full(n, np.nan, np.float32))


@pytest.mark.parametrize("seed", range(6))
def test_beats_move_with_their_signal(seed):
    made = record()
    new = rewrite(made, np.random.default_rng(seed))
    assert len(new.at) == len(new.y) == len(new.fibrillation) == len(made.y)
    assert (np.diff(new.at) > 0).all()
    where = np.rint(new.at[1:-1]).astype(int)
    near = new.signal[0][where[:, None] + np.arange(-3, 4)].max(axis=1)
    assert np.median(near) > 0.9  # the R wave is where the annotation is


@pytest.mark.parametrize("seed", range(6))
def test_only_normal_beats_change_class(seed):
    made = record()
    at, y = made.at, made.y
    drawn = plan(y, np.diff(at, prepend=at[0] - 100) / 128, np.random.default_rng(seed))
    changed = drawn.y != y
    assert (y[changed] == N).all()
    assert (drawn.y[changed] == S).all()
    assert (drawn.factor[changed] < 0.95).all()


def test_scenarios_add_premature_beats():
    made = record()
    at, y = made.at, made.y
    rr = np.diff(at, prepend=at[0] - 100) / 128
    share = np.mean([(plan(y, rr, np.random.default_rng(s)).y == S).mean() for s in range(40)])
    assert 0.02 < share < 0.3


def test_drawn_rhythms_are_told():
    """What was drawn is fibrillation or not; elsewhere the record's own word stands."""
    made = record()
    rr = np.diff(made.at, prepend=made.at[0] - 100) / 128
    drawn = [plan(made.y, rr, np.random.default_rng(seed)) for seed in range(20)]
    told = np.concatenate([one.fibrillation for one in drawn])
    factor = np.concatenate([one.factor for one in drawn])
    assert set(np.unique(told[~np.isnan(told)])) == {0.0, 1.0}
    assert (factor[np.isnan(told)] == 1).all()
    new = rewrite(replace(made, fibrillation=np.ones(600, np.float32)), np.random.default_rng(1))
    assert set(np.unique(new.fibrillation)) <= {0.0, 1.0}


def test_without_disturbance_nothing_changes():
    made = record(n=60)
    same = RecordAugmentation(rhythm=0.0).apply(made, np.random.default_rng(0))
    assert np.array_equal(same.signal, made.signal)
    assert np.array_equal(same.at, made.at)
    assert np.array_equal(same.y, made.y)


def test_disturbance_is_repeatable_and_bounded():
    made = record(n=60)
    rough = RecordAugmentation(rhythm=0.0, flip=1.0, noise=0.2, jitter_s=0.02, one_lead=1.0)
    one, other = (rough.apply(made, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one.signal, other.signal)
    assert one.signal.shape[0] == 1
    assert np.abs(one.at - made.at).max() <= 0.02 * 128 + 1e-9

import numpy as np

from ectopy.training.inter_patient.ridge import RidgeSums


def test_leaving_a_fold_out_is_training_without_it():
    rng = np.random.default_rng(0)
    parts = [
        (rng.standard_normal((50, 4)).astype(np.float32), rng.random(50).astype(np.float32))
        for _ in range(3)
    ]
    truth = np.array([[1.0], [-2.0], [0.5], [0.0]], np.float32)
    whole, rest = RidgeSums(3, 4, 1, 1e-6), RidgeSums(1, 4, 1, 1e-6)
    for fold, (hidden, weight) in enumerate(parts):
        target = hidden @ truth + 3
        whole.add(fold, hidden, target, weight)
        if fold:
            rest.add(0, hidden, target, weight)
    found = whole.solve()
    assert found.shape == (4, 5, 1)
    np.testing.assert_allclose(found[0], rest.solve()[-1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[-1], np.vstack([truth, [[3]]]), atol=1e-3)


def test_weight_counts_a_beat_as_often():
    rng = np.random.default_rng(1)
    hidden = rng.standard_normal((40, 3)).astype(np.float32)
    target = rng.standard_normal((40, 2)).astype(np.float32)
    weight = np.where(np.arange(40) < 10, 3, 1).astype(np.float32)
    once, often = RidgeSums(1, 3, 2, 1e-9), RidgeSums(1, 3, 2, 1e-9)
    once.add(0, hidden, target, weight)
    again = np.repeat(np.arange(40), weight.astype(int))
    often.add(0, hidden[again], target[again], np.ones(len(again), np.float32))
    np.testing.assert_allclose(once.solve()[-1], often.solve()[-1], rtol=1e-3, atol=1e-4)


def test_nothing_left_is_told_by_zeros():
    alone = RidgeSums(1, 2, 1, 1e-3)
    alone.add(0, np.ones((5, 2), np.float32), np.ones((5, 1), np.float32), np.ones(5, np.float32))
    assert np.abs(alone.solve()[0]).max() == 0

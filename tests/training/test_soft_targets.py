"""Soft targets come from the other beats, and only from them."""

import numpy as np
import pytest

from ectopy.training.recipe import Recipe
from ectopy.training.soft_targets import soft_targets

pytest.importorskip("keras")


def _beats(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Give two well-separated kinds of beats, the third with the wrong label."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = np.where(y[:, None], np.hanning(140), -np.hanning(140)) + 0.05 * rng.standard_normal(
        (n, 140)
    )
    y[2] = 1 - y[2]
    return X.astype(np.float32), y.astype(np.int64)


def test_none_leaves_the_labels():
    X, y = _beats()
    np.testing.assert_array_equal(
        soft_targets(X, y, 3, 0.0, np.random.default_rng(0)), np.eye(3, dtype=np.float32)[y]
    )


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_wrong_label_is_overruled_by_its_neighbours(share):
    X, y = _beats()
    targets = soft_targets(X, y, 3, share, np.random.default_rng(0))
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert targets[2, y[2]] < 1 - 0.8 * share
    others = np.arange(len(y)) != 2
    assert targets[others, y[others]].min() > 0.8
    assert targets[:, 2].max() < 0.01  # a class without beats


def test_no_beat_has_a_say_in_its_own():
    """With everything taken from the others, a label does not change its beat's own target."""
    X, y = _beats()
    before = soft_targets(X, y, 3, 1.0, np.random.default_rng(0))[2]
    y[2] = 1 - y[2]
    after = soft_targets(X, y, 3, 1.0, np.random.default_rng(0))[2]
    np.testing.assert_allclose(after, before, atol=0.1)


def test_few_centres_do_for_many_beats():
    X, y = _beats(700)
    targets = soft_targets(X, y, 2, 1.0, np.random.default_rng(0))
    assert (targets.argmax(axis=1) == y).mean() > 0.99


def test_smote_is_refused():
    with pytest.raises(ValueError, match="soft_targets"):
        Recipe(soft_targets=0.5, balance="smote")

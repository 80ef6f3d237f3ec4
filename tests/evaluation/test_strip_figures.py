import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from ectopy.evaluation.strip_figures import strip_figures

KINDS = ("sinus", "AF", "other", "noisy")


def test_figures_are_scikit_learn_s() -> None:
    rng = np.random.default_rng(0)
    truth, called = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    called[:200] = truth[:200]
    told = strip_figures(truth, called, KINDS)
    expected = f1_score(truth, called, average=None)
    assert [told["f1"][kind] for kind in KINDS] == pytest.approx(expected)
    assert told["f1"]["mean"] == pytest.approx(expected[:3].mean())
    assert told["confusion"] == confusion_matrix(truth, called).tolist()
    assert told["strips"] == 300
    for kind, (low, high) in told["f1_interval"].items():
        assert low < told["f1"][kind] < high


def test_a_kind_that_nobody_names_has_no_figure() -> None:
    told = strip_figures([0, 0, 1], [0, 1, 1], KINDS)
    assert told["f1"]["noisy"] is None
    assert told["f1_interval"]["noisy"] == [None, None]
    assert told["f1"]["mean"] == pytest.approx((told["f1"]["sinus"] + told["f1"]["AF"]) / 2)

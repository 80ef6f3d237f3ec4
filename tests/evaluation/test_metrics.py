import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.evaluation.metrics import classification, from_confusion

CLASSES = ("N", "S", "V")
pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


@settings(deadline=None)  # the first example imports and warms up
@given(pairs)
def test_agrees_with_scikit_learn(beats: list[tuple[int, int]]) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    true, predicted = (np.array(column) for column in zip(*beats, strict=True))
    ours = classification(true, predicted, CLASSES, n_resamples=10)
    assert ours["confusion"] == sklearn.confusion_matrix(true, predicted, labels=[0, 1, 2]).tolist()
    assert ours["accuracy"] == pytest.approx(sklearn.accuracy_score(true, predicted))
    macro = sklearn.f1_score(true, predicted, average="macro", zero_division=0)
    assert ours["macro_f1"] == pytest.approx(macro)
    # scikit-learn's balanced_accuracy_score warns about predicted classes that have no beats.
    recalls = sklearn.recall_score(true, predicted, labels=np.unique(true), average=None)
    assert ours["balanced_accuracy"] == pytest.approx(recalls.mean())
    figures = sklearn.precision_recall_fscore_support(
        true, predicted, labels=[0, 1, 2], zero_division=0
    )
    for i, name in enumerate(CLASSES):
        entry = ours["per_class"][name]
        for key, values in zip(("precision", "recall", "f1", "support"), figures, strict=True):
            assert entry[key] == pytest.approx(values[i])


@settings(deadline=None)  # the first example imports and warms up
@given(pairs)
def test_properties(beats: list[tuple[int, int]]) -> None:
    true, predicted = (np.array(column) for column in zip(*beats, strict=True))
    result = classification(true, predicted, CLASSES, n_resamples=50)
    assert json.loads(json.dumps(result)) == result
    order = np.random.default_rng(len(beats)).permutation(len(true))
    assert classification(true[order], predicted[order], CLASSES, n_resamples=50) == result
    for key in ("accuracy", "macro_f1", "balanced_accuracy"):
        low, high = result["intervals"][key]
        assert 0 <= low <= high <= 1
    assert classification(true, true, CLASSES, n_resamples=10)["macro_f1"] == 1


def test_probabilities_are_decided_by_the_largest() -> None:
    p = np.array([[0.2, 0.5, 0.3], [0.9, 0.1, 0.0]])
    result = classification([1, 2], p, CLASSES)
    assert result["confusion"] == [[0, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert result["per_class"]["S"]["recall"] == 1
    assert result["per_class"]["V"]["intervals"]["precision"] is None
    assert result["per_class"]["N"]["intervals"]["recall"] is None


def test_intervals_over_records_are_wider_when_records_differ(rng: np.random.Generator) -> None:
    groups = np.repeat(np.arange(10), 100)
    true = np.zeros(1000, dtype=int)
    predicted = (groups >= 8).astype(int)  # two records are all wrong
    beats = classification(true, predicted, CLASSES, rng=rng)["intervals"]["accuracy"]
    records = classification(true, predicted, CLASSES, groups, rng=rng)
    assert records["resampled"] == "records"
    low, high = records["intervals"]["accuracy"]
    assert high - low > 5 * (beats[1] - beats[0])
    # Binomial(10, 0.8) / 10: its 2.5 % and 97.5 % points.
    assert (low, high) == pytest.approx((0.5, 1.0), abs=0.1001)


def test_replicates_are_repeatable_and_follow_the_generator() -> None:
    true, predicted = np.arange(90) % 3, np.arange(90) % 5 % 3
    first = classification(true, predicted, CLASSES, rng=np.random.default_rng(3))
    again = classification(true, predicted, CLASSES, rng=np.random.default_rng(3))
    other = classification(true, predicted, CLASSES, rng=np.random.default_rng(4))
    assert first == again
    assert first["intervals"] != other["intervals"]


@pytest.mark.parametrize(
    ("true", "predicted", "words"),
    [
        ([0, 1], [0], "shape"),
        ([], [], "shape"),
        ([0, 3], [0, 1], "0 to 3, expected 0 to 2"),
        ([0, 1], [0, -1], "y_pred"),
        ([0.0, 1.0], [0, 1], "integer"),
        ([0, 1], [[0.1, 0.2, np.nan], [0, 0, 1]], "NaN"),
    ],
)
def test_wrong_labels_are_named(true: list[int], predicted: list[int], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        classification(true, predicted, CLASSES)


def test_stack_of_matrices(rng: np.random.Generator) -> None:
    stack = rng.integers(0, 20, size=(7, 3, 3))
    many = from_confusion(stack)
    for i in range(len(stack)):
        for key, value in from_confusion(stack[i]).items():
            np.testing.assert_allclose(many[key][i], value)

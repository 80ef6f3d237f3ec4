import json

import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds

CLASSES = ("N", "S", "V")


def test_mean_spread_and_each_seed(rng: np.random.Generator) -> None:
    true = np.repeat([0, 1], 50)  # no V at all
    results = []
    for wrong in (4, 8, 12):
        predicted = true.copy()
        predicted[:wrong] = 1
        results.append(classification(true, predicted, CLASSES))
    summary = over_seeds(results)
    assert json.loads(json.dumps(summary)) == summary
    accuracy = summary["accuracy"]
    assert accuracy["values"] == [0.96, 0.92, 0.88]
    assert accuracy["mean"] == pytest.approx(0.92)
    assert accuracy["sd"] == pytest.approx(0.04)
    lows = [result["intervals"]["accuracy"][0] for result in results]
    assert accuracy["interval"][0] == pytest.approx(np.mean(lows))
    assert summary["per_class"]["N"]["recall"]["values"] == pytest.approx([0.92, 0.84, 0.76])
    assert summary["per_class"]["N"]["support"] == 50
    assert summary["per_class"]["V"]["recall"]["interval"] is None
    assert np.shape(summary["confusion"]) == (3, 3, 3)


def test_one_seed_has_no_spread() -> None:
    summary = over_seeds([classification([0, 1, 2], [0, 1, 1], CLASSES)])
    assert summary["macro_f1"]["sd"] == 0
    assert len(summary["macro_f1"]["values"]) == 1


def test_supports_that_differ_are_averaged() -> None:
    parts = [classification([0, 0, 1], [0, 0, 1], CLASSES), classification([0], [0], CLASSES)]
    assert over_seeds(parts)["per_class"]["N"]["support"] == 1.5
    assert over_seeds(parts)["n"] == 2


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ConfigError, match="no results"):
        over_seeds([])
    with pytest.raises(ConfigError, match="N, S, V and N, S, Q"):
        over_seeds([classification([0], [0], CLASSES), classification([0], [0], ("N", "S", "Q"))])

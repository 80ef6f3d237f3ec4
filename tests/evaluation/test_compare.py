import json

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.errors import ConfigError
from ectopy.evaluation.compare import compare_pooled, compare_records


def share(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Right ones among all; a row is (right, wrong)."""
    return counts[:, 0] / counts.sum(axis=1)


def test_sign_flips_agree_with_scipy(rng: np.random.Generator) -> None:
    from scipy.stats import permutation_test

    for n in (9, 30):
        a, b = rng.normal(size=n), rng.normal(0.4, size=n)
        ours = compare_records(a, b, rng, n_permutations=20_000)
        expected = permutation_test(
            (a, b),
            lambda x, y: np.mean(y - x),
            permutation_type="samples",
            n_resamples=20_000,
            rng=rng,
        )
        assert ours["exact"] == (n == 9)
        assert ours["p_value"] == pytest.approx(expected.pvalue, abs=0.02 if n > 9 else 1e-9)
        low, high = ours["interval"]
        assert ours["difference"] == pytest.approx(np.mean(b - a))
        assert low < ours["difference"] < high


def test_a_model_against_itself_is_no_better(rng: np.random.Generator) -> None:
    counts = rng.integers(1, 50, size=(20, 2))
    result = compare_pooled(counts, counts, share, rng)
    assert (result["difference"], result["p_value"], result["interval"]) == (0, 1, [0, 0])
    values = rng.random(20)
    result = compare_records(values, values, rng)
    assert (result["p_value"], result["wilcoxon_p"]) == (1, 1)


def test_better_in_every_record_is_seen(rng: np.random.Generator) -> None:
    right = rng.integers(50, 70, size=22)
    a, b = (np.stack([hit, 100 - hit], axis=1) for hit in (right, right + 10))
    result = compare_pooled(a, b, share, rng)
    assert json.loads(json.dumps(result)) == result
    assert result["difference"] == pytest.approx(0.1)
    assert result["p_value"] < 0.001
    assert result["interval"] == pytest.approx([0.1, 0.1])


def test_better_in_one_large_record_is_no_proof(rng: np.random.Generator) -> None:
    right = rng.integers(50, 70, size=(12, 1))
    a = np.hstack([right, 100 - right])
    b = a.copy()
    b[0] += [3000, 100]
    result = compare_pooled(a, b, share, rng)
    assert result["exact"]
    assert result["difference"] > 0.2
    assert result["p_value"] == 1  # the exchange of that record alone gives either sign
    assert result["interval"][0] == 0


def test_p_values_are_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(5)
    p = []
    for _ in range(200):
        a, b = rng.binomial(100, 0.9, size=(2, 15))
        result = compare_pooled(
            np.stack([a, 100 - a], 1), np.stack([b, 100 - b], 1), share, rng, n_permutations=500
        )
        p.append(result["p_value"])
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.10


def test_undefined_figures_are_none(rng: np.random.Generator) -> None:
    nowhere = lambda counts: np.full(len(counts), np.nan)  # noqa: E731
    result = compare_pooled(np.ones((3, 2)), np.ones((3, 2)), nowhere, rng)
    assert result["difference"] is result["p_value"] is result["interval"] is None
    records = compare_records([0.5, np.nan, 0.7], [0.6, 0.9, 0.7], rng)
    assert records["n_records"] == 2


def test_what_is_wrong_is_said(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match=r"\(2, 2\) and \(3, 2\)"):
        compare_pooled(np.ones((2, 2)), np.ones((3, 2)), share, rng)
    with pytest.raises(ConfigError, match="no record"):
        compare_records([np.nan], [1.0], rng)
    with pytest.raises(ConfigError, match="shapes"):
        compare_records([1.0], [1.0, 2.0], rng)

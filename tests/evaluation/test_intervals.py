import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.evaluation.intervals import bootstrap, resample_counts, wilson


def test_wilson_agrees_with_scipy() -> None:
    from scipy.stats import binomtest

    for k, n in ((0, 10), (3, 10), (10, 10), (941, 1000)):
        expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
        low, high = wilson(k, n)
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.01, 0.99))
def test_wilson_holds_the_proportion(k: int, rest: int, level: float) -> None:
    low, high = wilson(k, k + rest, level)
    assert 0 <= low <= high <= 1
    if k + rest:
        assert low - 1e-12 <= k / (k + rest) <= high + 1e-12


def test_replicates_keep_the_total_and_the_mean(rng: np.random.Generator) -> None:
    counts = rng.integers(0, 50, size=(6, 3, 3))
    beats = resample_counts(counts, rng, over="beats", n_resamples=4000)
    assert (beats.sum(axis=(1, 2)) == counts.sum()).all()
    records = resample_counts(counts, rng, over="records", n_resamples=4000)
    for drawn in (beats, records):
        np.testing.assert_allclose(drawn.mean(axis=0), counts.sum(axis=0), rtol=0.1, atol=3)


def test_bootstrap_over_records_agrees_with_drawing_them_one_by_one() -> None:
    counts = np.random.default_rng(1).integers(1, 100, size=(12, 2))
    share = lambda c: c[:, 0] / c.sum(axis=1)  # noqa: E731
    ours = bootstrap(counts, share, np.random.default_rng(2), n_resamples=20000)
    draws = np.random.default_rng(3).integers(0, 12, size=(20000, 12))
    slow = np.quantile(share(counts[draws].sum(axis=1)), [0.025, 0.975])
    np.testing.assert_allclose(ours, slow, atol=0.01)


def test_what_is_wrong_is_said(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="patients"):
        resample_counts(np.ones((2, 2)), rng, over="patients")
    with pytest.raises(ConfigError, match="level is 95"):
        wilson(1, 2, 95)


def test_undefined_everywhere_is_nan(rng: np.random.Generator) -> None:
    low, high = bootstrap(np.ones((2, 2)), lambda c: np.full(len(c), np.nan), rng)
    assert np.isnan(low)
    assert np.isnan(high)

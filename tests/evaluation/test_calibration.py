import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.evaluation.calibration import (
    apply_temperature,
    coverage_risk,
    expected_calibration_error,
    fit_temperature,
    reliability,
)


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are right: labels are drawn from them."""
    p = rng.dirichlet([0.5, 0.5, 0.5], size=n)
    y = (rng.random((n, 1)) > p.cumsum(axis=1)[:, :2]).sum(axis=1)
    return p, y


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_was_applied_is_found_and_undone(
    rng: np.random.Generator, temperature: float
) -> None:
    p, y = draw(rng, 20_000)
    spoilt = apply_temperature(p, 1 / temperature)
    found = fit_temperature(spoilt, y)
    assert found == pytest.approx(temperature, rel=0.05)
    mended = apply_temperature(spoilt, found)
    assert expected_calibration_error(mended, y) < 0.015
    if temperature != 1:
        assert expected_calibration_error(spoilt, y) > 0.05


@given(st.floats(0.1, 10), st.integers(0, 1000))
def test_temperature_keeps_the_order(temperature: float, seed: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(4), size=20)
    scaled = apply_temperature(p, temperature)
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    np.testing.assert_array_equal(scaled.argmax(axis=1), p.argmax(axis=1))
    np.testing.assert_allclose(apply_temperature(p, 1), p, atol=1e-9)


def test_weights_count_as_copies(rng: np.random.Generator) -> None:
    p, y = draw(rng, 300)
    weights = rng.integers(1, 4, size=300)
    copied = fit_temperature(np.repeat(p, weights, axis=0), np.repeat(y, weights))
    assert fit_temperature(p, y, weights) == pytest.approx(copied, rel=1e-3)


def test_reliability_worked_by_hand() -> None:
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    result = reliability(p, [0, 1, 0, 1], n_bins=10)
    # Bin 0.9: confidence 0.9, accuracy 0.5; bin 0.6: 0.6 and 1.
    assert result["ece"] == pytest.approx(0.4)
    assert result["mce"] == pytest.approx(0.4)
    assert result["bins"][9] == {
        "low": 0.9,
        "high": 1.0,
        "n": 2,
        "confidence": pytest.approx(0.9),
        "accuracy": 0.5,
    }
    assert result["bins"][0]["accuracy"] is None
    assert result["nll"] == pytest.approx(-np.log([0.9, 0.1, 0.6, 0.6]).mean())
    assert result["brier"] == pytest.approx((0.02 + 1.62 + 0.32 + 0.32) / 4)
    json.dumps(result)


def test_coverage_and_risk_worked_by_hand() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.6, 0.4]])
    curve = coverage_risk(p, [0, 0, 0, 1])  # right, right, wrong, wrong; two are equally sure
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.6])
    np.testing.assert_allclose(curve.coverage, [0.25, 0.75, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 3, 0.5])
    assert curve.area == pytest.approx(0 * 0.25 + 1 / 3 * 0.5 + 0.5 * 0.25)
    assert curve.threshold_for(0.4) == 0.8
    assert curve.threshold_for(-1) is None
    assert curve.points()[-1] == {"threshold": 0.6, "coverage": 1.0, "risk": 0.5}


def test_abstaining_helps_where_confidence_means_something(rng: np.random.Generator) -> None:
    p, y = draw(rng, 5000)
    curve = coverage_risk(p, y)
    assert curve.area < 0.6 * curve.risk[-1]
    assert len(curve.points(11)) == 11


@pytest.mark.parametrize(
    ("p", "y", "words"),
    [
        ([[0.5, 0.5]], [0, 1], "shape"),
        ([[np.nan, 0.5]], [0], "expected \\[0, 1\\]"),
        ([[0.5, 0.5]], [2], "integers 0 to 1"),
        ([[0.5, 0.5]], [0.0], "float64"),
    ],
)
def test_what_is_wrong_is_said(p: list[list[float]], y: list[int], words: str) -> None:
    for function in (fit_temperature, reliability, coverage_risk):
        with pytest.raises(ConfigError, match=words):
            function(p, y)
    with pytest.raises(ConfigError, match="temperature is 0"):
        apply_temperature([[0.5, 0.5]], 0)

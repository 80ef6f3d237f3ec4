"""Settings that leave nothing to find are refused."""

import math

import pytest

from ectopy.analysis.settings import BELOW, Settings


@pytest.mark.parametrize(("low", "high"), BELOW)
def test_a_lower_limit_stays_below_its_upper_one(low: str, high: str) -> None:
    over = getattr(Settings(), high)
    with pytest.raises(ValueError, match=f"{low} is .*, expected less than "):
        Settings(**{low: over})
    assert getattr(Settings(**{low: 1.9}), low) == 1.9


@pytest.mark.parametrize(
    "name", [name for name, field in Settings.model_fields.items() if field.annotation is float]
)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_threshold_is_a_finite_number(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"(?s){name}.*finite number"):
        Settings(**{name: value})

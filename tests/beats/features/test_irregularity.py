import numpy as np
import pytest

from ectopy.beats.features import irregularity
from ectopy.beats.features.irregularity import (
    N_FEATURES,
    N_MEASURES,
    describe,
    describe_at,
    places,
)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 31, 500])
def test_every_place_is_described(n: int, rng: np.random.Generator) -> None:
    measures = describe(rng.uniform(0.4, 1.2, n))
    assert measures.shape == (len(places(n)) if n else 0, N_FEATURES)
    assert measures.dtype == np.float32
    assert np.isfinite(measures).all()


def test_a_window_at_a_place_is_that_of_its_surroundings(rng: np.random.Generator) -> None:
    rr = rng.uniform(0.4, 1.2, 2000).astype(np.float32)
    measures = describe(rr)
    at = places(len(rr))
    middle = len(at) // 2
    column = 0
    for scale in irregularity.SCALES:
        for lag in scale.lags:
            found = measures[middle, column : column + N_MEASURES]
            reach = range(-scale.stride, scale.stride + 1)
            begin = at[middle] + lag - scale.length // 2
            windows = np.stack([rr[begin + d : begin + d + scale.length] for d in reach])
            near = irregularity._measures(windows)
            assert (np.abs(near - found).max(axis=1) < 1e-5).any()
            column += N_MEASURES
    assert column == N_FEATURES


def test_only_the_level_tells_the_rate(rng: np.random.Generator) -> None:
    rr = rng.uniform(0.4, 1.2, 400)
    slow, fast = describe(rr), describe(rr * 0.5)
    levels = np.arange(0, N_FEATURES, N_MEASURES)
    rest = np.setdiff1d(np.arange(N_FEATURES), levels)
    np.testing.assert_allclose(slow[:, levels] - fast[:, levels], np.log(2), atol=1e-5)
    # The counts of steps are of a share of the interval, so nothing else moves, but for rounding.
    assert (np.abs(slow[:, rest] - fast[:, rest]) < 1e-3).mean() > 0.99


def test_places_in_what_is_known_of_a_sequence(rng: np.random.Generator) -> None:
    rr = rng.uniform(0.4, 1.2, 600).astype(np.float32)
    at = np.array([200, 250, 300])
    all_of_it = describe_at(rr, at, np.zeros(3, int), np.full(3, 600))
    column = 0
    for scale in irregularity.SCALES:
        for lag in scale.lags:
            begin = at + lag - scale.length // 2
            windows = np.stack([rr[b : b + scale.length] for b in begin])
            np.testing.assert_array_equal(
                all_of_it[:, column : column + N_MEASURES], irregularity._measures(windows)
            )
            column += N_MEASURES
    # What lies outside is not looked at, and the rest goes on as its mirror image.
    first, last = np.array([150, 240, 280]), np.array([204, 255, 301])
    part = describe_at(rr, at, first, last)
    assert np.isfinite(part).all()
    for place, a, b, found in zip(at, first, last, part, strict=True):
        own = rr[a:b]
        mirrored = np.concatenate([own, own[::-1]] * 12)
        alone = describe_at(mirrored, np.array([place - a + 8 * len(own)]), *_all(mirrored))
        np.testing.assert_allclose(alone[0], found, atol=1e-6)


def _all(rr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.array([0]), np.array([len(rr)])

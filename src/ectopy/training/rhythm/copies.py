"""Copies of beat times to learn from, as a detector would find them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.training.rhythm.recipe import RhythmRecipe

Float64 = npt.NDArray[np.float64]

RATES_HZ: Final = (128, 200, 250, 360, 500, 1000)
BLOCK: Final = 300  # beats for which a detector errs alike


def disturbed(times_s: Float64, recipe: RhythmRecipe, rng: np.random.Generator) -> Float64:
    """Disturb beat times as a detector does: displaced, missed, added."""
    n = len(times_s)
    times = times_s + rng.normal(0, recipe.jitter_s, n)
    # How many are missed or added changes along the record; the mean of a cube is a quarter.
    missed, added = (4 * _by_block(n, rng) ** 3 for _ in range(2))
    kept = rng.uniform(size=n) >= recipe.missed * missed
    more = rng.uniform(size=n) < recipe.added * added
    step = np.minimum(np.append(np.diff(times), 0.8), 1.5)
    extra = (times + step * rng.uniform(0.25, 0.75, n))[more]
    found = np.sort(np.concatenate([times[kept], extra]))
    return np.asarray(found[np.diff(found, prepend=-1.0) > 0.1])


def at_another_rate(times_s: Float64, tick_s: float, rng: np.random.Generator) -> Float64:
    """Give beat times as a recorder of another sampling rate would have them.

    The databases differ in rate and in how many records fibrillate, so that how finely times are
    rounded would otherwise be learnt as a sign of fibrillation.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        Seconds.
    tick_s : float
        What they are multiples of; anything within it is as likely.
    rng : numpy.random.Generator
        For the rate, and for what was rounded away.
    """
    tick = 1 / rng.choice(RATES_HZ)
    exact = times_s + tick_s * rng.uniform(-0.5, 0.5, len(times_s))
    found = np.unique(np.rint(exact / tick)) * tick
    return np.asarray(found[np.append(True, np.diff(found) > 0.1)])


def _by_block(n: int, rng: np.random.Generator) -> Float64:
    """Draw a number between 0 and 1 for each block of beats."""
    return np.repeat(rng.uniform(size=n // BLOCK + 1), BLOCK)[:n]

"""Clipping: seconds in which the trace runs into a ceiling, of the recorder or of a converter.

At a ceiling samples pile up, where below the top of a wave they thin out towards it. A value that
is held shows that in one second alone. A ceiling that is met only briefly (two samples of an R wave
at 128 Hz) shows in several seconds together: their extremes are one value, with nothing beyond it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

NEAR_S: Final = 5
"""Whole seconds to either side in which a ceiling is looked for again."""
MEETINGS: Final = 3
"""Seconds of those, this one included, that meet a ceiling."""
BELOW_MV: Final = 0.05
BELOW_STEPS: Final = 6.0
"""Depth below a ceiling in which samples are counted: so much, and so many steps of the converter.
A coarse one shows the tops of many waves as one value."""
PILE: Final = 1.5
"""Samples at a ceiling for each a little below it: under 1 where waves top out."""
PILE_ALONE: Final = 4.0
"""The same where one second has to tell."""


def clipped(block: Float32, low: Float32, high: Float32, least_s: float) -> Bool:
    """Find seconds where the trace runs into a ceiling.

    Parameters
    ----------
    block : ndarray of float32, shape (n_leads, n_seconds, n_samples)
        The samples of each second, in mV; NaN where missing.
    low, high : ndarray of float32, shape (n_leads, n_seconds)
        Least and largest of them.
    least_s : float
        Time at a value from which one second alone can tell.

    Returns
    -------
    ndarray of bool, shape (n_leads, n_seconds)
    """
    run = max(3, round(least_s * block.shape[-1]))
    return _met(block, high, np.float32(1), run) | _met(block, low, np.float32(-1), run)


def _met(block: Float32, extreme: Float32, sign: np.float32, run: int) -> Bool:
    found = np.zeros(extreme.shape, dtype=bool)
    count = np.count_nonzero(block == extreme[..., None], axis=-1)
    top = np.where(np.isnan(extreme), np.float32(-np.inf), sign * extreme)
    ends = ((0, 0), (NEAR_S, NEAR_S))
    around = sliding_window_view(np.pad(top, ends, constant_values=-np.inf), 2 * NEAR_S + 1, axis=1)
    again = np.count_nonzero(around == top[..., None], axis=-1) >= MEETINGS
    again &= around.max(axis=-1) == top
    lead, at = np.nonzero((again | (count >= run)) & np.isfinite(top))
    if not len(at):
        return found
    ceiling, near_tops = top[lead, at], around[lead, at]
    apart = np.diff(np.sort(block[lead, at], axis=1), axis=1)
    step_mv = np.where(apart > 0, apart, np.inf).min(axis=1)
    floor = ceiling - np.maximum(BELOW_MV, BELOW_STEPS * step_mv).astype(np.float32)

    def below(who: npt.NDArray[np.intp], apart_s: int) -> npt.NDArray[np.intp]:
        samples = sign * block[lead[who], at[who] + apart_s]
        under = (samples > floor[who, None]) & (samples != ceiling[who, None])
        return np.asarray(np.count_nonzero(under, axis=1))

    every = np.arange(len(at))
    own = below(every, 0)
    alone = (count[lead, at] >= run) & (count[lead, at] > PILE_ALONE * own)
    piled, others = count[lead, at].copy(), own.copy()
    for apart_s in (*range(-NEAR_S, 0), *range(1, NEAR_S + 1)):
        who = np.flatnonzero(~alone & (near_tops[:, apart_s + NEAR_S] > floor))
        others[who] += below(who, apart_s)
        same = near_tops[who, apart_s + NEAR_S] == ceiling[who]
        piled[who[same]] += count[lead[who[same]], at[who[same]] + apart_s]
    found[lead, at] = alone | (again[lead, at] & (piled > PILE * others))
    return found

"""What was found in stretches of a recording, put together around one of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.quality import MISSING, Quality
from ectopy.recordings.stretches import Stretch

Float32 = npt.NDArray[np.float32]


def states_around(
    qualities: dict[Stretch, Quality], around: Stretch, second: int
) -> npt.NDArray[np.uint8]:
    """Put the states of stretches' seconds together, all around one of them."""
    first, last = around.start // second, -(-around.stop // second)
    n_leads = len(next(iter(qualities.values())).states)
    out = np.full((n_leads, last - first), MISSING, dtype=np.uint8)
    for part, quality in qualities.items():
        here = part.begin // second
        begin, end = max(here, first), min(here + quality.states.shape[1], last)
        if begin < end:
            out[:, begin - first : end - first] = quality.states[:, begin - here : end - here]
    return out


def signal_around(signals: dict[Stretch, Float32], around: Stretch) -> Float32:
    """Put the signals of stretches together, all around one of them; a gap's are missing."""
    start, stop = around.start, around.stop
    n_leads = len(next(iter(signals.values())))
    out = np.empty((n_leads, stop - start), dtype=np.float32)
    for part, signal in signals.items():
        begin, end = max(part.begin, start), min(part.end, stop)
        if begin < end:
            inside = slice(begin - part.begin, end - part.begin)
            out[:, begin - start : end - start] = signal[:, inside] if part.recorded else np.nan
    return out

"""`Stretch`: the parts that a recording is worked on in, each with the samples around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Stretch:
    """Part of a recording, and what has to be read to work on it.

    Attributes
    ----------
    begin, end : int
        Its own samples: results are kept from the first to before the second.
    start, stop : int
        Its own samples with those around them that the results depend on.
    recorded : bool
        False where nothing was recorded in all of its own samples.
    """

    begin: int
    end: int
    start: int
    stop: int
    recorded: bool = True

    def own(self, samples: npt.NDArray[np.int64]) -> slice:
        """Tell which of some ascending samples are its own."""
        return slice(*np.searchsorted(samples, (self.begin, self.end)).tolist())

    def near(self, samples: npt.NDArray[np.int64]) -> slice:
        """Tell which of some ascending samples are its own or around it."""
        return slice(*np.searchsorted(samples, (self.start, self.stop)).tolist())


def stretches(
    n_samples: int,
    step: int,
    *,
    behind: int = 0,
    ahead: int = 0,
    recorded: Sequence[tuple[int, int]] | None = None,
) -> list[Stretch]:
    """Cut a recording into stretches, one after another, without a space between.

    Parameters
    ----------
    n_samples : int
        Length of the recording.
    step : int
        Most samples of a stretch; one that was not recorded may be longer.
    behind, ahead : int
        Samples before and after a stretch that its results depend on.
    recorded : sequence of (int, int), optional
        Where there is signal, as first sample and the one after the last, in order; what is
        between becomes a stretch of its own. By default everywhere.

    Returns
    -------
    list of Stretch
        None for a recording without samples.

    Examples
    --------
    >>> for part in stretches(1000, 400, behind=50, ahead=20):
    ...     print(part.begin, part.end, part.start, part.stop)
    0 400 0 420
    400 800 350 820
    800 1000 750 1000
    """
    runs = [(0, n_samples)] if recorded is None else recorded
    cuts: list[tuple[int, int, bool]] = []
    done = 0
    for begin, end in [*runs, (n_samples, n_samples)]:
        if begin > done:
            cuts.append((done, begin, False))
        cuts += [(at, min(at + step, end), True) for at in range(begin, end, step)]
        done = end
    return [
        Stretch(begin, end, max(begin - behind, 0), min(end + ahead, n_samples), there)
        for begin, end, there in cuts
    ]

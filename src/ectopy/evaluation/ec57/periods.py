"""The periods of an annotation file that excuse the other annotator's beats, as ``bxb`` has them.

These are ventricular fibrillation (``[`` to ``]``) and shutdown, where neither lead can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

_UNREADABLE: Final = 0x30  # WFDB signal quality: bits 4 and 5, leads 0 and 1 cannot be read
_OPEN: Final = np.iinfo(np.int64).max  # last sample of a period whose end the file does not mark
_NOT_YET: Final = -1  # bxb's end of a period before it has read one


@dataclass(frozen=True)
class Periods:
    """Periods of one annotation file.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n_periods,)
        First and last sample of each, in the order of the file.
    before : ndarray of int64, shape (n_periods,)
        How many of the file's beats stand before each.
    unended : bool
        Whether the file ends within the last of them.
    """

    first: Int64
    last: Int64
    before: Int64
    unended: bool

    @classmethod
    def of(cls, first: Int64, last: Int64, before: Int64, *, to_the_end: bool) -> Periods:
        """Collect periods.

        Parameters
        ----------
        first, last, before
            As the attributes; a ``last`` that is not marked is the largest integer.
        to_the_end : bool
            Whether a last period without an end reaches to the end of the record. If not, it keeps
            the end of the period before it and so holds nothing, unless it is the only one.
        """
        unended = len(last) > 0 and last[-1] == _OPEN
        if unended and not to_the_end and len(last) > 1 and last[-2] != _NOT_YET:
            last = np.append(last[:-1], last[-2])
        return cls(first, last, before, bool(unended))

    def hold(self, samples: Int64, following: Int64) -> Bool:
        """Whether each sample lies in one of the periods, as ``bxb`` finds out.

        It has read the file up to one beat after the next that it has to pair, and knows the two
        periods that it read last; older ones are forgotten.

        Parameters
        ----------
        samples : ndarray of int64, shape (n,)
            Beats of the other annotator.
        following : ndarray of int64, shape (n,)
            For each of them, the position of this annotator's next beat that has to be paired.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        inside = np.zeros(len(samples), dtype=bool)
        read = np.searchsorted(self.before, following + 1, side="right")
        for at in (read - 1, read - 2) if len(self.first) else ():
            known = np.flatnonzero(at >= 0)
            first, last = self.first[at[known]], self.last[at[known]]
            inside[known] |= (samples[known] >= first) & (samples[known] <= last)
        return inside

    def total(self, stop: int | None) -> int:
        """Sum the lengths, in samples; a period without an end counts up to ``stop`` if known."""
        ended = len(self.first) - self.unended
        total = int((self.last[:ended] - self.first[:ended]).sum())
        return total + (stop - int(self.first[-1]) if self.unended and stop is not None else 0)


def in_fibrillation(symbols: npt.NDArray[np.str_]) -> Bool:
    """Whether each annotation is a ``[``, or stands between one and its ``]``."""
    place = np.arange(1, len(symbols) + 1)
    opened = np.maximum.accumulate(np.where(symbols == "[", place, 0))
    closed = np.maximum.accumulate(np.where(symbols == "]", place, 0))
    return np.asarray(opened > closed)


def fibrillation(samples: Int64, inside: Bool, beat: Bool) -> Periods:
    """Find the periods of ventricular fibrillation.

    Parameters
    ----------
    samples : ndarray of int64, shape (n,)
        Where each annotation is.
    inside : ndarray of bool, shape (n,)
        From `in_fibrillation`.
    beat : ndarray of bool, shape (n,)
        Which of them are beats that are compared.
    """
    begins, ends = _edges(inside)
    last = np.append(samples, _OPEN)[ends]
    return Periods.of(
        samples[begins], last, np.cumsum(beat, dtype=np.int64)[begins], to_the_end=False
    )


def shutdown(
    samples: Int64,
    symbols: npt.NDArray[np.str_],
    subtypes: Int64 | None,
    inside: Bool,
    beat: Bool,
    window: int,
    *,
    to_the_end: bool,
) -> Periods:
    """Find the periods in which neither lead can be read.

    From a ``~`` that says so to the ``~`` that follows it. A single mark within the period, as the
    AHA database has, stands for all from a match window after the beat before it (or after the end
    of ventricular fibrillation) to a match window before the next annotation. Marks within
    ventricular fibrillation do not count.

    Parameters
    ----------
    samples, symbols, subtypes : ndarray, shape (n,)
        The annotations; without subtypes no mark says that it is one of shutdown.
    inside, beat
        As for `fibrillation`.
    window : int
        Match window in samples.
    to_the_end : bool
        As for `Periods.of`: ``bxb`` has it so for the reference and not for the test annotator.
    """
    unreadable = np.zeros(len(samples), dtype=bool)
    if subtypes is not None:
        unreadable = (symbols == "~") & ((subtypes & _UNREADABLE) == _UNREADABLE)
    marks = np.flatnonzero(unreadable & ~inside)
    _, ends = _edges(inside)
    ends = ends[ends < len(samples)]
    anchor = np.where(beat, samples, 0)
    anchor[ends] = samples[ends]
    anchor = np.maximum.accumulate(anchor)[marks]

    after = marks + 1
    next_sample = np.append(samples, _OPEN)[after]
    # The end of the file stands for the mark of an end.
    marked = np.append((symbols == "~") & ~unreadable, True)[after]
    last = np.where(marked, next_sample, next_sample - window)
    first = np.where(marked, samples[marks], np.minimum(anchor + window, last))
    return Periods.of(first, last, np.cumsum(beat, dtype=np.int64)[marks], to_the_end=to_the_end)


def _edges(inside: Bool) -> tuple[Int64, Int64]:
    """Where runs begin, and the place after each."""
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return edges[::2], edges[1::2]

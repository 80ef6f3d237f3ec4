"""`rhythm_of`: episodes of atrial fibrillation from beat times, with how sure each is."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.segments import segments
from ectopy.runtime.rhythm.settings import RhythmSettings
from ectopy.runtime.rhythm.smoothing import most_likely

Float64 = npt.NDArray[np.float64]

KINDS: Final = ("not AF", "AF", "not decided")
OTHER, AF, NOT_DECIDED = range(3)
"""Places in `KINDS`."""


@dataclass(frozen=True, eq=False)
class RhythmResult:
    """What beat times tell of the rhythm.

    Attributes
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        The beats.
    probability : ndarray of float64, shape (n_beats,)
        That the surroundings of a beat are fibrillation, not smoothed; NaN where nothing is
        decided.
    onset_s, end_s : ndarray of float64, shape (n_spans,)
        Spans that follow each other without a gap, from the first beat to the last.
    kind : ndarray of int, shape (n_spans,)
        Place of each in `KINDS`; neighbours differ.
    weights : str
        Name of the model.
    settings : RhythmSettings
        The definitions.

    Examples
    --------
    >>> rhythm = ectopy.rhythm(np.arange(600) * 0.8)
    >>> rhythm.af_s, rhythm.decided_s
    (0.0, 479.2)
    """

    times_s: Float64 = field(repr=False)
    probability: Float64 = field(repr=False)
    onset_s: Float64
    end_s: Float64
    kind: npt.NDArray[np.int64]
    weights: str
    settings: RhythmSettings

    @property
    def episodes(self) -> npt.NDArray[np.float64]:
        """Onset and end of each episode of fibrillation in seconds, shape (n_episodes, 2)."""
        own = self.kind == AF
        return np.stack([self.onset_s[own], self.end_s[own]], axis=1)

    @property
    def af_s(self) -> float:
        """Time in fibrillation, seconds."""
        return self._total(AF)

    @property
    def decided_s(self) -> float:
        """Time in which the rhythm was decided, seconds."""
        return self._total(AF) + self._total(OTHER)

    @property
    def not_decided_s(self) -> float:
        """Time in which it was not, seconds."""
        return self._total(NOT_DECIDED)

    @property
    def burden(self) -> float | None:
        """Share of the decided time that is fibrillation; None where nothing was decided."""
        return self.af_s / self.decided_s if self.decided_s > 0 else None

    @property
    def longest_s(self) -> float:
        """The longest episode in seconds, 0 without any."""
        return float(np.diff(self.episodes, axis=1).max(initial=0.0))

    def _total(self, kind: int) -> float:
        return round(float((self.end_s - self.onset_s)[self.kind == kind].sum()), 6)


def rhythm_of(
    times_s: npt.ArrayLike,
    *,
    settings: RhythmSettings | None = None,
    model: FibrillationModel | None = None,
    against: npt.ArrayLike | None = None,
) -> RhythmResult:
    """Find atrial fibrillation in beat times alone, by how irregular the RR intervals are.

    Flutter with a regular block and atrial tachycardia cannot be told from a regular rhythm, nor
    can a rhythm in 10 s.

    Parameters
    ----------
    times_s : array_like of float, shape (n_beats,)
        Times of all beats in seconds, ascending.
    settings : RhythmSettings, optional
        Shortest episode, gaps.
    model : FibrillationModel, optional
        By default the packaged one.
    against : array_like of float, shape (n_beats,), optional
        What else is known and speaks against fibrillation around each beat, as log-odds that are
        taken off what the beat times say.

    Returns
    -------
    RhythmResult

    Raises
    ------
    ConfigError
        If times do not ascend, or are not numbers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> irregular = np.cumsum(rng.uniform(0.4, 1.1, 400))
    >>> bool(ectopy.rhythm(irregular).burden > 0.9)
    True
    """
    settings, model = settings or RhythmSettings(), model or FibrillationModel.load()
    times = _checked(times_s)
    # What fills a recording that is shorter than an episode is one all the same.
    shortest_s = min(settings.af_shortest_s, float(times[-1] - times[0]) if len(times) else 0.0)
    known = np.zeros(len(times)) if against is None else np.asarray(against, dtype=np.float64)
    beats = np.full(len(times), np.nan)
    # Span by span: where it begins, and of which kind it is; the last one ends with the last beat.
    begin: list[Float64] = []
    kinds: list[npt.NDArray[np.int64]] = []
    enough = [
        (first, last)
        for first, last in segments(times, settings.rhythm_gap_s)
        if last - first >= settings.af_fewest_beats
    ]
    if len(times) and not (enough and enough[0][0] == 0):
        begin.append(times[:1])
        kinds.append(np.array([NOT_DECIDED]))
    for first, last in enough:
        own = times[first:last]
        at, logits = model.score(own)
        off = known[first:last]
        said = np.interp(own, at, logits)
        said = np.where(off > 0, model.evidence(said) - off, said)  # what is known outweighs it
        beats[first:last] = 1 / (1 + np.exp(-said))
        evidence = model.evidence(logits) - off[np.searchsorted(own, at)]
        there = most_likely(evidence, float(model.manifest["change_cost"]))
        onsets, course = _course(own, at, there, shortest_s)
        begin.append(onsets)
        kinds.append(course)
        if last < len(times):  # until the next run that is long enough
            begin.append(own[-1:])
            kinds.append(np.array([NOT_DECIDED]))
    onset, kind = _joined(begin, kinds)
    end = np.append(onset[1:], times[-1:]) if len(onset) else onset
    return RhythmResult(times, beats, onset, end, kind, model.name, settings)


def _checked(times_s: npt.ArrayLike) -> Float64:
    given = np.asarray(times_s)
    if given.dtype.kind not in "iufb":
        raise ConfigError(
            f"beat times are {reprlib.repr(times_s)}, expected a list of seconds; "
            "ectopy rhythm FILE reads a file"
        )
    times = given.astype(np.float64)
    if times.ndim != 1:
        raise ConfigError(f"beat times have shape {times.shape}, expected one list of seconds")
    if not np.isfinite(times).all():
        raise ConfigError(
            f"beat time {int(np.argmin(np.isfinite(times)))} is not a number, expected seconds"
        )
    back = np.flatnonzero(np.diff(times) <= 0)
    if len(back):
        at = int(back[0]) + 1
        raise ConfigError(
            f"beat {at} is at {times[at]:g} s, not after the one before it at {times[at - 1]:g} s; "
            "give times in ascending order, each beat once"
        )
    return times


def _course(
    own: Float64, at: Float64, there: npt.NDArray[np.bool_], shortest_s: float
) -> tuple[Float64, npt.NDArray[np.int64]]:
    """Give spans of a run of beats: a change is at the beat half way between two places."""
    change = np.flatnonzero(there[1:] != there[:-1])
    middle = (at[change] + at[change + 1]) / 2
    edges = own[np.minimum(np.searchsorted(own, middle), len(own) - 1)]
    onset = np.append(own[0], edges)
    kind = np.append(there[:1], there[change + 1]).astype(np.int64)
    length = np.diff(np.append(onset, own[-1]))
    kind[(kind == AF) & (length < shortest_s)] = OTHER
    return onset, kind


def _joined(
    begin: list[Float64], kinds: list[npt.NDArray[np.int64]]
) -> tuple[Float64, npt.NDArray[np.int64]]:
    """Put spans in time order, and neighbours of one kind together."""
    if not begin:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    onset, kind = np.concatenate(begin), np.concatenate(kinds)
    lasting = np.append(np.diff(onset) > 0, True)
    onset, kind = onset[lasting], kind[lasting]
    first = np.append(True, kind[1:] != kind[:-1])
    return onset[first], kind[first]

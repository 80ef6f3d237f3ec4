"""Pacing spikes: a beat that a pacemaker made is neither normal nor ectopic.

A spike lasts 0.5 to 2 ms, and every recorder smooths it: a tape of 1980 to 15 ms. What is left of
it rises out of a calm stretch and bends more sharply than anything else around the beat. Where the
recorder is slow the R wave of a narrow QRS can do the same, so the spike also has to be followed by
the wide, slow QRS of a paced ventricle; where it is fast (`FINE_HZ`) the edges are shorter than
any that a heart makes, and a narrow QRS may follow (atrial pacing). Several leads have to agree on
the instant where there are many. Below `SLOWEST_HZ` nothing is left, and nothing is said.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.segments import segments

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

SLOWEST_HZ: Final = 200.0
FINE_HZ: Final = 400.0
"""Rate from which a step of 2 ms tells an edge that electronics made from the R wave."""

SEARCH_S: Final = (0.25, 0.05)
"""From an atrial spike before the R peak to one that falls into the QRS; often the spike is what
the R peak was marked on."""
AROUND_S: Final = 0.2  # after the R peak, until the end of a wide QRS: what a spike is set against

COARSE_S: Final = 0.0055  # over which sharpness (the second difference) is taken on a slow recorder
COARSE_REACH_S: Final = 0.016  # to either side, what belongs to the spike
FINE_S: Final = 0.002
FINE_REACH_S: Final = 0.008

ALONE: Final = 3.5
"""Times the sharpest of the rest of the beat. Medians of the paced beats of MIT-BIH's four records
in their better lead: 4.0 (107) to 13.6 (104); of the beats of its DS1, 3.5 at most (114)."""
CALM_S: Final = (0.06, 0.015)
CALM: Final = 0.2
"""Of the sharpness: how much the signal moves before the spike, from 60 to 15 ms. Paced: 0.03 to
0.13 in the median; an R wave rises more slowly, and the medians of DS1 are 0.16 to 6."""
SLOW_S: Final = (0.025, 0.145)
SLOW: Final = 0.6
"""Of the sharpness: how much the signal moves after it, in the QRS that the spike made. Paced: 0.56
to 3.4 in the median; after a narrow QRS 0.1 to 0.9."""
FIRST: Final = 0.7  # of the sharpest: an edge as sharp as this, and earlier, begins the spike
FLOOR_MV: Final = 0.004  # of sharpness: one step of an 8-bit recorder

TOGETHER_S: Final = 0.002  # between a spike in one lead and in another
VOTE: Final = 4
"""Of so many leads, one has to show the spike at the same instant; where there are three or more,
at least two: two of six, three of twelve, one of one or two."""

_CHUNK: Final = 500_000  # samples of segments at a time, so that they stay in the processor's cache
_NOWHERE: Final = np.iinfo(np.int64).max // 2


def spikes(signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> Bool:
    """Tell which beats have a pacing spike before them.

    Parameters
    ----------
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        ECG as recorded, not filtered.
    fs_hz : float
        Sampling rate; below `SLOWEST_HZ` no beat has a spike.
    r_peaks : ndarray of int64, shape (n_beats,)
        R peaks.

    Returns
    -------
    ndarray of bool, shape (n_beats,)

    Examples
    --------
    >>> from ectopy.beats.detection import spikes
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> np.count_nonzero(spikes(recording.read(), recording.fs_hz, reference.samples)).item()
    0
    """
    found = np.zeros(len(r_peaks), dtype=bool)
    if fs_hz < SLOWEST_HZ or not len(r_peaks):
        return found
    step = max(1, int(_CHUNK / (sum(SEARCH_S) * fs_hz)))
    for start in range(0, len(r_peaks), step):
        own = slice(start, start + step)
        places = np.stack([_places(lead, fs_hz, r_peaks[own]) for lead in signal_mv])
        found[own] = _agreed(places, fs_hz)
    return found


def _agreed(places: Int64, fs_hz: float) -> Bool:
    """Tell where enough leads, shape (n_leads, n_beats), have a spike at the same instant."""
    needed = 1 if len(places) < 3 else max(2, len(places) // VOTE)
    if needed == 1:
        return np.asarray((places < _NOWHERE).any(axis=0))
    order = np.sort(places, axis=0)
    apart = order[needed - 1 :] - order[: len(order) - needed + 1]
    together = (apart <= round(TOGETHER_S * fs_hz)) & (order[needed - 1 :] < _NOWHERE)
    return np.asarray(together.any(axis=0))


def _places(lead: Float32, fs_hz: float, r_peaks: Int64) -> Int64:
    """Sample of the spike of each beat, `_NOWHERE` where there is none."""
    coarse = max(1, round(COARSE_S * fs_hz))
    at = _spikes(lead, fs_hz, r_peaks, coarse, round(COARSE_REACH_S * fs_hz), slow=True)
    if fs_hz >= FINE_HZ:
        fine = max(1, round(FINE_S * fs_hz))
        reach = round(FINE_REACH_S * fs_hz)
        at = np.minimum(at, _spikes(lead, fs_hz, r_peaks, fine, reach, slow=False))
    return at


def _spikes(
    lead: Float32, fs_hz: float, r_peaks: Int64, step: int, reach: int, *, slow: bool
) -> Int64:
    begin, end, rest = (round(seconds * fs_hz) for seconds in (*SEARCH_S, AROUND_S))
    bend = _bend(lead, r_peaks - begin, begin + end, step)
    at = bend.argmax(axis=1)
    top = bend[np.arange(len(bend)), at]
    if not slow:  # the first of two like edges: of a block, or of an atrial spike and another
        at = (bend >= FIRST * top[:, None]).argmax(axis=1)
        top = bend[np.arange(len(bend)), at]
    place = at + r_peaks - begin
    # Most beats fall here; the few that pass are looked at more closely.
    likely = np.flatnonzero(_moves(lead, place, fs_hz, -CALM_S[0], -CALM_S[1]) < CALM * top)
    if slow and len(likely):
        moved = _moves(lead, place[likely], fs_hz, *SLOW_S)
        likely = likely[moved > SLOW * top[likely]]
    out = np.full(len(r_peaks), _NOWHERE)
    if len(likely):
        whole = _bend(lead, r_peaks[likely] - begin, begin + rest, step)
        _set_aside(whole, at[likely], reach)
        if not slow:  # its own return (some recorders draw a block), or an atrial spike besides
            _set_aside(whole, whole.argmax(axis=1), reach)
        alone = likely[top[likely] > ALONE * (whole.max(axis=1) + FLOOR_MV)]
        out[alone] = place[alone]
    return out


def _bend(lead: Float32, starts: Int64, length: int, step: int) -> Float32:
    """Size of the second difference over so many samples from each start."""
    held = _known(segments(lead, starts - step, length + 2 * step))
    bend = 2 * held[:, step:-step]
    bend -= held[:, 2 * step :]
    bend -= held[:, : -2 * step]
    return np.abs(bend, out=bend)


def _moves(lead: Float32, at: Int64, fs_hz: float, begin_s: float, end_s: float) -> Float32:
    """Span of the signal between two times around each place."""
    begin, end = round(begin_s * fs_hz), round(end_s * fs_hz)
    return np.asarray(np.ptp(_known(segments(lead, at + begin, end - begin)), axis=1))


def _set_aside(bend: Float32, at: Int64, reach: int) -> None:
    """Put to nothing what lies around a place of each row."""
    around = at[:, None] + np.arange(-reach, reach + 1)
    np.put_along_axis(bend, around.clip(0, bend.shape[1] - 1), 0, axis=1)


def _known(rows: Float32) -> Float32:
    return rows if np.isfinite(rows).all() else np.nan_to_num(rows)

"""Episodes of a rhythm against the reference's, as ``epicmp`` compares them (EC57, EC38).

By episode: an episode is found where the other annotator has any part of one. By duration: the time
that both have over the time that one has. There is no tolerance at the edges. ``epicmp`` of the
WFDB software is the oracle of the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.evaluation.intervals import LEVEL, RESAMPLES, quantile_interval, resample_counts
from ectopy.recordings.rhythm_marks import Spans

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

FIGURES: Final = ("episode_se", "episode_ppv", "duration_se", "duration_ppv")


@dataclass(frozen=True)
class EpisodeCounts:
    """What one record gives, in ``epicmp``'s terms.

    Attributes
    ----------
    found, missed : int
        Reference episodes that the test has a part of, and those it has nothing of.
    right, wrong : int
        Test episodes that the reference has a part of, and those it has nothing of.
    reference, reference_overlap : int
        Samples of the reference episodes, and of what the test has of them.
    test, test_overlap : int
        Samples of the test episodes, and of what the reference has of them.
    """

    found: int
    missed: int
    right: int
    wrong: int
    reference: int
    reference_overlap: int
    test: int
    test_overlap: int


def compare_episodes(
    reference: Spans,
    test: Spans,
    *,
    stop: int,
    start: int = 0,
    shortest: int = 0,
    ignore_short: bool = False,
) -> EpisodeCounts:
    """Compare the episodes of one record.

    Parameters
    ----------
    reference, test : Spans
        Episodes at the same rate.
    stop, start : int
        End and begin of the comparison in samples (``-t``, ``-f``); an episode counts from where it
        overlaps it.
    shortest : int
        Samples; shorter episodes are neither found nor missed, neither right nor wrong (``-i``).
    ignore_short : bool
        Whether they do not count as what the other annotator has either (``-I``).

    Returns
    -------
    EpisodeCounts

    Raises
    ------
    ConfigError
        If there is nothing between ``start`` and ``stop``.
    """
    if not 0 <= start < stop:
        raise ConfigError(
            f"episodes are compared from sample {start} to {stop}, expected at least one sample"
        )

    def one_way(own: Spans, other: Spans) -> tuple[int, int, int, int]:
        if ignore_short:
            long = other.last - other.first >= shortest
            other = Spans(other.first[long], other.last[long])
        first, last = np.maximum(own.first, start), np.minimum(own.last, stop)
        counted = (own.last >= start) & (first < stop) & (last - first >= shortest)
        first, last = first[counted], last[counted]
        # Samples of the other's episodes before each moment; the difference is the overlap.
        overlap = _covered(other, last) - _covered(other, first)
        hit = int(np.count_nonzero(overlap))
        return hit, len(overlap) - hit, int((last - first).sum()), int(overlap.sum())

    found, missed, duration, overlap = one_way(reference, test)
    right, wrong, test_duration, test_overlap = one_way(test, reference)
    return EpisodeCounts(
        found, missed, right, wrong, duration, overlap, test_duration, test_overlap
    )


def _covered(spans: Spans, moments: Int64) -> Int64:
    """Count the samples within episodes before each moment."""
    if not len(spans):
        return np.zeros(len(moments), dtype=np.int64)
    before = np.append(0, np.cumsum(spans.last - spans.first))
    at = np.searchsorted(spans.first, moments, side="right")
    own = np.maximum(at - 1, 0)
    last = np.minimum(spans.last[own], moments) - spans.first[own]
    return np.where(at > 0, before[own] + last, 0)


def episode_statistics(
    counts: Mapping[str, EpisodeCounts],
    durations: Mapping[str, EpisodeCounts],
    fs_hz: Mapping[str, float],
    *,
    rng: np.random.Generator | None = None,
    level: float = LEVEL,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Report each record, all pooled (gross) and the mean over records (average).

    Parameters
    ----------
    counts, durations : mapping of str to EpisodeCounts
        By record: what episodes are counted from, and what durations are (which may be the same).
    fs_hz : mapping of str to float
        Rates of the records.
    rng : numpy.random.Generator, optional
        For the bootstrap over records; by default one seeded with 0.
    level, n_resamples
        Of the gross figures' intervals.

    Returns
    -------
    dict
        Ready for JSON: ``records``, ``gross`` and ``average`` with `FIGURES` as fractions, None
        where undefined; the counts; durations in seconds. ``gross`` adds ``intervals``.

    Raises
    ------
    ConfigError
        If there is no record.
    """
    if not counts:
        raise ConfigError("no record to take statistics of, expected at least one")
    rows = [astuple(one)[:4] for one in counts.values()]
    seconds = [[n / fs_hz[name] for n in astuple(one)[4:]] for name, one in durations.items()]
    table = np.concatenate([np.array(rows, float), np.array(seconds, float)], axis=1)
    each = _figures(table)
    pooled = table.sum(axis=0)
    # The bootstrap draws whole numbers: milliseconds are fine enough.
    fine = np.rint(table * np.array([1.0] * 4 + [1000.0] * 4)).astype(np.int64)
    generator = np.random.default_rng(0) if rng is None else rng
    drawn = _figures(
        resample_counts(fine, generator, over="records", n_resamples=n_resamples).astype(float)
    )
    gross = _entry(pooled, _figures(pooled))
    gross["intervals"] = {
        name: _interval(drawn[..., i], level) for i, name in enumerate(FIGURES)
    } | {"level": level, "over": "records"}
    defined = np.isfinite(each).sum(axis=0)
    mean = np.nansum(each, axis=0) / np.where(defined, defined, np.nan)
    average: dict[str, Any] = {name: _or_none(mean[i]) for i, name in enumerate(FIGURES)}
    average["records"] = {name: int(defined[i]) for i, name in enumerate(FIGURES)}
    return {
        "records": {name: _entry(table[i], each[i]) for i, name in enumerate(counts)},
        "gross": gross,
        "average": average,
    }


def _figures(table: Float64) -> Float64:
    """Give `FIGURES` of rows of counts, shape (..., 8) to (..., 4), NaN where undefined."""
    t = np.moveaxis(table, -1, 0)
    above = np.stack([t[0], t[2], t[5], t[7]], axis=-1)
    below = np.stack([t[0] + t[1], t[2] + t[3], t[4], t[6]], axis=-1)
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _entry(row: Float64, figures: Float64) -> dict[str, Any]:
    told: dict[str, Any] = {name: _or_none(figures[i]) for i, name in enumerate(FIGURES)}
    names = ("found", "missed", "right", "wrong")
    told |= {name: int(row[i]) for i, name in enumerate(names)}
    names = ("reference_s", "reference_overlap_s", "test_s", "test_overlap_s")
    return told | {name: round(float(row[4 + i]), 3) for i, name in enumerate(names)}


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _interval(drawn: Float64, level: float) -> list[float] | None:
    low, high = (float(bound) for bound in quantile_interval(drawn, level))
    return None if np.isnan(low) else [low, high]


def episode_table(statistics: Mapping[str, Any]) -> str:
    """Lay the statistics out: a line a record, gross with its intervals, average; percentages."""
    records = statistics["records"]
    width = max(len("Average"), *(len(name) for name in records))
    head = f"{'Record':<{width}} {'TPs':>5} {'FN':>5} {'TPp':>5} {'FP':>5}"
    head += f" {'E Se':>6} {'E +P':>6} {'D Se':>6} {'D +P':>6} {'ref h':>8} {'test h':>8}"
    lines = [head, *(_line(name, entry, width) for name, entry in records.items())]
    lines += ["-" * len(head), _line("Gross", statistics["gross"], width)]
    intervals = statistics["gross"]["intervals"]
    for place, side in enumerate(("  low", "  high")):
        bounds = [None if intervals[f] is None else intervals[f][place] for f in FIGURES]
        lines.append(f"{side:<{width}} {'':>23} " + " ".join(_percent(b) for b in bounds))
    mean = " ".join(_percent(statistics["average"][name]) for name in FIGURES)
    lines.append(f"{'Average':<{width}} {'':>23} {mean}")
    return "\n".join(lines) + "\n"


def _line(name: str, entry: Mapping[str, Any], width: int) -> str:
    numbers = " ".join(f"{entry[key]:>5}" for key in ("found", "missed", "right", "wrong"))
    shares = " ".join(_percent(entry[key]) for key in FIGURES)
    hours = " ".join(f"{entry[key] / 3600:>8.3f}" for key in ("reference_s", "test_s"))
    return f"{name:<{width}} {numbers} {shares} {hours}"


def _percent(fraction: float | None) -> str:
    return f"{'-':>6}" if fraction is None else f"{100 * fraction:6.2f}"

"""The section about rhythm: how long each kind, and the episodes with their strips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ectopy.analysis.report.rhythm_style import fill, style
from ectopy.analysis.report.rhythm_words import NOT_SEEN
from ectopy.analysis.report.strip_choice import Strip
from ectopy.analysis.result import Result
from ectopy.runtime.rhythm.kinds import AF, KEYS, RHYTHMS, VF

LISTED: Final = (VF, AF)
"""Rhythms whose episodes are listed, the most serious first; what runs of ectopic beats make is
listed as runs."""


@dataclass(frozen=True)
class Episode:
    """One episode of a rhythm.

    Attributes
    ----------
    onset_s, end_s : float
        From when to when.
    rate_bpm : float or None
        Mean of the RR intervals in good signal.
    longest : bool
        Whether it is the longest of its kind.
    strips : list of tuple of str and int
        What is shown of it (``onset``, ``end``), and by which strip.
    """

    onset_s: float
    end_s: float
    rate_bpm: float | None
    longest: bool
    strips: list[tuple[str, int]]


@dataclass(frozen=True)
class EpisodeList:
    """The episodes of one rhythm that are listed, in order of time, and how many there are."""

    title: str
    rows: list[Episode]
    total: int


def rhythm_section(result: Result, strips: Sequence[Strip]) -> dict[str, Any] | None:
    """Give what the section shows; None of an empty recording."""
    told = result.summary.rhythm
    if not told.kinds:
        return None
    kinds = [
        {
            "of": one,
            "letters": style(KEYS.index(one.key)).letters,
            "fill": fill(KEYS.index(one.key)),
            "means": RHYTHMS[KEYS.index(one.key)].means,
        }
        for one in told.kinds
    ]
    return {
        "kinds": kinds,
        "lists": list(_lists(result, strips)),
        "not_seen": NOT_SEEN,
        "name": result.name,
    }


def _lists(result: Result, strips: Sequence[Strip]) -> Iterator[EpisodeList]:
    most = result.summary.settings.listed
    for kind in LISTED if most else ():
        spans = result.rhythm.episodes(kind)
        if not len(spans):
            continue
        lasting = spans[:, 1] - spans[:, 0]
        longest = np.argsort(-lasting, kind="stable")
        chosen = longest[: (most + 1) // 2].tolist()  # the longest, then the first of the others
        chosen += [at for at in range(len(spans)) if at not in chosen][: most - len(chosen)]
        rows = [
            Episode(
                onset,
                end,
                _rate(result, onset, end),
                at == longest[0] and len(spans) > 1,
                _shown(onset, end, strips),
            )
            for at in sorted(chosen)
            for onset, end in [spans[at].tolist()]
        ]
        title = RHYTHMS[kind].title
        yield EpisodeList(title[0].upper() + title[1:], rows, len(spans))


def _rate(result: Result, onset_s: float, end_s: float) -> float | None:
    intervals = result.intervals
    here = slice(*np.searchsorted(intervals.times_s, [onset_s, end_s]))
    rr = intervals.rr_s[here][intervals.clear[here] & ~np.isnan(intervals.rr_s[here])]
    return 60 / float(rr.mean()) if len(rr) else None


def _shown(onset_s: float, end_s: float, strips: Sequence[Strip]) -> list[tuple[str, int]]:
    """Find the strips that show onset and end; one that shows both is named once."""
    found: dict[int, str] = {}
    for what, at in (("onset" if onset_s > 0 else "start", onset_s), ("end", end_s)):
        shows = (i for i, s in enumerate(strips, 1) if s.start_s <= at <= s.stop_s)
        number = next(shows, None)
        if number is not None:
            found[number] = "" if number in found else what
    return [(what, number) for number, what in found.items()]

"""The Poincaré plot: which pairs there are, how far they spread, and where they are drawn."""

import re

import numpy as np
import pytest

from ectopy.analysis.events import Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.report.poincare import KINDS, beyond, pairs, poincare
from ectopy.classes import AAMI, COLOURS


def rhythm(rr_ms: np.ndarray, letters: str = "", uncertain: tuple[int, ...] = ()) -> Intervals:
    n = len(rr_ms) + 1
    classes = np.array([AAMI.index(x) for x in letters or "N" * n], dtype=np.int64)
    doubt = np.zeros(n, dtype=bool)
    doubt[list(uncertain)] = True
    beats = LabelledBeats(
        np.round(np.r_[0, np.cumsum(rr_ms)]).astype(np.int64),
        classes,
        np.eye(5, dtype=np.float32)[classes],
        doubt,
        np.ones(n, dtype=np.float32),
        np.zeros(n, dtype=np.uint8),
        np.zeros(n, dtype=np.uint8),
    )
    return Intervals(beats, 1000.0, np.r_[np.nan, rr_ms / 1000], np.r_[False, np.ones(n - 1, bool)])


def test_a_pair_is_of_the_most_telling_of_its_three_beats() -> None:
    found = pairs(rhythm(np.full(9, 800.0), "NNNVNNSNNN", uncertain=(8,)))
    told = "".join(KINDS[kind][0] for kind in found.kind)
    assert told == "NVVVSSSo"


def test_a_lost_interval_is_in_no_pair() -> None:
    one = rhythm(np.arange(800.0, 880.0, 10.0))
    one.rr_s[4] = np.nan
    found = pairs(one)
    assert found.first_ms.tolist() == [800, 810, 840, 850, 860]
    assert (found.second_ms - found.first_ms).tolist() == pytest.approx([10] * 5)
    one.clear[7] = False
    assert pairs(one).first_ms.tolist() == [800, 810, 840]


def test_the_spread_is_what_its_definition_says() -> None:
    rr_ms = np.random.default_rng(0).normal(800, 40, 4000)
    across, along = pairs(rhythm(rr_ms)).spread or (0, 0)
    # Brennan, Palaniswami and Kamen 2001: from RMSSD and SDNN.
    rmssd, sdnn = np.sqrt(np.mean(np.diff(rr_ms) ** 2)), rr_ms.std(ddof=1)
    assert across == pytest.approx(rmssd / np.sqrt(2), rel=2e-3)
    assert along == pytest.approx(np.sqrt(2 * sdnn**2 - rmssd**2 / 2), rel=2e-3)
    assert pairs(rhythm(rr_ms[:30])).spread is None


def test_pairs_are_drawn_where_they_are() -> None:
    letters = "N" * 40 + "V" + "N" * 40
    rr_ms = np.full(80, 800.0)
    rr_ms[39:41] = 500, 1100
    svg = poincare(pairs(rhythm(rr_ms, letters)))
    ticks = {
        int(tick): float(x)
        for x, tick in re.findall(r'<text x="([\d.]+)" y="389" [^>]*>(\d+)<', svg)
    }
    one_ms = (ticks[1000] - ticks[600]) / 400

    def places(letter: str) -> set[tuple[int, int]]:
        colour = COLOURS[AAMI.index(letter)]
        found = set()
        for path in re.findall(rf'<path d="([^"]*)" stroke="{colour}"', svg):
            for x, y in re.findall(r"M([\d.]+) ([\d.]+)h3(?=M|$)", path):
                first = 600 + (float(x) + 1.5 - ticks[600]) / one_ms
                bottom = 12 + 360 - float(y)
                second = min(ticks) + (bottom - (ticks[min(ticks)] - 58)) / one_ms
                found.add((round(first, -2), round(second, -2)))
        return found

    assert places("N") == {(800, 800)}
    assert places("V") == {(800, 500), (500, 1100), (1100, 800)}
    assert "ellipse" in svg


def test_what_lies_beyond_the_axes_is_counted_not_drawn() -> None:
    rr_ms = np.r_[np.full(40, 800.0), 3000.0, np.full(40, 800.0)]
    assert beyond(pairs(rhythm(rr_ms))) == 2

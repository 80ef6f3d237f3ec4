"""Every column that the beat model reads has one name and one group, and the right ones."""

from __future__ import annotations

import numpy as np
import pytest

from ectopy.beats.features import groups
from ectopy.beats.features import prematurity as sinus
from ectopy.beats.features import rr_intervals as rhythm
from ectopy.beats.features.context import from_canonical
from ectopy.beats.features.fibrillation_gate import N_GATED, gated
from ectopy.beats.features.shape import BEFORE, LENGTH, N_MEASURES, WAVES_S, OwnMeasures

RATE_HZ = 128


@pytest.mark.parametrize("two_sided", [False, True])
def test_every_column_belongs_to_exactly_one_group(two_sided: bool) -> None:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(2, 6000)).astype(np.float32)
    made = from_canonical(signal, np.arange(100.0, 5900, 100), two_sided=two_sided)
    names = groups.columns(two_sided)
    assert made.shape[1] == len(names)
    assert len({column.name for column in names}) == len(names)
    assert (groups.members(names).sum(axis=0) == 1).all()
    assert groups.members(names).any(axis=1).all()
    both = gated(made, np.zeros(len(made), np.float32))
    assert both.shape[1] == len(names) + len(groups.gate_columns())
    assert len(groups.gate_columns()) == N_GATED
    assert (groups.members(groups.gate_columns()).sum(axis=0) == 1).all()


def test_what_the_past_tells_the_whole_recording_tells_too() -> None:
    assert {*groups.columns(False)} < {*groups.columns(True)}


def irregular(n: int = 500) -> np.ndarray:
    return np.cumsum(np.random.default_rng(1).uniform(0.4, 1.2, n))


@pytest.mark.parametrize("beat", [260, 399])
def test_prematurity_needs_no_later_beat_and_the_pause_does(beat: int) -> None:
    """Let all later beats come later: what is of the interval before must not move."""
    times = irregular()
    moved = times.copy()
    moved[beat + 1 :] += 0.13
    for make, columns in (
        (rhythm.rhythm, groups.rhythm_columns(False)),
        (sinus.sinus, groups.sifted_columns()),
    ):
        changed = np.abs(make(moved)[beat] - make(times)[beat]) > 1e-6
        of = np.array([column.group for column in columns])
        assert not changed[of == "prematurity"].any()
        assert changed[of == "pause"].all()


def test_what_is_of_the_rhythm_hardly_knows_the_interval_before() -> None:
    """Let one beat come early, and all later ones with it: every column of prematurity moves."""
    times, beat = np.cumsum(np.full(400, 0.8)), 300
    moved = times.copy()
    moved[beat:] -= 0.3
    # What counts early beats in a row moves only once it is early: and it is.
    for make, columns in (
        (lambda t: rhythm.rhythm(t, rhythm.marks(t)), groups.rhythm_columns(True)),
        (sinus.sinus, groups.sifted_columns()),
    ):
        step = np.abs(make(moved)[beat] - make(times)[beat])
        of = np.array([column.group for column in columns])
        assert (step[of == "prematurity"] > 0.05).all()
        # The rest looks at this interval as one of many, if at all.
        assert step[of == "rhythm"].max() < step[of == "prematurity"].max()


def beats(seed: int = 0) -> np.ndarray:
    """Three beats with waves, and a little noise."""
    t = (np.arange(LENGTH) - BEFORE) / RATE_HZ
    one = sum(
        height * np.exp(-0.5 * ((t - at) / sd) ** 2)
        for height, at, sd in ((0.15, -0.17, 0.02), (1, 0, 0.015), (0.3, 0.25, 0.05))
    )
    noise = 0.01 * np.random.default_rng(seed).normal(size=(LENGTH, 3))
    return (one[:, None] + noise).astype(np.float32)


@pytest.mark.parametrize(
    ("wave", "allowed"),
    [("P", {"p_wave"}), ("QRS", {"qrs_width", "qrs_shape"}), ("ST, T", {"st_t"})],
)
def test_a_wave_moves_its_own_groups(wave: str, allowed: set[str]) -> None:
    near, usual = beats(), beats(1)[:, :1]
    begin, end = (round(at * RATE_HZ) + BEFORE for at in WAVES_S[wave])
    other = near.copy()
    bump = np.hanning(end + 1 - begin) * np.sin(np.linspace(0, 5, end + 1 - begin))
    other[begin : end + 1, 1] += bump
    plain, changed = (
        OwnMeasures(rows, np.ones(rows.shape[1], dtype=bool)).against(usual)[0][:, 0]
        for rows in (near, other)
    )
    moved = np.flatnonzero(np.abs(changed - plain) > 1e-4)
    names = [groups.MEASURES[place] for place in moved]
    whole = "likeness of the whole beat to the usual one"
    # The width is measured over 44 samples, which reach into the waves beside the QRS.
    wide = {"qrs width", "qrs width against the usual beat"} if wave != "QRS" else set()
    left = [column for column in names if column.name not in {whole, *wide}]
    assert {column.group for column in left} == allowed
    assert whole in {column.name for column in names}


def test_places_told_in_words_are_what_they_are_called() -> None:
    assert len(groups.MEASURES) == N_MEASURES
    for place, name in (
        (groups.QRS_LIKENESS, "qrs likeness to the usual beat"),
        (groups.P_LIKENESS, "p likeness to the usual beat"),
        (groups.P_SIZE, "p size"),
        (groups.ST_T_DIFFERENCE, "st and t difference from the usual beat"),
        (groups.QRS_HEIGHT, "qrs height against the usual beat"),
        (groups.WIDTH, "qrs width"),
        (groups.SLOPE, "qrs slope against the usual beat"),
    ):
        assert groups.MEASURES[place].name == name
    steady = np.cumsum(np.full(200, 0.8))
    early = steady.copy()
    early[150] -= 0.2  # one early beat with a full pause
    told = sinus.sinus(early)[150]
    assert np.exp(told[groups.DUE]) == pytest.approx(0.75, abs=0.01)
    assert np.exp(told[groups.PAUSE]) == pytest.approx(1.25, abs=0.01)
    assert np.exp(told[groups.BOTH_INTERVALS]) == pytest.approx(1, abs=0.01)
    assert sinus.sinus(steady)[150, groups.LARGE_STEPS] == pytest.approx(0, abs=1e-6)
    assert sinus.sinus(irregular())[400, groups.LARGE_STEPS] > 0.6

import numpy as np
import pytest

from ectopy.analysis.events import Event, Intervals, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.statistics import (
    count_classes,
    ectopy,
    heart_rate,
    pauses,
)
from ectopy.classes import AAMI

FS = 250.0


def rhythm(letters: str, rr_s: float | np.ndarray = 0.8, bad: tuple[int, ...] = ()) -> Intervals:
    """Make a rhythm of these beats; a small letter is an uncertain one."""
    n = len(letters)
    intervals = np.broadcast_to(np.asarray(rr_s, dtype=float), n - 1)
    samples = np.round(np.r_[1.0, 1.0 + np.cumsum(intervals)] * FS).astype(np.int64)
    classes = np.array([AAMI.index(letter.upper()) for letter in letters])
    beats = LabelledBeats(
        samples,
        classes,
        np.eye(5, dtype=np.float32)[classes],
        np.array([letter.islower() for letter in letters]),
        np.ones(n, dtype=np.float32),
        np.zeros(n, dtype=np.uint8),
    )
    states = np.zeros(int(samples[-1] / FS) + 2, dtype=np.uint8)
    states[list(bad)] = 3
    return measure(beats, FS, states, 250, Settings())


def kinds(found: list[Event], of: str) -> list[tuple[str, int, int]]:
    return [(event.kind, event.first, event.last) for event in found if event.of == of]


def test_rows_of_ectopic_beats() -> None:
    found = find_events(rhythm("NVNNVVNNSSSSNNSN"), Settings())
    assert kinds(found, "VEB") == [("single", 1, 1), ("couplet", 4, 5)]
    assert kinds(found, "SVEB") == [("run", 8, 11), ("single", 14, 14)]
    run = next(event for event in found if event.kind == "run")
    assert run.rate_bpm == pytest.approx(75)
    assert run.duration_s == pytest.approx(2.4)


def test_bigeminy_and_trigeminy() -> None:
    found = find_events(rhythm("NN" + "VN" * 3 + "NN" + "VNN" * 4 + "NN"), Settings())
    patterns = [item for item in kinds(found, "VEB") if item[0] != "single"]
    assert patterns == [("bigeminy", 2, 7), ("trigeminy", 10, 21)]
    assert sum(item[0] == "single" for item in kinds(found, "VEB")) == 7
    assert not [e for e in find_events(rhythm("NVNVNN"), Settings()) if e.kind == "bigeminy"]


def test_lost_signal_breaks_rows_and_is_no_pause() -> None:
    intervals = np.full(9, 0.8)
    intervals[4] = 3.0
    assert find_events(rhythm("NNNNVVNNNN", intervals), Settings())[-1].kind == "pause"
    broken = rhythm("NNNNVVNNNN", intervals, bad=(5,))
    assert np.isnan(broken.rr_s[5])
    assert kinds(find_events(broken, Settings()), "VEB") == [("single", 4, 4), ("single", 5, 5)]
    assert pauses(find_events(broken, Settings())).count == 0


def test_thresholds_are_settings() -> None:
    beats = rhythm("NVVVN", np.array([0.8, 1.8, 0.5, 0.8]))
    settings = Settings(run_beats=4, pause_s=1.5)
    assert [event.kind for event in find_events(beats, settings)] == ["pause", "couplet"]


def test_counts_of_one_origin() -> None:
    beats = rhythm("N" + "VVV" + "NN" + "VVVVV" + "N" * 20 + "V", 0.5)
    told = ectopy(beats, find_events(beats, Settings()), "V", 60, Settings())
    assert (told.certain, told.singles, told.couplets, told.runs) == (9, 1, 0, 2)
    assert told.beats_in_runs == 8
    assert told.tachycardias == 2
    assert told.longest_run is not None
    assert told.longest_run.beats == 5
    assert told.longest_run.rate_bpm == pytest.approx(120)


def test_heart_rate_over_rows_of_intervals() -> None:
    beats = rhythm("N" * 60, np.r_[np.full(20, 1.0), np.full(20, 0.5), np.full(19, 0.8)])
    rate = heart_rate(beats, Settings())
    assert rate.lowest is not None
    assert rate.highest is not None
    assert rate.lowest.bpm == pytest.approx(60)
    assert rate.highest.bpm == pytest.approx(120)
    assert rate.highest.time_s == pytest.approx(21, abs=0.01)
    assert rate.mean == pytest.approx(60 / np.nanmean(beats.rr_s), abs=0.05)


def test_a_rhythm_without_beats() -> None:
    none = measure(LabelledBeats.empty(), FS, np.zeros(0, dtype=np.uint8), 250, Settings())
    assert find_events(none, Settings()) == []
    assert heart_rate(none, Settings()).mean is None
    assert ectopy(none, [], "V", 0, Settings()).certain == 0
    assert ectopy(none, [], "V", 0, Settings()).per_hour is None
    assert {count.percent for count in count_classes(none).values()} == {None}


def test_burdens_are_over_certain_beats() -> None:
    beats = rhythm("NNNV" + "vvvv" + "ns")
    told = count_classes(beats)
    assert (told["V"].certain, told["V"].uncertain, told["V"].percent) == (1, 4, 25.0)
    assert (told["S"].certain, told["S"].uncertain, told["S"].percent) == (0, 1, 0.0)
    assert {count.percent for count in count_classes(rhythm("nnvvs")).values()} == {None}


@pytest.mark.parametrize(
    ("letters", "kind", "certain", "uncertain"),
    [
        ("NvN", "single", False, 1),
        ("NVvN", "couplet", False, 1),
        ("NVVVN", "run", True, 0),
        ("NVvVN", "run", False, 1),  # two certain beats are no run
        ("NVVvVN", "run", True, 1),
        ("N" + "VVV" + "v" * 3 + "N", "run", False, 3),  # half of it in doubt
        ("NN" + "Vn" + "VN" * 3 + "NN", "bigeminy", True, 1),
        ("NN" + "vN" * 3 + "NN", "bigeminy", False, 3),
    ],
)
def test_an_event_of_uncertain_beats_says_so(
    letters: str, kind: str, certain: bool, uncertain: int
) -> None:
    beats = rhythm(letters)
    events = find_events(beats, Settings())
    (event,) = (event for event in events if event.kind == kind)
    assert (event.certain, event.uncertain) == (certain, uncertain)
    told = ectopy(beats, events, "V", 60, Settings())
    counted = {"single": told.singles, "couplet": told.couplets, "run": told.runs}
    counted["bigeminy"] = told.bigeminy
    assert counted[kind] == certain
    assert told.uncertain_events[kind] == (not certain)
    assert (told.longest_run is not None) == (kind == "run" and certain)


def test_a_long_run_is_told_before_a_short_one_but_not_before_a_certain_one() -> None:
    beats = rhythm("N" + "VVV" + "N" + "vvvvvv" + "N" + "VVvVV" + "N", 0.5)
    told = ectopy(beats, find_events(beats, Settings()), "V", 60, Settings())
    assert told.longest_run is not None
    assert (told.longest_run.beats, told.longest_run.uncertain) == (5, 1)
    assert (told.runs, told.uncertain_events["run"], told.beats_in_runs) == (2, 1, 7)


def test_rates_are_from_good_signal_alone() -> None:
    intervals = np.r_[np.full(30, 1.0), np.full(30, 0.5)]
    bad = tuple(range(31, 60))
    beats = rhythm("N" * 61, intervals)
    states = np.zeros(60, dtype=np.uint8)
    states[list(bad)] = 1  # noise
    noisy = measure(beats.beats, FS, states, 250, Settings())
    assert heart_rate(noisy, Settings()).mean == pytest.approx(60, abs=0.1)
    noise = measure(beats.beats, FS, np.ones(60, dtype=np.uint8), 250, Settings())
    assert heart_rate(noise, Settings()).mean is None


def test_a_rate_per_hour_is_of_usable_signal_and_not_made_of_seconds() -> None:
    beats = rhythm("NV" * 50)
    assert ectopy(beats, [], "V", 59.9, Settings()).per_hour is None
    assert ectopy(beats, [], "V", 80, Settings()).per_hour == pytest.approx(50 * 3600 / 80)
    assert ectopy(beats, [], "V", 7200, Settings()).per_hour == 25

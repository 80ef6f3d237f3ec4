import numpy as np
import pytest

from ectopy.analysis.events import Intervals, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.report.strip_choice import Strip, choose
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.statistics import heart_rate
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.course import RhythmCourse

FS = 250.0


def rhythm(letters: str, rr_s: float | np.ndarray = 0.8, noisy: tuple[int, ...] = ()) -> Intervals:
    """Make a rhythm of these beats; a small letter is an uncertain one; some are in noise."""
    n = len(letters)
    intervals = np.broadcast_to(np.asarray(rr_s, dtype=float), n - 1)
    samples = np.round(np.r_[1.0, 1.0 + np.cumsum(intervals)] * FS).astype(np.int64)
    classes = np.array([AAMI.index(letter.upper()) for letter in letters])
    quality = np.zeros(n, dtype=np.uint8)
    quality[list(noisy)] = 1
    probabilities = 0.9 * np.eye(5, dtype=np.float32)[classes]
    uncertain = np.array([letter.islower() for letter in letters])
    strength = np.ones(n, dtype=np.float32)
    beats = LabelledBeats(samples, classes, probabilities, uncertain, strength, quality)
    states = np.zeros(int(samples[-1] / FS) + 2, dtype=np.uint8)
    return measure(beats, FS, states, 250, Settings())


def chosen(beats: Intervals, settings: Settings | None = None) -> list[Strip]:
    settings = settings or Settings()
    events = find_events(beats, settings)
    lasts = float(beats.times_s[-1]) + 1
    return choose(beats, events, RhythmCourse.nothing(lasts), lasts, settings)


def titled(strips: list[Strip], word: str) -> Strip:
    (found,) = (strip for strip in strips if word in strip.title.lower())
    return found


def test_the_example_is_certain_and_clean_before_it_is_likely() -> None:
    letters = list("N" * 200)
    letters[20], letters[80], letters[140] = "v", "V", "V"
    beats = rhythm("".join(letters), noisy=(78, 79, 81))
    beats.beats.probabilities[20, 2] = 0.99  # the likeliest, and uncertain
    beats.beats.probabilities[80, 2] = 0.95  # likelier than the third, between noisy beats
    strip = titled(chosen(beats), "veb")
    assert strip.start_s < beats.times_s[140] < strip.stop_s


@pytest.mark.parametrize(
    ("pattern", "title"),
    [("vvv", "veb run"), ("vv", "veb couplet"), ("vn" * 4, "veb bigeminy"), ("s", "sveb")],
)
def test_a_title_says_that_there_was_no_certain_example(pattern: str, title: str) -> None:
    doubtful = titled(chosen(rhythm("N" * 30 + pattern + "N" * 30)), title)
    assert "uncertain" in doubtful.title
    both = rhythm("N" * 30 + pattern + "N" * 30 + pattern.upper() + "N" * 30)
    strip = next(strip for strip in chosen(both) if title in strip.title.lower())
    assert "uncertain" not in strip.title
    assert strip.start_s < both.times_s[60 + len(pattern)] < strip.stop_s


@pytest.mark.parametrize("strips", [2, 3, 5, 14])
def test_the_lowest_and_highest_rate_never_fall_off_the_list(strips: int) -> None:
    # Something of everything, each far from the others.
    parts = ["VVV", "VVVVV", "SSS", "SSSS", "VV", "SS", "VN" * 4, "SN" * 4, "VNN" * 4, "SNN" * 4]
    letters = "".join("N" * 30 + part for part in [*parts, "V", "S", "F", "Q"]) + "N" * 60
    intervals = np.full(len(letters) - 1, 0.8)
    intervals[15] = 2.5  # a pause
    intervals[-40:-30], intervals[-20:-10] = 1.3, 0.5
    beats = rhythm(letters, intervals)
    found = chosen(beats, Settings(strips=strips))
    assert len(found) <= strips
    rate = heart_rate(beats, Settings())
    for word, moment in (("lowest", rate.lowest), ("highest", rate.highest)):
        assert moment is not None
        strip = titled(found, f"{word} heart rate")
        assert strip.start_s - 1e-6 <= moment.time_s < strip.stop_s


def test_runs_do_not_crowd_out_pauses() -> None:
    """Of 111 pauses three had a strip, of 174 slow runs fourteen."""
    letters = ("N" * 20 + "SSS" + "N" * 20) * 30
    intervals = np.full(len(letters) - 1, 0.8)
    intervals[10::43] = 3.0
    found = [strip.title for strip in chosen(rhythm(letters, intervals))]
    pauses = sum("ause:" in title for title in found)
    runs = sum("SVEB run" in title for title in found)
    assert len(found) == Settings().strips
    assert abs(pauses - runs) <= 2


def test_what_is_told_is_named_where_it_is_shown_already() -> None:
    letters = "N" * 40 + "VVVVVVVVVV" + "N" * 40
    intervals = np.full(len(letters) - 1, 0.8)
    intervals[39:49] = 0.4
    found = chosen(rhythm(letters, intervals))
    strip = titled(found, "highest heart rate")
    assert strip.title.startswith("Longest and fastest VEB run: 10 beats at 150/min; highest")
    starts = np.sort([strip.start_s for strip in found])
    assert (np.diff(starts) > 1).all()


def test_short_and_empty_rhythms() -> None:
    none = measure(LabelledBeats.empty(), FS, np.zeros(0, dtype=np.uint8), 250, Settings())
    assert choose(none, [], RhythmCourse.nothing(2.0), 2.0, Settings()) == [
        Strip("First seconds", 0.0, 2.0)
    ]
    assert choose(none, [], RhythmCourse.nothing(2.0), 2.0, Settings(strips=0)) == []
    (strip,) = chosen(rhythm("NNV"))
    assert (strip.start_s, strip.stop_s) == (0.0, pytest.approx(3.6, abs=0.01))

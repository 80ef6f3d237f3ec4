"""Each rhythm, from labelled beats to the summary."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.analysis.events import Intervals, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.rhythm.course import course_of
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.rhythm import rhythm
from ectopy.analysis.summary.rhythm_model import Rhythm
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.episodes import rhythm_of
from ectopy.runtime.rhythm.kinds import AF, KEYS, NONE, RHYTHMS, VF

FS_HZ = 250.0
Float64 = npt.NDArray[np.float64]


def intervals(
    letters: str,
    rr_s: npt.ArrayLike = 0.8,
    *,
    pacing: npt.NDArray[np.uint8] | None = None,
    bad: slice | None = None,
) -> Intervals:
    """Make beats of these classes, uncertain ones in small letters; ``bad`` seconds are noise."""
    n = len(letters)
    rr = np.broadcast_to(np.asarray(rr_s, dtype=float), n)
    samples = np.round(np.cumsum(rr) * FS_HZ).astype(np.int64)
    classes = np.array([AAMI.index(letter.upper()) for letter in letters], dtype=np.int64)
    states = np.zeros(int(samples[-1] / FS_HZ) + 2 if n else 1, dtype=np.uint8)
    if bad is not None:
        states[bad] = 1
    beats = LabelledBeats(
        samples,
        classes,
        np.full((n, 5), 0.02, dtype=np.float32) + 0.9 * np.eye(5, dtype=np.float32)[classes],
        np.array([letter.islower() for letter in letters], dtype=bool),
        np.ones(n, dtype=np.float32),
        states[np.minimum((samples // FS_HZ).astype(np.int64), len(states) - 1)],
        pacing=np.zeros(n, np.uint8) if pacing is None else pacing,
    )
    return measure(beats, FS_HZ, states, 250, Settings())


def end_s(own: Intervals) -> float:
    return float(own.times_s[-1]) + 1


def told(own: Intervals, **changed: float) -> tuple[RhythmCourse, Rhythm]:
    settings = Settings(**changed)  # type: ignore[arg-type]
    course = course_of(own, end_s(own), settings)
    whole(course, end_s(own))
    return course, rhythm(course, own, settings)


def whole(course: RhythmCourse, duration_s: float) -> None:
    """Check that spans follow each other from the beginning to the end, each of another kind."""
    assert course.onset_s[0] == 0
    assert course.end_s[-1] == duration_s
    assert (course.onset_s[1:] == course.end_s[:-1]).all()
    assert (course.end_s > course.onset_s).all()
    assert (np.diff(course.kind) != 0).all()
    known = course.probability[~np.isnan(course.probability)]
    assert ((known >= 0) & (known <= 1)).all()
    assert len(course.af_probability) == int(np.ceil(duration_s))


def order(course: RhythmCourse) -> list[str]:
    return [KEYS[kind] for kind in course.kind]


def irregular(n: int, rng: np.random.Generator) -> Float64:
    return np.clip(rng.gamma(12, 0.65 / 12, n), 0.3, 1.8)


def of(summary: Rhythm, key: str) -> tuple[int, float]:
    """Give episodes and seconds of a kind."""
    found = [one for one in summary.kinds if one.key == key]
    return (found[0].episodes, found[0].seconds) if found else (0, 0.0)


RUN = np.r_[np.full(60, 0.8), np.full(5, 0.4), np.full(60, 0.8)]
SLOW_RUN = np.r_[np.full(60, 0.8), np.full(5, 0.7), np.full(60, 0.8)]
N = "N" * 60


@pytest.mark.parametrize(
    ("letters", "rr_s", "key", "onset_s", "seconds"),
    [
        (N + "VVVVV" + N, RUN, "vt", 48.4, 5 * 0.4 + 0.4),
        (N + "VVVVV" + N, SLOW_RUN, "ivr", 48.7, 5 * 0.7 + 0.1),
        (N + "SSSSS" + N, RUN, "svt", 48.4, 5 * 0.4 + 0.4),
        (N + "VN" * 4 + N, 0.8, "b", 48.8, 8 * 0.8),
        (N + "VNN" * 4 + N, 0.8, "t", 48.8, 12 * 0.8),
        (N + "SN" * 4 + N, 0.8, "ab", 48.8, 8 * 0.8),
    ],
)
def test_what_ectopic_beats_make(
    letters: str, rr_s: npt.ArrayLike, key: str, onset_s: float, seconds: float
) -> None:
    course, summary = told(intervals(letters, rr_s))
    assert order(course) == ["sinus", key, "sinus"]
    assert course.onset_s[1] == pytest.approx(onset_s, abs=0.01)
    assert of(summary, key) == (1, pytest.approx(seconds, abs=0.01))
    assert course.probability[1] > 0.85
    # Doubtful beats make no rhythm; and what is too short is none.
    assert of(told(intervals(letters.lower().replace("n", "N"), rr_s))[1], key) == (0, 0)
    assert of(told(intervals(letters, rr_s), run_beats=6, pattern_cycles=5)[1], key) == (0, 0)


def test_runs_and_patterns_are_those_of_the_events(rng: np.random.Generator) -> None:
    letters = "".join(rng.choice(list("NNNNVVSvs"), 4000))
    own, settings = intervals(letters, rng.uniform(0.4, 0.9, 4000)), Settings()
    course = course_of(own, end_s(own), settings)
    whole(course, end_s(own))
    for event in find_events(own, settings):
        if event.kind == "run" and event.of == "VEB" and event.certain:
            fast = (event.rate_bpm or 0) >= settings.tachycardia_bpm
            at = np.searchsorted(course.onset_s, event.start_s, side="right") - 1
            if fast:
                assert KEYS[course.kind[at]] == "vt"
                assert course.onset_s[at] == pytest.approx(event.start_s)


@pytest.mark.parametrize(
    ("rr_s", "key"), [(1.3, "brady"), (0.5, "tachy"), (0.8, "sinus"), (1.15, "sinus")]
)
def test_slow_and_fast(rr_s: float, key: str) -> None:
    _, summary = told(intervals("N" * 200, rr_s))
    assert [one.key for one in summary.kinds] == [key]
    assert summary.kinds[0].percent == 100
    assert summary.kinds[0].rate_bpm == pytest.approx(60 / rr_s, abs=0.1)


def test_slow_and_fast_rhythms_last() -> None:
    rr = np.r_[np.full(100, 0.8), np.full(50, 0.5), np.full(100, 0.8)]
    assert order(told(intervals("N" * 250, rr))[0]) == ["sinus"]
    longer = np.r_[np.full(100, 0.8), np.full(150, 0.5), np.full(100, 0.8)]
    course, summary = told(intervals("N" * 350, longer))
    assert order(course) == ["sinus", "tachy", "sinus"]
    assert of(summary, "tachy")[1] == pytest.approx(75, abs=10)
    assert of(told(intervals("N" * 350, longer), fast_above_bpm=130)[1], "tachy") == (0, 0)


def test_fibrillation_goes_on_through_ventricular_runs(rng: np.random.Generator) -> None:
    rr = np.r_[np.full(300, 0.8), irregular(300, rng), np.full(6, 0.35), irregular(300, rng)]
    rr = np.r_[rr, np.full(300, 0.8)]
    letters = "N" * 600 + "V" * 6 + "N" * 600
    course, summary = told(intervals(letters, rr))
    assert order(course) == ["sinus", "af", "vt", "af", "sinus"]
    assert summary.fibrillation.episodes == 1
    assert of(summary, "af")[0] == 1
    around = course.end_s[3] - course.onset_s[1]
    assert summary.fibrillation.seconds == pytest.approx(around, abs=0.01)
    assert of(summary, "af")[1] == pytest.approx(around - (course.end_s - course.onset_s)[2])
    assert summary.fibrillation.longest is not None
    assert summary.fibrillation.longest.duration_s == summary.fibrillation.seconds
    assert summary.fibrillation.first_s == pytest.approx(course.onset_s[1], abs=0.01)
    assert summary.fibrillation.rate_outside == pytest.approx(75, abs=1)
    assert (summary.fibrillation.rate_inside or 0) > 85
    assert summary.fibrillation.percent == pytest.approx(
        100 * summary.fibrillation.seconds / summary.decided_s, abs=0.01
    )
    # A supraventricular run is part of it.
    assert "svt" not in order(told(intervals(letters.replace("V", "S"), rr))[0])


def test_early_beats_among_regular_ones_are_no_fibrillation(rng: np.random.Generator) -> None:
    """The beat times alone say so: runs of V beats of any coupling between few normal ones."""
    rr: list[float] = []
    letters: list[str] = []
    for _ in range(400):
        normal, early = int(rng.integers(2, 4)), int(rng.integers(1, 6))
        rr += [0.55] * normal + rng.uniform(0.3, 0.9, early).tolist()
        letters += ["N"] * normal + ["V"] * early
    unknown = told(intervals("N" * len(rr), rr))[1]
    assert unknown.fibrillation.seconds > 60
    known = told(intervals("".join(letters), rr))[1]
    assert known.fibrillation.seconds == 0
    # And in fibrillation with as many V beats, the others are irregular, which stays so.
    fibrillating = np.where(np.array(letters) == "V", rr, irregular(len(rr), rng))
    still = told(intervals("".join(letters), fibrillating))[1]
    assert still.fibrillation.percent is not None
    assert still.fibrillation.percent > 80


def test_gaps_noise_and_doubt_are_not_decided(rng: np.random.Generator) -> None:
    rr = np.full(400, 0.8)
    rr[200] = 60
    course, summary = told(intervals("N" * 400, rr))
    assert order(course) == ["sinus", "none", "sinus"]
    assert summary.not_decided_s == pytest.approx(60)
    assert summary.decided_s + summary.not_decided_s == pytest.approx(course.end_s[-1])
    assert of(summary, "none")[0] == 1
    assert next(one for one in summary.kinds if one.key == "none").percent is None
    assert np.isnan(course.af_probability[170:210]).all()
    doubtful = told(intervals("N" * 200 + "n" * 100 + "N" * 200))[0]
    assert order(doubtful) == ["sinus", "none", "sinus"]
    noisy = told(intervals("n" * 600, irregular(600, rng), bad=slice(200, 300)))[0]
    assert order(noisy) == ["af", "none", "af"]  # doubtful labels do not hide fibrillation
    assert len(noisy.episodes(AF)) == 2


def test_a_pause_in_good_signal_is_no_gap() -> None:
    rr = np.full(400, 0.8)
    rr[200] = 5.5
    assert order(told(intervals("N" * 400, rr))[0]) == ["sinus"]


def test_a_paced_rhythm_goes_before_what_looks_ventricular() -> None:
    pacing = np.zeros(300, np.uint8)
    pacing[100:200] = 2
    letters = "N" * 100 + "QV" * 25 + "V" * 50 + "N" * 100
    course, summary = told(intervals(letters, 0.5, pacing=pacing))
    assert of(summary, "paced") == (1, pytest.approx(50, abs=0.1))
    assert not {"vt", "b"} & {one.key for one in summary.kinds}
    pacing[100:200] = 1
    assert KEYS[told(intervals(letters, 0.5, pacing=pacing))[0].kind[1]] == "none"
    assert order(course)[0] == "tachy"


def test_ventricular_fibrillation_is_seen_in_the_signal_and_goes_before_all() -> None:
    own = intervals(N + "VVVVV" + N, RUN)
    course = course_of(own, end_s(own), Settings(), [[48.0, 60.5], [90.0, 200.0]])
    whole(course, end_s(own))
    assert order(course) == ["sinus", "vf", "sinus", "vf"]
    assert course.of(VF).tolist() == [[48.0, 60.5], [90.0, end_s(own)]]
    none = course_of(intervals(""), 30.0, Settings(), [[5.0, 20.0]])
    whole(none, 30.0)
    assert order(none) == ["none", "vf", "none"]


def test_short_strips_say_what_they_cannot_show(rng: np.random.Generator) -> None:
    _, summary = told(intervals("N" * 12))
    assert [one.key for one in summary.kinds] == ["sinus"]
    assert "30 beats" in summary.cannot_show[0]
    assert "30 s or more" in summary.cannot_show[1]
    _, uneven = told(intervals("N" * 12, irregular(12, rng)))
    assert [one.key for one in uneven.kinds] == ["none"]
    assert uneven.fibrillation.percent is None
    slow, _ = told(intervals("N" * 25, 1.5))  # too few for fibrillation, enough for a slow rhythm
    assert order(slow) == ["brady"]
    filled, summary = told(intervals("N" * 40, irregular(40, rng)))
    assert order(filled) == ["af"]
    assert summary.decided_s < 30
    assert summary.fibrillation.percent == 100
    assert "comes or goes" in summary.cannot_show[0]
    run, _ = told(intervals("NNNN" + "V" * 6 + "NNNN", np.r_[[0.8] * 4, [0.4] * 6, [0.8] * 4]))
    assert "vt" in order(run)


@pytest.mark.parametrize("letters", ["", "N", "NV", "VVV"])
def test_hardly_any_beats(letters: str) -> None:
    own = intervals(letters)
    course = course_of(own, 20.0, Settings())
    whole(course, 20.0)
    summary = rhythm(course, own, Settings())
    assert summary.decided_s + summary.not_decided_s == pytest.approx(20)


@given(
    st.text("NSVFQnsv", min_size=1, max_size=150),
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.lists(st.tuples(st.floats(0, 200), st.floats(0, 30)), max_size=3),
)
def test_spans_tile_any_recording(
    letters: str, seed: int, regular: bool, vf: list[tuple[float, float]]
) -> None:
    rng = np.random.default_rng(seed)
    n = len(letters)
    rr = np.full(n, 0.7) if regular else rng.choice([0.3, 0.5, 0.8, 1.5, 9.0], n)
    own = intervals(letters, rr, pacing=rng.integers(0, 3, n).astype(np.uint8))
    spans = np.array([(onset, onset + length) for onset, length in vf]).reshape(-1, 2)
    duration_s = end_s(own)
    course = course_of(own, duration_s, Settings(), spans)
    whole(course, duration_s)
    total = sum(course.seconds(kind) for kind in range(len(RHYTHMS)))
    assert total == pytest.approx(duration_s, abs=1e-3)
    assert course.decided_s == pytest.approx(duration_s - course.seconds(NONE), abs=1e-3)
    summary = rhythm(course, own, Settings())
    assert sum(one.seconds for one in summary.kinds) == pytest.approx(duration_s, abs=0.1)
    for kind in range(len(RHYTHMS)):
        episodes = course.episodes(kind)
        assert (episodes[1:, 0] >= episodes[:-1, 1]).all()


def test_a_day_costs_little_beside_the_trees(rng: np.random.Generator) -> None:
    letters = "".join(rng.choice(list("NNNNNNNNNVSn"), 100_000))
    own, settings = intervals(letters, rng.uniform(0.7, 0.8, 100_000)), Settings()
    course_of(intervals(N), 60.0, settings)
    begin = time.process_time()
    rhythm_of(own.times_s, settings=settings)
    between = time.process_time()
    course = course_of(own, end_s(own), settings)
    assert time.process_time() - between < between - begin + 0.6  # 0.05 to 0.09 s on an idle core
    assert course.decided_s > 0

"""What a strip's signal says, laid under what the beats' labels say."""

import numpy as np
import pytest

from ectopy.classes import AAMI
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import KEYS
from ectopy.runtime.rhythm.known_beats import KnownBeats
from ectopy.runtime.rhythm.strip_told import StripTold
from ectopy.runtime.rhythm.tell import tell


def said(kind: str, *, af: float = 0.05, decided: bool = True) -> StripTold:
    shares = dict.fromkeys(("sinus", "AF", "other", "noisy"), 0.1) | {kind: 0.7} | {"AF": af}
    return StripTold.model_validate({"kind": kind, "decided": decided, "probabilities": shares})


def course(
    letters: str, rr_s: np.ndarray | float, strip: StripTold | None, pacing: int = 0
) -> RhythmCourse:
    n = len(letters)
    classes = np.array([AAMI.index(letter) for letter in letters])
    times = np.cumsum(np.broadcast_to(rr_s, n))
    near = np.diff(times, prepend=times[0] - 0.8) < 5
    beats = KnownBeats(
        times,
        (0.02 + 0.9 * np.eye(5)[classes]).astype(np.float32),
        classes,
        np.zeros(n, dtype=bool),
        near,
        np.ones(n, dtype=bool),
        np.full(n, pacing, dtype=np.uint8),
    )
    return tell(beats, float(times[-1]) + 0.5, strip=strip)


def order(told: RhythmCourse) -> list[str]:
    return [KEYS[kind] for kind in told.kind]


@pytest.mark.parametrize(
    ("strip", "irregular", "regular"),
    [
        (said("AF", af=0.7), "af", "af"),
        (said("sinus"), "other", "sinus"),
        (said("other"), "other", "sinus"),
        (said("other", decided=False), "other", "sinus"),
        (said("other", af=0.2), "none", "sinus"),  # it is not excluded
        (said("AF", af=0.4, decided=False), "none", "sinus"),
        (said("noisy", decided=False), "none", "none"),
    ],
)
def test_the_strip_goes_before_beat_times(strip: StripTold, irregular: str, regular: str) -> None:
    rng = np.random.default_rng(0)
    uneven = np.clip(
        rng.gamma(12, 0.65 / 12, 80), 0.3, 1.8
    )  # beat times alone call it fibrillation
    assert order(course("N" * 80, uneven, None)) == ["af"]
    assert order(course("N" * 80, uneven, strip)) == [irregular]
    assert order(course("N" * 12, 0.8, strip)) == [regular]


def test_its_probability_is_that_of_the_spans() -> None:
    told = course("N" * 12, 0.8, said("AF", af=0.7))
    assert told.probability[0] == pytest.approx(0.7)
    assert set(told.af_probability) == {np.float32(0.7)}
    told = course("N" * 12, 0.8, said("sinus"))
    assert told.probability[0] == pytest.approx(0.92 * 0.95, abs=1e-3)
    assert np.isnan(course("N" * 12, 0.8, said("AF", af=0.4, decided=False)).af_probability).all()


def test_runs_and_pacing_go_before_fibrillation_and_gaps_part_it() -> None:
    rr = np.r_[np.full(8, 0.8), np.full(5, 0.4), np.full(8, 0.8)]
    assert order(course("N" * 8 + "V" * 5 + "N" * 8, rr, said("AF", af=0.7))) == ["af", "vt", "af"]
    run = course("N" * 8 + "V" * 5 + "N" * 8, rr, said("noisy", decided=False))
    assert order(run) == ["none", "vt", "none"]
    assert order(course("Q" * 20, 0.8, said("AF", af=0.7), pacing=2)) == ["paced"]
    # Two parts shorter than an episode: what is there is there, though nobody knows for how long.
    lost = np.r_[np.full(10, 0.8), 8.0, np.full(10, 0.8)]
    assert order(course("N" * 21, lost, said("AF", af=0.7))) == ["af", "none", "af"]

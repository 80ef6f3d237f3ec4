"""What was scored is remembered by what it depends on, and is what it would be afresh."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.runtime.rhythm import fibrillation
from ectopy.runtime.rhythm.fibrillation import FibrillationModel

Float64 = npt.NDArray[np.float64]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fibrillation, "BLOCK", 900)
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch, most: int = fibrillation.REMEMBERED) -> None:
    monkeypatch.setattr(fibrillation, "_LATELY", fibrillation._Lately(most))


def times(rng: np.random.Generator, n: int = 5000) -> Float64:
    return np.cumsum(rng.uniform(0.4, 1.1, n))


class Counted:
    """Counts the places that the trees are asked about."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.places = 0
        whole = FibrillationModel.logits

        def logits(model: FibrillationModel, measures: npt.NDArray[np.float32]) -> Float64:
            self.places += len(measures)
            return whole(model, measures)

        monkeypatch.setattr(FibrillationModel, "logits", logits)


def test_the_trees_are_not_asked_again(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, beats = Counted(monkeypatch), times(rng)
    at, logits = FibrillationModel.load().score(beats)
    assert counted.places == len(at)
    counted.places = 0
    again_at, again = FibrillationModel.load().score(beats.copy())
    assert counted.places == 0
    assert again.tobytes() == logits.tobytes()
    np.testing.assert_array_equal(again_at, at)


@pytest.mark.parametrize("where", [0, 2, 899, 900, 901, 1199, 1201, 2700, 4998])
def test_what_changed_is_scored_as_if_afresh(
    where: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, beats = FibrillationModel.load(), times(rng)
    model.score(beats)
    counted, changed = Counted(monkeypatch), beats.copy()
    changed[where + 1 :] += 0.25
    gone, one_more = np.delete(changed, where), np.insert(beats, where + 1, beats[where] + 0.2)
    found = [model.score(some) for some in (changed, gone, one_more)]
    assert 0 < counted.places < 3 * 1000  # blocks before the change are known
    for some, (at, logits) in zip((changed, gone, one_more), found, strict=True):
        forget(monkeypatch)
        at_afresh, afresh = model.score(some)
        assert (at.tobytes(), logits.tobytes()) == (at_afresh.tobytes(), afresh.tobytes())


def test_other_weights_have_a_memory_of_their_own(
    rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, beats = FibrillationModel.load(), times(rng, 100)
    model.score(beats)
    for path in model.files:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    counted = Counted(monkeypatch)
    FibrillationModel.load(tmp_path).score(beats)
    assert counted.places


def test_what_is_remembered_is_bounded_and_cannot_be_changed(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(monkeypatch, 3)
    model = FibrillationModel.load()
    for _ in range(5):
        model.score(times(rng, 300))
    assert len(fibrillation._LATELY._values) == 3
    beats = times(rng, 300)
    _, logits = model.score(beats)
    kept = logits.copy()
    logits += 1  # a caller's own
    np.testing.assert_array_equal(model.score(beats)[1], kept)

from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.reference import beat_times
from ectopy.errors import DataNotFoundError
from ectopy.recordings.annotations import Annotations, write_annotations
from ectopy.runtime.rhythm.episodes import rhythm_of
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.training.rhythm.copies import at_another_rate, disturbed
from ectopy.training.rhythm.examples import RhythmRecord, examples
from ectopy.training.rhythm.export import export
from ectopy.training.rhythm.fit import fit
from ectopy.training.rhythm.recipe import RhythmRecipe
from ectopy.training.rhythm.sources import ectopic_records, ltafdb, regular

SMALL = RhythmRecipe(places=150, disturbed=50, share=0.5, trees=20, leaves=8)


def record(name: str, rng: np.random.Generator) -> RhythmRecord:
    rr = np.concatenate(
        [
            0.8 + rng.normal(0, 0.01, 1000),
            np.clip(rng.gamma(12, 0.65 / 12, 1000), 0.3, 1.8),
            0.8 + rng.normal(0, 0.01, 1000),
        ]
    )
    times = np.cumsum(rr)
    return RhythmRecord(name, times, times[1000:1001], times[2000:2001])


def test_from_records_to_weights_that_find_the_episode(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    records = [record(name, rng) for name in "abcd"]
    drawn = examples(records[:3], SMALL, np.random.default_rng(0))
    again = examples(records[:3], SMALL, np.random.default_rng(0))
    assert all(
        (x == u).all() and (y == v).all() for (x, y), (u, v) in zip(drawn, again, strict=True)
    )
    assert all(0.2 < y.mean() < 0.8 for _, y in drawn)
    model = fit(drawn, SMALL, seed=0)
    manifest = {"name": "small", "bias": 0.0, "limit": 4.0, "change_cost": 16.0}
    assert export(model, tmp_path, manifest, drawn[0][0]) < 1e-4
    unseen = records[3]
    result = rhythm_of(unseen.times_s, model=FibrillationModel.load(tmp_path))
    assert result.weights == "small"
    assert len(result.episodes) == 1
    assert np.abs(result.episodes[0] - [unseen.onset_s[0], unseen.end_s[0]]).max() < 15


def test_a_disturbed_copy_has_its_beats_in_order(rng: np.random.Generator) -> None:
    times = record("a", rng).times_s
    found = disturbed(times, SMALL, rng)
    assert (np.diff(found) > 0.1).all()
    assert 0.9 < len(found) / len(times) < 1.1
    assert len(np.intersect1d(found, times)) < len(times) / 2


def test_the_rate_of_a_record_does_not_show(rng: np.random.Generator) -> None:
    times = np.rint(record("a", rng).times_s * 128) / 128
    ticks = {
        len(np.unique(np.round(np.diff(at_another_rate(times, 1 / 128, rng)), 5)))
        for _ in range(12)
    }
    assert len(ticks) > 2  # as fine as one rate or another
    moved = at_another_rate(times, 1 / 128, rng)
    assert np.abs(moved - times).max() < 1 / 128 + 1e-9


def test_beats_of_irregular_sinus_rhythm_are_left_out(rng: np.random.Generator) -> None:
    """Where early beats are marked as such, those between them are regular; in AF none are."""
    rr = 0.8 + rng.normal(0, 0.01, 1000)
    symbols = np.full(1001, "N")
    symbols[10:400:7] = "A"
    rr[9:399:7] -= 0.25  # early
    rr[600:800] = rng.uniform(0.4, 1.2, 200)
    times = np.append(0.0, np.cumsum(rr))
    marks = Annotations(np.rint(times * 250).astype(np.int64), symbols, 250.0, np.full(1001, ""))
    kept = regular(marks)
    assert np.isin(marks.samples[:580] / 250, kept).all()
    assert not ((kept > times[620]) & (kept < times[780])).any()


def test_sources_read_beats_and_episodes(tmp_path: Path) -> None:
    marks = Annotations(
        np.array([64, 100, 128, 256, 256, 384]),
        np.array(["N", "+", "N", "V", "~", "+"]),
        128.0,
        np.array(["", "(AFIB", "", "", "", "(N"]),
    )
    assert beat_times(marks).tolist() == [0.5, 1.0, 2.0]
    write_annotations(tmp_path, "7", marks, "atx")
    (tmp_path / "7.atx").rename(tmp_path / "7.atr")
    (found,) = ltafdb(tmp_path)
    assert found.name == "ltafdb 7"
    assert found.times_s.tolist() == [1.0, 2.0]  # before the first mark nothing is known
    assert found.inside(np.array([0.0, 0.8, 2.9, 3.0])).tolist() == [False, True, True, False]


def test_sources_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="Long-Term AF"):
        ltafdb(tmp_path)
    with pytest.raises(DataNotFoundError, match=r"101\.atr"):
        ectopic_records(tmp_path)

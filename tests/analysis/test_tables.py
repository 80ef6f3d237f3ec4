"""The tables of a result: what they hold is what the files hold, also of nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Hour
from ectopy.analysis.tables import Rhythms
from ectopy.classes import AAMI
from ectopy.errors import MissingExtraError
from ectopy.recordings.clock import Clock
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, NONE, SINUS


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = simulate(60, rng=np.random.default_rng(0))
    return analyze(recording)


def test_they_are_what_is_written(result: Result, tmp_path: Path) -> None:
    made = result.write(tmp_path, formats=("parquet", "rhythm_parquet", "events_parquet"))
    assert pq.read_table(made["rhythm_parquet"]).equals(result.rhythm.to_arrow())
    assert pq.read_table(made["parquet"]).equals(result.beats.to_arrow())
    assert pq.read_table(made["events_parquet"]).equals(result.events.to_arrow())


def test_beats_are_arrays_and_a_table(result: Result) -> None:
    frame = result.beats.to_pandas()
    np.testing.assert_array_equal(frame["sample"], result.beats.samples)
    np.testing.assert_array_equal(frame["class"].astype(str), result.beats.symbols)
    np.testing.assert_allclose(frame["time_s"], result.beats.samples / result.fs_hz, atol=1e-4)
    assert frame["rr_s"].isna().tolist()[:2] == [True, False]
    early = result.beats[result.beats.samples < 1000]  # arrays are selected as ever
    assert len(early) == (frame["sample"] < 1000).sum()


def test_rhythm_is_arrays_and_a_table(result: Result) -> None:
    course = RhythmCourse(
        np.array([0.0, 10.0, 40.0]),
        np.array([10.0, 40.0, 60.0]),
        np.array([SINUS, AF, NONE]),
        np.array([0.75, 0.5, np.nan], dtype=np.float32),
        np.full(60, np.nan, dtype=np.float32),
    )
    begun = Clock(datetime(2024, 5, 6, 23, 59, 55), 60)
    rows = Rhythms(course, begun).to_list()
    assert rows[1] == {
        "onset_s": 10.0,
        "end_s": 40.0,
        "duration_s": 30.0,
        "clock": "day 2 00:00:05",
        "rhythm": "af",
        "probability": 0.5,
    }
    assert rows[2]["probability"] is None
    assert Rhythms(course, Clock(None, 60)).to_pandas()["clock"].isna().all()
    rhythms = Rhythms(course, begun)
    assert repr(rhythms) == "<3 spans of rhythm: 20 s none, 10 s sinus, 30 s af>"
    # Each beat has the rhythm it is in; one at a change belongs to what begins there.
    assert rhythms.at([0, 9.99, 10, 39.9, 40, 61]).tolist() == [SINUS, SINUS, AF, AF, NONE, NONE]
    frame = replace(result, rhythm=rhythms).beats.to_pandas()
    inside = (frame["time_s"] >= 10) & (frame["time_s"] < 40)
    assert ((frame["rhythm"].astype(str) == "af") == inside).all()
    assert inside.sum() > 20


def test_events_and_hours_are_lists_and_tables(result: Result) -> None:
    frame = result.events.to_pandas()
    assert frame["kind"].tolist() == [event.kind for event in result.events]
    hours = result.hourly
    assert isinstance(hours[0], Hour)
    frame = hours.to_pandas()
    assert frame[list(AAMI)].sum().tolist() == [result.summary.classes[x].certain for x in AAMI]
    assert frame["uncertain"].sum() == result.summary.uncertain
    assert frame["hr_mean"][0] == hours[0].hr_mean


def test_a_loaded_result_has_the_same_tables(result: Result, tmp_path: Path) -> None:
    again = Result.load(result.save(tmp_path / "one.ectopy"))
    for rows, same in (
        (result.beats, again.beats),
        (result.rhythm, again.rhythm),
        (result.events, again.events),
    ):
        assert rows.to_arrow().equals(same.to_arrow())
    assert result.hourly.to_arrow().equals(again.hourly.to_arrow())


def test_nothing_found_gives_empty_tables() -> None:
    flat = analyze(np.zeros(2500), fs_hz=250)
    assert len(flat.beats.to_pandas()) == len(flat.events.to_pandas()) == 0
    assert flat.events.to_arrow().schema.field("start_s").type == "double"
    assert flat.hourly.to_pandas()[list(AAMI)].sum().sum() == 0
    assert repr(flat.beats) == "<0 beats: none; 0 uncertain>"


def test_beats_say_how_many_there_are(result: Result) -> None:
    assert repr(result.beats).startswith(f"<{len(result.beats)} beats: ")
    assert f"{np.count_nonzero(result.beats.symbols == 'V')} V" in repr(result.beats)


def test_without_pandas_one_sentence_says_so(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    for rows in (result.beats, result.rhythm, result.events, result.hourly):
        with pytest.raises(MissingExtraError, match="pip install pandas; or take to_arrow"):
            rows.to_pandas()
        assert rows.to_arrow().num_rows == len(rows)


def test_a_part_of_a_table_is_a_table(result: Result) -> None:
    for whole in (result.beats, result.events, result.hourly):
        assert whole[:3].to_arrow().equals(whole.to_arrow()[:3])
        assert len(whole[1:].to_pandas()) == len(whole) - 1
        assert type(whole[:2]) is type(whole)
    early = result.beats.samples < 5000
    assert result.beats[early].to_arrow().equals(result.beats.to_arrow().filter(early))
    assert repr(result.beats[:3]).startswith("<3 beats")

"""Hours add up to the recording, whether in one table or by day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from ectopy.analysis.report.hours import tables, whole
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.classes import AAMI
from ectopy.recordings.clock import Clock


def lasting(result: Result, hours: int, start: datetime | None = None) -> Result:
    """Make a result last so many hours: its first hour again and again, without strips."""
    first = result.summary.hours[0]
    summary = result.summary.model_copy(
        update={
            "hours": [first.model_copy(update={"hour": i}) for i in range(hours)],
            "settings": Settings(strips=0),
        }
    )
    samples = round(3600 * hours * result.fs_hz)
    return replace(result, summary=summary, n_samples=samples, start=start)


def test_every_hour_has_its_events(busy: Result) -> None:
    summary, hours = busy.summary, busy.summary.hours
    assert len(hours) == 2
    for field, count in (
        ("veb_couplets", summary.veb.couplets),
        ("veb_runs", summary.veb.runs),
        ("sveb_couplets", summary.sveb.couplets),
        ("sveb_runs", summary.sveb.runs),
        ("pauses", summary.pauses.count),
    ):
        assert sum(getattr(hour, field) for hour in hours) == count
        assert busy.hourly.to_arrow()[field].to_pylist() == [getattr(hour, field) for hour in hours]
    second = [e for e in busy.events if e.start_s >= 3600 and (e.of, e.kind) == ("VEB", "run")]
    assert hours[1].veb_runs == sum(event.certain for event in second) > 0


def test_a_day_is_one_table_with_its_sum(busy: Result) -> None:
    (table,) = tables(busy, Clock())
    assert table.total == whole(busy)
    assert table.total.counts["beats"] == busy.summary.beats
    for letter in AAMI:
        assert table.total.counts[letter] == busy.summary.classes[letter].certain
    assert table.total.mean == busy.summary.heart_rate.mean
    assert table.total.least == min(hour.hr_min for hour in busy.summary.hours)
    shown = re.search(r'<tfoot><tr><th scope="row">All</th><td>([\d,]+)', page(busy))
    assert shown is not None
    assert int(shown[1].replace(",", "")) == busy.summary.beats


@pytest.mark.parametrize(
    ("start", "sizes"),
    [(None, [24, 24, 2]), (datetime(2024, 2, 28, 8, 30), [16, 24, 10])],
)
def test_more_than_a_day_is_told_by_day(
    busy: Result, start: datetime | None, sizes: list[int]
) -> None:
    long = lasting(busy, 50, start)
    made = tables(long, Clock(start, long.duration_s))
    assert [len(table.lines) for table in made] == sizes
    assert [line.start_s for table in made for line in table.lines] == [3600 * i for i in range(50)]
    first = busy.summary.hours[0]
    assert [table.total.counts["V"] for table in made] == [n * first.certain["V"] for n in sizes]
    assert sum(table.total.counts["beats"] for table in made) == whole(long).counts["beats"]
    assert made[0].total.usable_percent == pytest.approx(first.usable_percent)
    titles = ["Day 1", "Day 2", "Day 3"]
    if start is not None:
        dates = ("2024-02-28", "2024-02-29", "2024-03-01")
        titles = [f"{title} ({date})" for title, date in zip(titles, dates, strict=True)]
    assert [table.title for table in made] == titles
    text = page(long)
    assert text.count("<details open>") == 3
    assert re.findall("<summary>(.*?)</summary>", text) == titles
    # A row of each hour, and one of each day.
    hours = text[text.index("By hour</h2>") : text.index("</section>", text.index("By hour</h2>"))]
    assert hours.count("<tr>") - hours.count("<thead>") - hours.count("<tfoot>") == 53


def test_the_last_day_of_the_calendar(busy: Result) -> None:
    long = lasting(busy, 50, datetime(9999, 12, 31, 12))
    made = tables(long, Clock(long.start, long.duration_s))
    assert [table.title for table in made] == ["Day 1 (9999-12-31)", "Day 2", "Day 3"]


def test_hours_without_a_beat_in_good_signal(busy: Result) -> None:
    empty = busy.summary.hours[0].model_copy(
        update={"hr_mean": None, "hr_min": None, "hr_max": None, "usable_percent": None}
    )
    summary = busy.summary.model_copy(update={"hours": [empty, empty]})
    none = replace(
        busy,
        summary=summary,
        intervals=replace(busy.intervals, clear=np.zeros_like(busy.intervals.clear)),
    )
    total = whole(none)
    assert (total.mean, total.least, total.most, total.usable_percent) == (None, None, None, None)


def test_a_single_hour_has_no_table(busy: Result) -> None:
    short = lasting(busy, 1)
    assert "By hour" not in page(short)

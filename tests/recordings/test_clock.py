from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.recordings.clock import Clock

MORNING = datetime(2026, 11, 26, 10, 12)


def test_without_a_start_a_time_says_that_it_is_elapsed() -> None:
    clock = Clock(None, 90000)
    assert clock.text(46) == "0:00:46 elapsed"
    assert clock.text(52486) == "14:34:46 elapsed"
    assert clock.text(90000, seconds=False) == "25:00 elapsed"
    assert clock.began == ""


def test_within_a_day_a_time_is_that_of_the_clock() -> None:
    assert Clock(MORNING, 3600).text(46) == "10:12:46"
    assert Clock(MORNING, 3600).text(46, seconds=False) == "10:12"
    assert Clock(MORNING, 3600).began == "2026-11-26 10:12:00"


def test_over_midnight_and_over_weeks_the_day_is_written() -> None:
    clock = Clock(MORNING, 24 * 3600)
    assert clock.text(0) == "day 1 10:12:00"
    assert clock.text(52486) == "day 2 00:46:46"
    assert Clock(MORNING, 20 * 86400).text(19 * 86400) == "day 20 10:12:00"


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
        lambda d: d.replace(microsecond=0)
    ),
    st.integers(0, 30 * 86400),
)
def test_the_clock_agrees_with_dates(start: datetime, second: int) -> None:
    at = start + timedelta(seconds=second)
    day = (at.date() - start.date()).days + 1
    assert Clock(start, 31 * 86400).text(second) == f"day {day} {at:%H:%M:%S}"


def test_the_last_second_of_time_is_no_error() -> None:
    assert Clock(datetime(9999, 12, 31, 23, 59), 120).text(119) == "day 2 00:00:59"


@pytest.mark.parametrize(
    ("clock", "step", "labels"),
    [
        (Clock(None, 7200), 3600, ["elapsed 0:00", "1:00", "2:00"]),
        (Clock(MORNING, 7200), 3600, ["11:00", "12:00"]),
        (Clock(MORNING, 86400), 43200, ["day 1 12:00", "day 2 00:00"]),
        (Clock(MORNING, 3 * 86400), 86400, ["day 2 00:00", "day 3 00:00", "day 4 00:00"]),
    ],
)
def test_ticks_stand_on_round_times(clock: Clock, step: int, labels: list[str]) -> None:
    ticks = clock.ticks(0, clock.duration_s, step)
    assert [label for _, label in ticks] == labels
    assert all(0 <= at <= clock.duration_s for at, _ in ticks)


@given(
    st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    st.integers(1, 30 * 86400),
    st.floats(0, 1),
)
def test_a_time_that_is_written_is_read_again(
    start: datetime | None, duration: int, share: float
) -> None:
    clock = Clock(start, duration)
    second = share * duration
    assert abs(clock.seconds(clock.text(second)) - second) <= 1 + 1e-5


def test_times_are_read_as_people_write_them() -> None:
    within, over = Clock(MORNING, 3600), Clock(MORNING, 30 * 3600)
    assert within.seconds("10:12:46") == 46
    assert within.seconds(" 10:12:46.5 ") == 46.5
    assert within.seconds("46.5") == within.seconds("0:00:46.5 elapsed") == 46.5
    assert within.seconds("1:05 elapsed") == Clock().seconds("1:05") == 65
    assert over.seconds("day 2 00:12:00") == over.seconds("00:12:00") == 14 * 3600
    assert Clock().seconds("25:00:01") == 90_001


@pytest.mark.parametrize(
    ("clock", "text", "message"),
    [
        (Clock(None, 90), "noon", r"'noon' is no time .* as in '0:00:45 elapsed'"),
        (Clock(MORNING, 3600), "10:61:00", r"no time in a recording"),
        (Clock(MORNING, 3600), "", r"no time in a recording"),
        (Clock(MORNING, 3600), "09:00:00", r"which runs from 10:12:00 to 11:12:00; time that has"),
        (Clock(MORNING, 30 * 3600), "11:00:00", r"on 2 days .* as in 'day 1 11:00:00'"),
        (Clock(MORNING, 30 * 3600), "day 3 11:00:00", r"is outside the recording"),
        (Clock(None, 3600), "day 2 11:00:00", r"names a day, but .* does not say when it began"),
    ],
)
def test_what_is_no_time_of_a_recording_is_refused(clock: Clock, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        clock.seconds(text)

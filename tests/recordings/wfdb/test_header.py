"""Headers: as `wfdb` reads them, whatever is left out; anything else is told in one sentence."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
import wfdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.recordings.wfdb.header import MOST_BYTES, MOST_LINES, read_header


def written(folder: str | Path, text: str | bytes) -> Path:
    path = Path(folder) / "r.hea"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@st.composite
def signal_lines(draw: st.DrawFn) -> str:
    """A signal line with its fields from the left, as many as there happen to be."""
    form = draw(st.sampled_from(["16", "212", "80x2", "16:3", "16+24", "310x4:2+512", "524"]))
    gain = draw(st.sampled_from(["200", "200.5", "0", "1e3", "-100", ".5", "200(0)", "12.5(-7)/uV",
                                 "200/mV", "5/mmHg", "1.2e-05/mV", "0(5)/mV"]))  # fmt: skip
    numbers = draw(st.lists(st.integers(0, 4000), max_size=5))
    if len(numbers) > 1:  # the zero of the converter and what follows may be negative
        numbers[1:] = [n - 2000 for n in numbers[1:]]
    if len(numbers) > 4:
        numbers[4] = abs(numbers[4])
    name = draw(st.sampled_from(["", "II", "MLII", "ECG lead  V1", "V5 (chest)"]))
    return " ".join(filter(None, ["x.dat", form, gain, *map(str, numbers), name]))


@given(
    st.lists(signal_lines(), min_size=1, max_size=4),
    st.sampled_from(["250", "360.5", "128/64", "250/1000(0)", "500/2.5(-3)"]),
    st.sampled_from(
        ["", " 1000", " 1000 10:30:05", " 7 1:02:03.25 28/02/2024", " 9 0:0:0 1/1/1999"]
    ),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_every_field_is_what_wfdb_reads(
    lines: list[str], rate: str, rest: str, comments: bool
) -> None:
    text = "\n".join([f"r {len(lines)} {rate}{rest}", *lines]) + "\n"
    if comments:
        text = "# before\n\n" + text.replace("\n", "\r\n") + "#<age>: 60\n"
    with tempfile.TemporaryDirectory() as name:
        ours = read_header(written(name, text))
        theirs = wfdb.rdheader(f"{name}/r")
    assert (ours.n_signals, ours.fs_hz, ours.n_frames) == (theirs.n_sig, theirs.fs, theirs.sig_len)
    assert ours.start == theirs.base_datetime
    for i, line in enumerate(ours.signals):
        assert line.file == theirs.file_name[i]
        assert line.encoding == theirs.fmt[i]
        assert line.per_frame == (theirs.samps_per_frame[i] or 1)
        assert (line.skew, line.offset) == (theirs.skew[i] or 0, theirs.byte_offset[i] or 0)
        assert (line.gain or 200.0, line.baseline) == (theirs.adc_gain[i], theirs.baseline[i])
        assert line.units == theirs.units[i]
        assert line.checksum == theirs.checksum[i]
        assert line.initial == (theirs.adc_zero[i] or 0 if theirs.init_value[i] is None
                                else theirs.init_value[i])  # fmt: skip
        assert line.name == (theirs.sig_name[i] or "")


def test_segments(tmp_path: Path) -> None:
    header = read_header(written(tmp_path, "r/3 2 250 1200 0:0:0 5/6/2007\na 500\n~ 200\nb 500\n"))
    assert header.segments == (("a", 500), ("~", 200), ("b", 500))
    assert header.start == datetime(2007, 6, 5)
    assert header.signals == ()


_LINE = "r.dat 16 200 16 0 0 0 0 II\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("# only\n#comments", "it has no line that describes a record"),
        ("r\n" + _LINE, "first line is 'r'"),
        ("r two 250\n" + _LINE, "'two' where the number of its signals"),
        ("r -1 250\n" + _LINE, "'-1' where the number of its signals"),
        ("r 1 nan 5\n" + _LINE, "'nan' where its sampling rate"),
        ("r 1 -250 5\n" + _LINE, "sampling rate is -250 Hz"),
        ("r 1 250 -5\n" + _LINE, "'-5' where its length"),
        ("r 1 250 " + "9" * 5000 + "\n" + _LINE, "where its length"),
        ("r 1 250 ٣\n" + _LINE, "where its length"),  # a digit, but not one of ASCII
        ("r 1 250 5\nr.dat\n", "expected a signal file and its format"),
        ("r 1 250 5\nr.dat x 200\n", "expected a signal file and its format"),
        ("r 1 250 5\nr.dat 16x-1 200\n", "expected a signal file and its format"),
        ("r 1 250 5\nr.dat 16 nan/mV 16 0 0 0 0 II\n", "'nan/mV' where a gain"),
        ("r 1 250 5\nr.dat 16 inf 16 0 0 0 0 II\n", "'inf' where a gain"),
        ("r 1 250 5\nr.dat 16 1e999 16 0 0 0 0 II\n", "a gain of '1e999'"),
        ("r 1 250 5\nr.dat 16 2_00 16 0 0 0 0 II\n", "'2_00' where a gain"),
        ("r/x 1 250 5\na 5\n", "'x' where the number of its segments"),
        ("r/2 1 250 5\na 5\n", "promises 2 segments and names 1"),
        ("r/1 1 250 5\na\n", "expected a segment and its length"),
        ("r/1 1 250 5\na -5\n", "'-5' where the length of a segment"),
        (b"r 1 250 5 \xff\xfe\0\n" + _LINE.encode(), "r.dat, which is not beside it"),
    ],
)  # fmt: skip
def test_what_is_no_header_is_told_in_one_sentence(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    path = written(tmp_path, text)
    if "-250" in str(text):
        (tmp_path / "r.dat").write_bytes(bytes(10))
    with pytest.raises(DataFormatError, match=re.escape(says)) as error:
        open_recording(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 250


@given(st.binary(max_size=300) | st.text(max_size=120).map(str.encode))
@example(b"r 1 250 5\nr.dat 16 /\n")
@example(b"r/ 1 250 5\n")
@example(b"/ 1\n")
@example(b"r 1\nr.dat 16 200()\n")
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_header_or_told(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = written(name, raw)
        try:
            header = read_header(path)
        except DataFormatError as error:
            told = str(error)
        else:
            told = header.path.name
    assert "\n" not in told


@pytest.mark.parametrize("signals", [False, True])
def test_too_long_to_be_worked_through(tmp_path: Path, signals: bool) -> None:
    one = _LINE if signals else "a 1\n"
    path = written(tmp_path, f"r{'' if signals else '/1'} 1 250 5\n" + one * (MOST_LINES + 1))
    with pytest.raises(DataFormatError, match=f"{MOST_LINES + 1} segments or signals"):
        read_header(path)
    with pytest.raises(DataFormatError, match=f"has {MOST_BYTES + 1} bytes"):
        read_header(written(tmp_path, b"#" * (MOST_BYTES + 1)))


def test_microvolts_are_not_taken_for_volts(tmp_path: Path) -> None:
    """The package `wfdb` drops letters beyond ASCII and reads µV as V."""
    (tmp_path / "r.dat").write_bytes(b"\x64\0" * 500)
    for mu, encoding in (("µ", "utf-8"), ("μ", "utf-8"), ("µ", "latin-1")):
        text = f"r 1 250 500\nr.dat 16 1/{mu}V 16 0 0 0 0 II\n"
        recording = open_recording(written(tmp_path, text.encode(encoding)))
        assert recording.read()[0, 0] == pytest.approx(0.1)


def test_a_start_that_is_no_time_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_bytes(b"\x64\0" * 500)
    for start in ("25:00:00 1/1/2000", "10:00:00 31/02/2020", "noon today", "10:00:00 0/0/0"):
        recording = open_recording(written(tmp_path, f"r 1 250 500 {start}\n{_LINE}"))
        assert recording.start is None
        assert f"the start {start!r} is no date and time, and was left out" in recording.notes
    recording = open_recording(written(tmp_path, f"r 1 250 500 10:00:00\n{_LINE}"))
    assert (recording.start, recording.notes) == (None, ())

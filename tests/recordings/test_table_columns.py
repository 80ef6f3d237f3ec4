"""Times, counts, headers and packing of tables: what is a lead, what tells rate and start."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ectopy.cli import main
from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.recordings.simulation.simulate import simulate

FS = 250
N = 1500
WAVE = np.round(np.sin(np.arange(N) / 9), 4)
MORNING = datetime(2024, 5, 6, 9, 30)
EPOCH = 1_714_987_800  # the same moment in seconds since 1970
Cell = Callable[[int], str]


def written(folder: Path, name: str, header: str, cell: Cell, *, before: str = "") -> Path:
    path = folder / name
    rows = "".join(f"{cell(i)},{value}\n" for i, value in enumerate(WAVE))
    path.write_text(f"{before}{header},II\n{rows}")
    return path


def moment(i: int) -> datetime:
    return MORNING + timedelta(milliseconds=4 * i)


TIMES: dict[str, tuple[str, Cell, datetime | None]] = {
    "time_s": ("time_s", lambda i: f"{i / FS:.3f}", None),
    "time_ms": ("time_ms", lambda i: str(4 * i), None),
    "Time_sec": ("Time_sec", lambda i: f"{i / FS:.4f}", None),
    "t": ("t", lambda i: f"{i / FS}", None),
    "Time (s)": ("Time (s)", lambda i: f"{i / FS:.3f}", None),
    "TimeStamp[us]": ("TimeStamp[us]", lambda i: str(4000 * i), None),
    "elapsed_ms": ("elapsed_ms", lambda i: str(4 * i), None),
    "milliseconds without saying so": ("time", lambda i: str(4 * i), None),
    "Zeit": ("Zeit", lambda i: f"{i / FS:.3f}", None),
    "no name": ("", lambda i: f"{i / FS:.3f}", None),
    "clock over midnight": (
        "Uhrzeit",
        lambda i: f"{datetime(1, 1, 1, 23, 59, 57) + timedelta(milliseconds=4 * i):%H:%M:%S.%f}",
        None,
    ),
    "timestamp_ms": ("timestamp_ms", lambda i: str(EPOCH * 1000 + 4 * i), MORNING),
    "epoch": ("epoch", lambda i: f"{EPOCH + i / FS:.3f}", MORNING),
    "microseconds since 1970": ("ts", lambda i: str((EPOCH * 1000 + 4 * i) * 1000), MORNING),
    "nanoseconds since 1970": ("timestamp", lambda i: str((EPOCH * 1000 + 4 * i) * 10**6), MORNING),
    "ISO": ("datetime", lambda i: moment(i).isoformat(timespec="milliseconds") + "Z", MORNING),
    "ISO with a space": ("Timestamp", lambda i: f"{moment(i):%Y-%m-%d %H:%M:%S.%f}", MORNING),
    "ISO with an offset": ("when", lambda i: f"{moment(i):%Y-%m-%dT%H:%M:%S.%f}+02:00", MORNING),
    "whole seconds": ("Date/Time", lambda i: f"{moment(i):%Y-%m-%d %H:%M:%S}", MORNING),
    "day first": ("Zeit", lambda i: f"{moment(i):%d.%m.%Y %H:%M:%S.%f}", MORNING),
    "rdsamp": ("'Date'", lambda i: f"'[{moment(i):%H:%M:%S.%f %d/%m/%Y}]'", MORNING),
    "no month": ("time", lambda i: f"{moment(i):%d/%m/%Y %H:%M:%S.%f}", None),
}  # fmt: skip


@pytest.mark.parametrize("stated", [None, FS])
@pytest.mark.parametrize("name", TIMES)
def test_a_column_of_times_is_no_lead(tmp_path: Path, name: str, stated: float | None) -> None:
    header, cell, start = TIMES[name]
    recording = open_recording(written(tmp_path, "t.csv", header, cell), fs_hz=stated)
    assert recording.leads == ("II",)
    assert recording.fs_hz == FS
    assert recording.start == start
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=1e-6)


COUNTS: dict[str, tuple[str, Cell]] = {
    "sample": ("sample", str),
    "sample_index": ("sample_index", lambda i: str(i + 1)),
    "Sample Number": ("Sample Number", str),
    "idx": ("idx", str),
    "no name": ("", str),
    "pandas": ("Unnamed: 0", str),
    "i": ("i", str),
    "every tenth": ("index", lambda i: str(10 * i)),
    "nSeq goes round": ("nSeq", lambda i: str(i % 16)),
    "time that counts": ("time", str),
    "time that stands": ("time_ms", lambda i: "0"),
    "a date": ("date", lambda i: "2024-05-06"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_column_that_counts_is_no_lead(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "t.csv", *COUNTS[name])
    recording = open_recording(path, fs_hz=FS)
    assert recording.leads == ("II",)
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=1e-6)
    with pytest.raises(DataFormatError, match="does not say its sampling rate; state it"):
        open_recording(path)


def test_values_called_samples_are_a_lead(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"{i / FS:.3f},{round(500 * x)}\n" for i, x in enumerate(WAVE))
    path.write_text("time,sample\n" + rows)
    np.testing.assert_allclose(open_recording(path, gain=500).read()[0], WAVE, atol=2e-3)


def test_times_may_stand_anywhere_and_twice(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = (f"{i},{x},{i / FS:.3f},{-x},{moment(i):%Y-%m-%d %H:%M:%S}" for i, x in enumerate(WAVE))
    path.write_text("sample,II,time_s,V1,Timestamp (Formatted)\n" + "\n".join(rows) + "\n")
    recording = open_recording(path)
    assert (recording.leads, recording.fs_hz) == (("II", "V1"), FS)
    assert recording.start == MORNING
    np.testing.assert_allclose(recording.read(), [WAVE, -WAVE], atol=1e-6)


def test_date_and_clock_in_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("".join(f"{moment(i)} {x}\n" for i, x in enumerate(WAVE) if 4 * i % 1000))
    recording = open_recording(path)
    assert recording.start == moment(1)
    assert recording.fs_hz == FS


@pytest.mark.parametrize("name", ["ISO", "clock over midnight", "epoch", "microseconds since 1970"])
def test_gap_in_times_of_any_kind_is_missing_samples(tmp_path: Path, name: str) -> None:
    header, cell, _ = TIMES[name]
    path = written(tmp_path, "t.csv", header, cell)
    lines = path.read_text().splitlines()
    del lines[601:1101]
    path.write_text("\n".join(lines) + "\n")
    recording = open_recording(path)
    assert recording.n_samples == N
    signal = recording.read()[0]
    assert np.isnan(signal[600:1100]).all()
    np.testing.assert_allclose(signal[1100:], WAVE[1100:], atol=1e-6)


def test_columns_of_something_else_are_no_leads(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("time,II,Resp,SpO2 (%),label\n" + "".join(
        f"{i / FS:.3f},{x},1.5,97,0\n" for i, x in enumerate(WAVE)
    ))  # fmt: skip
    recording = open_recording(path)
    assert recording.leads == ("II",)
    assert "signals left out because they are not ECG leads: Resp, SpO2, label" in recording.notes


def test_only_times_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("time,sample\n" + "".join(f"{i / FS:.3f},{i}\n" for i in range(N)))
    with pytest.raises(DataFormatError, match=r"no column of samples.* it has time, sample"):
        open_recording(path)


def test_a_table_of_heartbeats_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    np.savetxt(path, np.random.default_rng(0).random((40, 188)), fmt="%.4f", delimiter=",")
    with pytest.raises(DataFormatError, match=r"column 1 \(no unit\).* and 180 more; if one is"):
        open_recording(path, fs_hz=125)


@pytest.mark.parametrize(
    "line",
    [
        "# fs: 250 Hz",
        "# Sampling rate = 250",
        "%Sample Rate = 250.0 Hz",
        "Sampling frequency (Hz): 250",
        "fs,250",
        '"Sample Rate:","250"',
        "Interval=\t0.004 s",
        "4 msec/sample",
        "# 0.25 kHz",
        "# Fs=250, notch at 50 Hz",
        '# {"sampling rate": 250}',
    ],
)
@pytest.mark.parametrize("header", ["", "II,V1\n"])
def test_rate_in_the_lines_before(tmp_path: Path, line: str, header: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{line}\n{header}" + "".join(f"{x},{-x}\n" for x in WAVE))
    recording = open_recording(path)
    assert recording.fs_hz == FS
    assert recording.leads == (("II", "V1") if header else ("lead 1", "lead 2"))
    np.testing.assert_allclose(recording.read(), [WAVE, -WAVE], atol=1e-6)


def test_header_and_times_that_disagree_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", *TIMES["time_s"][:2], before="# fs = 500\n")
    recording = open_recording(path)
    assert recording.fs_hz == FS
    assert "the header says 500 Hz, the times 250 Hz, which was taken" in recording.notes


@pytest.mark.parametrize("header", ["", "II,V1\n"])
@pytest.mark.parametrize("first", ['"{},{}\n', '{}",{}\n', '{},"{}\n', '"{}","{}"\n'])
def test_first_row_with_a_stray_quote_is_kept(tmp_path: Path, header: str, first: str) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"{x},{-x}\n" for x in WAVE[1:])
    path.write_text(header + first.format(WAVE[0], -WAVE[0]) + rows)
    np.testing.assert_allclose(open_recording(path, fs_hz=FS).read(), [WAVE, -WAVE], atol=1e-6)


def test_first_row_that_is_partly_words_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("0.1,abc\n" + "".join(f"{x},{-x}\n" for x in WAVE))
    with pytest.raises(DataFormatError, match="has 'abc' in line 1, among numbers"):
        open_recording(path, fs_hz=FS)


@pytest.mark.parametrize(("header", "index"), [(",0,1", True), ("0,1", False)])
def test_columns_numbered_by_pandas(tmp_path: Path, header: str, index: bool) -> None:
    path = tmp_path / "t.csv"
    rows = (f"{i},{x},{-x}" if index else f"{x},{-x}" for i, x in enumerate(WAVE))
    path.write_text(header + "\n" + "\n".join(rows) + "\n")
    np.testing.assert_allclose(open_recording(path, fs_hz=FS).read(), [WAVE, -WAVE], atol=1e-6)


def test_what_an_apple_watch_exports(tmp_path: Path) -> None:
    lines = [
        "Name,", "Date of Birth,", "Recorded Date,2024-05-06 09:30:00 +0200",
        "Classification,Sinus Rhythm", "Symptoms,", 'Device,"Watch6,2"', "Sample Rate,512 hertz",
        "", "", "Lead,Lead I", "Unit,µV", "", "", *(f"{1000 * x:.3f}" for x in WAVE),
    ]  # fmt: skip
    path = tmp_path / "ecg.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    recording = open_recording(path)
    assert (recording.leads, recording.fs_hz, recording.start) == (("I",), 512, MORNING)
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=1e-6)


def test_what_a_polar_strap_exports(tmp_path: Path) -> None:
    since_2000 = 767_000_000_000_000_000  # ns, of a clock of its own
    path = tmp_path / "polar.txt"
    rows = "".join(
        f"{moment(i).isoformat(timespec='milliseconds')};{since_2000 + 4_000_000 * i};{4.0 * i};"
        f"{1000 * x:.1f}\n"
        for i, x in enumerate(WAVE)
    )
    path.write_text("Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]\n" + rows)
    recording = open_recording(path)
    assert (recording.leads, recording.fs_hz, recording.start) == (("ecg",), FS, MORNING)
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=1e-6)


def test_a_table_with_moments_reaches_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = simulate(20, rng=np.random.default_rng(0))[0].read()[0]
    path = tmp_path / "t.csv"
    rows = "".join(f"{moment(i).isoformat()},{x:.4f}\n" for i, x in enumerate(signal))
    path.write_text("timestamp,II\n" + rows)
    argv = ["ectopy", "analyze", str(path), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    summary = json.loads((tmp_path / "out" / "t.summary.json").read_text(encoding="utf-8"))
    assert [lead["name"] for lead in summary["leads"]] == ["II"]
    assert (summary["fs_hz"], summary["start"]) == (FS, MORNING.isoformat())


# -- OpenSignals ------------------------------------------------------------------------------


def open_signals(folder: Path, sensor: str, device: str, bits: int, *, raw: bool = True) -> Path:
    facts = {
        "00:07:80:3B:46:61": {
            "sensor": [sensor], "column": ["nSeq", "I1", "CH1"], "label": ["CH1"],
            "date": "2024-5-6", "time": "9:30:0.0", "device": device, "channels": [1],
            "sampling rate": FS, "resolution": [4, 1, bits] if bits == 10 else [bits],
        }
    }  # fmt: skip
    counts = np.rint((WAVE / 3 + 0.5) * 2**bits).astype(int)
    lines = ["# OpenSignals Text File Format", f"# {json.dumps(facts)}", "# EndOfHeader"]
    for i, x in enumerate(counts if raw else WAVE):
        lines.append(f"{i % 16}\t0\t{x}\t")
    path = folder / "os.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(("device", "bits"), [("biosignalsplux", 16), ("bitalino_rev", 10)])
def test_open_signals_by_the_data_sheet(tmp_path: Path, device: str, bits: int) -> None:
    recording = open_recording(open_signals(tmp_path, "ECG", device, bits))
    assert (recording.leads, recording.fs_hz) == (("ECG",), FS)
    assert recording.start == MORNING
    assert any(f"{bits}-bit numbers as the data sheet" in note for note in recording.notes)
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=2 / 2**bits)


def test_open_signals_already_in_millivolts(tmp_path: Path) -> None:
    path = open_signals(tmp_path, "ECG", "biosignalsplux", 16, raw=False)
    np.testing.assert_allclose(open_recording(path).read()[0], WAVE, atol=1e-6)


@pytest.mark.parametrize(
    ("sensor", "device", "says"),
    [
        ("RAW", "biosignalsplux", r"CH1 \(RAW\), none of which is said to be an ECG; if one is"),
        ("ECG", "something", "for a millivolt are not known; state the gain"),
    ],
)
def test_open_signals_that_nobody_knows(
    tmp_path: Path, sensor: str, device: str, says: str
) -> None:
    path = open_signals(tmp_path, sensor, device, 16)
    with pytest.raises(DataFormatError, match=says):
        open_recording(path)
    recording = open_recording(path, gain=65536 / 3)
    assert len(recording.leads) == 1
    np.testing.assert_allclose(recording.read()[0] - 1.5, WAVE, atol=1e-3)


# -- packed -----------------------------------------------------------------------------------


def test_gzip_reads_as_the_text(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", *TIMES["time_s"][:2])
    packed = tmp_path / "t.csv.gz"
    text = path.read_bytes()
    packed.write_bytes(gzip.compress(text[:9000]) + gzip.compress(text[9000:]))  # two members
    plain, recording = open_recording(path), open_recording(packed)
    assert recording.name == plain.name == "t"
    np.testing.assert_array_equal(recording.read(), plain.read())


def test_gzip_that_is_cut_or_a_bomb_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "t.csv", *TIMES["time_s"][:2])
    packed = tmp_path / "t.csv.gz"
    raw = gzip.compress(path.read_bytes())
    packed.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(DataFormatError, match="is cut off or damaged"):
        open_recording(packed)
    monkeypatch.setattr("ectopy.recordings.formats.csv_source._FREE_BYTES", 1 << 16)
    packed.write_bytes(gzip.compress(b"0.1,0.2\n" * 500_000))
    with pytest.raises(DataFormatError, match="unpacks to more than 100 times its size"):
        open_recording(packed, fs_hz=FS)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "number", "index"])
def test_parquet_reads_as_the_same_table(tmp_path: Path, unit: str) -> None:
    times = np.arange(N) * 4
    if unit in ("number", "index"):
        clock = pa.array(times / 1000 if unit == "number" else np.arange(N))
    else:
        since = {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[unit]
        clock = pa.array(EPOCH * since + times * since // 1000, pa.timestamp(unit))
    name = "index" if unit == "index" else "time"
    table = pa.table({name: clock, "II (uV)": WAVE * 1000, "who": ["x"] * N})
    pq.write_table(table, tmp_path / "t.parquet")
    recording = open_recording(tmp_path / "t.parquet", fs_hz=FS if unit == "index" else None)
    assert (recording.leads, recording.fs_hz) == (("II",), FS)
    assert recording.start == (MORNING if unit not in ("number", "index") else None)
    np.testing.assert_allclose(recording.read()[0], WAVE, atol=1e-6)


def test_parquet_bomb_beats_and_damage_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"sample": [1], "time_s": [0.1], "class": ["N"]}), path)
    with pytest.raises(DataFormatError, match="table of beats"):
        open_recording(path)
    raw = path.read_bytes()
    path.write_bytes(raw[:-40] + raw[-8:])
    with pytest.raises(DataFormatError, match="no whole Parquet file"):
        open_recording(path)
    pq.write_table(pa.table({"II": np.zeros(3_000_000)}), path)
    monkeypatch.setattr("ectopy.recordings.formats.parquet_table._FREE_BYTES", 1 << 16)
    with pytest.raises(DataFormatError, match="3000000 rows"):
        open_recording(path, fs_hz=FS)

from pathlib import Path

import numpy as np
import pytest
import recording_files as files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording


@pytest.mark.parametrize(
    ("options", "leads"),
    [
        ({}, ("lead 1", "lead 2")),
        ({"header": ["II,V1"]}, ("II", "V1")),
        ({"header": ["# made by a recorder", "", "II,V1"]}, ("II", "V1")),
        ({"header": ["II;V1"], "delimiter": ";", "decimal": ","}, ("II", "V1")),
        ({"header": ["II\tII"], "delimiter": "\t"}, ("II", "II 2")),
        ({"delimiter": "  "}, ("lead 1", "lead 2")),
        ({"header": ["II [uV],V1 [uV]"], "scale": 1000}, ("II", "V1")),
        ({"header": [",II,V1"], "time": "{i}"}, ("II", "V1")),
        ({"time": "{i}"}, ("lead 1", "lead 2")),
        (
            {
                "header": ["'Elapsed time','II','V1'", "'seconds','mV','mV'"],
                "time": "{t:.3f}",
            },
            ("II", "V1"),
        ),
    ],
)
def test_ways_to_write_a_table(
    tmp_path: Path, options: dict[str, object], leads: tuple[str, ...]
) -> None:
    recording = open_recording(files.table(tmp_path, **options), fs_hz=files.FS_HZ)
    assert recording.leads == leads
    np.testing.assert_allclose(recording.read(), files.millivolts(), atol=2e-5)


@pytest.mark.parametrize(
    ("header", "time"),
    [
        # As PhysioNet's exports write them, with times and with numbers of samples.
        (["'Elapsed time','II','V1'", "'hh:mm:ss.mmm','uV','uV'"], "'0:{t:06.3f}'"),
        (["'sample #','II','V1'", "'sample interval','uV','uV'"], "{i}"),
        (["'sample #','II','V1'", "'sample #','uV','uV'"], "{i}"),
    ],
)
def test_a_row_of_units_under_the_names(tmp_path: Path, header: list[str], time: str) -> None:
    rows = [
        f"{time.format(i=i, t=i / 100)},{a:.1f},{b:.1f}"
        for i, (a, b) in enumerate(1000 * files.millivolts().T[:900])
    ]
    path = tmp_path / "samples.csv"
    path.write_text("\n".join([*header, *rows]) + "\n")
    recording = open_recording(path, fs_hz=100)
    assert recording.leads == ("II", "V1")
    assert recording.notes == ()  # the unit is known
    np.testing.assert_allclose(recording.read(), files.millivolts()[:, :900], atol=2e-4)


@pytest.mark.parametrize(
    ("header", "time"),
    [("time,II,V1", "{t:.3f}"), ("t [ms],II,V1", "{t:.3f}e3"), ("", "{t:.3f}")],
)
def test_rate_from_the_column_of_times(tmp_path: Path, header: str, time: str) -> None:
    options = {"header": [header] if header else [], "time": time}
    recording = open_recording(files.table(tmp_path, **options))
    assert recording.fs_hz == files.FS_HZ
    np.testing.assert_allclose(recording.read(), files.millivolts(), atol=2e-5)


@pytest.mark.parametrize("header", ["", "time,II"])
@pytest.mark.parametrize("fs", [128, 360, 500, 800, 900])
def test_rate_from_times_rounded_to_milliseconds(tmp_path: Path, header: str, fs: int) -> None:
    rows = [f"{i / fs:.3f},{np.sin(i / 9):.4f}" for i in range(5000)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([header] * bool(header) + rows) + "\n")
    recording = open_recording(path)
    assert recording.fs_hz == fs
    assert recording.read().shape == (1, 5000)
    assert not np.isnan(recording.read()).any()


def test_gap_of_a_month_is_refused(tmp_path: Path) -> None:
    path = files.table(tmp_path, header=["time,II,V1"], time="{t:.3f}")
    path.write_text(path.read_text() + "2600000.0,0,0\n")
    with pytest.raises(DataFormatError, match="gaps of more than 24 hours"):
        open_recording(path)


def test_table_that_looks_like_a_wfdb_header(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("12 5\n13 16\n11 -3\n")
    signal = open_recording(tmp_path / "t.txt", fs_hz=250, gain=10).read()
    np.testing.assert_allclose(signal, [[1.2, 1.3, 1.1], [0.5, 1.6, -0.3]], rtol=1e-6)


def test_clock_times(tmp_path: Path) -> None:
    path = tmp_path / "clock.csv"
    rows = [f"0:{i // 250:02d}.{i % 250 * 4:03d},0.1,0.2" for i in range(500)]
    path.write_text("\n".join(["'Elapsed time','II','V1'", "'m:s','mV','mV'", *rows]) + "\n")
    recording = open_recording(path)
    assert recording.fs_hz == 250
    assert recording.n_samples == 500


def test_gap_in_the_times_becomes_missing_samples(tmp_path: Path) -> None:
    path = files.table(tmp_path, header=["time,II,V1"], time="{t:.3f}")
    lines = path.read_text().splitlines()
    del lines[301:351]
    lines[101] = lines[101].rsplit(",", 1)[0] + ","  # an empty cell
    path.write_text("\n".join(lines))
    recording = open_recording(path)
    assert recording.n_samples == 1000
    signal = recording.read()
    assert np.isnan(signal[:, 300:350]).all()
    assert np.isnan(signal).sum() == 101


def test_without_a_rate_it_says_what_to_state(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="state it"):
        open_recording(files.table(tmp_path))


@pytest.mark.parametrize(
    ("row", "says"), [("0.1,0.2,0.3", "2 columns"), ("0.1,abc", "abc"), ("0.1", "2 columns")]
)
def test_odd_row_is_named(tmp_path: Path, row: str, says: str) -> None:
    path = files.table(tmp_path)
    path.write_text(path.read_text() + row + "\n")
    with pytest.raises(DataFormatError, match=says):
        open_recording(path, fs_hz=250)


def test_long_table_goes_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ectopy.recordings.formats.table._IN_MEMORY_BYTES", 100)
    signal = open_recording(files.table(tmp_path), fs_hz=250).read()
    np.testing.assert_allclose(signal, files.millivolts(), atol=2e-5)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(
        st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=3, max_size=3),
        min_size=4,
        max_size=30,
    ),
    delimiter=st.sampled_from([",", ";", "\t"]),
    header=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(
    values: list[list[float | None]],
    delimiter: str,
    header: bool,
    ending: str,
    tmp_path: Path,
) -> None:
    values[0] = [0.25, -1.5, 2.0]  # a first row that can be told from a header
    rows = [delimiter.join("" if x is None else repr(x) for x in row) for row in values]
    path = tmp_path / "t.csv"
    path.write_text(ending.join([delimiter.join(["a", "b", "c"])] * header + rows) + ending)
    expected = np.array(values, dtype=np.float32).T
    np.testing.assert_allclose(open_recording(path, fs_hz=100).read(), expected, rtol=1e-6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_headers_in_the_encodings_of_western_europe(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "langzeit.csv"
    rows = [f"{i / 250:.3f};{100 * i % 700}".replace(".", ",") for i in range(1000)]
    text = "\r\n".join(["Gerät: Müller", "Zeit [s];Ableitung II [µV]", *rows, ""])
    path.write_bytes(text.encode(encoding))
    recording = open_recording(path)
    assert recording.fs_hz == pytest.approx(250)
    assert recording.leads == ("Ableitung II",)
    expected = [100 * i % 700 / 1000 for i in range(1000)]
    np.testing.assert_allclose(recording.read()[0], expected, atol=1e-6)

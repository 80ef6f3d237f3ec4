import importlib.util
import struct
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.recordings.formats.common import Signal, Stated, choose_leads, lead_names
from ectopy.recordings.open import open_recording

SAYS_NO_RATE = {"npy"}


def open_made(kind: str, folder: Path):  # type: ignore[no-untyped-def]
    path = files.EVERY[kind](folder)
    return open_recording(path, fs_hz=files.FS_HZ if kind in SAYS_NO_RATE else None)


@pytest.mark.parametrize("kind", files.EVERY)
def test_every_format_gives_the_same_signal(kind: str, tmp_path: Path) -> None:
    recording = open_made(kind, tmp_path)
    assert recording.fs_hz == files.FS_HZ
    assert len(recording.leads) == 2
    if kind not in ("npy", "kardia"):
        assert recording.leads == files.LEADS
    signal = recording.read()
    assert signal.dtype == np.float32
    assert signal.shape == (2, recording.n_samples)
    expected = files.millivolts()
    if kind == "wfdb-segments":
        expected = np.insert(expected, [500] * 200, np.nan, axis=1)
    elif kind == "edf+d":
        expected = np.insert(expected, [500] * 600, np.nan, axis=1)
    # Eight bits, or differences of eight bits, do not hold every value.
    tolerance = {"wfdb-80": 0.02, "wfdb-508": 0.02, "wfdb-8": 0.3}.get(kind, 1e-5)
    np.testing.assert_allclose(signal, expected, atol=tolerance)


@pytest.mark.parametrize("kind", files.EVERY)
def test_any_stretch_reads_as_in_the_whole(kind: str, tmp_path: Path) -> None:
    recording = open_made(kind, tmp_path)
    whole = recording.read()
    for start, stop in ((0, 1), (3, 251), (499, 760), (recording.n_samples - 1, 10**9), (5, 5)):
        np.testing.assert_array_equal(recording.read(start, stop), whole[:, start:stop])


@pytest.mark.parametrize("kind", ["wfdb-16", "edf", "csv", "npz", "ishne"])
def test_format_is_told_from_content(kind: str, tmp_path: Path) -> None:
    path = files.EVERY[kind](tmp_path)
    other = path.rename(path.with_suffix(".xyz"))
    if kind == "wfdb-16":
        other.rename(path)  # a header's name is its record's
    else:
        np.testing.assert_array_equal(open_recording(other).read().shape, (2, 1000))


def test_start_time_is_kept(tmp_path: Path) -> None:
    for kind in ("edf", "ishne", "aecg"):
        assert open_made(kind, tmp_path).start == datetime(2024, 5, 6, 9, 30)


class TestWfdb:
    def test_found_by_header_signal_file_or_name(self, tmp_path: Path) -> None:
        path = files.wfdb_record(tmp_path, "212", "100")
        for given_path in (path, path.with_suffix(".dat"), tmp_path / "100"):
            assert open_recording(given_path).name == "100"
        path.with_suffix(".dat").rename(tmp_path / "signals.dat")
        path.write_text(path.read_text().replace("100.dat", "signals.dat"))
        assert open_recording(tmp_path / "signals.dat").name == "100"

    def test_invalid_samples_are_missing(self, tmp_path: Path) -> None:
        path = files.wfdb_record(tmp_path)
        raw = np.fromfile(path.with_suffix(".dat"), dtype="<i2")
        raw[20] = -32768
        raw.tofile(path.with_suffix(".dat"))
        signal = open_recording(path).read()
        assert np.isnan(signal[0, 10])
        assert np.isnan(signal).sum() == 1

    def test_gain_baseline_and_units(self, tmp_path: Path) -> None:
        path = files.wfdb_record(
            tmp_path, adc_gain=[400.0, 0.2], baseline=[100, -50], units=["mV", "uV"]
        )
        signal, stored = open_recording(path).read(), files.digital()
        np.testing.assert_allclose(signal[0], (stored[0] - 100) / 400, atol=1e-5)
        np.testing.assert_allclose(signal[1], (stored[1] + 50) / 200, atol=1e-5)
        np.testing.assert_allclose(
            open_recording(path, gain=100).read()[0], (stored[0] - 100) / 100, atol=1e-5
        )

    def test_missing_gain_is_assumed_and_said(self, tmp_path: Path) -> None:
        path = files.wfdb_record(tmp_path)
        for gain in ("0", "0(0)/mV", "0.0"):
            path.write_text(f"w16 2 250 1000\nw16.dat 16 {gain} 16 0\nw16.dat 16 200/mV\n")
            recording = open_recording(path)
            np.testing.assert_allclose(recording.read(), files.millivolts(), atol=1e-5)
            assert "not calibrated" in recording.notes[0]
            assert len(recording.notes) == 1

    def test_length_is_taken_from_the_file_where_the_header_has_none(self, tmp_path: Path) -> None:
        path = files.wfdb_record(tmp_path)
        path.write_text(path.read_text().replace(" 250 1000", " 250"))
        np.testing.assert_allclose(open_recording(path).read(), files.millivolts(), atol=1e-5)

    def test_leads_sampled_faster_than_the_rest_are_kept(self, tmp_path: Path) -> None:
        import wfdb

        fast, slow = files.digital()[0], np.arange(250)
        wfdb.wrsamp(
            "mixed", fs=62.5, units=["mV", "mmHg"], sig_name=["ECG II", "ABP"],
            e_d_signal=[fast, slow], fmt=["16", "16"], adc_gain=[200.0, 1.0], baseline=[0, 0],
            samps_per_frame=[4, 1], write_dir=str(tmp_path),
        )  # fmt: skip
        recording = open_recording(tmp_path / "mixed")
        assert recording.fs_hz == 250
        assert recording.leads == ("II",)
        assert "ABP" in recording.notes[0]
        np.testing.assert_allclose(recording.read(3, 998)[0], fast[3:998] / 200, atol=1e-5)

    def test_more_samples_than_promised_are_said(self, tmp_path: Path) -> None:
        path = files.wfdb_record(tmp_path)
        path.write_text(path.read_text().replace(" 250 1000", " 250 900"))
        recording = open_recording(path)
        assert recording.n_samples == 900
        assert "holds 1000 samples a lead, its header promises 900" in recording.notes[0]

    def test_segments_with_different_leads(self, tmp_path: Path) -> None:
        files.wfdb_segments(tmp_path)
        header = tmp_path / "s1.hea"
        header.write_text(header.read_text().replace("V1", "V5"))
        (tmp_path / "lay.hea").write_text(
            "lay 3 250 0\n~ 0 200/mV 12 0 0 0 0 II\n~ 0 200/mV 12 0 0 0 0 V1\n"
            "~ 0 200/mV 12 0 0 0 0 V5\n"
        )
        (tmp_path / "multi.hea").write_text("multi/4 3 250 1200\nlay 0\ns0 500\n~ 200\ns1 500\n")
        recording = open_recording(tmp_path / "multi")
        assert recording.leads == ("II", "V1", "V5")
        missing = np.isnan(recording.read()).sum(axis=1)
        assert missing.tolist() == [200, 700, 700]

    def test_segments_with_several_samples_a_frame_or_no_ecg(self, tmp_path: Path) -> None:
        import wfdb

        ecg = files.digital()[0]
        for name, signal in (("a", ecg[:400]), ("c", ecg[400:800])):
            wfdb.wrsamp(
                name, fs=62.5, units=["mV", "mmHg"], sig_name=["II", "ABP"],
                e_d_signal=[signal, np.arange(100)], fmt=["16", "16"], adc_gain=[200.0, 1.0],
                baseline=[0, 0], samps_per_frame=[4, 1], write_dir=str(tmp_path),
            )  # fmt: skip
        wfdb.wrsamp(
            "b", fs=62.5, units=["mmHg"], sig_name=["ABP"], d_signal=np.arange(50)[:, None],
            fmt=["16"], adc_gain=[1.0], baseline=[0], write_dir=str(tmp_path),
        )  # fmt: skip
        (tmp_path / "abc.hea").write_text("abc/3 2 62.5 250\na 100\nb 50\nc 100\n")
        recording = open_recording(tmp_path / "abc")
        assert (recording.fs_hz, recording.n_samples) == (250, 1000)
        assert recording.leads == ("II",)
        expected = np.insert(ecg[:800] / 200, [400] * 200, np.nan)
        np.testing.assert_allclose(recording.read()[0], expected, atol=1e-5)

    @pytest.mark.parametrize(
        ("header", "says"),
        [
            ("w16 2 250 99999999999\n{0}{0}", "holds 1000 samples a lead"),
            ("w16 2 nan 1000\n{0}{0}", "'nan' where its sampling rate"),
            ("w16 2 0 1000\n{0}{0}", "sampling rate is 0 Hz"),
            ("w16 2 1e9 1000\n{0}{0}", "Hz|WFDB"),
            ("w16 99999 250 1000\n{0}{0}", "promises 99999 signals and describes 2"),
            ("w16 2 250 1000\nnone.dat 16 200\nnone.dat 16 200\n", "none.dat, which is not"),
            ("w16 2 250 1000\n../w16.dat 16 200\n../w16.dat 16 200\n", "WFDB header"),
            ("w16 2 250 1000\nw16.dat 99 200\nw16.dat 99 200\n", "signal format 99"),
            ("w16 2 250 1000\nw16.dat 16 200/mmHg\nw16.dat 16 200/bpm\n", "no signal that can be"),
            ("w16 0 250 1000\n", "no signals"),
            ("w16/2 2 250 2000\nw16 1000\nw17 1000\n", "segment 'w16'"),
            ("w16/1 2 250 1000\nw16 1000\n", "segment 'w16'"),
            ("w/2 2 250 9\nw16 1000\nw16 1000\n", "add up to 2000"),
        ],
    )
    def test_headers_that_lie(self, tmp_path: Path, header: str, says: str) -> None:
        path = files.wfdb_record(tmp_path)
        if header.startswith("w/"):
            path = tmp_path / "w.hea"
        path.write_text(header.format("w16.dat 16 200/mV\n"))
        with pytest.raises(DataFormatError, match=says) as error:
            open_recording(path)
        assert "\n" not in str(error.value)
        assert tmp_path.name in str(error.value)

    @pytest.mark.data
    def test_mit_bih_reads_as_wfdb_reads_it(self, data_dir: Path) -> None:
        import wfdb

        for name in ("mitdb/100", "mitdb/114", "svdb/800"):
            recording = open_recording(data_dir / name)
            oracle = wfdb.rdrecord(str(data_dir / name))
            assert list(recording.leads) == oracle.sig_name
            assert recording.fs_hz == oracle.fs
            np.testing.assert_allclose(recording.read(), oracle.p_signal.T, atol=1e-5)


class TestEdf:
    def test_unknown_number_of_records_takes_all(self, tmp_path: Path) -> None:
        path = files.edf(tmp_path)
        raw = bytearray(path.read_bytes())
        raw[236:244] = b"-1      "
        path.write_bytes(raw)
        recording = open_recording(path)
        assert recording.n_samples == 1000
        assert any("not in the header" in note for note in recording.notes)

    def test_cut_file_says_both_sizes(self, tmp_path: Path) -> None:
        path = files.edf(tmp_path)
        path.write_bytes(path.read_bytes()[:-900])
        with pytest.raises(DataFormatError, match=r"holds 3 data records.*promises 4"):
            open_recording(path)

    def test_range_without_width_is_refused_unless_gain_is_stated(self, tmp_path: Path) -> None:
        path = files.edf(tmp_path)
        raw = bytearray(path.read_bytes())
        at = 256 + 3 * (16 + 80 + 8)  # physical minima, then maxima
        raw[at + 24 : at + 32] = raw[at : at + 8]
        path.write_bytes(raw)
        with pytest.raises(DataFormatError, match="state the gain"):
            open_recording(path)
        np.testing.assert_allclose(
            open_recording(path, gain=files.GAIN).read(), files.millivolts(), atol=1e-5
        )


class TestIshne:
    def test_faults_are_missing_and_the_text_block_is_skipped(self, tmp_path: Path) -> None:
        raw = bytearray(files.ishne(tmp_path).read_bytes())
        struct.pack_into("<h", raw, 522 + 4 * 10, -32768)
        struct.pack_into("<i", raw, 10, 33)
        (tmp_path / "text.ecg").write_bytes(raw[:522] + b"comment".ljust(33) + raw[522:])
        signal = open_recording(tmp_path / "text.ecg").read()
        expected = files.millivolts()
        expected[0, 10] = np.nan
        np.testing.assert_allclose(signal, expected, atol=1e-6)

    def test_another_length_than_promised_is_said(self, tmp_path: Path) -> None:
        path = files.ishne(tmp_path)
        path.write_bytes(path.read_bytes()[:-400])
        recording = open_recording(path)
        assert recording.n_samples == 900
        assert "holds 900 samples a lead, its header promises 1000" in recording.notes[0]


class TestTables:
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
        self, tmp_path: Path, options: dict[str, object], leads: tuple[str, ...]
    ) -> None:
        recording = open_recording(files.table(tmp_path, **options), fs_hz=files.FS_HZ)
        assert recording.leads == leads
        np.testing.assert_allclose(recording.read(), files.millivolts(), atol=2e-5)

    @pytest.mark.parametrize(
        ("header", "time"),
        [("time,II,V1", "{t:.3f}"), ("t [ms],II,V1", "{t:.3f}e3"), ("", "{t:.3f}")],
    )
    def test_rate_from_the_column_of_times(self, tmp_path: Path, header: str, time: str) -> None:
        options = {"header": [header] if header else [], "time": time}
        recording = open_recording(files.table(tmp_path, **options))
        assert recording.fs_hz == files.FS_HZ
        np.testing.assert_allclose(recording.read(), files.millivolts(), atol=2e-5)

    @pytest.mark.parametrize("header", ["", "time,II"])
    @pytest.mark.parametrize("fs", [128, 360, 500, 800, 900])
    def test_rate_from_times_rounded_to_milliseconds(
        self, tmp_path: Path, header: str, fs: int
    ) -> None:
        rows = [f"{i / fs:.3f},{np.sin(i / 9):.4f}" for i in range(5000)]
        path = tmp_path / "t.csv"
        path.write_text("\n".join([header] * bool(header) + rows) + "\n")
        recording = open_recording(path)
        assert recording.fs_hz == fs
        assert recording.read().shape == (1, 5000)
        assert not np.isnan(recording.read()).any()

    def test_gap_of_a_month_is_refused(self, tmp_path: Path) -> None:
        path = files.table(tmp_path, header=["time,II,V1"], time="{t:.3f}")
        path.write_text(path.read_text() + "2600000.0,0,0\n")
        with pytest.raises(DataFormatError, match="gaps of more than 24 hours"):
            open_recording(path)

    def test_table_that_looks_like_a_wfdb_header(self, tmp_path: Path) -> None:
        (tmp_path / "t.txt").write_text("12 5\n13 16\n11 -3\n")
        signal = open_recording(tmp_path / "t.txt", fs_hz=250, gain=10).read()
        np.testing.assert_allclose(signal, [[1.2, 1.3, 1.1], [0.5, 1.6, -0.3]], rtol=1e-6)

    def test_clock_times(self, tmp_path: Path) -> None:
        path = tmp_path / "clock.csv"
        rows = [f"0:{i // 250:02d}.{i % 250 * 4:03d},0.1,0.2" for i in range(500)]
        path.write_text("\n".join(["'Elapsed time','II','V1'", "'m:s','mV','mV'", *rows]) + "\n")
        recording = open_recording(path)
        assert recording.fs_hz == 250
        assert recording.n_samples == 500

    def test_gap_in_the_times_becomes_missing_samples(self, tmp_path: Path) -> None:
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

    def test_without_a_rate_it_says_what_to_state(self, tmp_path: Path) -> None:
        with pytest.raises(DataFormatError, match="state it"):
            open_recording(files.table(tmp_path))

    @pytest.mark.parametrize(
        ("row", "says"), [("0.1,0.2,0.3", "2 columns"), ("0.1,abc", "abc"), ("0.1", "2 columns")]
    )
    def test_odd_row_is_named(self, tmp_path: Path, row: str, says: str) -> None:
        path = files.table(tmp_path)
        path.write_text(path.read_text() + row + "\n")
        with pytest.raises(DataFormatError, match=says):
            open_recording(path, fs_hz=250)

    def test_long_table_goes_to_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ectopy.recordings.formats.csv_table._IN_MEMORY_BYTES", 100)
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
        self,
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


class TestNumpy:
    @pytest.mark.parametrize("transposed", [False, True])
    @pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "i2"])
    def test_shapes_and_types(self, tmp_path: Path, transposed: bool, dtype: str) -> None:
        stored = files.digital().astype(dtype)
        np.save(tmp_path / "x.npy", stored.T if transposed else stored)
        signal = open_recording(tmp_path / "x.npy", fs_hz=250, gain=files.GAIN).read()
        np.testing.assert_allclose(signal, files.millivolts(), atol=1e-5)

    def test_one_lead_and_infinite_values(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.array([1.0, np.inf, np.nan, 2.0]))
        signal = open_recording(tmp_path / "x.npy", fs_hz=250).read()
        np.testing.assert_array_equal(signal, [[1, np.nan, np.nan, 2]])

    def test_objects_are_never_unpickled(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.array([print, 1], dtype=object), allow_pickle=True)
        with pytest.raises(DataFormatError, match="not an array of numbers"):
            open_recording(tmp_path / "x.npy", fs_hz=250)

    def test_archive_that_promises_too_much(self, tmp_path: Path) -> None:
        import io
        import zipfile

        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            head, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        )
        with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
            archive.writestr("signal.npy", head.getvalue() + b"\0" * 800)
        with pytest.raises(DataFormatError, match="promises 8000000000000 bytes"):
            open_recording(tmp_path / "x.npz", fs_hz=250)


@pytest.mark.parametrize(
    ("signals", "kept"),
    [
        ([("MLII", "mV"), ("V5", "mV")], [0, 1]),
        ([("E-S", "mV"), ("", "mV")], [0, 1]),
        ([("EEG C3", "uV"), ("C4-A1", "uV"), ("ECG", "uV"), ("EMG chin", "mV")], [2]),
        ([("II", "mV"), ("RESP", "mV"), ("ABP", "mmHg"), ("PLETH", "NU")], [0]),
        ([("ECG I", "µV"), ("V1", "uV"), ("Thor", "uV")], [0, 1]),
        ([("aVF", "mV"), ("MCL1", "V")], [0, 1]),
    ],
)
def test_which_signals_are_ecg_leads(signals: list[tuple[str, str]], kept: list[int]) -> None:
    described = [Signal(name, unit, 250.0) for name, unit in signals]
    notes: list[str] = []
    assert choose_leads(Path("x"), described, Stated(), notes) == kept
    assert bool(notes) == (len(kept) < len(signals))


def test_lead_names_are_tidy_and_unique() -> None:
    assert lead_names(["ECG II", "ECG", "ecg", "", "ECG 2"]) == (
        "II",
        "ECG",
        "ecg 2",
        "lead 4",
        "ECG 2 2",
    )


def test_stated_values_go_before_the_file(tmp_path: Path) -> None:
    path = files.EVERY["wfdb-16"](tmp_path)
    recording = open_recording(path, fs_hz=500)
    assert recording.fs_hz == 500
    assert "stated as 500 Hz" in recording.notes[0]
    micro = open_recording(path, units="uV").read()
    np.testing.assert_allclose(micro * 1000, files.millivolts(), atol=1e-4)
    aecg = files.aecg(tmp_path)
    np.testing.assert_allclose(open_recording(aecg, gain=200).read(), files.millivolts(), atol=1e-5)


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"fs_hz": 0}, "sampling rate"),
        ({"fs_hz": float("nan")}, "sampling rate"),
        ({"units": "furlong"}, "furlong"),
        ({"gain": 0}, "gain"),
        ({"gain": 200, "units": "mV"}, "leave one"),
    ],
)
def test_stated_values_are_checked(tmp_path: Path, stated: dict, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        open_recording(tmp_path, **stated)


def test_what_is_not_a_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="nothing not found"):
        open_recording(tmp_path / "nothing")
    with pytest.raises(DataFormatError, match="is a folder"):
        open_recording(tmp_path)
    (tmp_path / "empty.edf").touch()
    with pytest.raises(DataFormatError, match=r"empty\.edf is empty"):
        open_recording(tmp_path / "empty.edf")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    with pytest.raises(DataFormatError, match="no known format"):
        open_recording(tmp_path / "photo.jpg")


def test_other_formats_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def without(name: str) -> object:
        return None if name == "ecgdatakit" else find_spec(name)

    monkeypatch.setattr("importlib.util.find_spec", without)
    for kind in ("ishne", "aecg", "muse", "mfer", "dicom"):
        with pytest.raises(DataFormatError, match=r"pip install 'ectopy\[formats\]'"):
            open_made(kind, tmp_path)


def test_opening_a_table_loads_neither_wfdb_nor_ecgdatakit(tmp_path: Path) -> None:
    import subprocess

    path = files.table(tmp_path)
    code = (
        "import sys; from ectopy.recordings.open import open_recording; "
        f"open_recording({str(path)!r}, fs_hz=250); "
        "print([m for m in ('wfdb', 'pandas', 'ecgdatakit', 'edfio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

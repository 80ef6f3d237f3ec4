import pickle
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording


def test_found_by_header_signal_file_or_name(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path, "212", "100")
    for given_path in (path, path.with_suffix(".dat"), tmp_path / "100"):
        assert open_recording(given_path).name == "100"
    path.with_suffix(".dat").rename(tmp_path / "signals.dat")
    path.write_text(path.read_text().replace("100.dat", "signals.dat"))
    assert open_recording(tmp_path / "signals.dat").name == "100"


def test_invalid_samples_are_missing(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    raw = np.fromfile(path.with_suffix(".dat"), dtype="<i2")
    raw[20] = -32768
    raw.tofile(path.with_suffix(".dat"))
    signal = open_recording(path).read()
    assert np.isnan(signal[0, 10])
    assert np.isnan(signal).sum() == 1


def test_gain_baseline_and_units(tmp_path: Path) -> None:
    path = files.wfdb_record(
        tmp_path, adc_gain=[400.0, 0.2], baseline=[100, -50], units=["mV", "uV"]
    )
    signal, stored = open_recording(path).read(), files.digital()
    np.testing.assert_allclose(signal[0], (stored[0] - 100) / 400, atol=1e-5)
    np.testing.assert_allclose(signal[1], (stored[1] + 50) / 200, atol=1e-5)
    np.testing.assert_allclose(
        open_recording(path, gain=100).read()[0], (stored[0] - 100) / 100, atol=1e-5
    )


def test_missing_gain_is_assumed_and_said(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    for gain in ("0", "0(0)/mV", "0.0"):
        path.write_text(f"w16 2 250 1000\nw16.dat 16 {gain} 16 0\nw16.dat 16 200/mV\n")
        recording = open_recording(path)
        np.testing.assert_allclose(recording.read(), files.millivolts(), atol=1e-5)
        assert "not calibrated" in recording.notes[0]
        assert len(recording.notes) == 1


def test_length_is_taken_from_the_file_where_the_header_has_none(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    path.write_text(path.read_text().replace(" 250 1000", " 250"))
    np.testing.assert_allclose(open_recording(path).read(), files.millivolts(), atol=1e-5)


def test_leads_sampled_faster_than_the_rest_are_kept(tmp_path: Path) -> None:
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


def test_more_samples_than_promised_are_said(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    path.write_text(path.read_text().replace(" 250 1000", " 250 900"))
    recording = open_recording(path)
    assert recording.n_samples == 900
    assert "holds 1000 samples a lead, its header promises 900" in recording.notes[0]


def test_signals_without_a_file_are_left_out_and_said(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    path.write_text("w16 3 250 1000\n~ 16 200/mV 16 0 0 0 0 III\n" + "w16.dat 16 200/mV\n" * 2)
    recording = open_recording(path)
    assert recording.leads == ("lead 1", "lead 2")
    assert "signals left out because they have no signal file: III" in recording.notes
    np.testing.assert_allclose(recording.read(), files.millivolts(), atol=1e-5)
    path.write_text("w16 1 250 1000\n~ 16 200/mV 16 0 0 0 0 III\n")
    with pytest.raises(DataFormatError, match="names no signal file"):
        open_recording(path)


def test_segments_with_different_leads(tmp_path: Path) -> None:
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


def test_segments_with_several_samples_a_frame_or_no_ecg(tmp_path: Path) -> None:
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
        ("w16 2 250 1000\n../w16.dat 16 200\n../w16.dat 16 200\n", "expected one beside it"),
        ("w16 2 250 1000\nw16.dat 99 200\nw16.dat 99 200\n", "signal format 99"),
        ("w16 2 250 1000\nw16.dat 16 200/mmHg\nw16.dat 16 200/bpm\n", "no signal that can be"),
        ("w16 0 250 1000\n", "no signals"),
        ("w16/2 2 250 2000\nw16 1000\nw17 1000\n", "segment 'w16'"),
        ("w16/1 2 250 1000\nw16 1000\n", "segment 'w16'"),
        ("w/2 2 250 9\nw16 1000\nw16 1000\n", "add up to 2000"),
    ],
)
def test_headers_that_lie(tmp_path: Path, header: str, says: str) -> None:
    path = files.wfdb_record(tmp_path)
    if header.startswith("w/"):
        path = tmp_path / "w.hea"
    path.write_text(header.format("w16.dat 16 200/mV\n"))
    with pytest.raises(DataFormatError, match=says) as error:
        open_recording(path)
    assert "\n" not in str(error.value)
    assert tmp_path.name in str(error.value)


@pytest.mark.parametrize("kind", ["wfdb-212", "wfdb-8", "wfdb-516", "wfdb-segments", "rates"])
def test_a_record_goes_to_another_process_and_reads_there(tmp_path: Path, kind: str) -> None:
    if kind == "rates":
        raw = np.column_stack([files.digital()[0].reshape(-1, 2), files.digital()[1, ::2]])
        raw.astype("<i2").tofile(tmp_path / "m.dat")
        path = tmp_path / "m.hea"
        path.write_text(
            f"m 2 125 {len(raw)}\nm.dat 16x2 200 16 0 0 7 0 II\nm.dat 16 200 16 0 0 7 0 V1\n"
        )
    else:
        path = files.EVERY[kind](tmp_path)
    recording = open_recording(path)
    first = recording.read(0, 300)
    sent = pickle.loads(pickle.dumps(recording))
    np.testing.assert_array_equal(sent.read(0, 300), first)
    np.testing.assert_array_equal(sent.read(), recording.read())
    assert sent.all_notes == recording.all_notes
    if kind == "rates":
        assert "do not add up" in sent.all_notes[-1]


@pytest.mark.data
def test_mit_bih_reads_as_wfdb_reads_it(data_dir: Path) -> None:
    import wfdb

    for name in ("mitdb/100", "mitdb/114", "svdb/800"):
        recording = open_recording(data_dir / name)
        oracle = wfdb.rdrecord(str(data_dir / name))
        assert list(recording.leads) == oracle.sig_name
        assert recording.fs_hz == oracle.fs
        np.testing.assert_allclose(recording.read(), oracle.p_signal.T, atol=1e-5)

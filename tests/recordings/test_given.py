"""What people have at hand becomes the same recording, or one sentence says why it cannot."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.given import as_recording
from ectopy.recordings.open import open_recording

SIGNAL = np.random.default_rng(1).normal(size=(2, 900)).astype(np.float32)


@pytest.mark.parametrize("given", [SIGNAL, SIGNAL.T, SIGNAL.tolist(), np.ma.masked_array(SIGNAL)])
def test_arrays_either_way_round(given: object) -> None:
    recording = as_recording(given, fs_hz=300)  # type: ignore[arg-type]
    np.testing.assert_array_equal(recording.read(), SIGNAL)
    assert (recording.fs_hz, recording.duration_s) == (300, 3)
    assert recording.leads == ("lead 1", "lead 2")
    assert "taken as mV" in recording.notes[0]


def test_one_lead_with_its_name_and_unit() -> None:
    recording = as_recording(1000 * SIGNAL[0], fs_hz=300, leads=["ECG II"], units="uV")
    np.testing.assert_allclose(recording.read(), SIGNAL[:1], rtol=1e-6)
    assert (recording.leads, recording.notes) == (("II",), ())


def test_one_name_is_one_lead() -> None:
    assert as_recording(SIGNAL[0], fs_hz=300, leads="V1").leads == ("V1",)


def test_gain_of_raw_numbers() -> None:
    raw = np.rint(200 * SIGNAL).astype(np.int16)
    np.testing.assert_allclose(as_recording(raw, fs_hz=300, gain=200).read(), SIGNAL, atol=0.003)


def test_missing_samples_stay_missing() -> None:
    holes = SIGNAL.copy()
    holes[0, 3], holes[1, 4] = np.nan, np.inf
    masked = np.ma.masked_array(holes, mask=np.zeros_like(holes, dtype=bool))
    masked[0, 7] = np.ma.masked
    missing = np.argwhere(np.isnan(as_recording(masked, fs_hz=300).read()))
    assert missing.tolist() == [[0, 3], [0, 7], [1, 4]]


def test_names_tell_the_axis_of_the_leads() -> None:
    many = np.zeros((64, 1000))
    names = [f"e{i}" for i in range(64)]
    assert as_recording(many, fs_hz=1000, leads=names).n_samples == 1000
    assert as_recording(many.T, fs_hz=1000, leads=names).n_samples == 1000
    short = np.zeros((12, 30))
    assert as_recording(short, fs_hz=100, leads=names[:12]).n_samples == 30


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (np.zeros((12, 30)), {}, r"\(12, 30\) can be read both ways.* name the leads"),
        (np.zeros((30, 30)), {"leads": [str(i) for i in range(30)]}, "both ways.*from_array"),
        (np.zeros((100, 187)), {}, r"\(100, 187\) has no axis of at most 32 for its leads"),
        (np.zeros((2, 900)), {"leads": ["II"]}, "no axis of length 1 for the leads II"),
        (np.zeros(900), {"leads": ["II", "V1"]}, "one lead of 900 samples was given and 2 names"),
        (np.zeros((2, 3, 4)), {}, r"shape \(2, 3, 4\) is no recording"),
        (np.zeros(0), {}, r"shape \(0,\) is no recording"),
        (np.zeros(9, dtype=bool), {}, "of bool with shape"),
        (np.zeros(9, dtype=complex), {}, "of complex128"),
        ([[1.0], [1.0, 2.0]], {}, "a list .*is no recording"),
        (None, {}, "a NoneType is no recording"),
        ({"ecg": 1}, {}, "a dict is no recording"),
        (b"mitdb/100", {}, "is no recording"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_sentence(
    given: object, options: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        as_recording(given, fs_hz=300, **options)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_a_rate_has_to_be_stated_for_an_array() -> None:
    with pytest.raises(ConfigError, match="does not say its sampling rate; state it") as error:
        as_recording(SIGNAL)
    assert error.value.change == ("fs_hz",)


def test_a_table_is_not_searched_for_leads() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ConfigError, match=r"a table was given.*columns"):
        as_recording(pandas.DataFrame(SIGNAL.T), fs_hz=300)


def test_a_path_and_a_recording(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", files.millivolts())
    recording = as_recording(tmp_path / "x.npy", fs_hz=250)
    assert as_recording(str(tmp_path / "x.npy"), fs_hz=250).n_samples == recording.n_samples
    assert as_recording(recording) is recording
    with pytest.raises(ConfigError, match="fs_hz is stated for a Recording"):
        as_recording(recording, fs_hz=250)
    with pytest.raises(ConfigError, match="leads is stated for a file"):
        as_recording(tmp_path / "x.npy", leads=["II"])


@pytest.mark.parametrize("physical", [True, False])
def test_a_record_of_wfdb_is_what_its_file_is(tmp_path: Path, physical: bool) -> None:
    wfdb = pytest.importorskip("wfdb")
    stored = np.c_[np.rint(200 * SIGNAL.T), np.arange(900) % 7].astype(np.int64)
    stored[5, 0] = -(2**15)  # WFDB's invalid sample in format 16
    wfdb.wrsamp(
        "x", fs=300, units=["mV", "uV", "mmHg"], sig_name=["MLII", "V1", "ABP"],
        d_signal=stored, fmt=["16"] * 3, adc_gain=[200.0, 0.2, 1.0], baseline=[0, 10, 0],
        base_date=datetime(2020, 5, 6).date(), base_time=datetime(2020, 5, 6, 7, 8, 9).time(),
        write_dir=str(tmp_path),
    )  # fmt: skip
    record = wfdb.rdrecord(str(tmp_path / "x"), physical=physical)
    ours, read = as_recording(record), open_recording(tmp_path / "x")
    np.testing.assert_allclose(ours.read(), read.read(), rtol=1e-6)
    assert np.isnan(ours.read()[0, 5])
    assert (ours.leads, ours.start) == (read.leads, read.start) == (("MLII", "V1"), ours.start)
    assert ours.start == datetime(2020, 5, 6, 7, 8, 9)
    assert (ours.name, ours.fs_hz) == ("x", 300)
    assert "ABP" in ours.notes[0]
    with pytest.raises(ConfigError, match=r"units is stated for a wfdb\.Record"):
        as_recording(record, units="mV")


def test_a_record_of_wfdb_without_samples_in_one_array(tmp_path: Path) -> None:
    wfdb = pytest.importorskip("wfdb")
    wfdb.wrsamp("x", fs=300, units=["mV"], sig_name=["II"], p_signal=SIGNAL[:1].T, fmt=["16"],
                write_dir=str(tmp_path))  # fmt: skip
    header = wfdb.rdheader(str(tmp_path / "x"))
    with pytest.raises(DataFormatError, match=r"wfdb\.Record x does not hold its samples"):
        as_recording(header)

import importlib.util
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

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


def test_slow_lead_is_left_out_with_the_true_reason() -> None:
    notes: list[str] = []
    rates = {"ECG": 500.0, "ECG trend": 1.0, "ECG 2": 500 / np.pi, "ECG 3": 250.0}
    described = [Signal(name, "mV", fs_hz) for name, fs_hz in rates.items()]
    assert choose_leads(Path("x"), described, Stated(), notes) == [0, 3]
    assert notes == [
        "lead ECG trend was left out: 1 Hz is too slow for an ECG",
        "lead ECG 2 was left out: its 159.155 Hz have no simple ratio to the 500 Hz of other leads",
        "lead ECG 3 was resampled from 250 Hz to 500 Hz",
    ]


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


@pytest.mark.parametrize(
    ("signals", "kept"),
    [
        ([("MLII", "mV"), ("V5", "mV")], [0, 1]),
        ([("E-S", "mV"), ("", "mV")], [0, 1]),
        ([("EEG C3", "uV"), ("C4-A1", "uV"), ("ECG", "uV"), ("EMG chin", "mV")], [2]),
        ([("II", "mV"), ("RESP", "mV"), ("ABP", "mmHg"), ("PLETH", "NU")], [0]),
        ([("ECG I", "µV"), ("V1", "uV"), ("Thor", "uV")], [0, 1]),
        ([("aVF", "mV"), ("MCL1", "V")], [0, 1]),
        ([("C1", "mV"), ("C2", "mV"), ("C3", "uV")], [0, 1, 2]),  # IEC names of chest leads
        ([("II", "mV"), ("Fp1", "uV"), ("C3-A2", "uV"), ("O2", "uV")], [0]),
    ],
)
def test_which_signals_are_ecg_leads(signals: list[tuple[str, str]], kept: list[int]) -> None:
    described = [Signal(name, unit, 250.0) for name, unit in signals]
    notes: list[str] = []
    assert choose_leads(Path("x"), described, Stated(), notes) == kept
    assert bool(notes) == (len(kept) < len(signals))


@pytest.mark.parametrize(
    "names",
    [
        ["Fp1", "Fp2", "C3", "C4", "O1", "O2", "A1", "A2"],
        ["C3-A2", "O2-A1", "LOC", "ROC", "chin"],
        ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal"],
        ["Fc5.", "C3..", "Cz..", "Af7.", "T10.", "Iz.."],
        [f"{bank}{i}" for bank in "ABCD" for i in range(1, 33)] + ["EXG1", "Status"],
    ],
)
def test_an_eeg_has_no_ecg_lead(names: list[str]) -> None:
    described = [Signal(name, "uV", 250.0) for name in names]
    with pytest.raises(DataFormatError, match="no signal that can be told for an ECG lead") as said:
        choose_leads(Path("x"), described, Stated(), [])
    assert "if one is, state its units" in str(said.value)
    assert len(str(said.value)) < 300


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
    (tmp_path / "odd.xyz").write_bytes(bytes(range(256)))
    with pytest.raises(DataFormatError, match="no known format"):
        open_recording(tmp_path / "odd.xyz")


def test_other_formats_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def without(name: str) -> object:
        return None if name == "ecgdatakit" else find_spec(name)

    monkeypatch.setattr("importlib.util.find_spec", without)
    for kind in ("ishne", "mfer", "dicom"):
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

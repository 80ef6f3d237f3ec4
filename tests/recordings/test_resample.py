"""Leads of different rates: all kept, brought to the highest, the same in pieces as in one go."""

import warnings
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import edfio
import numpy as np
import pytest
import recording_files as files
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from ectopy.recordings.formats.resample import Part, join, ratio, resampled
from ectopy.recordings.open import open_recording

SECONDS = 20


def wave(fs_hz: float, seconds: float = SECONDS) -> np.ndarray:
    """A heart at 75 a minute as a sum of its first 15 harmonics, band-limited to 19 Hz."""
    t = np.arange(round(seconds * fs_hz)) / fs_hz
    return sum(np.cos(2 * np.pi * 1.25 * k * (t - 0.3)) for k in range(1, 16)) / 15


def edf_of_rates(
    folder: Path,
    rates: dict[str, int],
    gap_s: float = 0.0,
    *,
    bdf: bool = False,
    record_s: float = 1,
) -> Path:
    made_of, of_signals = (edfio.Bdf, edfio.BdfSignal) if bdf else (edfio.Edf, edfio.EdfSignal)
    signals = [
        of_signals(
            wave(fs), fs, label=name, physical_dimension="mV", physical_range=(-2, 2),
        )
        for name, fs in rates.items()
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = made_of(
            signals,
            recording=edfio.Recording(startdate=datetime(2024, 5, 6).date()),
            annotations=[edfio.EdfAnnotation(0, None, "x")] if gap_s else None,
            data_record_duration=record_s,
        )
    path = folder / ("rates.bdf" if bdf else "rates.edf")
    made.write(path)
    if gap_s:
        raw = bytearray(path.read_bytes())
        raw[192:197] = b"EDF+D"
        for second in reversed(range(10, SECONDS)):
            onset = f"+{second}\x14\x14".encode()
            late = f"+{second + gap_s:g}\x14\x14".encode()
            at = raw.index(onset, 256 * (len(rates) + 2))
            raw[at : at + len(late)] = late
        path.write_bytes(raw)
    return path


def test_slower_lead_of_an_edf_is_resampled_and_said_so(tmp_path: Path) -> None:
    recording = open_recording(edf_of_rates(tmp_path, {"ECG II": 128, "ECG V1": 512, "Resp": 32}))
    assert recording.fs_hz == 512
    assert recording.leads == ("II", "V1")
    assert "signals left out because they are not ECG leads: Resp" in recording.notes
    assert "lead ECG II was resampled from 128 Hz to 512 Hz" in recording.notes
    signal = recording.read()
    assert signal.shape == (2, 512 * SECONDS)
    inner = slice(256, -256)
    np.testing.assert_allclose(signal[0, inner], wave(512)[inner], atol=2e-3)
    assert np.isfinite(signal).all()


@pytest.mark.parametrize("record_s", [1, 0.25, 10])
@pytest.mark.parametrize("bdf", [False, True])
def test_rates_of_a_bdf_and_data_records_of_any_length(
    tmp_path: Path, bdf: bool, record_s: float
) -> None:
    rates = {"ECG II": 512, "Resp": 32, "ECG V1": 256, "Temp": 4}
    recording = open_recording(edf_of_rates(tmp_path, rates, bdf=bdf, record_s=record_s))
    assert (recording.fs_hz, recording.leads) == (512, ("II", "V1"))
    signal = recording.read()
    inner = slice(256, -256)
    for row in signal:
        np.testing.assert_allclose(row[inner], wave(512)[inner], atol=2e-3)
    stated = open_recording(tmp_path / f"rates.{'bdf' if bdf else 'edf'}", fs_hz=500)
    assert stated.fs_hz == 500  # of the fastest lead, which the others follow
    np.testing.assert_array_equal(stated.read(), signal)


def wfdb_of_rates(folder: Path, name: str, frame_hz: float, rates: dict[str, int]) -> Path:
    wfdb.wrsamp(
        name, fs=frame_hz, units=["mV"] * len(rates), sig_name=list(rates),
        e_p_signal=[wave(fs) for fs in rates.values()], fmt=["16"] * len(rates),
        samps_per_frame=[round(fs / frame_hz) for fs in rates.values()], write_dir=str(folder),
    )  # fmt: skip
    return folder / f"{name}.hea"


def test_wfdb_frames_of_a_second_are_no_rate(tmp_path: Path) -> None:
    path = wfdb_of_rates(tmp_path, "slow", 1, {"II": 250, "Resp": 25, "V1": 125})
    recording = open_recording(path)
    assert (recording.fs_hz, recording.leads) == (250, ("II", "V1"))
    inner = slice(200, -200)
    for row in recording.read():
        np.testing.assert_allclose(row[inner], wave(250)[inner], atol=2e-3)
    assert open_recording(path, fs_hz=500).fs_hz == 500  # of the leads, not of the frames


def test_wfdb_segments_of_different_rates(tmp_path: Path) -> None:
    wfdb_of_rates(tmp_path, "fast", 125, {"II": 250, "V1": 125})
    wfdb_of_rates(tmp_path, "slow", 125, {"II": 125})
    n = 125 * SECONDS
    (tmp_path / "both.hea").write_text(f"both/3 2 125 {3 * n}\nslow {n}\nfast {n}\nslow {n}\n")
    recording = open_recording(tmp_path / "both")
    assert (recording.fs_hz, recording.n_samples) == (250, 6 * n)
    assert "segments of a lower rate, resampled to 250 Hz: slow" in recording.notes
    signal = recording.read()
    for begin in range(0, 6 * n, 2 * n):
        inner = slice(begin + 200, begin + 2 * n - 200)
        np.testing.assert_allclose(signal[0, inner], wave(250)[200:-200], atol=2e-3)
    assert np.isnan(signal[1, : 2 * n]).all()
    np.testing.assert_array_equal(recording.read(4990, 10_010), signal[:, 4990:10_010])


def test_pieces_are_the_whole(tmp_path: Path) -> None:
    path = edf_of_rates(tmp_path, {"ECG 1": 250, "ECG 2": 256, "ECG 3": 100}, gap_s=3)
    recording = open_recording(path)
    whole = recording.read()
    # The slower leads are missing where the fastest is, to half a sample of theirs.
    missing = np.isnan(whole).sum(axis=1)
    assert missing[1] == 3 * 256
    assert np.abs(missing - 3 * 256).max() <= 3
    cuts = [0, 1, 2, 700, 2559, 2560, 2561, 3300, 3328, 3329, 4000, recording.n_samples]
    pieces = [recording.read(a, b) for a, b in pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)


def test_wfdb_record_with_several_samples_a_frame(tmp_path: Path) -> None:
    wfdb.wrsamp(
        "multi",
        fs=100,
        units=["mV", "mV"],
        sig_name=["II", "V5"],
        e_p_signal=[wave(100), wave(400)],
        samps_per_frame=[1, 4],
        fmt=["16", "16"],
        write_dir=str(tmp_path),
    )
    recording = open_recording(tmp_path / "multi")
    assert (recording.fs_hz, recording.leads) == (400, ("II", "V5"))
    signal = recording.read()
    inner = slice(200, -200)
    np.testing.assert_allclose(signal[0, inner], wave(400)[inner], atol=2e-3)
    np.testing.assert_allclose(signal[1], wave(400), atol=1e-3)
    np.testing.assert_array_equal(recording.read(401, 1203), signal[:, 401:1203])


def test_leads_of_another_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecgdatakit import FileParser

    parse = FileParser.parse

    def slower(path: Path, **options: object) -> object:
        record = parse(path, **options)
        record.leads[1].samples = np.asarray(record.leads[1].samples)[::2]
        record.leads[1].sampling_rate = files.FS_HZ / 2
        return record

    monkeypatch.setattr(FileParser, "parse", slower)
    recording = open_recording(files.mfer(tmp_path))
    assert recording.leads == files.LEADS
    assert recording.n_samples == files.millivolts().shape[1]
    assert any("resampled from 125 Hz to 250 Hz" in note for note in recording.notes)
    # Old samples stay what they are.
    np.testing.assert_allclose(recording.read()[1, ::2], files.millivolts()[1, ::2], atol=1e-4)


@pytest.mark.parametrize(("high", "low"), [(500, 250), (360, 250), (512, 200), (250, 250 / 3)])
def test_as_scipy_resamples(high: float, low: float) -> None:
    samples = wave(low).astype(np.float32)
    made = resampled(samples, high, low)
    found = ratio(high, low)
    expected = resample_poly(samples, found.numerator, found.denominator, window=("kaiser", 8.0))
    inner = slice(300, -300)
    np.testing.assert_allclose(made[inner], expected[: len(made)][inner], atol=5e-3)


def test_what_has_no_simple_ratio() -> None:
    assert ratio(512, 128) == 4
    assert ratio(500, 360) == Fraction(25, 18)
    assert ratio(500, np.pi * 100) is None
    assert ratio(500, 0) is None


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_piece_of_any_ratio_with_any_samples_missing(data: st.DataObject) -> None:
    up = data.draw(st.integers(1, 40))
    found = Fraction(up, data.draw(st.integers(1, up)))
    n = data.draw(st.integers(1, 300))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    samples = rng.normal(size=(1, n)).astype(np.float32)
    samples[:, rng.random(n) < data.draw(st.sampled_from([0, 0.05, 0.5, 1]))] = np.nan
    slow = Part((0,), lambda a, b: samples[:, a:b], n, found)
    n_new = int(n * found)
    read = join([slow, Part((1,), lambda a, b: np.zeros((1, b - a), np.float32), n_new, 1)])
    whole = read(0, n_new)
    a = data.draw(st.integers(0, n_new))
    b = data.draw(st.integers(a, n_new))
    np.testing.assert_array_equal(read(a, b), whole[:, a:b])
    # Missing samples are not made up, and what is there does not grow.
    there = np.isfinite(whole[0])
    assert np.abs(whole[0][there]).max(initial=0) < 30
    if np.isnan(samples).all():
        assert not there.any()
    elif np.isfinite(samples).all():
        assert there.all()

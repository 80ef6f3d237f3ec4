"""The same signal gives the same labels, whatever file it comes from."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import recording_files as files
import scp_files
from scipy.signal import resample_poly

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.open import open_recording

pytestmark = pytest.mark.data

Ints = npt.NDArray[np.int64]
# Record, leads, first second and seconds: ventricular beats and fusions, and a strip.
SIGNALS = {
    "mitdb/208": (("MLII", "V1"), 300, 60),
    "ludb/15": (("ii", "v1"), 0, 10),
}
COARSE = {"wfdb-80", "wfdb-508", "wfdb-8"}
"""They have 8 bits, or 8 bits for a step: samples are rounded, or slopes cut."""
HOLDS_SOMETHING_ELSE = {
    "wfdb-segments": "has a gap",
    "edf+d": "has a gap",
    "kardia": "has limb leads alone",
}
MORE = {
    "wfdb-524": lambda folder: files.wfdb_record(folder, "524"),
    "csv.gz": lambda folder: files.table_in_gzip(folder),
    "one line of text": lambda folder: files.one_line(folder),
    "scp-unpacked": lambda folder: scp_files.unpacked(folder),
    "scp-first-differences": lambda folder: scp_files.first_differences(folder),
}
KINDS = sorted({*files.EVERY, *MORE} - set(HOLDS_SOMETHING_ELSE))
ONE_LEAD = {"one line of text"}
SAYS_NO_RATE = NAMES_NO_LEADS = {"npy"}


@functools.cache
def real(name: str, data_dir: Path) -> Ints:
    """Two leads of a record at 250 Hz, in 5 uV: what every format can hold."""
    leads, first, seconds = SIGNALS[name]
    recording = open_recording(data_dir / name)
    fs = round(recording.fs_hz)
    rows = recording.read(first * fs, (first + seconds) * fs)
    rows = rows[[recording.lead_index(lead) for lead in leads]].astype(np.float64)
    made = resample_poly(rows, files.FS_HZ, fs, axis=1) * files.GAIN
    made = np.rint(made - np.median(made, axis=1, keepdims=True)).astype(np.int64)
    return made[:, : seconds * files.FS_HZ].clip(-511, 511)  # a quarter fits into eight bits


@functools.cache
def expected(name: str, data_dir: Path, leads: tuple[str, ...]) -> Result:
    """What the samples themselves are labelled as; names of leads matter, for II goes first."""
    signal = (real(name, data_dir)[: len(leads)] / files.GAIN).astype(np.float32)
    return analyze(signal, fs_hz=files.FS_HZ, leads=leads, threads=1)


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_those_of_the_samples(
    kind: str, name: str, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = real(name, data_dir)
    seconds = signal.shape[1] // files.FS_HZ
    monkeypatch.setattr(files, "SECONDS", seconds)
    monkeypatch.setattr(files, "digital", lambda *_: signal)
    monkeypatch.setattr(files, "millivolts", lambda *_: (signal / files.GAIN).astype(np.float32))
    path = {**files.EVERY, **MORE}[kind](tmp_path)
    recording = open_recording(path, fs_hz=files.FS_HZ if kind in SAYS_NO_RATE else None)
    assert recording.fs_hz == files.FS_HZ
    assert recording.n_samples == signal.shape[1]
    named = files.LEADS[:1] if kind in ONE_LEAD else files.LEADS
    assert recording.leads == named or kind in NAMES_NO_LEADS
    there = (signal[: len(named)] / files.GAIN).astype(np.float32)
    read = recording.read()
    result, whole = analyze(recording, threads=1), expected(name, data_dir, recording.leads)
    assert len(whole.beats) >= seconds * 0.7
    if kind in COARSE:
        assert len(result.beats) == len(whole.beats)
        # Of a wide beat the highest sample may become another one.
        assert np.abs(result.beats.samples - whole.beats.samples).max() <= 0.05 * files.FS_HZ
    else:
        # To the last digit of a float: a factor that is no power of two rounds as it may.
        np.testing.assert_allclose(read, there, rtol=3e-7, atol=2e-7)
        np.testing.assert_array_equal(result.beats.samples, whole.beats.samples)
        np.testing.assert_array_equal(result.beats.uncertain, whole.beats.uncertain)
        np.testing.assert_allclose(result.beats.probabilities, whole.beats.probabilities, atol=2e-3)
    np.testing.assert_array_equal(result.beats.classes, whole.beats.classes)
    if np.array_equal(read, there):
        np.testing.assert_array_equal(result.beats.probabilities, whole.beats.probabilities)

"""MATLAB files: as SciPy reads them, and the samples found whatever they are called."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recording_files as files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ectopy.errors import DataFormatError, EctopyError
from ectopy.recordings.formats import matlab_v73
from ectopy.recordings.formats.matlab_v5 import read_version5
from ectopy.recordings.open import open_recording
from ectopy.recordings.subject import Subject

scipy_io = pytest.importorskip("scipy.io")
SAMPLES = files.millivolts()
FS = files.FS_HZ


def saved(folder: Path, *, packed: bool = False, **variables: Any) -> Path:
    scipy_io.savemat(folder / "a.mat", variables, do_compression=packed)
    return folder / "a.mat"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("variables", "leads"),
    [
        ({"val": SAMPLES, "fs": FS}, ("lead 1", "lead 2")),
        ({"ECG": SAMPLES.T, "Fs": float(FS)}, ("lead 1", "lead 2")),
        ({"signal": SAMPLES, "sampling_rate": FS, "leads": ["II", "V1"]}, ("II", "V1")),
        ({"data": SAMPLES, "srate": str(FS), "labels": np.array(["II", "V1"], dtype=object)},
         ("II", "V1")),
        ({"rec": {"ecg": SAMPLES, "info": {"fs": FS, "lead_names": ["II", "V1"]}}}, ("II", "V1")),
        ({"II": SAMPLES[0], "V1": SAMPLES[1], "fs": FS, "age": 51}, ("II", "V1")),
        ({"ekg": SAMPLES, "tm": np.arange(SAMPLES.shape[1]) / FS}, ("lead 1", "lead 2")),
        ({"whatever": SAMPLES, "fs": FS, "rpeaks": np.arange(40)}, ("lead 1", "lead 2")),
        ({"data": SAMPLES.astype("f8"), "fs": np.uint16(FS), "x": np.eye(60)},
         ("lead 1", "lead 2")),
    ],
)  # fmt: skip
def test_ways_to_hold_samples(
    tmp_path: Path, variables: dict[str, Any], leads: tuple[str, ...], packed: bool
) -> None:
    recording = open_recording(saved(tmp_path, packed=packed, **variables))
    assert (recording.fs_hz, recording.leads) == (FS, leads)
    np.testing.assert_array_equal(recording.read(), SAMPLES)
    assert recording.notes == ("values were taken as mV; state units or gain if they are not",)


def test_units_gain_and_who(tmp_path: Path) -> None:
    raw = files.digital().astype("i2")
    path = saved(tmp_path, val=raw, fs=FS, gain=200, ECG={"sex": "Female", "age": 51})
    recording = open_recording(path)
    np.testing.assert_allclose(recording.read(), SAMPLES, atol=1e-6)
    assert recording.notes == ("values were divided by the gain in the file, 200 to a millivolt",)
    assert recording.subject == Subject(sex="F", age_years=51)
    path = saved(tmp_path, val=raw * 5, fs=FS, units="uV")
    np.testing.assert_allclose(open_recording(path).read(), SAMPLES, atol=1e-6)
    assert open_recording(path).notes == ()
    stated = open_recording(path, gain=1000, fs_hz=500)
    np.testing.assert_allclose(stated.read(), SAMPLES, atol=1e-6)
    assert stated.fs_hz == 500


@pytest.mark.parametrize("make", ["mat5", "mat73"])
def test_without_a_rate_it_is_asked_for(tmp_path: Path, make: str) -> None:
    path = files.EVERY[make](tmp_path)
    if make == "mat5":
        path = saved(tmp_path, ecg=SAMPLES)
    else:
        import h5py

        with h5py.File(path, "r+") as file:
            del file["fs"]
    with pytest.raises(DataFormatError, match=r"\.mat does not say its sampling rate; state it"):
        open_recording(path)
    assert open_recording(path, fs_hz=FS).fs_hz == FS


def test_which_is_the_samples_is_not_guessed(tmp_path: Path) -> None:
    path = saved(tmp_path, a=SAMPLES, b=SAMPLES, fs=FS)
    with pytest.raises(DataFormatError, match=r"it has a \(2 x 1000\), b \(2 x 1000\), fs"):
        open_recording(path)


def test_version73_as_matlab_writes_it(tmp_path: Path) -> None:
    recording = open_recording(files.mat73(tmp_path))
    assert (recording.leads, recording.fs_hz) == (files.LEADS, FS)
    np.testing.assert_array_equal(recording.read(), SAMPLES)
    assert recording.subject == Subject(sex="F")


def test_version73_needs_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.mat73(tmp_path)
    monkeypatch.setattr(matlab_v73.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EctopyError, match=r"needs h5py: pip install 'ectopy\[formats\]', or save"):
        open_recording(path)


def test_a_packed_variable_that_unpacks_to_gigabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, packed=True, ecg=np.zeros((2, 100_000)), fs=FS)
    monkeypatch.setattr("ectopy.recordings.formats.budget.FREE_UNPACKED", 1_000_000)
    with pytest.raises(
        DataFormatError, match="unpacks to more than 1000000 bytes, expected less; it is damaged"
    ):
        open_recording(path)


@pytest.mark.parametrize("order", ["<", ">"])
def test_either_byte_order(tmp_path: Path, order: str) -> None:
    """A file by hand, as big machines wrote them: one vector of doubles."""

    def element(kind: int, raw: bytes) -> bytes:
        head = np.array([kind, len(raw)], dtype=f"{order}u4").tobytes()
        return head + raw + bytes(-len(raw) % 8)

    def array(name: bytes, numbers: np.ndarray) -> bytes:
        flags = np.array([6, 0], dtype=f"{order}u4").tobytes()
        dims = np.array([1, len(numbers)], dtype=f"{order}i4").tobytes()
        body = element(6, flags) + element(5, dims) + element(1, name)
        return element(14, body + element(9, numbers.astype(f"{order}f8").tobytes()))

    head = b"MATLAB 5.0 MAT-file, Platform: SOL2".ljust(124) + (
        b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    )
    path = tmp_path / "a.mat"
    path.write_bytes(head + array(b"ecg", SAMPLES[0]) + array(b"fs", np.array([FS])))
    np.testing.assert_array_equal(open_recording(path).read()[0], SAMPLES[0])


NUMBERS = hnp.arrays(
    st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=6),
)
NAMES = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,10}", re.ASCII), fullmatch=True)
TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=9)
VALUES = st.recursive(
    NUMBERS | TEXT, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), st.booleans())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_value_is_what_scipy_reads(
    tmp_path: Path, variables: dict[str, Any], packed: bool
) -> None:
    path = saved(tmp_path, packed=packed, **variables)
    theirs = scipy_io.loadmat(path, simplify_cells=True)
    ours = read_version5(path)
    assert set(ours) == set(variables)
    for name in variables:
        _same(ours[name], theirs[name])


def _same(ours: Any, theirs: Any) -> None:
    if isinstance(ours, dict):
        assert set(ours) == set(theirs)
        for name, value in ours.items():
            _same(value, theirs[name])
    elif isinstance(ours, str):
        assert ours == str(theirs)
    else:
        np.testing.assert_array_equal(np.squeeze(ours), np.squeeze(theirs))


def test_h5py_is_there_for_these_tests() -> None:
    assert importlib.util.find_spec("h5py") is not None

from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "i2"])
def test_shapes_and_types(tmp_path: Path, transposed: bool, dtype: str) -> None:
    stored = files.digital().astype(dtype)
    np.save(tmp_path / "x.npy", stored.T if transposed else stored)
    signal = open_recording(tmp_path / "x.npy", fs_hz=250, gain=files.GAIN).read()
    np.testing.assert_allclose(signal, files.millivolts(), atol=1e-5)


def test_one_lead_and_infinite_values(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([1.0, np.inf, np.nan, 2.0]))
    signal = open_recording(tmp_path / "x.npy", fs_hz=250).read()
    np.testing.assert_array_equal(signal, [[1, np.nan, np.nan, 2]])


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([print, 1], dtype=object), allow_pickle=True)
    with pytest.raises(DataFormatError, match="not an array of numbers"):
        open_recording(tmp_path / "x.npy", fs_hz=250)


def test_archive_that_promises_too_much(tmp_path: Path) -> None:
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

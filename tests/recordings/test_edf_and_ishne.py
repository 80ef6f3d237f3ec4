import struct
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording


def test_unknown_number_of_records_takes_all(tmp_path: Path) -> None:
    path = files.edf(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[236:244] = b"-1      "
    path.write_bytes(raw)
    recording = open_recording(path)
    assert recording.n_samples == 1000
    assert any("not in the header" in note for note in recording.notes)


def test_cut_file_says_both_sizes(tmp_path: Path) -> None:
    path = files.edf(tmp_path)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(DataFormatError, match=r"holds 3 data records.*promises 4"):
        open_recording(path)


def test_range_without_width_is_refused_unless_gain_is_stated(tmp_path: Path) -> None:
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


def test_faults_are_missing_and_the_text_block_is_skipped(tmp_path: Path) -> None:
    raw = bytearray(files.ishne(tmp_path).read_bytes())
    struct.pack_into("<h", raw, 522 + 4 * 10, -32768)
    struct.pack_into("<i", raw, 10, 33)
    (tmp_path / "text.ecg").write_bytes(raw[:522] + b"comment".ljust(33) + raw[522:])
    signal = open_recording(tmp_path / "text.ecg").read()
    expected = files.millivolts()
    expected[0, 10] = np.nan
    np.testing.assert_allclose(signal, expected, atol=1e-6)


def test_another_length_than_promised_is_said(tmp_path: Path) -> None:
    path = files.ishne(tmp_path)
    path.write_bytes(path.read_bytes()[:-400])
    recording = open_recording(path)
    assert recording.n_samples == 900
    assert "holds 900 samples a lead, its header promises 1000" in recording.notes[0]


@pytest.mark.parametrize(
    ("time", "begun"), [(b"00.00.00", None), (b"10.12.00", datetime(1985, 1, 1, 10, 12))]
)
def test_the_first_moment_of_the_format_is_no_start(
    tmp_path: Path, time: bytes, begun: datetime | None
) -> None:
    path = files.edf(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[88:184] = b" " * 80 + b"01.01.85" + time  # a plain EDF header: no second date in words
    path.write_bytes(raw)
    assert open_recording(path).start == begun

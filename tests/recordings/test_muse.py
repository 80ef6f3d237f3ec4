"""MUSE: the rhythm strip and never the median beat, its scale, its rate, its checksum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recording_files as files
import vendor_files as made

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
ROWS, EXPECTED = files.digital(), files.millivolts()


def strip(rows: np.ndarray = ROWS, names: tuple[str, ...] = files.LEADS, **options: Any) -> str:
    return made.muse_strip(names, rows, options.pop("fs_hz", files.FS_HZ), **options)


def opened(folder: Path, *strips: str, **options: Any) -> Recording:
    return open_recording(made.muse(folder / "a.xml", strips, **options))


def test_who_when_and_what(tmp_path: Path) -> None:
    recording = opened(tmp_path, strip())
    assert recording.leads == files.LEADS
    assert recording.start == made.WHEN
    assert recording.source == "MUSE XML a.xml"
    assert recording.notes == ()
    who = recording.subject
    assert (who.id, who.name, who.sex) == ("S-17", "Ada Müller", "F")
    assert (who.age_years, who.birth_year) == (70, 1953)
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    recording = opened(tmp_path, strip(), encoding=encoding)
    assert recording.subject.name == "Ada Müller"
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)


def test_the_median_beat_is_left_out(tmp_path: Path) -> None:
    median = strip(ROWS[:, :300] * 0 + 999, kind="Median")
    np.testing.assert_allclose(opened(tmp_path, median, strip()).read(), EXPECTED, atol=1e-7)
    with pytest.raises(DataFormatError, match=r"holds no rhythm strip.*export the rhythm too"):
        opened(tmp_path, median)


def test_a_second_rhythm_strip_is_said(tmp_path: Path) -> None:
    recording = opened(tmp_path, strip(), strip(ROWS * 0))
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)
    assert recording.notes == ("the file holds 2 rhythm strips; the first was read",)


@pytest.mark.parametrize(
    "per_bit", [(5, "MICROVOLTS"), (0.005, "MILLIVOLTS"), (5000, "NANOVOLTS"), (5, "uV")]
)
def test_units(per_bit: tuple[float, str], tmp_path: Path) -> None:
    np.testing.assert_allclose(opened(tmp_path, strip(per_bit=per_bit)).read(), EXPECTED, atol=1e-6)


@pytest.mark.parametrize(("base", "exponent", "fs_hz"), [(25, 1, 250), (500, 0, 500), (5, 2, 500)])
def test_the_rate_is_a_power_of_ten_times_its_base(
    base: int, exponent: int, fs_hz: float, tmp_path: Path
) -> None:
    assert opened(tmp_path, strip(fs_hz=base, exponent=exponent)).fs_hz == fs_hz


def test_what_the_file_says_of_its_samples_is_checked(tmp_path: Path) -> None:
    whole = strip(off=("V1",))
    assert opened(tmp_path, whole).notes == ("lead V1 was off, as the recorder says",)
    short = whole.replace(made.base64_of(ROWS[0]), made.base64_of(ROWS[0, :900]))
    notes = " ".join(opened(tmp_path, short).notes)
    assert "lead II holds 900 samples; the file promises 1000" in notes
    assert "checksum of lead II does not fit" in notes
    assert "some leads end before others" in notes
    with pytest.raises(DataFormatError, match="lead II that are no Base64; it is damaged"):
        opened(tmp_path, whole.replace("<WaveFormData>\n", "<WaveFormData>!", 1))
    with pytest.raises(DataFormatError, match="lead II with 3 bytes a sample, expected 1, 2 or 4"):
        opened(tmp_path, whole.replace("<LeadSampleSize>2", "<LeadSampleSize>3"))


def test_it_is_what_ecgdatakit_reads(tmp_path: Path) -> None:
    from ecgdatakit import FileParser

    rows = np.random.default_rng(1).integers(-32768, 32767, size=(8, 5000))
    median = strip(rows[:, :600], EIGHT, fs_hz=500, kind="Median")
    text = strip(rows, EIGHT, fs_hz=500, per_bit=(4.88, "MICROVOLTS"))
    path = made.muse(tmp_path / "a.xml", [median, text])
    recording, record = open_recording(path), FileParser.parse(path, units="mV")
    assert recording.leads == tuple(lead.label for lead in record.leads) == EIGHT
    assert recording.start == record.recording.date
    read = np.array([lead.samples for lead in record.leads])
    np.testing.assert_allclose(recording.read(), read, rtol=1e-6, atol=1e-6)

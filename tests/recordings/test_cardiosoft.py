"""CardioSoft: the strip or the full disclosure, whichever is longer, and never the median."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import recording_files as files
import vendor_files as made

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

ROWS, EXPECTED = files.digital(), files.millivolts()
STRIP = made.cardiosoft_strip(files.LEADS, ROWS, files.FS_HZ)
FULL = made.cardiosoft_full(files.LEADS, ROWS, files.FS_HZ)


def opened(folder: Path, *parts: str, year: int = 2024) -> Recording:
    return open_recording(made.cardiosoft(folder / "a.xml", parts, year=year))


@pytest.mark.parametrize("parts", [(STRIP,), (FULL,)])
def test_who_when_and_what(parts: tuple[str, ...], tmp_path: Path) -> None:
    recording = opened(tmp_path, *parts)
    assert recording.leads == files.LEADS
    assert recording.fs_hz == files.FS_HZ
    assert recording.start == made.WHEN
    assert recording.source == "CardioSoft XML a.xml"
    assert recording.notes == ()
    who = recording.subject
    assert (who.id, who.name, who.sex) == ("S-17", "Ada Müller", "F")
    assert (who.age_years, who.birth_year) == (70, 1953)
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)


def test_a_year_that_was_made_anonymous_is_no_start(tmp_path: Path) -> None:
    assert opened(tmp_path, STRIP, year=1).start is None


@pytest.mark.parametrize(
    ("seconds", "fs_hz", "read"),
    [(2, 250, "strip"), (8, 250, "full disclosure"), (8, 100, "strip"), (4, 250, "strip")],
)
def test_the_longer_of_both_is_read_unless_it_is_coarser(
    seconds: int, fs_hz: int, read: str, tmp_path: Path
) -> None:
    other = np.zeros((2, seconds * fs_hz), dtype=int)
    recording = opened(tmp_path, STRIP, made.cardiosoft_full(files.LEADS, other, fs_hz))
    assert recording.notes == (
        f"the file holds a strip of 4 s and a full disclosure of {seconds} s; the {read} was read",
    )
    assert recording.duration_s == (4 if read == "strip" else 8)
    assert recording.read().any() == (read == "strip")


def test_of_several_strips_the_first_is_read(tmp_path: Path) -> None:
    """An exercise test has a strip a stage."""
    about, waves = STRIP.split("</Resolution>")
    waves = waves.removesuffix("</StripData>")
    later = f"<Strip>{waves}</Strip>".replace(str(ROWS[0, 0]), "999")
    several = f"{about}</Resolution><Strip>{waves}</Strip>{later}</StripData>"
    recording = opened(tmp_path, several)
    assert "2 strips, of which only the first can be read" in recording.notes[0]
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((), "holds neither a strip nor a full disclosure.*export the waveforms too"),
        ((FULL.replace(",II", ",II,III").replace("<LeadOrder>II", "<LeadOrder>II,III"),), "whole"),
        ((FULL.replace("SampleRate", "Rate"),), "whole seconds of 2 leads at 0 Hz"),
        ((STRIP.replace("\t\t", "\t\tx", 1),), "samples of lead II, expected numbers"),
        ((STRIP.replace("uVperLsb", "counts"),), "state units or gain"),
        ((STRIP.replace("SampleRate", "Rate"),), "does not say its sampling rate; state it"),
    ],
)
def test_what_is_refused(parts: tuple[str, ...], says: str, tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match=says) as said:
        opened(tmp_path, *parts)
    assert str(said.value).startswith(f"{tmp_path}/a.xml ")


def test_a_length_that_is_not_as_promised_is_said(tmp_path: Path) -> None:
    more = STRIP.replace("Total>1000", "Total>5000")
    assert "lead II holds 1000 samples; the file promises 5000" in opened(tmp_path, more).notes

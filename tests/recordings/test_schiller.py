"""Schiller: the rhythm strip and never the averaged beats."""

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
STRIP = made.schiller_strip(files.LEADS, ROWS, files.FS_HZ)


def opened(folder: Path, *strips: str, **stated: float) -> Recording:
    return open_recording(made.schiller(folder / "a.xml", strips), **stated)


def test_who_when_and_what(tmp_path: Path) -> None:
    beats = made.schiller_strip(files.LEADS, ROWS * 0 + 9, files.FS_HZ, kind="ECG_AVERAGES")
    recording = opened(tmp_path, beats, STRIP)
    assert recording.leads == files.LEADS
    assert recording.fs_hz == files.FS_HZ
    assert recording.start == made.WHEN
    assert recording.source == "Schiller XML a.xml"
    assert recording.notes == ()
    who = recording.subject
    assert (who.id, who.name, who.sex, who.age_years) == ("S-17", "Ada Müller", "F", 70)
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)
    with pytest.raises(DataFormatError, match="holds no rhythm strip"):
        opened(tmp_path, beats)


def test_leads_are_called_as_usual(tmp_path: Path) -> None:
    strip = made.schiller_strip(("aVR", "aVL"), ROWS, files.FS_HZ)
    assert opened(tmp_path, strip).leads == ("aVR", "aVL")


def test_what_is_said_of_the_samples_is_checked(tmp_path: Path) -> None:
    recording = opened(tmp_path, STRIP.replace("count>1000", "count>5000"), STRIP)
    assert "the file holds 2 rhythm strips; the first was read" in recording.notes
    assert "lead II holds 1000 samples; the file promises 5000" in recording.notes


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<exponent>1", "<exponent>2", "with the exponent 2.0, expected 1; state it"),
        ("COMMASEPARATE", "BASE64", "stores lead II as BASE64, expected numbers between commas"),
        ("<data>", "<data>x", "something else among the samples of lead II"),
        ("<units>UV", "<units>bits", "state units or gain"),
    ],
)
def test_what_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match=says) as said:
        opened(tmp_path, STRIP.replace(old, new))
    assert str(said.value).startswith(f"{tmp_path}/a.xml ")


def test_a_rate_that_cannot_be_told_may_be_stated(tmp_path: Path) -> None:
    odd = STRIP.replace("<exponent>1", "<exponent>2")
    np.testing.assert_allclose(opened(tmp_path, odd, fs_hz=250).read(), EXPECTED, atol=1e-7)

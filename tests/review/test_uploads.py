"""What a user calls a file is text: files are kept, and opened, under names of ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.review.uploads import called, stored_name, to_open

HEADER = "100 2 250 4\n# Jane\n100.dat 16 200 16 0 0 0 0 II\n100.dat 16 200 16 0 0 0 0 V1\n"
SIGNAL = np.arange(8, dtype="<i2").tobytes()


def put(folder: Path, **files: bytes) -> dict[int, str]:
    names = dict(enumerate(name.replace("__", ".") for name in files))
    for number, content in enumerate(files.values()):
        (folder / stored_name(number, names[number])).write_bytes(content)
    return names


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("holter.edf", "file3.edf"),
        ("HOLTER.EDF", "file3.edf"),
        ("../../etc/passwd", "file3"),
        ("a.hea/../../x.hea", "file3.hea"),
        ("C:\\windows\\x.DAT", "file3.dat"),
        ("x.sh", "file3"),
        ("x.edf\0.sh", "file3"),
        ("x.\u0435df", "file3"),
        ("", "file3"),
        (".hea", "file3.hea"),
        ("x" * 5000 + ".csv", "file3.csv"),
    ],
)
def test_of_a_name_at_most_a_known_ending_is_kept(name: str, stored: str) -> None:
    assert stored_name(3, name) == stored


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["holter.edf"], "holter"),
        (["ward 3.DAT", "C:\\in\\ward 4.HEA"], "ward 4"),
        (["a.b.csv"], "a.b"),
        (["../../etc/passwd"], "passwd"),
        ([""], ""),
    ],
)
def test_a_recording_is_called_as_its_header_or_file(files: list[str], name: str) -> None:
    assert called(files) == name


def test_a_record_is_opened_whatever_its_files_were_called(tmp_path: Path) -> None:
    (tmp_path / "file0.dat").write_bytes(SIGNAL)
    (tmp_path / "file1.hea").write_text(HEADER)
    opened = open_recording(to_open(tmp_path, {0: "C:\\a\\100.DAT", 1: "../100.hea"}))
    assert opened.leads == ("II", "V1")
    np.testing.assert_allclose(opened.read()[0], np.arange(0, 8, 2) / 200)


def test_a_record_of_segments_is_opened(tmp_path: Path) -> None:
    (tmp_path / "file0.hea").write_text("rec/3 2 250 12\n100 4\n~ 4\n100 4\n")
    (tmp_path / "file1.hea").write_text(HEADER)
    (tmp_path / "file2.dat").write_bytes(SIGNAL)
    names = {0: "rec.hea", 1: "100.hea", 2: "100.dat"}
    opened = open_recording(to_open(tmp_path, names))
    assert opened.n_samples == 12
    assert np.isnan(opened.read()[0, 4:8]).all()
    np.testing.assert_allclose(opened.read()[1, 8:], np.arange(1, 8, 2) / 200)


@pytest.mark.parametrize("wanted", ["/etc/passwd", "../../review.sqlite", "file1.hea", "101.dat"])
def test_a_header_opens_no_file_that_was_not_given(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "file0.hea").write_text(HEADER.replace("100.dat", wanted))
    (tmp_path / "file1.dat").write_bytes(SIGNAL)
    with pytest.raises(DataFormatError, match="was not given with it"):
        to_open(tmp_path, {0: "100.hea", 1: "100.dat"})


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    for name in ("file0.edf", "file1.edf"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ConfigError, match="none is a WFDB header"):
        to_open(tmp_path, {0: "a.edf", 1: "b.edf"})
    for number in (0, 1):
        (tmp_path / f"file{number}.hea").write_text(HEADER)
    (tmp_path / "file2.dat").write_bytes(SIGNAL)
    with pytest.raises(ConfigError, match="2 of the 2 headers"):
        to_open(tmp_path, {0: "a.hea", 1: "b.hea", 2: "100.dat"})


def test_headers_that_name_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file0.hea").write_text("a/1 2 250 4\nb 4\n")
    (tmp_path / "file1.hea").write_text("b/1 2 250 4\na 4\n")
    with pytest.raises(ConfigError, match="0 of the 2 headers"):
        to_open(tmp_path, {0: "a.hea", 1: "b.hea"})


def test_a_header_that_is_none_is_refused_by_its_reader(tmp_path: Path) -> None:
    (tmp_path / "file0.hea").write_bytes(b"\xff\xfe\x00 no header\n\n\x80")
    with pytest.raises(DataFormatError):
        open_recording(to_open(tmp_path, {0: "x.hea"}))


def test_one_file_is_opened_as_it_is(tmp_path: Path) -> None:
    names = put(tmp_path, trace__csv=b"time,II\n0,1\n")
    assert to_open(tmp_path, names) == tmp_path / "file0.csv"

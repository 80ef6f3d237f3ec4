"""What is no recording ends in one sentence: what was found, and what to do."""

import gzip
import io
import re
import tarfile
import zipfile
from pathlib import Path

import edfio
import numpy as np
import pytest
import recording_files as files

from ectopy.cli import main
from ectopy.errors import EctopyError
from ectopy.recordings.formats.common import one_line
from ectopy.recordings.open import open_recording


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "text")
    return packed.getvalue()


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("a.dat")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"\0\1\2\3"))
    return packed.getvalue()


MADE = {
    "a.mat": (
        b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\1IM",
        "has no variable that can be told for the samples: it has none; call it ecg or val",
    ),
    "b.mat": (
        b"MATLAB 7.3 MAT-file, Platform".ljust(512) + b"\x89HDF\r\n\x1a\n",
        "is cut off or damaged: it is no whole MATLAB file of version 7.3",
    ),
    "old.mat": (bytes(20) + b"\1\2\3", "MATLAB file"),
    "a.h5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "HDF5 file; save|HDF5 file"),
    "lone.dat": (bytes(range(256)) * 8, r"lone\.hea, the header .* not beside it"),
    "a.ann": (b"ANN  1.0" + bytes(600), r"ISHNE file of annotations.*name the \.ecg"),
    "a.zip": (zipped("a.txt"), "zip archive.*unpack it"),
    "a.xlsx": (zipped("xl/workbook.xml"), "Excel workbook; save the sheet as CSV"),
    "a.edf.gz": (gzip.compress(b"0       " + bytes(300)), "gzip file.*unpack it"),
    "a.tar.gz": (tarred(), "gzip file.*unpack it"),
    "a.pdf": (b"%PDF-1.7\n1 0 obj\n", "is a PDF"),
    "a.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "is an image"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + bytes(range(256)), "is an image"),
    "a.csv": (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
    "u16.csv": ("time,II\n0,1\n".encode("utf-16"), "UTF-16; save|UTF-16"),
    "100.atr": (bytes([0, 4, 18, 4, 0, 0]), "annotations, name its record"),
    "a.pkl": (b"\x80\x04\x95\x10\0\0\0", "never loaded"),
    "mine.beats.csv": (
        b'"sample","time_s","class","uncertain","p_N"\n77,0.3,"N",false,0.9\n', "table of beats",
    ),
    "a.summary.json": (
        b'{\n "schema_version": "3.0",\n "software": "ectopy 0.1.0",\n "labelled_by": {}}',
        "is a summary that ectopy wrote, no recording; name a recording",
    ),
    "evaluation.json": (
        b'{\n "ectopy": "0.1.0",\n "folder": "mitdb",\n "labelled_by": {}}',
        "is an evaluation that ectopy wrote",
    ),
    "a.html": (
        b"<!DOCTYPE html>\n<html><head><title>100: ECG analysis</title>",
        "is a report that ectopy wrote",
    ),
    "a.edf": (b"\xbfQ" * 400, r"is no EDF or BDF file by its first bytes, .* ends in \.edf; copy"),
    "words.csv": (b"name,city\nAnna,Ulm\n", "no row of numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_it_is_said_what_the_file_is_and_what_to_do(tmp_path: Path, name: str) -> None:
    raw, says = MADE[name]
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(EctopyError, match=says) as said:
        open_recording(path, fs_hz=250)
    check_sentence(str(said.value))
    assert str(said.value).startswith(str(path))


def check_sentence(text: str) -> None:
    assert "\n" not in text
    assert len(text) < 400
    assert not re.search(r"\w+Error\b|np\.|<class|\w+\.\w+\.\w+\(|Traceback|object at", text), text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("https://physionet.org/files/mitdb/1.0.0/100.dat", "download it and name the file"),
        ("s3://bucket/a.edf", r"s3://bucket/a\.edf is an address in the web"),
        ("-", "stands for the standard input"),
    ],
)
def test_what_names_no_file(name: str, says: str) -> None:
    with pytest.raises(EctopyError, match=says) as said:
        open_recording(name)
    check_sentence(str(said.value))


@pytest.mark.parametrize("name", ["a.mat", "a.zip", "mine.beats.csv", "https://a.b/c.edf", "-"])
def test_the_command_line_says_it_and_writes_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = name
    says = "expected a file; download it|standard input"
    if name in MADE:
        raw, says = MADE[name]
        words = str(tmp_path / name)
        Path(words).write_bytes(raw)
    out = tmp_path / "out"
    argv = ["ectopy", "analyze", words, "--out", str(out), "--fs", "250"]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert re.search(says, capsys.readouterr().err)
    assert not out.exists() or not list(out.iterdir())


def test_a_matlab_file_of_physionet_is_opened_by_its_header(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path, "16", "A1")
    raw = path.with_suffix(".dat").read_bytes()
    path.with_suffix(".mat").write_bytes(b"MATLAB 4 head".ljust(24) + raw)
    path.with_suffix(".dat").unlink()
    path.write_text(path.read_text().replace("A1.dat 16 ", "A1.mat 16+24 "))
    recording = open_recording(path.with_suffix(".mat"))
    np.testing.assert_allclose(recording.read(), files.millivolts(), atol=1e-5)


def test_edf_of_annotations_only(tmp_path: Path) -> None:
    made = edfio.Edf([], annotations=[edfio.EdfAnnotation(1.0, None, "note")])
    made.write(tmp_path / "notes.edf")
    with pytest.raises(EctopyError, match="holds annotations and no signals; open the recording"):
        open_recording(tmp_path / "notes.edf")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("n_sig"),
        IndexError("list index out of range"),
        ValueError("invalid literal for int() with base 10: 'x'"),
        ValueError("operands could not be broadcast together with shapes (3,) (4,)"),
        AttributeError("'NoneType' object has no attribute 'fs'"),
        OSError("wfdb.io.record.rdheader failed"),
        ValueError("got np.float64(3.0)"),
        ValueError("Malformed JSON in a.json: 'utf-8' codec can't decode byte 0xff"),
        OSError("[Errno 22] Invalid argument"),
        ValueError("XML entity declarations are not allowed: EntitiesForbidden(name='a')"),
        ValueError(""),
    ],
)
def test_what_only_the_author_of_a_library_can_read_is_left_out(error: Exception) -> None:
    assert one_line(error) == "what it holds does not fit that"


def test_what_a_user_can_read_is_kept() -> None:
    said = "The file has 3 signals, expected 4"
    assert one_line(ValueError(said)) == said


def test_advice_to_who_calls_the_library_is_left_out() -> None:
    said = "This file is pickled. If you trust it you can load it unsafely."
    assert one_line(ValueError(said)) == "This file is pickled"

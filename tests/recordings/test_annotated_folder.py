from pathlib import Path

import pytest

from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.recordings.annotated_folder import annotated_records


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_headers_with_annotations_are_records(tmp_path: Path) -> None:
    touch(tmp_path, "a.hea", "a.dat", "a.atr", "segment.hea", "segment.dat", "b.1.hea", "b.1.atr")
    records, without = annotated_records(tmp_path)
    assert records == {"a": tmp_path / "a", "b.1": tmp_path / "b.1"}
    assert without == {}


def test_a_list_promises_its_records(tmp_path: Path) -> None:
    touch(tmp_path, "100.hea", "100.atr", "101.hea", "102.hea", "102.atr", "sub/7.hea", "sub/7.atr")
    (tmp_path / "RECORDS").write_text("100\n101\nsub/7\n")
    records, without = annotated_records(tmp_path)
    assert list(records) == ["100", "sub/7"]
    assert without == {"101": "it has no annotations .atr"}


def test_a_list_of_folders_is_followed(tmp_path: Path) -> None:
    touch(tmp_path, "p1/a.hea", "p1/a.atr", "p2/b.hea", "p2/b.atr", "p2/c.hea", "p2/c.atr")
    (tmp_path / "RECORDS").write_text("p1/\np2/\n")
    (tmp_path / "p2" / "RECORDS").write_text("c\n")
    assert list(annotated_records(tmp_path)[0]) == ["p1/a", "p2/c"]


def test_headers_below_are_found(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.hea", "x/a.qrs", "y/b.hea")
    assert list(annotated_records(tmp_path, "qrs")[0]) == ["x/a"]


def test_wanted_records(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.hea", "x/a.atr", "x/b.hea", "x/b.atr", "x/c.hea")
    records, without = annotated_records(tmp_path, wanted=["b", "x/c", "b"])
    assert list(records) == ["x/b"]
    assert list(without) == ["x/c"]
    with pytest.raises(ConfigError, match="no record d, e; it has x/a, x/b, x/c"):
        annotated_records(tmp_path, wanted=["a", "d", "e"])


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="none is not there, expected a folder"):
        annotated_records(tmp_path / "none")
    with pytest.raises(DataNotFoundError, match="no WFDB record"):
        annotated_records(tmp_path)
    touch(tmp_path, "a.hea", "a.dat")
    with pytest.raises(DataNotFoundError, match="none has any other"):
        annotated_records(tmp_path)
    touch(tmp_path, "a.ecg", "a.qrs")
    with pytest.raises(DataNotFoundError, match="there are ecg, qrs; name another one"):
        annotated_records(tmp_path)
    with pytest.raises(DataNotFoundError, match="is a file"):
        annotated_records(tmp_path / "a.hea")


def test_signals_are_no_other_annotations(tmp_path: Path) -> None:
    touch(tmp_path, "a.hea", "a.mat")
    with pytest.raises(DataNotFoundError, match="and none has any other annotations"):
        annotated_records(tmp_path)

"""Folders and patterns: each recording once, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.inputs import find_recordings
from ectopy.analysis.overwrite import fingerprint
from ectopy.errors import ConfigError, DataNotFoundError


def record(folder: Path, name: str, *, data: str | None = None) -> None:
    """Write a WFDB record of two seconds with annotations beside it."""
    data = data or f"{name}.dat"
    (folder / f"{name}.hea").write_text(f"{name} 1 250 500\n{data} 16 200/mV 16 0 0 0 0 II\n")
    (folder / data).write_bytes(np.arange(500, dtype="<i2").tobytes())
    (folder / f"{name}.atr").write_bytes(b"\x12\x04\x00\x00")


def table(path: Path, n: int = 500) -> None:
    np.savetxt(path, np.sin(np.arange(n) / 9), header="II", comments="", fmt="%.4f")


def test_matlab_files_of_something_else_are_left_out_and_damaged_ones_are_not(
    tmp_path: Path,
) -> None:
    from scipy.io import savemat

    savemat(tmp_path / "trace.mat", {"ecg": np.sin(np.arange(500.0)), "fs": 250})
    savemat(tmp_path / "settings.mat", {"threshold": 0.5, "peaks": np.arange(9)})
    whole = (tmp_path / "trace.mat").read_bytes()
    (tmp_path / "cut.mat").write_bytes(whole[:900])
    (tmp_path / "old.mat").write_bytes(bytes(20) + b"of version 4")
    (tmp_path / "line.txt").write_text(" ".join(["0.1", "0.25"] * 400))
    found = find_recordings([tmp_path])
    assert [path.name for path in found.files] == ["cut.mat", "line.txt", "trace.mat"]
    assert {path.name for path in found.skipped} == {"old.mat", "settings.mat"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder as people and databases leave them."""
    data = tmp_path / "data"
    data.mkdir()
    record(data, "100")
    record(data, "101", data="signals-of-101.dat")
    # A record of two segments and a layout: one recording.
    for name in ("long_1", "long_2"):
        record(data, name)
    (data / "long_layout.hea").write_text("long_layout 1 250 0\n~ 0 200/mV 16 0 0 0 0 II\n")
    (data / "long.hea").write_text(
        "# made by hand\nlong/3 1 250 1000\nlong_layout 0\nlong_1 500\nlong_2 500\n"
    )
    table(data / "trace.csv")
    (data / "holter.edf").write_bytes(b"0       cut off")  # damaged, and has to be said to be
    for name, text in {
        "RECORDS": "100\n101\n",
        "RECORDS-short": "100\n101\n",
        "SHA256SUMS.txt": f"{'0' * 64} 100.dat\n",
        "100.ect": "ours",
        "100.beats.csv": "sample,time_s\n" + "1,2\n" * 50,
        "100.summary.json": "{}",
        "100.html": "<html>",
        ".hidden.csv": "1\n2\n" * 50,
    }.items():
        (data / name).write_text(text)
    (data / "old.ect").write_text("ours, of a recording that is gone")
    (data / "README.md").write_text("# Read me\n")
    (data / "ages.csv").write_text("patient,age\n1,71\n2,64\n3,80\n")
    (data / "REFERENCE.csv").write_text("A1,N\nA2,O\n" * 40)
    return data


FOUND = ("100.hea", "101.hea", "holter.edf", "long.hea", "trace.csv")
OTHER = ("README.md", "REFERENCE.csv", "ages.csv")


def test_a_folder_gives_each_recording_once(folder: Path) -> None:
    found = find_recordings([folder])
    assert tuple(path.name for path in found.files) == FOUND
    assert tuple(path.name for path in found.skipped) == OTHER


def test_a_pattern_is_the_same_whether_or_not_the_shell_expands_it(folder: Path) -> None:
    quoted = find_recordings([folder / "*.hea"])
    assert [path.name for path in quoted.files] == ["100.hea", "101.hea", "long.hea"]
    expanded = sorted(folder.glob("*.hea"))
    assert len(expanded) == 6
    assert find_recordings(expanded) == quoted
    whole = find_recordings([folder / "*"])
    assert (tuple(p.name for p in whole.files), tuple(p.name for p in whole.skipped)) == (
        FOUND,
        OTHER,
    )
    # What was named one by one is not passed over in silence, unless it belongs to a recording.
    expanded = sorted(folder.glob("*"))
    assert sorted(p.name for p in find_recordings(expanded).files) == sorted(FOUND + OTHER)


def test_names_of_a_record_mean_it_once(folder: Path) -> None:
    given = [folder / name for name in ("100", "100.dat", "100.hea", "100.atr")]
    assert find_recordings(given).files == [folder / "100.hea"]
    assert find_recordings([folder / "100.dat"]).files == [folder / "100.hea"]
    assert find_recordings([folder / "missing.edf"]).files == [folder / "missing.edf"]
    assert find_recordings([folder / "100.atr"]).files == [folder / "100.atr"]  # its error is told


def test_a_copy_of_a_record_in_another_format_is_told_and_not_taken(folder: Path) -> None:
    (folder / "100.edf").write_bytes(b"0       the same once more")
    found = find_recordings([folder])
    assert folder / "100.hea" in found.files
    assert folder / "100.edf" in found.skipped
    with pytest.raises(ConfigError, match=r"several files are called 100 \(.*100\.hea, .*100\.edf"):
        find_recordings([folder / "100.hea", folder / "100.edf"])


def test_folders_below_are_searched_where_there_is_nothing_above(folder: Path) -> None:
    above = folder.parent
    (above / ".cache").mkdir()
    record(above / ".cache", "900")
    assert [path.name for path in find_recordings([above]).files] == list(FOUND)
    shutil.copytree(folder, above / "second")
    with pytest.raises(ConfigError, match=r"several files are called 100 \(.*data/100.*second/100"):
        find_recordings([above])
    (above / "second" / "100.hea").unlink()
    shutil.move(above / "second", above / "labelled" / "parts")
    (above / "labelled" / "plan").mkdir()
    (above / "labelled" / "plan" / "plan.json").write_text("{}")
    assert [path.name for path in find_recordings([above]).files] == list(
        FOUND
    )  # an archive of ours
    record(above, "200")
    assert [path.name for path in find_recordings([above]).files] == ["200.hea"]


def test_nothing_found_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("Dear aunt\n")
    for given, said in (
        ([tmp_path / "empty"], r"empty holds no recordings; name"),
        ([tmp_path], r"holds no recordings \(1 file in it, of another kind: notes\.txt\); name"),
        ([tmp_path / "*.edf"], r"\*\.edf matches no file; check"),
        ([tmp_path / "*.txt"], r"\*\.txt matches no recording"),
        ([tmp_path / "empty", tmp_path / "empty"], r"no recordings among what was named"),
    ):
        with pytest.raises(DataNotFoundError, match=said) as told:
            find_recordings(given)
        assert "\n" not in str(told.value)


def test_the_folder_one_stands_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for given in ((".",), ("./",), ("../data",), ("*.hea",), (".", "trace.csv"), ("..", ".")):
        found = find_recordings(map(Path, given)).files
        assert (folder / "100.hea").resolve() in [path.resolve() for path in found]


def test_what_a_header_names_is_not_believed(folder: Path) -> None:
    for i, name in enumerate(("../secret.dat", "/etc/passwd", ".", "..", "~", "a\0b", "", "3/4")):
        (folder / f"odd{i}.hea").write_text(f"odd{i}/2 1 250 500\n{name} 500\n100 500\n")
    found = find_recordings([folder]).files
    assert {path.stem for path in found} == {f"odd{i}" for i in range(8)} | {
        Path(name).stem for name in FOUND if name != "100.hea"
    }
    for path in found:
        if path.suffix == ".hea":
            assert fingerprint(path)


def test_names_as_long_as_they_get(folder: Path) -> None:
    longest = 255
    (folder / ("x" * (longest - 5) + ".html")).write_text("a page")
    table(folder / ("y" * (longest - 4) + ".csv"))
    assert len(find_recordings([folder]).files) == len(FOUND) + 1
    for name in ("z" * 300, "z" * 253, "z" * 300 + ".hea", "z" * 300 + "*.csv"):
        given = [folder / name, folder / "100.hea"]
        if "*" in name:
            with pytest.raises(DataNotFoundError, match="matches no file"):
                find_recordings(given)
        else:  # whoever opens it says what is wrong with it
            assert find_recordings(given).files == given


def test_signal_files_mean_their_record_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(folder, "A1", data="A1.mat")
    record(folder, "A2", data="A2.mat")
    wanted = [folder / "A1.hea", folder / "A2.hea"]
    for given in ([folder / "A*.mat"], [folder / "A1.mat", folder / "A2.mat"], [folder / "A*"]):
        found = find_recordings(given)
        assert (found.files, found.skipped) == (wanted, [])
    assert find_recordings([folder / "1*.dat"]).files == [folder / "100.hea"]
    monkeypatch.chdir(folder)
    assert find_recordings([Path("signals*.dat")]).files == [Path("101.hea")]

"""What is meant by folders, lists and patterns on a file system: each recording once."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.inputs import find_recordings
from ectopy.archive.sources.found import Found, Told
from ectopy.archive.sources.search import search
from ectopy.errors import DataNotFoundError

EDF = b"0       cut off"


def record(folder: Path, name: str, *, data: str | None = None, n: int = 500) -> None:
    """Write a WFDB record with annotations beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    data = data or f"{name}.dat"
    (folder / f"{name}.hea").write_text(f"{name} 1 250 {n}\n{data} 16 200/mV 16 0 0 0 0 II\n")
    (folder / data).write_bytes(np.arange(500, dtype="<i2").tobytes())
    (folder / f"{name}.atr").write_bytes(b"\x12\x04\x00\x00")


def table(path: Path, n: int = 100) -> None:
    np.savetxt(path, np.sin(np.arange(n) / 9), header="II", comments="", fmt="%.4f")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a tree of recordings, of what belongs to them, and of what is none."""
    top = tmp_path / "data"
    record(top, "100")
    record(top / "ward", "100", data="signals-of-100.dat")
    for name in ("long_1", "long_2"):
        record(top / "ward", name)
    (top / "ward" / "long.hea").write_text("long/2 1 250 1000\nlong_1 500\nlong_2 500\n")
    (top / "ward" / "holter.edf").write_bytes(EDF)
    table(top / "ward" / "trace.csv")
    (top / "ward" / "ages.csv").write_text("patient,age\n1,71\n2,64\n")
    (top / "ward" / "100.ect").write_text("ours")
    (top / "ward" / "100.edf").write_bytes(EDF)
    (top / "ward" / ".hidden").mkdir()
    (top / "ward" / ".hidden" / "a.edf").write_bytes(EDF)
    (top / "RECORDS").write_text("100\n")
    (top / "README.md").write_text("# Read me\n")
    store = top / "store"
    (store / "plan").mkdir(parents=True)
    (store / "plan" / "plan.json").write_text("{}")
    (store / "parts").mkdir()
    (store / "parts" / "x.parquet").write_bytes(b"PAR1")
    return top


def found(*sources: str | Path, leave_out: str = "") -> tuple[list[Found], Told]:
    told = Told()
    return list(search(map(str, sources), told, leave_out)), told


def names(recordings: list[Found], top: Path) -> list[str]:
    return [str(Path(each.address).relative_to(top)) for each in recordings]


BELOW = ["100.hea", "ward/100.hea", "ward/holter.edf", "ward/long.hea", "ward/trace.csv"]


def test_a_folder_is_searched_below_and_an_archive_of_ours_passed_over(data: Path) -> None:
    recordings, told = found(data)
    assert names(recordings, data) == BELOW
    assert told.skipped.number == 3
    assert {Path(path).name for path in told.skipped.first} == {"README.md", "100.edf", "ages.csv"}
    assert (told.missing.number, told.repeated.number, told.parts.number) == (0, 0, 0)
    assert names(found(data, leave_out=str(data / "ward"))[0], data) == ["100.hea"]


def test_what_is_a_recording_is_told_as_analyze_tells_it(data: Path) -> None:
    for folder in (data, data / "ward"):
        told = find_recordings([folder])
        here = [p for p in found(folder)[0] if Path(p.address).parent == folder]
        assert [Path(p.address) for p in here] == told.files


def test_an_entry_knows_all_its_files(data: Path) -> None:
    by_name = dict(zip(BELOW, found(data)[0], strict=True))
    segments = ("long_1.hea", "long_1.dat", "long_2.hea", "long_2.dat")
    assert by_name["ward/long.hea"].others == segments
    assert by_name["ward/100.hea"].others == ("signals-of-100.dat",)
    for name, each in by_name.items():
        files = [Path(each.address), *(Path(each.address).with_name(n) for n in each.others)]
        assert each.size == sum(path.stat().st_size for path in files), name
        assert each.id == int(hashlib.sha256(each.address.encode()).hexdigest()[:16], 16)
        assert len(each.fingerprint) == 32
    assert by_name["100.hea"].seconds == 2.0
    before = by_name["ward/long.hea"].fingerprint
    part = data / "ward" / "long_2.dat"
    os.utime(part, ns=(0, part.stat().st_mtime_ns + 1))
    after = dict(zip(BELOW, found(data)[0], strict=True))
    assert after["ward/long.hea"].fingerprint != before
    assert after["ward/100.hea"] == by_name["ward/100.hea"]


def test_a_list_is_taken_as_it_is_and_what_is_missing_is_planned_and_told(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data)
    text = tmp_path / "list.txt"
    lines = [
        "\ufeff# a study", "", "ward/long", "ward/signals-of-100.dat", str(data / "100.hea"),
        "./100.dat", "100.atr", "typo.edf", "ward/../100.hea", "  ward/100.edf ", "typo.edf",
        "ward/ages.csv",
    ]  # fmt: skip
    text.write_text("\n".join(lines), encoding="utf-8")
    recordings, told = found(text)
    wanted = ["ward/long.hea", "ward/100.hea", "ward/100.edf", "ward/ages.csv", "100.hea"]
    assert names(recordings, data) == [*wanted, "typo.edf"]
    assert (told.missing.number, told.missing.first) == (1, [str(data / "typo.edf")])
    assert (recordings[-1].size, recordings[-1].fingerprint) == (0, "")
    assert told.repeated.number == 2
    assert sorted(Path(path).name for path in told.parts.first) == ["100.atr", "100.dat"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    assert found("-")[0] == recordings


def test_tables_of_addresses_and_tables_of_samples(data: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    given = [str(data / "100.hea"), str(data / "ward" / "holter.edf"), None]
    (tmp_path / "list.csv").write_text(
        "patient,address\n" + "".join(f'"a, b","{each or ""}"\n' for each in given)
    )
    pq.write_table(pa.table({"n": [1, 2, 3], "address": given}), tmp_path / "list.parquet")
    for name in ("list.csv", "list.parquet"):
        assert names(found(tmp_path / name)[0], data) == ["100.hea", "ward/holter.edf"]
    table(data / "alone.csv")
    (data / "alone.txt").write_text((data / "alone.csv").read_text())
    for name in ("alone.csv", "alone.txt"):
        assert names(found(data / name)[0], data) == [name]


def test_a_list_of_names_that_look_like_samples(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data)
    for n in range(100, 130):
        record(data, str(n))
    (data / "all.txt").write_text("\n".join(map(str, range(100, 130))))
    recordings, told = found("all.txt")
    assert names(recordings, data) == [f"{n}.hea" for n in range(100, 130)]
    assert told.missing.number == 0


def test_a_list_may_know_sizes_so_that_nothing_is_looked_up(tmp_path: Path) -> None:
    text = "address,size,etag\ns3://nowhere/a.edf,12,abc\ns3://nowhere/b/c.edf,13,def\n"
    (tmp_path / "inventory.csv").write_text(text)
    recordings, told = found(tmp_path / "inventory.csv")
    assert [(each.address, each.size) for each in recordings] == [
        ("s3://nowhere/a.edf", 12),
        ("s3://nowhere/b/c.edf", 13),
    ]
    assert all(each.fingerprint for each in recordings)
    assert told.missing.number == 0


def test_patterns(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data)
    for pattern in ("**/*.hea", "**/*.dat"):
        wanted = ["100.hea", "ward/100.hea", "ward/long.hea"]
        if pattern.endswith("dat"):  # segments, by their signal files
            wanted[2:] = ["ward/long_1.hea", "ward/long_2.hea"]
        assert sorted(names(found(pattern)[0], data)) == wanted
    recordings, _ = found("ward/long.hea")
    assert len(recordings[0].others) == 4
    assert found("ward/lo*.hea")[0] == recordings
    assert names(found("wa*")[0], data) == BELOW[1:]
    with pytest.raises(DataNotFoundError, match=r"nothing\* matches no file"):
        found("nothing*")
    with pytest.raises(DataNotFoundError, match="nowhere not found, expected a folder, a list"):
        found("nowhere")
    with pytest.raises(DataNotFoundError, match="a source is empty"):
        found("")
    assert not found("store/**/*.parquet")[0]  # results of ours


def test_one_file_under_two_names_is_planned_once(data: Path, tmp_path: Path) -> None:
    (data / "again.edf").symlink_to(data / "ward" / "holter.edf")
    (tmp_path / "link").symlink_to(data, target_is_directory=True)
    recordings, told = found(data, tmp_path / "link")
    assert len(recordings) == len(BELOW)
    assert told.repeated.number == len(BELOW) + 2


def test_what_headers_and_names_may_not_do(data: Path) -> None:
    for i, name in enumerate(("../x", "/etc/passwd", ".", "..", "~", "a\0b", "3/4", f"odd{7}")):
        (data / f"odd{i}.hea").write_text(f"odd{i}/2 1 250 500\n{name} 500\n100 500\n")
    (data / "endless.hea").write_text("endless 1 1 999999999999999\n100.dat 16\n")
    (data / "ward" / "round").symlink_to(data, target_is_directory=True)
    undecodable = os.fsdecode(b"caf\xe9.edf")
    (data / undecodable).write_bytes(EDF)
    record(data, "herz", data="für-später.dat")
    recordings, _ = found(data)
    (herz,) = (each for each in recordings if each.address.endswith("herz.hea"))
    assert herz.others == ("für-später.dat",)
    assert herz.size > 1000
    assert str(data / "caf\\udce9.edf") in [each.address for each in recordings]
    for each in recordings:
        each.address.encode()
        assert all(Path(name).name == name for name in each.others)


def test_many_tables_are_not_all_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ectopy.archive.sources import local

    looked = 0

    def look(path: Path) -> bool:
        nonlocal looked
        looked += 1
        return "no" not in path.name

    monkeypatch.setattr(local, "is_recording", look)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for n in range(300):
            (tmp_path / folder / f"{n:03}.csv").touch()
    assert (len(found(tmp_path)[0]), looked) == (600, 200 + 1 + 3)
    (tmp_path / "b" / "!no.csv").touch()  # one of those that are looked into is none: all are then
    (tmp_path / "b" / "299no.csv").touch()
    looked = 0
    recordings, told = found(tmp_path)
    assert (len(recordings), told.skipped.number, looked) == (600, 2, 200 + 1 + 302)

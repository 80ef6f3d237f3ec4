"""A folder as the place of an archive: a name is created once, whole, and stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ectopy.archive.files.base import TEMPORARY, Listed
from ectopy.archive.files.local import LocalFiles
from ectopy.archive.files.open import open_files
from ectopy.errors import ConfigError, DataNotFoundError, EctopyError


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "not" / "yet there")


def test_a_name_is_created_once(files: LocalFiles, tmp_path: Path) -> None:
    source = tmp_path / "part"
    source.write_bytes(b"of a file" * 1000)
    assert files.create("commits/a.json", b"first")
    assert not files.create("commits/a.json", b"second")
    assert not files.create("commits/a.json", b"first")
    assert files.create("parts/beats/a.parquet", source)
    source.write_bytes(b"another")
    assert files.read("commits/a.json") == b"first"
    assert files.read("parts/beats/a.parquet") == b"of a file" * 1000
    assert [f.name for f in files.list(TEMPORARY)] == []


def test_files_are_found_read_and_deleted(files: LocalFiles) -> None:
    for name in ("parts/rhythm/b", "parts/beats/c", "parts/beats/a", "partsandmore/x"):
        assert files.create(name, name.encode())
    assert list(files.list("parts")) == [
        Listed("parts/beats/a", 13),
        Listed("parts/beats/c", 13),
        Listed("parts/rhythm/b", 14),
    ]
    assert list(files.list("nowhere")) == []
    assert dict(files.read_all(["parts/beats/c", "partsandmore/x"])) == {
        "parts/beats/c": b"parts/beats/c",
        "partsandmore/x": b"partsandmore/x",
    }
    with files.open("parts/beats/a") as file:
        file.seek(-1, os.SEEK_END)
        assert file.read() == b"a"
    assert files.exists("parts/beats/a")
    assert not files.exists("parts/beats")
    files.delete("parts/beats/a")
    files.delete("parts/beats/a")
    assert not files.exists("parts/beats/a")
    for ask in (files.read, files.open, files.changed_s):
        with pytest.raises(DataNotFoundError, match=r"parts/beats/a not found, expected"):
            ask("parts/beats/a")


def test_of_eight_threads_one_wins_each_name(files: LocalFiles) -> None:
    barrier = threading.Barrier(8)

    def create(writer: int) -> list[bool]:
        barrier.wait()
        return [files.create(f"commits/{i}", b"%d" % writer * 100_000) for i in range(20)]

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(create, range(8)))
    for i, winners in enumerate(zip(*won, strict=True)):
        assert sum(winners) == 1
        assert files.read(f"commits/{i}") == b"%d" % winners.index(True) * 100_000


_RACER = """
import sys
from ectopy.archive.files.open import open_files
files, me = open_files(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
print(*(int(files.create(f"c/{i}", me.encode())) for i in range(50)), flush=True)
"""


def test_of_three_processes_one_wins_each_name(files: LocalFiles) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, files.address, str(i)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(3)
    ]
    said = [racer.communicate("go\n", timeout=60)[0].split() for racer in racers]
    for i, winners in enumerate(zip(*said, strict=True)):
        assert sorted(winners) == ["0", "0", "1"]
        assert files.read(f"c/{i}").decode() == str(winners.index("1"))


def test_what_is_not_whole_gets_no_name(
    files: LocalFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    files.folder.mkdir(parents=True)
    for folder in (TEMPORARY, "commits"):
        (files.folder / folder).mkdir()
    with pytest.raises(OSError, match="No space left"):
        files.create("commits/a", b"content")
    assert list(files.list("commits")) == list(files.list(TEMPORARY)) == []


def test_a_link_whose_answer_was_lost_is_ours(
    files: LocalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def asked_twice(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", asked_twice)
    assert files.create("commits/a", b"ours")
    assert not files.create("commits/a", b"another's")
    assert files.read("commits/a") == b"ours"


def test_a_probe_leaves_nothing(files: LocalFiles) -> None:
    files.probe()
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


def test_a_file_system_without_hard_links_is_refused(
    files: LocalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(source))

    monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(ConfigError, match="is on a file system without hard links") as raised:
        files.probe()
    assert raised.value.change == ("out",)
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


def test_a_file_system_whose_links_replace_is_refused(
    files: LocalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", lambda source, target: os.replace(source, target))  # noqa: PTH105
    with pytest.raises(ConfigError, match="let two writers create one file"):
        files.probe()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written to: Not a directory"):
        LocalFiles(tmp_path / "file").probe()


def test_addresses_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    there = LocalFiles(tmp_path / "the archive")
    assert open_files("the archive") == open_files(Path("the archive")) == there
    assert open_files(there.address) == there
    assert open_files((tmp_path / "the archive").as_uri()) == there
    with pytest.raises(EctopyError, match="is empty"):
        open_files(" ")


def test_no_driver_is_imported_for_a_folder(tmp_path: Path) -> None:
    code = f"""
import sys
from ectopy.archive.files.open import open_files
files = open_files({str(tmp_path)!r})
files.probe()
files.create("a/b", b"c")
print(sorted({{"fsspec", "s3fs", "botocore", "duckdb", "dask"}} & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

"""Killed before each of the steps by which an archive is changed, and done again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import disturbed
import dying
import pytest
from disturbed import Rows, check, named, there

from ectopy.archive.finalize import finalize
from ectopy.archive.gc import gc
from ectopy.archive.manifest import read_shards
from ectopy.archive.planning import plan
from ectopy.archive.publish import commit_name
from ectopy.archive.store import Archive
from ectopy.archive.verify import verify
from ectopy.runtime.bundle import PACKAGED

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


@dataclass
class Made:
    sources: Path
    done: Path
    rows: Rows
    contents: list[Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("steps")
    with disturbed.short_pieces(folder / "begins"):
        sources = disturbed.recordings(folder / "in", 3)
        _, done, rows = disturbed.undisturbed(folder, sources)
        final = shutil.copytree(done, folder / "final")
        yield Made(sources, done, rows, contents(final))


def killed(verb: str, folder: Path, every: int = 1) -> list[Path]:
    """Have it killed at each step, or some of them, and done again; give the archives."""
    (folder / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, dying.__file__, verb, str(folder), str(every)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert not list((folder / "tmp").iterdir())
    return sorted(folder.glob("0*"))


def begun(made: Made, folder: Path) -> Path:
    """Copy the archive that is done."""
    return Path(shutil.copytree(made.done, folder / "begun"))


def contents(store: Path) -> list[Any]:
    """Give the content of all that commits and the snapshot name, but not the random names."""
    parts = [
        (commit.key, part) for commit in Archive.open(store).commits() for part in commit.parts
    ]
    parts += [("", part) for part in finalize(store).files]
    return sorted((key, part.table, part.rows, part.sha256) for key, part in parts)


def check_all(stores: list[Path], made: Made) -> None:
    """Compare all with the archive that is done, file by file, and the last one row by row."""
    for each in stores:
        assert contents(each) == made.contents
        gc(each, older_than_s=0)
        assert there(each) == named(each)
    assert not verify(stores[0]).faults
    check(stores[-1], made.rows)


def test_planning(made: Made, tmp_path: Path) -> None:
    (tmp_path / "in").symlink_to(made.sources)
    shutil.copytree(PACKAGED / "default", tmp_path / "weights")
    stores = killed("plan", tmp_path)
    assert len(stores) > 20
    wanted = plan(tmp_path / "in", tmp_path / "undisturbed", weights=tmp_path / "weights").plan
    files = there(tmp_path / "undisturbed")
    for store in stores:
        assert Archive.open(store).plan.manifest_sha256 == wanted.manifest_sha256
        gc(store, older_than_s=0)
        assert there(store) == files


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, -1])
def test_working(which: int, made: Made, tmp_path: Path) -> None:
    store = begun(made, tmp_path)
    archive = Archive.open(store)
    shard = list(read_shards(archive.files))[which]  # of short recordings, or what joins stretches
    commit = archive.commit_of(shard.key(archive.plan.describes()))
    assert commit is not None
    for name in (commit_name(commit.key), *(part.name for part in commit.parts)):
        (store / name).unlink()
    stores = killed("work", tmp_path)
    assert len(stores) > 15
    check_all(stores, made)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_finalizing(every: int, made: Made, tmp_path: Path) -> None:
    begun(made, tmp_path)
    stores = killed("finalize", tmp_path, every)  # a file takes three steps
    assert len(stores) > 25 / every
    check_all(stores, made)


def test_clearing_away(made: Made, tmp_path: Path) -> None:
    store = begun(made, tmp_path)
    before = there(store)
    snapshot = finalize(store)
    (store / "snapshots/0001.json").unlink()
    assert snapshot.number == 1
    part = next(name for name in sorted(before) if name.startswith("parts/"))
    shard, attempt = part[:-8].rsplit("-", 1)
    shutil.copy(store / part, store / f"{shard}-{attempt[::-1]}.parquet")
    other = f"{shard[:-64]}{shard[:-65:-1]}-{attempt}.parquet"
    shutil.copy(store / part, store / other)
    (store / "_tmp/half").write_bytes(b"half")
    shutil.copytree(PACKAGED / "default", store / "weights" / ("0" * 64))
    (store / f"plan/recordings-{'0' * 16}.parquet").write_bytes(b"of another plan")
    stores = killed("gc", tmp_path)
    assert len(stores) > 10
    for each in stores:
        assert there(each) == before
    check_all(stores[-1:], made)

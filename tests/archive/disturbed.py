"""Archives to be disturbed: of short recordings and of one in stretches, and what must come of it.

Recordings are long from ten minutes on here, in all processes that have `environment`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import archive_made
import numpy as np
import pytest
from dask_processes import PATH
from pyarrow import parquet

from ectopy.analysis import plan as pieces
from ectopy.archive import sharding
from ectopy.archive.files.open import open_files
from ectopy.archive.finalize import finalize
from ectopy.archive.gc import gc
from ectopy.archive.manifest import PLAN, name_of
from ectopy.archive.model import TABLES
from ectopy.archive.planning import plan
from ectopy.archive.run import run
from ectopy.archive.snapshot import name_of as snapshot_name
from ectopy.archive.snapshot import numbers, read
from ectopy.archive.store import Archive
from ectopy.archive.verify import verify
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runners.processes import Processes

Rows = dict[str, list[dict[str, Any]]]

SHORT = 18
LONG_S = 900
BEGINS = """
import ectopy.analysis.plan, ectopy.archive.sharding
ectopy.analysis.plan.PIECE_SAMPLES = 1
ectopy.archive.sharding.LONG_S, ectopy.archive.sharding.STRETCH_S = 600.0, 300.0
"""
"""Pieces of five minutes, and stretches of one piece: as Python begins with it."""


@contextmanager
def short_pieces(folder: Path) -> Iterator[None]:
    """Cut in short pieces and stretches, here and in all processes that are started."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BEGINS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join((str(folder), PATH)))
        patch.setattr(pieces, "PIECE_SAMPLES", 1)
        patch.setattr(sharding, "LONG_S", 600.0)
        patch.setattr(sharding, "STRETCH_S", 300.0)
        yield


def recordings(folder: Path, short: int = SHORT) -> Path:
    """Write WFDB records: short ones, one of them without its signal, and a long one."""
    folder.mkdir()
    whole, _ = simulate(LONG_S, rng=np.random.default_rng(15))
    digital = np.round(whole.read(0, whole.n_samples)[:1] * 1000).astype("<i2")
    fs = round(whole.fs_hz)
    cut = {f"r{i:02}": digital[:, i * 7 * fs : (i * 7 + 12) * fs] for i in range(short)}
    for name, samples in {**cut, "long": digital}.items():
        head = f"{name} 1 {fs} {samples.shape[1]}\n{name}.dat 16 1000/mV 16 0 0 0 0 II\n"
        (folder / f"{name}.hea").write_text(head)
        samples.tofile(folder / f"{name}.dat")
    (folder / "r01.dat").unlink()
    return folder


def undisturbed(folder: Path, sources: Path) -> tuple[Path, Path, Rows]:
    """Plan an archive; give it, a copy of it that was worked off, and the rows of that."""
    planned, done = folder / "planned", folder / "done"
    for store in (planned, done):
        plan(sources, store)
    record = run(done, Processes(2))
    assert (record.complete, record.failures) == (True, 1)
    assert record.shards == record.recordings + 3
    rows = archive_made.rows(done)
    assert [row["stretch"] for row in rows["looks"]] == [0, 1, 2]
    assert max(row["duration_s"] for row in rows["recordings"]) == LONG_S
    return planned, done, rows


def committed(store: Path) -> int:
    """Count the commits."""
    return len(list((store / "commits").glob("*.json")))


def named(store: Path | str) -> set[str]:
    """Name all that the plan, commits and the snapshot name, and the records of runs."""
    archive = Archive.open(store)
    names = {PLAN, name_of(archive.plan.manifest_sha256)}
    for commit in archive.commits():
        names |= {f"commits/{commit.key}.json", *(part.name for part in commit.parts)}
    stand, _ = numbers(archive.files)
    for number in stand:
        snapshot = read(archive.files, number)
        names |= {snapshot_name(number), snapshot.page.name, *(p.name for p in snapshot.files)}
    return names | {one.name for one in archive.files.list("runs")}


def there(store: Path | str) -> set[str]:
    """Name all files of an archive."""
    files = open_files(store)
    folders = ("plan", "weights", "parts", "commits", "snapshots", "runs", "_tmp")
    return {one.name for folder in folders for one in files.list(folder)}


def check(store: Path | str, wanted: Rows) -> None:
    """Compare with an archive that nobody disturbed, down to the snapshot that is read."""
    made = archive_made.rows(store)
    assert made.keys() == wanted.keys()
    for table, rows in wanted.items():
        assert _told(made[table]) == _told(rows), table
    assert not verify(store).faults
    gc(store, older_than_s=0)
    assert there(store) == named(store)
    snapshot = finalize(store)
    assert not snapshot.partial
    for table in TABLES:
        assert list(_rows(store, snapshot.names(table))) == wanted[table], table
    proof = verify(store)
    assert (proof.faults, proof.snapshot) == ((), snapshot.number)
    assert there(store) == named(store)


def _told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the bytes that were seen of stretches: in another process, where libraries share
    sums out to threads otherwise, their last bits differ. What is told of them does not."""
    return [row | {"content": bool(row["content"])} if "stretch" in row else row for row in rows]


def _rows(store: Path | str, names: list[str]) -> Iterator[dict[str, Any]]:
    files = open_files(store)
    for name in names:
        with files.open(name) as stream:
            yield from parquet.read_table(stream).to_pylist()


def flip(store: Path, rng: np.random.Generator) -> None:
    """Flip a bit of a part; it is found, and the part is named."""
    path = rng.choice(sorted((store / "parts").rglob("*.parquet")))
    content = bytearray(path.read_bytes())
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    (fault,) = verify(store).faults
    assert fault.startswith(f"{path} is not as it was written (its SHA-256 is ")


def command(*words: object) -> list[str]:
    """Give the words that start ``ectopy archive``."""
    return [sys.executable, "-m", "ectopy", "archive", *map(str, words)]

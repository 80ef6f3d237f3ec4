"""How long it takes to plan an archive and to tell how far it is, and in how much memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.archive.manifest import read_shards
from ectopy.archive.model import Commit
from ectopy.archive.store import Archive
from ectopy.errors import EctopyError

_A_FOLDER: Final = 1000
_EDF: Final = b"0       "
_HEADER: Final = "{name} 2 250 2500\n{name}.dat 16 200/mV 16 0 0 0 0 II\n"


@dataclass(frozen=True)
class Took:
    """What a command of ours took.

    Attributes
    ----------
    what : str
        What it did.
    wall_s, processor_s : float
        From start to end, all of the command; and on all cores together.
    peak_mib : float
        Most memory.
    """

    what: str
    wall_s: float
    processor_s: float
    peak_mib: float


def time_planning(addresses: int, files: int) -> Iterator[Took]:
    """Time the commands of an archive, each in a process of its own.

    Parameters
    ----------
    addresses : int
        Addresses in a list.
    files : int
        Tiny files in a tree of folders, a third of them EDF, the others WFDB records of two files.

    Yields
    ------
    Took
        Of one command after the other.
    """
    with tempfile.TemporaryDirectory(prefix="ectopy-bench-") as made:
        folder = Path(made)
        inventory = folder / "inventory.csv"
        with inventory.open("w", encoding="utf-8") as stream:
            stream.write("address,size,etag\n")
            for i in range(addresses):
                etag = hashlib.md5(b"%d" % i, usedforsecurity=False).hexdigest()
                stream.write(f"s3://ecg/{i // _A_FOLDER:04}/{i:07}.edf,{40_000 + i},{etag}\n")
        yield took(
            f"plan {addresses:,} addresses of an inventory with sizes and ETags",
            ["archive", "plan", inventory, "--out", folder / "inventoried"],
        )
        listed = folder / "list.txt"
        (folder / "there.edf").write_bytes(_EDF)
        with listed.open("w", encoding="utf-8") as stream:
            stream.write(f"{folder}/there.edf\n")
            for i in range(1, addresses):
                stream.write(f"{folder}/gone/{i // _A_FOLDER:04}/{i:07}.edf\n")
        yield took(
            f"plan {addresses:,} addresses of local files, each looked up (only one is there)",
            ["archive", "plan", listed, "--out", folder / "listed"],
        )
        yield took(
            f"read the status of it, of {addresses:,} recordings with no commit",
            ["archive", "status", folder / "listed"],
        )
        done = _commit_all(folder / "listed")
        yield took(
            f"read the status of it, with {done:,} commits",
            ["archive", "status", folder / "listed"],
        )
        tree = folder / "tree"
        _make_tree(tree, files)
        for again in ("", ", again"):
            yield took(
                f"plan {files:,} tiny files in a tree of folders{again}",
                ["archive", "plan", tree, "--out", folder / "searched"],
            )


def _make_tree(top: Path, files: int) -> None:
    for i in range(-(-files // 3)):
        folder = top / f"{3 * i // _A_FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"e{i:07}.edf").write_bytes(_EDF)
        name = f"w{i:07}"
        (folder / f"{name}.hea").write_text(_HEADER.format(name=name), encoding="utf-8")
        (folder / f"{name}.dat").write_bytes(bytes(16))


def _commit_all(store: Path) -> int:
    """Commit all shards of an archive, as if they were done."""
    archive = Archive.open(store)
    describes, commits = archive.plan.describes(), store / "commits"
    commits.mkdir()
    for shard in read_shards(archive.files):
        key = shard.key(describes)
        commit = Commit(
            key=key,
            shard=shard.number,
            attempt="0" * 32,
            parts=(),
            recordings=len(shard.entries),
            failures=0,
            beats=100_000,
            recorded_s=86_400.0,
        )
        (commits / f"{key}.json").write_text(commit.model_dump_json(), encoding="utf-8")
    return archive.plan.shards


def took(what: str, words: Sequence[object]) -> Took:
    """Time a command of ours in a process of its own.

    Raises
    ------
    EctopyError
        If it does not end well.
    """
    command = [sys.executable, "-m", "ectopy", *map(str, words)]
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, ended, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(ended)
        if process.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise EctopyError(f"ectopy {words[0]} {words[1]} ended with: {last}")
    return Took(what, wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

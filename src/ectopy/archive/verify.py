"""Prove an archive: every planned recording is there once, and every file is as it was written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.archive import manifest, snapshot
from ectopy.archive.model import Commit, Shard
from ectopy.archive.proof import Proof, check_file, check_shard, ids
from ectopy.archive.publish import commit_name, parse_commit
from ectopy.archive.store import Archive
from ectopy.errors import DataFormatError

_AT_ONCE: Final = 8
"""How many shards are looked at together; each is held in memory."""
_AHEAD: Final = 64
"""Shards that are read from the manifest at once."""

Told = Callable[[int, int], None]
"""Told how many shards were looked at, and of how many."""


@dataclass(frozen=True)
class Verified:
    """What was proved of an archive.

    Attributes
    ----------
    address : str
        Of the archive.
    shards, committed : int
        Shards of the plan, and those that are done.
    recordings, labelled, failures : int
        Recordings of the plan, those with results and those that could not be labelled.
    beats : int
        Beats of all of them.
    bytes : int
        Size of all files that were read.
    snapshot : int or None
        Number of the newest snapshot, which was read as well; None where there is none.
    faults : tuple of str
        What is wrong, each in one sentence.
    """

    address: str
    shards: int
    committed: int
    recordings: int
    labelled: int
    failures: int
    beats: int
    bytes: int
    snapshot: int | None
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether all is there, once, as it was written."""
        return not self.faults


def verify(address: str | Path, *, told: Told | None = None) -> Verified:
    """Read all of an archive and compare it with its plan and its commits.

    Parameters
    ----------
    address : str or Path
        Of the archive.
    told : callable, optional
        Told of the progress.

    Returns
    -------
    Verified
        With all faults, if there are any.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If there is no plan, or it is damaged: there is nothing to compare with.
    """
    archive = Archive.open(address)
    _check_manifest(archive)
    proof = Proof()
    commits, damaged = _commits(archive, proof)
    planned, done = _check_shards(archive, commits, damaged, proof, told or (lambda *_: None))
    if len(planned) != archive.plan.recordings or not _differ(planned):
        proof.faults.append(
            f"{archive.files.address} has a manifest of {len(np.unique(planned)):,} recordings, "
            f"{len(planned):,} times, and a plan of {archive.plan.recordings:,}; plan a new archive"
        )
    found = Counter(proof.rows)
    number = _check_snapshot(archive, commits, planned, proof)
    return Verified(
        address=archive.files.address,
        shards=archive.plan.shards,
        committed=done,
        recordings=archive.plan.recordings,
        labelled=found["recordings"],
        failures=found["failures"],
        beats=found["beats"],
        bytes=proof.bytes,
        snapshot=number,
        faults=tuple(proof.faults),
    )


def _check_manifest(archive: Archive) -> None:
    expected = archive.plan.manifest_sha256
    name = manifest.name_of(expected)
    with archive.files.open(name) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    if found != expected:
        raise DataFormatError(
            f"{archive.files.address}/{name} is not the manifest that was planned (its SHA-256 is "
            f"{found[:16]}, expected {expected[:16]}); restore it from a copy, or plan a new "
            "archive"
        )


def _commits(archive: Archive, proof: Proof) -> tuple[dict[str, Commit], set[str]]:
    """Read all commits, and name those that are damaged: they are faults, yet not missing."""
    commits, damaged = {}, set()
    for name, content in archive.files.read_all(sorted(map(commit_name, archive.committed()))):
        try:
            commit = parse_commit(archive.files, name, content)
        except DataFormatError as error:
            damaged.add(name)
            proof.faults.append(str(error))
            continue
        commits[commit.key] = commit
    return commits, damaged


def _check_shards(
    archive: Archive, commits: dict[str, Commit], damaged: set[str], proof: Proof, told: Told
) -> tuple[npt.NDArray[np.uint64], int]:
    """Compare each shard of the plan with its commit.

    Returns
    -------
    ndarray of uint64 (n_recordings,)
        Ids of the plan, sorted.
    int
        Shards that have a commit.
    """
    files, describes = archive.files, archive.plan.describes()
    planned: list[npt.NDArray[np.uint64]] = []
    known: set[str] = set()
    missing: list[Shard] = []
    waiting = looked = 0
    shards = manifest.read_shards(files)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while some := list(islice(shards, _AHEAD)):
            todo = []
            for shard in some:
                key = shard.key(describes)
                own = ids(entry.id for entry in shard.entries if entry.kind != "stretch")
                planned.append(own)
                known.add(key)
                if key in commits:
                    todo.append((shard, commits[key]))
                elif commit_name(key) not in damaged:
                    missing.append(shard)
                    waiting += len(own)
            for found in pool.map(lambda pair: check_shard(files, *pair), todo):
                proof.add(found)
            looked += len(some)
            told(looked, archive.plan.shards)
    if missing:
        proof.faults.append(
            f"{files.address} has no commit of {len(missing):,} of {archive.plan.shards:,} shards "
            f"(first {missing[0].number}), so {waiting:,} recordings are neither labelled nor "
            "failed; do them with: ectopy archive run"
        )
    for key in sorted(commits.keys() - known):
        proof.faults.append(
            f"{files.address}/{commit_name(key)} is of no shard of the plan; delete it, and see "
            "who else writes there"
        )
    return np.sort(np.concatenate(planned)), len(commits.keys() & known)


def _check_snapshot(
    archive: Archive, commits: dict[str, Commit], planned: npt.NDArray[np.uint64], proof: Proof
) -> int | None:
    """Compare the newest snapshot with what is committed."""
    files = archive.files
    try:
        stands = snapshot.newest_if_any(files)
    except DataFormatError as error:
        proof.faults.append(str(error))
        return None
    if stands is None:
        return None
    name = f"{files.address}/{snapshot.name_of(stands.number)}"
    anew = (
        f"delete {snapshot.name_of(stands.number)} and make another with: ectopy archive finalize"
    )
    found = Proof()
    seen: list[npt.NDArray[np.uint64]] = []
    for part in (*stands.files, stands.page):
        table = check_file(files, part, found, anew)
        if table is not None and part.table in ("recordings", "failures"):
            seen.append(ids(table["id"].to_pylist()))
    proof.add(Proof(found.faults, bytes=found.bytes))
    if found.faults:
        return stands.number
    if stands.keys_sha256 != snapshot.keys_sha256(commits):
        proof.faults.append(
            f"{name} holds {stands.shards:,} shards, and {len(commits):,} are committed by now; "
            "make another with: ectopy archive finalize"
        )
        return stands.number
    expected: Counter[str] = Counter()
    for commit in commits.values():
        for part in commit.parts:
            expected[part.table] += part.rows
    for table in stands.tables:
        if found.rows[table] != expected[table]:
            proof.faults.append(
                f"{name} has {found.rows[table]:,} rows of {table}, expected the "
                f"{expected[table]:,} that are committed; {anew}"
            )
    there = np.sort(np.concatenate(seen)) if seen else np.empty(0, np.uint64)
    if not stands.partial and not np.array_equal(there, planned):
        proof.faults.append(
            f"{name} does not hold each of the {len(planned):,} planned recordings once; {anew}"
        )
    return stands.number


def _differ(planned: npt.NDArray[np.uint64]) -> bool:
    return bool((planned[1:] != planned[:-1]).all())

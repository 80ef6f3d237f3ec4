"""Clear away what no commit and no snapshot names, and no living worker may still publish."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ectopy.archive import manifest, snapshot, weights
from ectopy.archive.files.base import TEMPORARY, Files, Listed
from ectopy.archive.publish import PARTS, WITHIN_S
from ectopy.archive.store import Archive
from ectopy.errors import ConfigError, DataNotFoundError

OLD_S: Final = 4 * WITHIN_S
"""Age from which nobody may still commit it, with room for clocks that differ."""
_AT_ONCE: Final = 16
"""How many files are asked after, or deleted, at a time."""
_PART: Final = re.compile(rf"{PARTS}/[^/]+/([0-9a-f]{{64}})-([0-9a-f]{{32}})\.parquet")
_MANIFEST: Final = re.compile(r"plan/recordings-[0-9a-f]{16}\.parquet")

Reason = Literal["another won", "left over"]


@dataclass(frozen=True)
class Garbage:
    """A file that nothing names.

    Attributes
    ----------
    name : str
        In the archive.
    bytes : int
        Its size.
    reason : str
        ``another won``: its shard, or the plan, stands without it. ``left over``: whoever wrote it
        has not ended, and will not, for it is too old.
    """

    name: str
    bytes: int
    reason: Reason


@dataclass(frozen=True)
class Cleared:
    """What was cleared away.

    Attributes
    ----------
    address : str
        Of the archive.
    dry_run : bool
        Whether it only would be.
    garbage : tuple of Garbage
        The files, in order of their names.
    young : int
        Files without a name that are kept, because a worker may be about to name them.
    """

    address: str
    dry_run: bool
    garbage: tuple[Garbage, ...]
    young: int

    @property
    def bytes(self) -> int:
        """Size of all of it."""
        return sum(one.bytes for one in self.garbage)


def gc(address: str | Path, *, older_than_s: float = OLD_S, dry_run: bool = False) -> Cleared:
    """Clear away what is garbage.

    Parameters
    ----------
    address : str or Path
        Of the archive.
    older_than_s : float
        Age in seconds. What is younger may belong to a worker that lives, which is given
        `ectopy.archive.publish.WITHIN_S` from its first file to its commit; a shorter time is for
        an archive that nobody works on.
    dry_run : bool
        Whether to delete nothing.

    Raises
    ------
    ConfigError
        If the age is negative.
    DataNotFoundError
        If nothing was planned there.
    DataFormatError
        If a commit or a snapshot is damaged: what it names would be taken for garbage.
    """
    if not older_than_s >= 0:
        raise ConfigError(f"older_than_s is {older_than_s:g}, expected 0 or more")
    archive = Archive.open(address)
    files = archive.files
    # What is there comes first: a commit made meanwhile then names what was listed.
    folders = (PARTS, snapshot.SNAPSHOTS, TEMPORARY, "plan", weights.FOLDER)
    there = [one for folder in folders for one in files.list(folder)]
    named, committed = _named(archive)
    lost: list[Listed] = []
    unended: dict[str, list[Listed]] = {}
    for one in there:
        if one.name in named:
            continue
        if _MANIFEST.fullmatch(one.name) or weights.not_of(archive.plan, one.name):
            lost.append(one)
        elif part := _PART.fullmatch(one.name):
            if part[1] in committed:
                lost.append(one)
            else:
                unended.setdefault(part[2], []).append(one)
        elif begun := snapshot.begun(one.name):
            unended.setdefault(begun, []).append(one)
        elif one.name.startswith(f"{TEMPORARY}/"):
            unended.setdefault(one.name, []).append(one)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        limit = time.time() - older_than_s
        newest = pool.map(lambda group: _newest(files, group), unended.values())
        old = [one for group, changed in zip(unended.values(), newest, strict=True)
               if changed is not None and changed <= limit for one in group]  # fmt: skip
        found = [*_garbage(lost, "another won"), *_garbage(old, "left over")]
        if not dry_run:
            for _ in pool.map(lambda one: files.delete(one.name), found):
                pass
    return Cleared(
        address=files.address,
        dry_run=dry_run,
        garbage=tuple(sorted(found, key=lambda one: one.name)),
        young=sum(map(len, unended.values())) - len(old),
    )


def _named(archive: Archive) -> tuple[set[str], set[str]]:
    """Name the files that are believed, and the keys of the shards that are committed."""
    files = archive.files
    named, committed = {manifest.name_of(archive.plan.manifest_sha256)}, set()
    for commit in archive.commits():
        committed.add(commit.key)
        named |= {part.name for part in commit.parts}
    for number in snapshot.numbers(files)[0]:
        stands = snapshot.read(files, number)
        named |= {snapshot.name_of(number), stands.page.name, *(one.name for one in stands.files)}
    return named, committed


def _newest(files: Files, group: Iterable[Listed]) -> float | None:
    """Tell when a writer was last seen at work; None where all it wrote is gone meanwhile."""
    seen = []
    for one in group:
        try:
            seen.append(files.changed_s(one.name))
        except DataNotFoundError:
            continue
    return max(seen, default=None)


def _garbage(found: Iterable[Listed], reason: Reason) -> Iterator[Garbage]:
    return (Garbage(one.name, one.size, reason) for one in found)

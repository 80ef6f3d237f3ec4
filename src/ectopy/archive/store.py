"""An archive that was planned: its plan, what is committed, what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ectopy.archive.files.base import Files
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import read_plan, read_shards
from ectopy.archive.model import Commit, Plan, Shard
from ectopy.archive.publish import COMMITS, commit_of, parse_commit


@dataclass(frozen=True)
class Archive:
    """An archive that was planned.

    Attributes
    ----------
    files : Files
        Where it is kept.
    plan : Plan
        What was decided before any work.
    """

    files: Files
    plan: Plan

    @classmethod
    def open(cls, address: str | Path) -> Archive:
        """Open an archive by its address.

        Raises
        ------
        DataNotFoundError
            If nothing was planned there.
        DataFormatError
            If its plan is damaged, or of another version.
        """
        files = open_files(address)
        return cls(files, read_plan(files))

    def commits(self) -> Iterator[Commit]:
        """Read all commits, in any order.

        Raises
        ------
        DataFormatError
            If one is damaged.
        """
        for name, content in self.files.read_all(list(self._commit_names())):
            yield parse_commit(self.files, name, content)

    def committed(self) -> set[str]:
        """List the keys that have a commit; none is read."""
        return {name.removeprefix(f"{COMMITS}/")[:-5] for name in self._commit_names()}

    def commit_of(self, key: str) -> Commit | None:
        """Read the commit of a shard; None where it has none."""
        return commit_of(self.files, key)

    def missing(self, wanted: Iterable[int] | None = None) -> Iterator[tuple[Shard, str]]:
        """Give the shards that have no commit, and their keys, in order of their numbers.

        Parameters
        ----------
        wanted : iterable of int, optional
            Numbers of the shards that are looked at; by default all.
        """
        committed, describes = self.committed(), self.plan.describes()
        for shard in read_shards(self.files, wanted):
            key = shard.key(describes)
            if key not in committed:
                yield shard, key

    def _commit_names(self) -> Iterator[str]:
        return (f.name for f in self.files.list(COMMITS) if f.name.endswith(".json"))

"""An archive that was planned: its plan, and what is committed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ectopy.archive.files.base import Files
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import read_plan
from ectopy.archive.model import Commit, Plan
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

    Examples
    --------
    >>> from ectopy.archive import Archive, plan
    >>> planned = plan("records", "planned")
    >>> archive = Archive.open("planned")
    >>> archive.plan.recordings, archive.plan.shards, archive.committed()
    (2, 2, set())
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

    def _commit_names(self) -> Iterator[str]:
        return (f.name for f in self.files.list(COMMITS) if f.name.endswith(".json"))

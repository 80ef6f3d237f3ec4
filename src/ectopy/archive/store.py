"""An archive that was planned: its plan, what is committed, what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ectopy.archive.files.base import Files
from ectopy.archive.files.open import open_files
from ectopy.archive.model import LAYOUT, Commit, Plan, Shard
from ectopy.archive.publish import COMMITS, commit_of, parse_commit
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError

PLAN: Final = "plan/plan.json"
"""Created last when an archive is planned; with it the plan stands."""


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
            If its plan is damaged.
        ConfigError
            If its layout is that of another version.
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
        from ectopy.archive.manifest import read_shards

        committed, describes = self.committed(), self.plan.describes()
        for shard in read_shards(self.files, wanted):
            key = shard.key(describes)
            if key not in committed:
                yield shard, key

    def _commit_names(self) -> Iterator[str]:
        return (f.name for f in self.files.list(COMMITS) if f.name.endswith(".json"))


def read_plan(files: Files) -> Plan:
    """Read the plan of an archive; see `Archive.open`."""
    try:
        content = files.read(PLAN)
    except DataNotFoundError:
        raise DataNotFoundError(
            f"{files.address} holds no {PLAN}, so no archive was planned there; plan one with "
            "ectopy archive plan"
        ) from None
    return _parse_plan(files, content)


def _parse_plan(files: Files, content: bytes) -> Plan:
    try:
        return Plan.model_validate_json(content)
    except ValidationError as error:
        layout = _layout(content)
        if layout not in {LAYOUT, None}:
            raise ConfigError(
                f"{files.address} is laid out as version {layout}, expected {LAYOUT}; use the "
                "version of ectopy that planned it, or plan a new archive"
            ) from None
        raise DataFormatError(
            f"{files.address}/{PLAN} is damaged ({error.error_count()} fields are not as they were "
            "written); restore it from a copy, or plan a new archive"
        ) from None


def _layout(content: bytes) -> object:
    import json

    try:
        document = json.loads(content)
    except ValueError:
        return None
    return document.get("layout") if isinstance(document, dict) else None

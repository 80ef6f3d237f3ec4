"""Publish what a shard gave, once, whoever else works on it: its parts first, then one commit."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from pydantic import ValidationError

from ectopy.archive.files.base import Files
from ectopy.archive.model import Commit, Part, Shard
from ectopy.errors import DataFormatError, DataNotFoundError, StoreError
from ectopy.files import sha256

COMMITS: Final = "commits"
PARTS: Final = "parts"
WITHIN_S: Final = 6 * 3600.0
"""From its first part to its commit a shard may take so long; `ectopy.archive.gc` takes parts
without a commit for garbage after four times that."""


class Counts(Protocol):
    """What the rows of a shard add up to; `ectopy.archive.rows` counts them."""

    @property
    def recordings(self) -> int:
        """Recordings that were labelled."""
        ...

    @property
    def failures(self) -> int:
        """Recordings that could not be."""
        ...

    @property
    def beats(self) -> int:
        """Beats of all of them."""
        ...

    @property
    def recorded_s(self) -> float:
        """Length of the labelled recordings, in seconds."""
        ...


def publish(
    files: Files, shard: Shard, key: str, parts: Mapping[str, Path], counts: Counts
) -> tuple[Commit, bool]:
    """Publish the parts of a shard and commit them, unless another was first.

    Parameters
    ----------
    files : Files
        Where the archive is kept.
    shard : Shard
        What was worked off.
    key : str
        Its key.
    parts : mapping of str to Path
        Parquet files by the table they are of.
    counts : Counts
        What they hold.

    Returns
    -------
    Commit
        The one that stands.
    bool
        Whether it is this one. Where it is not, the own parts are deleted again.

    Raises
    ------
    StoreError
        If the store does not do it. The commit may stand all the same, so nothing is deleted.
    """
    begun = time.time()  # a clock that goes on where a machine sleeps
    if stands := commit_of(files, key):
        return stands, False
    attempt = uuid.uuid4().hex
    published = tuple(_publish(files, table, parts[table], key, attempt) for table in sorted(parts))
    if time.time() - begun > WITHIN_S:
        raise StoreError(
            f"shard {shard.number} took more than {WITHIN_S / 3600:g} hours to be written to "
            f"{files.address}, by when its parts may have been cleared away; run it again"
        )
    commit = Commit(
        key=key,
        shard=shard.number,
        attempt=attempt,
        parts=published,
        recordings=counts.recordings,
        failures=counts.failures,
        beats=counts.beats,
        recorded_s=counts.recorded_s,
    )
    if files.create(commit_name(key), commit.model_dump_json().encode()):
        return commit, True
    for part in published:
        with suppress(OSError):  # gc finds it
            files.delete(part.name)
    stands = commit_of(files, key)
    if stands is None:
        raise StoreError(
            f"{files.address} says that {commit_name(key)} is there and that it is not; see that "
            "nobody deletes files in it, and run again"
        )
    return stands, False


def _publish(files: Files, table: str, path: Path, key: str, attempt: str) -> Part:
    from pyarrow import parquet

    name = f"{PARTS}/{table}/{key}-{attempt}.parquet"
    part = Part(
        table=table,
        name=name,
        rows=parquet.read_metadata(path).num_rows,
        bytes=path.stat().st_size,
        sha256=sha256(path),
    )
    if not files.create(name, path):
        raise StoreError(
            f"{files.address}/{name} is there with other content, though its name was drawn a "
            "moment ago; see that nothing else writes there"
        )
    return part


def commit_name(key: str) -> str:
    """Give the name of the commit of a shard."""
    return f"{COMMITS}/{key}.json"


def commit_of(files: Files, key: str) -> Commit | None:
    """Read the commit of a shard; None where it has none."""
    name = commit_name(key)
    try:
        content = files.read(name)
    except DataNotFoundError:
        return None
    return parse_commit(files, name, content)


def parse_commit(files: Files, name: str, content: bytes) -> Commit:
    """Make a commit of the content of its file.

    Raises
    ------
    DataFormatError
        If it is damaged, or of another shard than its name says.
    """
    try:
        commit = Commit.model_validate_json(content)
    except ValidationError as error:
        raise DataFormatError(
            f"{files.address}/{name} is no commit ({error.error_count()} fields are not as they "
            "were written); delete it and run again: its shard is then worked on anew"
        ) from None
    if commit_name(commit.key) != name:
        raise DataFormatError(
            f"{files.address}/{name} is the commit of another shard ({commit.key}); delete it and "
            "run again: its shard is then worked on anew"
        )
    return commit

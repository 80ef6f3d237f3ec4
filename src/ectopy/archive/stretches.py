"""Long recordings: stretches looked at one by one, then told together from what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ectopy.analysis.looked import Looked
from ectopy.archive.files.base import Files
from ectopy.archive.manifest import read_shards
from ectopy.archive.model import LOOKS, Entry, Plan
from ectopy.archive.publish import commit_of
from ectopy.archive.rows import seen
from ectopy.errors import DataFormatError, EctopyError, StoreError

if TYPE_CHECKING:
    import pyarrow as pa


def row_of(entry: Entry, looked: Looked, scratch: Path) -> dict[str, pa.Table]:
    """Give the row that holds what was seen of a stretch."""
    path = looked.save(scratch / f"{entry.id}.looked")
    try:
        return {LOOKS: seen(entry, path.read_bytes(), None)}
    finally:
        path.unlink()


def looked_at(
    files: Files, plan: Plan, needs: Sequence[int], entry: Entry, scratch: Path
) -> list[Looked]:
    """Read what was seen of all stretches of a recording, in order.

    Parameters
    ----------
    files : Files
        Where the archive is kept.
    plan : Plan
        Its plan.
    needs : sequence of int
        Numbers of the shards that hold the stretches.
    entry : Entry
        The recording.
    scratch : Path
        A folder for what is unpacked.

    Raises
    ------
    EctopyError
        If one of them could not be looked at.
    StoreError
        If one of the shards is not committed, or what they hold is damaged or not all there.
    """
    found: dict[int, Looked] = {}
    for stretch, content, reason in _rows(files, plan, needs, entry.id):
        if reason is not None:
            raise EctopyError(reason)
        path = scratch / f"{entry.id}.{stretch}"
        path.write_bytes(content)
        try:
            found[stretch] = Looked.load(path)
        except DataFormatError as error:  # of the store, not of the recording
            raise StoreError(
                f"stretch {stretch} of {entry.address} in {files.address} is damaged; see what "
                "`ectopy archive verify` says of it"
            ) from error
        path.unlink()
    if sorted(found) != list(range(entry.of)):
        raise StoreError(
            f"{files.address} holds {len(found)} of the {entry.of} stretches of {entry.address}; "
            "see what `ectopy archive verify` says of it"
        )
    return [found[stretch] for stretch in range(entry.of)]


def _rows(
    files: Files, plan: Plan, needs: Sequence[int], recording: str
) -> Iterator[tuple[int, bytes, str | None]]:
    """Give stretch, content and reason of each row of a recording; only its own are read whole."""
    from pyarrow.parquet import ParquetFile

    for shard in read_shards(files, needs):
        commit = commit_of(files, shard.key(plan.describes()))
        if commit is None:
            raise StoreError(
                f"shard {shard.number} of {files.address} is not done, and stretches of it are to "
                "be joined; run again"
            )
        for part in commit.parts:
            if part.table != LOOKS:
                continue
            with files.open(part.name) as stream, ParquetFile(stream) as parquet:
                for group in range(parquet.num_row_groups):
                    ids = parquet.read_row_group(group, columns=["id"])["id"].to_pylist()
                    if recording not in ids:
                        continue
                    rows = parquet.read_row_group(group)
                    for row in rows.filter([one == recording for one in ids]).to_pylist():
                        yield row["stretch"], row["content"], row["reason"]

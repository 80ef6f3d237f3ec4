"""What verifying looks at, file by file: checksum, rows, and whose rows they are."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from ectopy.archive.files.base import Files
from ectopy.archive.model import LOOKS, Commit, Part, Shard
from ectopy.archive.publish import commit_name
from ectopy.errors import DataNotFoundError, EctopyError

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE_BYTES: Final = 64 << 20
"""Up to this size a file is read once, into memory; a larger one in pieces, twice."""
_COLUMNS: Final = {"recordings": ["id", "beats"], LOOKS: ["id", "stretch"]}
"""Columns that are looked at, beside the id that all tables have."""


@dataclass
class Proof:
    """What was found: faults, each in one sentence, rows by table, and bytes read."""

    faults: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    def add(self, other: Proof) -> None:
        """Take in what was found elsewhere."""
        self.faults += other.faults
        self.rows += other.rows
        self.bytes += other.bytes


def check_shard(files: Files, shard: Shard, commit: Commit) -> Proof:
    """Compare the parts of a shard with its commit and with its entries.

    Parameters
    ----------
    files : Files
        Where the archive is kept.
    shard : Shard
        As it was planned.
    commit : Commit
        Its commit.
    """
    proof = Proof()
    name = commit_name(commit.key)
    anew = f"delete {name} and run again, which works on shard {shard.number} anew"
    tables: dict[str, pa.Table] = {}
    for part in commit.parts:
        table = check_file(files, part, proof, anew)
        if table is not None:
            tables[part.table] = table
    told = {table: getattr(commit, table) for table in ("recordings", "failures", "beats")}
    rows: Counter[str] = Counter()
    for part in commit.parts:
        rows[part.table] += part.rows
    wrong = [f"{told[table]:,} {table} for {rows[table]:,}" for table in told
             if told[table] != rows[table]]  # fmt: skip
    if wrong or commit.shard != shard.number or len(tables) < len({p.table for p in commit.parts}):
        if wrong:
            proof.faults.append(
                f"{files.address}/{name} counts {' and '.join(wrong)} that its parts have; {anew}"
            )
        if commit.shard != shard.number:
            proof.faults.append(
                f"{files.address}/{name} says that it is of shard {commit.shard}, expected "
                f"{shard.number}; {anew}"
            )
        return proof
    for fault in _whose(shard, tables):
        proof.faults.append(f"{files.address}/{name}: {fault}; {anew}")
    return proof


def check_file(files: Files, part: Part, proof: Proof, mend: str) -> pa.Table | None:
    """Compare a file with what is said of it, and give the columns that are looked at.

    Parameters
    ----------
    files : Files
        Where the archive is kept.
    part : Part
        What is said of it.
    proof : Proof
        Takes in what is found.
    mend : str
        What is to be done where something is wrong with it.

    Returns
    -------
    pyarrow.Table or None
        The ids, of recordings their beats as well; None where something is wrong, and for a page.
    """
    place = f"{files.address}/{part.name}"
    try:
        with _opened(files, part) as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
            proof.bytes += size
            if size != part.bytes:
                proof.faults.append(f"{place} has {size:,} bytes, expected {part.bytes:,}; {mend}")
            elif digest != part.sha256:
                proof.faults.append(
                    f"{place} is not as it was written (its SHA-256 is {digest[:16]}, expected "
                    f"{part.sha256[:16]}); {mend}"
                )
            elif part.table != "page":
                return _rows(file, place, part, proof, mend)
    except DataNotFoundError:
        proof.faults.append(f"{place} is missing, expected {part.bytes:,} bytes; {mend}")
    except (EctopyError, OSError) as error:
        proof.faults.append(f"{place} cannot be read ({error}); see that, and verify again")
    return None


def _opened(files: Files, part: Part) -> BinaryIO:
    if part.bytes <= _AT_ONCE_BYTES:
        return io.BytesIO(files.read(part.name))
    return files.open(part.name)


def _rows(file: BinaryIO, place: str, part: Part, proof: Proof, mend: str) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file.seek(0)
        with parquet.ParquetFile(file) as opened:
            found = opened.metadata.num_rows
            proof.rows[part.table] += found
            if found == part.rows:
                return opened.read(columns=_COLUMNS.get(part.table, ["id"]), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        proof.faults.append(f"{place} is no Parquet file with ids ({error}); {mend}")
        return None
    proof.faults.append(f"{place} has {found:,} rows, expected {part.rows:,}; {mend}")
    return None


def _whose(shard: Shard, tables: Mapping[str, pa.Table]) -> Iterable[str]:
    """Tell where rows are not those of the recordings of a shard, each once."""
    if shard.entries[0].kind == "stretch":
        yield from _stretches(shard, tables)
        return
    addresses = {entry.id: entry.address for entry in shard.entries}
    counts = {name: _counts(table) for name, table in tables.items()}
    labelled, failed = counts.get("recordings", {}), counts.get("failures", {})
    there = Counter(labelled) + Counter(failed)
    missing = [address for id_, address in addresses.items() if not there[id_]]
    twice = [address for id_, address in addresses.items() if there[id_] > 1]
    for some, what in ((missing, "in neither recordings nor failures"),
                       (twice, "more than once in recordings and failures")):  # fmt: skip
        if some:
            yield f"{len(some)} of {len(addresses)} recordings are {what}, first {some[0]}"
    for name, count in counts.items():
        owners = addresses if name in ("recordings", "failures") else labelled
        foreign = sorted(count.keys() - owners.keys())
        if foreign:
            yield f"{name} has rows of {foreign[0]}, which is none of its recordings"
    if "recordings" in tables:
        columns = tables["recordings"].to_pydict()
        told = dict(zip(columns["id"], columns["beats"], strict=True))
        beats = counts.get("beats", {})
        wrong = [id_ for id_ in told if id_ in addresses and told[id_] != beats.get(id_, 0)]
        if wrong:
            one = wrong[0]
            yield (
                f"beats has {beats.get(one, 0):,} rows of {addresses[one]}, for which recordings "
                f"tells {told[one]:,}"
            )


def _stretches(shard: Shard, tables: Mapping[str, pa.Table]) -> Iterable[str]:
    """Tell where what was seen is not that of the stretches of a shard, each once, and no more."""
    if others := sorted(tables.keys() - {LOOKS}):
        yield f"{others[0]} has rows of stretches, which are told only once they are joined"
    planned = {(entry.id, entry.stretch): entry.address for entry in shard.entries}
    there: Counter[tuple[str, int]] = Counter()
    if LOOKS in tables:
        columns = tables[LOOKS].to_pydict()
        there.update(zip(columns["id"], columns["stretch"], strict=True))
    wrong = [one for one in {**planned, **there} if there[one] != (one in planned)]
    if wrong:
        id_, stretch = wrong[0]
        yield (
            f"{LOOKS} has {there[wrong[0]]} rows of stretch {stretch} of "
            f"{planned.get(wrong[0], id_)}, expected {int(wrong[0] in planned)}"
        )


def _counts(table: pa.Table) -> dict[str, int]:
    """Count the rows of each id."""
    return {
        one["values"]: one["counts"]
        for one in table["id"].combine_chunks().value_counts().to_pylist()
    }


def ids(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Give ids as numbers, sorted."""
    return np.sort(np.fromiter((int(text, 16) for text in texts), np.uint64))

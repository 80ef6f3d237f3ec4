"""How long it takes to finalize an archive and to ask it, in how much memory, and its size."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy import __version__
from ectopy.analysis.analyze import analyze
from ectopy.analysis.arrow import numbers, words
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import PLAN, write_manifest
from ectopy.archive.model import Entry, Plan, Shard
from ectopy.archive.publish import publish
from ectopy.archive.query import examples
from ectopy.archive.rows import PartWriter, rows
from ectopy.archive.schemas import SCHEMAS
from ectopy.archive.snapshot import newest
from ectopy.archive.sources.found import identifier
from ectopy.bench.planning import Took, took
from ectopy.classes import AAMI
from ectopy.recordings.open import open_recording
from ectopy.runtime.bundle import Bundle

if TYPE_CHECKING:
    import pyarrow as pa

_A_SHARD: Final = 64
_STEP: Final = 4
"""Samples by which intervals are changed, at most."""
_SPREAD: Final = 0.05
"""By which probabilities are changed: the logarithm's standard deviation."""


@dataclass(frozen=True)
class Sizes:
    """What a snapshot takes on the disk.

    Attributes
    ----------
    beats : int
        In it.
    bytes : dict of str to int
        Of each table.
    """

    beats: int
    bytes: dict[str, int]


def time_reading(
    recordings: Sequence[str | Path], beats: int, hours: float
) -> Iterator[Took | Sizes]:
    """Time the commands that read an archive, each in a process of its own.

    Parameters
    ----------
    recordings : sequence of path
        Labelled as they are; their rows, put end to end and each changed a little so that no two
        recordings compress as one, make the archive.
    beats : int
        About how many it has.
    hours : float
        About how long each of its recordings is.

    Yields
    ------
    Took or Sizes
        Sizes of an archive of the recordings as they are, then those of the large one after the
        command that makes it.
    """
    with tempfile.TemporaryDirectory(prefix="ectopy-bench-") as made:
        folder = Path(made)
        small, large = folder / "small", folder / "large"
        # In a process of its own: a command's memory is never less than that of who starts it.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(_make, small, large, recordings, beats, hours).result()
        took("finalize", ["archive", "finalize", small])
        yield _sizes(small)
        yield took(f"finalize {beats:,} beats", ["archive", "finalize", large])
        yield _sizes(large)
        for name in examples():
            asked = ["archive", "query", large, "--example", name, "--out", folder / "a.csv"]
            yield took(f"ask {name}", asked)


def _make(
    small: Path, large: Path, recordings: Sequence[str | Path], beats: int, hours: float
) -> None:
    """Make an archive of recordings as they are, and one of many copies."""
    results = [analyze(open_recording(one)) for one in recordings]
    _Archive(small, len(results)).commit([rows(_entry(i), r) for i, r in enumerate(results)])
    _enlarge(large, results, beats, hours)


def _entry(number: int) -> Entry:
    address = f"/bank/{number // 1000:04d}/{number:07d}.edf"
    return Entry(f"{identifier(address):016x}", address, (), 1, "")


class _Archive:
    """An archive whose shards are committed one after the other."""

    def __init__(self, folder: Path, recordings: int) -> None:
        self._files = open_files(folder)
        self._shards = [
            Shard(number, tuple(map(_entry, range(at, min(at + _A_SHARD, recordings)))))
            for number, at in enumerate(range(0, recordings, _A_SHARD))
        ]
        _, manifest = write_manifest(self._files, self._shards)
        self._plan = Plan(
            software=__version__,
            weights="default",
            weights_sha256=Bundle.load("default").checksum,
            setting="whole",
            settings=Settings(),
            sources=("/bank",),
            recordings=recordings,
            shards=len(self._shards),
            bytes=recordings,
            manifest_sha256=manifest,
        )
        self._files.create(PLAN, self._plan.model_dump_json().encode())
        self._done = 0

    def commit(self, tables: list[dict[str, pa.Table]]) -> None:
        """Commit the next shard."""
        shard = self._shards[self._done]
        with tempfile.TemporaryDirectory() as scratch:
            writer = PartWriter(Path(scratch))
            for one in tables:
                writer.add(one)
            key = shard.key(self._plan.describes())
            publish(self._files, shard, key, writer.close(), writer.counts)
        self._done += 1


def _enlarge(folder: Path, results: list[Result], beats: int, hours: float) -> None:
    """Make an archive of changed copies."""
    rng = np.random.default_rng(0)
    made = [rows(_entry(i), result) for i, result in enumerate(results)]
    times = [max(1, round(3600 * hours / result.duration_s)) for result in results]
    each = float(np.mean([len(r.beats) * n for r, n in zip(results, times, strict=True)]))
    recordings = max(1, round(beats / each))
    archive = _Archive(folder, recordings)
    for at in range(0, recordings, _A_SHARD):
        shard = []
        for number in range(at, min(at + _A_SHARD, recordings)):
            which = int(rng.integers(len(made)))
            rate = results[which].fs_hz
            shard.append(
                {
                    name: _named(_number(number), _copies(name, table, times[which], rate, rng))
                    for name, table in made[which].items()
                }
            )
        archive.commit(shard)


def _number(number: int) -> str:
    return _entry(number).id


def _named(recording: str, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    ids = pa.DictionaryArray.from_arrays(
        numbers(np.zeros(table.num_rows, np.int32)), words([recording])
    )
    return table.set_column(0, table.schema.field(0), ids)


def _copies(
    name: str, table: pa.Table, times: int, fs_hz: float, rng: np.random.Generator
) -> pa.Table:
    """Put rows end to end; beats get intervals and probabilities of their own."""
    import pyarrow as pa

    if name == "recordings":
        return table
    table = pa.concat_tables([table] * times).combine_chunks()
    if name != "beats":
        return table
    rr = np.diff(table["sample"].to_numpy(), prepend=0)
    rr = np.maximum(np.where(rr > 0, rr, round(fs_hz)) + _few(len(rr), rng), 1)
    p = np.stack([table[f"p_{letter}"].to_numpy() for letter in AAMI], axis=1)
    p = p * np.exp(rng.normal(0, _SPREAD, p.shape))
    p /= p.sum(axis=1, keepdims=True)
    strength = table["strength"].to_numpy() * np.exp(rng.normal(0, _SPREAD, len(rr)))
    changed = {"sample": np.cumsum(rr), "rr_s": _short(rr / fs_hz, 4)}
    changed["strength"] = _short(strength, 3)
    changed |= {f"p_{letter}": _short(p[:, i], 4) for i, letter in enumerate(AAMI)}
    columns = {x: numbers(changed[x]) if x in changed else table[x] for x in table.column_names}
    return pa.table(columns, schema=SCHEMAS["beats"])


def _few(n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return rng.integers(-_STEP, _STEP + 1, n)


def _short(values: npt.NDArray[np.float64], digits: int) -> npt.NDArray[np.float32]:
    return np.round(values, digits).astype(np.float32)


def _sizes(store: Path) -> Sizes:
    snapshot = newest(open_files(store))
    found: dict[str, int] = {}
    for part in snapshot.files:
        found[part.table] = found.get(part.table, 0) + part.bytes
    shutil.rmtree(store / "parts")  # they are no longer needed, and there may be little room
    return Sizes(snapshot.beats, found)

"""From a result to the rows of an archive's tables, and from rows to Parquet files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ectopy.analysis.arrow import listed, numbers, words
from ectopy.analysis.outputs import to_annotations
from ectopy.analysis.result import Result
from ectopy.analysis.summary.line import Row
from ectopy.analysis.summary.look_first import look
from ectopy.analysis.summary.model import Ectopy, Summary
from ectopy.archive.model import Entry
from ectopy.archive.table_file import TableFile
from ectopy.beats.conditioning.quality import FLAT, GOOD, STATES
from ectopy.recordings.annotations import annotation_bytes

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS: Final = 1 << 18
"""Rows of a part that are held in memory until they are written together."""
_EPOCH: Final = datetime(1970, 1, 1)


def rows(entry: Entry, result: Result, *, annotations: bool = False) -> dict[str, pa.Table]:
    """Give the rows of a recording, by table.

    Parameters
    ----------
    entry : Entry
        The recording, as the plan has it.
    result : Result
        What was found in it.
    annotations : bool
        Whether a row with the WFDB annotation file is made as well.

    Returns
    -------
    dict of str to pyarrow.Table
        With the schemas of `ectopy.archive.schemas`; in order of time.

    Examples
    --------
    >>> from ectopy.archive.model import Entry
    >>> from ectopy.archive.rows import rows
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> entry = Entry("0" * 16, "records/a.hea", ("a.dat",), 0, "")
    >>> made = rows(entry, ectopy.analyze(recording))
    >>> made["recordings"]["veb_runs"].to_pylist(), made["beats"].num_rows
    ([1], 76)
    """
    made = {
        "recordings": _listed(entry, "recordings", _recording(entry, result)),
        "beats": _of(entry, "beats", result.beats.to_arrow()),
        "rhythm": _of(entry, "rhythm", result.rhythm.to_arrow()),
        "events": _of(entry, "events", result.events.to_arrow()),
        "hours": _of(entry, "hours", result.hourly.to_arrow()),
    }
    if annotations:
        content = annotation_bytes(to_annotations(result))
        made["annotations"] = _listed(
            entry, "annotations", {"name": result.name, "content": content}
        )
    return made


def failure(entry: Entry, reason: str) -> pa.Table:
    """Give the row of a recording that could not be labelled, with the reason in one sentence."""
    return _listed(entry, "failures", {"address": entry.address, "reason": reason})


def seen(entry: Entry, content: bytes | None, reason: str | None) -> pa.Table:
    """Give the row of a stretch: what was seen of it, or why nothing was."""
    told = {"stretch": entry.stretch, "of": entry.of, "content": content, "reason": reason}
    return _listed(entry, "looks", told)


def _of(entry: Entry, table: str, found: pa.Table) -> pa.Table:
    """Put the id before rows, and make their columns those of the schema."""
    import pyarrow as pa

    from ectopy.archive.schemas import SCHEMAS

    schema = SCHEMAS[table]
    ids = pa.DictionaryArray.from_arrays(
        numbers(np.zeros(found.num_rows, np.int32)), words([entry.id])
    )
    columns = [_cast(found[one.name], one.type) for one in list(schema)[1:]]
    return pa.Table.from_arrays([ids, *columns], schema=schema)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return column.cast(kind)


def _listed(entry: Entry, table: str, found: dict[str, Any]) -> pa.Table:
    """Make a table of one row."""
    import pyarrow as pa

    from ectopy.archive.schemas import SCHEMAS

    columns = {one.name: _one(found[one.name], one.type) for one in list(SCHEMAS[table])[1:]}
    return _of(entry, table, pa.table(columns))


def _one(value: Any, kind: pa.DataType) -> pa.Array:
    """Make a column of one value, without `pyarrow.array`, which would import pandas."""
    import pyarrow as pa

    if value is None:
        return pa.nulls(1, kind)
    if pa.types.is_binary(kind):
        ends = numbers(np.array([0, len(value)], np.int32)).buffers()[1]
        return pa.Array.from_buffers(kind, 1, [None, ends, pa.py_buffer(value)])
    if pa.types.is_timestamp(kind):
        since = (value - _EPOCH) // timedelta(microseconds=1)
        return listed([since], int).cast(kind)
    if pa.types.is_string(kind):
        return words([value])
    of = bool if pa.types.is_boolean(kind) else int if pa.types.is_integer(kind) else float
    return listed([value], of).cast(kind)


def _recording(entry: Entry, result: Result) -> dict[str, Any]:
    """Tell a recording in one row; what the summary does not tell is None."""
    summary = result.summary
    first = look(summary)
    rate, seconds = summary.heart_rate, summary.signal_seconds
    line = asdict(Row.of(summary))
    row = line | {
        "name": result.name,
        "address": entry.address,
        "start": result.start and result.start.replace(tzinfo=None),
        "fs_hz": summary.fs_hz,
        "usable_s": float(sum(seconds[state] for state in STATES[:FLAT])),
        "good_s": float(seconds[STATES[GOOD]]),
        "uncertain": summary.uncertain,
        "hr_day": rate.day,
        "hr_night": rate.night,
        "af_s": summary.rhythm.fibrillation.seconds,
        "warnings": len(summary.warnings),
        "warned": line["warnings"] or None,
        "look_first": None if first is None else first.weight,
        "look_why": None if first is None else first.why,
    }
    return row | _classes(summary) | _ectopic("veb", summary.veb) | _ectopic("sveb", summary.sveb)


def _classes(summary: Summary) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for letter, count in summary.classes.items():
        told[letter] = count.certain
        told[f"{letter}_uncertain"] = count.uncertain
        told[f"{letter}_percent"] = count.percent
    return told


def _ectopic(name: str, part: Ectopy) -> dict[str, Any]:
    longest = part.longest_run
    return {
        f"{name}_singles": part.singles,
        f"{name}_tachycardias": part.tachycardias,
        f"{name}_longest_run_bpm": None if longest is None else longest.rate_bpm,
    }


@dataclass
class Counts:
    """What the rows of a shard add up to.

    Attributes
    ----------
    recordings, failures, beats : int
        Rows of these tables.
    recorded_s : float
        Length of the recordings in seconds.
    """

    recordings: int = 0
    failures: int = 0
    beats: int = 0
    recorded_s: float = 0.0

    def add(self, table: str, added: pa.Table) -> None:
        """Count rows."""
        if table in ("recordings", "failures", "beats"):
            setattr(self, table, getattr(self, table) + added.num_rows)
        if table == "recordings":
            self.recorded_s += sum(added["duration_s"].to_pylist())


class PartWriter:
    """Writes the rows of a shard into one Parquet file a table, in the order they come.

    Parameters
    ----------
    folder : Path
        Where the files are made.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.archive.model import Entry
    >>> from ectopy.archive.rows import PartWriter, failure
    >>> writer = PartWriter(Path("parts"))
    >>> writer.add({"failures": failure(Entry("0" * 16, "a.edf", (), 0, ""), "a.edf is cut off")})
    >>> [path.name for path in writer.close().values()], writer.counts.failures
    (['failures.parquet'], 1)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = Counts()
        self._files: dict[str, TableFile] = {}

    def add(self, tables: dict[str, pa.Table]) -> None:
        """Take in rows; a table's are held until there are enough to be written."""
        for name, table in tables.items():
            if not table.num_rows:
                continue
            self.counts.add(name, table)
            if name not in self._files:
                self.folder.mkdir(parents=True, exist_ok=True)
                path = self.folder / f"{name}.parquet"
                self._files[name] = TableFile(path, name, GROUP_ROWS)
            self._files[name].add(table)

    def close(self) -> dict[str, Path]:
        """Write what is held; give the files by table, without tables that have no row."""
        for file in self._files.values():
            file.close()
        return {name: file.path for name, file in self._files.items()}

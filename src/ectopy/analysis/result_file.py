"""The file of a saved result: a zip of Parquet tables and one JSON document, without the signal."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import ValidationError

from ectopy.analysis.answers import Answers
from ectopy.analysis.arrow import listed, numbers, table
from ectopy.analysis.events import Event, Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.summary.background import Background
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.tables import Events, Rhythms
from ectopy.beats.conditioning.quality import Quality
from ectopy.beats.features.outlines import LEADS, NUMBERS
from ectopy.classes import AAMI
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.files import atomic_path
from ectopy.recordings.clock import Clock
from ectopy.runtime.rhythm.course import RhythmCourse

if TYPE_CHECKING:
    import pyarrow as pa

    from ectopy.analysis.result import Result

VERSION: Final = 3
"""Of the file; one that is higher was written by a later ectopy, a lower one holds less."""


_ANSWERS: Final = ("samples", "classes")
_EVENT: Final = (str, str, int, int, float, float, int, bool, float)
"""Of the fields of an event."""
_SPANS: Final = ("onset_s", "end_s", "kind", "probability")


def write_file(result: Result, path: Path) -> None:
    """Write what `ectopy.analysis.result.Result.save` says, whole or not at all."""
    about = {
        "version": VERSION,
        "name": result.name,
        "fs_hz": result.fs_hz,
        "n_samples": result.n_samples,
        "start": result.start.isoformat() if result.start else None,
        "leading": result.leading,
        "n_leads": len(result.quality.states),
        "signal_sha256": result.signal_sha256,
        "summary": result.summary.model_dump(mode="json"),
        "background": result.background.kept(),
    }
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("result.json", json.dumps(about), zipfile.ZIP_DEFLATED)
        for name, table in _tables(result).items():
            archive.writestr(f"{name}.parquet", _to_bytes(table))


def read_file(path: Path) -> dict[str, Any]:
    """Read what `write_file` wrote: the attributes of a result, but the recording.

    Raises
    ------
    DataNotFoundError, DataFormatError
        As `ectopy.analysis.result.Result.load` says.
    """
    if not path.is_file():
        raise DataNotFoundError(f"{path} not found, expected a saved result")
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("result.json"))
            version = about["version"]
            if version != VERSION:
                way = "analyze the recording again, or " if version < VERSION else ""
                raise DataFormatError(
                    f"{path} has version {version}, expected {VERSION}; {way}read it with the "
                    "version of ectopy that wrote it"
                )
            found = _read(about, lambda name: _from_bytes(archive.read(f"{name}.parquet")))
    except DataFormatError:
        raise
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, ValidationError) as e:
        raise DataFormatError(
            f"{path} is no saved result, or damaged ({type(e).__name__}); save it again"
        ) from e
    _release()
    return found


def _tables(result: Result) -> dict[str, pa.Table]:
    """Lay out all arrays, without loss."""
    import pyarrow as pa

    beats, intervals, quality = result.beats, result.intervals, result.quality
    columns: dict[str, Any] = {
        one.name: getattr(beats, one.name)
        for one in fields(beats)
        if one.name not in ("probabilities", "outlines")
    }
    columns |= {f"p_{letter}": beats.probabilities[:, i] for i, letter in enumerate(AAMI)}
    columns |= {"rr_s": intervals.rr_s, "clear": intervals.clear}
    columns = {name: numbers(values) for name, values in columns.items()}
    form = pa.binary(LEADS * NUMBERS)
    columns["outlines"] = pa.Array.from_buffers(
        form, len(beats), [None, pa.py_buffer(np.ascontiguousarray(beats.outlines))]
    )
    first = beats[:0] if result.first is None else result.first
    said = {f"p_{letter}": numbers(first.probabilities[:, i]) for i, letter in enumerate(AAMI)}
    said |= {name: numbers(getattr(first, name)) for name in ("classes", "uncertain")}
    # A long recording has more seconds than events, and columns of each lead.
    seconds = {
        f"{one.name}_{lead}": row
        for one in fields(quality)
        for lead, row in enumerate(getattr(quality, one.name))
    }
    return {
        "beats": table(columns),
        "first": table(said),
        "answers": table({name: numbers(getattr(result.answers, name)) for name in _ANSWERS}),
        "events": table(
            {
                one.name: listed([getattr(event, one.name) for event in result.events], kind)
                for one, kind in zip(fields(Event), _EVENT, strict=True)
            }
        ),
        "seconds": table({name: numbers(values) for name, values in seconds.items()}),
        "rhythm": table(
            {name: numbers(getattr(result.rhythm, name)) for name in _SPANS},
        ),
        "rhythm_seconds": table({"af": numbers(result.rhythm.af_probability)}),
    }


def _read(about: dict[str, Any], part: Callable[[str], pa.Table]) -> dict[str, Any]:
    """Put the attributes of a result together from their parts."""
    rows = part("beats")
    chunks = [_numbers_of(chunk) for chunk in rows["outlines"].chunks if len(chunk)]
    outlines = np.concatenate([np.zeros(0, np.int8), *chunks])
    found = {name: row.to_numpy() for name, row in _columns(rows.drop_columns("outlines"))}
    found["outlines"] = outlines.reshape(-1, LEADS * NUMBERS)
    probabilities = np.stack([found.pop(f"p_{letter}") for letter in AAMI], axis=1)
    rr_s, clear = found.pop("rr_s"), found.pop("clear")
    answers = Answers(**{name: row.to_numpy() for name, row in _columns(part("answers"))})
    said = {name: row.to_numpy() for name, row in _columns(part("first"))}
    first = np.stack([said.pop(f"p_{letter}") for letter in AAMI], axis=1)
    beats = LabelledBeats(probabilities=probabilities, **found)
    seconds = dict(_columns(part("seconds")))
    quality = Quality(
        *(
            np.stack([seconds[f"{one.name}_{lead}"].to_numpy() for lead in range(about["n_leads"])])
            for one in fields(Quality)
        )
    )
    start = datetime.fromisoformat(about["start"]) if about["start"] else None
    course = RhythmCourse(
        **{name: column.to_numpy() for name, column in _columns(part("rhythm"))},
        af_probability=part("rhythm_seconds")["af"].to_numpy(),
    )
    known = {"fs_hz": about["fs_hz"], "n_samples": about["n_samples"], "start": start}
    summary = Summary.model_validate(about["summary"])
    return {
        "name": about["name"],
        **known,
        "intervals": Intervals(beats, about["fs_hz"], rr_s, clear),
        "rhythm": Rhythms(course, Clock(start, about["n_samples"] / about["fs_hz"])),
        "events": Events(_events(part("events"))),
        "quality": quality,
        "summary": summary,
        "background": Background.saved(summary, about["background"] | known),
        "leading": about["leading"],
        "answers": answers,
        "first": replace(beats, probabilities=first, **said) if len(answers) else None,
        "signal_sha256": about.get("signal_sha256"),
    }


def _numbers_of(chunk: Any) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Give the bytes of fixed-size values, without an object for each."""
    size = chunk.type.byte_width
    held = np.frombuffer(chunk.buffers()[1], np.int8)
    return held[size * chunk.offset : size * (chunk.offset + len(chunk))]


def _events(rows: pa.Table) -> Iterator[Event]:
    """Give the events; those of a kind share its word."""
    columns = [column.to_pylist() for _, column in _columns(rows)]
    for kind, of, *others in zip(*columns, strict=True):
        yield Event(sys.intern(kind), sys.intern(of), *others)  # type: ignore[arg-type]


def _release() -> None:
    """Give back what Arrow held while it read: of a week more than what is kept of it."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _columns(table: pa.Table) -> list[tuple[str, Any]]:
    return [(name, table[name]) for name in table.column_names]


def _to_bytes(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    held = BytesIO()
    pq.write_table(table, held)
    return held.getvalue()


def _from_bytes(content: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # In this thread: others would each keep what they worked with.
    return pq.read_table(pa.BufferReader(content), use_threads=False)

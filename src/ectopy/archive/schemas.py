"""The columns of an archive's tables: one fixed Arrow schema each, whatever a recording holds."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from ectopy.classes import AAMI

CODED: Final = pa.dictionary(pa.int8(), pa.string())
"""One of a few texts."""
ID: Final = pa.field("id", pa.dictionary(pa.int32(), pa.string()), nullable=False)
_INT, _FLOAT, _TEXT, _TRUTH = pa.int32(), pa.float64(), pa.string(), pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([ID, *(pa.field(name, kind) for name, kind in columns.items())])


def _ectopic(name: str) -> dict[str, pa.DataType]:
    counts = ("", "_singles", "_couplets", "_runs", "_tachycardias", "_longest_run_beats")
    shares = ("_percent", "_per_hour", "_longest_run_bpm", "_fastest_run_bpm")
    return {f"{name}{x}": _INT for x in counts} | {f"{name}{x}": _FLOAT for x in shares}


RECORDINGS: Final = _schema(
    name=_TEXT,
    address=_TEXT,
    simulated=_TRUTH,
    start=pa.timestamp("us"),
    duration_s=_FLOAT,
    usable_s=_FLOAT,
    good_s=_FLOAT,
    fs_hz=_FLOAT,
    leads=_TEXT,
    beats=_INT,
    uncertain=_INT,
    uncertain_percent=_FLOAT,
    **dict.fromkeys(AAMI, _INT),
    **{f"{letter}_uncertain": _INT for letter in AAMI},
    **{f"{letter}_percent": _FLOAT for letter in AAMI},
    hr_mean=_FLOAT,
    hr_lowest=_FLOAT,
    hr_highest=_FLOAT,
    hr_day=_FLOAT,
    hr_night=_FLOAT,
    pacing=_TEXT,
    af_s=_FLOAT,
    af_percent=_FLOAT,
    af_episodes=_INT,
    af_longest_s=_FLOAT,
    vf_s=_FLOAT,
    rhythm_not_decided_s=_FLOAT,
    rhythms=_TEXT,
    **_ectopic("veb"),
    **_ectopic("sveb"),
    pauses=_INT,
    longest_pause_s=_FLOAT,
    warnings=_INT,
    warned=_TEXT,
    look_first=_FLOAT,
    look_why=_TEXT,
)
BEATS: Final = _schema(
    **{"sample": pa.int64(), "class": CODED, "uncertain": _TRUTH},
    **{f"p_{letter}": pa.float32() for letter in AAMI},
    rr_s=pa.float32(),
    strength=pa.float32(),
    quality=CODED,
    template=pa.int16(),
    rhythm=CODED,
)
RHYTHM: Final = _schema(
    onset_s=_FLOAT, end_s=_FLOAT, duration_s=_FLOAT, rhythm=CODED, probability=pa.float32()
)
EVENTS: Final = _schema(
    kind=CODED,
    of=CODED,
    start_s=_FLOAT,
    duration_s=_FLOAT,
    beats=_INT,
    first_beat=_INT,
    last_beat=_INT,
    uncertain=_INT,
    certain=_TRUTH,
    rate_bpm=_FLOAT,
)
HOURS: Final = _schema(
    hour=_INT,
    clock=_TEXT,
    **dict.fromkeys(AAMI, _INT),
    uncertain=_INT,
    hr_mean=_FLOAT,
    hr_min=_FLOAT,
    hr_max=_FLOAT,
    usable_percent=_FLOAT,
    af_percent=_FLOAT,
    veb_couplets=_INT,
    veb_runs=_INT,
    sveb_couplets=_INT,
    sveb_runs=_INT,
    pauses=_INT,
)
FAILURES: Final = _schema(address=_TEXT, reason=_TEXT)
ANNOTATIONS: Final = _schema(name=_TEXT, content=pa.binary())
LOOKS: Final = _schema(stretch=_INT, of=_INT, content=pa.binary(), reason=_TEXT)
"""What was seen of stretches of long recordings, or why nothing was; no result."""

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "recordings": RECORDINGS,
    "beats": BEATS,
    "rhythm": RHYTHM,
    "events": EVENTS,
    "hours": HOURS,
    "failures": FAILURES,
    "annotations": ANNOTATIONS,
    "looks": LOOKS,
}
"""By table; of the columns, what is not known or withheld is null, never zero."""

DELTA: Final = {
    "beats": ("sample",),
    "events": ("first_beat", "last_beat"),
    "hours": ("hour",),
}
"""Columns that rise within a recording: their differences are stored."""
_ALL_DIFFER: Final = {
    "rhythm": ("onset_s", "end_s"), "events": ("start_s",), "annotations": ("content",),
    "looks": ("content",),
    "recordings": ("address",), "failures": ("address",),
}  # fmt: skip


def stored(table: str) -> dict[str, object]:
    """Give how a table is written: what `pyarrow.parquet.ParquetWriter` is told."""
    schema = SCHEMAS[table]
    plain = {*DELTA.get(table, ()), *_ALL_DIFFER.get(table, ())}
    plain |= {field.name for field in schema if field.type == _TRUTH}
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": [field.name for field in schema if field.name not in plain],
        "column_encoding": dict.fromkeys(DELTA.get(table, ()), "DELTA_BINARY_PACKED"),
        "data_page_version": "2.0",
    }

"""EDF, EDF+ and BDF files with odd fields, ranges, labels, records and annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case
from signal_cases import beats

FS_HZ = 200
RECORDS = 4
FIRST = np.rint(beats(RECORDS, FS_HZ) * 200).astype(np.int64)


@dataclass(frozen=True)
class Header:
    """Fields of an EDF header as text, written as they are."""

    version: str = "0"
    patient: str = "X X X X"
    recording: str = "Startdate 06-MAY-2024 X X X"
    date: str = "06.05.24"
    time: str = "09.30.00"
    size: str = ""
    reserved: str = ""
    records: str = str(RECORDS)
    seconds: str = "1"
    count: str = ""
    labels: Sequence[str] = ("ECG II", "ECG V1")
    dimension: Sequence[str] = ("uV", "uV")
    low: Sequence[str] = ("-163840", "-163840")
    high: Sequence[str] = ("163835", "163835")
    first: Sequence[str] = ("-32768", "-32768")
    last: Sequence[str] = ("32767", "32767")
    prefilter: Sequence[str] = ("", "")
    samples: Sequence[str] = (str(FS_HZ), str(FS_HZ))


def field(text: str, width: int) -> bytes:
    """Give a field of an EDF header: too long a text is cut, as writers do."""
    return text.encode("latin-1", errors="replace")[:width].ljust(width)


def file(
    header: Header, data: bytes | None = None, name: str = "odd.edf"
) -> Callable[[Path], Path]:
    """Make a file of a header and its data records."""
    n = len(header.labels)
    head = field(header.version, 8) + field(header.patient, 80) + field(header.recording, 80)
    head += field(header.date, 8) + field(header.time, 8)
    head += field(header.size or str(256 * (n + 1)), 8) + field(header.reserved, 44)
    head += field(header.records, 8) + field(header.seconds, 8) + field(header.count or str(n), 4)
    columns = (
        (header.labels, 16),
        ([""] * n, 80),
        (header.dimension, 8),
        (header.low, 8),
        (header.high, 8),
        (header.first, 8),
        (header.last, 8),
        (header.prefilter, 80),
        (header.samples, 8),
        ([""] * n, 32),
    )
    for texts, width in columns:
        head += b"".join(field(texts[i % len(texts)], width) for i in range(n))
    stored = records() if data is None else data

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(head + stored)
        return folder / name

    return make


def records(n_leads: int = 2, n_records: int = RECORDS, track: Sequence[bytes] = ()) -> bytes:
    """Give data records of 16 bits: leads, then 40 bytes of an EDF+ track where there is one."""
    rows = np.resize(FIRST, n_records * FS_HZ).reshape(n_records, 1, FS_HZ)
    rows = (rows * (-0.5) ** (np.arange(n_leads) % 3)[None, :, None]).astype("<i2")
    parts = [row.tobytes() for row in rows]
    return b"".join(
        p + (track[i].ljust(40, b"\0")[:40] if track else b"") for i, p in enumerate(parts)
    )


PLUS = Header(
    reserved="EDF+C",
    labels=("ECG II", "EDF Annotations"),
    dimension=("uV", ""),
    low=("-163840", "-1"),
    high=("163835", "1"),
    samples=(str(FS_HZ), "20"),
)
GOOD_TRACK = tuple(f"+{i}\x14\x14".encode() for i in range(RECORDS))


def _fields() -> dict[str, Callable[[Path], Path]]:
    made = {}
    odd: dict[str, Sequence[str]] = {
        "version": ("1", "", "00", "x"),
        "patient": ("", "<b>", "\u00e9", "X" * 80, "\x00"),
        "recording": (
            "",
            "Startdate X X X X",
            "Startdate 31-FEB-2024 X X X",
            "<script>",
            "\x00" * 80,
        ),
        "date": (
            "",
            "00.00.00",
            "31.02.24",
            "06/05/24",
            "xx.xx.xx",
            "06.05.85",
            "06.05.yy",
            "99.99.99",
        ),
        "time": ("", "24.00.00", "99.99.99", "9:30:00", "xx.xx.xx", "23.59.59"),
        "size": ("0", "-1", "256", "512", "1024", "99999999", "x", "768.0", "nan"),
        "reserved": ("EDF+C", "EDF+D", "BIOSEMI", "24BIT", "\x00", "<b>"),
        "records": ("0", "1", "3", "5", "-1", "-2", "99999999", "x", "4.0", "nan", "1e3", ""),
        "seconds": (
            "0",
            "-1",
            "0.5",
            "2",
            "10",
            "1e-300",
            "1e300",
            "nan",
            "inf",
            "x",
            "",
            "0.001",
            "99999999",
            "1,0",
            "0,5",
        ),
        "count": ("0", "1", "3", "-1", "9999", "x", "2.0", "nan"),
    }
    for key, texts in odd.items():
        for text in texts:
            made[f"{key} {text[:12]!r}"] = file(replace(Header(), **{key: text}))
    return made


def _signal_fields() -> dict[str, Callable[[Path], Path]]:
    made = {}
    odd: dict[str, Sequence[str]] = {
        "labels": (
            "",
            "II",
            "ECG",
            "EEG Fpz-Cz",
            "Resp",
            "EDF Annotations",
            "<b>II</b>",
            "\u00b5",
            "\x00\x00",
            "nan",
            "I" * 16,
            "EKG II",
            "ecg v1",
            "Status",
            "SpO2",
        ),
        "dimension": (
            "",
            "mV",
            "V",
            "nV",
            "\u00b5V",
            "MV",
            "mmHg",
            "%",
            "<b>",
            "x",
            "uV\x00",
            "degreeC",
            "UV",
            "ADC",
        ),
        "low": (
            "0",
            "163835",
            "163836",
            "nan",
            "inf",
            "-inf",
            "1e308",
            "-1e308",
            "x",
            "",
            "-1e-300",
            "-1,5",
            "-0",
        ),
        "high": ("0", "-163840", "-163841", "nan", "inf", "1e308", "x", "", "1e-300"),
        "first": ("32767", "32768", "0", "nan", "x", "", "-99999", "1.5", "-1e3"),
        "last": ("-32768", "-32769", "0", "nan", "x", "", "99999", "1.5"),
        "samples": (
            "0",
            "-1",
            "1",
            "100",
            "199",
            "201",
            "400",
            "99999999",
            "x",
            "",
            "nan",
            "200.0",
            "2e2",
        ),
        "prefilter": ("HP:0.05Hz LP:100Hz", "<b>", "\u00e9"),
    }
    for key, texts in odd.items():
        good = getattr(Header(), key)
        for text in texts:
            made[f"{key} {text[:12]!r}"] = file(replace(Header(), **{key: (text, good[1])}))
            if key in ("labels", "dimension", "samples", "low"):
                made[f"{key} {text[:12]!r}, both"] = file(replace(Header(), **{key: (text, text)}))
    made["huge range of both"] = file(replace(Header(), low=("-1e308",) * 2, high=("1e308",) * 2))
    made["tiny range of both"] = file(replace(Header(), low=("-1e-300",) * 2, high=("1e-300",) * 2))
    made["range backward"] = file(replace(Header(), low=("163835",) * 2, high=("-163840",) * 2))
    return made


def _plus() -> dict[str, Callable[[Path], Path]]:
    tracks: dict[str, Sequence[bytes]] = {
        "good": GOOD_TRACK,
        "notes": [t + b"\0+0.5\x15" + b"1\x14note\x14" for t in GOOD_TRACK],
        "markup in a note": [t + b"\0+0.5\x14<b>x</b>\x14" for t in GOOD_TRACK],
        "empty": [b""] * RECORDS,
        "blank": [b" " * 40] * RECORDS,
        "ones": [b"\xff" * 40] * RECORDS,
        "words": [b"+x\x14\x14"] * RECORDS,
        "no sign": [f"{i}\x14\x14".encode() for i in range(RECORDS)],
        "no end": [f"+{i}\x14".encode() + b"x" * 38 for i in range(RECORDS)],
        "late in the third": [b"+0\x14\x14", b"+1\x14\x14", b"+4.4\x14\x14", b"+5.4\x14\x14"],
        "a day late": [b"+0\x14\x14", b"+1\x14\x14", b"+86400\x14\x14", b"+86401\x14\x14"],
        "a month late": [b"+0\x14\x14", b"+1\x14\x14", b"+2592000\x14\x14", b"+2592001\x14\x14"],
        "a year late": [b"+0\x14\x14", b"+1\x14\x14", b"+31536000\x14\x14", b"+31536001\x14\x14"],
        "9e99 late": [b"+0\x14\x14", b"+1\x14\x14", b"+" + b"9" * 30 + b"\x14\x14", b"+9\x14\x14"],
        "overlapping": [b"+0\x14\x14", b"+0.5\x14\x14", b"+1\x14\x14", b"+1.5\x14\x14"],
        "backward": [b"+3\x14\x14", b"+2\x14\x14", b"+1\x14\x14", b"+0\x14\x14"],
        "all alike": [b"+0\x14\x14"] * RECORDS,
        "before 0": [f"-{9 - i}\x14\x14".encode() for i in range(RECORDS)],
        "starting late": [f"+{i + 100}\x14\x14".encode() for i in range(RECORDS)],
        "a hair apart": [f"+{i * 1.001:.4f}\x14\x14".encode() for i in range(RECORDS)],
    }
    made = {}
    for name, track in tracks.items():
        for kind in ("EDF+C", "EDF+D"):
            header = replace(PLUS, reserved=kind)
            made[f"{kind}, track {name}"] = file(header, records(1, track=track))
    only = replace(
        PLUS, labels=PLUS.labels[1:], dimension=("",), low=("-1",), high=("1",), samples=("20",)
    )
    notes = b"".join(t.ljust(40, b"\0") for t in GOOD_TRACK)
    made["annotations only"] = file(only, notes)
    made["annotations only, records of 0 s"] = file(replace(only, seconds="0"), notes)
    made["annotations only, interrupted"] = file(replace(only, reserved="EDF+D"), notes)
    made["no track"] = file(replace(Header(), reserved="EDF+C"))
    made["no track, interrupted"] = file(replace(Header(), reserved="EDF+D"))
    made["two tracks"] = file(replace(PLUS, labels=("EDF Annotations",) * 2))
    made["a track of no samples"] = file(replace(PLUS, samples=(str(FS_HZ), "0")), records(1))
    return made


def _whole() -> dict[str, Callable[[Path], Path]]:
    rng = np.random.default_rng(9)
    size = len(records())
    bdf = Header(version="\xffBIOSEMI", reserved="24BIT")
    made: dict[str, Any] = {
        "good": file(Header()),
        "no data": file(Header(), b""),
        "half a record": file(Header(), records()[:300]),
        "a record and a half": file(replace(Header(), records="-1"), records()[:1200]),
        "more than promised": file(Header(), records() * 3),
        "noise": file(Header(), rng.bytes(size)),
        "zeros": file(Header(), bytes(size)),
        "smallest": file(Header(), b"\0\x80" * (size // 2)),
        "largest": file(Header(), b"\xff\x7f" * (size // 2)),
        "called odd": file(Header(), name="odd"),
        "called odd.txt": file(Header(), name="odd.txt"),
        "called odd.EDF": file(Header(), name="odd.EDF"),
        "called odd.bdf": file(Header(), name="odd.bdf"),
        "rates that differ": file(
            replace(Header(), samples=("200", "100")),
            np.resize(FIRST, 1200).astype("<i2").tobytes(),
        ),
        "a rate of 20.1": file(replace(Header(), seconds="9.9502488")),
        "a rate of 99.97": file(replace(Header(), seconds="2.0006")),
        "BDF good": file(
            bdf, rng.integers(-50, 50, size * 3 // 2).astype("i1").tobytes(), "odd.bdf"
        ),
        "BDF of EDF data": file(bdf, records(), "odd.bdf"),
        "BDF zeros": file(bdf, bytes(size * 3 // 2), "odd.bdf"),
        "BDF ones": file(bdf, b"\xff" * (size * 3 // 2), "odd.bdf"),
    }
    for n in (1, 3, 12, 40):
        labels = [f"ECG V{i + 1}" for i in range(n)]
        made[f"{n} leads"] = file(replace(Header(), labels=labels), records(n))
    for n in (1, 2, 3):
        made[f"{n} records"] = file(replace(Header(), records=str(n)), records(2, n))
    alike = replace(Header(), labels=("ECG II",) * 2)
    made["labels alike"] = file(alike)
    made["an EEG of 19"] = file(
        replace(Header(), labels=[f"EEG C{i}" for i in range(19)]), records(19)
    )
    made["an EEG of 19, names alone"] = file(
        replace(
            Header(),
            labels=[
                "Fp1",
                "Fp2",
                "F7",
                "F3",
                "Fz",
                "F4",
                "F8",
                "T3",
                "C3",
                "Cz",
                "C4",
                "T4",
                "T5",
                "P3",
                "Pz",
                "P4",
                "T6",
                "O1",
                "O2",
            ],
        ),
        records(19),
    )
    return made


def cases() -> dict[str, list[Case]]:
    """Give the families of EDF files."""
    families = {
        "edf-fields": _fields(),
        "edf-signal": _signal_fields(),
        "edf-plus": _plus(),
        "edf-whole": _whole(),
    }
    made = {k: [Case(f"{k}: {n}", m) for n, m in v.items()] for k, v in families.items()}
    for x in ({"fs_hz": 100.0}, {"units": "V"}, {"gain": 200.0}, {"gain": 1e-9}):
        made["edf-whole"].append(Case(f"edf-stated {x}", file(Header()), x))
    return made

"""Tables of text as instruments, spreadsheets and people write them, right and wrong."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cases import Case, holding, named
from signal_cases import beats

FS_HZ = 250
N = 800
FIRST = beats(N / FS_HZ, FS_HZ)
ROWS = [(f"{a:.4f}", f"{-0.5 * a:.4f}") for a in FIRST]
TIMES = [f"{i / FS_HZ:.3f}" for i in range(N)]


def text(
    head: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = ROWS,
    by: str = ",",
    end: str = "\n",
    last: str | None = None,
) -> str:
    """Join head lines and rows."""
    lines = [*head, *(by.join(row) for row in rows)]
    return end.join(lines) + (end if last is None else last)


def timed(times: Sequence[str] = TIMES, rows: Sequence[Sequence[str]] = ROWS) -> list[list[str]]:
    """Put a column of times before the rows."""
    return [[t, *row] for t, row in zip(times, rows, strict=True)]


def with_line(at: int, line: str) -> str:
    """Give a table with another line in it."""
    lines = text(["II,V1"]).splitlines()
    lines.insert(at, line)
    return "\n".join(lines) + "\n"


def _delimiters() -> dict[str, str]:
    made = {}
    for name, by in (
        ("comma", ","),
        ("semicolon", ";"),
        ("tab", "\t"),
        ("space", " "),
        ("spaces", "   "),
        ("bar", "|"),
        ("comma and space", ", "),
        ("space and comma", " ,"),
        ("tab and space", "\t "),
    ):
        made[f"{name}, no header"] = text(by=by)
        made[f"{name}, header"] = text([by.join(("II", "V1"))], by=by)
        made[f"{name}, times"] = text([by.join(("time", "II", "V1"))], timed(), by=by)
        made[f"{name} at the end"] = text(
            [by.join(("II", "V1")) + by], [[*r, ""] for r in ROWS], by=by
        )
        made[f"{name} at the beginning"] = text(
            [by + by.join(("II", "V1"))], [["", *r] for r in ROWS], by=by
        )
        commas = [[x.replace(".", ",") for x in r] for r in ROWS]
        made[f"{name}, decimal comma"] = text(["II" + by + "V1"], commas, by=by)
        made[f"{name}, decimal comma, quoted"] = text(
            ["II" + by + "V1"], [[f'"{x}"' for x in r] for r in commas], by=by
        )
    made["mixed delimiters"] = text(["II,V1"], ROWS[:400]) + text((), ROWS[400:], by=";")
    made["header with another delimiter"] = text(["II;V1"])
    return made


def _lines() -> dict[str, str]:
    made = {
        "Windows": text(["II,V1"], end="\r\n"),
        "old Mac": text(["II,V1"], end="\r"),
        "doubled": text(["II,V1"], end="\r\r\n"),
        "no last line end": text(["II,V1"], last=""),
        "many last line ends": text(["II,V1"], last="\n" * 40),
        "one row": text(["II,V1"], ROWS[:1]),
        "two rows": text(["II,V1"], ROWS[:2]),
        "three rows": text(["II,V1"], ROWS[:3]),
        "header only": "II,V1\n",
        "header twice": text(["II,V1", "II,V1"]),
        "blank lines first": text(["", "", "", "II,V1"]),
        "blank line after the header": text(["II,V1", ""]),
        "a blank line between rows": with_line(300, ""),
        "blank lines only": "\n" * 500,
        "spaces only": " " * 5000,
        "commas only": ",,,\n" * 300,
        "one line of all numbers": ",".join(r[0] for r in ROWS) + "\n",
        "one number": "1\n",
        "words only": "II,V1\nhello,world\n" * 50,
        "a poem": "The quick brown fox\njumps over 1 lazy dog\n" * 30,
        "30 lines of header": text([f"# line {i}" for i in range(30)] + ["II,V1"]),
        "header over 10 kB": text([f"# {'x' * 10_000}", "II,V1"]),
        "header over 100 kB": text([f"# {'x' * 100_000}", "II,V1"]),
        "title and blank": text(["ECG export of 2024-05-06", "", "II,V1"]),
        "key and value lines": text(["Patient: X", "Sampling rate: 250 Hz", "Leads: 2", "II,V1"]),
        "units under names": text(["II,V1", "mV,mV"]),
        "units in names": text(["II (mV),V1 [mV]"]),
        "units uV": text(["II (uV),V1 (uV)"]),
        "units that differ": text(["II (mV),V1 (uV)"]),
        "units unknown": text(["II (furlong),V1 (%)"]),
        "markup in names": text(["<script>alert(1)</script>,<b>V1</b>"]),
        "names alike": text(["II,II"]),
        "names empty": text([","]),
        "quoted names with delimiters": text(['"II, raw","V1, raw"']),
        "a stray quote in the header": text(['"II,V1']),
        "a stray quote in the first row": text(["II,V1"], [('"0.1', "0.2"), *ROWS]),
        "a stray quote in a row": with_line(200, '0.1",0.2'),
        "an open quote in the middle": with_line(200, '"0.1,0.2'),
        "quoted numbers": text(["II,V1"], [[f'"{x}"' for x in r] for r in ROWS]),
        "single quotes": text(["'II','V1'"], [[f"'{x}'" for x in r] for r in ROWS]),
        "a comment at the end": text(["II,V1"]) + "# end\n",
        "a comment in the middle": with_line(400, "# lead off"),
        "a comment late": text(["II,V1"], ROWS * 8) + "# lead off\n" + text((), ROWS),
        "a text in a cell": with_line(400, "0.1,lead off"),
        "a text late in a cell": text(["II,V1"], ROWS * 8) + "0.1,off\n",
        "a short row": with_line(400, "0.1"),
        "a long row": with_line(400, "0.1,0.2,0.3"),
        "the last row cut": text(["II,V1"])[:-9],
        "header in the middle": with_line(400, "II,V1"),
        "a total at the end": text(["II,V1"]) + "Total,800\n",
    }
    for comment in ("#", "%", "//", ";", "!", "'", '"', "REM "):
        made[f"comments of {comment}"] = text([f"{comment} from 2024", "II,V1"])
    return made


def _values() -> dict[str, str]:
    made = {}
    for word in (
        "",
        "-",
        "NA",
        "nan",
        "NaN",
        "null",
        "None",
        "n/a",
        "#N/A",
        "?",
        "inf",
        "-inf",
        "1e999",
        "9" * 400,
        "1e38",
        "3.5e38",
        "0x10",
        "1_000",
        "1,5",
        "+0.1",
        ".5",
        "5.",
        "1e-999",
        "TRUE",
        "--",
        "\u2212" + "0.1",
        "١",
    ):
        every = [(word, r[1]) if i % 5 == 0 else r for i, r in enumerate(ROWS)]
        made[f"{word[:8]!r} in every fifth row"] = text(["II,V1"], every)
        made[f"{word[:8]!r} in the first row"] = text(["II,V1"], [(word, word), *ROWS])
        made[f"{word[:8]!r} in a lead throughout"] = text(["II,V1"], [(r[0], word) for r in ROWS])
    made["thousands signs"] = text(["II;V1"], [(f"{i:,}", "1") for i in range(N)], by=";")
    made["whole numbers"] = text(["II,V1"], [(f"{a * 200:.0f}", "0") for a in FIRST])
    made["ADC counts"] = text(["II"], [(f"{a * 200 + 1024:.0f}",) for a in FIRST])
    made["a first column that grows"] = text(["a,II"], timed([str(i) for i in range(N)]))[:20_000]
    made["all zeros"] = text(["II,V1"], [("0", "0")] * N)
    made["one column"] = text((), [(r[0],) for r in ROWS])
    made["40 columns"] = text((), [[r[0]] * 40 for r in ROWS[:400]])
    made["300 columns"] = text((), [[r[0]] * 300 for r in ROWS[:80]])
    return made


def _times() -> dict[str, str]:
    def at(form: Callable[[int], str]) -> list[list[str]]:
        return timed([form(i) for i in range(N)])

    columns: dict[str, tuple[str, list[list[str]]]] = {
        "seconds": ("time", at(lambda i: f"{i / FS_HZ:.3f}")),
        "time_s": ("time_s", at(lambda i: f"{i / FS_HZ:.3f}")),
        "time_ms": ("time_ms", at(lambda i: f"{i * 4}")),
        "Time_sec": ("Time_sec", at(lambda i: f"{i / FS_HZ:.4f}")),
        "timestamp_ms": ("timestamp_ms", at(lambda i: f"{1_714_980_600_000 + 4 * i}")),
        "epoch": ("timestamp", at(lambda i: f"{1_714_980_600 + i / FS_HZ:.3f}")),
        "epoch us": ("timestamp_us", at(lambda i: f"{1_714_980_600_000_000 + 4000 * i}")),
        "epoch ns": ("timestamp_ns", at(lambda i: f"{(1_714_980_600_000_000 + 4000 * i) * 1000}")),
        "sample_index": ("sample_index", at(str)),
        "ISO": ("time", at(lambda i: f"2024-05-06T09:30:{i / FS_HZ:06.3f}")),
        "ISO and Z": ("time", at(lambda i: f"2024-05-06T09:30:{i / FS_HZ:06.3f}Z")),
        "ISO, a space": ("datetime", at(lambda i: f"2024-05-06 09:30:{i / FS_HZ:06.3f}")),
        "clock": ("time", at(lambda i: f"09:30:{i / FS_HZ:06.3f}")),
        "clock over midnight": (
            "time",
            at(lambda i: f"{'23:59:58' if i < 500 else '00:00:00'}.{i * 4 % 1000:03d}"),
        ),
        "whole seconds": ("time", at(lambda i: str(i // FS_HZ))),
        "backward": ("time", at(lambda i: f"{(N - i) / FS_HZ:.3f}")),
        "a jump back": ("time", at(lambda i: f"{(i if i < 400 else i - 300) / FS_HZ:.3f}")),
        "a jump of a minute": ("time", at(lambda i: f"{i / FS_HZ + 60 * (i > 400):.3f}")),
        "a jump of a week": ("time", at(lambda i: f"{i / FS_HZ + 6e5 * (i > 400):.3f}")),
        "a jump of 1e300": ("time", at(lambda i: f"{i / FS_HZ + 1e300 * (i > 400):g}")),
        "all alike": ("time", at(lambda i: "1.0")),
        "empty": ("time", at(lambda i: "")),
        "empty now and then": ("time", at(lambda i: f"{i / FS_HZ:.3f}" if i % 7 else "")),
        "words": ("time", at(lambda i: "now")),
        "nan": ("time", at(lambda i: "nan")),
        "inf": ("time", at(lambda i: "inf")),
        "negative": ("time", at(lambda i: f"{i / FS_HZ - 2:.3f}")),
        "tiny steps": ("time", at(lambda i: f"{i * 1e-9:.12f}")),
        "huge steps": ("time", at(lambda i: f"{i * 1e6:.0f}")),
        "uneven": ("time", at(lambda i: f"{i / FS_HZ + 0.001 * (i % 3):.3f}")),
        "dates only": ("date", at(lambda i: "2024-05-06")),
        "impossible dates": ("time", at(lambda i: f"2024-13-45T99:99:{i % 60:02d}")),
    }
    made = {}
    for name, (column, rows) in columns.items():
        made[f"times {name}"] = text([f"{column},II,V1"], rows)
        made[f"times {name}, no header"] = text((), rows)
    made["times in the last column"] = text(["II,V1,time"], [[*r[1:], r[0]] for r in timed()])
    made["times only"] = text(["time"], [[t] for t in TIMES])
    made["two columns of times"] = text(
        ["time,timestamp,II"], [[t, t, r[0]] for t, r in zip(TIMES, ROWS, strict=True)]
    )
    return made


def _encoded() -> dict[str, bytes]:
    plain, accents = text(["II,V1"]), text(["Ableitung-é (µV),Größe"])
    made = {
        "UTF-8 with a mark": plain.encode("utf-8-sig"),
        "Latin-1": accents.encode("latin-1"),
        "Windows-1252": text(["“II”,V1"]).encode("cp1252"),
        "UTF-8": accents.encode(),
        "EBCDIC": plain.encode("cp500"),
        "Shift-JIS": text(["誘導,V1"]).encode("shift-jis"),
        "a zero byte": plain.encode().replace(b"\n", b"\0\n", 1),
        "zero bytes at the end": plain.encode() + bytes(4096),
        "controls": b"\x1b[2J" + plain.encode(),
        "a form feed": plain.encode() + b"\x0c",
        "end of file as DOS": plain.encode() + b"\x1a",
        "broken UTF-8 late": plain.encode() + b"\xff\xfe,1\n",
        "compressed": gzip.compress(plain.encode(), mtime=0),
    }
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"):
        made[encoding.upper()] = plain.encode(encoding)
    return made


def _descriptions() -> dict[str, str]:
    """Tables after a header in a comment or in JSON, and text that is no table."""
    body = text((), [("0", str(round(500 + 100 * a))) for a in FIRST], by="\t")
    signals = '{"x": {"sampling rate": %s, "column": ["nSeq", "A1"], "resolution": [4, 10]}}'
    made = {
        f"OpenSignals of {rate} Hz": "# OpenSignals Text File Format. Version 1\n# "
        + signals % rate
        + "\n# EndOfHeader\n"
        + body
        for rate in ("250", "0", "-1", "1e999", "NaN", '"x"', "null", "[]")
    }
    made["OpenSignals without an end"] = "# OpenSignals\n# {\n" + body
    made |= {
        "HTML": "<html><body><table><tr><td>1</td></tr></table></body></html>",
        "HTML, long": "<html>" + "<p>1,2</p>\n" * 500,
        "JSON list": "[1, 2, 3]",
        "JSON object": '{"ecg": [1, 2, 3], "fs": 250}',
        "JSON cut": '{"ecg": [1, 2',
        "XML": "<?xml version='1.0'?><data><v>1</v></data>",
        "Python": "import numpy\nx = [1, 2, 3]\n" * 20,
        "SQL": "INSERT INTO ecg VALUES (1, 2);\n" * 50,
        "a log": "2024-05-06 09:30:00 INFO started\n" * 50,
        "BibTeX": "@article{x, year = {1998}}\n",
        "e-mail": "From: a@b\nTo: c@d\n\nhello\n",
        "RR intervals": "\n".join(str(800 + i % 40) for i in range(300)),
    }
    return made


STATED = {"fs_hz": float(FS_HZ)}


def cases() -> dict[str, list[Case]]:
    """Give the families of tables; those without times are opened with a rate as well."""
    plain = {**_delimiters(), **_lines()}
    files = {name: holding("odd.csv", x) for name, x in plain.items()}
    described = {name: holding("odd.txt", x) for name, x in _descriptions().items()}
    encoded = {name: holding("odd.csv", x) for name, x in _encoded().items()}
    times = {name: holding("odd.csv", x) for name, x in _times().items()}
    values = {name: holding("odd.csv", x) for name, x in _values().items()}
    other = {
        f"called odd{x}": holding(f"odd{x}", text(["II,V1"]))
        for x in (
            "",
            ".dat",
            ".hea",
            ".edf",
            ".bdf",
            ".mat",
            ".xml",
            ".json",
            ".npy",
            ".npz",
            ".ecg",
            ".dcm",
            ".zip",
            ".CSV",
            ".tsv",
            ".asc",
            ".xlsx",
            ".parquet",
            ".h5",
            ".gz",
            ".acq",
            ".scp",
        )
    }
    empty = {
        f"an empty file{x}": holding(f"empty{x}", b"")
        for x in (
            "",
            ".csv",
            ".txt",
            ".edf",
            ".hea",
            ".dat",
            ".npy",
            ".npz",
            ".xml",
            ".json",
            ".ecg",
            ".dcm",
            ".mwf",
            ".scp",
            ".bdf",
            ".gz",
        )
    }
    return {
        "tables": named("table", files, **STATED) + named("table, no rate", files)[::3],
        "tables-values": named("table", values, **STATED),
        "tables-times": named("table", times) + named("table, a rate", times, **STATED)[::2],
        "tables-text": named("text", described)
        + named("text, a rate", described, **STATED)
        + named("encoding", encoded, **STATED)
        + named("name", other, **STATED)
        + named("file", empty),
        "tables-places": [Case(f"place: {n}", m, STATED) for n, m in _places().items()],
    }


def _places() -> dict[str, Callable[[Path], Path]]:
    """Names of what is no file, or none that can be read."""

    def folder(where: Path) -> Path:
        (where / "a folder").mkdir()
        return where / "a folder"

    def dangling(where: Path) -> Path:
        (where / "link.csv").symlink_to(where / "nothing.csv")
        return where / "link.csv"

    def loop(where: Path) -> Path:
        (where / "loop.csv").symlink_to(where / "loop.csv")
        return where / "loop.csv"

    def sparse(where: Path) -> Path:
        with (where / "sparse.csv").open("wb") as stream:
            stream.truncate(1 << 34)
        return where / "sparse.csv"

    def pipe(where: Path) -> Path:
        os.mkfifo(where / "pipe.csv")
        return where / "pipe.csv"

    return {
        "a folder": folder,
        "a pipe": pipe,
        "nothing there": lambda where: where / "nothing.csv",
        "nothing there, no extension": lambda where: where / "nothing",
        "a link to nothing": dangling,
        "a link to itself": loop,
        "a name too long": lambda where: where / ("n" * 300),
        "an address": lambda where: Path("https://example.org/100.csv"),
        "a minus": lambda where: Path("-"),
        "a device": lambda where: Path("/dev/null"),
        "sparse": sparse,
    }

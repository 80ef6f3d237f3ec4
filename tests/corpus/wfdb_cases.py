"""WFDB records with every kind of wrong in the header, the signals and the files beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from cases import Case
from signal_cases import beats

FS_HZ = 250
N = 750
GAIN = 200
FIRST = np.rint(beats(N / FS_HZ, FS_HZ) * GAIN).astype("<i2")
SAMPLES = np.stack([FIRST, -FIRST // 2], axis=1).astype("<i2")

LINE, SIGNALS = "odd 2 250 750", ("odd.dat 16 200 12 0 0 0 0 II", "odd.dat 16 200 12 0 0 0 0 V1")


def record(
    header: str | bytes, dat: bytes | None = None, name: str = "odd.hea", **beside: str | bytes
) -> Callable[[Path], Path]:
    """Make a header with a signal file, and other files beside it (``__`` stands for a dot)."""

    def make(folder: Path) -> Path:
        others = {key.replace("__", "."): x for key, x in beside.items()}
        files = {name: header, "odd.dat": SAMPLES.tobytes() if dat is None else dat, **others}
        for file, content in files.items():
            (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / name

    return make


def lines(*rows: str) -> str:
    """Put the lines of a header together."""
    return "\n".join(rows) + "\n"


def _record_lines() -> dict[str, Callable[[Path], Path]]:
    """Give headers whose first line is odd."""
    rates = (
        "0",
        "-250",
        "nan",
        "inf",
        "1e308",
        "1e-308",
        "1e3",
        "20.1",
        "99.97",
        "1000.5",
        "19",
        "2000",
        "100001",
        "250/500",
        "250/0",
        "250/500(10)",
        "250(",
        "250x",
        "x",
        "0x10",
        "2,5",
        "+250",
        ".5e3",
        "250/-1",
        "1e999",
        "",
    )
    made = {f"rate {x!r}": record(lines(f"odd 2 {x} 750", *SIGNALS)) for x in rates}
    lengths = (
        "0",
        "-1",
        "1",
        "749",
        "751",
        "1e3",
        "99999999999",
        "x",
        "7.5",
        "",
        "750 9:30:00",
        "750 9:30:00 6/5/2024",
        "750 99:99:99",
        "750 9:30 06/05/2024",
        "750 9:30:00 31/02/2024",
        "750 x y",
        "750 9:30:00 1/1/0001",
        "750 0:0:0 29/2/2023",
    )
    made |= {f"length {x!r}": record(lines(f"odd 2 250 {x}", *SIGNALS)) for x in lengths}
    counts = ("0", "1", "3", "40", "-2", "x", "2.0", "99999999", "1e3", "")
    made |= {f"{x!r} signals": record(lines(f"odd {x} 250 750", *SIGNALS)) for x in counts}
    names = (
        "odd",
        "other",
        "100",
        "a b",
        "",
        "../odd",
        "odd/0",
        "odd/1",
        "odd/2",
        "odd/x",
        "odd/-1",
        "odd/99999",
        "<b>",
        "\u00e9",
        "o" * 300,
    )
    made |= {f"called {x[:12]!r}": record(lines(f"{x} 2 250 750", *SIGNALS)) for x in names}
    return made


def _signal_lines() -> dict[str, Callable[[Path], Path]]:
    """Give headers whose line of the first signal is odd."""
    first = {
        f"format {x!r}": f"odd.dat {x} 200 12 0 0 0 0 II"
        for x in (
            "0",
            "8",
            "80",
            "61",
            "160",
            "212",
            "310",
            "311",
            "24",
            "32",
            "508",
            "516",
            "524",
            "99",
            "-16",
            "x",
            "16x2",
            "16x0",
            "16x-1",
            "16x999",
            "16:5",
            "16:-5",
            "16:9999",
            "16+100",
            "16+9999999",
            "16+-1",
            "16x2:3+4",
            "1e1",
            "",
        )
    }
    gains = (
        "0",
        "-200",
        "1",
        "1e-300",
        "1e300",
        "nan",
        "inf",
        "200/mV",
        "200/uV",
        "0.2/uV",
        "200(0)/mV",
        "200(-1000)/mV",
        "200(x)",
        "200(99999999999)",
        "200/furlong",
        "200/mV/s",
        "200/",
        "200/<b>",
        "x",
        "200.5.5",
        "1e999",
        "0x10",
        "200()",
        "200(1.5)",
        "/mV",
        "(0)",
    )
    first |= {f"gain {x!r}": f"odd.dat 16 {x} 12 0 0 0 0 II" for x in gains}
    for i, what in enumerate(("resolution", "zero", "first value", "checksum", "block size")):
        for x in ("-1", "99999", "1e9", "nan", "x", "1.5"):
            words = ["12", "0", "0", "0", "0"]
            words[i] = x
            first[f"{what} {x!r}"] = f"odd.dat 16 200 {' '.join(words)} II"
    files = (
        "missing.dat",
        "../odd.dat",
        "/etc/passwd",
        "~",
        "-",
        "odd.hea",
        "",
        "a b.dat",
        "<b>.dat",
        "odd.DAT",
        ".",
        "d" * 300,
    )
    first |= {f"file {x[:12]!r}": f"{x} 16 200 12 0 0 0 0 II" for x in files}
    descriptions = (
        "",
        "V1",
        "<script>alert(1)</script>",
        "x" * 3000,
        "\u202eII",
        "Resp",
        "ECG lead II",
        "record 1, signal 0",
        "{{ 7*7 }}",
        "  ",
        "%s",
        "nan",
    )
    first |= {f"description {x[:12]!r}": f"odd.dat 16 200 12 0 0 0 0 {x}" for x in descriptions}
    for n in range(9):
        first[f"{n} words"] = " ".join(SIGNALS[0].split()[:n])
    made = {name: record(lines(LINE, row, SIGNALS[1])) for name, row in first.items()}
    made["files that differ in format"] = record(
        lines(LINE, SIGNALS[0], SIGNALS[1].replace(" 16 ", " 212 "))
    )
    made["rates that differ"] = record(
        lines(LINE, SIGNALS[0].replace(" 16 ", " 16x2 "), SIGNALS[1]),
        np.resize(FIRST, 3 * N).tobytes(),
    )
    made["units that differ"] = record(lines(LINE, SIGNALS[0].replace("200", "200/uV"), SIGNALS[1]))
    made["gains that differ"] = record(
        lines(LINE, SIGNALS[0].replace("200", "2"), SIGNALS[1].replace("200", "20000"))
    )
    return made


def _whole() -> dict[str, Callable[[Path], Path]]:
    """Give records whose header or signals are odd as a whole."""
    good = lines(LINE, *SIGNALS)
    made: dict[str, Callable[[Path], Path]] = {
        "Windows": record(good.replace("\n", "\r\n")),
        "old Mac": record(good.replace("\n", "\r")),
        "tabs": record(good.replace(" ", "\t")),
        "spaces": record(good.replace(" ", "    ")),
        "UTF-8 with a mark": record(good.encode("utf-8-sig")),
        "UTF-16": record(good.encode("utf-16")),
        "Latin-1": record(good.replace("II", "Abl. \u00e9").encode("latin-1")),
        "a zero byte": record(good.encode().replace(b"II", b"I\0I")),
        "comments first": record("# 65 M\n\n" + good),
        "comments last": record(good + "# 65 M <b>\n#\n"),
        "a megabyte of comments": record(good + "# x\n" * 250_000),
        "comments only": record("# nothing\n"),
        "blank": record("\n\n\n"),
        "empty": record(""),
        "no lines of signals": record(lines(LINE)),
        "one line of signals": record(lines(LINE, SIGNALS[0])),
        "three lines of signals": record(lines(LINE, *SIGNALS, SIGNALS[0])),
        "a table": record("II,V1\n0.1,0.2\n" * 50),
        "an EDF header": record(b"0       " + b" " * 248),
        "no last line end": record(good[:-1]),
        "capital extension": record(good, name="odd.HEA"),
        "no length": record(lines("odd 2 250", *SIGNALS)),
        "no rate": record(lines("odd 2", *SIGNALS)),
        "no signals, no length": record(lines("odd 0 250")),
        "header only": lambda folder: _alone(folder, good),
        "signal file only": lambda folder: _only(folder, "odd.dat"),
        "signal file is a folder": lambda folder: _folder_for_signals(folder, good),
        "signals empty": record(good, b""),
        "signals of one byte": record(good, b"\0"),
        "signals odd in bytes": record(good, SAMPLES.tobytes()[:-1]),
        "signals too long": record(good, SAMPLES.tobytes() * 3),
        "signals all missing": record(good, np.full_like(SAMPLES, -32768).tobytes()),
        "signals all largest": record(good, np.full_like(SAMPLES, 32767).tobytes()),
        "signals zero": record(good, bytes(SAMPLES.nbytes)),
        "signals of noise": record(good, np.random.default_rng(5).bytes(SAMPLES.nbytes)),
        "ten minutes of silence": record(lines("odd 2 250 150000", *SIGNALS), bytes(600_000)),
    }
    for n in (1, 2, 3, 49, 124, 125, 126, 250, 251, 499):
        header = lines(f"odd 2 250 {n}", *SIGNALS)
        made[f"{n} samples"] = record(header, SAMPLES[:n].tobytes())
    for n in (1, 3, 12, 40):
        rows = [f"odd.dat 16 200 12 0 0 0 0 L{i}" for i in range(n)]
        made[f"{n} leads"] = record(lines(f"odd {n} 250 750", *rows), np.repeat(FIRST, n).tobytes())
    return made


def _alone(folder: Path, header: str) -> Path:
    (folder / "odd.hea").write_text(header)
    return folder / "odd.hea"


def _only(folder: Path, name: str) -> Path:
    (folder / name).write_bytes(SAMPLES.tobytes())
    return folder / name


def _folder_for_signals(folder: Path, header: str) -> Path:
    (folder / "odd.dat").mkdir()
    return _alone(folder, header)


def _segments() -> dict[str, Callable[[Path], Path]]:
    """Give records of several segments."""
    part = lines("part 2 250 750", *SIGNALS)
    other = lines("other 2 360 750", *SIGNALS)
    one_lead = lines("lead 1 250 1500", SIGNALS[0])
    layout = lines("layout 2 250 0", "~ 0 200 12 0 0 0 0 II", "~ 0 200 12 0 0 0 0 V1")
    rows = {
        "two": ("odd/2 2 250 1500", "part 750", "part 750"),
        "a gap": ("odd/3 2 250 2000", "part 750", "~ 500", "part 750"),
        "a layout": ("odd/2 2 250 750", "layout 0", "part 750"),
        "a layout only": ("odd/1 2 250 0", "layout 0"),
        "gaps only": ("odd/2 2 250 1000", "~ 500", "~ 500"),
        "a gap of a month": ("odd/3 2 250 648001500", "part 750", "~ 648000000", "part 750"),
        "a gap of a year": ("odd/3 2 250 7884001500", "part 750", "~ 7884000000", "part 750"),
        "a wrong sum": ("odd/2 2 250 1400", "part 750", "part 750"),
        "no sum": ("odd/2 2 250", "part 750", "part 750"),
        "fewer than promised": ("odd/3 2 250 1500", "part 750", "part 750"),
        "more than promised": ("odd/1 2 250 750", "part 750", "part 750"),
        "longer than it is": ("odd/1 2 250 900", "part 900"),
        "shorter than it is": ("odd/1 2 250 300", "part 300"),
        "below 0": ("odd/2 2 250 0", "part 750", "part -750"),
        "no length": ("odd/1 2 250 750", "part"),
        "length in words": ("odd/1 2 250 750", "part x"),
        "missing": ("odd/1 2 250 750", "gone 750"),
        "itself": ("odd/1 2 250 750", "odd 750"),
        "a path": ("odd/1 2 250 750", "../part 750"),
        "another rate": ("odd/2 2 250 1500", "part 750", "other 750"),
        "another number of leads": ("odd/2 2 250 1500", "part 750", "lead 750"),
        "of length 0": ("odd/2 2 250 750", "part 0", "part 750"),
        "one of one sample": ("odd/2 2 250 2", "part 1", "part 1"),
        "5,000 of one sample": ("odd/5000 2 250 5000", *["part 1"] * 5000),
    }
    beside = {"part__hea": part, "other__hea": other, "lead__hea": one_lead, "layout__hea": layout}
    return {name: record(lines(*r), **beside) for name, r in rows.items()}  # type: ignore[arg-type]


def cases() -> dict[str, list[Case]]:
    """Give the families of WFDB records."""
    families = {
        "wfdb-record": _record_lines(),
        "wfdb-signal": _signal_lines(),
        "wfdb-whole": _whole(),
        "wfdb-segments": _segments(),
    }
    made = {k: [Case(f"{k}: {n}", m) for n, m in v.items()] for k, v in families.items()}
    stated = [
        Case(f"wfdb-stated {x}", record(lines(LINE, *SIGNALS)), x)
        for x in (
            {"fs_hz": 100.0},
            {"fs_hz": 1000.0},
            {"units": "uV"},
            {"units": "V"},
            {"gain": 1.0},
            {"gain": 1e9},
            {"gain": -200.0},
        )
    ]
    made["wfdb-whole"] += stated
    return made

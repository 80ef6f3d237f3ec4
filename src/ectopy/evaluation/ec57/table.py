"""EC57 statistics as a text table, as ``bxb`` and ``sumstats`` users expect it: percentages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_COLUMNS: Final = (
    ("Q Se", "QRS", "se"),
    ("Q +P", "QRS", "ppv"),
    ("V Se", "VEB", "se"),
    ("V +P", "VEB", "ppv"),
    ("V F1", "VEB", "f1"),
    ("S Se", "SVEB", "se"),
    ("S +P", "SVEB", "ppv"),
    ("S F1", "SVEB", "f1"),
)


def table(statistics: Mapping[str, Any]) -> str:
    """Lay statistics of EC57 out: a line a record, gross, average.

    Percentages; ``-`` where a figure is undefined. The gross line is followed by its intervals
    over records.
    """
    records = statistics["records"]
    width = max(len("Average"), *(len(name) for name in records))
    head = f"{'Record':<{width}} {'beats':>7} {'VEB':>6} {'SVEB':>6} "
    head += " ".join(f"{title:>6}" for title, _, _ in _COLUMNS) + f" {'Acc':>6} {'mF1':>6}"
    lines = [head]
    lines += [_line(name, entry, width) for name, entry in records.items()]
    lines.append("-" * len(head))
    gross = statistics["gross"]
    lines.append(_line("Gross", gross, width))
    for place, side in ((0, "  low"), (1, "  high")):
        values = [_side(gross[name]["intervals"][key], place) for _, name, key in _COLUMNS]
        values += [_side(gross["intervals"][key], place) for key in ("accuracy", "macro_f1_nsv")]
        lines.append(f"{side:<{width}} {'':>7} {'':>6} {'':>6} " + " ".join(values))
    lines.append(_line("Average", statistics["average"], width, counts=False))
    return "\n".join(lines) + "\n"


def _line(name: str, entry: Mapping[str, Any], width: int, counts: bool = True) -> str:
    numbers = ["", "", ""]
    if counts:
        totals = [entry[kind]["tp"] + entry[kind]["fn"] for kind in ("VEB", "SVEB")]
        numbers = [str(entry["beats"]), *(str(total) for total in totals)]
    values = [percent(entry[kind][key]) for _, kind, key in _COLUMNS]
    values += [percent(entry["accuracy"]), percent(entry["macro_f1_nsv"])]
    return f"{name:<{width}} {numbers[0]:>7} {numbers[1]:>6} {numbers[2]:>6} " + " ".join(values)


def percent(fraction: float | None) -> str:
    """Two decimals in six columns, or a dash."""
    return f"{'-':>6}" if fraction is None else f"{100 * fraction:6.2f}"


def _side(interval: list[float] | None, place: int) -> str:
    return percent(None if interval is None else interval[place])

"""One table and one page over all recordings whose results are in a folder."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError

from ectopy.analysis.overwrite import ENDINGS
from ectopy.analysis.report.page import template
from ectopy.analysis.report.sections import MARGIN_MM
from ectopy.analysis.summary.line import Row
from ectopy.analysis.summary.look_first import look
from ectopy.analysis.summary.model import Summary
from ectopy.errors import ConfigError
from ectopy.files import atomic_write
from ectopy.recordings.clock import Clock

PAGE: Final = "index.html"
TABLE: Final = "recordings.csv"

OURS: Final = '<meta name="generator" content="ectopy">'
"""What tells a page of ours from another's ``index.html``."""

FIRST: Final = 12
"""Most recordings whose reasons are told as those to look at first; the others are named."""


def write_index(folder: Path, failed: Mapping[str, str] | None = None) -> list[Path]:
    """Write a table and a page over all results in a folder, where there is more than one.

    Parameters
    ----------
    folder : Path
        Where `ectopy.analysis.outputs.write` wrote.
    failed : mapping of str to str, optional
        Files that could not be analyzed, with the reason.

    Returns
    -------
    list of Path
        The page and the table; none where a folder holds one recording and nothing failed.

    Raises
    ------
    ConfigError
        If another's ``index.html`` is there, or the files cannot be written.
    """
    summaries: dict[str, Summary] = {}
    others: list[str] = []
    for path in sorted(folder.glob(f"*{ENDINGS['json']}"), key=_numbers_apart):
        name = path.name.removesuffix(ENDINGS["json"])
        try:
            summaries[name] = Summary.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            others.append(name)
    failed = failed or {}
    if len(summaries) + len(failed) < 2:
        return []
    page, table = folder / PAGE, folder / TABLE
    for path, ours in ((page, OURS), (table, "record,start,duration_s")):
        if path.exists() and (not path.is_file() or ours not in _head(path)):
            raise ConfigError(
                f"{path} is there already and ectopy did not write it, so the page over all "
                "recordings was not made; name another folder, or rename that file",
                change="out",
            )
    first = _first(summaries)
    rows = {name: Row.of(summary) for name, summary in summaries.items()}
    html = template("index.html.j2").render(
        ours=OURS,
        margin_mm=MARGIN_MM,
        lines=[_line(folder, name, rows[name], one) for name, one in summaries.items()],
        first=first[:FIRST],
        later=first[FIRST:],
        failed=dict(failed),
        others=others,
        said=next(iter(summaries.values())) if summaries else None,
        any_simulated=any(row.simulated for row in rows.values()),
    )
    try:
        atomic_write(table, _csv(list(rows.values())))
        atomic_write(page, html)
    except OSError as error:
        raise ConfigError(
            f"the page over all recordings cannot be written to {folder} "
            f"({error.strerror or error}); make room or name another folder",
            change="out",
        ) from error
    return [page, table]


def _numbers_apart(path: Path) -> list[tuple[int, str]]:
    """Sort 9 before 11."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _line(folder: Path, name: str, row: Row, summary: Summary) -> dict[str, object]:
    report = f"{name}{ENDINGS['html']}"
    clock = Clock(None, row.duration_s)
    return {
        "row": row,
        "link": quote(report) if (folder / report).is_file() else None,
        "length": clock.text(row.duration_s).removesuffix(" elapsed"),
        "start": row.start.replace("T", " ")[:16] if row.start else "",
        "said": summary.warnings,
    }


def _first(summaries: Mapping[str, Summary]) -> list[dict[str, str]]:
    """Name all recordings that have to be looked at, most serious first, with the reason."""
    found = [(one, name) for name, summary in summaries.items() if (one := look(summary))]
    found.sort(key=lambda pair: (-pair[0].weight, pair[1]))
    return [
        {"name": name, "link": quote(f"{name}{ENDINGS['html']}"), "why": one.why}
        for one, name in found
    ]


def _head(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(2048).decode("utf-8", "replace")


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [one.name for one in fields(Row)]
    writer.writerow(names)
    for row in rows:
        values = [getattr(row, name) for name in names]
        writer.writerow(["" if value is None else value for value in values])
    return text.getvalue()

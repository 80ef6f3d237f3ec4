"""One table and one page over all recordings whose results are in a folder."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import ValidationError

from ectopy.analysis.overwrite import ENDINGS
from ectopy.analysis.report.page import template
from ectopy.analysis.report.sections import MARGIN_MM
from ectopy.analysis.report.wording import counted, duration, percent
from ectopy.analysis.summary.model import Run, Summary
from ectopy.analysis.unmarked import NOT_MARKED
from ectopy.beats.conditioning.quality import GOOD, STATES
from ectopy.errors import ConfigError
from ectopy.files import atomic_write
from ectopy.recordings.clock import Clock

PAGE: Final = "index.html"
TABLE: Final = "recordings.csv"

OURS: Final = '<meta name="generator" content="ectopy">'
"""What tells a page of ours from another's ``index.html``."""

UNDECIDED: Final = 0.2
"""Share of a recording that is no strip from which an undecided rhythm has to be looked at."""
FROM_S: Final = 60

FIRST: Final = 12
"""Most recordings that are named as those to look at first."""


@dataclass(frozen=True)
class Row:
    """A recording in one line; a rate or share that is not known is None.

    Examples
    --------
    >>> from ectopy.analysis.report.index import Row
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> row = Row.of(ectopy.analyze(recording).summary)
    >>> row.record, row.veb_runs
    ('simulated', 1)
    """

    record: str
    start: str | None
    duration_s: float
    leads: str
    beats: int
    uncertain_percent: float | None
    hr_mean: float | None
    hr_lowest: float | None
    hr_highest: float | None
    pacing: str
    af_percent: float | None
    af_episodes: int
    af_longest_s: float | None
    vf_s: float
    rhythm_not_decided_s: float
    rhythms: str
    veb: int | None
    veb_percent: float | None
    veb_per_hour: float | None
    veb_couplets: int | None
    veb_runs: int | None
    veb_longest_run_beats: int | None
    veb_fastest_run_bpm: float | None
    sveb: int | None
    sveb_percent: float | None
    sveb_per_hour: float | None
    sveb_couplets: int | None
    sveb_runs: int | None
    sveb_longest_run_beats: int | None
    sveb_fastest_run_bpm: float | None
    pauses: int | None
    longest_pause_s: float | None
    simulated: bool
    weights: str
    setting: str | None
    stated: int
    warnings: str

    @classmethod
    def of(cls, summary: Summary) -> Row:
        """Take the line out of a summary."""
        rate, pauses, by = summary.heart_rate, summary.pauses, summary.labelled_by
        fibrillation = summary.rhythm.fibrillation
        ectopic: dict[str, Any] = {}
        for name, letter, part in (("veb", "V", summary.veb), ("sveb", "S", summary.sveb)):
            ectopic |= {
                name: part.certain,
                f"{name}_percent": summary.classes[letter].percent,
                f"{name}_per_hour": part.per_hour,
                f"{name}_couplets": part.couplets,
                f"{name}_runs": part.runs,
                f"{name}_longest_run_beats": part.longest_run and part.longest_run.beats,
                f"{name}_fastest_run_bpm": part.fastest_run and part.fastest_run.rate_bpm,
            }
        return cls(
            record=summary.record,
            start=summary.start,
            duration_s=summary.duration_s,
            leads=" ".join(lead.name for lead in summary.leads),
            beats=summary.beats,
            uncertain_percent=summary.uncertain_percent,
            hr_mean=rate.mean,
            hr_lowest=rate.lowest.bpm if rate.lowest else None,
            hr_highest=rate.highest.bpm if rate.highest else None,
            pacing=summary.pacing.verdict,
            af_percent=fibrillation.percent,
            af_episodes=fibrillation.episodes,
            af_longest_s=fibrillation.longest.duration_s if fibrillation.longest else None,
            vf_s=sum(kind.seconds for kind in summary.rhythm.kinds if kind.key == "vf"),
            rhythm_not_decided_s=summary.rhythm.not_decided_s,
            rhythms=" ".join(kind.key for kind in summary.rhythm.kinds if kind.key != "none"),
            **ectopic,
            pauses=pauses.count if summary.signal_seconds[STATES[GOOD]] else None,
            longest_pause_s=pauses.longest.duration_s if pauses.longest else None,
            simulated=summary.simulated,
            weights=by.name,
            setting=by.setting,
            stated=by.stated,
            warnings="; ".join(summary.warnings),
        )


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
    rows = {name: Row.of(summary) for name, summary in summaries.items()}
    html = template("index.html.j2").render(
        ours=OURS,
        margin_mm=MARGIN_MM,
        lines=[_line(folder, name, rows[name], one) for name, one in summaries.items()],
        first=_first(summaries),
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
    """Name the recordings to look at first, most serious first, with the reason."""
    found = []
    for name, summary in summaries.items():
        reasons: list[str] = []
        weight = 0.0
        if not summary.beats:
            reasons.append("no beat was found")
        weight += _of_rhythm(summary, reasons)
        if summary.pacing.since_s is not None:
            reasons.append(f"{'paced' if summary.pacing.beats else 'perhaps a paced'} rhythm")
            weight += 1.0
        for short, part, factor in (("VE", summary.veb, 1000.0), ("SVE", summary.sveb, 10.0)):
            if part.runs:
                reasons.append(_runs(short, part.runs, part.longest_run))
                longest = part.longest_run.beats if part.longest_run else 0
                weight += factor * ((part.tachycardias or 0) + longest / 5) + part.runs
        if summary.pauses.longest:
            longest_s = summary.pauses.longest.duration_s
            pauses = counted(summary.pauses.count, "pause")
            reasons.append(f"{pauses}, the longest {longest_s:.1f} s")
            weight += 1000.0 * max(longest_s - 2.5, 0) + summary.pauses.count
        burden = summary.classes["V"].percent or 0.0
        if burden >= 10:
            reasons.append(f"VE burden {burden:.0f} %")
            weight += 10 * burden
        if reasons:
            found.append((weight, name, "; ".join(reasons)))
    found.sort(key=lambda one: (-one[0], one[1]))
    return [
        {"name": name, "link": quote(f"{name}{ENDINGS['html']}"), "why": why}
        for _, name, why in found[:FIRST]
    ]


def _of_rhythm(summary: Summary, reasons: list[str]) -> float:
    """Add what of the rhythm has to be looked at to the reasons; give how serious it is."""
    weight = 0.0
    told = summary.rhythm
    for kind in told.kinds:
        if kind.key == "vf":
            reasons.append(f"{kind.title}, {duration(kind.seconds)}")
            weight += 1e6 + kind.seconds
    unmarked = [
        text.partition("? ")[0] + "?" for text in summary.warnings if text.startswith(NOT_MARKED)
    ]
    reasons += unmarked
    weight += 1e5 * len(unmarked)
    fibrillation = told.fibrillation
    if fibrillation.longest and fibrillation.percent is not None:
        episodes = counted(fibrillation.episodes, "episode")
        longest = duration(fibrillation.longest.duration_s)
        burden = percent(fibrillation.percent, 100)
        reasons.append(f"atrial fibrillation {burden} in {episodes}, longest {longest}")
        weight += 500.0 + 10 * fibrillation.percent
    whole = told.decided_s + told.not_decided_s
    if told.not_decided_s > UNDECIDED * whole and whole >= FROM_S:
        reasons.append(f"rhythm not decided for {percent(told.not_decided_s, whole)} of the time")
        weight += 5.0
    return weight


def _runs(short: str, count: int, longest: Run | None) -> str:
    text = counted(count, f"{short} run")
    if longest and longest.rate_bpm:
        text += f", the longest {longest.beats} beats at {longest.rate_bpm:.0f}/min"
    return text


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

"""One self-contained ``report.html`` for a study: no script, no network, readable anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from ectopy.datasets.protocols import PROTOCOLS
from ectopy.files import atomic_write
from ectopy.report import wording
from ectopy.report.figures import Picture
from ectopy.report.results import Results


def write(results: Results, pictures: Sequence[Picture]) -> Path:
    """Write ``report.html`` into the run folder, with the figures inside it."""
    target = results.folder / "report.html"
    atomic_write(target, render("report.html", results, pictures))
    return target


def render(template: str, results: Results, pictures: Sequence[Picture] = ()) -> str:
    """Fill a template of this room with the results of a run."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ectopy.report"),
        autoescape=jinja2.select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number,
        "spread": wording.with_spread,
        "interval": wording.interval,
        "seconds": wording.seconds,
        "thousands": lambda value: f"{int(value):,}",
    }
    return environment.get_template(template).render(**_content(results, pictures))


def _content(results: Results, pictures: Sequence[Picture]) -> dict[str, Any]:
    test, known = results.test, PROTOCOLS.get(results.protocol)
    return {
        "results": results,
        "metrics": results.metrics,
        "data": results.data,
        "contract": results.contract,
        "manifest": results.manifest,
        "checks": results.checks,
        "check_rows": _check_rows(results.checks),
        "words": known.words if known else "",
        "leaks": known is not None and known.leaky,
        "not_a_device": wording.NOT_A_DEVICE,
        "quick": wording.QUICK if results.quick else "",
        "metric_names": wording.METRICS,
        "headline": {key: getattr(test, key) for key in wording.METRICS},
        "per_class": [
            (name, results.long_name(name), test.per_class[name]) for name in results.classes
        ],
        "roles": {row.records: row.role for row in results.metrics.ec57},
        "published": _published(results),
        "pictures": [(p.name, p.caption, p.address) for p in pictures],
    }


def _check_rows(checks: dict[str, Any]) -> list[dict[str, Any]]:
    """Give each check of the explanations as a row: what was found, and what passing takes."""
    rows = []

    def add(what: str, found: float, interval: Sequence[float], wanted: str, part: Any) -> None:
        verdict = {True: "passed", False: "failed"}.get(part.get("passed"), "")
        rows.append(
            {
                "what": what,
                "found": found,
                "interval": interval,
                "wanted": wanted,
                "verdict": verdict,
            }
        )

    if part := checks.get("randomisation"):
        add(
            "similarity to the trained model's map with all weights shuffled",
            part["similarity"][-1], part["interval"][-1], _limit("below", part), part,
        )  # fmt: skip
    if part := checks.get("class_sensitivity"):
        add(
            "similarity to the map of the likeliest other class",
            part["similarity"], part["interval"], _limit("below", part), part,
        )  # fmt: skip
    for key, what in (("deletion", "taking away"), ("insertion", "showing only")):
        if part := checks.get(key):
            add(
                f"gain over a random place from {what} what the map marks",
                part["difference"], part["interval"], _limit("above", part), part,
            )  # fmt: skip
    if part := checks.get("seeds"):
        wanted = f"for comparison: {part['chance']:.3f} by chance"
        add(
            f"similarity between the maps of {part['n_models']} seeds",
            part["similarity"], part["interval"], wanted, part,
        )  # fmt: skip
    return rows


def _limit(side: str, part: dict[str, Any]) -> str:
    return f"{side} {part['threshold']:g}" if "threshold" in part else ""


def _published(results: Results) -> list[dict[str, Any]]:
    """Give published figures, those of one system and protocol in one row."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in results.metrics.published:
        told = {"label": entry.label, "protocol": entry.protocol, "source": entry.source}
        row = rows.setdefault(tuple(told.values()), dict(told))
        row[entry.metric] = entry.value
    return list(rows.values())

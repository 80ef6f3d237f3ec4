"""The rhythm of a folder's strips against a table of one label each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy import __version__
from ectopy.analysis.evaluation_files import write_all
from ectopy.analysis.request import Request
from ectopy.analysis.work import Work
from ectopy.errors import ConfigError, DataFormatError, EctopyError
from ectopy.evaluation.strip_figures import strip_figures
from ectopy.recordings.strip_labels import read_strip_labels
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.rhythm.strip_model import STRIP_KINDS, StripModel
from ectopy.runtime.rhythm.strips import StripRhythm, strip_rhythm

STEM: Final = "strip-evaluation"


def rhythm_of_file(
    path: Path, *, classifier: BeatClassifier | None = None, model: StripModel | None = None
) -> StripRhythm:
    """Tell the rhythm of one short recording in a file, as `strip_rhythm` does.

    Parameters
    ----------
    path : Path
        Any file that holds a recording.
    classifier : BeatClassifier, optional
        By default one with the packaged weights.
    model : StripModel, optional
        By default the packaged one.

    Raises
    ------
    EctopyError
        If it cannot be read.
    """
    request = Request(path, classifier=classifier or BeatClassifier(), setting="whole")
    work = Work(request, look_only=True)
    parts = [part for run in work.seen(1) for part in run]
    return strip_rhythm(parts, work.recording.duration_s, model=model)


def evaluate_strips(
    folder: Path,
    table: Path,
    *,
    records: Sequence[str] | None = None,
    model: StripModel | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Tell the rhythm of every strip from its signal, and compare with the table's label.

    Parameters
    ----------
    folder : Path
        WFDB records.
    table : Path
        A name and a label (N, A, O or ~) in each row, as ``REFERENCE-v3.csv``.
    records : sequence of str, optional
        Names of the strips to take.
    model : StripModel, optional
        By default the packaged one.
    progress : callable
        Told how many strips are done, and of how many.

    Returns
    -------
    dict
        Figures (`ectopy.evaluation.strip_figures.strip_figures`) of strips that have not the name
        of one that the weights learnt from (``unseen``), and of those that have (``seen``); of
        each the share ``decided``, and how much of that is right; every strip; ``left_out``.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If the table is not there or is none, or no strip could be scored.
    ConfigError
        If a wanted strip is not in the table.
    """
    labels = read_strip_labels(table)
    strangers = [name for name in records or () if name not in labels]
    if strangers:
        raise ConfigError(f"{table} has no {', '.join(strangers)}; name strips that it has")
    names = list(records or labels)
    model, classifier = model or StripModel.load(), BeatClassifier()
    strips: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        try:
            told = rhythm_of_file(folder / f"{name}.hea", classifier=classifier, model=model)
        except EctopyError as error:
            left_out[name] = str(error)
        else:
            strips[name] = {
                "label": labels[name],
                "called": str(told.kinds[0]),
                "decided": bool(told.decided[0]),
                "probabilities": [round(float(one), 4) for one in told.probabilities[0]],
            }
        progress(number, len(names))
    if not strips:
        name, reason = next(iter(left_out.items()))
        raise DataFormatError(
            f"none of the {len(left_out)} strips of {table} could be scored; {name}: {reason}"
        )
    known = {name for some in model.manifest.get("trained_on", {}).values() for name in some}
    return {
        "ectopy": __version__,
        "folder": str(folder),
        "table": str(table),
        "weights": model.name,
        "kinds": list(STRIP_KINDS),
        "unseen": _figures([one for name, one in strips.items() if name not in known]),
        "seen": _figures([one for name, one in strips.items() if name in known]),
        "strips": strips,
        "left_out": left_out,
    }


def _figures(strips: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    if not strips:
        return None
    truth, called = (
        np.array([STRIP_KINDS.index(strip[key]) for strip in strips]) for key in ("label", "called")
    )
    decided = np.array([strip["decided"] for strip in strips])
    right = (truth == called)[decided]
    return {
        **strip_figures(truth, called, STRIP_KINDS),
        "decided": float(decided.mean()),
        "right_of_decided": float(right.mean()) if len(right) else None,
    }


def strip_table(report: dict[str, Any]) -> str:
    """Lay the figures out in lines: F1 of each kind in percent, with intervals."""
    lines = [f"{'':<22} {'strips':>6}  " + "  ".join(f"{name:^20}" for name in _columns(report))]
    for key, title in (("unseen", "never trained on"), ("seen", "names trained on")):
        told = report[key]
        if told is None:
            continue
        cells = []
        for name in _columns(report):
            value, (low, high) = told["f1"][name], told["f1_interval"][name]
            cells.append(
                "-" if value is None else f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"
            )
        lines.append(
            f"{title:<22} {told['strips']:>6}  " + "  ".join(f"{cell:^20}" for cell in cells)
        )
    return "\n".join(lines)


def _columns(report: dict[str, Any]) -> list[str]:
    return [*report["kinds"], "mean"]


def write_strip_evaluation(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``strip-evaluation.json`` and ``.csv`` (a line a strip), or none.

    Raises
    ------
    ConfigError
        If they cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["strip", "label", "called", "decided", *(f"p_{k}" for k in report["kinds"])])
    for name, one in report["strips"].items():
        decided = int(one["decided"])
        table.writerow([name, one["label"], one["called"], decided, *one["probabilities"]])
    return write_all(
        folder,
        {f"{STEM}.json": json.dumps(report, indent=1) + "\n", f"{STEM}.csv": text.getvalue()},
    )

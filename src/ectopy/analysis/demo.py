"""The demonstration: label five real minutes, score them, and show the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ectopy.analysis import example
from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import to_annotations, write
from ectopy.analysis.overwrite import check_overwrite, check_writable
from ectopy.analysis.result import Result
from ectopy.classes import AAMI
from ectopy.evaluation.ec57 import counting as ec57
from ectopy.recordings.annotations import Annotations

DISCLOSURE = (
    "Record 208 is one of the recordings that the packaged networks were trained on, so this "
    "shows how a report looks, not how good the labels are; see the results on records that were "
    "never trained on."
)


def label_example(
    folder: Path,
    *,
    classifier: Classifier | None = None,
    overwrite: bool = False,
) -> tuple[Result, dict[str, Any], dict[str, Path]]:
    """Label the example, score it against its reference, and write all outputs.

    Parameters
    ----------
    folder : Path
        Where the outputs go.
    classifier : Classifier, optional
        Another classifier than the packaged one.
    overwrite : bool
        Whether to overwrite annotations that were edited.

    Returns
    -------
    tuple of Result, dict and dict
        The result, the figures of EC57 for this record, and the files by format.
    """
    recording, reference = example.load()
    check_writable(folder)
    if not overwrite:
        check_overwrite(folder, recording.name)
    result = analyze(recording, classifier=classifier)
    matrix = ec57.match(reference, to_annotations(result), skip_s=0, n_samples=recording.n_samples)
    figures = ec57.statistics({recording.name: matrix})["records"][recording.name]
    made = write(result, folder, scores=_table(matrix, figures, reference), overwrite=overwrite)
    return result, figures, made


def _table(matrix: ec57.Matrix, figures: dict[str, Any], reference: Annotations) -> dict[str, Any]:
    """Lay the comparison out for the report."""
    columns = ["Reference", *(f"{letter}" for letter in AAMI), "missed"]
    rows = []
    for letter in (*AAMI, "O"):
        cells = [matrix.of(f"{letter}{test}") for test in (*(a.lower() for a in AAMI), "o")]
        if letter == "O":
            cells[-1] = 0
        if sum(cells):
            rows.append([letter if letter != "O" else "no beat", *map(str, cells)])
    parts = []
    for name in ("QRS", "VEB", "SVEB"):
        if figures[name]["se"] is not None:
            parts.append(f"{name} Se {_percent(figures[name]['se'])}")
            parts[-1] += f", +P {_percent(figures[name]['ppv'])}"
    return {
        "title": "Against the reference labels (EC57)",
        "columns": columns,
        "rows": rows,
        "note": f"{len(reference)} reference beats; {'; '.join(parts)}. {DISCLOSURE}",
    }


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"

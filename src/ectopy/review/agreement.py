"""Two readers of one recording: each one's own corrections, compared by the rules of EC57."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ectopy.analysis.annotators import ComparisonOptions, compare_annotations
from ectopy.analysis.outputs import EXTENSION, to_annotations
from ectopy.errors import ConfigError
from ectopy.recordings.annotations import write_annotations
from ectopy.review.opened import Opened
from ectopy.review.readers import MODEL


def agreement(
    opened: Opened, a: str, b: str, *, certain: bool = False, listed: int = 1000
) -> dict[str, Any]:
    """Compare what two readers would each have made of the model's labels alone.

    Parameters
    ----------
    opened : Opened
        The recording.
    a, b : str
        Names of readers; the first counts as the reference. `MODEL` stands for no reader.
    certain : bool
        Whether beats that either side is uncertain of are left out.
    listed : int
        Differences that are listed at most.

    Raises
    ------
    ConfigError
        If one of them corrected nothing here, or both are the same.
    """
    authors = {edit.author for edit in opened.log} | {MODEL}
    if a == b:
        raise ConfigError(f"{a!r} was to be compared with itself; name two readers, or model")
    for name in (a, b):
        if name not in authors:
            raise ConfigError(
                f"{name!r} corrected nothing in {opened.recording.name}; its readers are "
                f"{', '.join(sorted(authors))}"
            )
    with tempfile.TemporaryDirectory() as made:
        files = []
        for side, name in (("a", a), ("b", b)):
            folder = Path(made) / side
            marks = to_annotations(opened.as_of(name).result)
            files.append(write_annotations(folder, "record", marks, EXTENSION))
        options = ComparisonOptions(extensions=(EXTENSION, EXTENSION), certain=certain)
        compared = compare_annotations(files[0], files[1], options)
    report = {**compared.report, "a": a, "b": b}
    differences = [
        {name: value for name, value in row.items() if name != "record"}
        for row in compared.differences[:listed]
    ]
    return {"report": report, "n_differences": len(compared.differences),
            "differences": differences}  # fmt: skip

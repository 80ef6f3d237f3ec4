"""Everything a study shows: figures, report and model card, from the files of its run folder."""

from __future__ import annotations

from pathlib import Path

from ectopy.report import card, figures, html
from ectopy.report.results import Results


def write_study_outputs(run_dir: str | Path) -> list[Path]:
    """Write ``ecg_outputs/Figure_*.png``, ``report.html`` and ``model_card.md`` of a run.

    Parameters
    ----------
    run_dir : path
        A run folder with at least ``metrics.json``; each further file adds its figures.

    Returns
    -------
    list of Path
        The files written, each in one step.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If ``metrics.json`` is missing or is not what a study writes.

    Examples
    --------
    >>> from ectopy.report import write_study_outputs
    >>> [path.name for path in write_study_outputs("bare")][-2:]
    ['report.html', 'model_card.md']
    """
    results = Results.load(run_dir)
    pictures = figures.write(results, results.folder / "ecg_outputs")
    report = html.write(results, pictures)
    return [*(picture.png for picture in pictures), report, card.write(results)]

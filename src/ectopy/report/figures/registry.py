"""Which figures there are, and writing them for print and for a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from ectopy.files import atomic_path
from ectopy.report.figures import (
    confusion,
    curves,
    distribution,
    explanations,
    per_class,
    probabilities,
    records,
    samples,
)
from ectopy.report.style import DPI, LOOK_DPI, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ectopy.report.results import Results


@dataclass(frozen=True)
class Entry:
    """One figure: ``draw`` gives None where the run has not what it needs."""

    draw: Callable[[Results], Figure | None]
    caption: str


# The first ten names are those of the published 1D-CNN repository, so that its users find them.
FIGURES: Final[dict[str, Entry]] = {
    "Figure_01_Raw_Data_Distribution": Entry(
        distribution.raw, "Beats of each class as they are in the data, in each part of the split."
    ),
    "Figure_02_SMOTE_Data_Distribution": Entry(
        distribution.balanced,
        "Training beats before and after balancing. Validation and test beats are never touched.",
    ),
    "Figure_03_Raw_ECG_Samples": Entry(
        samples.raw_beats, "One training beat of each class, with others of its class in grey."
    ),
    "Figure_04_Training_Loss_Curve": Entry(
        curves.loss,
        "Loss by epoch. The training curve is measured while the weights move and with dropout "
        "and augmentation on, so it may lie above the validation curve.",
    ),
    "Figure_05_Training_Accuracy_Curve": Entry(curves.accuracy, "Accuracy by epoch."),
    "Figure_06_Confusion_Matrix": Entry(
        confusion.matrix, "Share of each true class (a row adds up to 100 %) and number of beats."
    ),
    "Figure_07_Per_Class_Precision": Entry(
        per_class.precision, "Of the beats called a class, the share that are of it."
    ),
    "Figure_08_Per_Class_Recall": Entry(
        per_class.recall, "Of the beats of a class, the share that were found (sensitivity)."
    ),
    "Figure_09_Per_Class_F1_Score": Entry(
        per_class.f1, "Harmonic mean of precision and recall of each class."
    ),
    "Figure_10_GradCAM_Explanations": Entry(
        explanations.maps,
        "Two test beats of each class with the map of their true class: which part of the beat "
        "raised the model's score for it.",
    ),
    "Figure_11_Calibration_Curve": Entry(
        probabilities.calibration, "How often the model is right when it says how sure it is."
    ),
    "Figure_12_Precision_Recall_Curves": Entry(
        probabilities.precision_recall, "Precision against recall of each class, all thresholds."
    ),
    "Figure_13_Per_Record_Results": Entry(
        records.per_record, "Each test record on its own: an average hides the patients it fails."
    ),
    "Figure_14_Deletion_Insertion_Curves": Entry(
        explanations.deletion_insertion,
        "Does the map matter to the model? Its samples taken away, or given back, first.",
    ),
    "Figure_15_Weight_Randomisation": Entry(
        explanations.randomisation,
        "Does the map depend on what the model learnt? Weights reset from the output down.",
    ),
}


@dataclass(frozen=True)
class Picture:
    """A figure that was written: its name, its PNG file, and the same as an address for a page.

    The address holds the picture itself, so that a page needs no other file: an SVG, whose inner
    names cannot meet another's there, or of a quick look the PNG.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.report.figures import Picture
    >>> Picture("Mine", "What it shows.", Path("Mine.png"), address="").png.suffix
    '.png'
    """

    name: str
    caption: str
    png: Path
    address: str


def write(
    results: Results,
    folder: Path,
    names: tuple[str, ...] = tuple(FIGURES),
    *,
    for_page: bool = True,
) -> list[Picture]:
    """Draw the figures that the run has files for, as PNG of at least 3,840 pixels in width.

    Those of a quick look are not for print, so they are small, which takes half the time.

    Parameters
    ----------
    results : Results
        The run.
    folder : Path
        Where the PNG files go; each is written in one step.
    names : tuple of str
        Which of `FIGURES`, by name.
    for_page : bool
        False leaves ``address`` empty and saves its time.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.report import Results
    >>> from ectopy.report.figures import write
    >>> some = ("Figure_01_Raw_Data_Distribution",)
    >>> (picture,) = write(Results.load("run"), Path("run"), some, for_page=False)
    >>> picture.png.name
    'Figure_01_Raw_Data_Distribution.png'
    """
    dpi = LOOK_DPI if results.quick else DPI
    pictures: list[Picture] = []
    jobs: list[Future[None]] = []
    # Packing a PNG takes as long as drawing it and does not hold the interpreter: do both at once.
    with drawing(), ThreadPoolExecutor(max_workers=1) as pool:
        for name in names:
            figure = FIGURES[name].draw(results)
            if figure is None:
                continue
            figure.set_dpi(dpi)
            canvas = FigureCanvasAgg(figure)
            canvas.draw()  # type: ignore[no-untyped-call]
            rgba = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
            pixels = np.asarray(rgba)[..., :3].copy()
            del rgba, canvas.renderer  # 40 MB a figure that would wait for the garbage collector
            target = folder / f"{name}.png"
            if jobs:
                jobs.pop().result()  # one picture waiting at a time: each is 30 MB of pixels
            jobs.append(pool.submit(_save_png, pixels, target, dpi))
            vector = _svg(figure) if for_page and not results.quick else b""
            pictures.append(
                Picture(name, FIGURES[name].caption, target, _address(vector, "svg+xml"))
            )
        for job in jobs:
            job.result()
    if for_page and results.quick:
        pictures = [replace(p, address=_address(p.png.read_bytes(), "png")) for p in pictures]
    return pictures


def _save_png(pixels: npt.NDArray[np.uint8], target: Path, dpi: int) -> None:
    with atomic_path(target) as path:
        # Level 1 is five times as fast as the default 6, for a file a third larger.
        Image.fromarray(pixels).save(path, format="PNG", dpi=(dpi, dpi), compress_level=1)


def _svg(figure: Figure) -> bytes:
    figure.set_layout_engine("none")  # the layout was found when the PNG was drawn
    buffer = io.StringIO()
    # At 100 dpi the pictures inside it stay small; without a date, equal results give equal files.
    figure.savefig(buffer, format="svg", dpi=100, metadata={"Date": None})
    return buffer.getvalue().encode()


def _address(image: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}" if image else ""

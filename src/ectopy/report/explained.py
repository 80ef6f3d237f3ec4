"""Files of ``ectopy explain``: maps as CSV and NPZ, and a figure of a few beats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.errors import RunFolderError
from ectopy.files import aside, why_not_writable
from ectopy.report.style import DPI, Origin, colour, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROWS: Final = 5  # of two beats each: what a page shows legibly


class Maps(Protocol):
    """What is drawn and written: see `ectopy.explain.beats.Explained`."""

    X: npt.NDArray[np.float32]
    maps: npt.NDArray[np.float32]
    p: npt.NDArray[np.float32]
    explained: npt.NDArray[np.int64]
    y_true: npt.NDArray[np.int64] | None
    classes: tuple[str, ...]
    method: str
    layer: str
    model: str
    source: str
    fs_hz: float | None
    simulated: bool
    quick: bool


def write(result: Any, out: str | Path) -> list[Path]:
    """Write ``maps.csv``, ``maps.npz`` and ``explanations.png`` into a new folder.

    Parameters
    ----------
    result : Explained
        Beats and maps, see `Maps`.
    out : path
        A folder that does not exist, or is empty.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    RunFolderError
        If the folder holds something already.
    """
    target = check_new(out)
    # All or nothing: the folder appears when everything in it is whole.
    with aside(target.parent) as work:
        _csv(result, work / "maps.csv")
        table = {
            key: getattr(result, key)
            for key in ("X", "maps", "p", "explained", "classes", "method", "layer")
        }
        np.savez_compressed(work / "maps.npz", **table)
        with drawing():
            figure(result).savefig(work / "explanations.png", dpi=DPI)
        work.chmod(0o755)  # a temporary folder is one that only its owner can open
        if target.exists():
            target.rmdir()
        work.replace(target)
    return [target / name for name in ("maps.csv", "maps.npz", "explanations.png")]


def check_new(out: str | Path) -> Path:
    """Give the path of a folder that may be written.

    Raises
    ------
    RunFolderError
        If it holds something already, is a file, or cannot be written to.
    """
    target = Path(out)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RunFolderError(
            f"{target} exists already and is not empty; choose another folder", change="out"
        )
    if reason := why_not_writable(target):
        raise RunFolderError(
            f"{target} cannot be written to ({reason}); choose another folder", change="out"
        )
    return target


def figure(result: Maps) -> Figure:
    """Draw up to ten beats: spread over the explained classes, two of each first."""
    from ectopy.report.figures.explanations import draw_maps, method_name

    chosen = spread(result.explained, 2 * _ROWS)
    panels = [(result.X[i], result.maps[i], _caption(result, int(i))) for i in chosen]
    rows = [panels[i : i + 2] for i in range(0, len(panels), 2)]
    labels = []
    for begin in range(0, len(chosen), 2):
        indices = {int(result.explained[i]) for i in chosen[begin : begin + 2]}
        index = indices.pop()
        labels.append(("", "black") if indices else (result.classes[index], colour(index)))
    n_samples = result.X.shape[1]
    time = np.arange(n_samples) / (result.fs_hz or 1.0)
    layer = f" of layer {result.layer}" if result.layer else ""
    return draw_maps(
        Origin(f"Model: {result.model}  ·  beats: {result.source}", result.simulated, result.quick),
        f"{method_name(result.method)}: what spoke for a class",
        f"Map{layer}, each beat scaled to its own maximum; {len(chosen)} of {len(result.X):,} "
        "beats. It shows what the model used, not what a cardiologist should.",
        labels,
        rows,
        time,
        "time (s)" if result.fs_hz else "sample",
    )


def spread(classes: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Choose up to ``n`` beats, as many of each class as there is room for, in class order."""
    pools = [np.flatnonzero(classes == label) for label in np.unique(classes)]
    each = max(n // len(pools), 1)
    return np.concatenate([pool[:each] for pool in pools])[:n].astype(np.int64)


def _caption(result: Maps, beat: int) -> str:
    predicted = int(result.p[beat].argmax())
    text = f"beat {beat + 1}: predicted {result.classes[predicted]}"
    text += f" ({result.p[beat, predicted]:.2f})\nmap for {result.classes[result.explained[beat]]}"
    if result.y_true is not None:
        text += f", true {result.classes[result.y_true[beat]]}"
    return text


def _csv(result: Maps, path: Path) -> None:
    """One beat a row: its number, explained and predicted class, probability, then the map."""
    predicted = result.p.argmax(axis=1)
    heads = ["beat", "explained", "predicted", "probability"]
    columns: list[Any] = [
        np.arange(1, len(result.X) + 1),
        np.array(result.classes)[result.explained],
        np.array(result.classes)[predicted],
        result.p.max(axis=1).round(4),
    ]
    if result.y_true is not None:
        heads.append("true")
        columns.append(np.array(result.classes)[result.y_true])
    import pyarrow
    import pyarrow.csv

    heads += [f"map_{i}" for i in range(result.maps.shape[1])]
    columns += list(result.maps.round(4).T)
    pyarrow.csv.write_csv(pyarrow.table(columns, names=heads), path)

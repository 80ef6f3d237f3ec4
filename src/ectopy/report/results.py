"""`Results`: what a study left in its run folder, read back for figures and reports."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI, AAMI_NAMES
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.runtime.contract import ModelContract, carries

Table = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Estimate:
    """One figure over the seeds of a run: mean, spread, interval, each seed."""

    mean: float
    sd: float | None = None
    interval: tuple[float, float] | None = None
    values: tuple[float, ...] = ()

    @classmethod
    def of(cls, entry: Any) -> Estimate:
        """Read it from ``metrics.json``: a number, or an object with at least ``mean``."""
        if not isinstance(entry, dict):
            return cls(float(entry))
        low_high, sd = entry.get("interval"), entry.get("sd")
        return cls(
            mean=float(entry["mean"]),
            sd=None if sd is None else float(sd),
            interval=(float(low_high[0]), float(low_high[1])) if low_high else None,
            values=tuple(float(value) for value in entry.get("values") or ()),
        )


@dataclass(frozen=True)
class Results:
    """The files of one finished run; a file that is not there reads as empty.

    Attributes
    ----------
    folder : Path
        The run folder.
    metrics : dict
        ``metrics.json``.
    """

    folder: Path
    metrics: dict[str, Any] = field(repr=False)

    @classmethod
    def load(cls, run_dir: str | Path) -> Results:
        """Open a run folder.

        Raises
        ------
        DataNotFoundError
            If it has no ``metrics.json``, which every finished run has.
        DataFormatError
            If that file is not what a study writes.
        """
        folder = Path(run_dir)
        path = folder / "metrics.json"
        if not path.is_file():
            raise DataNotFoundError(f"{path} is not there; give the folder of a finished study")
        metrics = _json(path)
        for key in ("study", "protocol", "data", "test"):
            if key not in metrics:
                raise DataFormatError(f"{path} has no key {key!r}, expected what a study writes")
        return cls(folder, metrics)

    @cached_property
    def contract(self) -> ModelContract | None:
        """What ``model.onnx`` says of itself; None where there is no such file, or it is silent."""
        path = self.folder / "model.onnx"
        return ModelContract.read(path) if path.is_file() and carries(path) else None

    @property
    def study(self) -> str:
        """Name of the study."""
        return str(self.metrics["study"])

    @property
    def protocol(self) -> str:
        """The split, by its name."""
        return str(self.metrics["protocol"])

    @property
    def data(self) -> dict[str, Any]:
        """What is known of the data set."""
        return dict(self.metrics["data"])

    @property
    def simulated(self) -> bool:
        """True where no heart was involved."""
        return bool(self.data.get("simulated", False))

    @property
    def quick(self) -> bool:
        """True for a quick look, whose figures are not for quoting."""
        return bool(self.metrics.get("quick", False))

    @property
    def seeds(self) -> list[int]:
        """Seeds of the runs, in order."""
        return [int(seed) for seed in self.metrics.get("seeds", [])]

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in order."""
        return tuple(self.data.get("classes") or self.test["per_class"])

    @property
    def test(self) -> dict[str, Any]:
        """Figures on the test beats."""
        return dict(self.metrics["test"])

    @property
    def confusion(self) -> npt.NDArray[np.float64]:
        """Mean confusion matrix over the seeds: rows true, columns predicted."""
        table = np.asarray(self.test["confusion"], dtype=np.float64)
        return table.mean(axis=0) if table.ndim == 3 else table

    def long_name(self, class_name: str) -> str:
        """Spell a class out where its name is a letter."""
        if set(self.classes) <= set(AAMI):
            return f"{class_name}: {AAMI_NAMES[class_name]}"
        return class_name

    @property
    def origin(self) -> str:
        """Protocol, data, study and seeds in a line."""
        n = len(self.seeds)
        parts = [
            f"Protocol: {self.protocol}",
            f"data: {self.data.get('name', 'unnamed')}" + " (SIMULATED)" * self.simulated,
            f"study: {self.study}" + ", a quick look" * self.quick,
            f"{n} seed" + "s" * (n != 1) if n else "",
        ]
        return "  ·  ".join(part for part in parts if part)

    @property
    def interval_text(self) -> str:
        """What the intervals of this run are over."""
        level = round(100 * float(self.test.get("level", 0.95)))
        over = {
            "records": ", bootstrap over records",
            "beats": " over beats (Wilson or bootstrap)",
        }.get(str(self.test.get("resampled")), "")
        return f"{level} % interval{over}"

    @property
    def amplitude(self) -> str:
        """Label of an amplitude axis; data whose unit is not stated has been normalised."""
        return f"amplitude ({self.data.get('unit') or 'normalised'})"

    def time(self, n_samples: int) -> tuple[npt.NDArray[np.float64], str]:
        """Give the time axis of a beat and its label: seconds, or samples without a rate."""
        fs_hz = self.data.get("fs_hz")
        if fs_hz:
            return np.arange(n_samples) / float(fs_hz), "time (s)"
        return np.arange(n_samples, dtype=np.float64), "sample"

    @cached_property
    def history(self) -> Table:
        """``history.csv`` by column."""
        path = self.folder / "history.csv"
        if not path.is_file():
            return {}
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            return {}
        return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}

    @cached_property
    def predictions(self) -> Table:
        """``predictions.parquet`` by column, probabilities together as ``p``."""
        path = self.folder / "predictions.parquet"
        if not path.is_file():
            return {}
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(path)
        columns = {
            name: table.column(name).to_numpy()
            for name in table.column_names
            if not name.startswith("p_")
        }
        wanted = [f"p_{name}" for name in self.classes]
        if set(wanted) <= set(table.column_names):
            columns["p"] = np.stack([table.column(name).to_numpy() for name in wanted], axis=1)
        return columns

    @cached_property
    def samples(self) -> Table:
        """``samples.npz``: raw training beats."""
        return _npz(self.folder / "samples.npz")

    @cached_property
    def explanations(self) -> Table:
        """``explanations.npz``: beats of the test set and their maps."""
        return _npz(self.folder / "explanations.npz")

    @cached_property
    def checks(self) -> dict[str, Any]:
        """``explanation_checks.json``."""
        return _json(self.folder / "explanation_checks.json")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """``manifest.json``."""
        return _json(self.folder / "manifest.json")

    @cached_property
    def config(self) -> str:
        """``config.toml`` as text."""
        path = self.folder / "config.toml"
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataFormatError(f"{path} is not JSON ({error}); run the study again") from error
    if not isinstance(content, dict):
        raise DataFormatError(f"{path} holds a {type(content).__name__}, expected a JSON object")
    return content


def _npz(path: Path) -> Table:
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}

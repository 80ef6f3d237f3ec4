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
from ectopy.report.schema import MANIFEST, METRICS, Data, Manifest, Metrics, Scores, parse
from ectopy.runtime.contract import ModelContract, carries

Table = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Results:
    """The files of one finished run; a file that is not there reads as empty.

    Attributes
    ----------
    folder : Path
        The run folder.
    metrics : Metrics
        ``metrics.json``.

    Examples
    --------
    >>> from ectopy.report import Results
    >>> results = Results.load("run")
    >>> results.study, results.protocol
    ('tiny', 'intra-patient')
    """

    folder: Path
    metrics: Metrics = field(repr=False)

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
        path = folder / METRICS
        if not path.is_file():
            raise DataNotFoundError(f"{path} is not there; give the folder of a finished study")
        return cls(folder, parse(Metrics, path.read_text(encoding="utf-8"), path))

    @cached_property
    def contract(self) -> ModelContract | None:
        """What ``model.onnx`` says of itself; None where there is no such file, or it is silent."""
        path = self.folder / "model.onnx"
        return ModelContract.read(path) if path.is_file() and carries(path) else None

    @property
    def study(self) -> str:
        """Name of the study."""
        return self.metrics.study

    @property
    def protocol(self) -> str:
        """The split, by its name."""
        return self.metrics.protocol

    @property
    def data(self) -> Data:
        """What is known of the data set."""
        return self.metrics.data

    @property
    def simulated(self) -> bool:
        """True where no heart was involved."""
        return self.data.simulated

    @property
    def quick(self) -> bool:
        """True for a quick look, whose figures are not for quoting."""
        return self.metrics.quick

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the runs, in order."""
        return self.metrics.seeds

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in order."""
        return self.data.classes

    @property
    def test(self) -> Scores:
        """Figures on the test beats."""
        return self.metrics.test

    @property
    def confusion(self) -> npt.NDArray[np.float64]:
        """Mean confusion matrix over the seeds: rows true, columns predicted."""
        return np.asarray(np.mean(self.test.confusion, axis=0), dtype=np.float64)

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
            f"data: {self.data.name}" + " (SIMULATED)" * self.simulated,
            f"study: {self.study}" + ", a quick look" * self.quick,
            f"{n} seed" + "s" * (n != 1) if n else "",
        ]
        return "  ·  ".join(part for part in parts if part)

    @property
    def interval_text(self) -> str:
        """What the intervals of this run are over."""
        level = round(100 * self.test.level)
        over = {
            "records": ", bootstrap over records",
            "beats": " over beats (Wilson or bootstrap)",
        }.get(self.test.resampled, "")
        return f"{level} % interval{over}"

    @property
    def amplitude(self) -> str:
        """Label of an amplitude axis: beats of data sets have been normalised."""
        return "amplitude (normalised)"

    def time(self, n_samples: int) -> tuple[npt.NDArray[np.float64], str]:
        """Give the time axis of a beat and its label: seconds, or samples without a rate."""
        if self.data.fs_hz:
            return np.arange(n_samples) / self.data.fs_hz, "time (s)"
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
    def manifest(self) -> Manifest | None:
        """``manifest.json``, None where it is not there."""
        path = self.folder / MANIFEST
        if not path.is_file():
            return None
        return parse(Manifest, path.read_text(encoding="utf-8"), path)

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

"""Two recipes side by side in one run: the same split and seeds, in turn, timed and scored."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ectopy import datasets
from ectopy.errors import ConfigError, RunFolderError
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.files import atomic_write
from ectopy.report.wording import QUICK
from ectopy.study.config import load
from ectopy.study.folder import CONFIG, difference
from ectopy.study.job import OUTCOME, Unit
from ectopy.study.lock import FolderLock
from ectopy.study.progress import Reporter
from ectopy.study.windows.job import look, splits_of
from ectopy.study.windows.settings import WindowStudy
from ectopy.study.windows.unit import finished, run_unit
from ectopy.training.start import start_keras


def time_recipes(
    configs: Sequence[WindowStudy],
    *,
    seeds: int,
    out: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Train each study with each seed, seed by seed in turn, on the split of the first.

    Parameters
    ----------
    configs : sequence of WindowStudy
        Studies of the same data and protocol; the first is what the others are compared with.
    seeds : int
        Seeds of each.
    out : path
        Folder for outcomes and ``recipes.json``; trainings found there are not repeated.
    data_dir : path, optional
        Where data is looked for first.
    reporter : Reporter, optional
        Shows progress.

    Returns
    -------
    dict
        For each study ``train_s``, ``accuracy`` and ``macro_f1`` (each with ``mean``, ``sd``,
        ``values``), ``epochs`` of each seed, and ``share``: its mean training time as a share of
        the first one's.

    Raises
    ------
    ConfigError
        If the studies differ in data or protocol: their times would say nothing.
    RunFolderError
        If another comparison is running in the folder, or it has trainings of other settings.
    """
    first = configs[0]
    for other in configs[1:]:
        for key in ("data", "protocol", "test", "validation", "split_seed", "quick"):
            if getattr(other, key) != getattr(first, key):
                raise ConfigError(
                    f"{first.name} and {other.name} differ in {key!r} "
                    f"({getattr(first, key)!r} and {getattr(other, key)!r}), "
                    "so they cannot be compared side by side"
                )
    show = reporter or Reporter(quiet=True)
    dataset = datasets.load(first.data.name, data_dir, **first.data.options)
    if first.quick:
        dataset = look(dataset)
    start_keras()
    import keras

    scores: dict[str, list[Any]] = {config.name: [] for config in configs}
    told: dict[str, list[Any]] = {config.name: [] for config in configs}
    with FolderLock(Path(out)):
        for config in configs:
            _keep_settings(config, Path(out) / config.name)
        for seed in range(seeds):
            split, *_ = splits_of(first, dataset, first.protocol, seed)
            unit = Unit(first.protocol, seed)
            for number, config in enumerate(configs):
                place = Path(out) / config.name / unit.name
                place.mkdir(parents=True, exist_ok=True)
                if not (place / OUTCOME).is_file():
                    turn = seed * len(configs) + number + 1
                    with show.unit(unit, turn, seeds * len(configs)) as observer:
                        run_unit(config, dataset, split, unit, place, observer)
                    keras.utils.clear_session()
                outcome = finished(place)
                groups = None if dataset.groups is None else dataset.groups[outcome.test]
                scores[config.name].append(
                    classification(
                        dataset.y[outcome.test],
                        outcome.p_test,
                        dataset.classes,
                        groups,
                        n_resamples=100,
                    )
                )
                told[config.name].append(outcome.told)
    result: dict[str, Any] = {
        "protocol": first.protocol,
        "quick": first.quick,
        "notes": [QUICK] * first.quick,
        "seeds": seeds,
        "studies": {},
    }
    for config in configs:
        summary = over_seeds(scores[config.name])
        seconds = [t.train_s for t in told[config.name]]
        result["studies"][config.name] = {
            "train_s": {
                "mean": float(np.mean(seconds)),
                "sd": float(np.std(seconds, ddof=1)) if seeds > 1 else 0.0,
                "values": seconds,
            },
            "epochs": [len(t.history) for t in told[config.name]],
            "accuracy": summary["accuracy"],
            "macro_f1": summary["macro_f1"],
        }
    base = result["studies"][first.name]["train_s"]["mean"]
    for study in result["studies"].values():
        study["share"] = study["train_s"]["mean"] / base
    atomic_write(Path(out) / "recipes.json", json.dumps(result, indent=1) + "\n")
    return result


def _keep_settings(config: WindowStudy, folder: Path) -> None:
    """Write down what the trainings of a folder are of, and refuse those of other settings."""
    path = folder / CONFIG
    if not path.is_file():
        atomic_write(path, config.to_toml())
    elif (other := load(str(path))) != config:
        raise RunFolderError(
            f"{folder} holds trainings with other settings ({difference(other, config)}); "
            "give another folder, or remove it",
            change="out",
        )

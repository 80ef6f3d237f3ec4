"""The state of an unfinished training, whole enough that nobody can tell it was interrupted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.files import atomic_path

Arrays = list[npt.NDArray[Any]]


@dataclass
class State:
    """Where training stands after an epoch.

    Attributes
    ----------
    variables : list of ndarray
        Every variable of the model (weights, statistics, dropout seeds) and of its optimiser.
    kept : list of ndarray
        Weights to be kept if training stopped now.
    history : list of dict
        Rows so far.
    best : float, optional
        Best value of the monitored quantity.
    waited : int
        Epochs since then.
    rng : dict
        State of the generator of orders and augmentation.
    """

    variables: Arrays = field(default_factory=list)
    kept: Arrays = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    best: float | None = None
    waited: int = 0
    rng: dict[str, Any] = field(default_factory=dict)


def save(path: Path, state: State) -> None:
    """Write the state in one step, so that a kill leaves this one or the one before."""
    told = {
        "history": state.history,
        "best": state.best,
        "waited": state.waited,
        "rng": state.rng,
    }
    arrays = {f"v{i}": a for i, a in enumerate(state.variables)}
    arrays |= {f"k{i}": a for i, a in enumerate(state.kept)}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, told=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]


def load(path: Path) -> State:
    """Read a state that `save` wrote."""
    with np.load(path) as file:
        told = json.loads(str(file["told"]))

        def arrays(prefix: str) -> Arrays:
            count = sum(name.startswith(prefix) and name[1:].isdigit() for name in file.files)
            return [file[f"{prefix}{i}"] for i in range(count)]

        return State(variables=arrays("v"), kept=arrays("k"), **told)

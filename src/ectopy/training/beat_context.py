"""Train the inter-patient beat model: weighted ridge regression on random features, in seconds.

Because the solution is closed, leaving records out is exact and cheap: the sums over a fold's
records are subtracted, and nothing is trained again from a start that could matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.beats.context import from_canonical
from ectopy.classes import AAMI
from ectopy.training.disturb import Disturbance

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

ROWS = 4096  # beats at a time, to bound the memory of the hidden layer


@dataclass(frozen=True)
class TrainingRecord:
    """One annotated record, ready to train on.

    Attributes
    ----------
    name : str
        Record name.
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    at : ndarray of float64, shape (n_beats,)
        Annotated R peaks on the canonical grid.
    y : ndarray of int64, shape (n_beats,)
        Classes.
    """

    name: str
    signal: Float32
    at: Float64
    y: Int64


@dataclass(frozen=True)
class ContextRecipe:
    """How the beat model is trained; chosen on DS1 and svdb (docs/results/interpatient.md).

    Attributes
    ----------
    two_sided : bool
        Features of the whole-recording setting.
    members, hidden, seen : int
        Models averaged, each with its own copies and units; random units of each, and how many
        features each unit sees.
    class_weights : tuple of float
        In the order N S V F Q.
    ridge : float
        Penalty, as a share of the number of beats.
    copies : tuple of Disturbance
        Each record is trained on as it is and once for each of these.
    folds : int
        Groups of records left out in turn, for calibration and the figure on the model card.
    """

    two_sided: bool = False
    members: int = 3
    hidden: int = 1200
    seen: int = 4
    class_weights: tuple[float, ...] = (1.0, 2.0, 4.0, 1.0, 0.1)
    ridge: float = 1e-3
    copies: tuple[Disturbance, ...] = (
        *6 * (Disturbance(),),
        *2 * (Disturbance(flip=0.3, noise=0.2, jitter_s=0.02, one_lead=0.5),),
    )
    folds: int = 11

    def told(self) -> dict[str, Any]:
        """Give every setting, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Trained:
    """A trained model, and what models without them say of the training records.

    Attributes
    ----------
    model : keras.Model
        Features to logits.
    held_out : list of ndarray of float32, shape (n_beats, 5)
        Logits of each undisturbed record, by a model trained without it.
    copies : list of (ndarray of float32, ndarray of int64)
        The same for the first member's disturbed copies, with their classes, in no order that
        matters.
    """

    model: Any
    held_out: list[Float32]
    copies: list[tuple[Float32, Int64]]


def fit(
    records: Sequence[TrainingRecord],
    recipe: ContextRecipe,
    seed: int = 0,
    *,
    say: Callable[[str], None] | None = None,
) -> Trained:
    """Train on records, and on records but one fold for each fold.

    Parameters
    ----------
    records : sequence of TrainingRecord
        Training patients.
    recipe : ContextRecipe
        Settings.
    seed : int
        Of random units and disturbances.
    say : callable, optional
        Told what is going on.
    """
    from ectopy.models import beat_context

    tell = say or (lambda _: None)
    plain = [features(record, recipe.two_sided) for record in records]
    pooled = np.concatenate(plain)
    model = beat_context.build(
        pooled.shape[1],
        len(AAMI),
        mean=pooled.mean(axis=0),
        deviation=pooled.std(axis=0) + 1e-3,
        hidden=recipe.members * recipe.hidden,
        seen=recipe.seen,
        seed=seed,
    )
    del pooled
    n_features = plain[0].shape[1]
    folds = min(recipe.folds, len(records))
    left_out = range(folds if folds > 1 else 0)
    n_hidden = n_features + recipe.members * recipe.hidden + 1
    weights = np.zeros((folds + 1, n_hidden, len(AAMI)), np.float32)  # the last: of all records
    judges: list[list[tuple[Float32, Int64]]] = [[] for _ in range(folds)]
    for member in range(recipe.members):
        units = slice(member * recipe.hidden, (member + 1) * recipe.hidden)
        below = beat_context.hidden_of(model, units)
        block = np.r_[:n_features, n_features + np.r_[units], n_hidden - 1]  # and the bias
        size = (len(block), len(block) + len(AAMI))
        sums = np.zeros((folds, *size), np.float32)  # products of hidden units, and with targets
        beats = np.zeros(folds)
        for number, record in enumerate(records):
            fold = number % folds
            mine = list(_copies(record, recipe, np.random.default_rng([seed + member, number])))
            judges[fold] += mine if member == 0 else []
            for X, y in [(plain[number], record.y), *mine]:
                sums[fold] += _products(_outputs(below, X), y, recipe)
                beats[fold] += len(y)
        tell(
            f"{int(beats.sum())} beats of {len(records)} records and their copies; "
            f"solving {member + 1} of {recipe.members}"
        )
        total = sums.sum(axis=0)
        for out in left_out:
            ridge = recipe.ridge * (beats.sum() - beats[out])
            weights[out][block] += _solve(total - sums[out], ridge) / np.float32(recipe.members)
        ridge = recipe.ridge * beats.sum()
        weights[folds][block] += _solve(total, ridge) / np.float32(recipe.members)
    held_out: list[Float32] = [np.zeros((0, len(AAMI)), np.float32)] * len(records)
    copies: list[tuple[Float32, Int64]] = []
    for fold in left_out:
        beat_context.set_output(model, weights[fold])
        for number in range(fold, len(records), folds):
            held_out[number] = _outputs(model, plain[number])
        copies += [(_outputs(model, X), y) for X, y in judges[fold]]
    beat_context.set_output(model, weights[folds])
    return Trained(model, held_out, copies)


def features(record: TrainingRecord, two_sided: bool) -> Float32:
    """Prepare an undisturbed record."""
    return from_canonical(record.signal, record.at, two_sided=two_sided)


def _copies(
    record: TrainingRecord, recipe: ContextRecipe, rng: np.random.Generator
) -> Iterator[tuple[Float32, Int64]]:
    for disturbance in recipe.copies:
        signal, at, y = disturbance.apply(record.signal, record.at, record.y, rng)
        yield from_canonical(signal, at, two_sided=recipe.two_sided), y


def _outputs(model: Any, X: Float32) -> Float32:
    return np.concatenate([np.asarray(model(X[a : a + ROWS])) for a in range(0, len(X), ROWS)])


def _products(hidden: Float32, y: Int64, recipe: ContextRecipe) -> Float32:
    """Weighted products of hidden units and a one, and of these with the targets, side by side."""
    hidden = np.concatenate([hidden, np.ones((len(hidden), 1), np.float32)], axis=1)
    weighted = hidden * np.asarray(recipe.class_weights, np.float32)[y][:, None]
    target = 2 * np.eye(len(AAMI), dtype=np.float32)[y] - 1
    return np.asarray(weighted.T @ np.concatenate([hidden, target], axis=1), dtype=np.float32)


def _solve(products: Float32, ridge: float) -> Float32:
    from scipy.linalg import solve

    size = len(products)
    penalised = products[:, :size].astype(np.float64) + ridge * np.eye(size)
    found = solve(penalised, products[:, size:], assume_a="pos")
    return np.asarray(found, dtype=np.float32)

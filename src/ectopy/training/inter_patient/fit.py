"""Train the inter-patient beat model: weighted ridge regression on random features, in seconds.

Two stages: one network says where the rhythm looks like atrial fibrillation, and with it the other
labels the beats. Because the solution is closed, leaving records out is cheap: the sums over a
fold's records are subtracted, and nothing is trained again from a start that could matter. The
second stage is trained on what the first says of records it was not trained on. (It is not nested:
where fold A is left out of the second stage, the first stage's word on fold B came from a network
that knew the rhythms, not the beats, of A.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.context import from_canonical
from ectopy.beats.features.fibrillation_gate import gated
from ectopy.classes import AAMI
from ectopy.training.inter_patient.recipe import BeatModelRecipe
from ectopy.training.inter_patient.ridge import RidgeSums
from ectopy.training.inter_patient.training_record import TrainingRecord

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

N = AAMI.index("N")
ROWS = 4096  # beats at a time, to bound the memory of the hidden layer
FIBRILLATION_WEIGHT = 1.5  # of a beat in fibrillation, in the first stage
OTHER_UNITS = 1000  # added to the seed, so that the first stage draws other units


@dataclass(frozen=True)
class Trained:
    """A trained model, and what models without them say of the training records.

    Attributes
    ----------
    fibrillation : keras.Model
        Features to one logit: whether the rhythm looks like atrial fibrillation.
    model : keras.Model
        Gated features to logits.
    held_out : list of ndarray of float32, shape (n_beats, 5)
        Logits of each undisturbed record that `judges`, by a model trained without its patient.
    copies : list of (ndarray of float32, ndarray of int64)
        The same for the first member's disturbed copies, with their classes, in no order that
        matters.
    """

    fibrillation: Any
    model: Any
    held_out: list[Float32]
    copies: list[tuple[Float32, Int64]]


@dataclass(frozen=True)
class _Beats:
    """Beats of a record or of a copy: features, classes, and where it fibrillates."""

    X: Float32
    y: Int64
    fibrillation: Float32


def fit(
    records: Sequence[TrainingRecord],
    recipe: BeatModelRecipe,
    seed: int = 0,
    *,
    two_sided: bool = False,
    say: Callable[[str], None] | None = None,
) -> Trained:
    """Train on records, and on records but one fold for each fold.

    Parameters
    ----------
    records : sequence of TrainingRecord
        Training patients.
    recipe : BeatModelRecipe
        Settings.
    seed : int
        Of random units and disturbances.
    two_sided : bool
        Whether features look both ways, as for the whole recording.
    say : callable, optional
        Told what is going on.
    """
    from ectopy.models import beat_context

    tell = say or (lambda _: None)
    patients = list(dict.fromkeys(record.patient or record.name for record in records))
    folds = min(recipe.folds, len(patients))
    fold_of = [patients.index(record.patient or record.name) % folds for record in records]
    own = [_beats(record, two_sided) for record in records]
    copies = [
        _copies(record, recipe, [seed, number], two_sided) for number, record in enumerate(records)
    ]
    detector, first = _first_stage(own, copies, recipe, fold_of, seed)
    tell("what looks like fibrillation is told; now the beats")

    def opened(beats: _Beats, fold: int) -> Float32:
        """Gate features by what the first stage, without the fold, says of them."""
        beat_context.set_output(detector, first[fold])
        return gated_by(detector, beats.X, two_sided)

    plain = [opened(beats, fold) for beats, fold in zip(own, fold_of, strict=True)]
    model = _untrained(plain, len(AAMI), recipe.members * recipe.hidden, recipe, seed)
    n_features = plain[0].shape[1]
    n_hidden = n_features + recipe.members * recipe.hidden + 1
    weights = np.zeros((folds + 1, n_hidden, len(AAMI)), np.float32)
    for member in range(recipe.members):
        units = slice(member * recipe.hidden, (member + 1) * recipe.hidden)
        below = beat_context.hidden_of(model, units)
        sums = RidgeSums(folds, n_features + recipe.hidden, len(AAMI), recipe.ridge)
        for number, (record, fold) in enumerate(zip(records, fold_of, strict=True)):
            others = (
                _copies(record, recipe, [seed + member, number], two_sided)
                if member
                else copies[number]
            )
            mine = [(opened(copy, fold), copy.y) for copy in others]
            for X, y in [(plain[number], record.y), *mine]:
                if record.teaches is not None:  # copies have the same beats
                    X, y = X[record.teaches], y[record.teaches]
                target = 2 * np.eye(len(AAMI), dtype=np.float32)[y] - 1
                sums.add(fold, _outputs(below, X), target, _weights(y, recipe))
        tell(
            f"{int(sums.beats.sum())} beats of {len(records)} records and their copies; "
            f"solving {member + 1} of {recipe.members}"
        )
        block = np.r_[:n_features, n_features + np.r_[units], n_hidden - 1]  # and the bias
        weights[:, block] += sums.solve() / np.float32(recipe.members)
    held_out: list[Float32] = []
    judges: list[tuple[Float32, Int64]] = []
    for number, (record, fold) in enumerate(zip(records, fold_of, strict=True)):
        if not record.judges:
            continue
        if folds == 1:
            held_out.append(np.zeros((0, len(AAMI)), np.float32))
        else:
            beat_context.set_output(model, weights[fold])
            held_out.append(_outputs(model, plain[number]))
            judges += [(_outputs(model, opened(copy, fold)), copy.y) for copy in copies[number]]
    beat_context.set_output(detector, first[folds])
    beat_context.set_output(model, weights[folds])
    return Trained(detector, model, held_out, judges)


def features(record: TrainingRecord, two_sided: bool) -> Float32:
    """Prepare a record."""
    return from_canonical(record.signal, record.at, two_sided=two_sided)


def gated_by(fibrillation: Any, X: Float32, two_sided: bool) -> Float32:
    """Gate features by what a first stage says of them."""
    return gated(X, _outputs(fibrillation, X)[:, 0], two_sided=two_sided)


def _first_stage(
    own: Sequence[_Beats],
    copies: Sequence[Sequence[_Beats]],
    recipe: BeatModelRecipe,
    fold_of: Sequence[int],
    seed: int,
) -> tuple[Any, Float32]:
    """Train what tells fibrillation, on beats whose rhythm is known.

    Returns
    -------
    keras.Model
        Features to one logit; its output layer is not set.
    ndarray of float32, shape (folds + 1, n_hidden + 1, 1)
        Output layers, of all but each fold and of all.
    """
    from ectopy.models import beat_context

    detector = _untrained([beats.X for beats in own], 1, recipe.hidden, recipe, seed + OTHER_UNITS)
    below = beat_context.hidden_of(detector)
    sums = RidgeSums(max(fold_of) + 1, own[0].X.shape[1] + recipe.hidden, 1, recipe.ridge)
    for fold, plain, others in zip(fold_of, own, copies, strict=True):
        for beats in (plain, *others):
            known = ~np.isnan(beats.fibrillation)
            if known.any():
                target = 2 * beats.fibrillation[known, None] - 1
                weight = np.where(target[:, 0] > 0, FIBRILLATION_WEIGHT, 1).astype(np.float32)
                sums.add(fold, _outputs(below, beats.X[known]), target, weight)
    return detector, sums.solve()


def _untrained(
    features: Sequence[Float32], n_out: int, hidden: int, recipe: BeatModelRecipe, seed: int
) -> Any:
    from ectopy.models import beat_context

    pooled = np.concatenate(features)
    return beat_context.build(
        pooled.shape[1],
        n_out,
        mean=pooled.mean(axis=0),
        deviation=pooled.std(axis=0) + 1e-3,
        hidden=hidden,
        seen=recipe.seen,
        seed=seed,
    )


def _beats(record: TrainingRecord, two_sided: bool) -> _Beats:
    return _Beats(features(record, two_sided), record.y, record.fibrillation)


def _copies(
    record: TrainingRecord, recipe: BeatModelRecipe, seed: Sequence[int], two_sided: bool
) -> list[_Beats]:
    rng = np.random.default_rng(seed)
    return [_beats(disturbance.apply(record, rng), two_sided) for disturbance in recipe.copies]


def _outputs(model: Any, X: Float32) -> Float32:
    return np.concatenate([np.asarray(model(X[a : a + ROWS])) for a in range(0, len(X), ROWS)])


def _weights(y: Int64, recipe: BeatModelRecipe) -> Float32:
    """Weigh the beats of a record by class, none but N weighing more than `recipe.most` beats."""
    share = np.minimum(1, recipe.most / np.maximum(np.bincount(y, minlength=len(AAMI)), 1))
    share[N] = 1
    return (np.asarray(recipe.class_weights) * share).astype(np.float32)[y]

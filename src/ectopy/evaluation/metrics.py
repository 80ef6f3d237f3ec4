"""How well beats were classified: one confusion matrix, and what follows from it.

Conventions, where a ratio would be 0 / 0:

* precision of a class that is never predicted, recall of a class with no beats, and F1 of either,
  are 0 (as scikit-learn has it with ``zero_division=0``); the support beside them tells which;
* macro-F1 is the mean over the classes that occur among the true or the predicted labels;
* balanced accuracy is the mean recall over the classes that have beats.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.evaluation.intervals import (
    LEVEL,
    RESAMPLES,
    quantile_interval,
    resample_counts,
    wilson,
)

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_OVERALL: Final = ("accuracy", "macro_f1", "balanced_accuracy")
_PER_CLASS: Final = ("precision", "recall", "f1")


def classification(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    classes: Sequence[str],
    groups: npt.ArrayLike | None = None,
    *,
    rng: np.random.Generator | None = None,
    level: float = LEVEL,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Score predicted classes, with intervals.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        True class of each beat, as a position in ``classes``.
    y_pred : array_like, shape (n,) or (n, n_classes)
        Predicted classes (integers), or probabilities (the largest one decides).
    classes : sequence of str
        Class names, in order.
    groups : array_like, shape (n,), optional
        Record (or patient) of each beat. With it, all intervals are bootstrapped over records;
        without it, proportions have Wilson intervals and the rest a bootstrap over beats.
    rng : numpy.random.Generator, optional
        For the bootstrap; by default one seeded with 0, so that equal beats give equal intervals.
    level : float
        Coverage of the intervals.
    n_resamples : int
        Bootstrap replicates.

    Returns
    -------
    dict
        Ready for JSON: ``accuracy``, ``macro_f1``, ``balanced_accuracy``, ``intervals`` (low and
        high of each of these), ``per_class`` {name: {``precision``, ``recall``, ``f1``,
        ``support``, ``predicted``, ``intervals``}}, ``confusion`` (rows true, columns predicted),
        ``n``, ``classes``, ``level`` and ``resampled`` (``"beats"`` or ``"records"``). An interval
        is None where the figure is undefined.

    Raises
    ------
    ConfigError
        If shapes disagree or a label is not a class.

    Examples
    --------
    >>> from ectopy.evaluation import classification
    >>> scores = classification([0, 0, 0, 1], [0, 0, 1, 1], ("N", "V"))
    >>> scores["accuracy"], scores["per_class"]["N"]["recall"]
    (0.75, 0.6666666666666666)
    """
    names = [str(name) for name in classes]
    true, predicted = check_labels(y_true, y_pred, len(names))
    rng = np.random.default_rng(0) if rng is None else rng
    if groups is None:
        per_record = confusion_matrix(true, predicted, len(names))[None]
    else:
        per_record = grouped_confusion(true, predicted, groups, len(names))
    confusion = per_record.sum(axis=0)
    over = "beats" if groups is None else "records"
    replicates = resample_counts(per_record, rng, over=over, n_resamples=n_resamples)
    figures = from_confusion(confusion)
    bounds = {
        key: quantile_interval(values, level)
        for key, values in from_confusion(replicates, undefined=np.nan).items()
    }
    support, chosen, correct = confusion.sum(axis=1), confusion.sum(axis=0), np.diag(confusion)
    if groups is None:
        bounds["accuracy"] = wilson(correct.sum(), confusion.sum(), level)
        bounds["precision"] = wilson(correct, chosen, level)
        bounds["recall"] = wilson(correct, support, level)

    def interval(key: str, place: tuple[int, ...] = ()) -> list[float] | None:
        low, high = (float(bound[place]) for bound in bounds[key])
        return None if np.isnan(low) else [low, high]

    per_class = {
        name: {
            **{key: float(figures[key][i]) for key in _PER_CLASS},
            "support": int(support[i]),
            "predicted": int(chosen[i]),
            "intervals": {
                # Nothing is known of a ratio without a denominator: no interval.
                "precision": interval("precision", (i,)) if chosen[i] else None,
                "recall": interval("recall", (i,)) if support[i] else None,
                "f1": interval("f1", (i,)) if support[i] + chosen[i] else None,
            },
        }
        for i, name in enumerate(names)
    }
    return {
        **{key: float(figures[key]) for key in _OVERALL},
        "intervals": {key: interval(key) for key in _OVERALL},
        "per_class": per_class,
        "confusion": confusion.tolist(),
        "classes": names,
        "n": len(true),
        "level": level,
        "resampled": over,
    }


def from_confusion(confusion: npt.ArrayLike, undefined: float = 0.0) -> dict[str, Float64]:
    """Figures of a confusion matrix, or of a stack of them.

    Parameters
    ----------
    confusion : array_like of int, shape (..., n_classes, n_classes)
        Rows true, columns predicted.
    undefined : float
        What stands for 0 / 0 in the figures of a class.

    Returns
    -------
    dict of ndarray
        ``accuracy``, ``macro_f1``, ``balanced_accuracy`` of shape (...), and ``precision``,
        ``recall``, ``f1`` of shape (..., n_classes). See the module for the conventions.

    Examples
    --------
    >>> from ectopy.evaluation import from_confusion
    >>> from_confusion([[2, 1], [0, 1]])["f1"].round(2)
    array([0.8 , 0.67])
    """
    table = np.asarray(confusion, dtype=np.float64)
    correct = np.diagonal(table, axis1=-2, axis2=-1)
    support, chosen = table.sum(axis=-1), table.sum(axis=-2)
    recall = _ratio(correct, support, undefined)
    f1 = _ratio(2 * correct, support + chosen, undefined)
    with_beats, occurs = support > 0, support + chosen > 0
    return {
        "accuracy": _ratio(correct.sum(axis=-1), support.sum(axis=-1), 0.0),
        "macro_f1": _ratio(np.where(occurs, f1, 0).sum(axis=-1), occurs.sum(axis=-1), 0.0),
        "balanced_accuracy": _ratio(
            np.where(with_beats, recall, 0).sum(axis=-1), with_beats.sum(axis=-1), 0.0
        ),
        "precision": _ratio(correct, chosen, undefined),
        "recall": recall,
        "f1": f1,
    }


def confusion_matrix(y_true: Int64, y_pred: Int64, n_classes: int) -> Int64:
    """Count beats by true (row) and predicted (column) class.

    Examples
    --------
    >>> from ectopy.evaluation import confusion_matrix
    >>> confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2)
    array([[2, 1],
           [0, 1]])
    """
    cells = np.bincount(y_true * n_classes + y_pred, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes).astype(np.int64)


def grouped_confusion(y_true: Int64, y_pred: Int64, groups: npt.ArrayLike, n_classes: int) -> Int64:
    """Confusion matrix of each record, shape (n_records, n_classes, n_classes)."""
    names = np.asarray(groups)
    if names.shape != y_true.shape:
        raise ConfigError(f"groups has shape {names.shape}, expected {y_true.shape} as y_true")
    records, place = np.unique(names, return_inverse=True)
    cells = (place.astype(np.int64) * n_classes + y_true) * n_classes + y_pred
    counts = np.bincount(cells, minlength=len(records) * n_classes**2)
    return counts.reshape(len(records), n_classes, n_classes).astype(np.int64)


def check_labels(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, n_classes: int
) -> tuple[Int64, Int64]:
    """Give both as integer classes, after the checks that `classification` promises."""
    true, given = np.asarray(y_true), np.asarray(y_pred)
    if given.ndim == 2 and given.shape[1] == n_classes:
        if np.isnan(given).any():
            raise ConfigError("y_pred holds NaN probabilities, expected finite numbers")
        given = given.argmax(axis=1)
    if true.ndim != 1 or given.shape != true.shape or not len(true):
        raise ConfigError(
            f"y_true has shape {true.shape} and y_pred {np.shape(y_pred)}, expected (n,) with n > 0"
            f" and (n,) or (n, {n_classes})"
        )
    for name, labels in (("y_true", true), ("y_pred", given)):
        if not np.issubdtype(labels.dtype, np.integer):
            raise ConfigError(f"{name} is of type {labels.dtype}, expected integer class positions")
        if labels.min() < 0 or labels.max() >= n_classes:
            raise ConfigError(
                f"{name} holds labels from {labels.min()} to {labels.max()}, "
                f"expected 0 to {n_classes - 1}"
            )
    return true.astype(np.int64), given.astype(np.int64)


def _ratio(above: npt.ArrayLike, below: npt.ArrayLike, undefined: float) -> Float64:
    """``above / below``, and ``undefined`` where there is nothing below."""
    a, b = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    result = np.full(a.shape, undefined)
    np.divide(a, b, out=result, where=b > 0)
    return result

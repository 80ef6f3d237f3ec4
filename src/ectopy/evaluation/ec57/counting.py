"""Beat-by-beat statistics of ANSI/AAMI EC57, as PhysioNet's ``bxb`` and ``sumstats`` report them.

The matrix of a record has the reference class in its rows (``N S V F Q``; ``O`` for a test beat
where the reference has none, ``X`` for one where the reference could not be read) and the test
class in its columns (``n s v f q``; ``o`` for a missed beat, ``x`` for one missed while the test
annotator was shut down). From it:

========  ==========================  ==========================  ==========================
figure    TP                          FN                          FP
========  ==========================  ==========================  ==========================
QRS       all pairs                   ``*o`` + ``*x``             ``O*`` + ``X*``
VEB       ``Vv``                      the rest of row V           ``Nv + Sv + Ov + Xv``
SVEB      ``Ss``                      the rest of row S           ``Ns + Vs + Fs + Os + Xs``
========  ==========================  ==========================  ==========================

``sumstats`` leaves ``Fs`` out of the gross and average SVEB +P, unlike ``bxb`` in each record's
line; so do `statistics`' gross and average, which give the figures that count ``Fs`` beside them
under ``with_fusion``.

Two figures are not EC57's but the literature's: ``accuracy`` is the share of reference beats (all
five classes) that were found and called by their class, and ``macro_f1_nsv`` is the mean over N, S
and V of the plain F1 of the confusion matrix: a missed beat counts against its class, an extra one
against the class it was called. With reference peaks both are what DS1 -> DS2 papers print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.evaluation.ec57.compared_beats import Beats, to_samples
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.evaluation.intervals import LEVEL, RESAMPLES, quantile_interval, resample_counts
from ectopy.recordings.annotations import Annotations

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

REFERENCE: Final = ("N", "S", "V", "F", "Q", "O", "X")
TEST: Final = ("n", "s", "v", "f", "q", "o", "x")
SKIP_S: Final = 300.0  # EC57 leaves the first five minutes to the algorithm for learning

_N, _S, _V, _F, _Q, _O, _X = range(7)
_FIGURES: Final = ("QRS", "VEB", "SVEB")


@dataclass(frozen=True)
class Matrix:
    """Counts of one record.

    Attributes
    ----------
    counts : ndarray of int64, shape (7, 7)
        Rows as `REFERENCE`, columns as `TEST`; pairs of an absent with an absent beat are 0.
    shutdown_s : float
        How long the test annotator was shut down; a shutdown without an end counts where the length
        of the record is known.

    Examples
    --------
    >>> from ectopy.evaluation.ec57 import match
    >>> from ectopy.recordings import read_annotations
    >>> reference = read_annotations("records/a")
    >>> match(reference, reference, skip_s=0).of("Vv")
    7
    """

    counts: Int64
    shutdown_s: float = 0.0

    def of(self, cell: str) -> int:
        """Count of one cell, or the sum of several: ``matrix.of("Vn + Vo")``."""
        names = [name.strip() for name in cell.split("+")]
        return sum(int(self.counts[REFERENCE.index(n[0]), TEST.index(n[1])]) for n in names)


def match(
    reference: Annotations,
    test: Annotations,
    *,
    escape: str = "N",
    skip_s: float = SKIP_S,
    window_s: float = WINDOW_S,
    n_samples: int | None = None,
) -> Matrix:
    """Compare two annotations of one record, beat by beat.

    Parameters
    ----------
    reference, test : Annotations
        At any rates; times of ``test`` are taken to the reference's.
    escape : {"N", "S"}
        Class of the supraventricular escape beats e, j and n; ``bxb`` has them in S.
    skip_s : float
        Seconds left out at the beginning: 300 by EC57, 0 for the whole record.
    window_s : float
        Largest distance of a pair, in seconds.
    n_samples : int, optional
        Length of the record at the reference's rate; annotations after it are not counted.

    Returns
    -------
    Matrix

    Raises
    ------
    ConfigError
        If a rate is not positive, or times do not ascend.

    Examples
    --------
    >>> from ectopy.evaluation.ec57 import match
    >>> reference = ectopy.Annotations(
    ...     np.array([100, 400, 700]), np.array(["N", "V", "N"]), 250, np.array(["", "", ""])
    ... )
    >>> test = ectopy.Annotations(
    ...     np.array([102, 401, 900]), np.array(["N", "N", "N"]), 250, np.array(["", "", ""])
    ... )
    >>> matrix = match(reference, test, skip_s=0)
    >>> matrix.of("Nn"), matrix.of("Vn"), matrix.of("No"), matrix.of("On")
    (1, 1, 1, 1)
    """
    fs_hz = reference.fs_hz
    window = to_samples(window_s, fs_hz)
    ref = Beats.of(reference, "reference", escape, fs_hz, window)
    tst = Beats.of(test, "test", escape, fs_hz, window)
    start = to_samples(skip_s, fs_hz)
    pairs = pair(ref.samples, tst.samples, window, start=start, stop=n_samples)
    missed, extra = ref.samples[pairs.missed], tst.samples[pairs.extra]
    # bxb's beat at hand of the other annotator: of equal times the reference beat comes first.
    at_missed = np.searchsorted(tst.samples, missed, side="left")
    at_extra = np.searchsorted(ref.samples, extra, side="right")
    # What is found where the reference marks ventricular fibrillation is neither right nor wrong.
    wrong = ~ref.fibrillation.hold(extra, at_extra)
    rows = (
        ref.classes[pairs.reference],
        ref.classes[pairs.missed],
        np.where(ref.shutdown.hold(extra, at_extra), _X, _O)[wrong],
    )
    columns = (
        tst.classes[pairs.test],
        np.where(tst.shutdown.hold(missed, at_missed), _X, _O),
        tst.classes[pairs.extra][wrong],
    )
    cells = np.concatenate(rows) * 7 + np.concatenate(columns)
    counts = np.bincount(cells, minlength=49).reshape(7, 7).astype(np.int64)
    counts[_O:, _O:] = 0  # what has no class on one side is like no beat there
    return Matrix(counts, tst.shutdown.total(n_samples) / fs_hz)


def statistics(
    matrices: Mapping[str, Matrix],
    *,
    rng: np.random.Generator | None = None,
    level: float = LEVEL,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Report each record, all beats pooled (gross), and the mean over records (average).

    Parameters
    ----------
    matrices : mapping of str to Matrix
        By record.
    rng : numpy.random.Generator, optional
        For the bootstrap over records; by default one seeded with 0.
    level, n_resamples
        Of the gross figures' intervals.

    Returns
    -------
    dict
        Ready for JSON: ``records`` {name: entry}, ``gross`` and ``average``. An entry has ``QRS``,
        ``VEB`` and ``SVEB`` with ``se``, ``ppv``, ``f1``, ``tp``, ``fn``, ``fp`` (VEB and SVEB also
        ``tn`` and ``fpr``), and ``accuracy``, ``macro_f1_nsv``, ``beats`` (reference beats),
        ``confusion`` {reference class: {test class: count}}. Figures are fractions, None where
        undefined. ``gross`` adds ``intervals``; ``average`` is taken over the records where a
        figure is defined (their number is under ``records``), its counts are means per record.

    Raises
    ------
    ConfigError
        If there is no record.

    Examples
    --------
    >>> from ectopy.evaluation.ec57 import match, statistics
    >>> from ectopy.recordings import read_annotations
    >>> reference = read_annotations("records/a")
    >>> told = statistics({"a": match(reference, reference, skip_s=0)})
    >>> told["gross"]["VEB"]["f1"]
    1.0
    """
    if not matrices:
        raise ConfigError("no record to take statistics of, expected at least one")
    stack = np.stack([matrix.counts for matrix in matrices.values()])
    each = figures(stack)
    pooled = figures(stack.sum(axis=0), fusion=False)
    # The average is sumstats' own: each record's figure by its rule.
    summed = figures(stack, fusion=False)
    gross = _entry(stack.sum(axis=0), pooled)
    _add_fusion(gross, figures(stack.sum(axis=0)))
    _add_intervals(
        gross, stack, np.random.default_rng(0) if rng is None else rng, level, n_resamples
    )
    average = _entry(stack.mean(axis=0), {key: _mean(values) for key, values in summed.items()})
    _add_fusion(average, {key: _mean(values) for key, values in each.items()})
    for name in _FIGURES:
        average[name]["records"] = {
            key: int(np.isfinite(summed[f"{name}.{key}"]).sum()) for key in ("se", "ppv", "f1")
        }
    return {
        "records": {
            record: _entry(stack[i], {key: values[i] for key, values in each.items()})
            for i, record in enumerate(matrices)
        },
        "gross": gross,
        "average": average,
    }


def figures(counts: npt.ArrayLike, *, fusion: bool = True) -> dict[str, Float64]:
    """Figures of a matrix, or of a stack of them, NaN where undefined.

    Parameters
    ----------
    counts : array_like of int, shape (..., 7, 7)
        As in `Matrix`.
    fusion : bool
        Whether a fusion beat called SVEB is a false positive (``bxb``) or not counted
        (``sumstats``).

    Returns
    -------
    dict of ndarray, shape (...)
        ``QRS.se``, ``VEB.fp`` and so on, ``accuracy``, ``macro_f1_nsv``.
    """
    c = np.asarray(counts, dtype=np.float64)
    beats = c[..., :_O, :]
    found = c[..., :_O, :_O]
    result: dict[str, Float64] = {}
    pairs = found.sum(axis=(-2, -1))
    alone = c[..., _O:, :_O].sum(axis=(-2, -1))
    _detection(result, "QRS", pairs, beats[..., _O:].sum(axis=(-2, -1)), alone)
    everything = pairs + alone
    for name, kind, others in (
        ("VEB", _V, [_N, _S, _O, _X]),
        ("SVEB", _S, [_N, _V, _F, _O, _X] if fusion else [_N, _V, _O, _X]),
    ):
        tp = c[..., kind, kind]
        fp = c[..., others, kind].sum(axis=-1)
        tn = everything - found[..., kind, :].sum(axis=-1) - c[..., :, kind].sum(axis=-1) + tp
        _detection(result, name, tp, c[..., kind, :].sum(axis=-1) - tp, fp)
        result[f"{name}.tn"] = tn
        result[f"{name}.fpr"] = _ratio(fp, fp + tn)
    total = beats.sum(axis=(-2, -1))
    right = np.diagonal(found, axis1=-2, axis2=-1)
    result["accuracy"] = _ratio(right.sum(axis=-1), total)
    f1 = _ratio(2 * right, beats.sum(axis=-1) + c[..., :, :_O].sum(axis=-2))[..., :_F]
    # A class that neither side has says nothing.
    result["macro_f1_nsv"] = _ratio(np.nansum(f1, axis=-1), np.isfinite(f1).sum(axis=-1))
    return result


def _detection(
    result: dict[str, Float64], name: str, tp: Float64, fn: Float64, fp: Float64
) -> None:
    result[f"{name}.tp"], result[f"{name}.fn"], result[f"{name}.fp"] = tp, fn, fp
    result[f"{name}.se"] = _ratio(tp, tp + fn)
    result[f"{name}.ppv"] = _ratio(tp, tp + fp)
    result[f"{name}.f1"] = _ratio(2 * tp, 2 * tp + fn + fp)


def _ratio(above: Float64, below: Float64) -> Float64:
    result = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _mean(values: Float64) -> Float64:
    """Mean over the records where a figure is defined."""
    defined = np.isfinite(values)
    return np.asarray(values[defined].mean() if defined.any() else np.nan)


def _number(value: npt.ArrayLike) -> float | int | None:
    """Ready for JSON: whole counts as int, what is undefined as None."""
    number = float(np.asarray(value))
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() else number


def _entry(counts: npt.NDArray[Any], values: Mapping[str, Float64]) -> dict[str, Any]:
    def fraction(key: str) -> float | None:
        value = float(values[key])
        return None if np.isnan(value) else value

    entry: dict[str, Any] = {}
    for name in _FIGURES:
        entry[name] = {key: fraction(f"{name}.{key}") for key in ("se", "ppv", "f1")}
        entry[name] |= {key: _number(values[f"{name}.{key}"]) for key in ("tp", "fn", "fp")}
        if name != "QRS":
            entry[name]["fpr"] = fraction(f"{name}.fpr")
            entry[name]["tn"] = _number(values[f"{name}.tn"])
    entry["accuracy"] = fraction("accuracy")
    entry["macro_f1_nsv"] = fraction("macro_f1_nsv")
    entry["beats"] = _number(counts[:_O].sum())
    entry["confusion"] = {
        row: {column: _number(counts[i, j]) for j, column in enumerate(TEST) if i < _O or j < _O}
        for i, row in enumerate(REFERENCE)
    }
    return entry


def _add_fusion(entry: dict[str, Any], values: Mapping[str, Float64]) -> None:
    entry["SVEB"]["with_fusion"] = {
        key: _number(values[f"SVEB.{key}"]) for key in ("fp", "ppv", "f1", "fpr")
    }


def _add_intervals(
    gross: dict[str, Any], stack: Int64, rng: np.random.Generator, level: float, n_resamples: int
) -> None:
    replicates = resample_counts(stack, rng, over="records", n_resamples=n_resamples)
    drawn = figures(replicates, fusion=False)

    def interval(key: str) -> list[float] | None:
        low, high = (float(bound) for bound in quantile_interval(drawn[key], level))
        return None if np.isnan(low) else [low, high]

    for name in _FIGURES:
        gross[name]["intervals"] = {key: interval(f"{name}.{key}") for key in ("se", "ppv", "f1")}
    gross["intervals"] = {key: interval(key) for key in ("accuracy", "macro_f1_nsv")}
    gross["intervals"] |= {"level": level, "over": "records"}

"""Figures over seeds: mean, spread and each seed's value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ectopy.errors import ConfigError

_OVERALL: Final = ("accuracy", "macro_f1", "balanced_accuracy")
_PER_CLASS: Final = ("precision", "recall", "f1")


def over_seeds(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Summarise the results of several seeds.

    Parameters
    ----------
    results : sequence of dict
        What `ectopy.evaluation.metrics.classification` gives, one a seed, on the same classes.

    Returns
    -------
    dict
        Ready for JSON: ``accuracy``, ``macro_f1``, ``balanced_accuracy`` and ``per_class`` {name:
        {``precision``, ``recall``, ``f1``, ``support``}}, where a figure is {``mean``, ``sd``,
        ``values``, ``interval``}; ``confusion``, one matrix a seed; ``n``, ``classes``, ``level``,
        ``resampled``. ``sd`` is the sample standard deviation over seeds, 0 for one seed: how much
        training varies. ``interval`` is the mean over seeds of the interval's bounds: how much
        another test sample of this size would vary for one seed; None where undefined. ``support``
        and ``n`` are means where seeds were tested on different beats.

    Raises
    ------
    ConfigError
        If there is no result, or the classes differ.
    """
    if not results:
        raise ConfigError("no results to summarise, expected one a seed")
    classes = results[0]["classes"]
    for result in results:
        if result["classes"] != classes:
            raise ConfigError(
                f"seeds were scored on the classes {', '.join(classes)} and "
                f"{', '.join(result['classes'])}, expected the same for all"
            )
    summary: dict[str, Any] = {key: _figure(results, key) for key in _OVERALL}
    summary["per_class"] = {}
    for name in classes:
        entries = [result["per_class"][name] for result in results]
        summary["per_class"][name] = {
            **{key: _figure(entries, key) for key in _PER_CLASS},
            "support": _count([entry["support"] for entry in entries]),
        }
    return {
        **summary,
        "confusion": [result["confusion"] for result in results],
        "n": _count([result["n"] for result in results]),
        "classes": list(classes),
        "level": results[0]["level"],
        "resampled": results[0]["resampled"],
    }


def _figure(entries: Sequence[dict[str, Any]], key: str) -> dict[str, Any]:
    values = [float(entry[key]) for entry in entries]
    bounds = [entry["intervals"][key] for entry in entries]
    known = [bound for bound in bounds if bound is not None]
    return {
        "mean": float(np.mean(values)),
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0,
        "values": values,
        "interval": np.mean(known, axis=0).tolist() if known else None,
    }


def _count(counts: Sequence[int]) -> int | float:
    return counts[0] if len(set(counts)) == 1 else float(np.mean(counts))

"""Whether one of two finished runs that tested the same beats is better on new records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.evaluation.compare import compare_pooled, compare_records
from ectopy.evaluation.metrics import from_confusion, grouped_confusion
from ectopy.report.results import Results, Table

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_SAME: Final = ("seed", "beat", "group", "y_true")  # columns that both runs must have alike


def compare(run_a: Path, run_b: Path, *, seed: int = 0) -> dict[str, Any]:
    """Compare two run folders, record by record, over the seeds that both have.

    Parameters
    ----------
    run_a, run_b : Path
        Folders of finished studies.
    seed : int
        Of the exchanges and the bootstrap.

    Returns
    -------
    dict
        Ready for JSON: ``a``, ``b`` (study and model of each), ``data``, ``protocol``, ``seeds``,
        ``beats`` (of one seed, the first), ``n_records``, ``exact``, ``level``, and ``figures``:
        {name: what `ectopy.evaluation.compare` gives}, of the beats of all records pooled
        (``accuracy``, ``macro-F1``, ``F1 of`` each class that has beats) and of each record
        (``accuracy, mean of records``).

    Raises
    ------
    ConfigError
        If the runs did not test the same beats, or the beats' records are not known.
    """
    a, b = Results.load(run_a), Results.load(run_b)
    tested_a, tested_b = _same_beats(a, b)
    groups, y_true = tested_a["group"].astype(str), tested_a["y_true"].astype(np.int64)
    n_records = len(np.unique(groups))
    if n_records < 2:
        raise ConfigError(
            f"{a.folder} and {b.folder} cannot be compared: {a.data.name} does not tell "
            "which record each beat is from, and beats of one record are no independent trials"
        )
    counts = [
        grouped_confusion(y_true, tested["y_pred"].astype(np.int64), groups, len(a.classes))
        for tested in (tested_a, tested_b)
    ]
    seeds = np.unique(tested_a["seed"])
    figures = _figures(counts, a.classes, np.random.default_rng(seed))
    first = figures["accuracy"]
    return {
        "a": {"run": str(run_a), "study": a.study, "model": a.metrics.model.name},
        "b": {"run": str(run_b), "study": b.study, "model": b.metrics.model.name},
        "data": a.data.name,
        "protocol": a.protocol,
        "seeds": [int(one) for one in seeds],
        "beats": int((tested_a["seed"] == seeds[0]).sum()),
        "n_records": n_records,
        "exact": first["exact"],
        "level": first["level"],
        "figures": figures,
    }


def _same_beats(a: Results, b: Results) -> tuple[Table, Table]:
    """Give what both runs say of the test beats of their common seeds, in the same order."""
    between = f"{a.folder} and {b.folder} cannot be compared"
    for run in (a, b):
        if run.quick:
            raise ConfigError(
                f"{between}: {run.folder} is a quick look, whose figures say nothing; "
                "run its study in full"
            )
    for what, of_a, of_b in (
        ("data", a.data.name, b.data.name),
        ("classes", a.classes, b.classes),
        ("protocol", a.protocol, b.protocol),
    ):
        if of_a != of_b:
            raise ConfigError(f"{between}: the {what} of one is {of_a}, of the other {of_b}")
    tested_a, tested_b = _tested(a), _tested(b)
    seeds = np.intersect1d(tested_a["seed"], tested_b["seed"])
    if not len(seeds):
        raise ConfigError(
            f"{between}: they have no seed in common, so each tested a draw of its own"
        )
    tested_a, tested_b = _in_order(tested_a, seeds), _in_order(tested_b, seeds)
    if any(not np.array_equal(tested_a[key], tested_b[key]) for key in _SAME):
        raise ConfigError(
            f"{between}: they did not test the same beats; run both studies on the same data with "
            "the same protocol"
        )
    return tested_a, tested_b


def _tested(results: Results) -> Table:
    table = results.predictions
    missing = sorted({*_SAME, "y_pred"} - set(table))
    if missing:
        raise ConfigError(
            f"{results.folder} has no predictions.parquet with {', '.join(missing)}; "
            "give the folder of a finished study of single beats"
        )
    return table


def _in_order(table: Table, seeds: Int64) -> Table:
    """Beats of some seeds, by seed and beat."""
    kept = np.flatnonzero(np.isin(table["seed"], seeds))
    order = kept[np.lexsort((table["beat"][kept], table["seed"][kept]))]
    return {key: table[key][order] for key in (*_SAME, "y_pred")}


def _figures(
    counts: list[Int64], classes: tuple[str, ...], rng: np.random.Generator
) -> dict[str, dict[str, Any]]:
    """Compare the counts (n_records, n_classes, n_classes) of two runs by several figures."""

    def pooled(key: str, place: int | None = None) -> dict[str, Any]:
        def statistic(tables: npt.NDArray[Any]) -> Float64:
            values = from_confusion(tables, undefined=np.nan)[key]
            return values if place is None else values[:, place]

        return compare_pooled(counts[0], counts[1], statistic, rng)

    right = [np.trace(own, axis1=1, axis2=2) / own.sum(axis=(1, 2)) for own in counts]
    support = counts[0].sum(axis=(0, 2))
    return {
        "accuracy": pooled("accuracy"),
        "macro-F1": pooled("macro_f1"),
        **{f"F1 of {name}": pooled("f1", i) for i, name in enumerate(classes) if support[i]},
        "accuracy, mean of records": compare_records(right[0], right[1], rng),
    }


def table(found: dict[str, Any]) -> str:
    """Lay out what `compare` gives as text."""
    level = f"{round(100 * found['level'])} % interval"
    width = max(len(name) for name in found["figures"])
    head = f"{'':<{width}}  {'A':>7}  {'B':>7}  {'B - A':>8}  {level:^18}  {'p':>7}"
    lines = [
        f"A: {found['a']['run']} ({found['a']['study']}, {found['a']['model']})",
        f"B: {found['b']['run']} ({found['b']['study']}, {found['b']['model']})",
        f"{found['data']}, {found['protocol']}: {found['n_records']} records, {found['beats']:,} "
        f"beats, seeds in common: {', '.join(str(seed) for seed in found['seeds'])}",
        "",
        head,
        "-" * len(head),
    ]
    for name, one in found["figures"].items():
        interval = one["interval"]
        between = f"{interval[0]:+.4f} to {interval[1]:+.4f}" if interval else "-"
        lines.append(
            f"{name:<{width}}  {_number(one['a'], '.4f'):>7}  {_number(one['b'], '.4f'):>7}  "
            f"{_number(one['difference'], '+.4f'):>8}  {between:>18}  "
            f"{_number(one['p_value'], '.4f'):>7}"
        )
    how = "in every way" if found["exact"] else "at random"
    means = found["figures"]["accuracy, mean of records"]
    lines += [
        "",
        f"Wilcoxon signed-rank test of the records' accuracies: p = {means['wilcoxon_p']:.4f}",
        f"p: the two runs exchanged within whole records, {how}; interval: bootstrap over records.",
        "Each line is a test of its own: no p is corrected for the others.",
    ]
    return "\n".join(lines) + "\n"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)

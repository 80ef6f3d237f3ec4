"""How many beats of each class there are, before and after balancing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ectopy.report.style import colour, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ectopy.report.results import Results


# Settings of a recipe that change which beats are seen; the others leave the counts alone.
_HOW: Final = {
    "smote": "SMOTE",
    "smote-on-the-fly": "SMOTE on the fly (one epoch)",
    "oversample": "random oversampling",
    "balanced-batches": "balanced batches (one epoch)",
    "class-weights": "",
    "none": "",
}


def raw(results: Results) -> Figure | None:
    """Beats of each class in each part of the split."""
    counts = results.data.counts
    parts = [part for part in ("train", "validation", "test") if counts.get(part)]
    if not parts:
        return None
    note = "Linear scale in every panel; each panel has its own."
    figure = sheet(results, "Beats of each class in the data, by part of the split", 2.6, note)
    axes = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    names = {"train": "training", "validation": "validation", "test": "test"}
    for panel, part in zip(axes, parts, strict=True):
        _bars(panel, results, counts[part])
        total = sum(int(n) for n in counts[part].values())
        panel.set_title(f"{names[part]} ({total:,} beats)", loc="left")
    return figure


def balanced(results: Results) -> Figure | None:
    """Training beats before and after balancing."""
    before = results.data.counts.get("train")
    after = results.data.balanced
    how = _HOW.get(results.data.balancing, results.data.balancing)
    if not before or not after or not how or before == after:  # balanced as it was: nothing made
        return None
    figure = sheet(
        results,
        f"Training beats before and after {how}",
        2.6,
        "Same scale in both panels. Balancing acts on the training part only, after the split: "
        "validation and test keep the distribution of the data.",
    )
    axes = figure.subplots(1, 2, sharey=True, sharex=True)
    for panel, label, table in ((axes[0], "before", before), (axes[1], f"after {how}", after)):
        _bars(panel, results, table)
        total = sum(int(n) for n in table.values())
        panel.set_title(f"{label} ({total:,} beats)", loc="left")
    longest = max(max(before.values()), max(after.values()))
    axes[0].set_xlim(0, longest * 1.42)
    return figure


def _bars(panel: Axes, results: Results, table: dict[str, int]) -> None:
    values = [int(table.get(name, 0)) for name in results.classes]
    places = range(len(values))
    panel.barh(places, values, color=[colour(i) for i in places], height=0.68)
    panel.set_yticks(list(places), results.classes)
    panel.set_ylim(len(values) - 0.5, -0.5)
    total, top = max(sum(values), 1), max(*values, 1)
    for place, value in zip(places, values, strict=True):
        share = f"{value:,} ({value / total:.1%})" if value / total >= 0.001 else f"{value:,}"
        panel.text(value + top * 0.02, place, share, va="center", size=7)
    panel.set_xlim(0, top * 1.48)  # room for the figure beside the longest bar
    panel.set_xlabel("beats")
    panel.locator_params(axis="x", nbins=4)
    panel.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")

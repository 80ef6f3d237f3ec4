"""Maps of single beats, and how the maps did in their checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ectopy.report.style import GREY, HEAT, colour, first_lead, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ectopy.report.results import Results
    from ectopy.report.style import Told

_BEATS: Final = 2  # of each class
_CHANCE: Final[dict[str, Any]] = {"color": "#777777", "linestyle": "--"}


def maps(results: Results) -> Figure | None:
    """Two beats a class on the heat map of their true class, with its colour bar."""
    table = results.explanations
    if not {"X", "maps", "y_true"} <= set(table):
        return None
    y = table["y_true"]
    X, leads = first_lead(table["X"])
    chosen = [np.flatnonzero(y == i)[:_BEATS] for i in range(len(results.classes))]
    rows = [(i, beats) for i, beats in enumerate(chosen) if len(beats)]
    layer = f" of layer {table['layer']}" if str(table.get("layer", "")) else ""
    return draw_maps(
        results,
        f"{method_name(str(table.get('method', 'gradcam')))}: what raised the score of the true "
        "class",
        f"In front: the true class, which the map{layer} is for. Each beat is scaled to its own "
        f"maximum. A map shows what the model used, not what a cardiologist should.{leads}",
        [(results.classes[index], colour(index)) for index, _ in rows],
        [
            [(X[b], table["maps"][b], _verdict(results, table, int(b), index)) for b in beats]
            for index, beats in rows
        ],
        *results.time(X.shape[1]),
    )


def method_name(method: str) -> str:
    """Spell a method of `ectopy.explain` as papers do."""
    names = {"gradcam": "Grad-CAM"}
    return names.get(method, method.replace("-", " ").replace("_", " ").capitalize())


def draw_maps(
    told: Told,
    title: str,
    note: str,
    labels: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[tuple[Any, Any, str]]],
    time: Any,
    time_label: str,
) -> Figure:
    """Draw beats on their heat maps, row by row, with one colour bar for all.

    Parameters
    ----------
    told : Results or Origin
        Where the figure comes from.
    title, note : str
        Title, and how to read it.
    labels : sequence of (str, str)
        Text and colour in front of each row.
    rows : sequence of sequences of (beat, map, title)
        What each row holds, at most two; maps run from 0 to 1.
    time : ndarray, shape (n_samples,)
        Time of each sample.
    time_label : str
        What it is.
    """
    figure = sheet(told, title, 1.1 + 1.3 * len(rows), note)
    axes = figure.subplots(len(rows), _BEATS, sharex=True, squeeze=False)
    image: Any = None
    for line, (label, ink), row in zip(axes, labels, rows, strict=True):
        for panel, (beat, heat, caption) in zip(line, row, strict=False):
            image = _beat(panel, time, beat, heat)
            panel.set_title(caption, loc="left", size=7.5)
        for panel in line[len(row) :]:
            panel.set_axis_off()
        line[0].set_ylabel(label, color=ink, weight="bold", size=9)
    for column in axes.T:
        last = [panel for panel in column if panel.axison]
        if last:
            last[-1].set_xlabel(time_label)
            last[-1].tick_params(labelbottom=True)
    bar = figure.colorbar(image, ax=axes, fraction=0.025, pad=0.015, ticks=[0, 0.5, 1])
    bar.set_label("importance for the class (1 = most in this beat)")
    bar.outline.set_visible(False)
    return figure


def _beat(panel: Axes, time: Any, beat: Any, heat: Any) -> Any:
    low, high = float(beat.min()), float(beat.max())
    room = 0.08 * (high - low or 1.0)
    half = (time[1] - time[0]) / 2
    edges = np.r_[time - half, time[-1] + half]
    # A mesh, since stretching an image to 600 dpi takes seconds; one picture of it in an SVG.
    image = panel.pcolormesh(
        edges, [low - room, high + room], heat[None], cmap=HEAT, vmin=0, vmax=1, rasterized=True
    )
    panel.plot(time, beat, color="black", linewidth=1.1)
    if not np.any(heat > 0):
        panel.text(
            0.985, 0.95, "empty map: nothing raised the score", size=6.5, color=GREY,
            ha="right", va="top", transform=panel.transAxes,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
    panel.set_xlim(time[0] - half, time[-1] + half)
    panel.set_ylim(low - room, high + room)
    panel.locator_params(axis="y", nbins=3)
    return image


def _verdict(results: Results, table: dict[str, Any], beat: int, true: int) -> str:
    if "y_pred" not in table:
        return ""
    predicted = int(table["y_pred"][beat])
    text = f"predicted {results.classes[predicted]}"
    if "p" in table:
        text += f" ({table['p'][beat, predicted]:.2f})"
    return text + (": wrong" if predicted != true else "")


def deletion_insertion(results: Results) -> Figure | None:
    """Probability of the class while the map's samples are deleted, or inserted, first."""
    checks = results.checks
    if not {"deletion", "insertion"} <= set(checks):
        return None
    figure = sheet(
        results,
        "Deletion and insertion: do the marked samples matter to the model?",
        3.6,
        f"Mean over {checks.get('n_beats', 0):,} test beats; bands: 95 % bootstrap interval over "
        "beats. Chance: the same maps rolled to a random place.",
    )
    axes = figure.subplots(1, 2, sharey=True)
    for panel, key, better in ((axes[0], "deletion", "lower"), (axes[1], "insertion", "higher")):
        part = checks[key]
        x = np.asarray(part["fraction"])
        for name, look in (("map", {"color": "#0072B2", "linestyle": "-"}), ("random", _CHANCE)):
            area = part["area" if name == "map" else "area_random"]
            label = {"map": "map", "random": "chance"}[name]
            panel.plot(x, part[name], **look, label=f"{label}: area {area:.3f}")
            if f"{name}_interval" in part:
                band = np.asarray(part[f"{name}_interval"]).T
                panel.fill_between(x, *band, color=look["color"], alpha=0.18, linewidth=0)
        low, high = part["interval"]
        verdict = "passed" if part["passed"] else "failed"
        panel.set_title(f"{key} ({better} is better): {verdict}", loc="left")
        panel.set_xlabel("share of the beat " + {"deletion": "deleted", "insertion": "shown"}[key])
        panel.set_xlim(0, 1)
        panel.set_ylim(0, 1)
        panel.legend(
            loc="best",
            title=f"gain {part['difference']:.3f} (95 %: {low:.3f} to {high:.3f})",
            title_fontsize=7,
        )
        panel.grid()
    axes[0].set_ylabel("probability of the true class")
    return figure


def randomisation(results: Results) -> Figure | None:
    """Similarity of the maps to the trained model's while weights are reset layer by layer."""
    part = results.checks.get("randomisation")
    if not part:
        return None
    layers = ["trained", *part["layers"]]
    figure = sheet(
        results,
        "Weight randomisation: does the map follow what the model learnt?",
        3.8,
        "Spearman correlation with the trained model's map, mean over beats and 95 % interval, "
        "while weights are reset from the output down and stay reset. A map that keeps its "
        "similarity does not show the model.",
    )
    panel = figure.subplots()
    similarity = np.r_[1.0, part["similarity"]]
    bounds = np.vstack([[1.0, 1.0], np.asarray(part["interval"])])
    x = np.arange(len(layers))
    panel.errorbar(
        x, similarity, yerr=np.abs(bounds.T - similarity),
        color="#0072B2", marker="o", markersize=4, linewidth=1.2, capsize=2.5,
    )  # fmt: skip
    panel.axhline(0, color="#333333", linewidth=0.7)
    panel.axhline(part["threshold"], **_CHANCE, linewidth=1)
    panel.text(
        x[0],
        part["threshold"] + 0.02,
        "must end below",
        size=7,
        color=_CHANCE["color"],
        va="bottom",
    )
    panel.set_xticks(x, layers, rotation=40, ha="right", size=7)
    panel.set_ylim(min(-0.25, float(bounds.min()) - 0.05), 1.05)
    panel.set_ylabel("similarity to the trained map")
    panel.set_xlabel("weights reset down to this layer")
    panel.set_title("passed" if part["passed"] else "failed", loc="left")
    panel.grid(axis="y")
    return figure

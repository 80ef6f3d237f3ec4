from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.text import Text
from PIL import Image

from ectopy.classes import COLOURS
from ectopy.report.figures import FIGURES, distribution, write
from ectopy.report.figures.probabilities import pr_curve
from ectopy.report.results import Results
from ectopy.report.style import LOOK_DPI, WIDTH_IN, drawing

TEN = (
    "Figure_01_Raw_Data_Distribution",
    "Figure_02_SMOTE_Data_Distribution",
    "Figure_03_Raw_ECG_Samples",
    "Figure_04_Training_Loss_Curve",
    "Figure_05_Training_Accuracy_Curve",
    "Figure_06_Confusion_Matrix",
    "Figure_07_Per_Class_Precision",
    "Figure_08_Per_Class_Recall",
    "Figure_09_Per_Class_F1_Score",
    "Figure_10_GradCAM_Explanations",
)
Run = Callable[..., Path]


def texts(figure: matplotlib.figure.Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def draw(folder: Path, name: str) -> matplotlib.figure.Figure:
    with drawing():
        figure = FIGURES[name].draw(Results.load(folder))
    assert figure is not None
    return figure


def test_the_ten_published_names_come_first() -> None:
    assert tuple(FIGURES)[:10] == TEN


def test_files_are_wide_enough_for_print_and_white(make_run: Run, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    some = (TEN[0], TEN[5], TEN[9])
    for picture in write(Results.load(make_run()), tmp_path / "out", some, for_page=False):
        with Image.open(picture.png) as image:
            assert image.width >= 3840
            assert image.getpixel((2, 2)) == (255, 255, 255)
            assert round(image.info["dpi"][0]) == 600
    assert sorted(p.stem for p in (tmp_path / "out").iterdir()) == sorted(some)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", list(FIGURES))
def test_each_names_its_protocol_and_says_simulated(make_run: Run, name: str) -> None:
    several = texts(draw(make_run(), name))
    assert "Protocol: intra-patient" in several
    assert "3 seeds" in several
    assert "SIMULATED" not in several
    one = texts(draw(make_run(seeds=1, simulated=True), name))
    assert "SIMULATED DATA" in one
    assert "1 seed" in one
    assert "over the seeds" not in one


def test_every_entry_is_numbered_and_has_a_caption() -> None:
    for number, (name, entry) in enumerate(FIGURES.items(), start=1):
        assert re.fullmatch(rf"Figure_{number:02}(_[A-Z][A-Za-z0-9]+)+", name)
        assert re.fullmatch(r"[A-Z].*[.?]", entry.caption)


def test_a_run_with_metrics_only_draws_what_it_can(make_run: Run) -> None:
    folder = make_run()
    for path in folder.iterdir():
        if path.name != "metrics.json":
            path.unlink()
    with drawing():
        drawn = [n for n, entry in FIGURES.items() if entry.draw(Results.load(folder))]
    assert drawn == [TEN[i] for i in (0, 1, 5, 6, 7, 8)]


def test_loss_is_drawn_as_in_the_paper(make_run: Run) -> None:
    panel = draw(make_run(seeds=1), TEN[3]).axes[0]
    training, validation = panel.get_lines()
    assert (training.get_color(), training.get_linestyle()) == ("#0000ff", "--")
    assert (validation.get_color(), validation.get_linestyle()) == ("#ff7f0e", "-")
    np.testing.assert_allclose(training.get_ydata(), 1 / np.arange(1, 5))
    assert panel.get_ylim()[0] == 0


def test_mean_loss_stops_where_the_first_seed_stops(make_run: Run) -> None:
    longest = max(len(line.get_xdata()) for line in draw(make_run(), TEN[3]).axes[0].get_lines())
    thick = [x for x in draw(make_run(), TEN[3]).axes[0].get_lines() if x.get_linewidth() > 1]
    assert longest == 5
    assert [len(line.get_xdata()) for line in thick] == [4, 4]


def test_bars_have_class_colours_supports_and_intervals(make_run: Run) -> None:
    results = Results.load(make_run())
    panel = draw(results.folder, TEN[7]).axes[0]
    assert [to_hex(bar.get_facecolor()).upper() for bar in panel.patches] == list(COLOURS[:4])
    assert [label.get_text() for label in panel.get_xticklabels()][3:] == ["F\nn = 5", "Q\nn = 0"]
    recall = results.test.per_class["S"].recall
    whiskers = [item for item in panel.containers if isinstance(item, ErrorbarContainer)]
    low, high = whiskers[1].lines[2][0].get_segments()[0][:, 1]
    assert (low, high) == (
        pytest.approx(min(recall.interval[0], recall.mean)),
        pytest.approx(max(recall.interval[1], recall.mean)),
    )


def test_confusion_shares_are_of_the_true_class(make_run: Run) -> None:
    results = Results.load(make_run())
    figure = draw(results.folder, TEN[5])
    shares = np.ma.filled(figure.axes[0].collections[0].get_array().reshape(5, 5), np.nan)
    np.testing.assert_allclose(shares[:4].sum(axis=1), 1)
    assert np.isnan(shares[4]).all()
    assert texts(figure).count("no beats") == 5


def test_maps_are_of_two_beats_a_class(make_run: Run) -> None:
    folder = make_run()
    figure = draw(folder, TEN[9])
    panels = [axes for axes in figure.axes if axes.get_title(loc="left").startswith("predicted")]
    assert len(panels) == 10
    heat = Results.load(folder).explanations["maps"]
    np.testing.assert_array_equal(panels[3].collections[0].get_array().ravel(), heat[4])


def test_precision_is_of_the_first_threshold_that_reaches_the_recall(
    rng: np.random.Generator,
) -> None:
    truth = rng.random(500) < 0.1
    score = np.round(rng.random(500) + 0.4 * truth, 2)  # with ties
    curve, area = pr_curve(truth, score)
    points = []  # of each threshold, the highest first: recall, precision
    for threshold in sorted(set(score), reverse=True):
        called = score >= threshold
        points.append((truth[called].sum() / truth.sum(), truth[called].mean()))
    for at, level in ((0, 0.0), (100, 0.25), (200, 0.5), (400, 1.0)):
        assert curve[at] == pytest.approx(next(p for r, p in points if r >= level - 1e-12))
    gains = np.diff([0.0, *(r for r, _ in points)])
    assert area == pytest.approx(sum(gains * [p for _, p in points]))
    assert pr_curve(truth & False, score)[1] == 0


def test_balancing_that_made_nothing_is_not_drawn(make_run: Run) -> None:
    results = Results.load(make_run())
    assert distribution.balanced(results) is not None
    data = results.data.model_copy(update={"balanced": results.data.counts["train"]})
    same = results.metrics.model_copy(update={"data": data})
    assert distribution.balanced(replace(results, metrics=same)) is None


def test_a_quick_look_is_marked_and_small(make_run: Run, tmp_path: Path) -> None:
    found = Results.load(make_run(simulated=True))
    results = replace(found, metrics=found.metrics.model_copy(update={"quick": True}))
    figure = distribution.raw(results)
    assert figure is not None
    assert "SIMULATED DATA, QUICK LOOK" in [text.get_text() for text in figure.texts]
    (picture,) = write(results, tmp_path, ("Figure_04_Training_Loss_Curve",))
    with Image.open(picture.png) as image:
        assert image.width == round(WIDTH_IN * LOOK_DPI)
    assert picture.address.startswith("data:image/png;base64,")

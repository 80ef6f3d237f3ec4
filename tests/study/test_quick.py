"""`study --quick`: really a look at everything, and nothing of it can be quoted by mistake."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.datasets import BeatDataset
from ectopy.report.figures import FIGURES
from ectopy.report.wording import QUICK
from ectopy.study.config import load, load_as, packaged
from ectopy.study.progress import Reporter
from ectopy.study.run import run_study
from ectopy.study.windows import job
from ectopy.study.windows.settings import WindowStudy

SHARES = {"N": 0.9, "S": 0.05, "V": 0.03, "F": 0.015, "Q": 0.005}


@pytest.fixture
def beats(rng: np.random.Generator) -> BeatDataset:
    """8,000 beats of 187 samples whose one wave tells the class, as unequal as real ones."""
    y = np.repeat(np.arange(5), [round(8000 * share) for share in SHARES.values()])
    place = np.array([30, 60, 90, 120, 150])[y][:, None]
    waves = np.exp(-0.5 * ((np.arange(187)[None] - place) / 4) ** 2)
    order = rng.permutation(len(y))
    return BeatDataset(
        name="made-up",
        X=(waves + 0.1 * rng.normal(size=waves.shape)).astype(np.float32)[order],
        y=y[order].astype(np.int64),
        classes=tuple(SHARES),
        groups=np.array([f"{100 + i % 20}" for i in range(len(y))]),
    )


def test_a_look_keeps_the_shares_of_the_classes_and_some_of_each(beats: BeatDataset) -> None:
    seen = job.look(beats)
    assert seen.counts() == {"N": 450, "S": 40, "V": 40, "F": 40, "Q": 40}  # all 40 Q there are
    assert "610 of 8,000 beats" in seen.provenance
    assert len(set(seen.groups.tolist())) == 20  # every record has a say
    few = np.where(np.arange(len(beats)) < 300, "train", "test")
    split = job.look(BeatDataset("made-up", beats.X, beats.y, beats.classes, part=few))
    assert (split.part == "train").sum() == 300, "a small part of the source's is left whole"
    assert 500 <= (split.part == "test").sum() < 700


@pytest.mark.parametrize("name", packaged())
def test_no_quick_study_stands_beside_another_figure(name: str) -> None:
    config = load(name, quick=True)
    assert config.quick
    assert (config.seeds, config.published) == (1, ())
    if isinstance(config, WindowStudy):
        assert config.also == ()
        assert config.recipe.balance == load_as(WindowStudy, name).recipe.balance
    assert "[[published]]" not in config.to_toml()


def test_everything_a_quick_study_leaves_says_so(
    beats: BeatDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("keras")
    from ectopy.report.figures import registry

    drawn: list[str] = []
    draw = registry.FigureCanvasAgg.draw

    def noted(canvas: Any) -> None:
        written = canvas.figure.findobj(lambda artist: hasattr(artist, "get_text"))
        drawn.append("\n".join(artist.get_text() for artist in written))
        draw(canvas)

    monkeypatch.setattr(registry.FigureCanvasAgg, "draw", noted)
    monkeypatch.setattr(job, "load", lambda name, folder, **options: beats)
    config = load_as(WindowStudy, "mitbih-cnn-smote", quick=True)
    small = config.model.model_copy(update={"options": {"filters": [4, 4, 4], "hidden": 8}})
    run_study(config.model_copy(update={"model": small}), out=tmp_path / "run", reporter=Reporter())
    terminal = " ".join(capsys.readouterr().out.split())
    assert terminal.count("QUICK LOOK") == 2  # when it begins, and beside the results

    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["quick"] is True
    assert metrics["notes"][0] == QUICK
    assert metrics["published"] == metrics["beside"] == []
    counts = metrics["data"]["counts"]
    assert counts["train"]["N"] > 8 * counts["train"]["S"]
    assert set(metrics["data"]["balanced"].values()) == {counts["train"]["N"]}  # SMOTE worked

    card = (tmp_path / "run" / "model_card.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: mitbih-cnn-smote, a quick look\n")
    assert f"**{QUICK}" in card.split("## Model")[0]
    assert "not for quoting" in card
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "(QUICK LOOK)" in page.split("</title>")[0]
    assert f'<p class="quick">{QUICK}</p>' in page
    headline = re.search(r'<section class="headline".*?</section>', page, re.DOTALL)
    assert headline is not None
    assert headline[0].count("quick look<b>") == headline[0].count("<b>") == 3
    for text in (card, page, json.dumps(metrics)):
        assert "0.9867" not in text
        assert "Kaggle split" not in text

    made = {path.stem for path in (tmp_path / "run" / "ecg_outputs").iterdir()}
    assert "Figure_02_SMOTE_Data_Distribution" in made
    assert made <= set(FIGURES)
    assert len(drawn) == len(made) == page.count("<img ")
    for text in drawn:
        assert "QUICK LOOK" in text

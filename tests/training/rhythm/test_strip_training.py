"""From strips to weights that the runtime reads, with figures of strips never seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.features.strips import N_STRIP
from ectopy.errors import DataNotFoundError
from ectopy.runtime.rhythm.strip_model import STRIP_KINDS, TREES, StripModel
from ectopy.training.rhythm.recipe import StripRecipe
from ectopy.training.rhythm.strip_examples import Strip, cinc2017
from ectopy.training.rhythm.strip_fit import ask, choose_decision, fit_strips, folds
from ectopy.training.rhythm.strip_train import put_aside, train_strips

SMALL = StripRecipe(folds=2, models=2, trees=6, leaves=4, fewest=3)


def strips(n: int) -> list[Strip]:
    """Draw strips of one to three windows whose first measures tell their kind."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(n):
        kind = int(rng.choice(4, p=[0.5, 0.2, 0.2, 0.1]))
        # Few values each: where there are more than bins, scikit-learn takes a second a training.
        drawn = np.rint(2 * rng.normal(size=(int(rng.integers(1, 4)), N_STRIP)))
        measures = np.clip(drawn / 2, -3, 3).astype(np.float32)
        measures[:, 1:5] += 2 * np.eye(4)[kind]
        parts = measures[:1].repeat(number % 3, axis=0)
        found.append(Strip(f"A{number:05}", kind, measures, parts))
    return found


def test_what_is_shipped_says_what_was_fitted(tmp_path: Path) -> None:
    drawn, said = strips(160), []
    manifest = train_strips(tmp_path, tmp_path, recipe=SMALL, strips=drawn, say=said.append)
    model = StripModel.load(tmp_path)
    assert model.manifest == manifest
    known = set(manifest["trained_on"]["cinc2017"])
    aside = set(manifest["put_aside"]["cinc2017"])
    assert known | aside == {strip.name for strip in drawn}
    assert not known & aside
    assert manifest["left_out_at_the_end"]["strips"] == len(aside)
    assert manifest["left_out_in_folds"]["strips"] == len(known)
    assert manifest["left_out_at_the_end"]["f1"]["mean"] > 0.5
    # ONNX gives the mean of the models, and of a strip's windows.
    own = [strip for strip in drawn if strip.name in known]
    models = fit_strips(own, SMALL, 0)
    told = ask(models, own[:5])
    for strip, expected in zip(own[:5], told, strict=True):
        mean = model.log_probabilities(strip.measures).mean(axis=0)
        assert np.exp(mean) / np.exp(mean).sum() == pytest.approx(expected, abs=1e-4)
    assert any("put aside" in line for line in said)


def test_strips_that_are_put_aside_are_not_learnt_from(tmp_path: Path) -> None:
    drawn = strips(120)
    aside = put_aside(drawn, SMALL, 0)
    kinds = np.array([strip.kind for strip in drawn])
    own = np.array([strip.name in aside for strip in drawn])
    assert np.abs(np.bincount(kinds[own]) - np.bincount(kinds) / 5).max() <= 1
    assert put_aside(drawn, SMALL, 1) != aside
    other = [replace(s, measures=-s.measures) if s.name in aside else s for s in drawn]
    one = SMALL.model_copy(update={"models": 1, "trees": 3})
    told = [
        train_strips(tmp_path, tmp_path / name, recipe=one, strips=some, say=lambda _: None)
        for name, some in (("a", drawn), ("b", other))
    ]
    assert told[0]["left_out_at_the_end"] != told[1]["left_out_at_the_end"]
    assert told[0]["decision"] == told[1]["decision"]
    assert (tmp_path / "a" / TREES).read_bytes() == (tmp_path / "b" / TREES).read_bytes()


def test_folds_hold_each_kind_evenly() -> None:
    kinds = np.repeat(np.arange(4), [50, 20, 20, 10])
    fold = folds(kinds, 5, 0)
    for own in range(5):
        assert np.bincount(kinds[fold == own], minlength=4).tolist() == [10, 4, 4, 2]


def test_a_rare_kind_is_weighed_up_where_that_pays() -> None:
    rng = np.random.default_rng(0)
    kinds = np.repeat(np.arange(4), [600, 60, 250, 20])
    logits = rng.normal(size=(len(kinds), 4)) + 1.5 * np.eye(4)[kinds]
    logits[:, 1] -= 1.5  # a model that hardly dares to say AF
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    decision = choose_decision(probabilities, kinds)
    assert decision[STRIP_KINDS.index("AF")] > 1.2
    assert decision[0] == decision[3] == 1


def test_a_folder_without_strips_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="REFERENCE"):
        cinc2017(tmp_path)
    (tmp_path / "REFERENCE-v3.csv").write_text("A00001,N\n")
    with pytest.raises(DataNotFoundError, match="holds no strip"):
        cinc2017(tmp_path)

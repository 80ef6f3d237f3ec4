"""A study from its settings to its run folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.datasets import BeatDataset
from ectopy.errors import RunFolderError
from ectopy.study.config import validate
from ectopy.study.run import run_study
from ectopy.study.settings import StudyConfig
from ectopy.study.windows import job

keras = pytest.importorskip("keras")


def study(**changes: Any) -> StudyConfig:
    settings: dict[str, Any] = {
        "name": "small",
        "protocol": "pooled",
        "seeds": 2,
        "data": {"name": "made-up"},
        "model": {"name": "cnn1d", "options": {"filters": [4, 4, 4], "hidden": 8}},
        "recipe": {"epochs": 2, "batch_size": 32, "learning_rate": 0.01},
    }
    return validate(settings | changes, "test")


@pytest.fixture(scope="module")
def made() -> BeatDataset:
    """Three classes that differ in where their one wave is."""
    rng = np.random.default_rng(20261122)
    y = np.repeat([0, 1, 2], [120, 60, 20]).astype(np.int64)
    t = np.arange(40)
    waves = np.exp(-0.5 * ((t[None] - np.array([10, 20, 30])[y][:, None]) / 2) ** 2)
    return BeatDataset(
        name="made-up",
        X=(waves + 0.1 * rng.normal(size=(200, 40))).astype(np.float32),
        y=y,
        classes=("left", "middle", "right"),
        simulated=True,
    )


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, made: BeatDataset) -> BeatDataset:
    """Load these beats whatever name is asked for."""
    monkeypatch.setattr(job, "load", lambda name, folder, **options: made)
    return made


@pytest.fixture(scope="module")
def finished(made: BeatDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a whole study once: two seeds, a protocol beside, maps, export, figures (coarse ones)."""
    from ectopy.report.figures import registry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "load", lambda name, folder, **options: made)
        patch.setattr(registry, "DPI", registry.LOOK_DPI)
        return run_study(
            study(also=["intra-patient"], also_seeds=1, explain=True),
            out=tmp_path_factory.mktemp("finished") / "run",
        )


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out export and report, where a test is about neither."""
    from ectopy.report import outputs
    from ectopy.training import export

    monkeypatch.setattr(export, "to_onnx", lambda *_: 0.0)
    monkeypatch.setattr(outputs, "write_study_outputs", lambda _: [])


def test_writes_the_run_folder(made: BeatDataset, finished: Path) -> None:
    out, data = finished, made
    names = {path.name for path in out.iterdir()}
    assert {
        "config.toml", "manifest.json", "history.csv", "metrics.json", "predictions.parquet",
        "samples.npz", "Final_Clinical_Model.keras", "model.onnx", "report.html", "model_card.md",
        "ecg_outputs", "explanations.npz", "explanation_checks.json",
    } <= names  # fmt: skip
    assert not any(name.startswith(".") for name in names)

    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["study"] == "small"
    assert metrics["protocol"] == "pooled"
    assert metrics["seeds"] == [0, 1]
    assert metrics["data"]["simulated"] is True
    assert sum(metrics["data"]["counts"]["test"].values()) == 40
    assert len(metrics["test"]["accuracy"]["values"]) == 2
    assert [b["protocol"] for b in metrics["beside"]] == ["intra-patient"]
    assert set(metrics["timing"]) == {"import_s", "data_s", "train_s", "evaluate_s", "total_s"}

    rows = list(csv.DictReader((out / "history.csv").read_text().splitlines()))
    assert [(row["seed"], row["epoch"]) for row in rows] == [
        ("0", "1"), ("0", "2"), ("1", "1"), ("1", "2"),
    ]  # fmt: skip

    import pyarrow.parquet

    table = pyarrow.parquet.read_table(out / "predictions.parquet").to_pydict()
    first = np.array(table["seed"]) == 0
    agreed = np.array(table["y_true"])[first] == np.array(table["y_pred"])[first]
    assert agreed.mean() == pytest.approx(metrics["test"]["accuracy"]["values"][0])
    np.testing.assert_array_equal(np.array(table["y_true"]), data.y[table["beat"]])

    with np.load(out / "samples.npz") as samples:
        assert not set(samples["beat"]) & set(np.array(table["beat"])[first])
        np.testing.assert_array_equal(samples["X"], data.X[samples["beat"]])
    assert json.loads((out / "manifest.json").read_text())["finished"]


def test_never_overwrites_a_finished_run(data: BeatDataset, finished: Path) -> None:
    def files() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in finished.iterdir() if p.is_file()}

    before = files()
    same = study(also=["intra-patient"], also_seeds=1, explain=True)
    for again in (same, study(seeds=1)):
        with pytest.raises(RunFolderError, match="never overwritten"):
            run_study(again, out=finished)
    assert before == files()


def test_a_killed_study_ends_as_an_unbroken_one(
    data: BeatDataset,
    finished: Path,
    bare: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ectopy.training import checkpoint

    save, saved = checkpoint.save, []

    def dying(path: Path, state: Any) -> None:
        save(path, state)
        saved.append(path)
        if len(saved) == 3:  # after the first epoch of the second seed
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        run_study(study(), out=tmp_path / "broken")
    assert not (tmp_path / "broken" / "metrics.json").exists()
    with pytest.raises(RunFolderError, match="seeds is 2 there and 3 here"):
        run_study(study(seeds=3), out=tmp_path / "broken")
    resumed = run_study(study(), out=tmp_path / "broken")
    assert len(saved) == 4, "an epoch was trained twice"
    one, two = ((p / "predictions.parquet").read_bytes() for p in (resumed, finished))
    assert one == two
    one, two = (json.loads((p / "metrics.json").read_text()) for p in (resumed, finished))
    assert one["test"] == two["test"]


def test_says_what_is_in_the_way(data: BeatDataset, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "aunt.txt").write_text("Dear aunt")
    with pytest.raises(RunFolderError, match="not a run folder"):
        run_study(study(), out=tmp_path / "letters")
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["aunt.txt"]


def test_refit_validates_with_the_model_that_did_not_see_the_beats(
    data: BeatDataset, finished: Path, bare: None, tmp_path: Path
) -> None:
    recipe = study().model_dump()["recipe"] | {"refit": True}
    twice = run_study(study(seeds=1, recipe=recipe), out=tmp_path / "twice")
    one, two = (json.loads((p / "metrics.json").read_text()) for p in (finished, twice))
    assert one["validation"]["accuracy"]["values"][:1] == two["validation"]["accuracy"]["values"]
    p_one, p_two = (
        keras.models.load_model(p / "Final_Clinical_Model.keras").get_weights()[0]
        for p in (finished, twice)
    )
    assert not np.array_equal(p_one, p_two)


def test_explains_test_beats_and_checks_the_maps(made: BeatDataset, finished: Path) -> None:
    out, data = finished, made
    told = json.loads((out / "explanation_checks.json").read_text())
    assert told["seeds"]["n_models"] == 2
    assert told["n_beats"] == 40  # all test beats there are
    with np.load(out / "explanations.npz") as kept:
        assert kept["y_true"].tolist() == [0, 0, 1, 1, 2, 2]
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(out / "predictions.parquet").to_pydict()
        tested = {data.X[beat].tobytes() for beat in table["beat"]}
        assert all(beat.tobytes() in tested for beat in kept["X"])

"""A study that cannot be run leaves nothing behind that would stop the corrected one."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from ectopy.datasets import BeatDataset
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.study import run
from ectopy.study.config import validate
from ectopy.study.folder import open_folder
from ectopy.study.settings import StudyConfig
from ectopy.study.windows import job


def study(**changes: Any) -> StudyConfig:
    settings: dict[str, Any] = {
        "name": "small",
        "protocol": "pooled",
        "seeds": 1,
        "data": {"name": "simulated-140", "options": {"patients": 2, "duration_s": 30}},
        "model": {"name": "beat-kernels", "options": {"centres": 20}},
        "trainer": "kernels",
    }
    return validate(settings | changes, "test")


@pytest.mark.parametrize("command", [None, "ectopy study mine.toml"])
def test_a_run_tells_the_command_only_where_there_was_one(
    command: str | None, tmp_path: Path
) -> None:
    with contextlib.closing(open_folder(study(), tmp_path / "run", command)) as folder:
        assert folder.manifest().command == command


def _can_be_begun(folder: Path) -> bool:
    with contextlib.closing(open_folder(study(), folder)) as found:
        return not found.resumed


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"trainer": "kernel"}, "there is no trainer 'kernel'"),
        ({"model": {"name": "kernels"}}, "there is no model 'kernels'"),
        ({"model": {"name": "beat-kernels", "options": {"centre": 20}}}, "no option 'centre'"),
    ],
)
def test_unknown_names_are_refused_before_data_is_read_or_a_folder_made(
    changes: dict[str, Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: Any, **__: Any) -> BeatDataset:
        raise AssertionError("it read the data")

    monkeypatch.setattr(job, "load", load)
    with pytest.raises(ConfigError, match=told):
        run.run_study(study(**changes), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert _can_be_begun(tmp_path / "run")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"trainer_options": {"strength": -1}}, "trainer_options: key 'strength'"),
        ({"trainer_options": {"votes": [1.0]}}, "votes are"),
        ({"model": {"name": "cnn1d"}}, "not 'cnn1d'"),
        (
            {
                "trainer": "ensemble",
                "trainer_options": {
                    "members": [
                        {"model": "beat-kernels", "trainer": "kernels"},
                        {"model": "nothing", "trainer": "kernels"},
                    ]
                },
            },
            "there is no model 'nothing'",
        ),
    ],
)
def test_what_only_training_finds_out_leaves_no_folder(
    changes: dict[str, Any], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keras")
    monkeypatch.setattr(run, "start_keras", lambda: None)
    with pytest.raises(ConfigError, match=told):
        run.run_study(study(**changes), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert _can_be_begun(tmp_path / "run")


def test_a_study_is_run_by_name_or_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = 'protocol = "pooled"\nrecipe = {epoch = 3}\n[data]\nname = "simulated-140"\n'
    file.write_text(text + '[model]\nname = "cnn1d"\n')
    for given in (file, str(file)):
        with pytest.raises(ConfigError, match=r"unknown key 'recipe\.epoch'"):
            run.run_study(given, out=tmp_path / "run")
    file.write_text(file.read_text().replace("recipe = {epoch = 3}", 'trainer = "nothing"'))
    with pytest.raises(ConfigError, match="there is no trainer 'nothing'"):
        run.run_study(file, out=tmp_path / "run")
    with pytest.raises(ConfigError, match="there is no study 'nothing'"):
        run.run_study("nothing", out=tmp_path / "run")
    with pytest.raises(DataNotFoundError, match="nowhere does not exist"):
        run.run_study("mitbih-cnn-fast", out=tmp_path / "run", data_dir="nowhere")
    assert not (tmp_path / "run").exists()

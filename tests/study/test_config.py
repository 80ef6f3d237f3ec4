"""Study files: what is wrong is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ectopy.errors import ConfigError
from ectopy.study.config import StudyConfig, load, packaged, validate

GOOD = """
protocol = "official"
[data]
name = "ecg5000"
[model]
name = "cnn-gru-se"
"""


def _load(tmp_path: Path, text: str) -> StudyConfig:
    (tmp_path / "mine.toml").write_text(text)
    return load(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("name", sorted(packaged()))
def test_packaged_studies_are_whole(name: str) -> None:
    config = load(name)
    assert config.name == name
    assert config.title
    assert validate(tomllib.loads(config.to_toml()), name) == config


def test_name_is_the_file_name(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD).name == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "[recipe]\nepocs = 3", r"unknown key 'recipe.epocs'; .* epochs, batch_size"),
        ("sedes = 3\n" + GOOD, r"unknown key 'sedes'; the keys there are name, title, protocol"),
        (GOOD + "[recipe.augmentation]\nwarp = 1.0", r"augmentation.warp'; .* scale, shift"),
        (GOOD + "[[published]]\nlabl = 'x'", r"published.0.label' is missing|published.0.labl"),
        (GOOD + "[recipe]\nepochs = 0", r"'recipe.epochs' is 0: .*greater than or equal to 1"),
        (GOOD.replace("official", "honest"), r"'protocol' is 'honest'.*'official'"),
        (GOOD.replace('name = "ecg5000"', ""), r"'data.name' is missing"),
        (GOOD + "[recipe]\nweight_decay = 0.1", r"weight_decay = 0.1 has no effect"),
        ('also = ["official"]\n' + GOOD, r"also names 'official', which is the protocol itself"),
        (GOOD + "[also_recipe]\ncopy = 1", r"unknown key 'also_recipe.copy'; .* copies"),
        ("protocol = official", r"is not TOML"),
    ],
)
def test_errors_name_the_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        _load(tmp_path, text)


def test_unknown_study_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="ecg5000-cnn-gru-paper"):
        load("ecg500-cnn")
    with pytest.raises(ConfigError, match=r"no study file nowhere\.toml"):
        load("nowhere.toml")


def test_protocols_beside_have_their_own_recipe(tmp_path: Path) -> None:
    config = _load(
        tmp_path, 'also = ["pooled"]\n' + GOOD + "[recipe]\ncopies = 4\n[also_recipe]\ncopies = 1"
    )
    assert config.recipe_of("official").copies == 4
    assert config.recipe_of("pooled").copies == 1
    assert load("ecg5000-cnn-gru", protocol="pooled").also == ()

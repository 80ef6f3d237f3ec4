"""Study files: what is wrong is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ectopy.errors import ConfigError
from ectopy.study.config import load, load_as, packaged, validate
from ectopy.study.settings import StudyConfig
from ectopy.study.windows.settings import WindowStudy

GOOD = """
protocol = "official"
[data]
name = "ecg5000"
[model]
name = "cnn-gru-se"
"""

RECORDS = """
kind = "records"
protocol = "inter-patient"
seeds = 2
train = ["ds1"]
test = ["svdb"]
weights = "mine"
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
        (
            "sedes = 3\n" + GOOD,
            r"unknown key 'sedes'; the keys there are kind, name, title, protocol",
        ),
        (GOOD + "[recipe.augmentation]\nwarp = 1.0", r"augmentation.warp'; .* scale, shift"),
        (GOOD + "[[published]]\nlabl = 'x'", r"published.0.label' is missing|published.0.labl"),
        (GOOD + "[recipe]\nepochs = 0", r"'recipe.epochs' is 0: .*greater than or equal to 1"),
        (GOOD.replace("official", "honest"), r"'protocol' is 'honest': expected one of official, "),
        (GOOD.replace('name = "ecg5000"', ""), r"'data.name' is missing"),
        (GOOD + "[recipe]\nweight_decay = 0.1", r"weight_decay = 0.1 has no effect"),
        ('also = ["official"]\n' + GOOD, r"also names 'official', which is the protocol itself"),
        (GOOD + "[also_recipe]\ncopy = 1", r"unknown key 'also_recipe.copy'; .* copies"),
        ("protocol = official", r"is not TOML"),
        ('kind = "people"\n' + GOOD, r"key 'kind' is 'people', expected windows or records"),
        (RECORDS + "[recipe]\nhiden = 3", r"unknown key 'recipe.hiden'; .* members, hidden"),
        (RECORDS + "[[recipe.copies]]\nflop = 1", r"'recipe.copies.0.flop'; .* rhythm, one_lead"),
        (RECORDS + "[recipe]\nhidden = 0", r"'recipe.hidden' is 0: .*greater than or equal to 1"),
        (RECORDS.replace('"svdb"', '"ds3"'), r"'test.0' is 'ds3': expected one of ds1, ds2"),
        (RECORDS.replace('"svdb"', '"mitdb"'), r"'ds1' and 'mitdb' share 22 records"),
        (RECORDS.replace('["ds1"]', "[]") + "", r"seeds is more than 1, and nothing is trained"),
        (
            RECORDS.replace("inter-patient", "record-wise"),
            r"test = \['svdb'\] it is 'inter-patient'",
        ),
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
    (tmp_path / "mine.toml").write_text(
        'also = ["pooled"]\n' + GOOD + "[recipe]\ncopies = 4\n[also_recipe]\ncopies = 1"
    )
    config = load_as(WindowStudy, str(tmp_path / "mine.toml"))
    assert config.recipe_of("official").copies == 4
    assert config.recipe_of("pooled").copies == 1
    assert load_as(WindowStudy, "ecg5000-cnn-gru", protocol="pooled").also == ()


def test_a_study_of_records_takes_no_other_data_set_and_is_not_one_of_windows() -> None:
    with pytest.raises(ConfigError, match="names its own records"):
        load("mitbih-interpatient", data_set="simulated-187")
    with pytest.raises(ConfigError, match="one of records, expected one of windows"):
        load_as(WindowStudy, "mitbih-interpatient")

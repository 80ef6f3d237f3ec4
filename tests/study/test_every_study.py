"""What every packaged study and every kind must do: a new TOML file gets these for free."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ectopy.datasets.protocols import PROTOCOLS
from ectopy.datasets.registry import DATASETS
from ectopy.errors import ConfigError
from ectopy.models import registry
from ectopy.study.config import KINDS, load, packaged, validate
from ectopy.study.records.settings import RecordStudy
from ectopy.study.windows.settings import WindowStudy

STUDIES = sorted(packaged())
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", STUDIES)
def test_it_is_whole_and_comes_back_from_its_own_toml(name: str) -> None:
    config = load(name)
    assert config.name == name
    assert config.title
    assert not config.quick
    assert KINDS[config.kind] is type(config)
    assert validate(tomllib.loads(config.to_toml()), name) == config
    for caveat in config.caveats:
        assert caveat.endswith(".")


@pytest.mark.parametrize("name", STUDIES)
def test_what_it_names_is_in_the_registries(name: str) -> None:
    config = load(name)
    assert config.protocol in PROTOCOLS
    if isinstance(config, WindowStudy):
        from ectopy.training.trainers import TRAINERS

        assert set(config.data.options) <= set(DATASETS[config.data.name].options)
        assert config.trainer in TRAINERS
        assert set(config.also) <= set(PROTOCOLS)
        for protocol in (config.protocol, *config.also):
            assert config.recipe_of(protocol)
        if config.model.name in registry.MODELS:  # an ensemble's members name their own
            assert set(config.model.options) <= set(registry.options(config.model.name))
        else:
            assert config.trainer == "ensemble"
    else:
        assert isinstance(config, RecordStudy)
        assert config.train or config.test


@pytest.mark.parametrize("name", STUDIES)
def test_its_quick_look_cannot_be_quoted(name: str) -> None:
    quick = load(name, quick=True)
    assert quick.quick
    assert (quick.seeds, quick.published) == (1, ())
    assert quick.quickened() == quick
    assert type(quick) is type(load(name))


@pytest.mark.parametrize("name", STUDIES)
def test_the_documents_say_what_it_does(name: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))]
    assert any(re.search(rf"\b{re.escape(name)}(?![\w-])", page) for page in pages)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_is_told_by_its_key_and_names_its_keys(kind: str) -> None:
    known = KINDS[kind]
    assert known.model_fields["kind"].default == kind
    for key, field in known.model_fields.items():
        if key not in ("data", "model", "recipe", "kind"):  # tables, which describe themselves
            assert field.description, key
    valid = next(found for found in map(load, STUDIES) if found.kind == kind)
    with pytest.raises(ConfigError, match="unknown key 'colour'; the keys there are kind, name"):
        validate({**valid.model_dump(mode="json"), "colour": 1}, "x")


def test_a_kind_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=f"'clips', expected {' or '.join(KINDS)}"):
        validate({"kind": "clips"}, "x")

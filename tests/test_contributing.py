"""What CONTRIBUTING shows works: each example is run against the code that it is for."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import ectopy

SOURCE = Path(ectopy.__file__).parent
ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", TEXT, re.DOTALL))
"""The examples, by the file that each belongs to."""


def added(path: str) -> tuple[ModuleType, dict[str, Any]]:
    """Run an example as if it stood at the end of its file."""
    module = importlib.import_module("ectopy." + path.removesuffix(".py").replace("/", "."))
    names = dict(vars(module))
    exec(compile(BLOCKS[path], path, "exec"), names)
    return module, names


def test_every_block_names_its_file_and_is_run_here() -> None:
    assert len(re.findall(r"```(?:python|toml)\n", TEXT)) == len(BLOCKS)
    run = Path(__file__).read_text(encoding="utf-8")
    for path in BLOCKS:
        assert f'"{path}"' in run, path
        assert (SOURCE / path).parent.is_dir()


def test_every_registry_s_tests_are_there() -> None:
    promised = re.findall(r"^\|.*\| `(tests/[\w/]+\.py)` \|$", TEXT, re.MULTILINE)
    assert len(promised) >= 9
    for path in promised:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(r"param(etrize|s=)", text), path


def test_a_database_is_a_constant() -> None:
    from ectopy.datasets.wfdb.beats import sources

    _, names = added("datasets/wfdb/databases.py")
    made = [name for known in names["WFDB_DATABASES"] for name in sources(known)]
    assert {"incart", "incart-p", "mitbih"} <= set(made)
    assert len(made) == len(set(made))
    assert len(names["INCARTDB"].records) == 75


def test_a_protocol_keeps_what_every_protocol_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    from ectopy.datasets.splits import INTRA

    module, names = added("datasets/protocols.py")
    later = names["LATER"]
    monkeypatch.setitem(module.PROTOCOLS, later.name, later)
    shown = importlib.import_module("tests.datasets.test_every_protocol")
    for check, test in vars(shown).items():
        if check.startswith("test_") and "name" in test.__code__.co_varnames[:1]:
            test(later.name)
    (split,) = shown.drawn(later.name)
    assert split.protocol == INTRA
    records = shown.DATA.groups
    for record in np.unique(records):
        own = np.flatnonzero(records == record)
        tested = np.isin(own, split.test)
        assert (np.diff(tested.astype(int)) >= 0).all()  # first those trained on, then the others
        assert 0.25 < tested.mean() < 0.35


def test_a_study_of_records_is_one_file() -> None:
    from ectopy.study.config import validate

    code = BLOCKS["study/studies/svdb-to-ds1.toml"]
    config = validate({"name": "svdb-to-ds1", **tomllib.loads(code)}, "CONTRIBUTING.md")
    assert config.kind == "records"
    assert config.seeds == 3
    assert config.trains


def test_a_network_of_several_inputs_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("keras")
    from ectopy.models import registry
    from ectopy.training.fit import predict
    from ectopy.training.recipe import Recipe
    from ectopy.training.task import Task
    from ectopy.training.trainers import trainer

    names: dict[str, Any] = {}
    exec(compile(BLOCKS["models/beat_and_rr.py"], "beat_and_rr.py", "exec"), names)
    monkeypatch.setitem(registry.MODELS, "beat-and-rr", names["build"])
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    X = rng.normal(size=(60, 50, 2)).astype(np.float32)
    rr = np.column_stack([y, rng.normal(size=60)]).astype(np.float32)  # only RR tells the class
    recipe = Recipe(epochs=30, batch_size=20, learning_rate=0.05, settle_norm=True)
    task = Task(X, y, 3, "beat-and-rr", recipe, seed=0, features={"rr": rr})
    p = predict(trainer("gradient")(task).model, X, {"rr": rr})
    assert (p.argmax(axis=1) == y).mean() > 0.9
    assert '"beat-and-rr": {"rr": 2}' in TEXT

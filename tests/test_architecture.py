"""The plan of the house shows every room there is, and its picture is drawn from the imports."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import ectopy

pytest.importorskip("grimp")

SOURCE = Path(ectopy.__file__).parent
ROOT = Path(__file__).parents[1]
PLAN = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = sorted(
    str(path.parent.relative_to(SOURCE))
    for path in SOURCE.rglob("__init__.py")
    if path.parent != SOURCE
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "docs" / "images" / "architecture.py"
    spec = importlib.util.spec_from_file_location("architecture", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["architecture"] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def drawn(script: ModuleType) -> str:
    return str(script.draw())


def test_the_picture_is_the_one_that_the_imports_give(script: ModuleType, drawn: str) -> None:
    kept = script.TARGET.read_text(encoding="utf-8")
    assert kept == drawn, "the rooms have changed: run python docs/images/architecture.py"
    assert "(images/architecture.svg)" in PLAN


def test_every_room_is_in_the_picture(drawn: str) -> None:
    words = " ".join(ElementTree.fromstring(drawn).itertext())
    names = {word.strip("/") for word in words.split()}
    assert {part for room in ROOMS for part in room.split("/")} <= names
    for module in SOURCE.glob("*.py"):
        if not module.stem.startswith("__"):
            assert module.stem in names


def test_every_arrow_leads_down(script: ModuleType) -> None:
    import grimp

    level = {name: i for i, row in enumerate(script.layers()) for name in row}
    edges = script.imports(grimp.build_graph("ectopy", cache_dir=None), script.rooms())
    assert len(edges) > 20
    assert all(level[one] < level[other] for one, other in edges)
    shown = script.reduced(edges)
    assert 10 < len(shown) < 32
    # What is left out can still be reached.
    for start, end in edges:
        seen, todo = set(), [start]
        while todo:
            room = todo.pop()
            seen.add(room)
            todo += [b for a, b in shown if a == room and b not in seen]
        assert end in seen, (start, end)


def test_every_room_has_its_row_and_each_file_to_begin_with_is_there() -> None:
    rows = dict(re.findall(r"^\| `([\w/]+)/` \|.*\| (.*?) \|$", PLAN, re.MULTILINE))
    assert sorted(rows) == ROOMS
    for room, files in rows.items():
        named = re.findall(r"`(\w+\.py)`", files)
        assert named, room
        for file in named:
            assert (SOURCE / room / file).is_file(), f"{room}/{file}"

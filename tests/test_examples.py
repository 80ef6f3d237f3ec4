"""The examples of the documents and of every public docstring run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import runpy
import shutil
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ectopy
from ectopy.errors import MissingExtraError

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<why>.+?) -->\n)?^```python\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<output>.*?)^```)?",
    re.MULTILINE | re.DOTALL,
)
"""A block of Python, with the reason not to run it or what it prints, where these stand by it."""
MOST_NOT_RUN = 7
KERAS = (
    "keras", "sklearn", "HeartbeatClassifier", "run_study", "ectopy.explain", "ectopy.models",
    "ectopy.training", "ectopy.report", "ectopy.study",
)  # fmt: skip
"""Words of a page or a docstring that needs the extra ``train``."""


@pytest.fixture
def folder(tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that has the files which the examples name."""
    for path in made.rglob("*"):
        if path.is_file():
            place = tmp_path / path.relative_to(made)
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECTOPY_OFFLINE", "1")
    monkeypatch.delenv("ECTOPY_DATA", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a recording of two minutes (SIMULATED), in three formats, and run folders."""
    import edfio
    import wfdb

    folder = tmp_path_factory.mktemp("examples")
    recording, reference = ectopy.simulate(120, rng=np.random.default_rng(3))
    signal = np.float64(recording.read())
    edfio.Edf(
        [
            edfio.EdfSignal(
                lead, recording.fs_hz, label=f"ECG {name}", physical_dimension="mV",
                physical_range=(-10, 10),
            )
            for name, lead in zip(recording.leads, signal, strict=True)
        ],
        recording=edfio.Recording(startdate=datetime(2024, 5, 6).date()),
        starttime=datetime(2024, 5, 6, 22, 0).time(),
    ).write(folder / "holter.edf")  # fmt: skip
    np.savetxt(
        folder / "trace.csv", 1000 * signal.T, fmt="%.0f", delimiter=",",
        header=",".join(recording.leads), comments="",
    )  # fmt: skip
    runs = runpy.run_path(str(Path(__file__).parent / "report" / "conftest.py"))
    runs["write_run"](folder / "run", seeds=1)
    (folder / "bare").mkdir()
    shutil.copy(folder / "run" / "metrics.json", folder / "bare")
    records = folder / "records"
    records.mkdir()
    for name in ("a", "b"):
        wfdb.wrsamp(
            name, fs=recording.fs_hz, units=["mV"] * 2, sig_name=[*recording.leads],
            p_signal=signal.T, fmt=["16"] * 2, write_dir=str(records),
        )  # fmt: skip
        wfdb.wrann(
            name, "atr", reference.samples, symbol=reference.symbols.tolist(),
            fs=recording.fs_hz, write_dir=str(records),
        )  # fmt: skip
    return folder


def blocks(page: Path) -> list[re.Match[str]]:
    """Find the blocks of Python of a page."""
    text = page.read_text(encoding="utf-8")
    found = [*BLOCK.finditer(text)]
    assert len(found) == text.count("```python"), f"{page.name} has a block that is not seen"
    return found


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem
)
def test_the_examples_of_a_page_run_in_order(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if any(word in block["code"] for block in blocks(page) for word in KERAS):
        pytest.importorskip("keras")
    from ectopy.models import registry

    monkeypatch.setattr(registry, "MODELS", dict(registry.MODELS))
    names: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(page):
        if block["why"] is None:  # the line numbers of a traceback are the page's
            line = block.string.count("\n", 0, block.start("code"))
            exec(compile("\n" * line + block["code"], str(page), "exec"), names)
            printed = capsys.readouterr().out
            assert block["output"] is None or printed == block["output"]


def test_few_blocks_are_not_run() -> None:
    told = [block for page in PAGES for block in blocks(page)]
    assert len(told) > 8
    assert sum(block["why"] is not None for block in told) <= MOST_NOT_RUN


ROOMS = [
    "ectopy",
    *(info.name for info in pkgutil.walk_packages(ectopy.__path__, "ectopy.") if info.ispkg),
]


def public(room: str) -> dict[str, Any]:
    """Give the functions and classes that a room offers and that are defined in it."""
    module = importlib.import_module(room)
    found: dict[str, Any] = {}
    for name in module.__all__:
        try:
            value = getattr(module, name)
        except MissingExtraError:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            found[f"{value.__module__}.{value.__qualname__}"] = value
    return found


def examples(room: str) -> Iterator[doctest.DocTest]:
    """Give the examples of a room: its own, and those of its names and their methods."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = {"np": np, "ectopy": ectopy}
    module = importlib.import_module(room)
    if module.__doc__ and ">>>" in module.__doc__:
        yield doctest.DocTestParser().get_doctest(module.__doc__, names, room, room, 0)
    every = public(room)
    if room == "ectopy":  # most of what the front door has is some room's
        every = {x: every[x] for x in every.keys() - {x for r in ROOMS[1:] for x in public(r)}}
    for name, value in every.items():
        yield from (test for test in finder.find(value, name, globs=names) if test.examples)


def test_everything_public_has_an_example() -> None:
    every = {name: value for room in ROOMS for name, value in public(room).items()}
    assert len(every) > 50
    without = [name for name, value in every.items() if ">>>" not in (inspect.getdoc(value) or "")]
    assert not without, f"{len(without)} have none: {', '.join(without)}"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("room", ROOMS)
def test_the_examples_of_docstrings_run(room: str) -> None:
    told: list[str] = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for test in examples(room):
        if find_spec("keras") is None and any(word in str(test.docstring) for word in KERAS):
            continue
        doctest.DocTestRunner(verbose=False, optionflags=options).run(test, out=told.append)
    assert not told, "".join(told)

"""The page about models says nothing that does not run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras")

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_its_examples_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ectopy.models import registry

    monkeypatch.setattr(registry, "MODELS", dict(registry.MODELS))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert "['F' 'N' 'Q' 'S' 'V']" in capsys.readouterr().out
    assert names["scores"].shape == (2,)
    assert names["p"].shape == (len(names["marks"].samples), 5)


def test_the_examples_of_the_estimator_run() -> None:
    from ectopy.training import estimator

    failed, tried = doctest.testmod(estimator)
    assert tried > 3
    assert not failed

"""``ectopy serve`` refuses what it cannot serve, in one sentence, before anything is made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ectopy.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["ectopy", "serve", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_folder_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = tmp_path / "none"
    assert run(monkeypatch, str(missing), "--store", str(tmp_path / "store")) == 2
    assert (
        capsys.readouterr().err == f"ectopy: {missing} is no folder, expected one with recordings\n"
    )
    assert not (tmp_path / "store").exists()


def test_any_other_address_needs_readers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "--host", "0.0.0.0", "--store", str(tmp_path / "store")) == 2
    said = capsys.readouterr().err
    assert "can be reached by others" in said
    assert "(--reader)" in said


def test_without_its_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run(monkeypatch) == 2
    assert 'pip install "ectopy[app]"' in capsys.readouterr().err

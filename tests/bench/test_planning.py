"""Each step of the measurement of planning does what its line says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from ectopy.bench import planning
from ectopy.cli import app
from ectopy.errors import EctopyError


def test_every_command_works_and_finds_what_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def inside(what: str, words: Sequence[object]) -> planning.Took:
        ended = CliRunner().invoke(app, list(map(str, words)))
        assert ended.exit_code == 0, ended.exception
        told.append(ended.stdout.splitlines()[0])
        return planning.Took(what, 1, 1, 1)

    monkeypatch.setattr(planning, "took", inside)
    assert len(list(planning.time_planning(40, 10))) == 6
    for line, said in zip(
        told,
        (
            "planned 40 recordings",
            "planned 40 recordings",
            "0 of 40 recordings done",
            "40 of 40 recordings done",
            "planned 8 recordings",
            "is planned so already: 8 recordings",
        ),
        strict=True,
    ):
        assert said in line


def test_a_command_is_timed_and_its_failure_told() -> None:
    took = planning.took("nothing", ["--version"])
    assert took.wall_s > 0
    assert took.peak_mib > 5  # no more can be said: at first it has what this process has
    with pytest.raises(EctopyError, match=r"ended with: .*no plan"):
        planning.took("fails", ["archive", "status", "nowhere"])

"""``ectopy archive plan`` and ``status``: what they print, and that nothing is written in vain."""

from __future__ import annotations

import json
from pathlib import Path

import archive_made
import pytest
from typer.testing import CliRunner, Result

from ectopy.cli import app
from ectopy.errors import ConfigError


def ectopy(*words: object, given: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=given)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for name, path in zip("ab", archive_made.recordings(folder, 2), strict=True):
        path.rename(folder / f"{name}.npy")
    (folder / "notes.txt").write_text("Dear aunt\n")
    return folder


def test_plan_says_what_it_planned_and_status_how_far_it_is(data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    dry = ectopy("archive", "plan", data, "--out", store, "--fs", 250, "--dry-run")
    assert dry.stdout == (
        "would plan 2 recordings (48,256 bytes) in 2 shards; nothing was written\n"
    )
    assert not store.exists()
    made = ectopy(
        "archive", "plan", data, "--out", store, "--fs", 250, "--set", "pause_s=3", "--anonymous",
        "--annotations",
    )  # fmt: skip
    assert made.stdout == f"planned 2 recordings (48,256 bytes) in 2 shards -> {store}\n"
    assert made.stderr == f"ectopy: skipped 1 file that holds no recording: {data}/notes.txt\n"
    plan = json.loads((store / "plan" / "plan.json").read_text())
    assert (plan["settings"]["pause_s"], plan["settings"]["anonymous"]) == (3.0, True)
    assert (plan["fs_hz"], plan["annotations"]) == (250.0, True)
    again = ectopy(
        "archive", "plan", data, "--out", store, "--fs", 250, "--set", "pause_s=3", "--anonymous",
        "--annotations", "--json",
    )  # fmt: skip
    assert json.loads(again.stdout) == plan
    told = ectopy("archive", "status", store)
    assert told.stdout.splitlines() == [
        f"{store}: 0 of 2 recordings done (0.0 %), 0 of 2 shards",
        "labelled 0: 0.0 h recorded, 0 beats",
        "failed 0",
    ]


def test_a_list_with_a_typo_is_planned_run_and_told(data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    lines = f"{data}/a.npy\n{data}/typo.npy\n{data}/a.npy\n"
    made = ectopy("archive", "plan", "-", "--out", store, "--fs", 250, given=lines)
    assert made.stdout.startswith("planned 2 recordings")
    assert made.stderr.splitlines() == [
        f"ectopy: 1 file is not there (or not a file), planned all the same, to be told as "
        f"failed: {data}/typo.npy",
        f"ectopy: 1 recording named more than once, planned once: {data}/a.npy",
    ]
    ectopy("archive", "run", store, "--workers", 1)
    told = ectopy("archive", "status", store)
    assert "2 of 2 recordings done (100.0 %)" in told.stdout
    (failed,) = (line for line in told.stdout.splitlines() if line.startswith("  1: "))
    assert failed.startswith("  1: … is not there, though it is in the plan")
    assert failed.endswith(f"(as {data}/typo.npy)")
    assert "complete; ectopy archive finalize" in told.stdout
    assert "snapshot 1 of" in ectopy("archive", "finalize", store).stdout
    assert "complete; snapshot 1 holds all of it" in ectopy("archive", "status", store).stdout
    found = json.loads(ectopy("archive", "status", store, "--json").stdout)
    assert (found["labelled"], found["failures"], found["shards_done"]) == (1, 1, 2)
    assert (found["left"], found["complete"]) == (0, True)
    assert found["recordings_per_s"] > 0


def test_what_is_missing_on_the_line_is_told(data: Path, tmp_path: Path) -> None:
    without = ectopy("archive", "plan", data)
    assert isinstance(without.exception, ConfigError)
    assert str(without.exception).startswith("no place for the archive was given; name one")
    typo = ectopy("archive", "plan", data, "--out", tmp_path / "s", "--set", "paus_s=3")
    assert "the nearest is pause_s" in str(typo.exception)

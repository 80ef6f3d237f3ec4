from __future__ import annotations

import sys
from pathlib import Path

import archive_made
import pytest

from ectopy.archive.run_record import Progress
from ectopy.cli import main
from ectopy.cli.archive.progress import lasting, shown, words


def typed(monkeypatch: pytest.MonkeyPatch, *given: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["ectopy", "archive", *map(str, given)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return archive_made.recordings(tmp_path / "recordings", 3)


def test_all_in_one_and_again(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    store = tmp_path / "store"
    words = (paths[0].parent, "--out", store, "--fs", "250")
    assert typed(monkeypatch, *words, "--dry-run") == 0
    assert "would plan 3 recordings" in capsys.readouterr().out
    assert not store.exists()
    assert typed(monkeypatch, *words, "--workers", "1") == 0
    said = capsys.readouterr()
    planned, labelled, snapshot, page = said.out.splitlines()
    assert planned.startswith("planned 3 recordings")
    assert labelled.startswith("labelled 3 recordings (0.0 h, ")
    assert snapshot.startswith(f"snapshot 1 of {store}: 3 recordings; ")
    assert Path(page.removeprefix("the page over it is ")).is_file()
    assert "Traceback" not in said.err
    assert typed(monkeypatch, "all", *words) == 0
    again = capsys.readouterr().out
    assert "is planned so already" in again
    assert "nothing was missing: all 3 recordings are done" in again
    assert "snapshot 1 of" in again


def test_recordings_that_failed_end_with_2_and_a_sentence_and_all_others_are_there(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    paths[1].write_bytes(b"no recording")
    store = tmp_path / "store"
    archive_made.archive(store, paths)
    assert typed(monkeypatch, "run", store, "--workers", "1") == 2
    said = capsys.readouterr()
    assert said.out.startswith("labelled 2 recordings (0.0 h, ")
    assert said.out.endswith(" s, 1 could not be\n")
    assert said.err == (
        "ectopy: 1 of 3 recordings could not be labelled, all others are done; ectopy archive "
        "status tells why\n"
    )
    assert typed(monkeypatch, "run", store) == 0  # what is done is done


def test_parts_of_a_job_array_do_it_all_and_a_dry_run_nothing(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    store = tmp_path / "store"
    archive = archive_made.archive(store, paths, 1)
    assert typed(monkeypatch, "run", store, "--shard", "1/2", "--dry-run") == 0
    told = capsys.readouterr().out
    assert told.startswith("2 of 2 recordings are missing, in 2 shards of 0.0 MB; the first is")
    assert str(paths[0]) in told
    assert not archive.committed()
    assert typed(monkeypatch, "run", store, "--shard", "1/2", "--workers", "1") == 0
    assert len(archive.committed()) == 2
    assert typed(monkeypatch, "run", store, "--shard", "2/2", "--workers", "1") == 0
    assert len(archive.committed()) == 3
    capsys.readouterr()
    assert typed(monkeypatch, "run", store, "--dry-run") == 0
    assert capsys.readouterr().out == "nothing is missing: all 3 recordings are done\n"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("run", "nowhere"), "nowhere holds no plan"),
        (("run", "{store}", "--shard", "9"), "'9' is no part of an archive, expected one as 3/8"),
        (("run", "{store}", "--shard", "3/2"), "there is no part 3 of 2"),
        (("run", "{store}", "--priority", "nobody"), "nobody fits none of the 3 recordings"),
        (
            ("run", "{store}", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"),
            "the workers are those of the scheduler",
        ),
        (("stauts", "{store}"), "stauts is no verb of ectopy archive, the nearest is status"),
        (("{store}",), "no place for the archive was given; name one, as in ectopy archive"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    given: tuple[str, ...], says: str, paths: list[Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    store = tmp_path / "store"
    archive_made.archive(store, paths)
    assert typed(monkeypatch, *(word.format(store=store) for word in given)) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert not (store / "commits").exists()


def test_help_tells_the_way_without_a_verb(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, "--help") == 0
    said = capsys.readouterr().out
    usage = " ".join(said.split())  # which is as wide as a terminal
    assert "archive [OPTIONS] SOURCE... --out STORE | VERB ..." in usage
    assert all(f"│ {verb} " in said for verb in ("all", "plan", "run", "status", "finalize"))
    assert typed(monkeypatch, "somewhere", "--help") == 0
    assert "archive all [OPTIONS]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(4, "4 s"), (89, "89 s"), (90, "2 min"), (5400, "1 h 30 min"), (200_000, "2 d 8 h")],
)
def test_how_long_it_takes(seconds: float, told: str) -> None:
    assert lasting(seconds) == told


def test_a_log_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 40.0, 40.0, 41.0])
    monkeypatch.setattr("ectopy.cli.archive.progress.time.monotonic", lambda: next(clock))
    now = Progress(1200, 5000, 3, 0.5, 7200.0)
    with shown() as told:
        for _ in range(3):
            told(now)
    line = "1,200 of 5,000 recordings, 3 failed, 1,800 h recorded an hour, 2 h 0 min left"
    assert capsys.readouterr().err == f"ectopy: {line}\n"
    assert words(Progress(0, 1, 0, 0.0, None)) == "0 h recorded an hour"

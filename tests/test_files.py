"""Writing whole or not at all, and what a killed process leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ectopy.files import aside, atomic_path, atomic_write

_HOLD = """
import signal, sys
from ectopy.files import aside, atomic_path
with aside(sys.argv[1]) as folder, atomic_path(sys.argv[1] + "/table.csv") as path:
    (folder / "page.html").write_text("half")
    path.write_text("half")
    print(folder.name, path.name, flush=True)
    signal.pause()
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], set[str]]:
    """Start a process that writes into a folder and does not come to an end."""
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    return child, set(child.stdout.readline().split())


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_a_killed_process_left_goes_and_a_live_one_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / ".ectopy-notes").write_text("not ours: no eight random characters")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("")
    (tmp_path / ".ectopy-abcdefgh").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / ".ectopy-hgfedcba")  # opening it must not hang
    mine = names(tmp_path)
    dead, left = start(tmp_path)
    kill(dead)
    assert len(left) == 2
    assert names(tmp_path) == mine | left
    live, held = start(tmp_path)
    try:
        # The second process swept what the first left, and this one leaves what the second holds.
        assert names(tmp_path) == mine | held
        atomic_write(tmp_path / "table.csv", "whole")
        assert names(tmp_path) == mine | held | {"table.csv"}
    finally:
        kill(live)
    assert (tmp_path / "table.csv").read_text() == "whole"
    assert (tmp_path / "elsewhere" / "kept").exists()


def test_a_block_that_raises_leaves_all_as_it_was(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.txt", "old")

    def fail() -> None:
        with aside(tmp_path) as folder, atomic_path(tmp_path / "a.txt") as path:
            path.write_text("half")
            (folder / "b.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == {"a.txt"}
    assert (tmp_path / "a.txt").read_text() == "old"


def test_many_written_at_once_do_not_sweep_each_other(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom ectopy.files import _sweep, atomic_write\n"
        "for i in range(300):\n"
        "    _sweep.cache_clear()\n"
        "    atomic_write(f'{sys.argv[1]}/{sys.argv[2]}-{i % 5}.txt', 'whole')\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(3)
    ]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert names(tmp_path) == {f"{n}-{i}.txt" for n in range(3) for i in range(5)}

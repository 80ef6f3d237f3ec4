"""How the command line ends, whatever happens: one sentence and an exit code, or quietly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ectopy.cli import main

_RUN = """
import sys
from ectopy.cli import data, main
from ectopy.datasets import registry
{before}
sys.argv = ["ectopy", *{words}]
main()
"""


def type_(before: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _RUN.format(before=before, words=list(words))],
        capture_output=True,
        text=True,
        check=False,
    )


BROKEN = "registry.database = lambda name: {error}"


def test_an_unexpected_error_is_one_sentence_and_a_traceback_only_when_asked() -> None:
    broken = BROKEN.format(error="[][1]")
    told = type_(broken, "data", "verify", "mitdb")
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr == (
        "ectopy: ectopy data met a defect of ectopy (IndexError); add --debug to see the "
        "traceback, and please report it\n"
    )
    told = type_(broken, "data", "verify", "mitdb", "--debug")
    assert told.returncode == 1
    assert "Traceback" in told.stderr
    assert "IndexError: list index out of range" in told.stderr


def test_what_the_system_refuses_is_told_as_such() -> None:
    told = type_(BROKEN.format(error="open('/nowhere/at-all')"), "data", "verify", "mitdb")
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "No such file or directory (/nowhere/at-all)" in told.stderr


def test_what_the_user_can_mend_has_exit_code_2_with_and_without_debug() -> None:
    for more in ((), ("--debug",)):
        told = type_("", "data", "verify", "nothing", *more)
        assert told.returncode == 2
        assert told.stderr.splitlines()[-1].startswith("ectopy: data set 'nothing' is unknown")
        assert ("Traceback" in told.stderr) == bool(more)


def test_every_data_set_is_named_once() -> None:
    told = type_("", "data", "verify", "nothing").stderr.strip()
    names = told.partition("there are ")[2].split(", ")
    assert len(names) > 5
    assert len(names) == len(set(names))


@pytest.mark.skipif(sys.platform == "win32", reason="other signals")
def test_ctrl_c_and_a_closed_pipe_end_quietly() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _RUN.format(
            # Where these tests run in the background, the shell had them ignore Ctrl-C.
            before="import signal, time\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "registry.database = lambda name: (print('here', flush=True), time.sleep(60))",
            words=["data", "verify", "mitdb"],
        )],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate()
    assert (child.returncode, errors) == (130, "")

    reading, writing = os.pipe()
    os.close(reading)
    for words in ('["study", "--list"]', '["data", "list"]', '["--help"]'):
        told = subprocess.run(
            [sys.executable, "-c", _RUN.format(before="", words=words)],
            stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert (told.returncode, told.stderr) == (1, ""), words
    os.close(writing)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("analyze", "one.csv", "--fs", "250", "--out", ""), "the value after --out is empty"),
        (("analyze", "one.csv", "--fs", "250", "--out="), "the value after --out is empty"),
        (("analyze", "", "--out", "results"), "word 2 of the command is empty"),
        (("evaluate", ".", "--records", " "), "the value after --records is empty"),
        (("explain", "", "one.csv", "--out", "results"), "word 2 of the command is empty"),
    ],
)
def test_an_empty_word_is_not_the_folder_one_stands_in(
    words: tuple[str, ...],
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text("II\n" + "0.1\n0.3\n" * 1000)
    monkeypatch.setattr("sys.argv", ["ectopy", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert what in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["one.csv"]

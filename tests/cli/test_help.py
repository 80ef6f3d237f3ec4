"""The command line starts quickly, and help loads nothing that only work needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ectopy.cli import app

_TYPED = """
import contextlib, io, sys, time
from ectopy.cli import main
sys.argv = ["ectopy", *{words}]
with contextlib.redirect_stdout(io.StringIO()) as said:
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
"""
WORK = (
    "numpy", "scipy", "pandas", "pyarrow", "onnxruntime", "keras", "tensorflow", "sklearn",
    "matplotlib", "wfdb", "edfio", "jinja2", "requests",
)  # fmt: skip
VERBS = [
    *(command.name or "" for command in app.registered_commands),
    *(group.name or "" for group in app.registered_groups),
]


def typed(*words: str, then: str) -> str:
    """Run a command in a fresh process, and a line after it; give what the line prints."""
    code = f"{_TYPED.format(words=list(words))}\n{then}"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


def test_help_lists_the_verbs_and_loads_nothing_that_only_work_needs() -> None:
    then = "import json; print(json.dumps([said.getvalue(), *sys.modules]))"
    said, *loaded = json.loads(typed("--help", then=then))
    assert len(VERBS) > 6
    assert all(f" {verb} " in said for verb in VERBS)
    assert not {*WORK} & {*loaded}


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_loads_neither_keras_nor_the_plotting_stack(verb: str) -> None:
    then = "import json; print(json.dumps([said.getvalue(), *sys.modules]))"
    said, *loaded = json.loads(typed(verb, "--help", then=then))
    assert f"ectopy {verb} " in said
    assert not {"keras", "tensorflow", "matplotlib", "sklearn", "onnxruntime"} & {*loaded}


def cold_start_s(before: str = "") -> float:
    """Processor seconds of `ectopy analyze --help` in a fresh process, the smaller of two.

    A busy machine makes the clock run on, not the processor time.
    """
    then = "print(time.process_time())"
    code = f"{before}\n{_TYPED.format(words=['analyze', '--help'])}\n{then}"
    runs = [
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        for _ in range(2)
    ]
    return min(float(run.stdout) for run in runs)


def test_the_command_line_starts_in_less_than_a_second() -> None:
    start = cold_start_s()
    assert start < 0.9
    # The measure sees what would be too much: what labelling loads, once it has something to do.
    assert cold_start_s("import ectopy.analysis.analyze, onnxruntime") > start + 0.1

"""No malformed file ends in a traceback, a hang, or more memory than the valid one takes."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import malformed
import pytest


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, object]]:
    """Open some 700 malformed files in a process of their own, with limits on time and memory."""
    done = subprocess.run(
        [sys.executable, str(Path(malformed.__file__))],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_malformed_file_ends_well(outcomes: list[dict[str, object]]) -> None:
    assert len(outcomes) >= 500
    wrong = [case for case in outcomes if case["ended"] == "BUG"]
    assert not wrong, "\n\n".join(f"{c['kind']}, {c['damage']}: {c['said']}" for c in wrong[:5])
    ends = Counter(case["ended"] for case in outcomes)
    assert ends["error"] > 300  # the damage is real
    assert ends["ok"] > 50  # and not everything is refused


def test_errors_are_one_sentence_that_names_the_file(outcomes: list[dict[str, object]]) -> None:
    for case in outcomes:
        if case["ended"] == "error":
            said = str(case["said"])
            assert "\n" not in said
            # The file opened, or for a WFDB record a signal file or segment beside it.
            assert said.startswith(f"{case['folder']}/"), said


def test_nothing_hangs_or_fills_memory(outcomes: list[dict[str, object]]) -> None:
    assert max(float(str(case["seconds"])) for case in outcomes) < malformed.SECONDS_EACH
    assert max(int(str(case["peak_mib"])) for case in outcomes) < 500

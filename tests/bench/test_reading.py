"""The archive that is measured holds what it is said to, and is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import ectopy
from ectopy.bench import reading
from ectopy.bench.planning import Took
from ectopy.bench.reading import Sizes, time_reading
from ectopy.cli import app
from ectopy.recordings.wfdb.write import write_record


def in_this_process(what: str, words: list[object]) -> Took:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.exception
    return Took(what, 1.0, 1.0, 1.0)


def test_it_has_about_as_many_beats_as_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "took", in_this_process)
    monkeypatch.setattr(reading, "ProcessPoolExecutor", lambda n, mp_context: ThreadPoolExecutor(n))
    recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    path, _ = write_record(tmp_path, recording, "a")
    told = list(time_reading([path], 2000, 0.05))
    small, finalized, large, *asked = told
    assert isinstance(small, Sizes)
    assert isinstance(large, Sizes)
    assert small.beats == len(ectopy.analyze(path).beats)
    assert 0.8 * 2000 < large.beats < 1.2 * 2000
    assert large.bytes["beats"] > small.bytes["beats"]
    assert [one.what for one in asked if isinstance(one, Took)] == [
        "ask af-by-hour", "ask review-first", "ask vt-runs",
    ]  # fmt: skip
    assert isinstance(finalized, Took)

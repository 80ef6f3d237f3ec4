"""On real records contributions are faithful, made up ones are not, and they take no time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import ectopy
from ectopy.bench.contributions import measure
from ectopy.cli import app
from ectopy.errors import DataNotFoundError
from ectopy.explain.faithfulness import judge

RECORDS = ("119", "209", "223", "114")


@pytest.mark.data
def test_they_are_faithful_on_real_records(data_dir: Path) -> None:
    rng = np.random.default_rng(0)
    found = measure([data_dir / "mitdb"], RECORDS, weights="ds1", beats=4, rng=rng)
    assert {one.record for one in found.taken} == {*RECORDS}
    assert {one.label for one in found.taken} == {"S", "V"}
    assert any(one.right for one in found.taken)
    verdict, control = judge(found.taken, rng), judge(found.control, rng)
    assert verdict.passed
    assert verdict.flipped["decided"] > 0.9
    assert not control.passed


@pytest.mark.data
def test_a_question_takes_less_than_a_second_of_half_an_hour(data_dir: Path) -> None:
    result = ectopy.analyze(data_dir / "mitdb" / "209.hea", weights="ds1")
    times = []
    for at in ("0:10:46", "0:13:03", "0:20:00"):
        begin = time.process_time()
        result.explain(at)
        times.append(time.process_time() - begin)
    assert times[0] < 1
    assert min(times[1:]) < 0.3


@pytest.mark.data
def test_it_is_told_as_a_table(data_dir: Path) -> None:
    words = ["bench", "contributions", str(data_dir / "mitdb"), "--records", "119", "--beats", "1"]
    done = CliRunner().invoke(app, [*words, "--weights", "ds1", "--setting", "past"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    widths = {line.count("|") for line in lines if line.startswith("|")}
    assert len(widths) == 1
    assert lines[-2].startswith("What decided: without it the label has ")


def test_a_folder_without_records_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="no"):
        measure([tmp_path / "none"], rng=np.random.default_rng(0))

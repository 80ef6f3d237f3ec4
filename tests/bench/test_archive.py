from pathlib import Path

import pytest
from typer.testing import CliRunner

from ectopy.bench.archive import slope
from ectopy.cli import app


def test_an_archive_is_timed_on_one_worker_and_on_two_and_its_memory_is_told(
    no_data: Path,
) -> None:
    words = ["--recordings", "3", "--minutes", "0.5", "--rounds", "1", "--short", "4"]
    result = CliRunner().invoke(app, ["bench", "archive", *words])
    assert result.exit_code == 0, result.output
    assert "3 recordings, 0 copies of MIT-BIH records, 3 SIMULATED:" in result.output
    assert "2 workers are" in result.output
    assert result.output.count("overhead beside analyze") == 2
    assert "memory of a worker over 4 recordings of 10 s" in result.output


def test_the_slope_is_that_of_the_second_half() -> None:
    done = list(range(100, 1100, 100))
    taken = [*[10.0 * i for i in range(5)], *[50 + 0.2 * i for i in range(5)]]
    assert slope(done, taken) == pytest.approx(2.0)

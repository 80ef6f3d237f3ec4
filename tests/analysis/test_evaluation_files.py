import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.analysis.evaluation_files import check_folder, write
from ectopy.errors import ConfigError
from ectopy.evaluation.ec57.counting import Matrix, statistics


@pytest.fixture
def report() -> dict[str, Any]:
    return statistics({"100": Matrix(np.diag([9, 1, 2, 0, 0, 0, 0]))}, n_resamples=10)


def test_both_files(report: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    check_folder(folder)
    assert list(tmp_path.iterdir()) == []
    paths = write(report, folder)
    assert [path.name for path in sorted(folder.iterdir())] == ["evaluation.csv", "evaluation.json"]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == report
    rows = list(csv.DictReader(paths[1].read_text(encoding="utf-8").splitlines()))
    assert [row["record"] for row in rows] == ["100", "gross", "average"]
    assert rows[0]["VEB_tp"] == "2"
    check_folder(folder)  # what stands there is overwritten
    assert write(report, folder) == paths


def test_a_file_is_no_folder(report: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"file.* cannot be written to \(Not a directory\)"):
            check_folder(folder)
        with pytest.raises(ConfigError, match="cannot be written to"):
            write(report, folder)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files")
def test_where_nothing_can_be_written() -> None:
    with pytest.raises(ConfigError, match="/proc/results cannot be written to"):
        check_folder(Path("/proc/results"))
    with pytest.raises(ConfigError, match="File name too long"):
        check_folder(Path("/tmp") / ("x" * 300))


@pytest.mark.parametrize("name", ["evaluation.json", "evaluation.csv"])
def test_neither_file_without_the_other(report: dict[str, Any], tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match=f"{name} is a folder, expected a file"):
        check_folder(tmp_path)
    if name == "evaluation.csv":
        with pytest.raises(ConfigError, match="cannot be written to"):
            write(report, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ectopy.bench.corrections import ANSWERS, score_corrections
from ectopy.cli import app
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.runtime.bundle import MANIFEST, PACKAGED


@pytest.mark.data
def test_answers_help_and_are_told(data_dir: Path, tmp_path: Path) -> None:
    folder, records = str(data_dir / "svdb"), "889"
    words = ["bench", "corrections", folder, "--records", records, "--weights", "ds1"]
    told = CliRunner().invoke(app, [*words, "--csv", str(tmp_path / "made.csv")])
    assert told.exit_code == 0, told.output
    with (tmp_path / "made.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = {
        (row["way"], int(row["answers"])): float(row["value"])
        for row in rows
        if row["figure"] == "SVEB.f1"
    }
    before = found["asked and adapted", 0]
    assert {found[way, 0] for way, answers in found if answers == 0} == {before}
    assert {answers for _, answers in found} == set(ANSWERS)
    only = found["asked, only those corrected", 10]
    assert before < only < found["asked and adapted", 10] - 0.1
    assert found["asked and adapted", 50] > 0.9
    assert "Expert-assisted, 1 records, simulated reader" in told.stdout
    assert f"| SVEB, asked and adapted | {before:.3f} " in told.stdout


@pytest.mark.data
def test_weights_that_know_the_record_are_refused(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'default' were trained on 889"):
        score_corrections(data_dir / "svdb", ["889"])
    with pytest.raises(DataNotFoundError, match="holds no weights, expected a folder of them"):
        score_corrections(data_dir / "svdb", ["889"], folds=tmp_path)
    fold = tmp_path / "fold"
    shutil.copytree(PACKAGED / "ds1", fold)
    manifest = json.loads((fold / MANIFEST).read_text())
    (fold / MANIFEST).write_text(json.dumps(manifest | {"left_out": ["800"]}))
    with pytest.raises(DataNotFoundError, match="name 889 under left_out"):
        score_corrections(data_dir / "svdb", ["889"], folds=tmp_path)

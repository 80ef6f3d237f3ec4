from pathlib import Path

import pytest
from typer.testing import CliRunner

from ectopy.bench.peaks import score_detection, table
from ectopy.cli import app
from ectopy.errors import ConfigError, DataNotFoundError

pytestmark = pytest.mark.data


def test_two_records_and_their_sum(data_dir: Path) -> None:
    rows = score_detection(data_dir / "mitdb", ["100", "103"])
    assert [row.name for row in rows] == ["100", "103", "gross"]
    gross = rows[-1]
    assert gross.found + gross.missed == 2273 + 2084
    assert gross.missed + gross.extra <= 4
    told = CliRunner().invoke(
        app, ["bench", "peaks", str(data_dir / "mitdb"), "--records", "100,103", "--weights", "ds1"]
    )
    assert told.stdout.strip() == table(rows)
    assert "| **gross** | 4,357 |" in told.stdout


def test_a_missing_record_is_said(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no record 999"):
        score_detection(data_dir / "mitdb", ["100", "999"])
    for name in ("100.hea", "100.atr", "101.hea"):
        (tmp_path / name).write_bytes((data_dir / "mitdb" / name).read_bytes())
    with pytest.raises(DataNotFoundError, match=r"record 101 .* no annotations \.atr"):
        score_detection(tmp_path, ["100", "101"])

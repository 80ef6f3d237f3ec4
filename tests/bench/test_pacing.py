from pathlib import Path

import pytest
from typer.testing import CliRunner

from ectopy.bench.pacing import score_pacing, table
from ectopy.cli import app
from ectopy.errors import ConfigError, DataNotFoundError


@pytest.mark.data
def test_a_paced_record_and_another(data_dir: Path) -> None:
    rows = score_pacing(data_dir / "mitdb", ["104", "101"])
    paced, other = rows
    assert (paced.known, paced.verdict, paced.marked) == (True, "paced", 1380 + 666)
    assert paced.right / paced.marked > 0.99
    assert (other.known, other.verdict, other.called_q, other.pulses) == (False, "none", 0, 0)
    assert other.most < 0.02 < paced.fewest
    told = CliRunner().invoke(
        app, ["bench", "pacing", str(data_dir / "mitdb"), "--records", "104,101"]
    )
    assert told.stdout.strip() == table(rows)
    assert "Called Q in records not known to be paced: 0 of 1,86" in told.stdout


def test_no_record_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"no \.hea header"):
        score_pacing(tmp_path)
    (tmp_path / "1.hea").write_text("1 1 250 10\n")
    with pytest.raises(DataNotFoundError, match="no record 2"):
        score_pacing(tmp_path, ["2"])
    told = CliRunner().invoke(app, ["bench", "pacing", str(tmp_path), "--setting", "later"])
    assert isinstance(told.exception, ConfigError)
    assert "'later', expected past or whole" in str(told.exception)

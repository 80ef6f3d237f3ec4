from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ectopy.bench.leads import conditions, lead_failures, table
from ectopy.bench.strips import score_strips
from ectopy.cli import app
from ectopy.errors import ConfigError, DataNotFoundError


def test_conditions_do_what_they_say() -> None:
    signal = np.arange(2000, dtype=np.float32).reshape(2, -1) / 1000
    outage = slice(200, 400)
    made = {name: change(signal, outage) for name, change in conditions().items()}
    assert made["as recorded"] is signal
    assert not made["lead 1 off"][0].any()
    assert (made["lead 1 off"][1] == signal[1]).all()
    assert np.isnan(made["lead 2 missing for ten minutes"][1, outage]).all()
    assert np.isnan(made["lead 2 missing for ten minutes"]).sum() == 200
    assert made["clipped at 0.8 mV"].max() == np.float32(0.8)
    assert (made["lead 2 alone"] == signal[1:]).all()


@pytest.mark.data
def test_an_outage_of_a_real_record(data_dir: Path) -> None:
    name = "lead 1 zero for ten minutes"
    rows = lead_failures(data_dir / "mitdb", ["119"], settings=("past",), names=[name])
    found = {(row.condition, row.where): row for row in rows}
    assert found["as recorded", "all"].same == 1
    assert found["as recorded", "all"].veb_f1 > 0.98
    assert found[name, "outside"].same > 0.99
    assert found[name, "inside"].beats + found[name, "outside"].beats == found[name, "all"].beats
    told = CliRunner().invoke(
        app, ["bench", "leads", str(data_dir / "mitdb"), "--records", "119", "--condition", "?"]
    )
    assert isinstance(told.exception, ConfigError)
    assert "| past | as recorded | all | 1,987 |" in table(rows)


def test_a_condition_or_record_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no condition 'x'"):
        lead_failures(tmp_path, None, names=["x"])
    with pytest.raises(DataNotFoundError, match=r"ludb\.csv"):
        score_strips(tmp_path, [1])


@pytest.mark.data
def test_three_strips(data_dir: Path) -> None:
    if not (data_dir / "ludb").is_dir():
        pytest.skip("LUDB is not there")
    with_veb, without = score_strips(data_dir / "ludb", [1, 3, 103], weights="ds1")
    assert with_veb.strips + without.strips == 3
    assert without.missed == without.extra == 0
    assert without.certain_veb == 0

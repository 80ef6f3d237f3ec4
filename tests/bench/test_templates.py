from pathlib import Path

import pytest
from typer.testing import CliRunner

from ectopy.bench.templates import score_templates, table
from ectopy.cli import app

pytestmark = pytest.mark.data


def test_multiform_ectopy_is_parted_and_normal_beats_are_not(data_dir: Path) -> None:
    rows = {row.letter: row for row in score_templates(data_dir / "mitdb", ["106"], weights="ds1")}
    assert rows["N"].templates == (1,)
    assert rows["N"].in_none < 0.02 * rows["N"].beats
    assert 3 <= rows["V"].templates[0] <= 7  # three large forms and some more
    assert rows["V"].pure >= rows["V"].undivided > 0.9
    words = ["bench", "templates", str(data_dir / "mitdb"), "--records", "106", "--weights", "ds1"]
    told = CliRunner().invoke(app, words).stdout.strip()
    assert told == table(list(rows.values()))
    assert f"| V | {rows['V'].beats:,} |" in told

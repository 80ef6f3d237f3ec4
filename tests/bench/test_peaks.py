from pathlib import Path

import pytest

from ectopy.bench.peaks import measure, table
from ectopy.errors import DataNotFoundError

pytestmark = pytest.mark.data


def test_two_records_and_their_sum(data_dir: Path) -> None:
    rows = measure(data_dir / "mitdb", ["100", "103"])
    assert [row.name for row in rows] == ["100", "103", "gross"]
    gross = rows[-1]
    assert gross.found + gross.missed == 2273 + 2084
    assert gross.missed + gross.extra <= 4
    assert "| **gross** | 4,357 |" in table(rows)


def test_a_missing_record_is_said(data_dir: Path) -> None:
    with pytest.raises(DataNotFoundError, match="999"):
        measure(data_dir / "mitdb", ["100", "999"])

"""Whoever is killed at whatever moment: started again, the archive is as if nothing had been."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import disturbed
import numpy as np
import pytest
from disturbances import CLUSTER, HERE, killed
from disturbed import Rows

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

KILLS = {
    "worker": 9, "driver": 6, "driver and workers": 7,
    "Dask worker": 7, "Dask scheduler": 7, "driver of Dask": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Rows]]:
    """Give an archive that was planned, and the rows that come of it where nobody is killed."""
    folder = tmp_path_factory.mktemp("faults")
    with disturbed.short_pieces(folder / "begins"):
        planned, _, rows = disturbed.undisturbed(folder, disturbed.recordings(folder / "in"))
        yield planned, rows


def test_six_kills_change_no_row(
    made: tuple[Path, Rows], tmp_path: Path, rng: np.random.Generator
) -> None:
    kinds = ["worker", *HERE, "Dask worker", "Dask scheduler"]
    assert killed(kinds, *made, tmp_path, rng).total() == 6


@pytest.mark.slow
def test_forty_kills_change_no_row(made: tuple[Path, Rows], tmp_path: Path) -> None:
    """Kill forty times (seed 40); 382 s on two cores that others kept busy (load 5 to 6)."""
    assert KILLS.keys() == {*HERE, *CLUSTER}
    rng = np.random.default_rng(40)
    kinds = rng.permutation([kind for kind, times in KILLS.items() for _ in range(times)])
    assert killed(kinds, *made, tmp_path, rng) == Counter(KILLS)
    assert sum(KILLS.values()) == 40

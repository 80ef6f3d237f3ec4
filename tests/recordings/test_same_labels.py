"""The same signal gets the same labels from every recorder's XML as from an array."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
import vendor_files as made

from ectopy.cli.analyze import analyze_all

ROWS = files.digital(60)
LEADS, FS_HZ = files.LEADS, files.FS_HZ
MAKERS: dict[str, Callable[[Path], Path]] = {
    "aECG": lambda path: made.aecg(path, [made.sequence_set(LEADS, ROWS, FS_HZ)]),
    "MUSE XML": lambda path: made.muse(path, [made.muse_strip(LEADS, ROWS, FS_HZ)]),
    "Philips XML": lambda path: made.philips(path, LEADS, ROWS, FS_HZ),
    "CardioSoft XML": lambda path: made.cardiosoft(
        path, [made.cardiosoft_full(LEADS, ROWS, FS_HZ)]
    ),
    "Schiller XML": lambda path: made.schiller(path, [made.schiller_strip(LEADS, ROWS, FS_HZ)]),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("array")
    np.savez(folder / "a.npz", signal=ROWS / files.GAIN, fs=FS_HZ, leads=np.array(LEADS))
    analyze_all([folder / "a.npz"], folder / "out")
    return (folder / "out" / "a.beats.csv").read_text()


@pytest.mark.parametrize("kind", MAKERS)
def test_labels_and_pages_of_every_kind(kind: str, expected: str, tmp_path: Path) -> None:
    analyze_all([MAKERS[kind](tmp_path / "a.xml")], tmp_path / "out")
    assert (tmp_path / "out" / "a.beats.csv").read_text() == expected
    assert len(expected.splitlines()) == 76
    summary = json.loads((tmp_path / "out" / "a.summary.json").read_text())
    assert summary["beats"] == 75
    assert f"{kind} a.xml" in (tmp_path / "out" / "a.html").read_text()

"""Beats of WFDB databases: the counts that the field knows, the cache, and what breaks."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.beats import aami
from ectopy.datasets import BeatDataset, load, locate
from ectopy.datasets.wfdb import beats, cut_beats
from ectopy.datasets.wfdb.databases import MITDB
from ectopy.datasets.wfdb.windows import FROM_R_PEAK
from ectopy.errors import DataFormatError, DataNotFoundError

# Record sets and their N, S, V, F, Q beats with e, j in N.
COUNTS = {
    "all": (90_631, 2_781, 7_236, 803, 8_043),
    "44": (90_125, 2_781, 7_009, 803, 15),
    "DS1": (45_866, 944, 3_788, 415, 8),
    "DS2": (44_259, 1_837, 3_221, 388, 7),
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(cut_beats, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def few(data_dir: Path, tmp_path: Path) -> Path:
    """Give a folder with three records (114 has MLII second, 102 has none)."""
    folder = tmp_path / "mitdb"
    folder.mkdir()
    for record in ("100", "102", "114"):
        for suffix in (".hea", ".dat", ".atr"):
            shutil.copy(data_dir / "mitdb" / f"{record}{suffix}", folder)
            (folder / f"{record}{suffix}").chmod(0o644)
    return folder


FEW = replace(MITDB, records=("100", "102", "114"))


def load_few(folder: Path, **options: Any) -> BeatDataset:
    return beats.load(FEW, FROM_R_PEAK, folder, **options)


@pytest.mark.data
def test_counts_of_the_field(data_dir: Path) -> None:
    begin = time.process_time()
    data = load("mitbih", data_dir)
    first = time.process_time() - begin
    begin = time.process_time()
    again = load("mitbih", data_dir)
    second = time.process_time() - begin
    np.testing.assert_array_equal(data.X, again.X)
    assert data.groups is not None
    assert data.X.shape == (109_494, 187)
    assert len(set(data.groups)) == 48
    sets = {
        "all": data,
        "44": data.take(~np.isin(data.groups, aami.PACED)),
        "DS1": data.take(np.isin(data.groups, aami.DS1)),
        "DS2": data.take(np.isin(data.groups, aami.DS2)),
    }
    assert {name: tuple(part.counts().values()) for name, part in sets.items()} == COUNTS
    assert first < 15  # of CPU time, so that a busy machine does not fail the test
    assert second < first


@pytest.mark.data
def test_escape_beats_in_s_and_the_44_records(data_dir: Path) -> None:
    data = load("mitbih-p", data_dir, escape="S", paced=False, cache=False)
    assert data.groups is not None
    assert len(set(data.groups)) == 44
    assert data.take(np.isin(data.groups, aami.DS2)).counts()["S"] == 2_050
    assert "in class S" in data.provenance


@pytest.mark.data
def test_leads_go_by_name(few: Path) -> None:
    import wfdb

    data = load_few(few, cache=False)
    assert any("first lead: 102 (V5)" in caveat for caveat in data.caveats)
    lead = wfdb.rdrecord(str(few / "114"), channel_names=["MLII"]).p_signal[:, 0]
    marks = wfdb.rdann(str(few / "114"), "atr")
    samples = marks.sample[aami.to_classes(marks.symbol) >= 0]
    np.testing.assert_allclose(
        data.X[data.groups == "114"], FROM_R_PEAK.window.beats(lead, 360.0, samples), atol=1e-5
    )
    other = beats.load(replace(FEW, leads=("V9", "V5")), FROM_R_PEAK, few, cache=False)
    assert (other.X[other.groups == "114"] != data.X[data.groups == "114"]).any()  # now in V5
    np.testing.assert_array_equal(other.X[other.groups == "102"], data.X[data.groups == "102"])


@pytest.mark.data
def test_records_of_one_person_are_told(data_dir: Path) -> None:
    database = replace(MITDB, records=("200", "201", "202"))
    data = beats.load(database, FROM_R_PEAK, data_dir, cache=False)
    assert data.groups is not None
    assert data.subjects is not None
    assert sorted(set(data.groups)) == ["200", "201", "202"]
    assert sorted(set(data.subjects)) == ["200", "201"]
    assert set(data.subjects[data.groups == "202"]) == {"201"}
    assert "Records 201 and 202 are of one person." in data.caveats


@pytest.mark.data
def test_the_cache_knows_when_inputs_or_settings_change(
    few: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = cut_beats._cut
    monkeypatch.setattr(cut_beats, "_cut", lambda *args: calls.append(1) or real(*args))

    def cut_again(**options: object) -> bool:
        before = len(calls)
        load_few(few, **options)
        return len(calls) > before

    assert cut_again()
    assert not cut_again()
    assert cut_again(escape="S")
    assert cut_again(paced=False)
    assert not cut_again(escape="S")
    monkeypatch.setattr(cut_beats.cut, "VERSION", cut_beats.cut.VERSION + 1)
    assert cut_again()
    assert not cut_again()
    changed = bytearray((few / "100.dat").read_bytes())
    changed[3000] ^= 1
    (few / "100.dat").write_bytes(changed)  # same size
    assert cut_again()
    for stored in (own_cache / "beats").iterdir():
        stored.write_bytes(stored.read_bytes()[:1000])  # as a full disk would leave it
    assert cut_again()
    assert not cut_again()
    assert all(path.suffix == ".npz" for path in (own_cache / "beats").iterdir())


@pytest.mark.data
def test_missing_and_broken_files_are_named(few: Path) -> None:
    whole = (few / "114.dat").read_bytes()
    (few / "114.dat").write_bytes(whole[:1000])
    with pytest.raises(DataFormatError, match=r"114\.dat is cut off"):
        load_few(few, cache=False)
    (few / "114.dat").write_bytes(whole)
    (few / "114.atr").write_bytes(b"")
    with pytest.raises(DataFormatError, match=r"114\.atr is cut off or not a WFDB"):
        load_few(few, cache=False)
    (few / "114.atr").write_bytes(b"\0\0")  # whole, and without annotations
    with pytest.raises(DataFormatError, match=r"114\.atr holds no beat"):
        load_few(few, cache=False)
    (few / "114.atr").unlink()
    with pytest.raises(DataNotFoundError, match=r"lacks 1 of 9 files.*114\.atr"):
        load_few(few, cache=False)


def test_nowhere_names_the_embedded_data_set(no_data: Path) -> None:
    with pytest.raises(DataNotFoundError, match="simulated-187"):
        load("mitbih")
    assert locate.find(MITDB.files) is None

"""Fetching and verifying whole databases, and what every data set must be like."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.datasets.conftest import Server

from ectopy.classes import AAMI
from ectopy.datasets import ecg5000, load, locate
from ectopy.datasets.registry import DATABASES, database
from ectopy.datasets.verify import verify
from ectopy.datasets.wfdb import beats, cut_beats
from ectopy.datasets.wfdb.database import WfdbDatabase, file_names
from ectopy.datasets.wfdb.databases import MITDB, SVDB
from ectopy.datasets.wfdb.windows import CENTRED
from ectopy.errors import ConfigError, DataNotFoundError, DownloadError


@pytest.fixture
def cache(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty user cache, with downloads allowed (the addresses are the test's own)."""
    monkeypatch.delenv("ECTOPY_OFFLINE")
    monkeypatch.setattr(locate, "cache_folder", lambda: no_data / "cache")
    monkeypatch.setattr(cut_beats, "cache_folder", lambda: no_data / "cache")
    return no_data / "cache"


def _ts(part: str) -> bytes:
    """Give a made file with the official number of beats in each class."""
    y = np.repeat(np.arange(1, 6), ecg5000.BEATS[part])
    row = ",".join(["0.25"] * 140)
    return ("@problemName ECG5000\n@data\n" + "".join(f"{row}:{label}\n" for label in y)).encode()


def _serve_ecg5000(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ecg5000, "ADDRESS", f"{server.url}ECG5000.zip")
    monkeypatch.setattr(ecg5000, "FALLBACK", f"{server.url}zenodo/")
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as file:
        for part in ecg5000.BEATS:
            file.writestr(f"ECG5000_{part.upper()}.ts", _ts(part))
    server.files["ECG5000.zip"] = path.read_bytes()
    for part in ecg5000.BEATS:
        server.files[f"zenodo/ECG5000_{part.upper()}.ts"] = _ts(part)


def test_ecg5000_is_downloaded_once(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _serve_ecg5000(server, monkeypatch, tmp_path)
    data = load("ecg5000")
    assert len(data) == 5_000
    load("ecg5000")
    assert [name for name, _ in server.asked] == ["ECG5000.zip"]
    outcome = verify(ecg5000.DATABASE, cache / "ecg5000")
    assert (outcome.faults, outcome.unknown) == ((), ("ECG5000.zip",))


def test_ecg5000_verifies_wherever_it_lies(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _serve_ecg5000(server, monkeypatch, tmp_path)
    nested = tmp_path / "ECG5000"
    nested.mkdir()
    for part in ecg5000.BEATS:
        (nested / f"ECG5000_{part.upper()}.ts").write_bytes(_ts(part))
    for place, names in (
        (tmp_path / "made.zip", ("made.zip",)),
        (tmp_path, ("ECG5000_TRAIN.ts", "ECG5000_TEST.ts")),
    ):
        outcome = verify(ecg5000.DATABASE, place)
        assert (outcome.faults, outcome.unknown) == ((), names)
    (nested / "ECG5000_TEST.ts").write_bytes(_ts("train"))
    assert "beats of the classes" in verify(ecg5000.DATABASE, tmp_path).faults[0]


def test_fetch_on_the_command_line(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from ectopy.cli import main

    _serve_ecg5000(server, monkeypatch, tmp_path)
    monkeypatch.setattr("sys.argv", ["ectopy", "data", "fetch", "ecg5000", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert (tmp_path / "ecg5000" / "ECG5000.zip").is_file()
    assert "no SHA-256 is known for ECG5000.zip" in capsys.readouterr().out


def test_ecg5000_falls_back_when_the_server_sends_a_page(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _serve_ecg5000(server, monkeypatch, tmp_path)
    del server.files["ECG5000.zip"]
    server.html_for_missing = True
    assert len(load("ecg5000")) == 5_000
    assert sorted(path.name for path in (cache / "ecg5000").iterdir()) == [
        "ECG5000_TEST.ts",
        "ECG5000_TRAIN.ts",
    ]


def test_ecg5000_from_nowhere_says_why_and_names_the_embedded_set(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _serve_ecg5000(server, monkeypatch, tmp_path)
    server.files.clear()
    server.html_for_missing = True
    with pytest.raises(DataNotFoundError, match=r"not a zip file.*simulated-140") as error:
        load("ecg5000")
    assert "\n" not in str(error.value)
    server.files["ECG5000.zip"] = server.files["zenodo/x"] = b"PK"
    with pytest.raises(DownloadError, match="not a zip file"):
        ecg5000.DATABASE.fetch(cache / "ecg5000")  # type: ignore[misc]
    assert not [path for path in (cache / "ecg5000").iterdir() if path.suffix in (".zip", ".ts")]


@pytest.mark.data
@pytest.mark.parametrize("known", [replace(MITDB, records=("100", "101")), SVDB])
def test_records_from_a_server_that_cuts_off(
    server: Server, cache: Path, data_dir: Path, known: WfdbDatabase
) -> None:
    database = replace(known, addresses=("http://127.0.0.1:9/", server.url))
    records = list(database.records[: 1 if database.partial else 2])
    server.files = {
        name: (data_dir / database.folder / name).read_bytes() for name in file_names(records)
    }
    server.files["SHA256SUMS.txt"] = "".join(
        f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in server.files.items()
    ).encode()
    server.files["RECORDS"] = "\n".join(records).encode()
    server.cuts = [10**9] * 4 + [100_000]
    folder = locate.locate(database.files)
    outcome = verify(database.files, folder)
    assert (outcome.matching, outcome.faults) == (3 * len(records), ())
    assert len(beats.load(database, CENTRED)) > 1_000
    (folder / f"{records[0]}.dat").write_bytes(b"short")
    (folder / f"{records[0]}.atr").unlink()
    faults = verify(database.files, folder).faults
    assert any(f"{records[0]}.dat has the SHA-256" in fault for fault in faults)
    assert f"{records[0]}.atr is missing" in faults


def test_a_half_downloaded_folder_is_not_taken_for_the_database(cache: Path) -> None:
    folder = cache / "mitdb"
    folder.mkdir(parents=True)
    (folder / "100.hea").touch()
    assert locate.find(MITDB.files) == folder
    (folder / ".incomplete").touch()
    assert locate.find(MITDB.files) is None


@pytest.mark.data
@pytest.mark.parametrize("name", ["mitdb", "svdb", "ecg5000"])
def test_the_real_databases_verify(name: str, data_dir: Path) -> None:
    outcome = verify(DATABASES[name], data_dir / name)
    assert outcome.faults == ()
    assert outcome.unknown == ()
    assert outcome.matching >= 2


@pytest.mark.data
def test_svdb_counts(data_dir: Path) -> None:
    data = load("svdb", data_dir, cache=False)
    assert tuple(data.counts().values()) == (79_371, 7_422, 4_707, 21, 54)
    assert data.groups is not None
    assert len(set(data.groups)) == 39


def test_databases_go_by_either_name() -> None:
    assert database("mitbih-p") is database("mitdb") is MITDB.files
    with pytest.raises(ConfigError, match="simulated when asked for"):
        database("simulated-140")
    with pytest.raises(ConfigError, match="'ptb' is unknown"):
        database("ptb")


def test_simulated_and_real_sets_share_class_order() -> None:
    assert load("simulated-187", patients=2, duration_s=30).classes == AAMI

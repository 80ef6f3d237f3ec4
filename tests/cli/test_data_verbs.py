"""``ectopy data``: what it prints and how it ends."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ectopy.cli import main
from ectopy.datasets.registry import DATABASES
from ectopy.datasets.wfdb.databases import MITDB


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = 0
    try:
        sys.argv = ["ectopy", "data", *words]
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys, "argv", sys.argv)


def test_list_names_every_set_and_how_to_get_it(
    no_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = _run(capsys, "list")
    assert code == 0
    for words in (
        "ecg5000",
        "mitbih-p",
        "simulated-140",
        "always there",
        "ectopy data fetch mitdb",
    ):
        assert words in text


@pytest.mark.data
def test_list_and_verify_find_the_data(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = _run(capsys, "list", "--data", str(data_dir))
    assert str(data_dir / "mitdb") in text
    code, text = _run(capsys, "verify", "ecg5000", "--data", str(data_dir))
    assert code == 0
    assert "2 files have their known SHA-256" in text


def test_what_is_wrong_is_one_sentence_and_code_2(
    no_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (no_data / "ecg5000").mkdir()
    for name in ("TRAIN", "TEST"):
        (no_data / "ecg5000" / f"ECG5000_{name}.tsv").write_text("1\t2\n")
    for words, expected in (
        (("verify", "ecg5000", "--data", str(no_data)), "ECG5000_TRAIN.tsv has the SHA-256"),
        (("verify", "mitbih"), "not on this machine"),
        (("verify", "nothing"), "'nothing' is unknown"),
        (("fetch", "simulated-187"), "nothing to fetch"),
        (("fetch", "heartbeat-csv"), "without an account"),
    ):
        code, text = _run(capsys, *words)
        assert code == 2, words
        assert expected in text
        assert text.count("\n") == 1


def test_fetch_without_a_server(
    no_data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = replace(MITDB, addresses=("http://127.0.0.1:9/mitdb/",))
    monkeypatch.setitem(DATABASES, "mitdb", database.files)
    code, text = _run(capsys, "fetch", "mitdb", "--data", str(no_data))
    assert code == 2
    assert "127.0.0.1:9: no connection" in text
    assert text.count("\n") == 1

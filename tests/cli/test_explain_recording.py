"""``ectopy explain`` of a recording: which beat, why, as text and files; and no mixing of uses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
from typer.testing import CliRunner

import ectopy
from ectopy.cli import app
from ectopy.errors import ConfigError, DataNotFoundError, EctopyError


def invoke(*words: object) -> str:
    done = CliRunner().invoke(app, ["explain", *map(str, words)])
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.fixture(scope="module")
def edf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.edf(tmp_path_factory.mktemp("edf"))


def test_a_beat_is_named_by_its_time_and_told_in_words(edf: Path, tmp_path: Path) -> None:
    result = ectopy.analyze(edf)
    beat = len(result.beats) // 2
    time_s = float(result.intervals.times_s[beat])
    out = tmp_path / "why"
    said = invoke(edf, "--at", f"{time_s:.3f}", "--out", out)
    why = result.explain(float(f"{time_s:.3f}"))
    assert said.startswith(repr(why))
    page, told = sorted(out.iterdir())
    assert [page.suffix, told.suffix] == [".html", ".json"]
    assert re.fullmatch(rf"{re.escape(result.name)}\.0h00m\d\d\.\d\ds\.html", page.name)
    assert str(page) in said
    assert json.loads(told.read_text())["label"] == str(result.beats.symbols[beat])
    assert why.conclusion in page.read_text(encoding="utf-8")
    invoke(edf, "--at", f"{time_s:.3f}", "--out", out)  # and once more into the same folder
    assert len(list(out.iterdir())) == 2


def test_settings_and_weights_are_those_of_analyze(edf: Path) -> None:
    for setting in ("past", "whole"):
        said = invoke(edf, "--at", "2", "--setting", setting, "--weights", "ds1")
        assert "the weights 'ds1'" in said
        assert ("whole recording;" in said) == (setting == "whole")


def test_a_saved_result_is_explained(edf: Path, tmp_path: Path) -> None:
    recording = ectopy.open_recording(edf)
    saved = ectopy.analyze(recording, weights="ds1", setting="past").save(tmp_path / "r.ectopy")
    said = invoke(edf, "--at", "2", "--result", saved)
    assert "labelled by the weights 'ds1', bounded past" in said
    with pytest.raises(ConfigError, match="--setting is for labelling it anew"):
        invoke(edf, "--at", "2", "--result", saved, "--setting", "past")
    with pytest.raises(DataNotFoundError, match="expected a saved result"):
        invoke(edf, "--at", "2", "--result", tmp_path / "none.ectopy")


def test_what_is_for_the_other_use_is_refused(edf: Path, tmp_path: Path) -> None:
    table = tmp_path / "beats.csv"
    np.savetxt(table, np.zeros((2, 8)), delimiter=",")
    for words, message in (
        ((edf, "--at", "2", "--class", "V"), r"is a recording, and --class is for a network"),
        ((edf, "--at", "2", "--layer", "a", "--method", "occlusion"), r"--layer, --method are for"),
        ((edf, table, "--at", "2"), r"is a network, and --at is for a recording"),
        (("m.keras", "--weights", "ds1"), r"m\.keras is a network, and --weights is for a rec"),
        (("m.keras",), r"needs beats and a folder; name them, as in ectopy explain m\.keras"),
        ((edf,), r"no beat of .* was named; say when it is"),
        ((edf, "--at", "9:00:00", "--out", tmp_path / "o"), r"is outside"),
        ((edf, "--at", "soon", "--out", tmp_path / "o"), r"'soon' is no time"),
        ((tmp_path / "no.edf", "--at", "2"), r"no\.edf"),
        ((edf, "--at", "2", "--out", table / "o"), r"cannot be written to"),
    ):
        with pytest.raises(EctopyError, match=message):
            invoke(*words)
    assert [path.name for path in tmp_path.iterdir()] == ["beats.csv"]

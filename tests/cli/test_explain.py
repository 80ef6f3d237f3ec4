from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ectopy.cli import app
from ectopy.datasets import BeatDataset
from ectopy.errors import DataFormatError, EctopyError
from ectopy.explain.beats import explain_file
from ectopy.explain.source import class_position, find_model, read_beats
from ectopy.models import registry
from ectopy.report.explained import figure
from ectopy.runtime.contract import ModelContract
from ectopy.training.contracts import attach, contract_of

N = 48


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a run folder with an untrained model of three named classes."""
    folder = tmp_path_factory.mktemp("run")
    model = registry.build("cnn1d", N, 3, seed=0, filters=(4, 4, 4))
    model.save(folder / "Final_Clinical_Model.keras")
    data = BeatDataset(
        name="made-up",
        X=np.zeros((3, N), dtype=np.float32),
        y=np.arange(3),
        classes=("N", "S", "V"),
        fs_hz=125.0,
        simulated=True,
    )
    contract = contract_of(model, data, study="untrained", protocol="pooled")
    attach(contract, folder / "Final_Clinical_Model.keras")
    return folder


def beats(path: Path, *, columns: int = N, rows: int = 7) -> Path:
    np.savetxt(path, np.random.default_rng(0).normal(size=(rows, columns)), delimiter=",")
    return path


def invoke(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["explain", *map(str, arguments)])
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_writes_maps_and_a_figure(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = invoke(run, beats(tmp_path / "beats.csv"), "--out", out, "--class", "v")
    names = ["explanations.png", "maps.csv", "maps.npz"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "beats.csv", out])
    assert all(name in printed for name in names)
    with np.load(out / "maps.npz") as kept:
        assert kept["maps"].shape == (7, N)
        assert kept["explained"].tolist() == [2] * 7
        assert kept["layer"] == "conv_3"
    lines = (out / "maps.csv").read_text().splitlines()
    assert len(lines) == 8
    assert lines[1].startswith('1,"V",')
    with Image.open(out / "explanations.png") as image:
        assert image.width >= 3840


@pytest.mark.parametrize("quick", [True, False])
def test_the_figure_of_a_quick_look_says_so(run: Path, tmp_path: Path, quick: bool) -> None:
    shutil.copy(run / "Final_Clinical_Model.keras", tmp_path)
    model = tmp_path / "Final_Clinical_Model.keras"
    attach(ModelContract.read(model).model_copy(update={"quick": quick}), model)
    drawn = figure(explain_file(tmp_path, beats(tmp_path / "beats.csv")))
    marks = [text.get_text() for text in drawn.texts if text.get_bbox_patch()]
    assert marks == ["SIMULATED DATA, QUICK LOOK" if quick else "SIMULATED DATA"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--class", "W"], r"no class 'W'; the model's classes are N, S, V"),
        (["--layer", "conv_7"], r"no convolution 'conv_7'; it has conv_1"),
        (["--method", "magic"], r"no method 'magic'"),
    ],
)
def test_errors_are_sentences_and_leave_nothing(
    run: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(EctopyError, match=sentence):
        invoke(run, beats(tmp_path / "b.csv"), "--out", tmp_path / "out", *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_wrong_files_are_named(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    table = beats(tmp_path / "b.csv")
    with pytest.raises(EctopyError, match=r"nothing\.keras is not there"):
        invoke(tmp_path / "nothing.keras", table, "--out", out)
    (tmp_path / "bad.keras").write_bytes(b"no zip")
    with pytest.raises(EctopyError, match=r"bad\.keras cannot be opened"):
        invoke(tmp_path / "bad.keras", table, "--out", out)
    with pytest.raises(EctopyError, match=r"none\.csv is not there"):
        invoke(run, tmp_path / "none.csv", "--out", out)
    with pytest.raises(EctopyError, match=r"has 50 columns; the model takes 48"):
        invoke(run, beats(tmp_path / "c.csv", columns=50), "--out", out)
    with pytest.raises(EctopyError, match=r"b\.csv/maps cannot be written to \(Not a directory\)"):
        invoke(run, table, "--out", table / "maps")
    out.mkdir()
    (out / "mine.txt").write_text("kept")
    with pytest.raises(EctopyError, match="not empty"):
        invoke(run, table, "--out", out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_what_is_no_model_is_told_before_keras_starts(tmp_path: Path) -> None:
    table = beats(tmp_path / "b.csv")
    np.savez(tmp_path / "arrays.npz", a=[1])
    (tmp_path / "notes.txt").write_text("Dear aunt")
    (tmp_path / "old.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    (tmp_path / "empty.keras").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name, sentence in (
        ("arrays.npz", r"arrays\.npz cannot be opened as a Keras model, which is a zip with"),
        ("notes.txt", r"notes\.txt cannot be opened as a Keras model"),
        ("old.h5", r"old\.h5 cannot be opened as a Keras model"),
        ("empty.keras", r"empty\.keras cannot be opened as a Keras model"),
        ("b.csv", r"b\.csv cannot be opened as a Keras model"),
        ("folder", r"Final_Clinical_Model\.keras is not there; give a \.keras file or the folder"),
    ):
        with pytest.raises(EctopyError, match=sentence) as told:
            invoke(tmp_path / name, table, "--out", tmp_path / "out")
        assert "\n" not in str(told.value)
        with pytest.raises(EctopyError, match=sentence):
            find_model(tmp_path / name)  # without Keras
    assert not (tmp_path / "out").exists()


def test_tables_as_people_have_them(tmp_path: Path) -> None:
    X = np.random.default_rng(1).normal(size=(4, N)).round(3)
    kaggle, ucr = np.c_[X, [0, 1, 2, 1]], np.c_[[1, 2, 3, 3], X]
    with gzip.open(tmp_path / "kaggle.csv.gz", "wt") as file:
        np.savetxt(file, kaggle, delimiter=",")
    np.savetxt(tmp_path / "ucr.tsv", ucr, delimiter="\t")
    np.savetxt(tmp_path / "blank.txt", X, fmt="%10.3f")
    heads = ",".join(f"s{i}" for i in range(N))
    np.savetxt(tmp_path / "named.csv", X, delimiter=",", header=heads, comments="")
    wanted = {"kaggle.csv.gz": [0, 1, 2, 1], "ucr.tsv": [0, 1, 2, 2]}
    for name in ("kaggle.csv.gz", "ucr.tsv", "blank.txt", "named.csv"):
        found, y = read_beats(tmp_path / name, N, 3)
        np.testing.assert_allclose(found, X, atol=1e-3)
        assert (None if y is None else y.tolist()) == wanted.get(name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a table of numbers: its first row is empty"),
        ("1,2,three\n4,5,6\n", "it has 'three' in row 1 of the numbers, column 3"),
        ("a,b,c\n1,2,3\n4,5,six\n", "it has 'six' in row 2 of the numbers, column 3"),
        ("1,2,3\n4,,6\n", "it has nothing in row 2 of the numbers, column 2"),
        ("a,b,c\n", "has a row of words and no numbers below it"),
        ("Dear aunt", "has a row of words and no numbers below it"),
        ('"sample","time_s","class"\n1,0.1,"N"\n', "is a table of beats that ectopy wrote"),
        ("\0\1\2", "is no text; give a CSV file"),
        ("1,2,3\n4,nan,6\n", "beat 2 holds"),
        ("1,2,3\n4,5,6,7\n", "row 2 of the numbers has 4 columns, those before it 3"),
        ("0.5,1,2,3\n", "4 columns"),
        ("0.5\n1\n", "1 column; the model"),
    ],
)
def test_broken_tables_are_told_apart(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataFormatError, match=sentence) as told:
        read_beats(tmp_path / "t.csv", 3, 3)
    assert "\n" not in str(told.value)


def test_what_is_no_table_at_all(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"1,2,3\n4,5,\xe9\n")
    with pytest.raises(DataFormatError, match=r"latin\.csv is no text; give a CSV file"):
        read_beats(tmp_path / "latin.csv", 3, 3)
    (tmp_path / "a.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(DataFormatError, match=r"a\.csv\.gz cannot be read: "):
        read_beats(tmp_path / "a.csv.gz", 3, 3)
    with pytest.raises(EctopyError, match="is a folder; give a CSV file with one beat a row"):
        read_beats(tmp_path, 3, 3)


def test_classes_by_name_or_position() -> None:
    assert class_position(("N", "S"), "s") == 1
    assert class_position(("PVC", "normal"), "1") == 1

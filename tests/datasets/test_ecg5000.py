"""ECG5000 in every layout, its checksums, and one sentence for every fault."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.datasets import ecg5000, load
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError


def _beats(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(n, 140)).astype(np.float32), np.arange(n) % 5


def _text(layout: str, X: np.ndarray, y: np.ndarray) -> str:
    rows = [[repr(float(v)) for v in row] for row in X]
    labels = [str(v + 1) for v in y]
    if layout == ".tsv":
        return "".join("\t".join([a, *r]) + "\n" for a, r in zip(labels, rows, strict=True))
    if layout == ".txt":
        return "".join(
            f"  {float(a):.7e}  " + "  ".join(r) + "\n" for a, r in zip(labels, rows, strict=True)
        )
    if layout == ".ts":
        head = "#Donated by\n@problemName ECG5000\n@classLabel true 1 2 3 4 5\n@data\n"
        return head + "".join(f"{','.join(r)}:{a}\n" for a, r in zip(labels, rows, strict=True))
    head = "% a comment\n@attribute att0 numeric\n@attribute target {1,2}\n\n@DATA\n"
    return head + "".join(f"{','.join(r)},{a}\n" for a, r in zip(labels, rows, strict=True))


def _write(folder: Path, layout: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    train, test = _beats(rng, 10), _beats(rng, 15)
    for name, (X, y) in (("TRAIN", train), ("TEST", test)):
        (folder / f"ECG5000_{name}{layout}").write_text(_text(layout, X, y))
    return np.concatenate([train[0], test[0]]), np.concatenate([train[1], test[1]])


@pytest.mark.parametrize("layout", ecg5000.LAYOUTS)
def test_every_layout_gives_the_same_beats(
    layout: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    X, y = _write(tmp_path, layout, rng)
    data = load("ecg5000", tmp_path)
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.y, y)
    assert data.X.dtype == np.float32
    assert data.part is not None
    assert list(data.part) == ["train"] * 10 + ["test"] * 15
    assert data.groups is None
    assert any("one patient" in caveat for caveat in data.caveats)
    assert any("official train set 500" in caveat for caveat in data.caveats)


@given(
    values=st.lists(
        st.lists(st.floats(-50, 50, width=32), min_size=140, max_size=140), min_size=1, max_size=3
    ),
    layout=st.sampled_from(ecg5000.LAYOUTS),
    label=st.integers(0, 4),
)
@settings(max_examples=25, deadline=None)
def test_any_numbers_survive_any_layout(values: list[list[float]], layout: str, label: int) -> None:
    X = np.array(values, dtype=np.float32)
    y = np.full(len(X), label)
    found, labels = ecg5000.parse("x", _text(layout, X, y).encode())
    np.testing.assert_array_equal(found, X)
    np.testing.assert_array_equal(labels, y)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_garbage_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(DataFormatError) as error:
        ecg5000.parse("x", content)
    assert "\n" not in str(error.value)


def test_a_zip_in_the_folder_or_given_itself(tmp_path: Path, rng: np.random.Generator) -> None:
    files = tmp_path / "files"
    files.mkdir()
    X, _ = _write(files, ".ts", rng)
    (tmp_path / "ecg5000").mkdir()
    archive = tmp_path / "ecg5000" / "ECG5000.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.md", "words")
        for path in files.iterdir():
            file.write(path, f"ECG5000/{path.name}")
    np.testing.assert_array_equal(load("ecg5000", tmp_path).X, X)
    np.testing.assert_array_equal(load("ecg5000", archive).X, X)


def test_a_broken_zip_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("ECG5000_TRAIN.tsv", "1\t2\n" * 1000)
    (tmp_path / "ECG5000.zip").write_bytes(buffer.getvalue()[:200])
    with pytest.raises(DataFormatError, match=r"ECG5000\.zip is not a whole zip"):
        load("ecg5000", tmp_path)


def _fault(line: str) -> str:
    good = "\t".join(["1", *["0.5"] * 140])
    with pytest.raises(DataFormatError) as error:
        ecg5000.parse("ECG5000_TRAIN.tsv", f"{good}\n{good}\n{line}\n{good}\n".encode())
    assert "\n" not in str(error.value)
    return str(error.value)


def test_faults_name_file_line_expected_and_found() -> None:
    samples = ["0.5"] * 140
    assert _fault("\t".join(["1", *samples[1:]])) == (
        "ECG5000_TRAIN.tsv, line 3 has 140 columns, expected 141 (a label and 140 samples)"
    )
    assert "line 3 holds 'NaN' in column 7" in _fault(
        "\t".join(["1", *samples[:5], "NaN", *samples[6:]])
    )
    assert "line 3 holds 'x1'" in _fault("\t".join(["1", *samples[:5], "x1", *samples[6:]]))
    assert "line 3 has the label 6, expected 1 to 5" in _fault("\t".join(["6", *samples]))
    assert "line 3 has the label 1.5" in _fault("\t".join(["1.5", *samples]))


def test_line_numbers_count_the_header() -> None:
    with pytest.raises(DataFormatError, match="line 3 has 2 columns"):
        ecg5000.parse("ECG5000_TRAIN.ts", b"@problemName x\n@data\n0.5:1\n")


def test_all_lines_too_short_and_empty_files() -> None:
    with pytest.raises(DataFormatError, match="line 1 has 3 columns"):
        ecg5000.parse("a.tsv", b"1\t2\t3\n1\t2\t3\n")
    with pytest.raises(DataFormatError, match="holds no beats"):
        ecg5000.parse("a.tsv", b"\n\n")
    with pytest.raises(DataFormatError, match="not a text file"):
        ecg5000.parse("a.tsv", b"\xff\xfe\x00")


def test_one_half_missing_is_named(tmp_path: Path, rng: np.random.Generator) -> None:
    _write(tmp_path, ".tsv", rng)
    (tmp_path / "ECG5000_TEST.tsv").unlink()
    with pytest.raises(DataNotFoundError, match=r"holds ECG5000_TRAIN\.tsv, expected"):
        load("ecg5000", tmp_path)


def test_nowhere_names_the_embedded_data_set(no_data: Path) -> None:
    with pytest.raises(DataNotFoundError, match="simulated-140"):
        load("ecg5000")
    with pytest.raises(DataNotFoundError, match="does not exist"):
        load("ecg5000", no_data / "nowhere")


def test_unknown_names_and_options_are_named(no_data: Path) -> None:
    with pytest.raises(ConfigError, match="'ecg500' is unknown; there are ecg5000"):
        load("ecg500")
    with pytest.raises(ConfigError, match="no option 'escape'"):
        load("ecg5000", escape="N")


def test_data_is_looked_for_in_order(
    no_data: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    import ectopy.datasets.locate as place

    wanted = {}
    for name in ("flag", "environment", "cache"):
        folder = no_data / name / "ecg5000"
        folder.mkdir(parents=True)
        wanted[name], _ = _write(folder, ".tsv", rng)
    monkeypatch.setattr(place, "cache_folder", lambda: no_data / "cache")
    np.testing.assert_array_equal(load("ecg5000").X, wanted["cache"])
    monkeypatch.setenv("ECTOPY_DATA", str(no_data / "environment"))
    np.testing.assert_array_equal(load("ecg5000").X, wanted["environment"])
    np.testing.assert_array_equal(load("ecg5000", no_data / "flag").X, wanted["flag"])


@pytest.mark.data
def test_the_official_files(data_dir: Path) -> None:
    data = load("ecg5000", data_dir)
    assert data.part is not None
    train, test = (data.take(data.part == part).counts() for part in ("train", "test"))
    assert list(train.values()) == [292, 177, 10, 19, 2]
    assert list(test.values()) == [2627, 1590, 86, 175, 22]
    assert data.checksums.items() <= ecg5000.OFFICIAL.items()
    assert data.caveats == ecg5000.CAVEATS

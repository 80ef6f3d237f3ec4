import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, EctopyError
from ectopy.recordings.annotations import Annotations, read_annotations, write_annotations

wfdb = pytest.importorskip("wfdb")
SYMBOLS = [s for s in wfdb.io.annotation.ann_label_table["symbol"] if s != " "]


def make(
    samples: list[int], symbols: list[str], aux: list[str] | None = None, fs_hz: float = 250
) -> Annotations:
    return Annotations(
        np.array(samples, dtype=np.int64),
        np.array(symbols, dtype=np.str_),
        fs_hz,
        np.array(aux or [""] * len(samples), dtype=np.str_),
    )


@st.composite
def annotation_sets(draw: st.DrawFn) -> Annotations:
    n = draw(st.integers(1, 40))
    step = st.one_of(st.integers(1, 2000), st.sampled_from([1023, 1024, 65535, 65536, 2_000_000]))
    samples = np.cumsum(draw(st.lists(step, min_size=n, max_size=n))) - draw(st.integers(0, 1))
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=n, max_size=n))
    text = st.sampled_from(["", "", "", "(N", "(AFIB", "odd", "x" * 255])
    aux = draw(st.lists(text, min_size=n, max_size=n))
    fs_hz = draw(st.sampled_from([128.0, 250.0, 360.0, 257.5, 999.98]))
    subtypes = draw(st.lists(st.sampled_from([0, 0, 1, 127, -1, -127]), min_size=n, max_size=n))
    return replace(
        make(samples.tolist(), symbols, aux, fs_hz), subtypes=np.array(subtypes, dtype=np.int64)
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(annotations=annotation_sets())
def test_bytes_are_those_of_wfdb_and_come_back(annotations: Annotations, tmp_path: Path) -> None:
    file = write_annotations(tmp_path, "ours", annotations, "ect")
    wfdb.wrann(
        "theirs",
        "ect",
        annotations.samples,
        annotations.symbols.tolist(),
        aux_note=annotations.aux.tolist(),
        subtype=annotations.subtypes,
        fs=annotations.fs_hz,
        write_dir=str(tmp_path),
    )
    assert file.read_bytes() == (tmp_path / "theirs.ect").read_bytes()
    back = read_annotations(tmp_path / "ours", "ect")
    np.testing.assert_array_equal(back.samples, annotations.samples)
    np.testing.assert_array_equal(back.symbols, annotations.symbols)
    np.testing.assert_array_equal(back.aux, annotations.aux)
    np.testing.assert_array_equal(back.subtypes, annotations.subtypes)
    assert back.fs_hz == annotations.fs_hz


def test_record_without_beats_can_be_written_and_read(tmp_path: Path) -> None:
    write_annotations(tmp_path, "flat", make([], []), "ect")
    back = read_annotations(tmp_path / "flat", "ect")
    assert len(back) == 0
    assert back.fs_hz == 250


def test_names_with_dots_are_kept(tmp_path: Path) -> None:
    write_annotations(tmp_path, "holter.v2", make([5], ["N"]), "ect")
    assert len(read_annotations(tmp_path / "holter.v2", "ect")) == 1


def test_a_day_of_beats_goes_through_quickly(tmp_path: Path) -> None:
    n = 110_000
    rng = np.random.default_rng(0)
    many = make(np.cumsum(rng.integers(60, 1200, n)).tolist(), rng.choice(SYMBOLS, n).tolist())
    begin = time.process_time()
    write_annotations(tmp_path, "day", many, "ect")
    read = read_annotations(tmp_path / "day", "ect")
    assert time.process_time() - begin < 0.7  # some 0.1 s; loops over beats take seconds
    np.testing.assert_array_equal(read.samples, many.samples)
    np.testing.assert_array_equal(read.symbols, many.symbols)


@pytest.mark.parametrize("extension", ["atr", "ATR", "hea", "dat", "", "a/b", "1x", ".."])
def test_reserved_and_unusable_extensions_are_refused(tmp_path: Path, extension: str) -> None:
    (tmp_path / "100.atr").write_bytes(b"reference")
    with pytest.raises(ConfigError, match="extension"):
        write_annotations(tmp_path, "100", make([5], ["N"]), extension)
    assert (tmp_path / "100.atr").read_bytes() == b"reference"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("annotations", "says"),
    [
        (make([5, 3], ["N", "N"]), "time order"),
        (make([-5], ["N"]), "time order"),
        (make([5], ["Z"]), "symbols Z"),
        (make([5], [" "]), "symbols"),
        (make([5], ["N"], ["x" * 256]), "256 characters"),
        (make([5], ["N"], ["→"]), "Latin-1"),
        (make([2**32], ["N"]), "apart"),
    ],
)
def test_what_cannot_be_written_is_named_and_leaves_nothing(
    tmp_path: Path, annotations: Annotations, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        write_annotations(tmp_path, "x", annotations, "ect")
    assert not list(tmp_path.iterdir())


def test_missing_file_and_unknown_rate_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"100\.atr not found"):
        read_annotations(tmp_path / "100")
    wfdb.wrann("x", "qrs", np.array([5, 9]), ["N", "N"], write_dir=str(tmp_path))
    with pytest.raises(DataFormatError, match=r"x\.hea is not beside it"):
        read_annotations(tmp_path / "x", "qrs")
    assert read_annotations(tmp_path / "x", "qrs", fs_hz=100).fs_hz == 100


@settings(max_examples=150, deadline=2000, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_end_in_one_sentence(data: st.DataObject, tmp_path: Path) -> None:
    good = make([5, 3000, 3100], ["N", "V", "+"], ["", "", "(N"])
    file = write_annotations(tmp_path, "ok", good, "ect")
    raw = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad.ect").write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    said, read = "", None
    try:
        read = read_annotations(tmp_path / "bad", "ect")
    except EctopyError as error:
        said = str(error)
    if read is None:
        assert "bad.ect" in said
        assert "\n" not in said
    else:
        assert len(read.samples) == len(read.symbols) == len(read.aux)
        assert (np.diff(read.samples) >= 0).all()
        assert read.fs_hz > 0


def test_comment_that_wfdb_never_returns_from_is_read(tmp_path: Path) -> None:
    write_annotations(tmp_path, "x", make([0, 9], ['"', "N"], ["## made by hand", ""]), "ect")
    assert read_annotations(tmp_path / "x", "ect").symbols.tolist() == ["N"]


def test_labels_defined_in_the_file_are_read(tmp_path: Path) -> None:
    labels = [(43, "k", "my own label")]
    wfdb.wrann(
        "x",
        "own",
        np.array([5, 2000, 2100]),
        ["N", "k", "V"],
        fs=200,
        custom_labels=labels,
        chan=np.array([0, 1, 1]),
        subtype=np.array([0, 3, -2]),
        num=np.array([1, 1, 2]),
        write_dir=str(tmp_path),
    )
    read = read_annotations(tmp_path / "x", "own")
    assert read.symbols.tolist() == ["N", "k", "V"]
    assert read.samples.tolist() == [5, 2000, 2100]
    assert read.fs_hz == 200


@pytest.mark.data
@pytest.mark.parametrize("database", ["mitdb", "svdb"])
def test_every_reference_reads_as_wfdb_reads_it(
    data_dir: Path, tmp_path: Path, database: str
) -> None:
    files = sorted((data_dir / database).glob("*.atr"))
    assert len(files) > 30
    for file in files:
        ours = read_annotations(file.with_suffix(""))
        theirs = wfdb.rdann(str(file.with_suffix("")), "atr")
        np.testing.assert_array_equal(ours.samples, theirs.sample)
        np.testing.assert_array_equal(ours.symbols, theirs.symbol)
        np.testing.assert_array_equal(ours.aux, [text.rstrip("\0") for text in theirs.aux_note])
        np.testing.assert_array_equal(ours.subtypes, theirs.subtype)
        assert ours.fs_hz == theirs.fs
        write_annotations(tmp_path, file.stem, ours, "copy")
        back = read_annotations(tmp_path / file.stem, "copy")
        np.testing.assert_array_equal(back.samples, ours.samples)
        np.testing.assert_array_equal(back.symbols, ours.symbols)
        np.testing.assert_array_equal(back.aux, ours.aux)

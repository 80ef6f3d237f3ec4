"""The Kaggle CSVs, with small made-up ones of the same layout."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.datasets import heartbeat_csv, load
from ectopy.datasets.protocols import protocol
from ectopy.errors import DataFormatError, DataNotFoundError


def _write(path: Path, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.random((n, 187)).astype(np.float32)
    X[:, 120:] = 0
    y = np.arange(n) % 5
    np.savetxt(path, np.column_stack([X, y]), fmt="%.18e", delimiter=",")
    return X, y


def _pack(path: Path) -> None:
    with gzip.open(f"{path}.gz", "wb") as file:
        file.write(path.read_bytes())
    path.unlink()


@pytest.mark.parametrize("packed", [False, True])
def test_plain_and_gzipped(packed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "heartbeat"
    folder.mkdir()
    train, test = _write(folder / "mitbih_train.csv", 40), _write(folder / "mitbih_test.csv", 12, 1)
    if packed:
        _pack(folder / "mitbih_train.csv")
    data = load("heartbeat-csv", tmp_path)
    np.testing.assert_array_equal(data.X, np.concatenate([train[0], test[0]]))
    np.testing.assert_array_equal(data.y, np.concatenate([train[1], test[1]]))
    assert data.X.dtype == np.float32
    assert data.part is not None
    assert list(data.part) == ["train"] * 40 + ["test"] * 12
    assert data.groups is None
    (split,) = protocol("official").splits(data, np.random.default_rng(0))
    assert "intra-patient" in split.label
    assert set(data.checksums) == {f"mitbih_train.csv{'.gz' * packed}", "mitbih_test.csv"}


@given(
    rows=st.lists(
        st.lists(st.floats(0, 1, width=32), min_size=187, max_size=187), min_size=1, max_size=3
    ),
    ending=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=15, deadline=None)
def test_numbers_come_as_they_are_written(
    rows: list[list[float]], ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "mitbih_test.csv"
    path.write_text(ending.join(",".join(f"{v:.18e}" for v in [*row, 4.0]) for row in rows))
    X, y = heartbeat_csv.read(path)
    np.testing.assert_array_equal(X, np.array(rows, dtype=np.float32))
    assert (y == 4).all()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",".join(["0.5"] * 187), "line 2 has 187 columns, expected 188"),
        (",".join(["0.5"] * 100 + ["x"] + ["0.5"] * 86 + ["1"]), "line 2 holds 'x' in column 101"),
        (",".join(["nan"] + ["0.5"] * 186 + ["1"]), "line 2 holds 'nan' in column 1"),
        (",".join(["0.5"] * 187 + ["5"]), "line 2 has the label 5, expected 0 to 4"),
        (",".join(["0.5"] * 187 + [""]), "line 2 holds '' in column 188"),
    ],
)  # fmt: skip
def test_faults_name_the_line(line: str, message: str, tmp_path: Path) -> None:
    good = ",".join(["0.5"] * 187 + ["0.0"])
    path = tmp_path / "mitbih_train.csv"
    path.write_text(f"{good}\n{line}\n{good}\n")
    with pytest.raises(DataFormatError, match=message) as error:
        heartbeat_csv.read(path)
    assert "mitbih_train.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_truncated_gzip_and_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "mitbih_train.csv"
    _write(path, 50)
    _pack(path)
    packed = Path(f"{path}.gz")
    packed.write_bytes(packed.read_bytes()[:5000])
    with pytest.raises(DataFormatError, match=r"mitbih_train\.csv\.gz, which cannot be read"):
        heartbeat_csv.read(packed)
    path.write_text("")
    with pytest.raises(DataFormatError, match=r"mitbih_train\.csv, which holds no beats"):
        heartbeat_csv.read(path)


def test_one_part_missing_and_nowhere(no_data: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"without an account.*simulated-187"):
        load("heartbeat-csv")
    _write(no_data / "mitbih_test.csv", 5)
    with pytest.raises(DataNotFoundError, match=r"no mitbih_train\.csv"):
        load("heartbeat-csv", no_data)

"""Columns are what `pyarrow.array` would make of the same values, and need no pandas."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ectopy.analysis.arrow import coded, listed, numbers, table, words


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64, np.uint8, np.float32, np.float64])
def test_numbers(dtype: type) -> None:
    values = np.arange(11).astype(dtype)
    missing = values % 3 == 1
    assert numbers(values).equals(pa.array(values))
    assert numbers(values[::2]).equals(pa.array(values[::2]))
    assert numbers(values, missing).equals(pa.array(values, mask=missing))


def test_truth_and_texts() -> None:
    truth = np.arange(19) % 4 == 0
    assert numbers(truth).equals(pa.array(truth))
    texts = ["N", "", None, "größer"]
    assert words(texts).equals(pa.array(texts))
    assert words([]).equals(pa.array([], pa.string()))
    assert coded(np.array([1, 0, 1]), ("a", "b")).to_pylist() == ["b", "a", "b"]


def test_lists() -> None:
    for kind, values in (
        (int, [1, None, 3]),
        (float, [0.5, None]),
        (bool, [True, None, False]),
        (str, ["x", None]),
        (int, []),
    ):
        assert listed(values, kind).to_pylist() == values
    assert table({"a": listed([1], int)}).to_pydict() == {"a": [1]}


def test_writing_results_imports_no_pandas(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np, ectopy\n"
        "recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))\n"
        "result = ectopy.analyze(recording)\n"
        "result.write('out'), result.save('r.ectopy')\n"
        "assert 'pandas' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

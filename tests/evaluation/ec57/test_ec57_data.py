from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.aami import DS1, DS2
from ectopy.evaluation.ec57.counting import match, statistics
from ectopy.recordings.annotations import read_annotations

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("records", "escape", "expected"),
    [
        (DS1, "N", [45_866, 944, 3_788, 415, 8]),
        (DS2, "N", [44_259, 1_837, 3_221, 388, 7]),
        (DS2, "S", [44_046, 2_050, 3_221, 388, 7]),
    ],
)
def test_the_reference_agrees_with_itself(
    data_dir: Path, records: tuple[str, ...], escape: str, expected: list[int]
) -> None:
    matrices = {}
    for record in records:
        reference = read_annotations(data_dir / "mitdb" / record)
        matrices[record] = match(reference, reference, escape=escape, skip_s=0, n_samples=650_000)
    counts = np.sum([matrix.counts for matrix in matrices.values()], axis=0)
    np.testing.assert_array_equal(counts, np.diag([*expected, 0, 0]))
    gross = statistics(matrices, n_resamples=10)["gross"]
    assert gross["accuracy"] == gross["macro_f1_nsv"] == gross["SVEB"]["f1"] == 1
    assert gross["VEB"]["fpr"] == 0

import numpy as np
import pytest

from ectopy.beats.reference import reference_beats
from ectopy.errors import DataFormatError
from ectopy.recordings.annotated import AnnotatedRecord
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.recording import Recording


def record(symbols: str) -> AnnotatedRecord:
    n = len(symbols)
    marks = Annotations(
        10 * np.arange(n, dtype=np.int64),
        np.array(list(symbols), dtype=np.str_),
        100.0,
        np.array([""] * n, dtype=np.str_),
    )
    recording = Recording.from_array(np.zeros((1, 100)), 100.0, ("II",), name="made")
    return AnnotatedRecord(recording, marks, "made.atr")


def test_beats_are_told_from_other_marks() -> None:
    beats = reference_beats(record("+N~Ve|/"))
    assert len(beats) == 4
    assert beats.samples.tolist() == [10, 30, 40, 60]
    assert beats.classes.tolist() == [0, 2, 0, 4]
    assert "".join(beats.symbols) == "NVe/"
    assert reference_beats(record("+N~Ve|/"), "S").classes.tolist() == [0, 2, 1, 4]


@pytest.mark.parametrize("symbols", ["", "+~|"])
def test_a_record_without_beats_is_named(symbols: str) -> None:
    with pytest.raises(DataFormatError, match=r"made\.atr holds no beat annotation"):
        reference_beats(record(symbols))

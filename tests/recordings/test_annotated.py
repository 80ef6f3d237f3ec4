from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.recordings.annotated import at_rate, open_annotated
from ectopy.recordings.annotations import Annotations, write_annotations


def marks(samples: list[int], fs_hz: float = 250.0) -> Annotations:
    return Annotations(
        np.array(samples, dtype=np.int64),
        np.array(["N"] * len(samples), dtype=np.str_),
        fs_hz,
        np.array([""] * len(samples), dtype=np.str_),
        np.arange(len(samples), dtype=np.int64) % 100,
    )


def write_record(folder: Path, name: str = "r", n_samples: int = 1000) -> Path:
    """Write a record of one lead at 250 Hz, in format 16."""
    (folder / f"{name}.hea").write_text(
        f"{name} 1 250 {n_samples}\n{name}.dat 16 200/mV 16 0 0 0 0 II\n"
    )
    (folder / f"{name}.dat").write_bytes(np.arange(n_samples).astype("<i2").tobytes())
    return folder / name


def test_annotations_count_at_the_rate_of_the_recording(tmp_path: Path) -> None:
    path = write_record(tmp_path)
    write_annotations(tmp_path, "r", marks([0, 100, 400], 100.0), "ref")
    record = open_annotated(path, "ref")
    assert (record.name, record.fs_hz, record.reference.fs_hz) == ("r", 250.0, 250.0)
    assert record.reference.samples.tolist() == [0, 250, 1000]
    assert record.notes == ("1 of 3 annotations stand after the last sample",)
    assert record.recording.read(200, 202).tolist() == [[1.0, np.float32(1.005)]]


def test_samples_are_read_only_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ectopy.recordings.recording import Recording

    path = write_record(tmp_path)
    write_annotations(tmp_path, "r", marks([5]), "ref")
    monkeypatch.setattr(Recording, "read", lambda *_: pytest.fail("the signal was read"))
    assert open_annotated(path, "ref").notes == ()


def test_annotations_of_another_record_are_refused(tmp_path: Path) -> None:
    path = write_record(tmp_path)
    write_annotations(tmp_path, "r", marks([1000, 1200]), "ref")
    with pytest.raises(DataFormatError, match=r"r\.ref begins at sample 1000.*has 1000 samples"):
        open_annotated(path, "ref")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    path = write_record(tmp_path)
    with pytest.raises(DataNotFoundError, match=r"r\.atr not found"):
        open_annotated(path)
    write_annotations(tmp_path, "other", marks([5]), "ref")
    with pytest.raises(DataNotFoundError, match=r"other\.hea"):
        open_annotated(tmp_path / "other", "ref")


@given(
    st.lists(st.integers(0, 10**7), max_size=30),
    st.sampled_from([100.0, 128.0, 257.5, 360.0]),
    st.sampled_from([100.0, 250.0, 360.0, 1000.0]),
)
def test_times_stay_within_half_a_sample(samples: list[int], before: float, after: float) -> None:
    given_ = marks(samples, before)
    found = at_rate(given_, after)
    order = np.argsort(given_.samples, kind="stable")
    assert found.fs_hz == after
    assert (np.diff(found.samples) >= 0).all()
    np.testing.assert_allclose(
        found.samples / after, given_.samples[order] / before, atol=0.51 / after, rtol=0
    )
    assert found.subtypes is not None
    assert sorted(found.subtypes.tolist()) == sorted((np.arange(len(samples)) % 100).tolist())

"""A recording goes to another process as it is, whatever it was read from."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

READ_WHERE_IT_IS = ("wfdb-16", "edf", "npy", "ishne")


@pytest.mark.parametrize("kind", files.EVERY)
def test_every_format_pickles(kind: str, tmp_path: Path) -> None:
    path = files.EVERY[kind](tmp_path)
    recording = open_recording(path, fs_hz=files.FS_HZ if kind == "npy" else None)
    carried = pickle.dumps(recording)
    again: Recording = pickle.loads(carried)
    np.testing.assert_array_equal(again.read(), recording.read())
    assert (again.name, again.leads, again.start) == (
        recording.name,
        recording.leads,
        recording.start,
    )
    assert again.recorded == recording.recorded
    assert again.all_notes == recording.all_notes
    if kind in READ_WHERE_IT_IS:
        assert len(carried) < 3000, "its samples travel"


def test_what_reading_shows_is_told_in_the_other_process_too(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    signal = path.with_suffix(".dat")
    content = bytearray(signal.read_bytes())
    content[100] ^= 1
    signal.write_bytes(content)
    again: Recording = pickle.loads(pickle.dumps(open_recording(path)))
    again.read()
    assert any("do not add up to the checksum" in note for note in again.all_notes)


def test_arrays_and_the_simulator_pickle() -> None:
    simulated, _ = simulate(20, rng=np.random.default_rng(0), leads=("II", "V1"))
    array = Recording.from_array(simulated.read(), simulated.fs_hz, simulated.leads)
    for recording in (simulated, array):
        again: Recording = pickle.loads(pickle.dumps(recording))
        np.testing.assert_array_equal(again.read(500, 900), recording.read(500, 900))

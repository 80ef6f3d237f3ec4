from pathlib import Path

import numpy as np

from ectopy.bench.analyze import FS_HZ, make_file
from ectopy.recordings.open import open_recording
from ectopy.recordings.simulation.simulate import simulate


def test_the_benchmarked_file_holds_the_simulated_signal(tmp_path: Path) -> None:
    recording = open_recording(make_file(tmp_path, hours=0.02, seed=3))
    expected, _ = simulate(72, rng=np.random.default_rng(3), fs_hz=FS_HZ)
    assert recording.leads == expected.leads
    assert np.abs(recording.read() - expected.read()).max() < 0.003  # half a step of 1/200 mV

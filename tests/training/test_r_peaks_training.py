import numpy as np
import pytest

from ectopy.models.r_peaks import lost
from ectopy.recordings.simulation.simulate import simulate
from ectopy.training.r_peak_network import (
    STRETCH,
    Example,
    draw_stretch,
    fit,
    prepare_example,
    targets,
)

pytest.importorskip("tensorflow")


@pytest.fixture
def example(rng: np.random.Generator) -> Example:
    recording, beats = simulate(120, rng=rng, fs_hz=200)
    return prepare_example(recording.read(), 200, beats.samples, beats.symbols)


def test_a_target_stands_on_each_beat() -> None:
    target = targets(np.array([10, 40]), 60)
    assert target.sum() == pytest.approx(6)
    assert np.flatnonzero(target == 1).tolist() == [10, 40]
    assert targets(np.array([0, 59, 99]), 60).sum() == pytest.approx(4)


def test_stretches_keep_their_beats(example: Example, rng: np.random.Generator) -> None:
    counts = []
    for _ in range(50):
        signal, target, weight = draw_stretch(example, rng)
        assert signal.shape == (STRETCH + lost()[1],)
        assert target.shape == weight.shape == (STRETCH,)
        assert np.isfinite(signal).all()
        counts.append(target.sum() / 3)
        # Where a beat is marked, the signal moves more than elsewhere.
    expected = example.target.sum() / 3 * STRETCH / example.band.shape[1]
    assert np.mean(counts) == pytest.approx(expected, rel=0.15)


@pytest.mark.slow
def test_training_lowers_the_loss(example: Example) -> None:
    said: list[str] = []
    fit([example], steps=400, learning_rate=3e-3, seed=1, say=said.append)
    first, last = (float(line.split()[1]) for line in said)
    assert last < 0.6 * first

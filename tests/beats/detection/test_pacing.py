import numpy as np
import pytest

from ectopy.beats.detection.pacing import paced, spikes

FS_HZ = 360.0


def paced_signal(spike_mv):
    t = np.arange(int(100 * FS_HZ)) / FS_HZ
    times = np.arange(1, 99, 0.8)
    lead = 0.005 * np.random.default_rng(0).standard_normal(len(t))
    for at in times:
        lead += np.exp(-0.5 * ((t - at) / 0.03) ** 2)
        lead[round((at - 0.09) * FS_HZ)] += spike_mv
    return lead[None].astype(np.float32), np.rint(times * FS_HZ).astype(int)


def test_spikes_are_seen_at_any_polarity():
    for height in (0.3, -0.3):
        signal, peaks = paced_signal(height)
        found = spikes(signal, FS_HZ, peaks)
        assert found.mean() > 0.95
        assert paced(found)[5:].all()


def test_no_spikes_no_pacing():
    signal, peaks = paced_signal(0.0)
    found = spikes(signal, FS_HZ, peaks)
    assert found.mean() < 0.05
    assert not paced(found).any()


def test_slow_recorders_cannot_tell():
    signal, peaks = paced_signal(0.3)
    assert not spikes(signal[:, ::3], FS_HZ / 3, peaks // 3).any()


def test_nothing_to_see():
    assert spikes(np.zeros((1, 10), np.float32), FS_HZ, np.zeros(0, np.int64)).shape == (0,)


@pytest.mark.data
@pytest.mark.parametrize(("record", "expected"), [("107", True), ("124", False), ("101", False)])
def test_mit_bih(data_dir, record, expected):
    from ectopy.study.records.read import read

    found = read(data_dir / "mitdb", record)
    is_paced = paced(spikes(found.signal_mv, found.fs_hz, found.beats()[0]))
    assert is_paced.mean() > 0.8 if expected else not is_paced.any()

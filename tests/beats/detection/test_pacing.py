import numpy as np
import pytest

from ectopy.beats.detection.pacing import SLOWEST_HZ, spikes

NARROW, WIDE = 0.012, 0.04
"""Width of an R wave, and of a paced QRS, in s (one sigma)."""


def beats(
    fs_hz: float,
    spike_mv: float,
    qrs_s: float,
    *,
    spike_s: float = 0.002,
    ahead_s: float = 0.09,
    smooth_s: float = 0.0,
    seconds: int = 60,
) -> tuple[np.ndarray, np.ndarray]:
    """Make one lead with T waves and a little noise, and a pulse ahead of each beat."""
    t = np.arange(int(seconds * fs_hz)) / fs_hz
    times = np.arange(1, seconds - 1, 0.8)
    lead = 0.003 * np.random.default_rng(0).standard_normal(len(t))
    for at in times:
        lead += np.exp(-0.5 * ((t - at) / qrs_s) ** 2)
        lead += 0.2 * np.exp(-0.5 * ((t - at - 0.3) / 0.05) ** 2)
        first = round((at - ahead_s) * fs_hz)
        lead[first : first + max(1, round(spike_s * fs_hz))] += spike_mv
    if smooth_s:
        kernel = np.exp(-0.5 * (np.arange(-40, 41) / (smooth_s * fs_hz)) ** 2)
        lead = np.convolve(lead, kernel / kernel.sum(), mode="same")
    return lead[None].astype(np.float32), np.rint(times * fs_hz).astype(int)


@pytest.mark.parametrize("fs_hz", [200, 250, 300, 360, 500, 1000])
@pytest.mark.parametrize("spike_mv", [0.5, -0.5])
def test_spikes_of_either_polarity_are_seen_at_any_rate(fs_hz: float, spike_mv: float) -> None:
    signal, peaks = beats(fs_hz, spike_mv, WIDE)
    assert spikes(signal, fs_hz, peaks).mean() > 0.95


@pytest.mark.parametrize("fs_hz", [200, 250, 300, 360, 500, 1000])
@pytest.mark.parametrize("qrs_s", [NARROW, WIDE])
def test_neither_an_r_wave_nor_a_wide_qrs_is_a_spike(fs_hz: float, qrs_s: float) -> None:
    signal, peaks = beats(fs_hz, 0.0, qrs_s)
    assert not spikes(signal, fs_hz, peaks).any()


def test_what_a_tape_leaves_of_a_spike_is_seen_where_the_r_peak_was_marked_on_it() -> None:
    # As in MIT-BIH's 102 and 104: 15 ms wide, the highest point of the beat, a wide QRS after it.
    signal, peaks = beats(360, 3.0, WIDE, smooth_s=0.005)
    assert spikes(signal, 360, peaks - round(0.088 * 360)).mean() > 0.95


def test_an_atrial_spike_before_a_narrow_qrs_is_seen_where_the_recorder_is_fast() -> None:
    signal, peaks = beats(500, 0.3, NARROW, ahead_s=0.18)
    assert spikes(signal, 500, peaks).mean() > 0.95


def test_a_recorder_that_draws_the_stimulus_as_a_block() -> None:
    # As in ludb's 111: 30 ms long, its two edges a sample each.
    signal, peaks = beats(500, 0.2, WIDE, spike_s=0.03, ahead_s=0.12)
    assert spikes(signal, 500, peaks).mean() > 0.95


def test_slow_recorders_cannot_tell() -> None:
    signal, peaks = beats(SLOWEST_HZ - 1, 2.0, WIDE)
    assert not spikes(signal, SLOWEST_HZ - 1, peaks).any()


def test_of_twelve_leads_three_have_to_agree_on_the_instant() -> None:
    with_spike, peaks = beats(500, 0.5, WIDE)
    without, _ = beats(500, 0.0, WIDE)
    seen = {n: np.vstack([with_spike] * n + [without] * (12 - n)) for n in (2, 3)}
    assert not spikes(seen[2], 500, peaks).any()
    assert spikes(seen[3], 500, peaks).mean() > 0.95
    apart = np.vstack([np.roll(seen[3][i], 10 * i) for i in range(3)] + [without] * 9)
    assert not spikes(apart, 500, peaks).any()


def test_missing_samples_and_no_beats() -> None:
    signal, peaks = beats(360, 0.5, WIDE)
    signal[0, 3000:6000] = np.nan
    found = spikes(signal, 360, peaks)
    assert not found[(peaks > 3050) & (peaks < 5950)].any()
    assert found[(peaks < 2900) | (peaks > 6100)].mean() > 0.95
    assert spikes(np.zeros((1, 10), np.float32), 360, np.zeros(0, np.int64)).shape == (0,)


@pytest.mark.data
@pytest.mark.parametrize("record", ["102", "104", "107", "217", "101", "106", "114", "124", "207"])
def test_mit_bih(data_dir, record):
    from ectopy.study.records.read import read

    found = read(data_dir / "mitdb", record)
    share = spikes(found.signal_mv, found.fs_hz, found.beats()[0]).mean()
    assert share > 0.5 if record in {"102", "104", "107", "217"} else share < 0.005

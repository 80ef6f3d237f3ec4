import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.recordings.simulation.simulate import SimulationParameters, draw_patient, simulate

THREE = ("I", "AVF", "V2")  # at right angles
QUIET = {"wander_mv": 0.0, "muscle_mv": 0.0, "mains_mv": 0.0}
CLASS_OF = {"N": "N", "A": "S", "J": "S", "V": "V", "F": "F", "/": "Q", "Q": "Q"}
MIXED = SimulationParameters(s_share=0.1, v_share=0.1, f_share=0.05, q_share=0.1, **QUIET)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_same_seed_same_recording_other_seed_another() -> None:
    (first, beats), (again, same), (other, _) = (simulate(30, rng=rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.read(), again.read())
    np.testing.assert_array_equal(beats.samples, same.samples)
    assert not np.array_equal(first.read(), other.read())
    assert first.simulated


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 20_000), min_size=1, max_size=5), fs=st.sampled_from([125, 600])
)
def test_any_stretch_reads_the_same_however_it_is_reached(cuts: list[int], fs: float) -> None:
    recording, _ = simulate(20_000 / fs, rng=rng(3), fs_hz=fs)
    edges = [0, *sorted(cuts), recording.n_samples]
    pieces = [recording.read(a, b) for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), recording.read(), atol=1e-5)


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0, 1000.0])
def test_length_rate_leads_and_shares(fs: float) -> None:
    recording, beats = simulate(
        1200, rng=rng(5), fs_hz=fs, leads=("MLII", "V5", "X"), parameters=MIXED
    )
    assert recording.read().shape == (3, int(1200 * fs))
    assert recording.fs_hz == beats.fs_hz == fs
    assert (np.diff(beats.samples) > 0).all()
    assert 0 <= beats.samples[0] < beats.samples[-1] < recording.n_samples
    classes = np.array([CLASS_OF[s] for s in beats.symbols])
    for name, share in {"S": 0.1, "V": 0.1, "F": 0.05, "Q": 0.1}.items():
        assert abs((classes == name).mean() - share) < 0.035


def test_sinus_rhythm_varies_as_in_healthy_adults() -> None:
    sinus = SimulationParameters(s_share=0, v_share=0, f_share=0, q_share=0)
    patient = draw_patient(rng(7), heart_rate_bpm=66)
    _, beats = simulate(3600, rng=rng(8), patient=patient, parameters=sinus)
    times = beats.samples / beats.fs_hz
    rr = np.diff(times)
    # The hour may lie at any time of day, 12 % to either side.
    assert 0.86 < rr.mean() / (60 / 66) < 1.14
    assert 0.025 < rr[:330].std() < 0.09  # SDNN of some five minutes, in seconds
    even = np.interp(np.arange(times[1], times[-1], 0.25), times[1:], rr)
    power = np.abs(np.fft.rfft(even - even.mean())) ** 2
    frequency = np.fft.rfftfreq(len(even), 0.25)
    breath = np.abs(frequency - patient.respiration_hz) < 0.01
    between = (frequency > 0.13) & (frequency < 0.17)
    assert power[breath].mean() > 20 * power[between].mean()


def test_prematurity_and_compensatory_pauses() -> None:
    alone = {"f_share": 0.0, "q_share": 0.0, "circadian_rr": 0.0, "respiratory_rr": 0.0}
    for share, pause in (
        ({"s_share": 0.0, "v_share": 0.1}, 2.0),
        ({"s_share": 0.1, "v_share": 0.0}, None),
    ):
        parameters = SimulationParameters(**share, **alone)
        _, beats = simulate(1800, rng=rng(11), parameters=parameters)
        normal = beats.symbols == "N"
        # Single ectopic beats with two normal ones on both sides.
        k = (
            np.flatnonzero(~normal[2:-2] & normal[:-4] & normal[1:-3] & normal[3:-1] & normal[4:])
            + 2
        )
        assert len(k) > 30
        rr = np.diff(beats.samples / beats.fs_hz)
        usual, early, late = rr[k - 2], rr[k - 1], rr[k]
        assert (early / usual < 0.9).all()
        total = np.median((early + late) / usual)
        if pause is None:  # the sinus node was reset
            assert 1.5 < total < 1.92
        else:
            assert abs(total - pause) < 0.05


def qrs_widths_s(symbols: tuple[str, ...]) -> np.ndarray:
    """Measure the QRS on noise-free beats: the time around R where the slope is steep.

    Measured over three leads at right angles, as on a twelve-lead recording.
    """
    fs = 1000
    widths = []
    for seed in range(6):
        recording, beats = simulate(300, rng=rng(seed), fs_hz=fs, leads=THREE, parameters=MIXED)
        slope = np.linalg.norm(np.gradient(recording.read(), 1 / fs, axis=1), axis=0)
        inner = [
            s
            for s, c in zip(beats.samples, beats.symbols, strict=True)
            if c in symbols and 200 < s < recording.n_samples - 200
        ]
        windows = np.array([slope[s - 110 : s + 111] for s in inner])
        steep = windows > 5.0  # mV/s: P and T waves stay below
        widths.append((steep.shape[1] - steep.argmax(1) - steep[:, ::-1].argmax(1)) / fs)
    return np.concatenate(widths)


def test_qrs_is_narrow_in_n_and_wide_in_v() -> None:
    normal, ventricular, fusion = (qrs_widths_s((s,)) for s in "NVF")
    assert 0.07 < np.median(normal) < 0.11
    assert (normal < 0.12).mean() > 0.95
    assert 0.12 < np.median(ventricular) < 0.20
    assert (ventricular > 0.115).mean() > 0.95
    assert np.median(normal) < np.median(fusion) < np.median(ventricular)


def test_annotation_stands_on_the_r_peak() -> None:
    for seed in range(4):
        recording, beats = simulate(200, rng=rng(seed), fs_hz=500, leads=("II",), parameters=MIXED)
        signal = recording.read()[0]
        peaks = beats.samples[beats.symbols == "N"][1:-1]
        windows = np.array([signal[p - 25 : p + 26] for p in peaks])
        away_ms = (np.abs(windows).argmax(axis=1) - 25) * 1000 / 500
        assert (np.abs(away_ms) <= 4).mean() > 0.97


def test_ventricular_t_wave_is_discordant() -> None:
    fs = 500
    recording, beats = simulate(600, rng=rng(4), fs_hz=fs, leads=THREE, parameters=MIXED)
    signal = recording.read()
    v = [s for s in beats.samples[beats.symbols == "V"] if 300 < s < recording.n_samples - 300]
    at_t = np.array([signal[:, s + int(0.27 * fs)] for s in v])
    at_r = np.array([signal[:, s] for s in v])
    cosine = (at_t * at_r).sum(1) / np.linalg.norm(at_t, axis=1) / np.linalg.norm(at_r, axis=1)
    assert np.median(cosine) < -0.8


def test_junctional_beats_have_no_p_wave() -> None:
    # Slow and hardly premature, so that no T wave lies where the P wave would be.
    late = SimulationParameters(s_share=0.2, s_coupling=(0.88, 0.92), v_share=0, f_share=0, **QUIET)
    patient = draw_patient(rng(4), heart_rate_bpm=50)
    recording, beats = simulate(
        300, rng=rng(4), fs_hz=500, leads=THREE, patient=patient, parameters=late
    )
    signal = recording.read()
    height = {
        symbol: np.median(
            [
                np.ptp(signal[:, s - 95 : s - 55], axis=1).max()
                for s in beats.samples[beats.symbols == symbol][1:-1]
            ]
        )
        for symbol in "NAJ"
    }
    assert min(height["N"], height["A"]) > 0.05
    assert height["J"] < 0.01


def test_paced_beats_have_a_spike() -> None:
    fs = 1000
    recording, beats = simulate(600, rng=rng(4), fs_hz=fs, leads=THREE, parameters=MIXED)
    steps = np.abs(np.diff(recording.read(), axis=1)).max(axis=0)
    for symbol, spike in ("/", True), ("V", False):
        around = [
            steps[s - 80 : s - 40].max() for s in beats.samples[beats.symbols == symbol][1:-1]
        ]
        assert (np.array(around) > 0.2).all() == spike


def test_noise_has_the_size_that_was_asked_for() -> None:
    still = SimulationParameters(**QUIET)
    noisy = SimulationParameters(wander_mv=0.1, muscle_mv=0.05, mains_mv=0.2, mains_hz=60)
    patient = draw_patient(rng(1))
    noise, clean = (
        simulate(120, rng=rng(2), patient=patient, fs_hz=500, parameters=p)[0].read()[0]
        for p in (noisy, still)
    )
    # The rhythm is drawn before the noise, so the two differ by the noise only.
    spectrum = np.abs(np.fft.rfft(noise - clean)) / len(noise) * 2
    frequency = np.fft.rfftfreq(len(noise), 1 / 500)
    assert 58 < frequency[10 * 120 :][spectrum[10 * 120 :].argmax()] < 62
    low = np.sqrt((spectrum[frequency < 1] ** 2).sum() / 2)
    assert 0.06 < low < 0.14
    high = np.sqrt((spectrum[(frequency > 1) & (np.abs(frequency - 60) > 1)] ** 2).sum() / 2)
    assert 0.02 < high < 0.1


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"duration_s": 0.0}, "duration"),
        ({"duration_s": float("nan")}, "duration"),
        ({"fs_hz": 10.0}, "sampling rate"),
        ({"leads": ("II", "II")}, "leads"),
    ],
)
def test_unusable_arguments_are_named(bad: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        simulate(**{"duration_s": 10.0, "rng": rng(), **bad})


def test_unusable_parameters_are_named() -> None:
    with pytest.raises(ConfigError, match="v_share"):
        SimulationParameters(v_share=-0.1)
    with pytest.raises(ConfigError, match=r"at most 0\.6"):
        SimulationParameters(v_share=0.9)
    with pytest.raises(ConfigError, match="s_coupling"):
        SimulationParameters(s_coupling=(0.9, 0.5))

"""An outline says how a beat goes up and down: not how far, and not where its mark stands."""

import numpy as np
import pytest

from ectopy.beats.features.outlines import NUMBERS, outline

AT = np.arange(1, 60) * 0.8


def beats(fs_hz: float, seconds: float = 49.0) -> np.ndarray:
    """Draw two leads with a QRS and a T wave every 0.8 s."""
    time = np.arange(round(seconds * fs_hz)) / fs_hz
    from_beat = (time + 0.4) % 0.8 - 0.4
    leads = []
    for r, s, t in ((1.0, -0.3, 0.25), (0.4, -0.9, -0.2)):
        qrs = r * np.exp(-((from_beat / 0.012) ** 2))
        qrs += s * np.exp(-(((from_beat - 0.035) / 0.014) ** 2))
        leads.append(qrs + t * np.exp(-(((from_beat - 0.22) / 0.05) ** 2)))
    return np.asarray(leads, dtype=np.float32)


def unlike(one: np.ndarray, other: np.ndarray) -> float:
    """Give the lowest correlation of outlines, each with its own in the other."""
    a, b = one.astype(float), other.astype(float)
    return float(
        1 - np.min((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
    )


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 360.0, 500.0, 1000.0])
def test_the_rate_hardly_matters(fs_hz: float) -> None:
    usual = outline(beats(250.0), 250.0, np.rint(AT * 250))
    here = outline(beats(fs_hz), fs_hz, np.rint(AT * fs_hz))
    assert here.shape == (len(AT), 2 * NUMBERS)
    assert unlike(usual, here) < 0.03


@pytest.mark.parametrize("off_s", [-0.05, -0.02, 0.02, 0.05])
def test_a_mark_on_a_flank_makes_no_other_outline(off_s: float) -> None:
    signal = beats(250.0)
    usual = outline(signal, 250.0, np.rint(AT * 250))
    assert unlike(usual, outline(signal, 250.0, np.rint((AT + off_s) * 250))) < 0.02


def test_size_level_and_slope_drop_out() -> None:
    signal = beats(250.0)
    at = np.rint(AT * 250)
    usual = outline(signal, 250.0, at)
    assert unlike(usual, outline(0.3 * signal + 5, 250.0, at)) < 0.001
    wander = 4 * np.sin(np.arange(signal.shape[1]) / 250)  # steeper than 3 mV a second
    assert unlike(usual, outline((signal + wander).astype(np.float32), 250.0, at)) < 0.02
    assert np.abs(usual).max(axis=1).tolist() == [127] * len(at)


def test_a_beat_is_the_same_in_any_piece() -> None:
    signal = beats(250.0)
    at = np.rint(AT * 250).astype(int)
    whole = outline(signal, 250.0, at)
    piece = outline(signal[:, 2000:9000], 250.0, at[(at > 2400) & (at < 8600)] - 2000)
    np.testing.assert_array_equal(piece, whole[(at > 2400) & (at < 8600)])


def test_a_lead_that_is_not_there_is_zero_and_leaves_the_other_alone() -> None:
    signal = beats(250.0)
    at = np.rint(AT * 250)
    alone = outline(signal[:1], 250.0, at)
    assert not alone[:, NUMBERS:].any()
    signal[1] = np.nan
    np.testing.assert_array_equal(outline(signal, 250.0, at), alone)
    signal[1] = 7.0
    assert not outline(signal, 250.0, at)[:, NUMBERS:].any()
    assert unlike(outline(signal, 250.0, at), alone) < 1e-4
    for level in (np.nan, 0.0, 7.3):
        assert not outline(np.full((2, 5000), level, np.float32), 250.0, np.array([2500])).any()


def test_beats_at_the_ends_and_none_at_all() -> None:
    signal = beats(250.0)
    assert outline(signal, 250.0, np.zeros(0, int)).shape == (0, 2 * NUMBERS)
    assert outline(signal[:, :0], 250.0, np.zeros(0, int)).shape == (0, 2 * NUMBERS)
    assert np.isfinite(outline(signal[:, :30], 250.0, np.array([0, 29]))).all()

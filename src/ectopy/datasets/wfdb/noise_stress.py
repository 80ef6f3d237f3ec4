"""Recorded noise added to a recording, as the noise stress test of Moody, Muldrow and Mark does it.

After G. B. Moody, W. K. Muldrow and R. G. Mark, "A noise stress test for arrhythmia detectors",
Computers in Cardiology 1984, and the program ``nst`` of the WFDB Software Package, whose levels
these are within 0.4 dB: it cuts samples of the noise to whole units before it measures them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BEGINS_S: Final = 300.0
"""When the noise begins: the first five minutes are a detector's to learn in."""
PART_S: Final = 120.0
"""Seconds with noise, and as many without, in turn."""
MEASURED: Final = 300  # beats, and seconds of noise, that levels are measured on
REACH_S: Final = 0.05
"""Half the width of the window around an R peak in which a QRS is measured."""
CUT: Final = 20  # the smallest and the largest of this many measurements are not meant


def stressed(
    signal_mv: Float32,
    fs_hz: float,
    normal: Int64,
    noise: Float32,
    noise_fs_hz: float,
    snr_db: float,
) -> Float32:
    """Add noise from minute five on, two minutes with and two without.

    Lead ``i`` gets the noise's channel ``i``, again from the first where there are more leads.
    Where the noise begins and ends there is no step: what it has reached stays.

    Parameters
    ----------
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        The recording in mV.
    fs_hz : float
        Its sampling rate.
    normal : ndarray of int64, shape (n_beats,)
        Samples of R peaks that are not ventricular, whose size the level is measured by.
    noise : ndarray of float32, shape (n_channels, n)
        Recorded noise; it begins anew where it is too short.
    noise_fs_hz : float
        Its sampling rate.
    snr_db : float
        Signal to noise in dB: the squared height of the QRS over eight, by the noise's power.

    Returns
    -------
    ndarray of float32, shape (n_leads, n_samples)

    Raises
    ------
    ConfigError
        If a lead has no beat to measure, or the noise has no power.

    Examples
    --------
    >>> from ectopy.datasets.wfdb.noise_stress import stressed
    >>> recording, reference = ectopy.simulate(600, rng=np.random.default_rng(0))
    >>> clean, fs_hz = recording.read(), recording.fs_hz
    >>> noise = np.random.default_rng(1).normal(size=(2, len(clean[0]))).astype(np.float32)
    >>> noisy = stressed(clean, fs_hz, reference.samples, noise, fs_hz, 6.0)
    >>> bool((noisy[:, : int(300 * fs_hz)] == clean[:, : int(300 * fs_hz)]).all())
    True
    """
    own = _at_rate(noise, noise_fs_hz, fs_hz)
    n = signal_mv.shape[1]
    wanted = gains(signal_mv, fs_hz, normal, own, snr_db)
    on = noisy_samples(n, fs_hz)
    out = np.array(signal_mv, dtype=np.float32)
    for lead, gain in enumerate(wanted.tolist()):
        channel = own[lead % len(own)].astype(np.float64)
        steps = np.diff(np.resize(channel, n), prepend=channel[0])
        steps[:: len(channel)] = 0.0  # where it begins anew
        out[lead] += (gain * np.cumsum(steps * on)).astype(np.float32)
    return out


def noisy_samples(n: int, fs_hz: float) -> npt.NDArray[np.bool_]:
    """Tell which of n samples the noise is added to."""
    at = np.arange(n) - round(BEGINS_S * fs_hz)
    return np.asarray((at >= 0) & (at // round(PART_S * fs_hz) % 2 == 0))


def gains(
    signal_mv: Float32, fs_hz: float, normal: Int64, noise: Float32, snr_db: float
) -> Float64:
    """Give what the noise of each lead is multiplied by, shape (n_leads,).

    Parameters
    ----------
    signal_mv, fs_hz, normal, snr_db
        As for `stressed`.
    noise : ndarray of float32, shape (n_channels, n)
        At the rate of the signal.
    """
    reach = max(1, round(REACH_S * fs_hz))
    at = normal[(normal >= reach) & (normal < signal_mv.shape[1] - reach)][:MEASURED]
    second = round(fs_hz)
    if not len(at) or noise.shape[1] < second:
        raise ConfigError("there is no beat, or less than a second of noise, to measure; give both")
    around = at[:, None] + np.arange(-reach, reach + 1)
    heights = np.stack([_trimmed(np.ptp(lead[around], axis=1)) for lead in signal_mv])
    seconds = noise[:, : noise.shape[1] // second * second].reshape(len(noise), -1, second)
    rms = seconds[:, :MEASURED].astype(np.float64).std(axis=2)
    level = np.stack([_trimmed(own) for own in rms])
    if not (level > 0).all():
        raise ConfigError("the noise is silent, expected some in each channel")
    ratio = 10 ** (-snr_db / 20) / np.sqrt(8)
    return np.asarray(ratio * heights / np.resize(level, len(heights)))


def _trimmed(values: npt.NDArray[np.floating]) -> Float64:
    """Give the mean of the middle."""
    ordered = np.sort(values.astype(np.float64))
    cut = len(ordered) // CUT
    return np.asarray(ordered[cut : len(ordered) - cut].mean())


def _at_rate(noise: Float32, noise_fs_hz: float, fs_hz: float) -> Float32:
    if noise_fs_hz == fs_hz:
        return noise
    from fractions import Fraction

    from scipy.signal import resample_poly

    step = Fraction(fs_hz / noise_fs_hz).limit_denominator(1000)
    whole = resample_poly(noise, step.numerator, step.denominator, axis=1, padtype="line")
    return np.asarray(whole, dtype=np.float32)

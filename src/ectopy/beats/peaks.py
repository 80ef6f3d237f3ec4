"""R peaks: where the beats are, in any lead, at any sampling rate."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]

MINIMUM_S = 2.0
"""Seconds that the adaptive thresholds need to learn the signal."""

REFINE_S = 0.06
"""Half-width, in s, of the search for the R wave's extremum around a detection."""


def detect(signal_mv: npt.ArrayLike, fs_hz: float) -> Int64:
    """Find the R peaks of one recording.

    Parameters
    ----------
    signal_mv : array_like, shape (n_samples,) or (n_leads, n_samples)
        ECG in mV, the best lead first; NaN where samples are missing.
    fs_hz : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
        Sample indices of the R peaks, ascending.

    Raises
    ------
    ConfigError
        If the signal is not one or more leads, or the rate is not positive.
    """
    leads = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
    if leads.ndim != 2:
        raise ConfigError(f"signal has {leads.ndim} dimensions, expected (n_leads, n_samples)")
    if not fs_hz > 0:
        raise ConfigError(f"sampling rate is {fs_hz} Hz, expected a positive number")
    lead = np.nan_to_num(leads[0]).astype(np.float64)
    if len(lead) < MINIMUM_S * fs_hz or np.ptp(lead) == 0:
        return np.zeros(0, dtype=np.int64)
    return refine(lead.astype(np.float32), fs_hz, _pan_tompkins(lead, fs_hz))


def refine(lead_mv: Float32, fs_hz: float, near: Int64) -> Int64:
    """Move each detection to the largest deflection from the local mean within 60 ms."""
    if not len(near):
        return near.astype(np.int64)
    half = max(1, round(REFINE_S * fs_hz))
    at = np.clip(near[:, None] + np.arange(-half, half + 1), 0, len(lead_mv) - 1)
    window = lead_mv[at]
    deflection = np.abs(window - np.median(window, axis=1, keepdims=True))
    return np.unique(at[np.arange(len(at)), deflection.argmax(axis=1)]).astype(np.int64)


def _pan_tompkins(lead: npt.NDArray[np.float64], fs_hz: float) -> Int64:
    """Detect as sleepecg does (Pan and Tompkins 1985, modified) on its compiled core."""
    from scipy.signal import butter, sosfiltfilt

    core = _sleepecg_core()
    band = butter(2, (5, 30), btype="bandpass", output="sos", fs=fs_hz)
    filtered = np.ascontiguousarray(sosfiltfilt(band, lead))
    slope = np.correlate(filtered, np.array([-1.0, -2.0, 0.0, 2.0, 1.0]), mode="same")
    energy = core._squared_moving_integration(slope, int(0.15 * fs_hz))
    return np.flatnonzero(core._thresholding(filtered, energy, fs_hz)).astype(np.int64)


@cache
def _sleepecg_core() -> ModuleType:
    """Load sleepecg's extension alone: the package's own import pulls in a second of others."""
    package = importlib.util.find_spec("sleepecg")
    if package is None or package.origin is None:
        raise ConfigError("sleepecg is not installed; install it with: pip install sleepecg")
    found = sorted(Path(package.origin).parent.glob("_heartbeat_detection*.so")) + sorted(
        Path(package.origin).parent.glob("_heartbeat_detection*.pyd")
    )
    spec = importlib.util.spec_from_file_location("_heartbeat_detection", found[0])
    if spec is None or spec.loader is None:
        raise ConfigError(f"sleepecg's detector at {found[0]} cannot be loaded; reinstall sleepecg")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

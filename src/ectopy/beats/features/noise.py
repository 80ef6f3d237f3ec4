"""How noisy the signal is where the P wave lies, and how far that shifts the odds of an S beat.

A beat whose P wave drowns in noise looks like any other, so the model calls it N and is sure of it.
Two measures tell: what is rough before the QRS, between 20 and 40 Hz, where no wave of the heart
is; and how little what lies there repeats from beat to beat, which shows slow noise too. Both are
set against the QRS, so gain drops out, and both are low quantiles over recent beats, so that
neither ectopic beats nor a single artefact raise them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.segments import segments
from ectopy.beats.features.context import CHUNK, Seen
from ectopy.beats.features.shape import BEFORE, P_DIFFERENCE, QRS, P

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

NOISY_FROM: Final = np.array([[-2.6], [-2.8]])
"""Logarithms of roughness and of what does not repeat, as shares of the QRS, from which noise
counts: below them lie five beats in six, and more than nine in ten, of DS1 and svdb as recorded."""

SHIFT: Final = 1.25
"""Growth of the logarithm of the odds of S with that of the noise; chosen on left-out DS1 and
svdb under noise (docs/results/interpatient.md)."""

RECENT: Final = 8
"""Beats over which noise is judged, this one included, by the third lowest of them."""
_RANK: Final = 2

_DIFFERENCES: Final = np.diff(np.eye(P.stop - P.start, dtype=np.float32), 4, axis=0).T
"""Fourth differences of the samples before the QRS: a high-pass at about 20 Hz."""


_CENTRED: Final = np.eye(QRS.stop - QRS.start, dtype=np.float32) - np.float32(
    1 / (QRS.stop - QRS.start)
)
"""Takes its mean from the QRS."""


def noise_at(signal: Float32, seen: Seen) -> Float32:
    """Measure the noise before the QRS of each beat, the mean over the leads that are on.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    seen : Seen
        What `ectopy.beats.features.context.look` saw in it.

    Returns
    -------
    ndarray of float32, shape (2, n_beats)
        Logarithms of the roughness, and of the difference from the usual beat, as shares of the
        QRS.

    Examples
    --------
    >>> from ectopy.beats.features import look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> noise_at(signal, look(signal, np.arange(100.0, 1900.0, 150.0))).shape
    (2, 12)
    """
    first = np.floor(seen.at).astype(np.int64) - BEFORE + P.start
    told = np.empty((2, len(signal), len(seen)), np.float32)
    told[1] = seen.measured[0, :, P_DIFFERENCE]
    with one_thread:
        for number, lead in enumerate(signal):
            for start in range(0, len(seen), CHUNK):
                here = slice(start, start + CHUNK)
                near = segments(lead, first[here], QRS.stop - P.start)
                rough = near[:, : P.stop - P.start] @ _DIFFERENCES
                qrs = near[:, QRS.start - P.start :] @ _CENTRED
                height = 2.5 * _rms(qrs) + np.float32(1e-3)
                told[0, number, here] = _rms(rough) / height
    told = np.log(told + np.float32(1e-4))
    on = seen.on[0] | ~seen.on[0].any(axis=0)
    return np.asarray(np.where(on, told, 0).sum(axis=1) / on.sum(axis=0), dtype=np.float32)


def doubt(noise: Float32) -> Float64:
    """Say how far noise moves the odds of S, from what `noise_at` measured of beats in a row.

    Returns
    -------
    ndarray of float64, shape (n_beats,)
        To be added to the logarithm of the odds; 0 in a clean signal.

    Examples
    --------
    >>> doubt(np.full((2, 3), -4.0, np.float32))
    array([0., 0., 0.])
    """
    if not noise.shape[1]:
        return np.zeros(0)
    before = np.pad(noise, ((0, 0), (RECENT - 1, 0)), mode="edge")
    recent = np.partition(sliding_window_view(before, RECENT, axis=1), _RANK, axis=-1)
    above = recent[..., _RANK] - NOISY_FROM
    return np.asarray(SHIFT * above.max(axis=0).clip(0), dtype=np.float64)


def _rms(rows: Float32) -> Float32:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1]))

"""Prematurity as far as the rhythm is not atrial fibrillation, where an early beat means nothing.

A first, small network says of each beat how much the rhythm looks like fibrillation or flutter
(`ectopy.training.inter_patient.fit`). Averaged over the last beats, that closes a gate on the
measures of prematurity, which then stand beside the open ones: a product that the layer above could
otherwise only approach with many units.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import prematurity as sinus
from ectopy.beats.features import rr_intervals as rhythm

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

GATE_BEATS: Final = (8, 32)
"""Over which what looks like fibrillation is averaged: for a few measures, and for all."""

LIMIT: Final = 7.5  # of a logit: one beat does not speak for its neighbours
N_GATED: Final = 5 + len(sinus.PREMATURE) + len(rhythm.PREMATURE) + len(sinus.GATED)


def gated(features: Float32, logits: Float32, *, two_sided: bool = False) -> Float32:
    """Put measures of prematurity beside those given, gated by the rhythm.

    Parameters
    ----------
    features : ndarray of float32, shape (n_beats, n_features)
        As `ectopy.beats.features.context` makes them.
    logits : ndarray of float32, shape (n_beats,)
        Of fibrillation; positive where the rhythm looks like it.
    two_sided : bool
        Average over as many later beats too (the whole-recording setting).

    Returns
    -------
    ndarray of float32, shape (n_beats, n_features + N_GATED)
        The beats before each one count; none after it, but for ``two_sided``.
    """
    return opened(features, logits, *averaged(logits, two_sided=two_sided))


def averaged(logits: Float32, *, two_sided: bool = False) -> tuple[Float64, Float64]:
    """Average what looks like fibrillation over each of `GATE_BEATS`, around every beat."""
    own = np.arange(len(logits))
    looks = _limited(logits)
    short, long = (
        rhythm.window_mean(
            looks,
            np.ones(len(own)),
            np.maximum(own + 1 - beats, 0),
            np.minimum(own + beats, len(own)) if two_sided else own + 1,
        )
        for beats in GATE_BEATS
    )
    return short, long


def opened(features: Float32, logits: Float32, short: Float64, long: Float64) -> Float32:
    """Put measures of prematurity beside those given, each beat with its own averages."""
    open_short, open_long = (1 / (1 + np.exp(mean)) for mean in (short, long))
    sifted = features[:, -sinus.N_SINUS :]
    columns = [_limited(logits), long, short, open_long, open_short]
    columns += [open_short * sifted[:, place] for place in sinus.PREMATURE]
    columns += [open_long * features[:, place] for place in rhythm.PREMATURE]
    columns += [open_long * sifted[:, place] for place in sinus.GATED]
    return np.concatenate([features, np.stack(columns, axis=1)], axis=1, dtype=np.float32)


def _limited(logits: Float32) -> Float64:
    return np.clip(logits, -LIMIT, LIMIT).astype(np.float64)

"""Tell from the samples alone that a beat was stretched to its length from a shorter one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SHORTEST = 60
"""Shortest original length looked for, in samples: 0.24 s at the 250 Hz of ECG5000's source."""

TOLERANCE = 4.5e-6
"""Root mean square of what no stretched beat can contain, for a beat of standard deviation 1.

Float32 rounding leaves about 3e-7 in stretched beats; the smallest value seen in other beats of
the ECG5000 training part is 9e-5.
"""


def outside_bases(
    n_samples: int, shortest: int = SHORTEST
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Give, for each shorter length, the directions that a beat stretched from it cannot have.

    A beat of ``length`` samples, resampled to ``n_samples`` with the usual polyphase filter
    (MATLAB's and SciPy's default: Kaiser window, beta 5, 10 crossings a side), then shifted and
    scaled, lies in a space of ``length + 1`` dimensions. What is outside it is zero.

    Parameters
    ----------
    n_samples : int
        Samples in a beat.
    shortest : int
        Shortest original length looked for, in samples.

    Returns
    -------
    directions : ndarray of float32, shape (n_samples, n_directions)
        Orthonormal columns for each length, side by side.
    lengths : ndarray of int64, shape (n_directions,)
        The original length that each column belongs to.
    """
    from scipy.signal import resample_poly

    columns, lengths = [], []
    for length in range(shortest, n_samples - 1):
        stretched = resample_poly(np.eye(length), n_samples, length, axis=0)[:n_samples]
        basis = np.column_stack([stretched, np.ones(n_samples)])
        complete, _ = np.linalg.qr(basis, mode="complete")
        columns.append(complete[:, length + 1 :])
        lengths += [length] * (n_samples - length - 1)
    return np.hstack(columns).astype(np.float32), np.array(lengths)


def stretched_flag(beat: Any, n_samples: int) -> Any:
    """Add the layers that tell stretched beats from others.

    Parameters
    ----------
    beat : keras tensor, shape (n_beats, n_samples)
        Beats of mean 0 and standard deviation 1.
    n_samples : int
        Samples in a beat.

    Returns
    -------
    keras tensor, shape (n_beats, 1)
        1 where a beat was stretched from `SHORTEST` to ``n_samples - 2`` samples, else 0.

    Notes
    -----
    ECG5000's archive cut beats from one R peak to the next and resampled each to 140 samples. So
    the flag says: RR interval below 0.556 s. It is a property of how that archive was made and
    says nothing in data that was cut otherwise (there it is 0 throughout).
    """
    from keras import layers

    directions, lengths = outside_bases(n_samples)
    found, column = np.unique(lengths, return_inverse=True)
    outside = layers.Dense(
        directions.shape[1], use_bias=False, trainable=False, name="resampling_outside"
    )
    rest = outside(beat)
    outside.set_weights([directions])

    # Mean square a length, over the squared tolerance, from 2 downwards: so a beat clearly
    # inside one length's space gives 1 whatever the rounding, and one clearly outside gives 0.
    mean = np.zeros((len(lengths), len(found)), dtype=np.float32)
    mean[np.arange(len(lengths)), column] = -1 / (np.bincount(column)[column] * TOLERANCE**2)
    within = layers.Dense(len(found), trainable=False, name="resampling_within")
    inside = within(layers.Multiply(name="resampling_square")([rest, rest]))
    within.set_weights([mean, np.full(len(found), 2, dtype=np.float32)])
    inside = layers.ReLU(max_value=1, name="resampling_inside")(inside)
    inside = layers.Reshape((len(found), 1), name="resampling_lengths")(inside)
    return layers.GlobalMaxPooling1D(name="stretched")(inside)

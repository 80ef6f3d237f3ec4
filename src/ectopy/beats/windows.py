"""`Window`: everything that decides which samples of a raw signal become a beat, and how scaled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from ectopy.beats.cut import LENGTH, RATE_HZ, VERSION, WINDOW_S, centred, kachuee
from ectopy.errors import ModelError

Float32 = npt.NDArray[np.float32]

CUTS: Final[dict[str, Callable[..., Float32]]] = {"kachuee": kachuee, "centred": centred}
"""Ways to cut a lead at its R peaks."""


class Window(BaseModel):
    """A way to cut beats, as a data set was cut and a model wants them. Unknown keys are errors.

    Examples
    --------
    >>> from ectopy.beats import Window
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> window = Window(cut="centred")
    >>> window.beats(recording.read(), recording.fs_hz, reference.samples[5:9]).shape
    (4, 187, 2)
    >>> window.scaling
    'each 10 s of a lead to [0, 1]'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cut: Literal["kachuee", "centred"] = Field(
        description="from the R peak on, zero-padded; or with the R peak in the middle"
    )
    n_samples: int = Field(LENGTH, ge=1, description="samples of a beat")
    fs_hz: float = Field(RATE_HZ, gt=0, description="sampling rate of a beat in Hz")
    scaling_s: float = Field(
        WINDOW_S, gt=0, description="stretch of signal that is scaled to [0, 1] as one"
    )
    z_normalised: bool = Field(
        False, description="whether each beat then gets the mean 0 and the standard deviation 1"
    )
    version: int = Field(VERSION, description="version of the cut; another gives other samples")

    @property
    def scaling(self) -> str:
        """Say in words how samples are scaled."""
        words = f"each {self.scaling_s:g} s of a lead to [0, 1]"
        if self.z_normalised:
            return f"{words}, then each beat to mean 0 and standard deviation 1"
        return words

    def beats(self, signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike) -> Float32:
        """Cut the beats of a recording.

        Parameters
        ----------
        signal_mv : array_like, shape (n,) or (n_leads, n)
            Samples in mV; missing ones are NaN.
        fs_hz : float
            Their rate in Hz, any.
        r_peaks : array_like of int, shape (n_beats,)
            R peaks in samples, rising.

        Returns
        -------
        ndarray of float32, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)

        Raises
        ------
        ModelError
            If another version of ectopy made this window and cuts otherwise.
        """
        if self.version != VERSION:
            raise ModelError(
                f"beats of this kind were cut by version {self.version} of the cut, this ectopy "
                f"has version {VERSION}, which gives other samples; install the version of "
                "ectopy that made the model"
            )
        signal = np.asarray(signal_mv)
        leads = [self._lead(lead, fs_hz, r_peaks) for lead in np.atleast_2d(signal)]
        return leads[0] if signal.ndim == 1 else np.stack(leads, axis=-1)

    def _lead(self, lead_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike) -> Float32:
        beats = CUTS[self.cut](
            lead_mv,
            fs_hz,
            r_peaks,
            n_samples=self.n_samples,
            fs_out_hz=self.fs_hz,
            window_s=self.scaling_s,
        )
        if self.z_normalised:
            beats -= beats.mean(axis=1, keepdims=True)
            spread = beats.std(axis=1, keepdims=True)
            beats /= np.where(spread > 0, spread, 1)
        return beats

"""`Request`: which signal is labelled, with what, and what counts as what; it travels anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labeller import Classifier
from ectopy.analysis.settings import Settings
from ectopy.errors import ConfigError
from ectopy.recordings.given import Given, as_recording
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.runtime.bundle import SETTINGS, Setting


class RequestOptions(TypedDict, total=False):
    """What can be said beside the source; see `Request`."""

    fs_hz: float | None
    units: str | None
    gain: float | None
    leads: str | Sequence[str] | None
    lead: str | None
    weights: str | Path
    setting: Setting | None
    settings: Settings
    classifier: Classifier | None
    r_peaks: npt.NDArray[np.int64] | None
    annotations: str | Path | None


@dataclass(frozen=True)
class Request:
    """One recording to be labelled. It pickles, so another process can do the work.

    Attributes
    ----------
    source : path, Recording, wfdb.Record or array_like
        What is labelled. An array has shape (n,), (n_leads, n) or (n, n_leads) and needs
        ``fs_hz``; it is in mV unless ``units`` or ``gain`` say otherwise. All but a path become a
        `Recording` here, see `ectopy.recordings.given.as_recording`.
    fs_hz, units, gain : optional
        What is stated about a file or an array, see `ectopy.recordings.open.open_recording`.
    leads : sequence of str, or str, optional
        Names of an array's leads, or of its only one.
    lead : str, optional
        Name of the leading lead; by default the one with the best signal.
    weights : str or Path
        Name of a packaged bundle (``"default"``, or ``"ds1"`` for any figure on DS2), or a folder
        with one, see `ectopy.runtime.bundle.Bundle`.
    setting : {"past", "whole"}, optional
        What a label may depend on: a bounded past, as in a stream, or the whole recording, which
        is then read before any beat of it is labelled. By default the whole recording; with a
        ``classifier`` that knows no other, the bounded past.
    settings : Settings
        Thresholds.
    classifier : Classifier, optional
        A classifier of your own, in place of that of the weights.
    r_peaks : ndarray of int, shape (n_beats,), optional
        Samples of the beats to label, ascending, in place of those that would be detected.
    annotations : path, optional
        An annotation file of this recording, as in ``results/200.ect`` after a reader corrected
        it: nothing is labelled, its beats and classes are taken as they are.

    Examples
    --------
    >>> import pickle
    >>> from ectopy.analysis.request import Request
    >>> request = Request("mitdb/200.hea", weights="ds1", setting="past")
    >>> pickle.loads(pickle.dumps(request)) == request
    True
    """

    source: Given
    fs_hz: float | None = None
    units: str | None = None
    gain: float | None = None
    leads: str | Sequence[str] | None = None
    lead: str | None = None
    weights: str | Path = "default"
    setting: Setting | None = None
    settings: Settings = field(default_factory=Settings)
    classifier: Classifier | None = None
    r_peaks: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    annotations: str | Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant; wrap samples, so that requests compare and travel alike."""
        if self.setting is not None and self.setting not in SETTINGS:
            raise ConfigError(
                f"setting is {self.setting!r}, expected {' or '.join(SETTINGS)}", change="setting"
            )
        if self.annotations is not None:
            others = ("setting", "classifier", "r_peaks")
            if stated := [name for name in others if getattr(self, name) is not None]:
                raise ConfigError(
                    f"annotations were given, and {', '.join(stated)} besides: nothing is labelled "
                    "where labels are given; leave one of them out",
                    change="annotations",
                )
        if self.r_peaks is not None:
            given = np.asarray(self.r_peaks)
            whole = given.dtype.kind in "iu" or not given.size
            peaks = given.astype(np.int64) if whole else given  # unsigned ones have no differences
            if peaks.ndim != 1 or not whole or (np.diff(peaks) < 0).any():
                raise ConfigError(
                    f"R peaks are {given.dtype} of shape {given.shape}, expected sample indices in "
                    "ascending order"
                )
            object.__setattr__(self, "r_peaks", peaks)
        if isinstance(self.source, (str, os.PathLike)):
            if self.leads is not None:
                raise ConfigError("leads are named for a file, which names its own; leave them out")
            return
        recording = as_recording(
            self.source, fs_hz=self.fs_hz, units=self.units, gain=self.gain, leads=self.leads
        )
        object.__setattr__(self, "source", recording)
        for name in ("fs_hz", "units", "gain", "leads"):  # the recording knows them now
            object.__setattr__(self, name, None)

    @classmethod
    def of(cls, source: Request | Given, **stated: Unpack[RequestOptions]) -> Request:
        """Make a request of a source, or change one that is made."""
        return replace(source, **stated) if isinstance(source, Request) else cls(source, **stated)

    def __eq__(self, other: object) -> bool:
        """Compare all that is asked for, the R peaks by what they are."""
        if not isinstance(other, Request):
            return NotImplemented
        names = [one.name for one in fields(self) if one.compare]
        if any(getattr(self, name) != getattr(other, name) for name in names):
            return False
        one, two = self.r_peaks, other.r_peaks
        return one is two if one is None or two is None else np.array_equal(one, two)

    def open(self) -> Recording:
        """Open the recording.

        Raises
        ------
        EctopyError
            If it cannot be opened, see `ectopy.recordings.open.open_recording`.
        """
        if isinstance(self.source, Recording):
            return self.source
        assert isinstance(self.source, (str, os.PathLike))
        return open_recording(self.source, fs_hz=self.fs_hz, units=self.units, gain=self.gain)

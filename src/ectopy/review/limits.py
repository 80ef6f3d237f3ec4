"""`Limits`: what one store and one analysis may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one store and one analysis may take.

    Attributes
    ----------
    at_once : int
        Analyses at a time.
    analysis_s : float
        Seconds of one.
    analysis_bytes : int
        Address space of one.
    recordings : int
        In a store.
    file_bytes : int
        Of one file.
    recording_bytes : int
        Of all files of one recording.
    free_bytes : int
        That stay free on the disk.
    upload_s : float
        Seconds after which a recording is deleted whose files never came.
    opened : int
        Recordings kept open.
    """

    at_once: int = 1
    analysis_s: float = 6 * 3600.0
    analysis_bytes: int = 12 << 30
    recordings: int = 10_000
    file_bytes: int = 4 << 30
    recording_bytes: int = 8 << 30
    free_bytes: int = 512 << 20
    upload_s: float = 86_400.0
    opened: int = 4

"""Strips of a result: any seconds of its recording on ECG paper, with the labels of the beats."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.analysis.report.ecg_paper import ecg_strip
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.files import atomic_write
from ectopy.recordings.clock import Clock

SHOWN: Final = 2
"""Leads drawn where none are named: the leading one and one more."""
LONGEST_S: Final = 60
"""Seconds of the longest strip, which is one and a half metres of paper."""


@dataclass(frozen=True)
class EcgStrip:
    """A drawn strip: a notebook shows it, and it can be saved.

    Attributes
    ----------
    title : str
        What it shows.
    seconds : float
        How long it is.
    svg : str
        The drawing, 25 mm/s and 10 mm/mV as long as nothing shrinks it.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> strip = ectopy.analyze(recording).plot("00:00:12", 7)
    >>> strip
    <strip of simulated: 7 s from 0:00:12 elapsed>
    >>> strip.save("strip.svg").name
    'strip.svg'
    """

    title: str
    seconds: float
    svg: str = field(repr=False)

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"<{self.title}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook, to scale; a long one scrolls."""
        return f'<div style="overflow-x:auto">{self.svg}</div>'

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it as an SVG file, whole or not at all.

        Raises
        ------
        ConfigError
            If the name ends otherwise.
        """
        if Path(path).suffix.lower() != ".svg":
            raise ConfigError(f"a strip is saved as SVG, not as {Path(path).name}; name it .svg")
        atomic_write(Path(path), self.svg)
        return Path(path)


def strip(
    result: Result,
    start: float | str = 0.0,
    seconds: float = 10.0,
    *,
    leads: str | Sequence[str] | None = None,
    title: str = "",
    intervals: bool = True,
) -> EcgStrip:
    """Draw a stretch of a result's recording.

    Parameters
    ----------
    result : Result
        With its recording.
    start : float or str
        From where, elapsed: in seconds, or as ``"00:12:30"``.
    seconds : float
        Length, up to 60 s; cut at the end of the recording.
    leads : sequence of str, or str, optional
        Names of the leads to draw; by default the leading one and one more.
    title : str
        What it shows; by default the record and the time.
    intervals : bool
        Whether RR intervals stand above it.

    Raises
    ------
    ConfigError
        If the recording is not at hand, or these seconds or leads are not in it.

    Examples
    --------
    >>> from ectopy.analysis.report import strip
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> strip(ectopy.analyze(recording), 4.5, leads=["V1"])
    <strip of simulated: 10 s from 0:00:04 elapsed>
    """
    recording, beats = result.signal(), result.beats
    start_s = Clock().seconds(start) if isinstance(start, str) else float(start)
    if not 0 <= start_s < result.duration_s:
        raise ConfigError(
            f"a strip from {start_s:g} s is outside {result.name}, which lasts "
            f"{result.duration_s:g} s"
        )
    if not 0 < seconds <= LONGEST_S + 1e-6:
        raise ConfigError(
            f"a strip of {seconds:g} s was asked for, expected more than 0 and at most "
            f"{LONGEST_S} s"
        )
    leads = (leads,) if isinstance(leads, str) else leads
    if leads is None:
        shown = shown_leads(result)
    else:
        shown = [recording.lead_index(lead) for lead in leads]
        if not shown:
            raise ConfigError(
                f"no lead was named; those of {result.name} are {', '.join(recording.leads)}"
            )
    begin = round(start_s * recording.fs_hz)
    # Not one sample more than asked for, which may be all that the paper has room for.
    end = begin + int(seconds * recording.fs_hz + 1e-6)
    signal = recording.read(begin, end)[shown]
    here = slice(*np.searchsorted(beats.samples, [begin, end]))
    clock = Clock(result.start, result.duration_s)
    length = signal.shape[1] / recording.fs_hz
    title = title or f"strip of {result.name}: {length:.3g} s from {clock.text(start_s)}"
    drawn = ecg_strip(
        signal,
        recording.fs_hz,
        leads=[result.summary.leads[i].name for i in shown],
        start_s=begin / recording.fs_hz,
        beats=beats.samples[here] - begin,
        classes=beats.classes[here],
        uncertain=beats.uncertain[here],
        rr_s=np.where(result.intervals.clear, result.intervals.rr_s, np.nan)[here]
        if intervals
        else None,
        clock=clock,
        simulated=recording.simulated,
        title=title,
    )
    return EcgStrip(title, length, drawn)


def shown_leads(result: Result) -> list[int]:
    """Give the leads that are drawn where none are named: the leading one, and one more in use."""
    leads = result.summary.leads
    order = sorted(range(len(leads)), key=lambda i: (i != result.leading, not leads[i].used))
    return order[:SHOWN]

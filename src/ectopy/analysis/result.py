"""`Result`: what was found in one recording; it is saved, loaded and sent without its signal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ectopy.analysis.answers import Answers
from ectopy.analysis.corrected import Corrected
from ectopy.analysis.events import Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result_file import read_file, write_file
from ectopy.analysis.summary.background import Background
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.tables import Beats, Events, Hours, Rhythms
from ectopy.analysis.templates import Templates, templates
from ectopy.beats.conditioning.quality import Quality
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording

if TYPE_CHECKING:
    from ectopy.analysis.explanation.looked import Looks
    from ectopy.analysis.explanation.model import BeatExplanation
    from ectopy.analysis.report.strips import EcgStrip


@dataclass(frozen=True, repr=False, eq=False)
class Result(Corrected):
    """What was found in one recording.

    It pickles, and goes through `save` and `load`, without the recording: no signal travels. A
    result equals only itself, and so do its tables of arrays; compare what they hold.

    Attributes
    ----------
    name : str
        Of the recording.
    fs_hz : float
        Sampling rate in Hz.
    n_samples : int
        Samples in each lead.
    start : datetime, optional
        When the first sample was taken.
    intervals : Intervals
        Every beat with its RR interval.
    rhythm : Rhythms
        Which rhythm there is when: spans that follow each other, and their table.
    events : Events
        Ectopic episodes and pauses, in order of time: a list of `Event`, and its table.
    quality : Quality
        Signal quality of each second of each lead.
    summary : Summary
        The Holter summary.
    background : Background
        What is known of the recording, whatever its beats are called.
    leading : int
        Index of the lead that the R peaks are marked on.
    recording : Recording or None
        The recording, where it is at hand; `with_recording` brings it back.
    answers : Answers
        Beats whose class a reader stated, and which the labels were adapted to.
    first : LabelledBeats or None
        The beats as they were labelled before any answer, where there are answers.
    signal_sha256 : str or None
        What `write` knows the recording again by, see
        `ectopy.analysis.overwrite.signal_fingerprint`.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.analysis.analyze import analyze
    >>> from ectopy.analysis.result import Result
    >>> from ectopy.recordings.simulation.simulate import simulate
    >>> recording, _ = simulate(60, rng=np.random.default_rng(0))
    >>> result = analyze(recording)
    >>> path = result.save("simulated.ectopy")
    >>> Result.load(path).summary == result.summary
    True
    >>> path.unlink()
    """

    name: str
    fs_hz: float
    n_samples: int
    start: datetime | None
    intervals: Intervals = field(repr=False)
    rhythm: Rhythms = field(repr=False)
    events: Events = field(repr=False)
    quality: Quality = field(repr=False)
    summary: Summary = field(repr=False)
    background: Background = field(repr=False)
    leading: int
    answers: Answers = field(default_factory=Answers, repr=False)
    first: LabelledBeats | None = field(default=None, repr=False)
    recording: Recording | None = field(default=None, repr=False)
    signal_sha256: str | None = field(default=None, repr=False)

    @property
    def beats(self) -> Beats:
        """Every beat: arrays, and their table."""
        return Beats(self.intervals, self.rhythm)

    @property
    def templates(self) -> Templates:
        """Beats of each class that look alike: a list, and its table."""
        return templates(self)

    @property
    def hourly(self) -> Hours:
        """Beats, heart rate and usable signal hour by hour: a list, and its table."""
        return Hours(self.summary.hours)

    @property
    def duration_s(self) -> float:
        """Length of the recording in seconds."""
        return self.n_samples / self.fs_hz

    def __getstate__(self) -> dict[str, Any]:
        """Leave the recording behind."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"recording": None}

    def with_recording(self, recording: Recording) -> Result:
        """Give the same result with its recording, which strips are drawn from.

        Raises
        ------
        ConfigError
            If it is another recording, by its rate, length or leads.
        """
        expected, found = ((one.fs_hz, one.n_samples) for one in (self, recording))
        if expected != found:
            raise ConfigError(
                f"{recording.name} has {found[1]} samples at {found[0]:g} Hz, expected "
                f"{expected[1]} at {expected[0]:g} Hz, as {self.name} has; open that recording"
            )
        leads = tuple(lead.name for lead in self.summary.leads)
        if leads != recording.leads:
            raise ConfigError(
                f"{recording.name} has the leads {', '.join(recording.leads)}, expected "
                f"{', '.join(leads)}, as {self.name} has; open that recording"
            )
        return replace(self, recording=recording)

    def signal(self) -> Recording:
        """Give the recording, for what cannot do without its signal.

        Raises
        ------
        ConfigError
            If it is not at hand.
        """
        if self.recording is None:
            raise ConfigError(
                f"the recording of {self.name} is not at hand, and its signal is needed here; open "
                "it and give it to Result.with_recording"
            )
        return self.recording

    def __repr__(self) -> str:
        """Tell it in a few lines."""
        from ectopy.analysis.report.brief import text

        return text(self)

    def _repr_html_(self) -> str:
        """Show it in a notebook: a table and one strip."""
        from ectopy.analysis.report.brief import html

        return html(self)

    def plot(
        self,
        start: float | str = 0.0,
        seconds: float = 10.0,
        *,
        leads: str | Sequence[str] | None = None,
    ) -> EcgStrip:
        """Draw a strip on ECG paper, which a notebook shows and which saves itself as SVG.

        Parameters
        ----------
        start : float or str
            From where, elapsed: in seconds, or as ``"00:12:30"``.
        seconds : float
            Length, up to 60 s.
        leads : sequence of str, or str, optional
            Names of the leads; by default the leading one and one more.

        Raises
        ------
        ConfigError
            If the recording is not at hand, or these seconds or leads are not in it.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> ectopy.analyze(recording).plot("00:00:20", 5).save("strip.svg").name
        'strip.svg'
        """
        from ectopy.analysis.report.strips import strip

        return strip(self, start, seconds, leads=leads)

    def explain(
        self, at: float | str, *, weights: str | os.PathLike[str] | None = None
    ) -> BeatExplanation:
        """Tell why a beat has its label: what was found, and what of it decided.

        Parameters
        ----------
        at : float or str
            When it is, in seconds or as reports write it: ``"12:31:05"``, ``"day 2 00:12:30"``,
            ``"0:12:30 elapsed"``, see `ectopy.analysis.explanation.build.find_beat`.
        weights : str or path, optional
            What labelled the result, where that is not a packaged bundle.

        Raises
        ------
        ConfigError
            If the recording is not at hand, no beat is then, or other weights labelled it.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(120, rng=np.random.default_rng(3))
        >>> ectopy.analyze(recording).explain("0:00:25").label
        'N'
        """
        from ectopy.analysis.explanation.build import explain

        return explain(self, at, weights)

    @cached_property
    def looked(self) -> Looks:
        """What is seen of the recording again, to explain it: once, for all questions."""
        from ectopy.analysis.explanation.looked import Looks

        return Looks(self)

    def write(
        self,
        folder: str | os.PathLike[str],
        *,
        formats: str | tuple[str, ...] | None = None,
        overwrite: bool = False,
    ) -> dict[str, Path]:
        """Write annotations, tables, summary and report into a folder.

        Parameters
        ----------
        folder : path
            Made if it is not there.
        formats : tuple of str, or str, optional
            Any of `ectopy.analysis.outputs.FORMATS` (by default all) or `ON_REQUEST`, or one.
        overwrite : bool
            Whether to overwrite annotations that were edited, or another recording's results.

        Returns
        -------
        dict of str to Path
            The files by format.

        Raises
        ------
        ConfigError
            As `ectopy.analysis.outputs.write` says; for the report, if the recording is not at
            hand.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
        >>> made = ectopy.analyze(recording).write("written", formats=("ect", "csv"))
        >>> sorted(path.name for path in made.values())
        ['simulated.beats.csv', 'simulated.ect']
        """
        from ectopy.analysis.outputs import FORMATS, write

        wanted = FORMATS if formats is None else formats
        return write(self, Path(folder), formats=wanted, overwrite=overwrite)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write everything but the recording into one file, whole or not at all.

        The file is a zip of Parquet tables and one JSON document.
        """
        write_file(self, Path(path))
        return Path(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Result:
        """Read a file that `save` wrote.

        Raises
        ------
        DataNotFoundError
            If there is no such file.
        DataFormatError
            If it is none of ours, damaged, or of another version.
        """
        return cls(**read_file(Path(path)))

"""`Result`: what was found in one recording; it is saved, loaded and sent without its signal."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import ValidationError

from ectopy.analysis.events import Event, Rhythm
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.tables import Beats, Events, Hours
from ectopy.analysis.templates import Templates, templates
from ectopy.beats.conditioning.quality import Quality
from ectopy.beats.features.outlines import LEADS, NUMBERS
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.files import atomic_path
from ectopy.recordings.recording import Recording

if TYPE_CHECKING:
    import pyarrow as pa

    from ectopy.analysis.report.strips import EcgStrip

VERSION: Final = 2
"""Of the file; one that is higher was written by a later ectopy, a lower one holds less."""


@dataclass(frozen=True, repr=False, eq=False)
class Result:
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
    rhythm : Rhythm
        Every beat with its RR interval.
    events : Events
        Ectopic episodes and pauses, in order of time: a list of `Event`, and its table.
    quality : Quality
        Signal quality of each second of each lead.
    summary : Summary
        The Holter summary.
    leading : int
        Index of the lead that the R peaks are marked on.
    recording : Recording or None
        The recording, where it is at hand; `with_recording` brings it back.
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
    rhythm: Rhythm = field(repr=False)
    events: Events = field(repr=False)
    quality: Quality = field(repr=False)
    summary: Summary = field(repr=False)
    leading: int
    recording: Recording | None = field(default=None, repr=False)
    signal_sha256: str | None = field(default=None, repr=False)

    @property
    def beats(self) -> Beats:
        """Every beat: arrays, and their table."""
        return Beats(self.rhythm)

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
        return self.__dict__ | {"recording": None}

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
        about = {
            "version": VERSION,
            "name": self.name,
            "fs_hz": self.fs_hz,
            "n_samples": self.n_samples,
            "start": self.start.isoformat() if self.start else None,
            "leading": self.leading,
            "n_leads": len(self.quality.states),
            "signal_sha256": self.signal_sha256,
            "summary": self.summary.model_dump(mode="json"),
        }
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr("result.json", json.dumps(about), zipfile.ZIP_DEFLATED)
            for name, table in _tables(self).items():
                archive.writestr(f"{name}.parquet", _to_bytes(table))
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
        if not Path(path).is_file():
            raise DataNotFoundError(f"{path} not found, expected a saved result")
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(archive.read("result.json"))
                version = about["version"]
                if version != VERSION:
                    way = "analyze the recording again, or " if version < VERSION else ""
                    raise DataFormatError(
                        f"{path} has version {version}, expected {VERSION}; {way}read it with the "
                        "version of ectopy that wrote it"
                    )
                return _read(about, lambda name: _from_bytes(archive.read(f"{name}.parquet")))
        except DataFormatError:
            raise
        except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, ValidationError) as e:
            raise DataFormatError(
                f"{path} is no saved result, or damaged ({type(e).__name__}); save it again"
            ) from e


def _tables(result: Result) -> dict[str, pa.Table]:
    """Lay out all arrays, without loss."""
    import pyarrow as pa

    beats, rhythm, quality = result.beats, result.rhythm, result.quality
    columns: dict[str, Any] = {
        one.name: getattr(beats, one.name)
        for one in fields(beats)
        if one.name not in ("probabilities", "outlines")
    }
    columns |= {f"p_{letter}": beats.probabilities[:, i] for i, letter in enumerate(AAMI)}
    columns |= {"rr_s": rhythm.rr_s, "clear": rhythm.clear}
    form = pa.binary(LEADS * NUMBERS)
    columns["outlines"] = pa.Array.from_buffers(
        form, len(beats), [None, pa.py_buffer(np.ascontiguousarray(beats.outlines))]
    )
    # A long recording has more seconds than events, and columns of each lead.
    seconds = {
        f"{one.name}_{lead}": row
        for one in fields(quality)
        for lead, row in enumerate(getattr(quality, one.name))
    }
    return {
        "beats": pa.table(columns),
        "events": pa.table(
            {
                one.name: [getattr(event, one.name) for event in result.events]
                for one in fields(Event)
            }
        ),
        "seconds": pa.table(seconds),
    }


def _read(about: dict[str, Any], table: Callable[[str], pa.Table]) -> Result:
    """Put a result together from its parts."""
    rows = table("beats")
    outlines = np.frombuffer(b"".join(rows["outlines"].to_pylist()), np.int8)
    found = {name: row.to_numpy() for name, row in _columns(rows.drop_columns("outlines"))}
    found["outlines"] = outlines.reshape(-1, LEADS * NUMBERS)
    probabilities = np.stack([found.pop(f"p_{letter}") for letter in AAMI], axis=1)
    rr_s, clear = found.pop("rr_s"), found.pop("clear")
    beats = LabelledBeats(probabilities=probabilities, **found)
    seconds = dict(_columns(table("seconds")))
    quality = Quality(
        *(
            np.stack([seconds[f"{one.name}_{lead}"].to_numpy() for lead in range(about["n_leads"])])
            for one in fields(Quality)
        )
    )
    return Result(
        name=about["name"],
        fs_hz=about["fs_hz"],
        n_samples=about["n_samples"],
        start=datetime.fromisoformat(about["start"]) if about["start"] else None,
        rhythm=Rhythm(beats, about["fs_hz"], rr_s, clear),
        events=Events(Event(**row) for row in table("events").to_pylist()),
        quality=quality,
        summary=Summary.model_validate(about["summary"]),
        leading=about["leading"],
        signal_sha256=about.get("signal_sha256"),
    )


def _columns(table: pa.Table) -> list[tuple[str, Any]]:
    return [(name, table[name]) for name in table.column_names]


def _to_bytes(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    held = BytesIO()
    pq.write_table(table, held)
    return held.getvalue()


def _from_bytes(content: bytes) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(BytesIO(content))

"""From a recording to labelled beats, events and a summary: all pieces, joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Unpack

import numpy as np

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.looked import Looked
from ectopy.analysis.overwrite import signal_fingerprint
from ectopy.analysis.piece import Cancel, Piece
from ectopy.analysis.request import Request, RequestOptions
from ectopy.analysis.result import Result
from ectopy.analysis.summary.background import Background
from ectopy.analysis.told import told
from ectopy.analysis.work import Work
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import Quality
from ectopy.errors import ConfigError
from ectopy.explain.whole import Whole
from ectopy.recordings.given import Given

Progress = Callable[[float, float], None]
"""Called now and then with how much of the work is done, and how much there is, in s of signal."""


def analyze(
    request: Request | Given,
    *,
    cancel: Cancel | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
    whole: Callable[[Whole], None] | None = None,
    **stated: Unpack[RequestOptions],
) -> Result:
    """Label every beat of a recording and sum it up.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        What to label, or what a `Request` is made of.
    cancel : Cancel, optional
        Set it to stop.
    progress : callable, optional
        Called with the seconds done, and those there are.
    threads : int, optional
        Pieces worked on side by side; by default as many as there are cores, four at most.
    whole : callable, optional
        Called with what the whole recording says of its beats, where labels depend on it: with it
        a beat can be explained later by what is around it alone.
    **stated
        Attributes of `Request`, as ``fs_hz``, ``lead``, ``weights``, ``setting``, ``settings`` or
        ``classifier``; they go before those of a request that is given.

    Returns
    -------
    Result
        The beats and all that is told of them.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    EctopyError
        If the recording cannot be opened or read, it has no such lead, its sampling rate is too
        low, or there are no such weights.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.analysis.analyze import analyze
    >>> from ectopy.recordings.simulation.simulate import simulate
    >>> recording, _ = simulate(60, rng=np.random.default_rng(0))
    >>> result = analyze(recording, setting="past")
    >>> result.summary.beats == len(result.beats)
    True
    """
    work = Work(Request.of(request, **stated), keep_whole=whole is not None)
    with one_thread:  # once around all: changing it for every piece sets BLAS's threads spinning
        result = _result(work, work.pieces(cancel, threads), progress)
    if whole is not None and work.whole is not None:
        whole(work.whole)
    return result


def look(
    request: Request | Given,
    part: int,
    of: int,
    *,
    cancel: Cancel | None = None,
    threads: int | None = None,
    **stated: Unpack[RequestOptions],
) -> Looked:
    """Look at one of so many equal stretches of a long recording, for `tell` to join them.

    Nothing of it depends on where the recording is cut: what is looked at around a stretch is what
    would be in one go.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        What to label, or what a `Request` is made of.
    part, of : int
        Which of how many stretches, from 0.
    cancel, threads, **stated
        As for `analyze`.

    Returns
    -------
    Looked
        What was seen; it is saved and loaded, so that another machine can join it.

    Raises
    ------
    ConfigError
        If there is no such stretch.
    EctopyError
        As `analyze` says.

    Examples
    --------
    >>> from ectopy.analysis import look, tell
    >>> recording, _ = ectopy.simulate(1200, rng=np.random.default_rng(0))
    >>> looked = [look(recording, part, 2) for part in range(2)]
    >>> tell(recording, looked).summary == ectopy.analyze(recording).summary
    True
    """
    if not 0 <= part < of:
        raise ConfigError(f"part is {part} of {of}, expected one from 0 to {of - 1}")
    work = Work(Request.of(request, **stated))
    return Looked(part, of, list(work.looks(part, of, threads, cancel)))


def tell(
    request: Request | Given,
    looked: Sequence[Looked],
    *,
    cancel: Cancel | None = None,
    threads: int | None = None,
    **stated: Unpack[RequestOptions],
) -> Result:
    """Label a recording whose stretches were looked at: the same result as `analyze` gives.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        The same that was given to `look`.
    looked : sequence of Looked
        All of its stretches, in order.
    cancel, threads, **stated
        As for `analyze`.

    Returns
    -------
    Result
        The beats and all that is told of them.

    Raises
    ------
    ConfigError
        If a stretch is missing, or they are not of this recording.
    EctopyError
        As `analyze` says.

    Examples
    --------
    >>> from ectopy.analysis import look, tell
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> len(tell(recording, [look(recording, 0, 1)]).beats)
    76
    """
    work = Work(Request.of(request, **stated))
    looks = [one for each in looked for one in each.looks]
    if [(each.part, each.of) for each in looked] != [(i, len(looked)) for i in range(len(looked))]:
        raise ConfigError("these are not all stretches of a recording, in order")
    ends = [0, *(one.stretch.end for one in looks)]
    if ends[-1] != work.recording.n_samples or ends[:-1] != [one.stretch.begin for one in looks]:
        raise ConfigError(f"the stretches looked at are not those of {work.recording.name}")
    with one_thread:
        return _result(work, work.pieces(cancel, threads, looks), None)


def _result(work: Work, pieces: Iterable[Piece], progress: Progress | None) -> Result:
    """Put the pieces together, and tell what is to be told of all."""
    parts, qualities, fibrillation = [], [], []
    for piece in pieces:
        parts.append(piece.beats)
        qualities.append(piece.quality)
        fibrillation.append(piece.fibrillation)
        if progress:
            progress(piece.done_s, piece.of_s)
    recording, quality = work.recording, Quality.join(qualities, len(work.recording.leads))
    background = Background.of(
        recording,
        quality,
        work.labeller,
        work.survey,
        work.labelled_by,
        work.pulses,
        np.concatenate(fibrillation) if fibrillation else np.zeros(0, np.float32),
        work.strip,
    )
    beats = LabelledBeats.join(parts)
    found = told(beats, quality, background)
    return Result(
        name=recording.name,
        fs_hz=recording.fs_hz,
        n_samples=recording.n_samples,
        start=recording.start,
        intervals=found.intervals,
        rhythm=found.rhythm,
        events=found.events,
        quality=quality,
        summary=found.summary,
        background=background,
        leading=work.labeller.leads[0],
        recording=recording,
        signal_sha256=signal_fingerprint(recording),
    )

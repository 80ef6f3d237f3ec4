"""From a recording to labelled beats, events and a summary: all pieces, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.overwrite import signal_fingerprint
from ectopy.analysis.pieces import Cancel, Work
from ectopy.analysis.request import Request, RequestOptions
from ectopy.analysis.result import Result
from ectopy.analysis.summary.background import Background
from ectopy.analysis.told import told
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import Quality
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
    request = Request.of(request, **stated)
    work = Work(request, keep_whole=whole is not None)
    parts, qualities, fibrillation = [], [], []
    with one_thread:  # once around all: changing it for every piece sets BLAS's threads spinning
        for piece in work.pieces(cancel, threads):
            parts.append(piece.beats)
            qualities.append(piece.quality)
            fibrillation.append(piece.fibrillation)
            if progress:
                progress(piece.done_s, piece.of_s)
    if whole is not None and work.whole is not None:
        whole(work.whole)
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

"""A recording in labelled pieces, in order, on all cores, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from ectopy.analysis.piece import Cancel, Piece
from ectopy.analysis.request import Request, RequestOptions
from ectopy.analysis.work import Work
from ectopy.recordings.given import Given


def pieces(
    request: Request | Given,
    *,
    cancel: Cancel | None = None,
    threads: int | None = None,
    **stated: Unpack[RequestOptions],
) -> Iterator[Piece]:
    """Label a recording piece by piece.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        What to label, or what a `Request` is made of.
    cancel : Cancel, optional
        Set it to stop; the next piece then raises `Cancelled`. To stop asking does as well.
    threads : int, optional
        Pieces worked on side by side; by default as many as there are cores, four at most.
    **stated
        Attributes of `Request`, as for `ectopy.analysis.analyze.analyze`.

    Yields
    ------
    Piece
        In order, without a gap. With the setting ``whole`` others come before, which hold
        nothing and tell the progress; so what is joined from all of them is the whole.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    EctopyError
        If the recording cannot be read or labelled.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.analysis.pieces import pieces
    >>> from ectopy.recordings.simulation.simulate import simulate
    >>> recording, _ = simulate(60, rng=np.random.default_rng(0))
    >>> sum(len(piece.beats) for piece in pieces(recording, setting="past")) > 40
    True
    """
    return Work(Request.of(request, **stated)).pieces(cancel, threads)

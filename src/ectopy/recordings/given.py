"""From what people have at hand to a `Recording`: a path, an array, a record of `wfdb`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.formats.common import Signal, Stated, choose_leads, lead_names, to_mv
from ectopy.recordings.formats.numpy_array import Samples
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.subject import Subject

MOST_LEADS: Final = 32
"""Longest axis of an array that is taken for its leads; a second of an ECG has more samples."""


@runtime_checkable
class WfdbRecord(Protocol):
    """What `wfdb.rdrecord` gives, as far as it is used here; ``wfdb`` itself is not needed."""

    record_name: str
    fs: float
    sig_name: list[str]
    units: list[str]
    p_signal: Any
    d_signal: Any
    dac: Callable[[], Any]


Given: TypeAlias = str | os.PathLike[str] | Recording | WfdbRecord | npt.ArrayLike
"""What a recording can be made from."""


def as_recording(
    source: Given,
    *,
    fs_hz: float | None = None,
    units: str | None = None,
    gain: float | None = None,
    leads: str | Sequence[str] | None = None,
) -> Recording:
    """Make a recording of what is given.

    Parameters
    ----------
    source : path, array, wfdb.Record or Recording
        A path goes to `ectopy.recordings.open.open_recording`. An array has shape (n_samples,),
        (n_samples, n_leads) or (n_leads, n_samples), in mV if nothing is stated, NaN where samples
        are missing; the axis of the leads is told by their names or, without names, by its length
        of at most 32. A ``wfdb.Record`` brings rate, lead names, units and start. A `Recording` is
        given back.
    fs_hz : float, optional
        Sampling rate in Hz: needed for an array, and for a file that does not say it.
    units : str, optional
        Unit of the values of an array or a file: nV, uV, mV or V.
    gain : float, optional
        Numbers per mV, for an array or a file of raw numbers.
    leads : sequence of str, or str, optional
        Lead names of an array, or its only one.

    Returns
    -------
    Recording
        ``notes`` says what was assumed or left out.

    Raises
    ------
    ConfigError
        If it cannot be told what is given, or something is stated that it says itself.
    EctopyError
        What `open_recording` raises.

    Examples
    --------
    >>> from ectopy.recordings import as_recording
    >>> as_recording(np.zeros((5000, 2)), fs_hz=500, leads=["II", "V1"]).duration_s
    10.0
    """
    if isinstance(source, str | os.PathLike):
        _refuse("a file, which names its leads itself", leads=leads)
        return open_recording(source, fs_hz=fs_hz, units=units, gain=gain)
    if isinstance(source, Recording | WfdbRecord):
        kind = "Recording" if isinstance(source, Recording) else "wfdb.Record"
        _refuse(f"a {kind}, which has its own", fs_hz=fs_hz, units=units, gain=gain, leads=leads)
        return source if isinstance(source, Recording) else _from_wfdb(source)
    signal = _numbers(source)
    if fs_hz is None:
        raise ConfigError(
            f"an array of shape {signal.shape} does not say its sampling rate; state it",
            change="fs_hz",
        )
    stated = Stated(fs_hz, units, gain)
    leads = (leads,) if isinstance(leads, str) else leads
    rows = _leads_first(signal, leads)
    assumed = "values were taken as mV; state units or gain if they are not"
    return Recording(
        name="array",
        fs_hz=float(fs_hz),
        leads=lead_names([None] * len(rows) if leads is None else list(leads)),
        n_samples=rows.shape[1],
        reader=Samples(rows, stated.scale("mV")),
        source="array",
        notes=(assumed,) if units is None and gain is None else (),
    )


def _refuse(what: str, **stated: object) -> None:
    for name, value in stated.items():
        if value is not None:
            raise ConfigError(f"{name} is stated for {what}; leave {name} out")


def _numbers(source: object) -> npt.NDArray[Any]:
    """Give what was handed over as an array of numbers with one or two axes."""
    if hasattr(source, "columns"):
        raise ConfigError(
            "a table was given, expected an array; choose the columns that are leads, as in "
            "table[['II', 'V1']].to_numpy()"
        )
    found = f"a {type(source).__name__}"
    if isinstance(source, Sequence) or hasattr(source, "__array__"):
        try:
            values = np.ma.asanyarray(source)
        except ValueError:  # rows of different lengths
            values = np.ma.empty(0)
        found += f" of {values.dtype} with shape {values.shape}"
        if values.dtype.kind in "iuf" and values.ndim in (1, 2) and values.size:
            if np.ma.is_masked(values):  # the samples that the mask hides are missing
                return np.ma.filled(values.astype(np.float64), np.nan)
            return np.ma.getdata(values)
    raise ConfigError(
        f"{found} is no recording; give a path, a Recording, a wfdb.Record, or numbers of shape "
        "(samples,), (samples, leads) or (leads, samples) with fs_hz"
    )


def _leads_first(signal: npt.NDArray[Any], leads: Sequence[str] | None) -> npt.NDArray[Any]:
    """Turn an array to (n_leads, n_samples), if it can be told which axis is which."""
    if signal.ndim == 1:
        signal = signal[None]
        if leads is not None and len(leads) != 1:
            raise ConfigError(f"one lead of {signal.size} samples was given and {len(leads)} names")
        return signal
    may = [n == len(leads) if leads is not None else n <= MOST_LEADS for n in signal.shape]
    if may == [True, False]:
        return signal
    if may == [False, True]:
        return signal.T
    if not any(may):
        raise ConfigError(
            f"an array of shape {signal.shape} has no axis of "
            + (
                f"at most {MOST_LEADS} for its leads; name them all: leads=[...]"
                if leads is None
                else f"length {len(leads)} for the leads {', '.join(leads)}"
            )
        )
    raise ConfigError(
        f"an array of shape {signal.shape} can be read both ways, as (leads, samples) and as "
        "(samples, leads); "
        + (
            "name the leads: leads=[...]"
            if leads is None
            else "make it a Recording with Recording.from_array, which takes (leads, samples)"
        )
    )


def _from_wfdb(record: WfdbRecord) -> Recording:
    """Take over a record that `wfdb.rdrecord` has read."""
    what = f"wfdb.Record {record.record_name}"
    signal = record.p_signal
    if signal is None and record.d_signal is not None:
        signal = record.dac()  # stored numbers to units, the lowest of them to NaN
    if signal is None or record.sig_name is None or record.fs is None:
        raise DataFormatError(
            f"{what} does not hold its samples in one array; read it with the defaults of "
            "wfdb.rdrecord, which give p_signal"
        )
    signals = [
        Signal(lead, unit or "mV", float(record.fs), assumed=not unit)
        for lead, unit in zip(record.sig_name, record.units, strict=True)
    ]
    notes: list[str] = []
    kept = choose_leads(Path(what), signals, Stated(), notes)
    factors = np.array([to_mv(signals[i].units) for i in kept], dtype=np.float64)
    date, time = getattr(record, "base_date", None), getattr(record, "base_time", None)
    rows = np.asarray(signal, dtype=np.float64).T[kept] * factors[:, None]
    return Recording(
        name=str(record.record_name or "record"),
        fs_hz=Stated().rate(Path(what), float(record.fs), notes),
        leads=lead_names([signals[i].name for i in kept]),
        n_samples=rows.shape[1],
        reader=Samples(rows, 1.0),
        start=datetime.combine(date, time) if date and time is not None else None,
        source=what,
        notes=tuple(notes),
        subject=Subject.from_comments(getattr(record, "comments", None) or ()),
    )

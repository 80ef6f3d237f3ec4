"""MATLAB files as recordings: which variable is the samples, and what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Format,
    NoLeadsError,
    Signal,
    Stated,
    choose_leads,
    is_lead,
    lead_names,
    some,
)
from ectopy.recordings.formats.foreign import unknown
from ectopy.recordings.formats.matlab_v5 import is_version5, read_version5
from ectopy.recordings.formats.matlab_v73 import is_version73, read_version73
from ectopy.recordings.formats.matlab_values import Value, number, text, texts
from ectopy.recordings.formats.numpy_array import Samples
from ectopy.recordings.recording import Recording
from ectopy.recordings.subject import Subject

# Names are compared without case, and without what is no letter.
_SAMPLES: Final = ("signalmv", "ecg", "ekg", "val", "signal", "signals", "sig", "psignal",
                   "ecgdata", "data", "rawdata", "samples", "record", "x", "y")  # fmt: skip
_RATES: Final = ("fshz", "fs", "samplingrate", "samplerate", "sfreq", "srate", "samplingfrequency",
                 "samplefrequency", "samplingfreq", "samplefreq", "frequency", "freq", "rate",
                 "sf", "hz")  # fmt: skip
_LEADS: Final = ("leads", "leadnames", "lead", "signame", "signames", "labels", "channels",
                 "channelnames", "chnames", "names")  # fmt: skip
_UNITS: Final = ("units", "unit")
_GAINS: Final = ("gain", "adcgain")
_TIMES: Final = ("t", "tm", "time", "times", "timestamps")
_HEAD_BYTES: Final = 1024
_LEAST: Final = 50
"""Samples, below which numbers are something else: a list of marks, a matrix of settings."""
_EVEN: Final = 0.01
"""How far a step in time may be off, so that the times still tell a rate."""


@dataclass(frozen=True)
class _Found:
    """Samples (n_leads, n) with what they are called, and where their names stand."""

    called: str
    rows: npt.NDArray[Any]
    names: tuple[str, ...] | None = None


def recognises(path: Path, head: bytes) -> bool:
    """Tell a MATLAB file by its version."""
    return is_version5(head) or is_version73(head)


def open_matlab(path: Path, stated: Stated) -> Recording:
    """Open a MATLAB file with the samples in one matrix, or in one vector for each lead."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not recognises(path, head):
        raise unknown(path, "")
    variables = read_version73(path) if is_version73(head) else read_version5(path)
    values = dict(_every(variables))
    notes: list[str] = []
    found = _samples(path, values)
    rows = found.rows
    names = found.names or _names(values, len(rows)) or (None,) * len(rows)
    units = _lookup(values, _UNITS)
    unit = (texts(units) or [""])[0]
    gain = number(_lookup(values, _GAINS))
    fs_hz = stated.rate(path, _rate(values, rows.shape[1]), notes)
    budget.check(path, fs_hz, len(rows), rows.shape[1])
    signals = [
        Signal(name or f"lead {i + 1}", unit or "mV", fs_hz, assumed=not unit)
        for i, name in enumerate(names)
    ]
    kept = choose_leads(path, signals, stated, notes)
    if stated.units is None and stated.gain is None and not unit:
        if gain is not None and gain > 0:
            notes.append(f"values were divided by the gain in the file, {gain:g} to a millivolt")
            stated = Stated(gain=gain)
        else:
            notes.append("values were taken as mV; state units or gain if they are not")
    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names([names[i] for i in kept]),
        n_samples=rows.shape[1],
        reader=Samples(rows[kept], stated.scale(unit or "mV")),
        source=f"MATLAB {path.name}",
        notes=tuple(notes),
        subject=_subject(values),
    )


FORMAT = Format("MATLAB", recognises, open_matlab, (".mat",), no_recording=NoLeadsError)


def _every(variables: Mapping[str, Value], prefix: str = "") -> Iterator[tuple[str, Value]]:
    """Give every variable and every field of a struct, those nearer to the top first."""
    for name, value in variables.items():
        if not isinstance(value, Mapping):
            yield prefix + name, value
    for name, value in variables.items():
        if isinstance(value, Mapping):
            yield from _every(value, f"{prefix}{name}.")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.rpartition(".")[2].casefold())


def _lookup(values: Mapping[str, Value], keys: tuple[str, ...]) -> Value | None:
    """Give the value whose name comes first among some."""
    known = [(_plain(name), value) for name, value in values.items()]
    return next((value for key in keys for name, value in known if name == key), None)


def _samples(path: Path, values: Mapping[str, Value]) -> _Found:
    """Choose the samples: by name, or vectors called like leads, or the one that can be."""
    arrays = {
        name: value
        for name, value in values.items()
        if isinstance(value, np.ndarray)
        and value.dtype.kind in "iuf"
        and sum(n > 1 for n in value.shape) in (1, 2)
        and max(value.shape) >= _LEAST
        and _plain(name) not in _TIMES
    }
    for key in _SAMPLES:
        named = [name for name in arrays if _plain(name) == key]
        if named:
            return _Found(named[0], _leads_first(arrays[named[0]]))
    vectors = {
        name.rpartition(".")[2]: array.reshape(-1)
        for name, array in arrays.items()
        if max(array.shape) == array.size and is_lead(name.rpartition(".")[2])
    }
    if vectors and len({len(vector) for vector in vectors.values()}) == 1:
        rows = np.stack(list(vectors.values()))
        return _Found(some(vectors), rows, tuple(vectors))
    if len(arrays) == 1:
        ((name, array),) = arrays.items()
        return _Found(name, _leads_first(array))
    held = some(f"{name} ({_shown(value)})" for name, value in values.items())
    raise NoLeadsError(
        f"{path} has no variable that can be told for the samples: it has {held or 'none'}; call "
        "it ecg or val, with the rate as fs"
    )


def _shown(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return " x ".join(map(str, value.shape))
    return "text" if isinstance(value, str) else "cells"


def _leads_first(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    rows = np.atleast_2d(np.squeeze(array))
    return rows.T if rows.shape[0] > rows.shape[1] else rows


def _names(values: Mapping[str, Value], n_leads: int) -> tuple[str, ...] | None:
    """Give the names of the leads, if there are as many."""
    for key in _LEADS:
        found = texts(_lookup(values, (key,)))
        if found is not None and len(found) == n_leads:
            return tuple(found)
    return None


def _rate(values: Mapping[str, Value], n_samples: int) -> float | None:
    """Give the rate by its name, or from times that go on evenly in seconds."""
    for key in _RATES:
        rate = number(_lookup(values, (key,)))
        if rate is not None and rate > 0:
            return rate
    times = _lookup(values, _TIMES)
    if not isinstance(times, np.ndarray) or times.size != n_samples or n_samples < _LEAST:
        return None
    seconds = times.reshape(-1).astype(np.float64)
    step = (seconds[-1] - seconds[0]) / (n_samples - 1)
    if not step > 0 or np.abs(np.diff(seconds) - step).max() > max(_EVEN * step, 5e-4):
        return None
    rate = 1 / step
    if not budget.LOWEST_HZ <= rate <= budget.HIGHEST_HZ:
        return None
    return float(round(rate)) if abs(rate - round(rate)) < 2e-3 * rate else float(rate)


def _subject(values: Mapping[str, Value]) -> Subject:
    sex = text(_lookup(values, ("sex", "gender")))
    return Subject.of(sex=sex, age_years=number(_lookup(values, ("age",))))

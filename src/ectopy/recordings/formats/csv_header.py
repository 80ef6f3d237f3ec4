"""What the lines before a table say: a sampling rate in a comment, the header of OpenSignals."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.budget import HIGHEST_HZ, LOWEST_HZ
from ectopy.recordings.formats.common import Stated, some

_NUMBER: Final = r"(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)"
_RATE: Final = re.compile(
    r"(?:\bfs|\bf_s|\bsfreq|samp(?:l(?:e|es|ing))?[ _-]*(?:rate|freq(?:uency)?)|\bfrequency|\brate)"
    rf"(?:[ _]?\(?hz\)?)?[^\d\n.]{{0,16}}{_NUMBER}\s*(k?)",
    re.IGNORECASE,
)
_INTERVAL: Final = re.compile(
    r"(?:interval|period|step|\bdt)\b[^\d\n.]{0,16}" + _NUMBER + r"\s*(s|sec|ms|msec|us|µs)\b"
    r"|" + _NUMBER + r"\s*(sec|msec|ms|s)/sample",
    re.IGNORECASE,
)
# As an Apple Watch writes them above its samples, and others too.
_UNIT: Final = re.compile(r"^\W*units?\b\W*([nuµμm]?V)\b", re.IGNORECASE)
_LEAD: Final = re.compile(r"^\W*lead\W*[,:;=\t]\W*(?:lead )?(\w+)", re.IGNORECASE)
_STARTED: Final = re.compile(
    r"(?:record(?:ed|ing)|start)[^\d\n]*(\d{4}-\d{1,2}-\d{1,2})[T ]+"
    r"(\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)",
    re.IGNORECASE,
)
_BARE_RATE: Final = re.compile(rf"^[\W_]*{_NUMBER}\s*(k?)hz\W*$", re.IGNORECASE)
_SECONDS: Final = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "µs": 1e-6}
# Full range in mV of the ECG sensors, from the makers' data sheets (PLUX: transfer function of the
# ECG sensors for BITalino and biosignalsplux): operating voltage over gain.
_RANGE_MV: Final = {"bitalino": 3300 / 1100, "biosignalsplux": 3000 / 1000}
_ECG: Final = re.compile(r"ecg|ekg", re.IGNORECASE)


@dataclass(frozen=True)
class Channel:
    """A column of a recorder that says what its columns are."""

    name: str
    sensor: str = ""  # "" for what is no sensor: counters, digital lines
    bits: int | None = None
    device: str = ""

    @property
    def ecg(self) -> bool:
        """Tell whether the sensor is one for the ECG."""
        return _ECG.search(self.sensor) is not None


@dataclass(frozen=True)
class TableHeader:
    """What the lines above a table say of its columns."""

    fs_hz: float | None = None
    start: datetime | None = None
    channels: tuple[Channel, ...] = field(default=())
    units: str = ""
    lead: str = ""


def read_header(lines: Sequence[str], n_columns: int) -> TableHeader:
    """Read the lines before the first row."""
    for line in lines:
        text = line.lstrip("#% ")
        if text.startswith("{"):
            said = _open_signals(text, n_columns)
            if said is not None:
                return said
    units = next((m[1] for line in lines if (m := _UNIT.match(line))), "")
    lead = next((m[1] for line in lines if (m := _LEAD.match(line))), "")
    began = next((m for line in lines if (m := _STARTED.search(line))), None)
    start = _start({"date": began[1], "time": began[2]}) if began else None
    return TableHeader(fs_hz=_rate(lines), start=start, units=units, lead=lead)


def _rate(lines: Sequence[str]) -> float | None:
    """Find a sampling rate, or an interval, that an ECG can have."""
    for line in lines:
        for match in (*_RATE.finditer(line), *_BARE_RATE.finditer(line)):
            rate = float(match[1].replace(",", ".")) * (1000 if match[2] else 1)
            if LOWEST_HZ <= rate <= HIGHEST_HZ:
                return rate
        for match in _INTERVAL.finditer(line):
            number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
            step = float(number.replace(",", ".")) * _SECONDS[unit.casefold()]
            if step > 0 and LOWEST_HZ <= 1 / step <= HIGHEST_HZ:
                return 1 / step
    return None


def _open_signals(text: str, n_columns: int) -> TableHeader | None:
    """Read a header in JSON as OpenSignals writes it: facts by device, by its address."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(facts, dict):
        return None
    devices = [d for d in facts.values() if isinstance(d, dict) and "sampling rate" in d]
    devices = devices or [facts]
    rates = {rate for d in devices if (rate := _number(d.get("sampling rate"))) is not None}
    channels = [channel for d in devices for channel in _channels(d)]
    # A line may end in a delimiter, and so in a column that nobody named.
    fits = n_columns - 1 <= len(channels) <= n_columns
    return TableHeader(
        fs_hz=rates.pop() if len(rates) == 1 else None,
        start=_start(devices[0]),
        channels=tuple(channels) if fits else (),
    )


def _channels(device: dict[str, Any]) -> list[Channel]:
    columns, labels = _words(device.get("column")), _words(device.get("label"))
    sensors = _words(device.get("sensor"))
    bits = device.get("resolution")
    bits = bits if isinstance(bits, list) else [bits]
    kind = str(device.get("device", ""))
    made = []
    for at, name in enumerate(columns):
        if name not in labels:
            made.append(Channel(name))
            continue
        k = labels.index(name)
        sensor = sensors[k] if k < len(sensors) else "unknown"
        # One for each column, for each channel, or one for all.
        place = at if len(bits) == len(columns) else k if len(bits) == len(labels) else 0
        size = _number(bits[place]) if bits else None
        made.append(Channel(name, sensor or "unknown", None if size is None else int(size), kind))
    return made


def lead_channels(path: Path, channels: Sequence[Channel], stated: Stated) -> list[int]:
    """Choose the columns of sensors that are said to be for the ECG.

    Raises
    ------
    DataFormatError
        If none is, unless the user states what the numbers mean.
    """
    ecg = [i for i, channel in enumerate(channels) if channel.ecg]
    analog = [i for i, channel in enumerate(channels) if channel.sensor]
    if ecg or (analog and (stated.units or stated.gain)):
        return ecg or analog
    sensors = some(dict.fromkeys(f"{channels[i].name} ({channels[i].sensor})" for i in analog))
    raise DataFormatError(
        f"{path} has columns of the sensors {sensors or '(none)'}, none of which is said to be an "
        "ECG; if one is, state units or gain"
    )


def transfer(path: Path, channel: Channel) -> tuple[float, float, str]:
    """Give factor and offset from a sensor's raw numbers to mV, and a note that says so.

    Raises
    ------
    DataFormatError
        If the recorder is not one whose numbers are known.
    """
    device = channel.device.casefold()
    known = next((mv for name, mv in _RANGE_MV.items() if device.startswith(name)), None)
    if known is None or channel.bits is None or not 4 <= channel.bits <= 24:
        raise DataFormatError(
            f"{path} holds raw numbers of {channel.name} on a recorder {channel.device or '?'!r}, "
            "whose numbers for a millivolt are not known; state the gain"
        )
    factor = known / 2**channel.bits
    note = (
        f"{channel.name} was converted from {channel.bits}-bit numbers as the data sheet of the "
        f"ECG sensor of {channel.device} has it ({1 / factor:g} to a millivolt)"
    )
    return factor, -known / 2, note


def _words(value: Any) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good and abs(value) < 1e9 else None


def _start(device: dict[str, Any]) -> datetime | None:
    text = f"{device.get('date', '')} {device.get('time', '')}"
    match = re.match(
        r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?", text
    )
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
        return datetime(
            year, month, day, hour, minute, second, int((match[7] or "0").ljust(6, "0"))
        )
    except ValueError:
        return None

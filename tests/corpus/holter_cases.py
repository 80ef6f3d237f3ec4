"""Files of recorders and hospitals with odd fields: ISHNE, MFER, DICOM, Kardia."""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cases import Case, changed, holding, valid

MARKUP = "<script>alert(1)</script>"


def packed(form: str, at: int, *values: int) -> Callable[[bytes], bytes]:
    """Write numbers over the bytes at a place."""

    def change(raw: bytes) -> bytes:
        out = bytearray(raw)
        struct.pack_into(form, out, at, *values)
        return bytes(out)

    return change


def written(at: int, text: bytes) -> Callable[[bytes], bytes]:
    """Write bytes over those at a place."""
    return lambda raw: raw[:at] + text + raw[at + len(text) :]


def _ishne() -> dict[str, Callable[[Path], Path]]:
    """Give ISHNE files; places are those of Badilini 1998."""
    odd: dict[str, Callable[[bytes], bytes]] = {}
    shorts = {
        "version": 26,
        "birth day": 136,
        "day": 138,
        "month": 140,
        "year": 142,
        "hour": 150,
        "minute": 152,
        "second": 154,
        "leads": 156,
        "first lead": 158,
        "second lead": 160,
        "first quality": 182,
        "first resolution": 206,
        "pacemaker": 230,
        "rate": 272,
    }
    for name, at in shorts.items():
        for value in (0, -1, 99, 32767):
            odd[f"{name} {value}"] = packed("<h", at, value)
    for name, at in {"text bytes": 10, "samples": 14, "text at": 18, "signal at": 22}.items():
        for value in (0, -1, 999_999, 2**31 - 1):
            odd[f"{name} {value}"] = packed("<i", at, value)
    for value in (0, 1, 65535):
        odd[f"checksum {value}"] = packed("<H", 8, value)
    odd["markup in the name"] = written(28, MARKUP.encode())
    odd["no ASCII in the name"] = written(28, bytes(range(200, 240)))
    odd["recorder in markup"] = written(232, MARKUP.encode())
    for rate in (20, 100, 128, 180, 200, 1000):
        odd[f"rate {rate}"] = packed("<h", 272, rate)
    odd["samples odd in bytes"] = lambda raw: raw[:-1]
    odd["no samples"] = lambda raw: raw[:522]
    odd["one sample"] = lambda raw: raw[:526]
    odd["lead faults"] = lambda raw: raw[:522] + b"\0\x80" * ((len(raw) - 522) // 2)
    made = {name: changed("ishne", change) for name, change in odd.items()}
    made["annotations"] = holding(
        "odd.ann", b"ANN  1.0" + valid("ishne")[1]["holter.ecg"][8:522] + b"NN\x80\0" * 50
    )
    return made


def _json() -> dict[str, Callable[[Path], Path]]:
    made = {}
    good = json.loads(valid("kardia")[1]["kardia.json"])
    odd: list[Any] = [
        None,
        0,
        -1,
        1e308,
        "x",
        "",
        [],
        {},
        True,
        [1, "a", None],
        {"a": 1},
        MARKUP,
        float("nan"),
    ]
    for path in (
        ("data",),
        ("data", "raw"),
        ("data", "raw", "frequency"),
        ("data", "raw", "amplitudeResolution"),
        ("data", "raw", "samples"),
        ("data", "raw", "samples", "leadII"),
        ("recordedAt",),
        ("id",),
    ):
        for value in odd:
            made[f"{'.'.join(path)} {value!r}"] = holding(
                "odd.json", json.dumps(_set(good, path, value))
            )
    made["a list of it"] = holding("odd.json", json.dumps([good]))
    made["deep"] = holding("odd.json", "[" * 5000 + "]" * 5000)
    made["a mark"] = holding("odd.json", json.dumps(good).encode("utf-8-sig"))
    made["lines"] = holding("odd.json", "\n".join([json.dumps(good)] * 2))
    return made


def _set(tree: Any, path: tuple[str, ...], value: Any) -> Any:
    """Give a copy of a tree of dictionaries with another value at a place."""
    key, *rest = path
    return {**tree, key: _set(tree[key], tuple(rest), value) if rest else value}


def _mfer() -> dict[str, Callable[[Path], Path]]:
    pairs: dict[str, tuple[bytes, bytes]] = {}
    for name, tag in {"rate": b"\x0b\x04", "resolution": b"\x0c\x04"}.items():
        for value in (
            b"\0\0\0\0",
            b"\xff\xff\xff\xff",
            b"\1\x80\0\1",
            b"\1\x7f\0\1",
            b"\1\0\0\0",
            b"\1\xfd\xff\xff",
            b"\2\xfd\0\4",
        ):
            pairs[f"{name} {value.hex()}"] = (tag, tag + value)
    for name, tag in {
        "channels": b"\x05\x01",
        "type": b"\x0a\x01",
        "order": b"\x01\x01",
        "sequence": b"\x06\x01",
    }.items():
        for value in (0, 1, 2, 3, 9, 127, 255):
            pairs[f"{name} {value}"] = (tag, tag + bytes([value]))
    for value in (0, 1, 999, 2**31, 2**32 - 1):
        pairs[f"block of {value}"] = (b"\x04\x04", b"\x04\x04" + struct.pack(">I", value))

    def put(raw: bytes, tag: bytes, item: bytes) -> bytes:
        at = raw.index(tag, 30)
        return raw[:at] + item + raw[at + len(item) :]

    made = {
        n: changed("mfer", functools.partial(put, tag=t, item=i)) for n, (t, i) in pairs.items()
    }
    made["no end"] = changed("mfer", lambda raw: raw[:-2])
    made["a length too long"] = changed(
        "mfer", lambda raw: raw.replace(b"\x1e\x84", b"\x1e\x84\x7f", 1)
    )
    return made


def _dicom() -> dict[str, Callable[[Path], Path]]:
    return {
        name: functools.partial(_changed_dicom, change=change)
        for name, change in _changes().items()
    }


def _changes() -> dict[str, Callable[[Any, Any, Any], None]]:
    """Give changes of (data set, waveform, first channel)."""

    def to(where: int, key: str, value: Any) -> Callable[..., None]:
        return lambda *levels: setattr(levels[where], key, value)

    made: dict[str, Callable[[Any, Any, Any], None]] = {}
    for key, values in {
        "NumberOfWaveformChannels": (0, 1, 3, 65535),
        "NumberOfWaveformSamples": (0, 1, 999, 1001, 2**32 - 1),
        "SamplingFrequency": (0, -250, 1e308, 20.1, 99.97, 1000.5, 1e-9),
        "WaveformBitsAllocated": (0, 8, 12, 24, 32, 65535),
        "WaveformSampleInterpretation": ("", "UB", "SB", "MB", "AB", "US", "XX"),
        "WaveformOriginality": ("", "DERIVED"),
        "WaveformData": (b"", b"\0" * 10, b"\0\x80" * 2000, b"\xff" * 4000),
    }.items():
        made |= {f"{key} {str(x)[:12]}": to(1, key, x) for x in values}
    for key, values in {
        "ChannelSensitivity": (0, -5, 1e-30, 1e30),
        "ChannelBaseline": (1e30, -1, 32767),
        "ChannelSensitivityCorrectionFactor": (0, -1, 1e30),
        "WaveformBitsStored": (0, 1, 12, 65535),
    }.items():
        made |= {f"{key} {x}": to(2, key, x) for x in values}
    for key in ("WaveformSequence", "SOPClassUID", "Modality"):
        made[f"no {key}"] = lambda whole, wave, channel, key=key: delattr(whole, key)
    for key in (
        "ChannelDefinitionSequence",
        "WaveformData",
        "SamplingFrequency",
        "NumberOfWaveformChannels",
        "WaveformBitsAllocated",
    ):
        made[f"no {key}"] = lambda whole, wave, channel, key=key: delattr(wave, key)
    for key in ("ChannelSourceSequence", "ChannelSensitivity", "ChannelSensitivityUnitsSequence"):
        made[f"no {key}"] = lambda whole, wave, channel, key=key: delattr(channel, key)
    for x in ("", "mV", "mm[Hg]", "<b>"):
        made[f"unit {x!r}"] = lambda w, s, channel, x=x: setattr(
            channel.ChannelSensitivityUnitsSequence[0], "CodeValue", x
        )
    for x in ("", MARKUP, "II\nV1", "x" * 60):
        made[f"lead {x[:9]!r}"] = lambda w, s, channel, x=x: setattr(
            channel.ChannelSourceSequence[0], "CodeMeaning", x
        )
    for x in ("", "20240506093000", "20241399999999", "x"):
        made[f"time {x!r}"] = to(0, "AcquisitionDateTime", x)
    return made


def _changed_dicom(folder: Path, change: Callable[[Any, Any, Any], None]) -> Path:
    import io
    import warnings

    import pydicom

    whole = pydicom.dcmread(io.BytesIO(valid("dicom")[1]["a.dcm"]))
    wave = whole.WaveformSequence[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom says what is odd; that is the point
        change(whole, wave, wave.ChannelDefinitionSequence[0])
        whole.save_as(folder / "odd.dcm")
    return folder / "odd.dcm"


def cases() -> dict[str, list[Case]]:
    """Give the families of files that recorders and hospitals write."""
    families = {
        "ishne": _ishne(),
        "json": _json(),
        "mfer": _mfer(),
        "dicom": _dicom(),
    }
    return {k: [Case(f"{k}: {n}", m) for n, m in v.items()] for k, v in families.items()}

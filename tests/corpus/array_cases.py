"""NumPy arrays of odd types, shapes and contents, and archives that are not what they seem."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case, holding
from signal_cases import beats

STATED = {"fs_hz": 200.0}


def saved(array: Any, **options: Any) -> bytes:
    """Give the bytes of an array as NumPy saves it."""
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def zipped(*unnamed: Any, **arrays: Any) -> bytes:
    """Give the bytes of an archive of arrays."""
    stream = io.BytesIO()
    np.savez(stream, *unnamed, **arrays)
    return stream.getvalue()


def _types() -> dict[str, bytes]:
    one = beats(4)
    made = {}
    for name in (
        "i1",
        "i2",
        "i4",
        "i8",
        "u1",
        "u2",
        "u4",
        "u8",
        "f2",
        "f4",
        "f8",
        "g",
        ">i2",
        ">f4",
        ">f8",
    ):
        scale = 1 if name in "g" or "f" in name else 100
        wide = np.abs(one) * scale if "u" in name else one * scale
        made[f"type {name}"] = saved(np.array([wide, wide]).astype(name))
    rng = np.random.default_rng(3)
    made |= {
        "complex": saved(one + 1j),
        "true and false": saved(one > 0.5),
        "objects": saved(np.array([{}, 1], dtype=object), allow_pickle=True),
        "text": saved(np.array(["1", "2"])),
        "bytes": saved(np.array([b"1", b"2"])),
        "records": saved(np.zeros(500, dtype=[("II", "f4"), ("V1", "f4")])),
        "dates": saved(np.arange(500).astype("M8[s]")),
        "durations": saved(np.arange(500).astype("m8[ms]")),
        "void": saved(np.zeros(500, dtype="V8")),
        "half, too large": saved(np.full(800, np.inf, dtype="f2")),
        "largest doubles": saved(one * 1e308),
        "largest integers": saved(np.full(800, 2**63 - 1)),
        "smallest bytes": saved(np.full(800, -128, dtype="i1")),
        "all bytes": saved(rng.integers(0, 256, 800).astype("u1")),
        "masked": saved(np.ma.masked_greater(one, 0.5).filled(np.nan)),
    }
    return made


def _shapes() -> dict[str, bytes]:
    one = beats(4)
    shapes = (
        (),
        (0,),
        (1,),
        (0, 800),
        (800, 0),
        (1, 1),
        (1, 800),
        (800, 1),
        (2, 800),
        (800, 2),
        (800, 800),
        (1, 1, 800),
        (2, 2, 400),
        (1, 800, 2),
        (1,) * 8,
        (300, 2),
        (2, 2),
        (3, 2),
        (12, 60),
        (256, 300),
        (257, 300),
    )
    made = {
        f"shape {s}": saved(np.resize(one, s)) for s in shapes if np.prod(s, dtype=float) <= 100_000
    }
    made |= {
        "Fortran order": saved(np.asfortranarray(np.tile(one, (2, 1)))),
        "Fortran order, leads last": saved(np.asfortranarray(np.tile(one, (2, 1)).T)),
        "every other sample": saved(one[::2]),
        "backward": saved(one[::-1]),
    }
    return made


def _broken() -> dict[str, bytes]:
    good = saved(np.tile(beats(4), (2, 1)))
    made = {
        "header only": good[:128],
        "half a header": good[:40],
        "magic only": good[:6],
        "magic and version": good[:8],
        "one value short": good[:-8],
        "one byte short": good[:-1],
        "more than promised": good + bytes(999),
        "pickle": b"\x80\x04K\x01.",
        "pickle in an array": saved(np.array([print], dtype=object), allow_pickle=True),
    }
    for i, version in enumerate(((0, 0), (2, 0), (3, 0), (4, 0), (9, 9), (255, 255))):
        made[f"version {version}, {i}"] = good[:6] + bytes(version) + good[8:]
    for length in (0, 1, 10, 5000, 65535):
        made[f"header of {length} bytes"] = good[:8] + length.to_bytes(2, "little") + good[10:]
    pairs = {
        "another type": (b"'<f8'", b"'<f4'"),
        "no type": (b"'<f8'", b"'<x8'"),
        "a huge type": (b"'<f8'", b"'|S9999999'"[:5]),
        "more leads": (b"(2, 800)", b"(9, 800)"),
        "fewer leads": (b"(2, 800)", b"(1, 800)"),
        "leads below 0": (b"(2, 800)", b"(-2,800)"),
        "many samples": (b"(2, 800), }   ", b"(2, 80000000)}"),
        "most samples": (b"(2, 800), }                    ", b"(2, 9999999999999999999999), }"),
        "shape in words": (b"(2, 800)", b"('a', 3)"),
        "shape a number": (b"(2, 800)", b"800     "),
        "order in words": (b"False", b"'abc'"),
        "no dictionary": (b"{'descr'", b"['descr'"),
        "a call": (b"(2, 800)", b"print(1)"),
    }
    for name, (old, new) in pairs.items():
        assert old in good, name
        made[name] = good.replace(old, new)
    return made


def _archives() -> dict[str, bytes]:
    one = beats(4)
    two = np.tile(one, (2, 1))
    good = zipped(signal=two, fs=200)

    def archive(**files: bytes) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
            for name, raw in files.items():
                out.writestr(name, raw)
        return stream.getvalue()

    made = {
        "archive without arrays": archive(),
        "archive of a text": archive(**{"a.txt": b"hello"}),
        "archive of a text and an array": archive(**{"a.txt": b"hi", "signal.npy": saved(one)}),
        "archive of an archive": archive(**{"a.npz": good}),
        "archive of a table": archive(**{"ecg.csv": b"1,2\n" * 500}),
        "archive with a folder": archive(**{"x/": b"", "x/signal.npy": saved(one)}),
        "archive with a path": archive(**{"../../signal.npy": saved(one)}),
        "archive of nothing twice": archive(**{"signal.npy": b"", "fs.npy": b""}),
        "archive cut at the end": good[:-30],
        "archive with a wrong sum": good.replace(saved(two)[200:208], b"\xff" * 8),
        "archive of zeros, 64 MB": archive(**{"signal.npy": saved(np.zeros((2, 4_000_000)))}),
        "archive of an object": zipped(signal=np.array([1, "a"], dtype=object)),
        "archive of a workbook": archive(
            **{"[Content_Types].xml": b"<Types/>", "xl/a.xml": b"<x/>"}
        ),
        "rate only": zipped(fs=200),
        "no rate": zipped(signal=two),
        "two signals": zipped(signal=two, ecg=one, fs=200),
        "a name of its own": zipped(my_ecg=two, fs=200),
        "three arrays, none named": zipped(two, one, np.array(200)),
        "signal and times": zipped(t=np.arange(800) / 200, ecg=one),
        "signal and labels": zipped(x=np.zeros((100, 187)), y=np.zeros(100), fs=125),
        "signal of three axes": zipped(signal=np.zeros((2, 2, 300)), fs=200),
        "signal of text": zipped(signal=np.array(["a", "b"]), fs=200),
        "signal of one sample": zipped(signal=np.array([1.0]), fs=200),
        "signal empty": zipped(signal=np.zeros((2, 0)), fs=200),
        "signal complex": zipped(signal=two + 1j, fs=200),
        "signal of records": zipped(signal=np.zeros(500, dtype=[("II", "f4")]), fs=200),
    }
    for key in ("fs_hz", "FS", "sampling_rate", "sfreq", "Frequency", "rate", "hz"):
        made[f"rate as {key}"] = zipped(**{"signal": two, key: 200})
    for key in ("signal_mv", "ECG", "p_signal", "Data", "x", "arr_0"):
        made[f"signal as {key}"] = zipped(**{key: two, "fs": 200})
    return made


def cases() -> dict[str, list[Case]]:
    """Give the families of arrays."""

    def family(name: str, made: dict[str, bytes], stated: dict[str, float]) -> list[Case]:
        how = "array, a rate" if stated else "array"
        return [Case(f"{how}: {k}", holding(name, raw), stated) for k, raw in made.items()]

    def scaled(gain: float) -> Callable[[Path], Path]:
        return holding("counts.npy", saved((beats(4) * gain).astype("i4")))

    counts = [
        Case(f"array: counts of {g:g} a mV", scaled(g), STATED) for g in (10, 200, 1000, 4000, 1e5)
    ]
    counts += [
        Case(f"array: gain {g:g} stated", scaled(g), {**STATED, "gain": g}) for g in (10, 200, 1e5)
    ]
    return {
        "arrays": family("odd.npy", {**_types(), **_shapes()}, STATED)
        + counts
        + family("odd.npy", _types(), {})[:3],
        "arrays-broken": family("odd.npy", _broken(), STATED)
        + family("odd.npz", _archives(), {})
        + family("odd.npz", _archives(), STATED)[::4],
    }

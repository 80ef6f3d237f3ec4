"""Signals that are whole and odd: short, slow, flat, noisy, mis-scaled, many, strangely named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cases import Case

FS_HZ = 200.0
Signal = npt.NDArray[np.floating[Any]]


def beats(
    seconds: float = 5, fs_hz: float = FS_HZ, per_minute: float = 75, first_s: float = 0.4
) -> Signal:
    """One lead of narrow beats in mV, with a T wave and a little noise."""
    t = np.arange(round(seconds * fs_hz)) / fs_hz
    at = (t - first_s) % (60 / per_minute)
    at = np.minimum(at, 60 / per_minute - at)
    rng = np.random.default_rng(7)
    wave = np.exp(-0.5 * (at / 0.012) ** 2) + 0.2 * np.exp(-0.5 * ((at - 0.25) / 0.04) ** 2)
    return np.asarray(wave + rng.normal(scale=0.01, size=len(t)))


def archive(signal: npt.ArrayLike, fs_hz: float = FS_HZ, **more: Any) -> Callable[[Path], Path]:
    """Make an ``.npz`` with the signal, its rate and whatever else it says."""

    def make(folder: Path) -> Path:
        np.savez(folder / "odd.npz", signal=np.asarray(signal), fs=fs_hz, **more)
        return folder / "odd.npz"

    return make


def _shapes() -> dict[str, Callable[[Path], Path]]:
    rng = np.random.default_rng(11)
    one = beats()
    n = len(one)
    gone = np.full(n, np.nan)
    t = np.arange(n) / FS_HZ
    half = one.copy()
    half[n // 2 :] = np.nan
    holes = one.copy()
    holes[rng.integers(n, size=n // 3)] = np.nan
    late = one.copy()
    late[: n - 300] = np.nan
    square = np.where(t % 1 < 0.5, 1.0, -1.0)
    odd: dict[str, npt.ArrayLike] = {
        "all missing": gone,
        "flat at zero": np.zeros(n),
        "flat at a number": np.full(n, 3.3),
        "flat and missing": np.where(t < 2, 0.0, np.nan),
        "half missing": half,
        "beats at the end only": late,
        "a third missing at random": holes,
        "every other sample missing": np.where(np.arange(n) % 2, one, np.nan),
        "one sample that is there": np.where(np.arange(n) == 500, one, np.nan),
        "infinities": np.where(t % 1 < 0.1, np.inf, one),
        "both infinities": np.where(t % 1 < 0.1, np.where(t % 2 < 1, np.inf, -np.inf), one),
        "white noise": rng.normal(size=n),
        "strong white noise": 50 * rng.normal(size=n),
        "one sample of 1e30": np.where(np.arange(n) == 500, 1e30, one),
        "mains hum": np.sin(2 * np.pi * 50 * t),
        "slow wander": 20 * np.sin(2 * np.pi * 0.1 * t),
        "random walk": np.cumsum(rng.normal(size=n)),
        "a ramp": np.linspace(-1, 1, n),
        "a step": np.where(t < 2.5, 0.0, 5.0),
        "square wave": square,
        "calibration pulses": np.where((t % 1) < 0.2, 1.0, 0.0),
        "fastest alternation": np.where(np.arange(n) % 2, 1.0, -1.0),
        "saturated": one.clip(-0.1, 0.3),
        "two levels": (one > 0.5).astype(float),
        "upside down": -one,
        "one beat and silence": np.where(t < 0.8, one, 0.0),
        "slow heart, 12 a minute": beats(20, per_minute=12),
        "slow heart, 28 a minute": beats(12, per_minute=28),
        "fast heart, 300 a minute": beats(per_minute=300),
        "faster than a heart, 600 a minute": beats(per_minute=600),
        "a pause": np.r_[beats(4), np.zeros(1200), beats(4)],
        "an hour of silence in small": np.r_[beats(4), np.full(20_000, np.nan), beats(4)],
        "one good lead of two": np.array([one, gone]),
        "first lead flat": np.array([np.zeros(n), one]),
        "both leads missing": np.array([gone, gone]),
        "leads that take turns": np.array(
            [np.where(t < 2.5, one, np.nan), np.where(t < 2.5, np.nan, one)]
        ),
    }
    for factor in (
        1e-300,
        1e-12,
        1e-6,
        1e-3,
        0.05,
        30,
        200,
        1000,
        5000,
        1e6,
        1e12,
        1e30,
        1e38,
        1e300,
    ):
        odd[f"scaled by {factor:g}"] = one * factor
        odd[f"scaled by {factor:g} and shifted"] = one * factor + 7 * factor
    odd |= {f"an offset of {by:g} mV": one + by for by in (-1e6, 1e3, 1e5, 1e9)}
    return {name: archive(signal) for name, signal in odd.items()}


def _lengths() -> dict[str, Callable[[Path], Path]]:
    one = beats(5)
    samples = (
        1,
        2,
        3,
        5,
        10,
        25,
        50,
        99,
        100,
        101,
        150,
        199,
        200,
        201,
        250,
        300,
        399,
        400,
        401,
        500,
        700,
    )
    made = {f"{n} samples": archive(one[:n]) for n in samples}
    made |= {
        f"{n} samples of two leads": archive(np.array([one, -one])[:, :n])
        for n in (2, 3, 40, 200, 333)
    }
    for n_beats in range(4):
        for rate in (40, 48, 75, 150):
            seconds = max(n_beats * 60 / rate, 0.3)
            made[f"{n_beats} beats at {rate} a minute"] = archive(beats(seconds, per_minute=rate))
    made["10 s at 48 a minute"] = archive(beats(10, per_minute=48))
    made["no beat, 10 s"] = archive(np.zeros(2000) + 0.001)
    return made


RATES = (
    0.0,
    -250.0,
    np.nan,
    np.inf,
    -np.inf,
    1e308,
    1e-308,
    1e5,
    100_001.0,
    1e9,
    0.5,
    1.0,
    10.0,
    19.99,
    20.0,
    20.1,
    25.0,
    30.0,
    33.3,
    40.0,
    50.0,
    60.0,
    64.0,
    99.97,
    100.0,
    125.0,
    128.0,
    180.5,
    200.3,
    256.0,
    257.3,
    300.0,
    333.33,
    360.0,
    500.0,
    512.0,
    999.9,
    1000.5,
    2000.0,
    4096.0,
    10_000.0,
)


def _rates() -> dict[str, Callable[[Path], Path]]:
    made = {}
    for rate in RATES:
        true = rate if np.isfinite(rate) and 20 <= rate <= 1e5 else FS_HZ
        made[f"{rate:g} Hz"] = archive(beats(min(4.0, 8000 / true), true), rate)
    made["a rate of two numbers"] = archive(beats(), fs_hz=np.array([200.0, 250.0]))  # type: ignore[arg-type]
    made["a rate in words"] = archive(beats(), fs_hz="200")  # type: ignore[arg-type]
    made["a complex rate"] = archive(beats(), fs_hz=200 + 1j)  # type: ignore[arg-type]
    made["a rate that is true"] = archive(beats(), fs_hz=True)
    return made


NAMES: dict[str, list[str]] = {
    "two alike": ["II", "II"],
    "alike but for case": ["ii", "II"],
    "empty": ["", ""],
    "blank": [" ", "\t"],
    "markup": ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"],
    "quotes and entities": ["\"><b>'", "&lt;&amp;&#x27;"],
    "end of the drawing": ["</text></svg><script>", "]]></style>"],
    "templates": ["{{ 7*7 }}", "{% include 'x' %}"],
    "line breaks": ["II\nV1", "V\r\n2"],
    "right to left": ["\u202eVI", "\u05d0\u05d1"],
    "no width": ["\u200b", "\ufeff"],
    "controls": ["a\x00b", "\x1b[31mred"],
    "emoji": ["\U0001f493", "\u2764\ufe0f"],
    "accents": ["Ableitung \u00e9\u00fc", "\u5fc3\u96fb\u5716"],
    "very long": ["x" * 5000, "V1"],
    "long words": [" ".join(["lead"] * 200), "V1"],
    "numbers": ["1", "2"],
    "paths": ["../../etc/passwd", "C:\\ecg"],
    "a comma and a quote": ["a,b", 'c"d'],
    "a formula": ["=1+1", "@SUM(A1)"],
    "percent signs": ["%s%s%n", "100%"],
    "braces": ["{0}", "{x!r}"],
    "not leads": ["Resp", "SpO2"],
    "half a pair": ["\ud7ff", "\ue000"],
    "too few": ["II"],
    "too many": ["I", "II", "III"],
}


def _names() -> dict[str, Callable[[Path], Path]]:
    two = np.array([beats(4), -0.5 * beats(4)])
    made = {
        f"leads named {key}": archive(two, leads=np.array(names)) for key, names in NAMES.items()
    }
    units = (
        "mV",
        "uV",
        "V",
        "nV",
        "",
        "\u00b5V",
        "\u03bcV",
        "mmHg",
        "ADC",
        "<b>",
        "m" * 999,
        "MV",
        "mv ",
        "%",
        "1e-6 V",
    )
    made |= {f"units {u[:8]!r}": archive(two, units=np.array(u)) for u in units}
    made["units that are numbers"] = archive(two, units=np.array([1.0]))
    made["names that are numbers"] = archive(two, leads=np.array([1, 2]))
    made["names in bytes"] = archive(two, leads=np.array([b"II", b"V1"]))
    for n in (1, 2, 3, 8, 12, 15, 24, 40, 256, 257):
        made[f"{n} leads"] = archive(
            np.tile(beats(max(3, 1.5 * n / FS_HZ)), (n, 1)) * np.linspace(-1, 1.5, n)[:, None]
        )
    return made


def _file_names() -> list[Case]:
    def called(name: str) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            path = folder / name
            np.savez(path.with_suffix(".npz"), signal=beats(3), fs=FS_HZ)
            return path.with_suffix(".npz")

        return make

    names = (
        "<b>bold<b>.npz",
        "a&b.npz",
        '"quoted".npz',
        "it's.npz",
        "with space.npz",
        "line\nbreak.npz",
        "\u202ertl.npz",
        "\u5fc3.npz",
        "{{7*7}}.npz",
        "%s.npz",
        "-dash.npz",
        "..dots.npz",
        ".hidden.npz",
        "two.parts.npz",
        "#hash.npz",
        "semi;colon.npz",
        "a" * 200 + ".npz",
        "tab\t.npz",
        "~.npz",
        "100%.npz",
    )
    return [Case(f"file named {name[:20]!r}", called(name)) for name in names]


def _stated() -> list[Case]:
    one = archive(beats())
    wrong: list[dict[str, Any]] = [
        {"fs_hz": x} for x in (0.0, -1.0, np.nan, np.inf, 1e308, 19.9, 1e5 + 1, 20.0, 100.0, 1e5)
    ]
    wrong += [
        {"gain": x} for x in (0.0, np.nan, np.inf, -np.inf, 1e308, 1e-308, -200.0, 1e-30, 1e30)
    ]
    wrong += [
        {"units": x} for x in ("", "mmHg", "V", "nV", "MV", "\u00b5V", "<b>", "x" * 500, "m\nV")
    ]
    wrong += [{"units": "mV", "gain": 200.0}]
    return [Case(f"stated {x}"[:60], one, x) for x in wrong]


def cases() -> dict[str, list[Case]]:
    """Give the families of odd signals."""

    def family(prefix: str, made: dict[str, Callable[[Path], Path]]) -> list[Case]:
        return [Case(f"{prefix}: {name}", make) for name, make in made.items()]

    return {
        "shapes": family("signal", _shapes()),
        "lengths": family("length", _lengths()),
        "rates": family("rate", _rates()),
        "names": family("names", _names()) + _file_names(),
        "stated": _stated(),
    }

"""Valid files of every format, damaged: cut, with flipped bits or other numbers in the header."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable

import malformed
import numpy as np
import recording_files
from cases import Case, changed, valid

# To a reader the same as another but for the numbers, and `test_malformed` opens them too.
ALIKE = ("wfdb-24", "wfdb-32", "wfdb-61", "wfdb-160", "wfdb-508", "edf",
         "mat5-packed", "scp-subtracted")  # fmt: skip
KINDS = tuple(kind for kind in recording_files.EVERY if kind not in ALIKE)
CUTS = (0.02, 0.1, 0.35, 0.65, 0.97)
"""Shares of a file that are left of it."""
FLIPS = 6
"""Files a kind with a single bit flipped in the header."""


def of_kind(kind: str) -> list[Case]:
    """Every damage to a kind of file, header and signals apart where they are two files."""
    stated = {"fs_hz": 250.0} if kind == "npy" else {}
    opened, parts = valid(kind)
    beside = [p[p.rindex(".") :] for p in parts if p != opened and opened.endswith(".hea")]
    cases = []
    for part in ["", *beside[:1]]:
        where = f"{kind}{part and ' ' + part}"
        for name, change in list(malformed.DAMAGES.items())[:: 4 if part else 1]:
            damage = functools.partial(_seeded, change, f"corpus {kind} {name} {part}")
            cases.append(Case(f"{where}: {name}", changed(kind, damage, part), stated))
        for share in CUTS:
            cut = functools.partial(_cut, share=share)
            cases.append(Case(f"{where}: cut at {share:g}", changed(kind, cut, part), stated))
    for i in range(FLIPS):
        flip = functools.partial(_seeded, _one_bit, f"corpus {kind} bit {i}")
        cases.append(Case(f"{kind}: bit {i}", changed(kind, flip), stated))
    return cases


def _seeded(change: Callable[[bytes, np.random.Generator], bytes], seed: str, raw: bytes) -> bytes:
    return change(raw, np.random.default_rng(zlib.crc32(seed.encode())))


def _cut(raw: bytes, share: float) -> bytes:
    return raw[: int(len(raw) * share)]


def _one_bit(raw: bytes, rng: np.random.Generator) -> bytes:
    return malformed.flips(raw, rng, 1, 700)

"""XLI, the compression of Philips electrocardiographs: LZW codes of second differences.

A lead is a block: its length in bytes (int32), two bytes that say nothing here, the first second
difference (int16), then codes of 10 bits, most significant bit first. They stand for bytes as in
LZW (Welch, Computer 1984, 17(6):8-19) until 1023 or the end; the table ends with code 1022. The
first half of the bytes are the high bytes of 16-bit words, the second half the low ones: two
samples, then second differences, negative and 64 too large. Of the limb leads that follow from I
and II only what rounding leaves is stored.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError

Words = npt.NDArray[np.int64]
MOST_BYTES: Final = 64 << 20
"""Unpacked, of all leads together: twelve leads at 500 Hz for an hour and a half."""
_CODE_BITS: Final = 10
_LAST_CODE: Final = (1 << _CODE_BITS) - 2
_HEAD: Final = struct.Struct("<iHh")
_BIAS: Final = 64
_LARGEST: Final = 1 << 15


def leads_of(path: Path, data: bytes) -> list[Words]:
    """Decode the blocks of all leads.

    Returns
    -------
    list of ndarray of int64, shape (n_samples,)
        One a block, in stored units; `from_residuals` restores those that are only residuals.

    Raises
    ------
    DataFormatError
        If a block does not fit the data, a code has no meaning, or it unpacks to too much.
    """
    blocks: list[Words] = []
    at, unpacked = 0, 0
    while at < len(data):
        size = -1
        if at + _HEAD.size <= len(data):
            size, _, first = _HEAD.unpack_from(data, at)
            at += _HEAD.size
        if not 0 < size <= len(data) - at:
            raise DataFormatError(
                f"{path} has a compressed lead that does not fit the {len(data)} bytes there are; "
                "it is cut off or damaged"
            )
        plain = _unpacked(path, data[at : at + size], MOST_BYTES - unpacked)
        at, unpacked = at + size, unpacked + len(plain)
        blocks.append(_samples(path, plain, first))
    return blocks


def from_residuals(names: Sequence[str], leads: Sequence[Words]) -> list[Words]:
    """Restore III, aVR, aVL and aVF from what rounding leaves of them, which is what is stored."""
    out = list(leads)
    at = {name.casefold(): i for i, name in enumerate(names)}
    if "i" not in at or "ii" not in at:
        return out
    n = min(len(out[at[name]]) for name in at if name in ("i", "ii", "iii", "avr", "avl", "avf"))
    one, two = out[at["i"]][:n], out[at["ii"]][:n]
    three = two - one
    if "iii" in at:
        three = out[at["iii"]] = three - out[at["iii"]][:n]
    # `//` rounds down, as the recorder does.
    for name, ideal in (("avl", (one - three) // 2), ("avf", (two + three) // 2)):
        if name in at:
            out[at[name]] = ideal - out[at[name]][:n]
    if "avr" in at:
        out[at["avr"]] = -out[at["avr"]][:n] - (one + two) // 2
    return out


def _unpacked(path: Path, packed: bytes, most: int) -> bytes:
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
    whole = bits[: len(bits) // _CODE_BITS * _CODE_BITS].reshape(-1, _CODE_BITS)
    codes = whole @ (1 << np.arange(_CODE_BITS - 1, -1, -1))
    table = [bytes([code]) for code in range(256)]
    out: list[bytes] = []
    before, length = b"", 0
    for code in codes.tolist():  # a lead has some thousand; each depends on those before
        if code > _LAST_CODE:
            break
        if code < len(table):
            now = table[code]
        elif code == len(table) and before:
            now = before + before[:1]
        else:
            raise DataFormatError(
                f"{path} has a compressed lead with code {code}, expected at most {len(table) - 1} "
                "there; it is damaged"
            )
        if before and len(table) <= _LAST_CODE:
            table.append(before + now[:1])
        out.append(now)
        before, length = now, length + len(now)
        if length > most:
            raise DataFormatError(
                f"{path} has compressed leads that unpack to more than {MOST_BYTES} bytes, which "
                "is the most expected; it is damaged"
            )
    return b"".join(out)


def _samples(path: Path, plain: bytes, first: int) -> Words:
    plain += bytes(len(plain) % 2)
    halves = np.frombuffer(plain, dtype=np.uint8).reshape(2, -1).astype(np.uint16)
    words: Words = (halves[0] << 8 | halves[1]).view(np.int16).astype(np.int64)
    if len(words) < 3:
        return words
    bends = np.concatenate([[first], words[2:-1] - _BIAS])
    slopes = words[1] - words[0] - np.cumsum(bends)
    samples: Words = np.concatenate([words[:2], words[1] + np.cumsum(slopes)])
    if np.abs(samples).max() > _LARGEST:
        raise DataFormatError(
            f"{path} has a compressed lead whose samples leave 16 bits; it is damaged"
        )
    return samples

"""Signal formats of WFDB as signal(5) describes them: bytes to stored numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[Any]

_CHUNK: Final = 1 << 14
"""Blocks decoded at once: what they become on the way stays in the processor's cache."""


@dataclass(frozen=True)
class Encoding:
    """One signal format.

    Attributes
    ----------
    bits : int
        Of a sample; the lowest number that they hold marks a missing one.
    decode : callable
        ``decode(raw)`` takes whole blocks and gives all their samples.
    samples : int
        Samples in a block, the bytes that only together give whole samples.
    partly : tuple of int
        Samples that the first 0, 1, 2... bytes of a block give; as long as a block has bytes.
    """

    bits: int
    decode: Callable[[Bytes], Ints]
    samples: int = 1
    partly: tuple[int, ...] = (0,)

    @property
    def block(self) -> int:
        """Bytes in a block."""
        return len(self.partly)

    @property
    def missing(self) -> int:
        """Number that marks a missing sample."""
        return -(1 << (self.bits - 1))

    def held(self, n_bytes: int) -> int:
        """Count the samples in so many bytes, the last block being cut off or not."""
        blocks, rest = divmod(max(n_bytes, 0), self.block)
        return blocks * self.samples + self.partly[rest]


def _eight(raw: Bytes) -> Ints:
    """Differences, in format 8."""
    return raw.view(np.int8)


def _offset_eight(raw: Bytes) -> Ints:
    return (raw ^ np.uint8(0x80)).view(np.int8)


def _sixteen(raw: Bytes) -> Ints:
    return raw.view("<i2")


def _swapped_sixteen(raw: Bytes) -> Ints:
    return raw.view(">i2")


def _offset_sixteen(raw: Bytes) -> Ints:
    return (raw.view("<u2") ^ np.uint16(0x8000)).view(np.int16)


def _twenty_four(raw: Bytes) -> Ints:
    out = np.empty((len(raw) // 3, 4), dtype=np.uint8)
    out[:, 1:] = raw.reshape(-1, 3)
    wide = out.view("<i4").ravel()
    wide >>= 8  # the lowest byte, never written, goes; the sign comes
    return wide


def _thirty_two(raw: Bytes) -> Ints:
    return raw.view("<i4")


def _twelve(raw: Bytes) -> Ints:
    """Two samples in three bytes: low bytes outside, both high parts in the middle."""
    blocks = raw.reshape(-1, 3)
    out = np.empty((len(blocks), 2), dtype=np.int16)
    for at in range(0, len(blocks), _CHUNK):
        part = slice(at, at + _CHUNK)
        first, middle, last = blocks[part].T.astype(np.int16)
        # Shifted to the top and back, so that the sign comes along.
        np.bitwise_or((middle << 12) >> 4, first, out=out[part, 0])
        np.bitwise_or(((middle >> 4) << 12) >> 4, last, out=out[part, 1])
    return out.ravel()


def _ten_310(raw: Bytes) -> Ints:
    """Three samples in two words of 16 bits: eleven bits down to bit 1, and the two tops."""
    words = raw.view("<u2").reshape(-1, 2)
    out = np.empty((len(words), 3), dtype=np.int16)
    out[:, :2] = (words << 5).view(np.int16) >> 6
    # Five low bits on top of the first word, five high bits on top of the second.
    low, high = words.T >> 11
    out[:, 2] = ((high << 11 | low << 6).view(np.int16)) >> 6
    return out.ravel()


def _ten_311(raw: Bytes) -> Ints:
    """Three samples in the low thirty bits of a word of 32."""
    words = raw.view("<i4")
    out = np.empty((len(words), 3), dtype=np.int16)
    for i in range(3):
        out[:, i] = (words << (22 - 10 * i)) >> 22
    return out.ravel()


ENCODINGS: Final = {
    "8": Encoding(32, _eight),
    "16": Encoding(16, _sixteen, 1, (0, 0)),
    "24": Encoding(24, _twenty_four, 1, (0, 0, 0)),
    "32": Encoding(32, _thirty_two, 1, (0, 0, 0, 0)),
    "61": Encoding(16, _swapped_sixteen, 1, (0, 0)),
    "80": Encoding(8, _offset_eight),
    "160": Encoding(16, _offset_sixteen, 1, (0, 0)),
    "212": Encoding(12, _twelve, 2, (0, 0, 1)),
    "310": Encoding(10, _ten_310, 3, (0, 0, 1, 1)),
    "311": Encoding(10, _ten_311, 3, (0, 0, 1, 2)),
}
"""Formats whose files hold a fixed number of bytes a sample.

Of format 8 the bits are those of the numbers that its differences add up to.
"""
COMPRESSED: Final = {"508": 8, "516": 16, "524": 24}
"""Formats in FLAC, of which a file's size says nothing, and the bits of a sample."""


def missing_mark(encoding: str) -> int:
    """Give the number that marks a missing sample in a signal format."""
    if encoding in COMPRESSED:
        return -(1 << (COMPRESSED[encoding] - 1))
    return ENCODINGS[encoding].missing

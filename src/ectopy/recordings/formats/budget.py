"""What a file may cost: checked against its header and its size, before its samples are read.

Small files can promise much (a gap of years, a segment named 60,000 times, an archive that unpacks
to a thousand times its size). Each number says what honest recordings need and what it bounds.
"""

from __future__ import annotations

import math
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.recordings.recording import LARGEST_MV, lead_called

LOWEST_HZ: Final = 20.0
"""The QRS complex needs some 40 Hz; slower than this is another kind of table."""
HIGHEST_HZ: Final = 20_000.0
"""What the labelling resamples from; late potentials are recorded at 1 to 5 kHz, pacing at 20."""
LONGEST_S: Final = 62 * 86_400.0
"""Two months: longer than any recorder runs, so a longer time line is a damaged number."""
MOST_LEADS: Final = 512
"""Body surface maps have some 250."""
MOST_LEAD_S: Final = 3 * LONGEST_S
"""Leads times seconds: the quality of each second of each lead is kept, in some 13 bytes."""
HELD_S: Final = 600.0
MOST_HELD: Final = 64 << 20
"""Samples of all leads in `HELD_S` seconds, the most that is in memory at once: 256 MiB.

Twelve leads at 5 kHz, or ten seconds of 250 leads at 20 kHz, are within.
"""
MOST_GROWTH, FREE_SAMPLES = 64, 400 << 20
"""Recorded samples for each stored byte where a file may compress or repeat, and those for free.

FLAC needs half a byte a sample for an ECG, next to nothing for a loose lead; a day of twelve leads
at 360 Hz is free.
"""
MOST_UNPACKED: Final = 1 << 30
"""Bytes of samples that have to be in memory as a whole: three leads at 500 Hz for three days."""
FREE_UNPACKED: Final = 64 << 20
"""Bytes that a file may unpack to in memory, however small it is."""
MOST_PACKED: Final = 100
"""Times its size that a larger one may: an ECG becomes 2 to 20 times smaller, zeros a thousand."""
MOST_FILLED: Final = 64 << 20
"""Missing samples, of all leads, that a table's gaps are filled with in memory: 256 MiB."""
MOST_PARSED: Final = 256 << 20
"""Bytes, unpacked, of a file that is parsed as a whole; most such files last ten seconds."""
MOST_PARSING: Final = 2 << 30
"""Bytes of memory that such a library may take: it builds trees and lists of what it reads."""
MOST_ELEMENTS: Final = 500_000
"""XML elements kept of one file, in some 400 bytes each; a strip of twelve leads has hundreds."""
MOST_DATA_RECORD: Final = 16 << 20
"""Bytes of one EDF data record, decoded at once; the format asks for 61,440 at most."""


def check(
    path: Path, fs_hz: float, n_leads: int, n_samples: int, stored_bytes: int | None = None
) -> None:
    """Refuse a recording without samples, or one too large to be true or to be worked through.

    Parameters
    ----------
    path : Path
        For the message.
    fs_hz : float
        Sampling rate of the leads.
    n_leads, n_samples : int
        Leads, and samples in each, gaps counted.
    stored_bytes : int, optional
        Bytes of the file or files, where they may hold more samples than bytes.

    Raises
    ------
    DataFormatError
        With the number that is out of bounds.
    """
    if n_samples < 1:
        raise DataFormatError(f"{path} holds no samples")
    if not LOWEST_HZ <= fs_hz <= HIGHEST_HZ:
        raise DataFormatError(
            f"{path} says its sampling rate is {fs_hz:g} Hz, expected {LOWEST_HZ:g} to "
            f"{HIGHEST_HZ:g} Hz; state the right one (fs_hz)"
        )
    if n_leads > MOST_LEADS:
        raise DataFormatError(f"{path} holds {n_leads} leads, expected at most {MOST_LEADS}")
    seconds = n_samples / fs_hz
    if seconds > LONGEST_S:
        raise DataFormatError(
            f"{path} promises {seconds / 86400:.0f} days at {fs_hz:g} Hz, expected at "
            f"most {LONGEST_S / 86400:.0f}; its header is damaged or the rate is wrong"
        )
    if n_leads * seconds > MOST_LEAD_S:
        raise DataFormatError(
            f"{path} promises {seconds / 86400:.1f} days of {n_leads} leads, expected at most "
            f"{MOST_LEAD_S / n_leads / 86400:.1f} days of that many; take out leads or split it"
        )
    if n_leads * min(seconds, HELD_S) * fs_hz > MOST_HELD:
        raise DataFormatError(
            f"{path} has {n_leads} leads at {fs_hz:g} Hz, too much for memory, expected at most "
            f"{MOST_HELD / HELD_S / n_leads:.0f} Hz for that many; resample it or take out leads"
        )
    if stored_bytes is not None:
        allowed = FREE_SAMPLES + MOST_GROWTH * stored_bytes
        if n_leads * n_samples > allowed:
            raise DataFormatError(
                f"{path} promises {n_leads * n_samples} samples from {stored_bytes} bytes, "
                f"expected at most {allowed}; its header is damaged, or it repeats itself"
            )


def most_unpacked(path: Path) -> int:
    """Give the bytes that a file of a library's own packing may unpack to in memory."""
    return min(MOST_UNPACKED, max(FREE_UNPACKED, MOST_PACKED * path.stat().st_size))


def check_scale(path: Path, lead: str, factor: float, offset: float, largest: float) -> None:
    """Refuse a scale that takes stored numbers to infinity, to nothing, or to no number.

    Parameters
    ----------
    path, lead : Path, str
        For the message.
    factor, offset : float
        From stored numbers to mV.
    largest : float
        Largest absolute value that can be stored.
    """
    most = abs(factor) * largest + abs(offset)
    if not (math.isfinite(most) and 1 / LARGEST_MV < most < LARGEST_MV and factor != 0):
        raise DataFormatError(
            f"{path} scales {lead_called(lead)} by {factor:g} mV a unit from {offset:g} mV, "
            "expected millivolts; its header is damaged, state the gain"
        )


@contextmanager
def bounded_memory(most: int) -> Iterator[None]:
    """Let the process take only so many bytes more; `MemoryError` beyond.

    Only where the system can bound it (Linux); elsewhere nothing changes. The bound is that of the
    whole process, for as long as the block lasts: no library that parses these files has its own.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * resource.getpagesize() + most
    if before != resource.RLIM_INFINITY:
        bound = min(bound, before)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def check_name(path: Path) -> None:
    """Refuse a name that cannot stand in a message, or in the names of the results.

    Raises
    ------
    DataNotFoundError
        If it has a character that is no letter, sign or space (a line break, a NUL).
    """
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in str(path)):
        shown = ascii(str(path))
        raise DataNotFoundError(
            f"{shown if len(shown) <= 200 else shown[:197] + '...'} is no name that can be used: "
            "it has a control character or is not UTF-8; rename the file"
        )


def kind_of(path: Path) -> str | None:
    """Tell what a name stands for: ``file``, ``folder``, another kind of thing, or None.

    Raises
    ------
    DataFormatError
        If that cannot be told: a name longer than the system allows, a folder without permission.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        shown = str(path)
        shown = shown if len(shown) <= 200 else f"{shown[:150]}... ({len(shown)} characters)"
        raise DataFormatError(
            f"{shown} cannot be looked up ({error.strerror}), expected the name of a recording"
        ) from error
    kinds = {
        stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "device", stat.S_IFBLK: "device",
    }  # fmt: skip
    return kinds.get(stat.S_IFMT(mode), "special file")


def check_is_file(path: Path) -> None:
    """Refuse what is no ordinary file: a pipe would wait for ever, a device never end.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If there is nothing of that name, or a folder, a pipe, a socket or a device.
    """
    kind = kind_of(path)
    if kind is None:
        raise DataNotFoundError(f"{path} not found, expected a recording or the name of a record")
    if kind == "folder":
        raise DataFormatError(f"{path} is a folder, expected a recording; name a file in it")
    if kind != "file":
        raise DataFormatError(
            f"{path} is a {kind}, expected a recording in a file; save what it gives to one"
        )

"""Write files whole or not at all, and tell files apart by their SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

_PREFIX: Final = ".ectopy-"
_OURS: Final = re.compile(r"\.ectopy-[a-z0-9_]{8}(\.[^/]*)?")
"""Names of what is being written: our prefix, eight random characters, a suffix."""
_OLD_S: Final = 86_400.0
"""Age from which it is left over where no lock can tell (Windows): no write takes a day."""


@contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``target`` that takes its place when the block ends well.

    A block that raises, or a process that is killed, leaves ``target`` as it was; what a killed
    process leaves beside it goes when another process writes into the folder.
    """
    final = Path(target)
    final.parent.mkdir(parents=True, exist_ok=True)

    def make() -> tuple[int, str]:
        # The same suffix, because writers such as Keras choose the format by it.
        return tempfile.mkstemp(prefix=_PREFIX, suffix=final.suffix, dir=final.parent)

    with _held(final.parent, make) as temporary:
        try:
            yield temporary
            temporary.chmod(0o644)  # mkstemp makes files that only their owner can read
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def aside(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder inside ``folder``, for files that are moved out when all are whole.

    It is gone when the block ends; one that a killed process left goes when another process
    writes into ``folder``.
    """
    parent = Path(folder)
    parent.mkdir(parents=True, exist_ok=True)

    def make() -> tuple[int, str]:
        name = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
        return (-1 if sys.platform == "win32" else os.open(name, os.O_RDONLY)), name

    with _held(parent, make) as temporary:
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _held(folder: Path, make: Callable[[], tuple[int, str]]) -> Iterator[Path]:
    """Make a temporary file or folder and lock it, so that no other process sweeps it away."""
    _sweep(folder.absolute())
    while True:
        handle, name = make()
        if sys.platform == "win32":  # an open file could not be moved there
            if handle >= 0:
                os.close(handle)
            yield Path(name)
            return
        # Another process may have swept it in the moment before it was locked.
        if _lock(handle) is not False and Path(name).exists():
            break
        os.close(handle)
    try:
        yield Path(name)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool | None:
    """Lock an open file until it is closed or this process ends, however it ends.

    False where another process holds it, None where the file system knows no locks.
    """
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@lru_cache(maxsize=1024)  # once a process: listing a folder of many results at each write is slow
def _sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder; what a live one holds is locked, and stays."""
    try:
        paths = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
    except OSError:
        return  # whoever writes there says what is wrong
    for path in paths:
        try:
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                continue
            if sys.platform == "win32":
                if time.time() - path.stat().st_mtime > _OLD_S:
                    _remove(path)
                continue
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            try:
                if _lock(handle):
                    _remove(path)
            finally:
                os.close(handle)
        except OSError:
            continue  # gone meanwhile, or another user's


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def why_not_writable(folder: str | os.PathLike[str]) -> str | None:
    """Say why a folder cannot be made or written to; None where it can. Trying leaves no trace."""
    place = Path(folder)
    try:
        while not place.exists():
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            return None
    except OSError as error:
        return error.strerror or str(error)


def disk_full(error: OSError) -> bool:
    """Tell whether it says that there is no more room to write."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def atomic_write(target: str | os.PathLike[str], content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to ``target`` in one step."""
    data = content.encode() if isinstance(content, str) else content
    with atomic_path(target) as path:
        path.write_bytes(data)


def sha256(path: str | os.PathLike[str]) -> str:
    """Give the SHA-256 of a file as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

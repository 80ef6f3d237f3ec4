"""One process a run folder: a lock that the system drops when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

from ectopy.errors import RunFolderError

LOCK: Final = ".lock"  # in the run folder, while a study runs there


class FolderLock:
    """The right to write into a run folder, until `release` or the end of the process.

    The operating system holds it, not the file's being there: what a killed study left behind
    stops nobody. Making one makes the folder.

    Parameters
    ----------
    folder : Path
        The run folder.

    Raises
    ------
    RunFolderError
        If a study that is running holds it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = _locked(self.path)
        except BlockingIOError:
            raise RunFolderError(
                f"another study{_holder(self.path)} is running in {folder}; wait for its end, or "
                "give another folder",
                change="out",
            ) from None
        except OSError as error:
            raise RunFolderError(
                f"{folder} cannot be made or written: {error.strerror}; give another folder",
                change="out",
            ) from error

    def release(self) -> None:
        """Let others write; the lock file goes."""
        with contextlib.suppress(OSError):  # Windows removes no open file: there it stays behind
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> FolderLock:
        """Hold it for a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it at the end of the block."""
        self.release()


def _locked(path: Path) -> int:
    """Open and lock a file, and write who has it.

    Raises
    ------
    BlockingIOError
        If another has it.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(file)
            # Whoever had it may have removed the file while we waited to open it.
            if path.exists() and os.path.samestat(os.fstat(file), path.stat()):
                os.truncate(file, 0)
                os.write(file, f"{os.getpid()}\n".encode())
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


if sys.platform == "win32":
    import msvcrt

    _FAR: Final = 1 << 30  # beyond the file's end, so that others can still read who has it

    def _take(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
        os.lseek(file, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(path: Path) -> str:
    """Say which process has it, as far as it has been written down."""
    try:
        return f" (process {int(path.read_text(encoding='utf-8'))})"
    except (OSError, ValueError):
        return ""

"""Write files whole or not at all, and tell files apart by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``target`` that takes its place when the block ends well.

    A block that raises, or a process that is killed, leaves ``target`` as it was.
    """
    final = Path(target)
    final.parent.mkdir(parents=True, exist_ok=True)
    # The same suffix, because writers such as Keras choose the format by it.
    handle, name = tempfile.mkstemp(prefix=f".{final.stem}-", suffix=final.suffix, dir=final.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)  # mkstemp makes files that only their owner can read
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def atomic_write(target: str | os.PathLike[str], content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to ``target`` in one step."""
    data = content.encode() if isinstance(content, str) else content
    with atomic_path(target) as path:
        path.write_bytes(data)


def sha256(path: str | os.PathLike[str]) -> str:
    """Give the SHA-256 of a file as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Open the place where an archive is kept, by its address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from ectopy.archive.files.base import Files
from ectopy.archive.files.local import LocalFiles
from ectopy.errors import ConfigError


def open_files(address: str | Path) -> Files:
    """Open a folder, or a part of an object store; nothing is asked of it yet.

    Parameters
    ----------
    address : str or Path
        A folder (a path or ``file://``), or an address such as ``s3://bucket/folder``, ``gs://``
        and ``az://``. Keys and the endpoint come from where the driver looks for them: for S3 from
        ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL``, ``~/.aws`` or the
        role of the machine.

    Raises
    ------
    ConfigError
        If it is neither, or cannot be opened.
    MissingExtraError
        If the driver of an object store is not installed.

    Examples
    --------
    >>> from ectopy.archive.files import open_files
    >>> files = open_files("store")
    >>> files.create("a/first.txt", b"one"), files.create("a/first.txt", b"two")
    (True, False)
    >>> files.read("a/first.txt")
    b'one'
    """
    text = str(address)
    if isinstance(address, Path) or "://" not in text:
        if not text.strip():
            raise ConfigError("the address of the archive is empty; give a folder", change="out")
        return LocalFiles(Path(text).absolute())
    if text.startswith("file://"):
        return LocalFiles(Path(unquote(urlsplit(text).path)).absolute())
    from ectopy.archive.files.remote import RemoteFiles

    return RemoteFiles(text if text.endswith("://") else text.rstrip("/"))

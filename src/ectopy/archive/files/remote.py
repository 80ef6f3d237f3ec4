"""An archive in an object store: a file gets its name by a conditional put."""

from __future__ import annotations

import io
import random
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from ectopy.archive.files.base import TEMPORARY, Listed
from ectopy.archive.files.ranges import Ranges
from ectopy.errors import (
    ConfigError,
    DataNotFoundError,
    EctopyError,
    MissingExtraError,
    StoreError,
)

T = TypeVar("T")

PROTOCOLS: Final = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs",
    "abfss": "adlfs",
}  # fmt: skip
"""Object stores, and the package of each one's driver. What fsspec opens beside them (SFTP, SMB,
HDFS) shows a file while it is written, and half of it where its writer was killed."""
_TRIES: Final = 4
"""How often something is tried where a driver, which has tried for itself, gives up."""
_PAUSE_S: Final = 0.4
"""At most, before the second try; four times that before the third, and so on."""
_READ_AHEAD: Final = 4 << 20
"""Bytes that are fetched at once where a file is read in order."""
_AT_ONCE: Final = 16
"""How many files are read at a time."""
_RACERS: Final = 8
"""Writers that a probe lets race; a driver that looks and then writes lets most of them win."""
_WHOLE: Final = 5 << 30
"""Content is put in one request up to this size, the most that S3 takes: half of a put leaves
nothing behind, and more stores honour the condition on a put than on the end of an upload in
parts."""

_PUT: Final = {"s3fs": {"chunksize": _WHOLE}}
_GET: Final = {"s3fs": {"max_concurrency": 1}}
"""Options that keep a driver to one request, whatever the size."""


@dataclass(frozen=True)
class RemoteFiles:
    """A bucket, or what is below a prefix of one.

    Attributes
    ----------
    address : str
        As ``s3://bucket/prefix``, without a slash at the end. Keys, the endpoint and more are taken
        from the environment and the files that the driver knows.
    """

    address: str
    _fs: Any = field(init=False, repr=False, compare=False)
    _root: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fs, root = _connect(self.address)
        object.__setattr__(self, "_fs", fs)
        object.__setattr__(self, "_root", root.rstrip("/"))

    def __reduce__(self) -> tuple[type[RemoteFiles], tuple[str]]:
        # A connection belongs to its process.
        return RemoteFiles, (self.address,)

    def probe(self) -> None:
        """Try that a name is created once: one writer after the other, then several at a time."""
        first = f"{TEMPORARY}/probe-{uuid.uuid4().hex}"
        raced = f"{TEMPORARY}/probe-{uuid.uuid4().hex}"
        racers = [b"%d" % i for i in range(_RACERS)]
        try:
            one_by_one = [self._probed(first, b"first"), self._probed(first, b"second")]
            with ThreadPoolExecutor(_RACERS) as pool:
                won = list(pool.map(lambda content: self._probed(raced, content), racers))
            kept = self.read(first)
        finally:
            for name in (first, raced):
                with suppress(StoreError):
                    self.delete(name)
        if one_by_one != [True, False] or kept != b"first" or sum(won) != 1:
            raise ConfigError(
                f"{self.address} let a second writer create a file that was there (it, or the "
                "driver, does not honour If-None-Match: *), so nothing could be kept from being "
                "done twice; choose a store that honours it, or a folder",
                change="out",
            )

    def _probed(self, name: str, content: bytes) -> bool:
        try:
            return self.create(name, content)
        except TypeError as error:  # a driver that knows no such argument
            raise ConfigError(
                f"the driver for {self.address} cannot create a file on condition that there is "
                f"none ({error}); install a newer one",
                change="out",
            ) from None

    def create(self, name: str, content: bytes | Path) -> bool:
        """Create a file; where the answer is lost or strange, look who has the name."""
        data = content if isinstance(content, bytes) else content.read_bytes()
        if len(data) >= _WHOLE:
            raise ConfigError(
                f"{name} has {len(data):,} bytes, and {self.address} takes less than 5 GiB at "
                "once; have smaller files written"
            )

        def put() -> bool:
            try:
                self._fs.pipe_file(
                    self._path(name), data, mode="create", **_PUT.get(self._driver, {})
                )
            except Exception as error:
                if not _may_pass(error):
                    raise
                # Refused, or the answer was lost, or an earlier try of the driver came through:
                # what lies there tells. Ours is ours, for a commit and a part differ in each try.
                there = self._look(name, len(data))
                if there is None:
                    raise
                return there == data
            return True

        try:
            return self._told(name, put)
        except DataNotFoundError:
            raise self._failed(name, FileNotFoundError("there is no such bucket")) from None

    def _look(self, name: str, size: int) -> bytes | None:
        """Read what has a name, if it may be ours; None where there is nothing to be seen."""
        try:
            there = self._fs.info(self._path(name))
            if there["type"] != "file":
                return None
            return self.read(name) if there["size"] == size else b""
        except Exception:
            return None

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        try:
            return bool(self._told(name, lambda: self._fs.info(self._path(name))["type"] == "file"))
        except DataNotFoundError:
            return False

    def read(self, name: str) -> bytes:
        """Read a whole file."""
        content: bytes = self._told(
            name, lambda: self._fs.cat_file(self._path(name), **_GET.get(self._driver, {}))
        )
        return content

    def read_all(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        """Read many small files, 16 at a time; in the order asked for."""
        waiting = iter(names)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while some := list(islice(waiting, 16 * _AT_ONCE)):
                yield from zip(some, pool.map(self.read, some), strict=True)

    def open(self, name: str) -> BinaryIO:
        """Open a file to read parts of it."""
        size = int(self._told(name, lambda: self._fs.info(self._path(name))["size"]))

        def read(start: int, stop: int) -> bytes:
            content: bytes = self._told(
                name, lambda: self._fs.cat_file(self._path(name), start=start, end=stop)
            )
            return content

        return io.BufferedReader(Ranges(read, size), _READ_AHEAD)

    def list(self, folder: str) -> Iterator[Listed]:
        """List the files below a folder, in order of their names."""
        try:
            found = self._told(folder, lambda: self._fs.find(self._path(folder), detail=True))
        except DataNotFoundError:
            return
        for path in sorted(found):
            yield Listed(path[len(self._root) + 1 :], int(found[path]["size"]))

    def changed_s(self, name: str) -> float:
        """Tell when a file was created, in seconds since 1970."""
        when: float = self._told(name, lambda: self._fs.modified(self._path(name)).timestamp())
        return when

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""
        with suppress(DataNotFoundError):
            self._told(name, lambda: self._fs.rm_file(self._path(name)))

    @property
    def _driver(self) -> str:
        return PROTOCOLS[_protocol(self.address)]

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _told(self, name: str, ask: Callable[[], T]) -> T:
        """Ask the store, again where it is busy; what stays wrong is one of ectopy's errors."""
        for left in reversed(range(_TRIES)):
            try:
                return ask()
            except (EctopyError, TypeError):
                raise
            except FileNotFoundError:
                raise DataNotFoundError(
                    f"{self.address}/{name} not found, expected a file of an archive"
                ) from None
            except Exception as error:
                if not left or not _may_pass(error):
                    raise self._failed(name, error) from None
            time.sleep(random.uniform(0.5, 1) * _PAUSE_S * 4 ** (_TRIES - 1 - left))
        raise AssertionError

    def _failed(self, name: str, error: Exception) -> StoreError:
        return StoreError(
            f"{self.address} did not do what was asked of it for {name} ({_words(error)}); see "
            "that it answers and that the keys in the environment are right, and start again: what "
            "is done is kept"
        )


def _may_pass(error: Exception) -> bool:
    """Tell whether the same may succeed in a moment, or has succeeded without an answer.

    Not where there is no right, or nothing to connect to: the driver has then tried long enough.
    """
    if isinstance(error, PermissionError):
        return False
    # Drivers have errors of their own, which are told by their names.
    if any(type(one).__name__ == "ClientConnectorError" for one in _chain(error)):
        return False
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"OSError", "HTTPClientError", "ConnectionError", "ClientError"})


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(error: Exception) -> str:
    """Say in one line what a driver raised."""
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _protocol(address: str) -> str:
    return address.partition("://")[0]


def _connect(address: str) -> tuple[Any, str]:
    """Have fsspec open an address, without its memory of listings."""
    protocol = _protocol(address)
    driver = PROTOCOLS.get(protocol)
    if driver is None or "::" in address:
        raise ConfigError(
            f"{address} is no place for an archive, expected a folder or an address of an object "
            "store such as s3://bucket/folder (or gs://, az://)",
            change="out",
        )
    try:
        import fsspec

        fs, root = fsspec.url_to_fs(address, use_listings_cache=False)
    except ImportError:
        extra = "ectopy[archive]" if driver == "s3fs" else f'ectopy[archive]" "{driver}'
        raise MissingExtraError(
            f"{address} needs {driver}, which is not installed; install it with: pip install "
            f'"{extra}"'
        ) from None
    except Exception as error:
        raise ConfigError(f"{address} cannot be opened: {_words(error)}", change="out") from None
    if not root.strip("/"):
        raise ConfigError(f"{address} names no bucket, expected {protocol}://bucket/folder")
    return fs, root

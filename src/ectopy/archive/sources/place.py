"""A store or server that holds recordings, asked through fsspec, many things at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from ectopy.archive.sources.found import Mark
from ectopy.errors import ConfigError, DataNotFoundError, MissingExtraError, StoreError

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 32
"""Files that are asked for at a time."""
_WEB: Final = ("http", "https")
"""Servers whose folders are told by a slash at the end, and whose addresses have no patterns."""
_MARKS: Final = (
    "ETag", "etag", "md5Hash", "generation", "LastModified", "last_modified", "updated", "mtime",
    "modified", "created",
)  # fmt: skip
"""What drivers call that which changes with a file, the best first."""


@dataclass(frozen=True)
class Place:
    """What a driver of fsspec opens; what goes wrong is one of ectopy's errors.

    Attributes
    ----------
    fs : fsspec.AbstractFileSystem
        The driver, without its memory of listings.
    protocol : str
        As in the address.
    """

    fs: Any
    protocol: str

    @property
    def web(self) -> bool:
        """Whether it is a web server."""
        return self.protocol in _WEB

    def address(self, path: str) -> str:
        """Give the address of a path of the driver."""
        return path if self.web else f"{self.protocol}://{path}"

    def info(self, path: str) -> dict[str, Any]:
        """Tell what the driver knows of a file or folder."""
        told: dict[str, Any] = self._ask(path, lambda: self.fs.info(path))
        return told

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a file, or its first bytes."""
        content: bytes = self._ask(path, lambda: self.fs.cat_file(path, start=None, end=most))
        return content

    def fetch(self, path: str, target: Path) -> None:
        """Copy a file to a local one."""
        self._ask(path, lambda: self.fs.get_file(path, str(target)))

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        try:
            return bool(self.info(path))
        except DataNotFoundError:
            return False

    def is_file(self, path: str) -> bool:
        """Tell a file, or the name of a WFDB record, from a folder.

        Raises
        ------
        DataNotFoundError
            If there is neither.
        """
        try:
            return bool(self.info(path)["type"] == "file")
        except DataNotFoundError:
            if self.exists(f"{path}.hea"):
                return True
            raise

    def files(self, folder: str) -> dict[str, dict[str, Any]]:
        """List the files of a folder, by name."""
        try:
            told = self._ask(folder, lambda: self.fs.ls(f"{folder}/", detail=True))
        except DataNotFoundError:
            return {}
        return {_name(each): each for each in told if each["type"] == "file" and _name(each)}

    def tree(self, top: str) -> Iterator[dict[str, dict[str, dict[str, Any]]]]:
        """List the files of a folder and of all below it, by folder and name, part by part."""
        told = self._ask(top, lambda: self.fs.ls(f"{top}/", detail=True))
        yield _by_folder(each for each in told if each["type"] == "file")
        for below in sorted(each["name"].rstrip("/") for each in told if each["type"] != "file"):
            if not below.rpartition("/")[2].startswith("."):
                yield _by_folder(self._below(below))

    def _below(self, folder: str) -> list[dict[str, Any]]:
        found = self._ask(folder, lambda: self.fs.find(folder, detail=True))
        return list(found.values())

    def matching(self, pattern: str) -> list[dict[str, Any]]:
        """Tell what matches a pattern."""
        found = self._ask(pattern, lambda: self.fs.glob(pattern, detail=True))
        return [found[path] for path in sorted(found)]

    def _ask(self, path: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except FileNotFoundError:
            raise DataNotFoundError(
                f"{self.address(path)} not found, expected a recording, or a folder of some"
            ) from None
        except Exception as error:
            raise StoreError(
                f"{self.address(path)} could not be asked for: {_words(error)}; see that the store "
                "answers and that the keys in the environment are right"
            ) from error


def connect(address: str) -> tuple[Place, str]:
    """Have fsspec open an address.

    Returns
    -------
    tuple of Place and str
        The place, and the path in it as its driver writes it.

    Raises
    ------
    ConfigError
        If fsspec does not know such addresses.
    MissingExtraError
        If fsspec, or its driver for them, is not installed.
    """
    protocol = address.partition("://")[0]
    if "::" in address:
        raise ConfigError(f"{address} goes through several places, expected the address of one")
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError(
            f'{address} needs fsspec; install it with: pip install "ectopy[archive]"'
        ) from None
    try:
        fs, path = fsspec.url_to_fs(address, use_listings_cache=False)
    except ImportError as error:
        raise MissingExtraError(f"{address} cannot be opened: {_words(error)}") from None
    except ValueError as error:
        raise ConfigError(f"{address} cannot be opened: {_words(error)}") from None
    return Place(fs, protocol), path


def many(ask: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """Ask about many things, several at a time; the answers are in their order."""
    wanted = list(things)
    if len(wanted) < 2:
        return [ask(each) for each in wanted]
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
        return list(pool.map(ask, wanted))


def mark_of(told: Mapping[str, Any], default: int | None = None) -> Mark | None:
    """Give size and what changes with a file; None where the driver does not say its size."""
    size = told.get("size")
    if size is None:
        size = default
    if size is None:
        return None
    changes = next((told[key] for key in _MARKS if told.get(key)), "")
    if isinstance(changes, datetime):  # some drivers write it as a number in listings
        changes = changes.timestamp()
    return int(size), f"{changes:.6f}" if isinstance(changes, float) else str(changes)


def _by_folder(infos: Iterable[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    tree: dict[str, dict[str, dict[str, Any]]] = {}
    for info in infos:
        folder, _, name = info["name"].rpartition("/")
        if name:
            tree.setdefault(folder, {})[name] = info
    return {folder: dict(sorted(tree[folder].items())) for folder in sorted(tree)}


def _name(info: Mapping[str, Any]) -> str:
    return str(info["name"]).rpartition("/")[2]


def _words(error: Exception) -> str:
    """Say in one line what a driver raised."""
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

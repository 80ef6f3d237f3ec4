"""Download files whole: resumed where they were cut off, verified, and in place in one step."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ectopy.errors import DownloadError, MissingExtraError

TIMEOUT_S: Final = (10.0, 30.0)
"""How long to wait for a connection, and for the next bytes."""

ATTEMPTS: Final = 5
"""Times that one server may cut a file off before the next one is asked."""

WORKERS: Final = 4
"""Files at a time: small files would otherwise wait for each other's round trips."""

INCOMPLETE: Final = ".incomplete"
"""Name of the mark that a folder carries until all its files have arrived."""

_CHUNK: Final = 1 << 13
"""Bytes at a time; at most so many are lost when a connection breaks."""

_SUM_LINE: Final = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S+)")


@dataclass(frozen=True)
class Remote:
    """A file to be downloaded.

    Attributes
    ----------
    name : str
        What it is called in the folder.
    urls : tuple of str
        Where it can be had, in the order of preference.
    sha256 : str, optional
        Its published SHA-256; None where none is published.
    check : callable, optional
        ``check(path)`` raises ValueError, saying why, if the file is not what was asked for.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str | None = None
    check: Callable[[Path], None] | None = None


Advance = Callable[[int], None]
"""Told how many bytes came in, for a progress bar."""


def fetch(files: Sequence[Remote], folder: Path, *, title: str = "") -> None:
    """Download files into a folder; those that are there and verify are left alone.

    A file that was cut off, now or in an earlier run, goes on where it stopped if the server can
    do that, and is put in place only once it is whole and verified. A bar is drawn when standard
    error is a terminal.

    Parameters
    ----------
    files : sequence of Remote
        What to get.
    folder : Path
        Where to put it; it is made if it is not there.
    title : str
        What the progress bar calls the whole.

    Raises
    ------
    MissingExtraError
        If what downloads is not installed.
    DownloadError
        If a file cannot be had from any of its addresses; the message says why for each.
    """
    _make(folder)
    stop = threading.Event()
    with (
        _bar(len(files), title or folder.name) as (advance, done),
        ThreadPoolExecutor(min(WORKERS, max(len(files), 1))) as pool,
    ):

        def heed(n_bytes: int) -> None:
            if stop.is_set():
                raise _StoppedError
            advance(n_bytes)

        def one(remote: Remote) -> None:
            if stop.is_set():
                raise _StoppedError
            try:
                _fetch_one(remote, folder, heed)
            except BaseException:
                stop.set()  # the other files end where they are, to go on another time
                raise
            done()

        results = [pool.submit(one, remote) for remote in files]
        try:
            wait(results)
        except BaseException:  # the user lost patience
            stop.set()
            raise
    errors = [result.exception() for result in results]
    for error in errors:
        if error is not None and not isinstance(error, _StoppedError):
            raise error


def _make(folder: Path) -> None:
    """Make a folder, once it is sure that something can be downloaded into it."""
    try:
        import pooch  # noqa: F401
        import requests  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"downloading {folder.name} needs pooch and requests, which the light install leaves "
            f"out; put its files into {folder}, or install them with: pip install "
            '"ectopy[download]"'
        ) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DownloadError(
            f"{folder} cannot be written to ({error.strerror}); choose another folder",
            change="data_dir",
        ) from error


def fetch_database(bases: Sequence[str], suffixes: Sequence[str], folder: Path) -> None:
    """Download a PhysioNet database: the files of every record in ``RECORDS``.

    Parameters
    ----------
    bases : sequence of str
        Addresses of the database's folder, mirrors last, each ending in a slash.
    suffixes : sequence of str
        Endings of the files of a record, such as ``.hea``.
    folder : Path
        Where to put them, with ``RECORDS`` and ``SHA256SUMS.txt``.

    Raises
    ------
    DownloadError
        If a file cannot be had, or the list of checksums lacks it.
    """
    _make(folder)
    mark = folder / INCOMPLETE
    mark.touch()

    def remote(name: str, **more: Any) -> Remote:
        return Remote(name, tuple(base + name for base in bases), **more)

    lists = [
        remote("SHA256SUMS.txt", check=lambda path: void(read_sums(path))),
        remote("RECORDS", check=lambda path: void(_records(path))),
    ]
    for file in lists:  # always anew: they say what the rest should be
        (folder / file.name).unlink(missing_ok=True)
    fetch(lists, folder, title=f"{folder.name}, list of files")
    sums = read_sums(folder / "SHA256SUMS.txt")
    names = [f"{record}{end}" for record in _records(folder / "RECORDS") for end in suffixes]
    if unlisted := [name for name in names if name not in sums]:
        raise DownloadError(
            f"{bases[0]}SHA256SUMS.txt lists no checksum for {unlisted[0]}, so it cannot be "
            f"verified; try again later"
        )
    fetch([remote(name, sha256=sums[name]) for name in names], folder)
    mark.unlink()


def read_sums(path: Path) -> dict[str, str]:
    """Read a ``sha256sum`` list: SHA-256 by file name.

    Raises
    ------
    ValueError
        If a line is anything else, as in the web page that some servers send for a missing file.
    """
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = [_SUM_LINE.fullmatch(line.strip()) for line in lines]
    if not lines or None in found:
        raise ValueError("it is not a list of SHA-256 checksums")
    return {match[2].removeprefix("./"): match[1] for match in found if match}


def void(_: object) -> None:
    """Let a reader serve as a check: only whether it raises counts."""


def _records(path: Path) -> list[str]:
    names = path.read_text(encoding="utf-8").split()
    if not names or not all(re.fullmatch(r"\w+", name) for name in names):
        raise ValueError("it is not a list of records")
    return names


class _CutOffError(Exception):
    """The connection ended before the file did; what came is kept, so trying again goes on."""


class _StoppedError(Exception):
    """Another file failed, or the user stopped; what came is kept."""


class _Resuming:
    """What pooch calls to download one file; pooch itself starts over each time.

    The bytes are gathered in a ``.part`` file that outlives a failure. It becomes pooch's
    temporary file once the server says that it is whole; pooch then compares the checksum and
    moves it into place.
    """

    def __init__(self, remote: Remote, folder: Path, advance: Advance) -> None:
        self.check = remote.check
        self.part = folder / f".{remote.name}.part"
        self.advance = advance
        self.resumed = False  # whether the last try built on bytes of an earlier one

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Download ``url`` to ``output_file``, going on from what an earlier try left."""
        import requests

        have = self.part.stat().st_size if self.part.exists() else 0
        # Byte counts and ranges only mean the file itself if it is sent without compression.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        self.resumed = have > 0
        try:
            with requests.get(url, stream=True, timeout=TIMEOUT_S, headers=headers) as answer:
                self._receive(answer, have)
        except requests.exceptions.ChunkedEncodingError as error:  # the body ended early
            raise _CutOffError("the connection was cut off") from error
        except requests.exceptions.ConnectionError as error:
            # requests calls a reset or a stall within the body a ConnectionError too
            if self.part.exists() and self.part.stat().st_size > have:
                raise _CutOffError("the connection was cut off") from error
            raise
        self.part.replace(output_file)
        if self.check is not None:
            self.check(Path(output_file))

    def _receive(self, answer: Any, have: int) -> None:
        if answer.status_code == 416:  # nothing after `have`: the part is not of this file
            self.part.unlink()
            raise _CutOffError("the server has no more bytes than came before")
        answer.raise_for_status()
        goes_on = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(
            f"bytes {have}-"
        )
        if answer.status_code == 206 and not goes_on:
            raise ValueError("the server sent other bytes than were asked for")
        with self.part.open("ab" if goes_on else "wb") as file:
            for chunk in answer.iter_content(_CHUNK):
                file.write(chunk)
                self.advance(len(chunk))


def _fetch_one(remote: Remote, folder: Path, advance: Advance) -> None:
    import logging

    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # it would write a line a file through the bar
    known = f"sha256:{remote.sha256}" if remote.sha256 else None
    failures = []
    for url in remote.urls:
        downloader = _Resuming(remote, folder, advance)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                pooch.retrieve(
                    url, known_hash=known, fname=remote.name, path=folder, downloader=downloader
                )
            except _CutOffError as error:
                reason = f"{error} {attempt} times"
            except (ValueError, OSError) as error:  # OSError: requests' errors, and the disk's
                reason = _reason(error)
                # Bytes of an older file, or of another mirror's, may have spoilt it: once anew.
                if not (isinstance(error, ValueError) and downloader.resumed):
                    break
            else:
                return
        failures.append(f"{urlsplit(url).netloc}: {reason}")
    raise DownloadError(f"{remote.name} could not be downloaded: {'; '.join(failures)}")


def _reason(error: Exception) -> str:
    """Say in a few words what an exception of requests, pooch or a check means."""
    import requests

    if isinstance(error, requests.exceptions.HTTPError):
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {max(TIMEOUT_S):g} s"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection"
    if "does not match the known hash" in str(error):  # pooch's words, over several lines
        return "what came does not have the published SHA-256"
    return str(error)


@contextmanager
def _bar(n_files: int, title: str) -> Iterator[tuple[Advance, Callable[[], None]]]:
    """Draw files and bytes on standard error if it is a terminal; give what moves the bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[megabytes]:.1f} MB"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=n_files, megabytes=0.0)
        received = 0
        lock = threading.Lock()

        def advance(n_bytes: int) -> None:
            nonlocal received
            with lock:
                received += n_bytes
                progress.update(task, megabytes=received / 1e6)

        yield advance, lambda: progress.advance(task)

"""Find a database: where the user says, in ``$ECTOPY_DATA``, in the user cache, or on the web."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ectopy.datasets.download import INCOMPLETE
from ectopy.errors import DataNotFoundError, DownloadError


@dataclass(frozen=True)
class Database:
    """Files that one or more data sets are made from.

    Attributes
    ----------
    folder : str
        Name of its folder wherever data is kept, for example ``mitdb``.
    title : str
        What it is called in messages.
    licence : str
        Terms it is published under, in a few words.
    embedded : str
        The made data set that a message points to when this one cannot be had.
    holds : callable
        ``holds(folder)`` is True where the folder has the files.
    files : callable
        ``files(folder)`` gives the paths that should be there, to verify them.
    checksums : mapping of str to str
        SHA-256 by file name, where known.
    fetch : callable, optional
        ``fetch(folder)`` downloads the files into a folder; None where only the user can.
    examine : callable, optional
        ``examine(folder)`` reads the files and gives what is wrong with them, one sentence each,
        for files whose checksum nobody publishes.
    """

    folder: str
    title: str
    licence: str
    embedded: str
    holds: Callable[[Path], bool]
    files: Callable[[Path], list[Path]]
    checksums: Mapping[str, str] = field(default_factory=dict)
    fetch: Callable[[Path], None] | None = None
    examine: Callable[[Path], list[str]] | None = None


def cache_folder() -> Path:
    """Give the folder where downloads and cut beats are kept."""
    import platformdirs

    return platformdirs.user_cache_path("ectopy")


def find(database: Database, data_dir: str | os.PathLike[str] | None = None) -> Path | None:
    """Give the folder that holds a database on this machine, or None.

    Parameters
    ----------
    database : Database
        What to look for.
    data_dir : path, optional
        What the user gave: the folder that holds the database's folder, or the
        database's folder itself.

    Raises
    ------
    DataNotFoundError
        If ``data_dir`` was given and is not there at all.

    Examples
    --------
    >>> from ectopy.datasets import database, find_files
    >>> find_files(database("mitdb")) is None  # not on this machine
    True
    """
    places: list[Path] = []
    if data_dir is not None:
        given = Path(data_dir)
        if not given.exists():
            raise DataNotFoundError(
                f"{given} does not exist; name the folder that holds {database.folder}/",
                change="data_dir",
            )
        places += [given / database.folder, given]
    if set_by_user := os.environ.get("ECTOPY_DATA"):
        places += [Path(set_by_user) / database.folder, Path(set_by_user)]
    places.append(cache_folder() / database.folder)
    return next((place for place in places if _is_there(database, place)), None)


def _is_there(database: Database, place: Path) -> bool:
    return place.exists() and not (place / INCOMPLETE).exists() and database.holds(place)


def locate(database: Database, data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Give the folder that holds a database, downloading it into the user cache if need be.

    Setting ``ECTOPY_OFFLINE`` to anything forbids the download.

    Raises
    ------
    DataNotFoundError
        If it is nowhere and cannot be downloaded; the message names the embedded data set.
    """
    if (found := find(database, data_dir)) is not None:
        return found
    why = "downloads are off (ECTOPY_OFFLINE)"
    if database.fetch is None:
        why = "it cannot be downloaded without an account"
    elif not os.environ.get("ECTOPY_OFFLINE"):
        target = cache_folder() / database.folder
        try:
            database.fetch(target)
        except DownloadError as error:
            why = f"the download failed ({error})"
        except OSError as error:
            why = f"nothing could be written there ({error.strerror})"
        else:
            return target
    raise DataNotFoundError(
        f"{database.title} is neither in the folder that was given, if one was, nor in "
        f"$ECTOPY_DATA ({database.folder}/) or {cache_folder()}, and {why}; give its folder, or "
        f"use the embedded data set {database.embedded!r}, which needs no files",
        change="data_dir",
    )

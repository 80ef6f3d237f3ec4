"""The recordings of an archive as a list: what is to be reviewed first stands first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from ectopy import __version__
from ectopy.archive.manifest import name_of
from ectopy.archive.model import Entry
from ectopy.archive.query import connect, quoted
from ectopy.archive.store import Archive
from ectopy.errors import DataNotFoundError

_COLUMNS: Final = "id, name, address, start, duration_s, beats, simulated, look_why"


@dataclass(frozen=True)
class Line:
    """A recording of the list.

    Attributes
    ----------
    id, name, address : str
        Which it is.
    start : str
        When it was begun; empty where that is not known.
    duration_s : float
        Its length.
    beats : int
        Of any class.
    simulated : bool
        Whether it says so.
    why : str
        Why it is to be reviewed; empty where nothing asks for that.
    """

    id: str
    name: str
    address: str
    start: str
    duration_s: float
    beats: int
    simulated: bool
    why: str


class Listing:
    """The list, as the newest snapshot had it when this was made; several threads may ask.

    Parameters
    ----------
    address : str or Path
        Of the archive.

    Raises
    ------
    DataNotFoundError
        If there is no archive, or no snapshot in it yet.
    """

    def __init__(self, address: str | Path) -> None:
        self.archive = Archive.open(address)
        self._asking = Lock()
        self._connection = connect(address)
        # Sorted once: a page is then a look at some rows, wherever the archive is.
        self._connection.execute(
            f"CREATE TABLE listing AS SELECT {_COLUMNS} FROM recordings "
            "ORDER BY look_first DESC NULLS LAST, name, id"
        )

    def close(self) -> None:
        """Let go of it."""
        with self._asking:
            self._connection.close()

    @property
    def note(self) -> str:
        """Say what a reader should know before opening one; mostly nothing."""
        if self.archive.plan.software == __version__:
            return ""
        return (
            f"the archive was labelled by ectopy {self.archive.plan.software}, and this is "
            f"{__version__}: what is opened here may be labelled otherwise than there"
        )

    def lines(self, find: str = "", after: int = 0, count: int = 50) -> tuple[int, list[Line]]:
        """Give some lines, and how many there are in all.

        Parameters
        ----------
        find : str
            Text that name or address hold, whatever its case; empty for all.
        after : int
            Lines to leave out at the beginning.
        count : int
            Most lines.
        """
        wanted = find.strip().casefold()
        which = "WHERE contains(lower(name), ?) OR contains(lower(address), ?)" if wanted else ""
        values = [wanted, wanted] if wanted else []
        with self._asking:
            ask = self._connection.execute
            ((total,),) = ask(f"SELECT count(*) FROM listing {which}", values).fetchall()
            # A table keeps the order in which its rows came.
            found = ask(
                f"SELECT {_COLUMNS} FROM listing {which} ORDER BY rowid LIMIT ? OFFSET ?",
                [*values, count, after],
            ).fetchall()
        return total, [_line(*row) for row in found]

    def entry(self, recording: str) -> Entry:
        """Give a recording as the plan has it.

        Raises
        ------
        DataNotFoundError
            If there is none of that id.
        """
        files = self.archive.files
        name = f"{files.address}/{name_of(self.archive.plan.manifest_sha256)}"
        with self._asking:
            rows = self._connection.execute(
                'SELECT id, address, others, size, fingerprint, stretch, "of" '
                f'FROM read_parquet({quoted(name)}) WHERE id = ? ORDER BY "of" LIMIT 1',
                [recording],
            ).fetchall()
        if not rows:
            raise DataNotFoundError("the archive has no such recording; take an id of its list")
        ((id_, address, others, size, fingerprint, stretch, of),) = rows
        return Entry(id_, address, tuple(others), size, fingerprint, stretch, of)

    def line(self, recording: str) -> Line:
        """Give the line of a recording.

        Raises
        ------
        DataNotFoundError
            If it is not in the snapshot.
        """
        with self._asking:
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM listing WHERE id = ?", [recording]
            ).fetchall()
        if not rows:
            raise DataNotFoundError("the archive has no such recording; take an id of its list")
        return _line(*rows[0])


def _line(*row: object) -> Line:
    id_, name, address, start, duration_s, beats, simulated, why = row
    began = "" if start is None else str(start)[:16]
    return Line(id_, name, address, began, duration_s, beats, simulated, why or "")  # type: ignore[arg-type]

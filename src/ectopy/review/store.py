"""`Store`: a folder with one SQLite file and one folder a recording; nothing in it is ever lost."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final, Literal

from ectopy.errors import ConfigError, ConflictError, DataNotFoundError
from ectopy.review.edits import Edit, digest, pack, unpack

if sys.platform != "win32":
    import fcntl

State = Literal["uploading", "waiting", "analysing", "ready", "failed", "cancelled"]
VERSION: Final = 1
"""Of the tables, kept in the file itself."""
LONGEST_NAME: Final = 200
PASSING: Final = "passing-"
"""How folders within one of a recording begin that nothing needs once an answer is given."""
_DATA_BASE: Final = "review.sqlite"
_GONE: Final = "gone-"
_OURS: Final = re.compile(f"({_GONE})?[0-9a-f]{{16}}")

_SCHEMA: Final = """
CREATE TABLE recordings (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, created_by TEXT NOT NULL,
    state TEXT NOT NULL, done REAL NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE edits (
    recording TEXT NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
    target INTEGER, note TEXT NOT NULL, beats BLOB NOT NULL, digest TEXT NOT NULL, key TEXT,
    PRIMARY KEY (recording, number)
) STRICT;
CREATE UNIQUE INDEX edit_keys ON edits (recording, key) WHERE key IS NOT NULL;
CREATE TABLE proposals (
    recording TEXT NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL,
    beats BLOB NOT NULL, PRIMARY KEY (recording, number)
) STRICT;
CREATE TABLE readers (
    name TEXT PRIMARY KEY, token_sha256 TEXT NOT NULL UNIQUE, created TEXT NOT NULL
) STRICT;
"""
# What has been written stays: not even a defect of ours can change a row of the log.
_APPEND_ONLY: Final = """
CREATE TRIGGER edits_stay BEFORE UPDATE ON edits
BEGIN SELECT RAISE(ABORT, 'the log of edits is append-only'); END;
"""


@dataclass(frozen=True)
class Row:
    """What the store knows of one recording.

    Attributes
    ----------
    id : str
        Made by us; the name of its folder.
    name : str
        As its reader calls it; it is text and never part of a path.
    created, created_by : str
        When, UTC, and by whom.
    state : str
        Of its analysis.
    done : float
        How much of the analysis is done, 0 to 1.
    message : str
        Why it failed, in one sentence.
    about : dict
        Its files, and what was asked for.
    """

    id: str
    name: str
    created: str
    created_by: str
    state: State
    done: float
    message: str
    about: dict[str, Any]

    @property
    def again(self) -> bool:
        """Whether it can be analysed again, and might end otherwise then."""
        failed = self.state == "failed" and not self.about.get("final", False)
        return failed or self.state == "cancelled"


def now() -> str:
    """Give the time, UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def told(text: str, longest: int = LONGEST_NAME) -> str:
    """Give a text of a user in characters that can be shown on one line."""
    words = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


class Store:
    """Recordings, readers and edits, in a folder that one process has open at a time.

    Parameters
    ----------
    folder : path
        Made if it is not there.

    Raises
    ------
    ConfigError
        If the folder cannot be written to, another process has it open, or its file was written
        by a later version.

    Examples
    --------
    >>> from ectopy.review import Store
    >>> store = Store("store")
    >>> row = store.create("ward 3, bed 2", "anna", "ready", {})
    >>> [one.name for one in store.recordings()], store.log(row.id)
    (['ward 3, bed 2'], [])
    >>> store.close()
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._mutex = RLock()
        with ExitStack() as opening:  # what was opened is closed where something fails
            try:
                (self.folder / "recordings").mkdir(parents=True, exist_ok=True)
                self._held = _hold(self.folder)
                opening.callback(os.close, self._held)
                self._db = sqlite3.connect(
                    self.folder / _DATA_BASE, check_same_thread=False, isolation_level=None
                )
                opening.callback(self._db.close)
                self._prepare()
            except (OSError, sqlite3.Error) as error:
                raise ConfigError(
                    f"{self.folder} cannot be used as a store ({error}); name a folder that can be "
                    "written to"
                ) from error
            opening.pop_all()

    def _prepare(self) -> None:
        db = self._db
        db.row_factory = sqlite3.Row
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                        "secure_delete=ON", "busy_timeout=5000"):  # fmt: skip
            db.execute(f"PRAGMA {setting}")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise ConfigError(
                f"{self.folder} was written by a later ectopy (version {version} of the store, "
                f"expected {VERSION}); use that one"
            )
        if version == 0:
            with self.transaction():
                for statement in _SCHEMA.split(";\n"):
                    if statement.strip():
                        db.execute(statement)
                db.execute(_APPEND_ONLY)
                db.execute(f"PRAGMA user_version = {VERSION}")
        self._sweep()

    def _sweep(self) -> None:
        """Delete what a process that was killed left behind: of no recording, or half-written."""
        known = {one["id"] for one in self.query("SELECT id FROM recordings")}
        for place in list((self.folder / "recordings").iterdir()):
            if place.name.startswith(_GONE) and _OURS.fullmatch(place.name):
                self._finish(place)
            elif place.name in known:
                for part in place.glob(f"{PASSING}*"):
                    shutil.rmtree(part, ignore_errors=True)
            elif _OURS.fullmatch(place.name):  # what else lies there is not ours to delete
                shutil.rmtree(place)

    def close(self) -> None:
        """Let go of the folder."""
        with self._mutex:
            self._db.close()
            os.close(self._held)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all of it or nothing; it is on the disk when the block ends.

        Raises
        ------
        OSError
            If the folder was deleted: what is written to an open file without a name is lost.
        """
        with self._mutex:
            (self.folder / _DATA_BASE).stat()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")  # this fails, too, where the disk is full
            except BaseException:
                if self._db.in_transaction:  # SQLite ends some by itself
                    self._db.execute("ROLLBACK")
                raise

    def query(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Read."""
        with self._mutex:
            return self._db.execute(statement, values).fetchall()

    def place(self, recording: str) -> Path:
        """Give the folder of a recording."""
        return self.folder / "recordings" / recording

    # Recordings

    def create(self, name: str, author: str, state: State, about: dict[str, Any]) -> Row:
        """Add a recording, with a folder of its own."""
        one = secrets.token_hex(8)
        with self.transaction() as db:
            db.execute(
                "INSERT INTO recordings (id, name, created, created_by, state, about) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (one, told(name) or "recording", now(), author, state, json.dumps(about)),
            )
            self.place(one).mkdir()  # last: neither is there without the other
        return self.recording(one)

    def recordings(self) -> list[Row]:
        """Give all, the newest first."""
        return [_row(one) for one in self.query("SELECT * FROM recordings ORDER BY created DESC")]

    def recording(self, recording: str) -> Row:
        """Give one.

        Raises
        ------
        DataNotFoundError
            If there is none of that id.
        """
        found = self.query("SELECT * FROM recordings WHERE id = ?", (recording,))
        if not found:
            raise DataNotFoundError(
                f"no recording {told(recording, 40)!r} is here any more; choose one of the list"
            )
        return _row(found[0])

    def change(self, recording: str, **values: object) -> None:
        """Change state, done, message, name or about."""
        if "about" in values:
            values["about"] = json.dumps(values["about"])
        columns = ", ".join(f"{name} = ?" for name in values)
        with self.transaction() as db:
            db.execute(
                f"UPDATE recordings SET {columns} WHERE id = ?",
                (*values.values(), recording),
            )

    def delete(self, recording: str) -> None:
        """Delete a recording with its files, labels, edits and proposals.

        Its files go first, which makes room on a full disk. Its folder gets another name before and
        goes last: where the process is stopped in between, the rest goes at the next start.
        """
        self.recording(recording)
        gone = self.place(f"{_GONE}{recording}")
        if self.place(recording).exists():
            self.place(recording).rename(gone)  # whoever still writes into it finds it no longer
        self._finish(gone)

    def _finish(self, gone: Path) -> None:
        """Delete what is left of a recording whose deletion was begun."""
        gone.mkdir(exist_ok=True)
        for path in gone.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        with self.transaction() as db:
            db.execute("DELETE FROM recordings WHERE id = ?", (gone.name.removeprefix(_GONE),))
        with self._mutex:  # nothing of it stays in the log of the data base either
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        gone.rmdir()

    # Edits

    def log(self, recording: str, after: int = 0) -> list[Edit]:
        """Give the edits of a recording, in order, those after a number."""
        found = self.query(
            "SELECT * FROM edits WHERE recording = ? AND number > ? ORDER BY number",
            (recording, after),
        )
        return [
            Edit(
                number=row["number"],
                author=row["author"],
                at=row["at"],
                kind=row["kind"],
                beats=unpack(row["beats"]),
                target=row["target"],
                note=json.loads(row["note"]),
                digest=row["digest"],
                key=row["key"],
            )
            for row in found
        ]

    def append(self, recording: str, edits: Sequence[Edit], last: Edit | None) -> list[Edit]:
        """Write edits that follow the last one of the log; they are on the disk on return.

        Raises
        ------
        DataNotFoundError
            If the recording is gone meanwhile.
        ConflictError
            If another edit has the number or the key.
        """
        written: list[Edit] = []
        before = last.digest if last else ""
        for edit in edits:
            before = digest(before, edit)
            written.append(Edit(**{**vars(edit), "digest": before}))
        try:
            with self.transaction() as db:
                db.executemany(
                    "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (recording, e.number, e.author, e.at, e.kind, e.target,
                         json.dumps(e.note), pack(e.beats), e.digest, e.key)
                        for e in written
                    ],
                )  # fmt: skip
        except sqlite3.IntegrityError as error:
            self.recording(recording)
            raise ConflictError(
                "the edit was not kept: another one has its number or its key; load the recording "
                "again"
            ) from error
        return written

    def intact(self, log: Sequence[Edit]) -> bool:
        """Tell whether the rows of a log are as they were written."""
        before = ""
        for edit in log:
            before = digest(before, edit)
            if edit.digest != before:
                return False
        return True


def _row(found: sqlite3.Row) -> Row:
    return Row(**{**dict(found), "about": json.loads(found["about"])})


def _hold(folder: Path) -> int:
    """Keep other processes out for as long as this one lives, however it ends."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ConfigError(
                f"{folder} is open in another process; stop that one or name another folder"
            ) from None
    return handle

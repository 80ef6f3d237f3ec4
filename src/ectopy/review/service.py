"""`Review`: the service that pages and programs use: recordings, their analysis, their readers."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final
from weakref import WeakValueDictionary

from ectopy.errors import ConfigError, ConflictError, DataNotFoundError, EctopyError
from ectopy.review import uploads
from ectopy.review.limits import Limits
from ectopy.review.opened import Opened
from ectopy.review.readers import Readers
from ectopy.review.store import Row, Store, told
from ectopy.review.work import Job
from ectopy.review.workers import Workers

_CLOSING_S: Final = 10.0
FILES: Final = "files"
"""Folder of the uploaded files, within that of their recording."""


class Review:
    """A store, the analyses that run for it, and the recordings that are open.

    Parameters
    ----------
    store : Store
        Open.
    limits : Limits, optional
        What may be taken.
    """

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self.store, self.limits = store, limits or Limits()
        self.readers = Readers(store)
        self._opened: OrderedDict[str, Opened] = OrderedDict()
        # One that is still in use is the same for all: two would number their edits alike.
        self._alive: WeakValueDictionary[str, Opened] = WeakValueDictionary()
        self._opening = RLock()
        self._closing = False
        self._heard: dict[str, float] = {}  # of what is being sent, by a clock that only goes on
        self.workers = Workers(
            self._told, at_once=self.limits.at_once, limit_s=self.limits.analysis_s
        )
        for row in reversed(store.recordings()):
            if row.state in ("waiting", "analysing"):  # the process ended before they did
                with suppress(EctopyError, OSError):  # its row says what is wrong with it
                    self.analyse(row.id)
            elif row.state == "uploading":  # nobody will send the rest
                self.delete(row.id)

    def close(self) -> None:
        """Stop all work and let go of the store; what was not done is done at the next start."""
        self._closing = True
        self.workers.close()
        self.store.close()

    def _told(
        self, recording: str, state: str, done: float, message: str, final: bool = False
    ) -> None:
        if self._closing:
            return
        if state == "ready":
            try:
                self._open(self.store.recording(recording))  # its first strip is there at once
            except EctopyError as error:
                state, message = "failed", str(error)
        self._change(recording, state, done, message, final)

    def _change(
        self, recording: str, state: str, done: float = 0.0, message: str = "", final: bool = False
    ) -> None:
        """Write how far the analysis of a recording is, if that is there still."""
        try:
            about = self.store.recording(recording).about | {"final": final}
        except DataNotFoundError:  # deleted meanwhile
            return
        self.store.change(recording, state=state, done=done, message=message, about=about)

    # From a file to a recording that is ready

    def submit(
        self,
        name: str,
        author: str,
        files: list[str],
        stated: dict[str, Any],
        options: dict[str, Any],
        settings: dict[str, Any],
    ) -> Row:
        """Announce a recording, whose files are then given one by one.

        Parameters
        ----------
        name : str
            What it is called; text. Empty for the name of its file, without the ending.
        author : str
            Who submits it.
        files : list of str
            What its files are called; text.
        stated, options, settings : dict
            As of `ectopy.review.work.Job`.

        Raises
        ------
        ConfigError
            If it has no file or too many, or the store holds as many recordings as it may.
        OSError
            If there is no room for it.
        """
        if not 1 <= len(files) <= uploads.MOST_FILES:
            raise ConfigError(f"{len(files)} files were named, expected 1 to {uploads.MOST_FILES}")
        self._abandoned()
        self._room()
        about = self._about(stated, options, settings)
        about["files"] = [{"name": told(file), "bytes": None, "sha256": None} for file in files]
        row = self.store.create(name or uploads.called(files), author, "uploading", about)
        (self.store.place(row.id) / FILES).mkdir()
        self._heard[row.id] = time.monotonic()
        return row

    def take(self, recording: str, number: int, path: Path, size: int, digest: str) -> Row:
        """Take in a file that was written aside, under a name of ours.

        Raises
        ------
        ConfigError
            If the recording awaits no such file, or its files are too large together.
        """
        with self._opening:
            row = self.store.recording(recording)
            files = row.about.get("files", [])
            if row.state != "uploading" or not 0 <= number < len(files):
                raise ConflictError(f"{row.name} awaits no file {number}; submit it again")
            others = sum(f["bytes"] or 0 for i, f in enumerate(files) if i != number)
            if others + size > self.limits.recording_bytes:
                raise ConfigError(
                    f"the files of {row.name} have more than {self.limits.recording_bytes} bytes"
                )
            place = self.store.place(recording) / FILES
            path.replace(place / uploads.stored_name(number, files[number]["name"]))
            files[number] |= {"bytes": size, "sha256": digest}
            self.store.change(recording, about=row.about)
            self._heard[recording] = time.monotonic()
            return self.store.recording(recording)

    def place_for(self, recording: str, number: int, size: int = 0) -> Path:
        """Give a folder for a file that is being received, of so many bytes as far as is known.

        Raises
        ------
        ConflictError
            If the recording awaits no such file.
        OSError
            If there is no room for it.
        """
        self._disk(size)
        row = self.store.recording(recording)
        if row.state != "uploading" or not 0 <= number < len(row.about.get("files", [])):
            raise ConflictError(f"{row.name} awaits no file {number}; submit it again")
        return self.store.place(recording) / FILES

    def refer(self, path: Path, name: str, author: str, about: dict[str, Any] | None = None) -> Row:
        """Open a recording where it is: nothing is copied.

        Parameters
        ----------
        path : Path
            Its file.
        name, author : str
            What it is called, and who opens it.
        about : dict, optional
            ``stated``, ``options`` and ``settings`` as of `ectopy.review.work.Job`, and ``origin``,
            by which `of` finds it again.
        """
        self._room()
        known = self._about({}, {}, {}) | (about or {}) | {"path": os.fspath(path.absolute())}
        row = self.store.create(name, author, "waiting", known)
        return self.analyse(row.id)

    def expect(self, name: str, author: str, about: dict[str, Any]) -> Row:
        """Make room for a recording that is fetched; then it has `arrived`, or was `missed`."""
        self._room()
        return self.store.create(name, author, "uploading", self._about({}, {}, {}) | about)

    def arrived(self, recording: str, path: Path) -> Row:
        """Have a recording analysed that was expected, and that now is in its folder."""
        row = self.store.recording(recording)
        self.store.change(recording, about=row.about | {"path": os.fspath(path)})
        return self.analyse(recording)

    def missed(self, recording: str, sentence: str) -> None:
        """Tell that a recording did not arrive, and why."""
        self._change(recording, "failed", message=sentence, final=True)

    def of(self, origins: list[str]) -> dict[str, str]:
        """Give the ids of recordings by their ``origin``, of those that are here; the newest."""
        marks = ", ".join("?" * len(origins))
        found = self.store.query(
            "SELECT json_extract(about, '$.origin') AS origin, id FROM recordings "
            f"WHERE origin IN ({marks}) ORDER BY created",
            origins,
        )
        return {row["origin"]: row["id"] for row in found}

    def example(self, author: str) -> Row:
        """Open the packaged example."""
        self._room()
        row = self.store.create("208-excerpt", author, "waiting", self._about({}, {}, {}))
        return self.analyse(row.id)

    def analyse(self, recording: str) -> Row:
        """Have a recording analysed whose files are there; again, if it failed or was cancelled.

        Raises
        ------
        EctopyError
            If files are missing, do not belong together, or it is being analysed or ready.
        """
        with self._opening:
            row = self.store.recording(recording)
            if row.state == "ready" or recording in self.workers:
                raise ConflictError(f"{row.name} is {row.state} already")
            lacking = [f["name"] for f in row.about.get("files", []) if f["bytes"] is None]
            if lacking:
                raise ConflictError(f"{told(lacking[0], 80)} was not given yet; send it first")
            if "origin" in row.about and "path" not in row.about:
                raise ConflictError(f"{row.name} was not fetched yet; wait, or open it anew")
            try:
                job = self.job(row)
            except (EctopyError, OSError) as error:
                ours = isinstance(error, EctopyError)
                said = str(error) if ours else "its files cannot be read; submit them again"
                self._change(recording, "failed", message=said, final=ours)
                raise
            self._change(recording, "waiting")
            self.workers.submit(recording, job)
            return self.store.recording(recording)

    def cancel(self, recording: str) -> Row:
        """Stop the analysis of a recording.

        Raises
        ------
        ConfigError
            If it is neither waiting nor being analysed.
        """
        row = self.store.recording(recording)
        if not self.workers.cancel(recording):
            raise ConflictError(f"{row.name} is {row.state}: there is nothing to cancel")
        return self.store.recording(recording)

    def delete(self, recording: str) -> None:
        """Delete a recording and all that was made of it; a file that was referred to stays."""
        self.store.recording(recording)
        if self.workers.cancel(recording):
            self.workers.wait_for(recording, _CLOSING_S)
        with self._opening:
            self._opened.pop(recording, None)
            self._alive.pop(recording, None)
            self.store.delete(recording)

    def in_use(self, recording: str) -> Opened | None:
        """Give a recording if it is open."""
        try:
            self._opened.move_to_end(recording)
            return self._opened[recording]
        except KeyError:  # it is not, or no longer
            return None

    def opened(self, recording: str) -> Opened:
        """Give a recording that is ready, opened.

        Raises
        ------
        EctopyError
            If there is none of that id, it is not ready, or its files are gone.
        """
        with self._opening:
            found = self._alive.get(recording)
            if found is None:
                row = self.store.recording(recording)
                if row.state != "ready":
                    raise ConflictError(f"{row.name} is {row.state}, expected one that is ready")
                return self._open(row)
            self._keep(recording, found)
            return found

    def _open(self, row: Row) -> Opened:
        with self._opening:
            found = self._alive[row.id] = Opened(self.store, row.id, self.job(row))
            self._keep(row.id, found)
            return found

    def _keep(self, recording: str, found: Opened) -> None:
        self._opened[recording] = found
        self._opened.move_to_end(recording)
        while len(self._opened) > self.limits.opened:
            self._opened.popitem(last=False)

    def job(self, row: Row) -> Job:
        """Give what a worker needs to know of a recording.

        Raises
        ------
        EctopyError
            If its files do not belong together.
        """
        about = row.about
        place = self.store.place(row.id)
        source = about.get("path", "")
        names = {i: file["name"] for i, file in enumerate(about.get("files", []))}
        if names:
            source = os.fspath(uploads.to_open(place / FILES, names))
        return Job(
            folder=os.fspath(place),
            name=row.name,
            source=source,
            stated=about["stated"],
            options=about["options"],
            settings=about["settings"],
            memory=self.limits.analysis_bytes,
            names=uploads.as_given(names),
        )

    def _about(
        self, stated: dict[str, Any], options: dict[str, Any], settings: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "stated": stated,
            "options": options,
            "settings": settings,
        }

    def _room(self) -> None:
        count = self.store.query("SELECT count(*) FROM recordings")[0][0]
        if count >= self.limits.recordings:
            raise ConflictError(
                f"the store holds {count} recordings, as many as it may; delete some first"
            )
        self._disk()

    def _disk(self, size: int = 0) -> None:
        if shutil.disk_usage(self.store.folder).free - size < self.limits.free_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _abandoned(self) -> None:
        """Delete what was submitted long ago and never came."""
        since = time.monotonic() - self.limits.upload_s
        for one, heard in list(self._heard.items()):
            if heard >= since:
                continue
            with suppress(DataNotFoundError):  # it was deleted by somebody
                if self.store.recording(one).state == "uploading":
                    self.delete(one)
            self._heard.pop(one, None)

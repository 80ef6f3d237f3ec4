"""Recordings of an archive, opened for review: where they are, or fetched into the store."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from threading import BoundedSemaphore, Lock, Thread
from typing import Any, Final

from ectopy.archive import weights
from ectopy.archive.fetch import fetched
from ectopy.archive.listing import Line, Listing
from ectopy.archive.model import Entry
from ectopy.errors import EctopyError
from ectopy.files import aside
from ectopy.review.service import Review
from ectopy.review.store import Row

_AT_ONCE: Final = 2
"""Recordings that are fetched at a time."""
_FOLDER: Final = "fetched"
log = logging.getLogger("ectopy.app")


class Archived:
    """The archive that the server was started with.

    Parameters
    ----------
    listing : Listing
        Its recordings.
    review : Review
        Where they are opened.
    """

    def __init__(self, listing: Listing, review: Review) -> None:
        self.listing, self._review = listing, review
        self._fetching = BoundedSemaphore(_AT_ONCE)
        self._opening = Lock()

    def _origin(self, recording: str) -> str:
        return f"{self.listing.archive.files.address}#{recording}"

    def opened(self, lines: list[Line]) -> dict[str, str]:
        """Give the ids that recordings of the archive have in the store, of those opened before."""
        origins = {self._origin(line.id): line.id for line in lines}
        return {origins[origin]: id_ for origin, id_ in self._review.of(list(origins)).items()}

    def open(self, recording: str, reader: str) -> Row:
        """Have a recording analysed as the plan says, unless it was opened before.

        Raises
        ------
        EctopyError
            If there is none of that id, it cannot be had, or the weights are not those of the plan.
        """
        with self._opening:  # two readers who ask for one get the same
            return self._open(recording, reader)

    def _open(self, recording: str, reader: str) -> Row:
        origin = self._origin(recording)
        if before := self._review.of([origin]):
            row = self._review.store.recording(before[origin])
            if row.state not in ("failed", "cancelled"):
                return row
            self._review.delete(row.id)
        line, entry = self.listing.line(recording), self.listing.entry(recording)
        about = self._as_planned() | {"origin": origin}
        if "://" not in entry.address:
            with fetched(entry, self._review.store.folder) as path:
                return self._review.refer(path, line.name, reader, about)
        row = self._review.expect(line.name, reader, about)
        Thread(target=self._fetch, args=(row, entry), daemon=True).start()
        return row

    def _as_planned(self) -> dict[str, dict[str, Any]]:
        plan = self.listing.archive.plan
        return {
            "stated": {"fs_hz": plan.fs_hz, "units": plan.units, "gain": plan.gain},
            "options": {"lead": plan.lead, "weights": self._weights(), "setting": plan.setting},
            "settings": plan.settings.model_dump(mode="json", exclude_defaults=True),
        }

    def _weights(self) -> str:
        """Give the weights of the plan: a name of packaged ones, or a folder of the store."""
        archive = self.listing.archive
        bundle = weights.planned(archive.files, archive.plan)
        if archive.plan.weights != weights.OWN:
            return archive.plan.weights
        # The archive may be elsewhere, or gone when a recording is looked at again.
        kept = self._review.store.folder / "weights" / bundle.checksum
        if not kept.is_dir():
            kept.parent.mkdir(exist_ok=True)
            with aside(kept.parent) as temporary:
                whole = Path(shutil.copytree(bundle.folder, temporary / "whole"))
                whole.replace(kept)
        return os.fspath(kept)

    def _fetch(self, row: Row, entry: Entry) -> None:
        """Fetch a recording, in a thread of its own, and have it analysed."""
        place = self._review.store.place(row.id)
        try:
            with self._fetching, fetched(entry, place) as path:
                folder = place / _FOLDER
                shutil.move(path.parent, folder)
                path.parent.mkdir()  # the one who made it clears it away
            self._review.arrived(row.id, Path(folder / path.name))
        except EctopyError as error:
            self._missed(row, str(error))
        except Exception as error:
            log.warning("a recording was not fetched: %s", type(error).__name__)
            self._missed(row, f"it could not be fetched ({type(error).__name__}); open it again")

    def _missed(self, row: Row, sentence: str) -> None:
        try:
            self._review.missed(row.id, sentence)
        except Exception:  # the server ends
            log.info("the store was closed before a recording arrived")

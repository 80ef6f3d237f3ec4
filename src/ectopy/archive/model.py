"""What an archive is made of: the plan, its shards, and the commits that readers believe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ectopy.analysis.settings import Settings
from ectopy.runtime.bundle import Setting

LAYOUT: Final = 1
"""Version of how an archive is laid out."""

TABLES: Final = ("recordings", "beats", "rhythm", "events", "hours", "failures")
"""The tables of results; `annotations` is one more where it was asked for."""

LOOKS: Final = "looks"
"""The table of what was seen of stretches; it is no result, and in no snapshot."""

Kind = Literal["whole", "stretch", "join"]
"""What a shard holds: whole recordings, a stretch of a long one, or its stretches to be joined."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Plan(_Frozen):
    """What was decided before any work, for all recordings alike; written once, never changed."""

    layout: int = LAYOUT
    software: str = Field(description="version of ectopy; another one would label differently")
    weights: str = Field(description="name of a packaged bundle, or `own` for one in the archive")
    weights_sha256: str
    setting: Setting
    settings: Settings
    lead: str | None = None
    fs_hz: float | None = Field(None, description="stated for all recordings, as units and gain")
    units: str | None = None
    gain: float | None = None
    annotations: bool = Field(False, description="whether annotation files are kept as well")
    sources: tuple[str, ...] = Field(description="as they were named")
    recordings: int
    shards: int
    bytes: int = Field(description="size of all recordings")
    manifest_sha256: str

    def describes(self) -> dict[str, object]:
        """Give what changes the labels: all that a shard's key depends on beside its content."""
        kept = {
            "layout", "software", "weights_sha256", "setting", "settings", "lead", "fs_hz", "units",
            "gain", "annotations",
        }  # fmt: skip
        return self.model_dump(mode="json", include=kept)


@dataclass(frozen=True)
class Entry:
    """A recording of the manifest, or a stretch of one.

    Attributes
    ----------
    id : str
        Tells it from all others: 16 hexadecimal digits of the SHA-256 of its address.
    address : str
        Path or address of the file that is opened; of a WFDB record the header.
    others : tuple of str
        Names of its other files, in the same folder; a WFDB record has signal files.
    size : int
        Bytes of all its files.
    fingerprint : str
        Tells whether a file changed since it was planned, without reading it: sizes with times of
        change, or what an object store calls its ETag; empty where nothing could be had.
    stretch, of : int
        Which of how many stretches of a long recording; 0 of 1 for a whole one, and ``of`` of
        ``of`` where its stretches are joined.
    """

    id: str
    address: str
    others: tuple[str, ...]
    size: int
    fingerprint: str
    stretch: int = 0
    of: int = 1

    @property
    def kind(self) -> Kind:
        """Tell what is to be done with it."""
        if self.of == 1:
            return "whole"
        return "join" if self.stretch == self.of else "stretch"


@dataclass(frozen=True)
class Shard:
    """Recordings that are worked off together and committed at once.

    Attributes
    ----------
    number : int
        Its place in the plan.
    entries : tuple of Entry
        All of one kind.
    needs : tuple of int
        Numbers of the shards whose stretches it joins.
    """

    number: int
    entries: tuple[Entry, ...]
    needs: tuple[int, ...] = ()

    def key(self, describes: Mapping[str, object]) -> str:
        """Give its key: the SHA-256 of its content and of what labels it (`Plan.describes`)."""
        content = [vars(entry) for entry in self.entries]
        text = json.dumps([describes, content], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Part(_Frozen):
    """A file of rows."""

    table: str
    name: str = Field(description="in the archive, as parts/beats/KEY-ATTEMPT.parquet")
    rows: int
    bytes: int
    sha256: str


class Commit(_Frozen):
    """That a shard is done: its parts, and what they hold. Readers believe commits alone."""

    key: str
    shard: int
    attempt: str = Field(description="random; tells who won where two worked on one shard")
    parts: tuple[Part, ...]
    recordings: int = Field(description="labelled; those that failed are in `failures`")
    failures: int
    beats: int
    recorded_s: float = Field(description="length of the labelled recordings, in seconds")

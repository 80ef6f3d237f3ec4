"""What is kept and told of a run over an archive: figures and reasons, nothing about patients."""

from __future__ import annotations

import platform
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ectopy import __version__
from ectopy.analysis.report.wording import counted
from ectopy.errors import EctopyError

RUNS: Final = "runs"
MOST_REASONS: Final = 50
_PACKAGES: Final = ("numpy", "onnxruntime", "pyarrow")


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done : int
        Recordings that are committed by now, those of earlier runs included.
    of : int
        Recordings that this run may work on.
    failures : int
        Recordings that could not be labelled, in this run.
    recorded_hours_per_s : float
        Hours of recording that were labelled a second, in this run.
    remaining_s : float or None
        How long it will take at the pace so far; None before there is one.
    """

    done: int
    of: int
    failures: int
    recorded_hours_per_s: float
    remaining_s: float | None


class Left(BaseModel):
    """A shard that could not be worked off, which is no word about its recordings."""

    model_config = ConfigDict(frozen=True)

    shard: int
    recordings: int
    reason: str


class RunRecord(BaseModel):
    """A run: what was asked, what was done, how long it took."""

    model_config = ConfigDict(validate_assignment=True)

    id: str
    state: Literal["running", "ended", "drained", "stopped"] = Field(
        "running", description="`drained`: asked to stop, it finished what was begun"
    )
    why: str = Field("", description="of `stopped`")
    begun: datetime
    seconds: float = 0.0
    software: str = __version__
    python: str = platform.python_version()
    platform: str = sys.platform
    packages: dict[str, str]
    runner: str
    workers: int
    part: tuple[int, int] | None = None
    limit: int | None = None
    priority: str | None = None
    recordings: int = Field(0, description="that this run might work on: of its part of the plan")
    shards: int = 0
    done_before: int = Field(0, description="recordings of them that were committed before")
    shards_done_before: int = 0
    shards_done: int = Field(0, description="in this run")
    labelled: int = Field(0, description="recordings, in this run")
    failures: int = Field(0, description="recordings that could not be labelled, in this run")
    reasons: dict[str, int] = Field(
        default_factory=dict, description=f"why, and how many; the {MOST_REASONS} most frequent"
    )
    beats: int = 0
    recorded_hours: float = 0.0
    recorded_hours_per_s: float = 0.0
    raced: int = Field(0, description="shards that another run had done first")
    deaths: int = Field(0, description="workers that died")
    careful: int = Field(0, description="shards whose recordings got processes of their own")
    errors: int = Field(0, description="times that a shard could not be worked off")
    left: list[Left] = Field(
        default_factory=list, description="shards that were given up after some tries"
    )
    complete: bool = Field(False, description="whether all shards of the plan are committed")

    @property
    def still_missing(self) -> int:
        """Shards that this run might have worked on and that have no commit."""
        return self.shards - self.shards_done_before - self.shards_done - self.raced

    def told(self) -> str:
        """Tell the run in one sentence."""
        if self.state == "ended" and self.shards == self.shards_done_before:
            return f"nothing was missing: all {self.recordings:,} recordings are done"
        told = (
            f"labelled {counted(self.labelled, 'recording')} ({self.recorded_hours:,.1f} h, "
            f"{self.beats:,} beats) in {self.seconds:,.0f} s"
        )
        if self.failures:
            told += f", {self.failures:,} could not be"
        if self.raced:
            told += f"; {self.raced:,} shards were done by another run"
        if self.still_missing:
            why = "stopped as asked: " if self.state == "drained" else ""
            told += f"; {why}{self.still_missing:,} of {self.shards:,} shards are still to be done"
        return told

    def check(self) -> None:
        """Refuse to pass over recordings that failed, unless the run was asked to stop.

        Raises
        ------
        EctopyError
            If recordings could not be labelled, or shards not be worked off.
        """
        if self.state == "drained":
            return
        if self.left:
            raise EctopyError(
                f"{len(self.left):,} shards could not be worked off, the first one because "
                f"{self.left[0].reason}; mend that and run again"
            )
        if self.failures:
            raise EctopyError(
                f"{self.failures:,} of {self.failures + self.labelled:,} recordings could not be "
                "labelled, all others are done; ectopy archive status tells why"
            )


def begin(runner: str, workers: int) -> RunRecord:
    """Begin the record of a run."""
    now = datetime.now(UTC)
    return RunRecord(
        id=f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}",
        begun=now,
        packages={name: version(name) for name in _PACKAGES},
        runner=runner,
        workers=workers,
    )

"""How far an archive is: from its plan and its commits alone."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, computed_field

from ectopy.archive import snapshot
from ectopy.archive.files.base import Files
from ectopy.archive.model import Commit, Part
from ectopy.archive.run_record import RUNS, RunRecord
from ectopy.archive.store import Archive

MOST_PARTS: Final = 500
"""Tables of failures that are read for their reasons."""
MOST_REASONS: Final = 20
_MOST_RUNS: Final = 20
"""Newest runs that are looked at; many parts of a job array may have had nothing to do."""
_NUMBER: Final = re.compile(r"(?<![A-Za-z])\d+(?:[.,]\d+)*")


class Reason(BaseModel):
    """Why recordings failed, in the words of one of them.

    Attributes
    ----------
    reason : str
        One sentence; ``…`` stands for the recording, ``#`` for numbers.
    recordings : int
        How many.
    example : str
        Address of the first.
    """

    model_config = ConfigDict(frozen=True)

    reason: str
    recordings: int
    example: str


class Status(BaseModel):
    """How far an archive is."""

    model_config = ConfigDict(frozen=True)

    address: str
    recordings: int = Field(description="planned")
    bytes: int
    shards: int = Field(description="planned")
    shards_done: int
    labelled: int
    failures: int
    beats: int
    recorded_hours: float = Field(description="of the labelled recordings")
    reasons: tuple[Reason, ...] = Field(description="of failures, the most frequent first")
    reasons_of: int = Field(description="failures whose reasons were read")
    snapshot: int | None = Field(None, description="number of the newest one, which readers use")
    snapshot_shards: int = Field(0, description="shards whose results are in it")
    last_run: str | None = Field(None, description="id of the newest run that has ended")
    recordings_per_s: float | None = Field(None, description="in that run")
    recorded_hours_per_s: float | None = Field(None, description="in that run")
    remaining_s: float | None = Field(None, description="at the rate of that run")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def left(self) -> int:
        """Recordings that are neither labelled nor failed."""
        return max(self.recordings - self.labelled - self.failures, 0)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def complete(self) -> bool:
        """Whether all shards are done."""
        return self.shards_done == self.shards


def status(address: str | Path) -> Status:
    """Tell how far an archive is.

    Parameters
    ----------
    address : str or Path
        Of the archive.

    Raises
    ------
    DataNotFoundError
        If nothing was planned there.
    DataFormatError
        If the plan or a commit is damaged.
    """
    archive = Archive.open(address)
    plan = archive.plan
    done: dict[int, Commit] = {commit.shard: commit for commit in archive.commits()}
    labelled = sum(commit.recordings for commit in done.values())
    failures = sum(commit.failures for commit in done.values())
    parts = [
        part for number in sorted(done) for part in done[number].parts if part.table == "failures"
    ]
    reasons, reasons_of = _reasons(archive.files, parts[:MOST_PARTS])
    run = _newest_run(archive.files)
    rate = (run.labelled + run.failures) / run.seconds if run and run.seconds else 0.0
    left = plan.recordings - labelled - failures
    stands = snapshot.newest_if_any(archive.files)
    return Status(
        address=archive.files.address,
        recordings=plan.recordings,
        bytes=plan.bytes,
        shards=plan.shards,
        shards_done=len(done),
        labelled=labelled,
        failures=failures,
        beats=sum(commit.beats for commit in done.values()),
        recorded_hours=sum(commit.recorded_s for commit in done.values()) / 3600,
        reasons=reasons,
        reasons_of=reasons_of,
        snapshot=stands.number if stands else None,
        snapshot_shards=stands.shards if stands else 0,
        last_run=run.id if run else None,
        recordings_per_s=rate or None,
        recorded_hours_per_s=run.recorded_hours_per_s if run and rate else None,
        remaining_s=max(left, 0) / rate if rate else None,
    )


def _reasons(files: Files, parts: list[Part]) -> tuple[tuple[Reason, ...], int]:
    import pyarrow.parquet as pq

    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    content = dict(files.read_all([part.name for part in parts]))
    for part in parts:
        table = pq.read_table(io.BytesIO(content[part.name]), columns=["address", "reason"])
        addresses, told = table["address"].to_pylist(), table["reason"].to_pylist()
        for address, reason in zip(addresses, told, strict=True):
            kind = kind_of(reason, address)
            counts[kind] += 1
            examples.setdefault(kind, address)
    most = sorted(counts, key=lambda kind: (-counts[kind], kind))[:MOST_REASONS]
    return (
        tuple(Reason(reason=k, recordings=counts[k], example=examples[k]) for k in most),
        counts.total(),
    )


def kind_of(reason: str, address: str) -> str:
    """Give what the reasons of several recordings have in common."""
    folder, _, name = address.rpartition("/")
    for own in (address, name, name.rpartition(".")[0], folder):
        if len(own) > 2:
            reason = reason.replace(own, "…")
    return _NUMBER.sub("#", reason)


def _newest_run(files: Files) -> RunRecord | None:
    """Give the newest run that did something; names of runs are in order of their begin."""
    names = [each.name for each in files.list(RUNS) if each.name.endswith(".json")]
    for name in reversed(sorted(names)[-_MOST_RUNS:]):
        try:
            run = RunRecord.model_validate_json(files.read(name))
        except ValueError:  # of another version: its pace is no matter of the plan
            continue
        if run.labelled + run.failures:
            return run
    return None

"""Work off one shard: label its recordings, write their rows, commit them at once."""

from __future__ import annotations

import errno
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ectopy import __version__
from ectopy.analysis.analyze import analyze, look, tell
from ectopy.analysis.request import Request
from ectopy.archive import weights
from ectopy.archive.fetch import fetched, is_there
from ectopy.archive.files.base import Files
from ectopy.archive.files.open import open_files
from ectopy.archive.model import LOOKS, Commit, Entry, Plan, Shard
from ectopy.archive.publish import commit_of, publish
from ectopy.archive.rows import PartWriter, failure, rows, seen
from ectopy.archive.status import kind_of
from ectopy.archive.stretches import looked_at, row_of
from ectopy.errors import ConfigError, DataNotFoundError, EctopyError, StoreError
from ectopy.files import aside
from ectopy.recordings.open import open_recording
from ectopy.runtime.classifier import BeatClassifier

if TYPE_CHECKING:
    import pyarrow as pa

Tables = dict[str, "pa.Table"]

_OF_THE_FILE: Final = frozenset(
    (errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ELOOP,
     errno.ENAMETOOLONG)
)  # fmt: skip
"""What the system may say of one file; anything else befalls the machine, the disk, the network,
and is no word about the recording."""


@dataclass(frozen=True)
class Task:
    """A shard to be worked off, anywhere.

    Attributes
    ----------
    archive : str
        Address of the archive.
    plan : Plan
        Its plan.
    shard : Shard
        The shard.
    careful : bool
        Whether each recording gets a process of its own: where a worker died of this shard.
    """

    archive: str
    plan: Plan
    shard: Shard
    careful: bool = False


@dataclass(frozen=True)
class Worked:
    """What became of a shard.

    Attributes
    ----------
    commit : Commit
        The one that stands.
    won : bool
        Whether it was made here; else another was first.
    reasons : dict of str to int
        Kinds of reasons why recordings failed here, and how many of each.
    """

    commit: Commit
    won: bool
    reasons: dict[str, int] = field(default_factory=dict)


def work(task: Task) -> Worked:
    """Work off a shard, unless that was done already.

    Raises
    ------
    ConfigError
        If this is another version of ectopy, or these are other weights, than were planned.
    DataNotFoundError
        If none of several recordings is there any more.
    StoreError, OSError, MemoryError
        If the machine, the network or the store do not do it at the moment; nothing is committed.
    """
    files, plan, shard = _files(task.archive), task.plan, task.shard
    key = shard.key(plan.describes())
    if stands := commit_of(files, key):
        return Worked(stands, won=False)
    classifier(task.archive, plan)
    _check_mounted(shard)
    with aside(tempfile.gettempdir()) as scratch:
        writer, reasons = PartWriter(scratch / "parts"), Counter[str]()
        for entry, made in _careful(task) if task.careful else _labelled(task, scratch):
            for row in made["failures"].to_pylist() if "failures" in made else ():
                reasons[kind_of(row["reason"], entry.address)] += 1
            writer.add(made)
        parts = writer.close()
        commit, won = publish(files, shard, key, parts, writer.counts)
    return Worked(commit, won, dict(reasons))


def _check_mounted(shard: Shard) -> None:
    """Refuse a shard of which nothing is there any more: no recording is called missing for that.

    A folder that is not mounted would make failures of all recordings, for good.
    """
    planned = [entry for entry in shard.entries if entry.fingerprint]
    if len(planned) > 1 and not any(map(is_there, planned)):
        raise DataNotFoundError(
            f"all {len(planned)} recordings of shard {shard.number} are gone, the first is "
            f"{planned[0].address}; see that they can be reached, or plan a new archive without "
            "them"
        )


def _labelled(task: Task, scratch: Path) -> Iterator[tuple[Entry, Tables]]:
    for entry in task.shard.entries:
        yield entry, label(task.archive, task.plan, entry, scratch, task.shard.needs)


def _careful(task: Task) -> Iterator[tuple[Entry, Tables]]:
    from ectopy.archive.careful import carefully

    return carefully(task.archive, task.plan, task.shard)


def label(
    archive: str, plan: Plan, entry: Entry, scratch: Path, needs: tuple[int, ...] = ()
) -> Tables:
    """Label a recording and give its rows, or the row that says why that failed.

    A stretch of one is only looked at; where stretches are joined, they are labelled as one.

    Parameters
    ----------
    archive : str
        Address of the archive.
    plan : Plan
        Its plan.
    entry : Entry
        The recording.
    scratch : Path
        A folder for what has to be fetched.
    needs : tuple of int
        Numbers of the shards whose stretches are joined.
    """
    place, labels = Path(entry.address), classifier(archive, plan)
    try:
        with fetched(entry, scratch) as place:
            request = Request(
                open_recording(place, fs_hz=plan.fs_hz, units=plan.units, gain=plan.gain),
                lead=plan.lead,
                setting=plan.setting,
                settings=plan.settings,
                classifier=labels,
            )
            if entry.kind == "stretch":
                return row_of(entry, look(request, entry.stretch, entry.of, threads=1), scratch)
            if entry.kind == "whole":
                result = analyze(request, threads=1)
            else:
                parts = looked_at(_files(archive), plan, needs, entry, scratch)
                result = tell(request, parts, threads=1)
            return rows(entry, result, annotations=plan.annotations)
    except (MemoryError, StoreError):
        raise
    except EctopyError as error:
        reason = str(error)
    except OSError as error:
        if error.errno not in _OF_THE_FILE:
            raise
        reason = f"{entry.address} cannot be read ({error.strerror}); see who may read it"
    except Exception as error:
        reason = (
            f"ectopy met a defect ({type(error).__name__}) on {entry.address}; please report it"
        )
    if place != Path(entry.address):  # where it was fetched to
        folder = entry.address.rpartition("/")[0]
        reason = reason.replace(str(place), entry.address).replace(str(place.parent), folder)
    return failed(entry, reason)


def failed(entry: Entry, reason: str) -> Tables:
    """Give the row of a recording, or of a stretch of one, that could not be worked off."""
    if entry.kind == "stretch":
        return {LOOKS: seen(entry, None, reason)}
    return {"failures": failure(entry, reason)}


@cache
def _files(archive: str) -> Files:
    return open_files(archive)


@cache
def classifier(archive: str, plan: Plan) -> BeatClassifier:
    """Load what the plan labels with, once a process.

    Raises
    ------
    ConfigError
        If this is another version of ectopy, or these are other weights, than were planned.
    ModelError
        If the weights are not there.
    """
    if plan.software != __version__:
        raise ConfigError(
            f"{archive} was planned by ectopy {plan.software}, and this is {__version__}, which "
            f"may label otherwise; install {plan.software}, or plan a new archive"
        )
    return BeatClassifier(weights.planned(_files(archive), plan))

"""Plan an archive: find its recordings, share them out to shards, write that down once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ectopy import __version__
from ectopy.analysis.settings import Settings
from ectopy.archive import weights as weights_kept
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import PLAN, name_of, read_plan, write_local
from ectopy.archive.model import Plan, Shard
from ectopy.archive.sharding import shards
from ectopy.archive.sources.found import Found, Told
from ectopy.archive.sources.search import search
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.files import aside
from ectopy.recordings.formats.common import Stated
from ectopy.runtime.bundle import SETTINGS, Bundle, Setting

_OF_RECORDINGS: Final = ("recordings", "shards", "bytes", "manifest_sha256")
"""What differs in plans where the recordings do."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what is to be told of it.

    Attributes
    ----------
    plan : Plan
        What was decided.
    told : Told
        What the search passed over, and what was missing.
    new : bool
        Whether it was written; else the very same plan was there already, or it was a dry run.
    """

    plan: Plan
    told: Told
    new: bool


def plan(
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    weights: str | Path = "default",
    setting: Setting = "whole",
    settings: Settings | None = None,
    lead: str | None = None,
    fs_hz: float | None = None,
    units: str | None = None,
    gain: float | None = None,
    annotations: bool = False,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Planned:
    """Plan an archive.

    Parameters
    ----------
    sources : str, path, or several
        What holds the recordings, see `ectopy.archive.sources.search.search`.
    out : str or path
        Where the archive is to be: a folder, or an address such as ``s3://bucket/prefix``.
    weights, setting, settings, lead
        What `ectopy.analyze` is told of each recording.
    fs_hz, units, gain
        What `ectopy.open_recording` is told of each recording.
    annotations : bool
        Whether annotation files are kept as well.
    limit : int, optional
        Plan so many recordings, the first ones.
    dry_run : bool
        Whether to write nothing.
    progress : callable, optional
        Told how many recordings were found by now.

    Raises
    ------
    DataNotFoundError
        If there are no recordings, or none of those that are named is there.
    ConfigError
        If there is another plan already, or a value cannot be used.
    ModelError
        If the weights cannot be used.

    Examples
    --------
    >>> from ectopy.archive import plan
    >>> planned = plan("records", "labelled")
    >>> planned.plan.recordings, planned.new
    (2, True)
    >>> plan("records", "labelled").new
    False
    """
    if setting not in SETTINGS:
        raise ConfigError(
            f"setting is {setting!r}, expected {' or '.join(SETTINGS)}", change="setting"
        )
    Stated(fs_hz=fs_hz, units=units, gain=gain)  # refuses what cannot be meant
    bundle = Bundle.load(weights)
    named = [str(each) for each in ([sources] if isinstance(sources, str | Path) else sources)]
    files = open_files(out)
    if not dry_run:
        files.probe()
    told = Told()
    found = list(islice(_counted(search(named, told, files.address), progress), limit))
    if not found:
        raise DataNotFoundError(
            f"there are no recordings in {', '.join(named)}; name folders, lists or patterns of "
            "files with ECG recordings"
        )
    if told.missing.number == len(found):
        raise DataNotFoundError(
            f"none of the recordings that {', '.join(named)} names is there, or may be looked up "
            f"({told.missing.first[0]} is the first of {len(found):,}); check the addresses, and "
            "the keys in the environment where a store needs some"
        )
    with aside(tempfile.gettempdir()) as folder:
        path = folder / "recordings.parquet"
        counts = {"shards": 0}
        sha256 = write_local(path, _counting(shards(found), counts))
        made = Plan(
            software=__version__,
            weights=weights_kept.name_of(bundle),
            weights_sha256=bundle.checksum,
            setting=setting,
            settings=settings or Settings(),
            lead=lead,
            fs_hz=fs_hz,
            units=units,
            gain=gain,
            annotations=annotations,
            sources=tuple(named),
            recordings=len(found),
            shards=counts["shards"],
            bytes=sum(each.size for each in found),
            manifest_sha256=sha256,
        )
        if dry_run:
            return Planned(made, told, new=False)
        if files.exists(PLAN):
            _check_same(files.address, read_plan(files), made)
            return Planned(made, told, new=False)
        weights_kept.keep(files, bundle)
        files.create(name_of(sha256), path)
        if files.create(PLAN, (made.model_dump_json(indent=1) + "\n").encode()):
            return Planned(made, told, new=True)
    _check_same(files.address, read_plan(files), made)
    return Planned(made, told, new=False)


def _counting(made: Iterable[Shard], counts: dict[str, int]) -> Iterator[Shard]:
    for shard in made:
        counts["shards"] += 1
        yield shard


def _counted(found: Iterator[Found], progress: Callable[[int], None] | None) -> Iterator[Found]:
    for n, each in enumerate(found, 1):
        if progress is not None and n % 1000 == 0:
            progress(n)
        yield each


def _check_same(address: str, there: Plan, made: Plan) -> None:
    """Refuse to plan anew what is planned otherwise; how the sources were written is no matter."""
    fields = [name for name in type(made).model_fields if name != "sources"]
    differ = [name for name in fields if getattr(there, name) != getattr(made, name)]
    if differ:
        told = dict.fromkeys("recordings" if n in _OF_RECORDINGS else n for n in differ)
        raise ConfigError(
            f"{address} is planned already, with other {' and '.join(told)}, and a plan never "
            "changes; run that one, or give another place for this one",
            change="out",
        )

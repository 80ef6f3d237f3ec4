"""Archives for tests, with rows of real results: planned and committed as a run does it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

import ectopy
from ectopy import Settings, __version__
from ectopy.analysis.result import Result
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import PLAN, write_manifest
from ectopy.archive.model import Entry, Plan, Shard
from ectopy.archive.publish import publish
from ectopy.archive.rows import PartWriter, failure, rows
from ectopy.runtime.bundle import PACKAGED, Bundle


def entry(address: str) -> Entry:
    id_ = hashlib.sha256(address.encode()).hexdigest()[:16]
    return Entry(id_, address, (), 1000, "")


def results(n: int = 5, seconds: int = 40) -> list[Result]:
    """Label simulated recordings, that begin an hour apart, and one without a beat."""
    made = []
    for number in range(n):
        recording, _ = ectopy.simulate(seconds, rng=np.random.default_rng(number))
        start = datetime(2024, 5, 6, 20 + number % 4, 15)
        made.append(ectopy.analyze(replace(recording, name=f"r{number}", start=start)))
    flat = ectopy.Recording.from_array(np.zeros((1, 30 * 250)), 250, ("II",), name="off")
    return [*made, ectopy.analyze(flat)]


@dataclass
class Made:
    """An archive: its plan, its shards, and what is to be committed of each."""

    address: str
    plan: Plan
    shards: list[Shard]
    results: dict[str, Result]
    scratch: Path

    def commit(self, *numbers: int) -> None:
        """Commit shards, as a worker does; a recording without a result failed."""
        files = open_files(self.address)
        for number in numbers:
            shard = self.shards[number]
            writer = PartWriter(self.scratch / str(number))
            for one in shard.entries:
                if result := self.results.get(one.id):
                    writer.add(rows(one, result, annotations=self.plan.annotations))
                else:
                    writer.add({"failures": failure(one, f"{one.address} is cut off")})
            key = shard.key(self.plan.describes())
            _, won = publish(files, shard, key, writer.close(), writer.counts)
            assert won


def archive(
    address: str | Path,
    given: Sequence[Result],
    scratch: Path,
    *,
    a_shard: int = 2,
    failures: Sequence[str] = ("ward/bad.edf",),
    annotations: bool = True,
) -> Made:
    """Plan an archive of results; nothing is committed yet."""
    entries = [entry(f"ward/{result.name}.edf") for result in given]
    by_id = {one.id: result for one, result in zip(entries, given, strict=True)}
    entries += [entry(one) for one in failures]
    shards = [
        Shard(number, tuple(entries[at : at + a_shard]))
        for number, at in enumerate(range(0, len(entries), a_shard))
    ]
    files = open_files(address)
    _, manifest = write_manifest(files, shards)
    plan = Plan(
        software=__version__,
        weights="default",
        weights_sha256=Bundle.load(PACKAGED / "default").checksum,
        setting="whole",
        settings=Settings(),
        annotations=annotations,
        sources=("ward",),
        recordings=len(entries),
        shards=len(shards),
        bytes=1000 * len(entries),
        manifest_sha256=manifest,
    )
    assert files.create(PLAN, plan.model_dump_json().encode())
    return Made(str(address), plan, shards, by_id, scratch)

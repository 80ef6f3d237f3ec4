"""How far an archive is, from its commits alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import archive_made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from ectopy.archive.model import Commit, Entry, Part, Shard
from ectopy.archive.rows import failure
from ectopy.archive.run_record import RunRecord, begin
from ectopy.archive.status import kind_of, status
from ectopy.archive.store import Archive
from ectopy.errors import DataFormatError, DataNotFoundError


def committed(archive: Archive, shard: Shard, reasons: tuple[str, ...], tmp_path: Path) -> None:
    """Commit a shard of which the first recordings failed."""
    key = shard.key(archive.plan.describes())
    parts = []
    if reasons:
        import pyarrow as pa

        path = tmp_path / "failures.parquet"
        failed = [failure(e, r) for e, r in zip(shard.entries, reasons, strict=False)]
        parquet.write_table(pa.concat_tables(failed), path)
        name = f"parts/failures/{key}-{'0' * 32}.parquet"
        archive.files.create(name, path)
        part = path.read_bytes()
        digest = hashlib.sha256(part).hexdigest()
        parts.append(
            Part(table="failures", name=name, rows=len(failed), bytes=len(part), sha256=digest)
        )
    labelled = len(shard.entries) - len(reasons)
    commit = Commit(
        key=key, shard=shard.number, attempt="0" * 32, parts=tuple(parts), recordings=labelled,
        failures=len(reasons), beats=100 * labelled, recorded_s=1800.0 * labelled,
    )  # fmt: skip
    assert archive.files.create(f"commits/{key}.json", commit.model_dump_json().encode())


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Archive, list[Shard]]:
    entries = [Entry(f"{i:016x}", f"/data/{i:03}.edf", (), 1000, "f") for i in range(12)]
    shards = [Shard(n, tuple(entries[4 * n : 4 * n + 4])) for n in range(3)]
    return archive_made.archive(tmp_path / "store", [], shards=shards), shards


def test_what_is_done_and_what_failed_is_counted(
    archive: tuple[Archive, list[Shard]], tmp_path: Path
) -> None:
    made, shards = archive
    store = made.files.address
    before = status(store)
    assert (before.recordings, before.shards, before.shards_done, before.left) == (12, 3, 0, 12)
    assert (before.reasons, before.remaining_s, before.complete) == ((), None, False)
    reasons = [
        f"{e.address} holds {n} samples a lead, expected 6.5 or more"
        for n, e in enumerate(shards[1].entries[:3])
    ]
    reasons[2] = "/data/006.edf has no ECG lead"
    committed(made, shards[1], tuple(reasons), tmp_path)
    committed(made, shards[2], (), tmp_path)
    now = status(store)
    assert (now.labelled, now.failures, now.left, now.shards_done) == (5, 3, 4, 2)
    assert (now.beats, now.recorded_hours, now.reasons_of) == (500, 2.5, 3)
    assert [(r.reason, r.recordings, r.example) for r in now.reasons] == [
        ("… holds # samples a lead, expected # or more", 2, "/data/004.edf"),
        ("… has no ECG lead", 1, "/data/006.edf"),
    ]
    committed(made, shards[0], (), tmp_path)
    assert status(store).complete


def test_the_rate_is_that_of_the_newest_run_that_did_something(
    archive: tuple[Archive, list[Shard]], tmp_path: Path
) -> None:
    made, shards = archive
    committed(made, shards[0], (), tmp_path)

    def kept(name: str, **changed: object) -> None:
        run = begin("Processes", 2).model_dump() | {"id": name} | changed
        text = RunRecord.model_validate(run).model_dump_json()
        made.files.create(f"runs/{name}.json", text.encode())

    kept("20260101T000000Z-a", labelled=100, seconds=1.0)
    kept("20260102T000000Z-b", labelled=3, failures=1, seconds=8.0, recorded_hours_per_s=0.25)
    kept("20260103T000000Z-c", seconds=5.0)
    made.files.create("runs/20260104T000000Z-d.json", b'{"of": "another version"}')
    found = status(made.files.address)
    assert (found.last_run, found.recordings_per_s) == ("20260102T000000Z-b", 0.5)
    assert (found.recorded_hours_per_s, found.remaining_s) == (0.25, 16.0)


def test_what_is_no_archive_or_damaged_is_told(
    archive: tuple[Archive, list[Shard]], tmp_path: Path
) -> None:
    with pytest.raises(DataNotFoundError, match="holds no plan, expected an archive"):
        status(tmp_path / "nowhere")
    made, _ = archive
    made.files.create(f"commits/{'a' * 64}.json", b"{")
    with pytest.raises(DataFormatError, match="is no commit"):
        status(made.files.address)


@settings(max_examples=50)
@given(st.text("ab/.12 -"), st.text("ab/.", min_size=3))
def test_reasons_name_no_recording_and_no_number(reason: str, address: str) -> None:
    kind = kind_of(f"{reason} {address} is cut off: 12 bytes", address)
    assert address not in kind
    assert kind.endswith(" is cut off: # bytes")

"""A snapshot holds every committed row once, sorted, in files that stand or do not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_archive

from ectopy.analysis.result import Result
from ectopy.archive import finalize as module
from ectopy.archive import sorting
from ectopy.archive.files.local import LocalFiles
from ectopy.archive.files.open import open_files
from ectopy.archive.finalize import finalize
from ectopy.archive.model import TABLES
from ectopy.archive.schemas import SCHEMAS
from ectopy.archive.snapshot import Snapshot, newest
from ectopy.archive.store import Archive
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError

RESULTS = (*TABLES, "annotations")


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return small_archive.results()


@pytest.fixture
def made(results: list[Result], tmp_path: Path) -> small_archive.Made:
    return small_archive.archive(tmp_path / "store", results, tmp_path / "scratch")


def read(made: small_archive.Made, snapshot: Snapshot, table: str) -> pa.Table:
    files = [Path(made.address) / name for name in snapshot.names(table)]
    return pa.concat_tables(pq.read_table(file) for file in files)


def committed(made: small_archive.Made, table: str) -> list[dict[str, object]]:
    """Give the rows that the commits name, sorted by Python."""
    rows: list[dict[str, object]] = []
    for commit in sorted(Archive.open(made.address).commits(), key=lambda one: one.shard):
        for part in commit.parts:
            if part.table == table:
                rows += pq.read_table(Path(made.address) / part.name).to_pylist()
    return sorted(rows, key=lambda row: str(row["id"]))


def test_every_row_once_sorted_by_recording(made: small_archive.Made) -> None:
    made.commit(0, 1, 2, 3)
    snapshot = finalize(made.address)
    assert (snapshot.number, snapshot.partial) == (1, False)
    assert (snapshot.recordings, snapshot.failures) == (6, 1)
    assert snapshot == newest(open_files(made.address))
    for table in RESULTS:
        held = read(made, snapshot, table)
        assert held.schema.equals(SCHEMAS[table]), table
        assert held.to_pylist() == committed(made, table), table
    beats = read(made, snapshot, "beats")
    order = list(zip(beats["id"].to_pylist(), beats["sample"].to_pylist(), strict=True))
    assert order == sorted(order)
    assert snapshot.beats == len(order)
    for part in snapshot.files:
        content = (Path(made.address) / part.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (part.bytes, part.sha256)
    of_beats = pq.read_metadata(Path(made.address) / snapshot.names("beats")[0]).row_group(0)
    assert "RLE_DICTIONARY" in of_beats.column(0).encodings
    assert "DELTA_BINARY_PACKED" in of_beats.column(1).encodings
    assert not list((Path(made.address) / "_tmp").iterdir())


def test_more_than_fits_into_memory_is_shared_out_again_and_again(
    made: small_archive.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.commit(0, 1, 2, 3)
    once = finalize(made.address)
    expected = {table: read(made, once, table).to_pylist() for table in RESULTS}
    monkeypatch.setattr(sorting, "MOST_ROWS", 20)  # fewer than one recording has
    monkeypatch.setattr(sorting, "MOST_SHARES", 2)
    monkeypatch.setattr(module, "GROUP_ROWS", 30)
    monkeypatch.setattr(module, "FILE_BYTES", 2000)
    stands = Path(made.address) / "snapshots" / "0001.json"
    stands.unlink()
    again = finalize(made.address)
    assert again.number == 2  # the folder of the first one is still there
    assert len(again.names("beats")) > 1
    for table, rows in expected.items():
        assert read(made, again, table).to_pylist() == rows, table


def test_sorting_is_that_of_python(tmp_path: Path, rng: np.random.Generator) -> None:
    """Recordings of many sizes, in any order, with ids that share all but their last digits."""
    schema = pa.schema([SCHEMAS["beats"].field("id"), pa.field("x", pa.int64())])
    names = [f"{n:016x}" for n in (0, 1, 2, 3, 2**63, 2**64 - 2, 2**64 - 1)]
    names += [f"{n:016x}" for n in rng.integers(0, 2**62, 60)]
    tables, at = [], 0
    for _ in range(150):
        name = names[rng.integers(len(names))]
        n = int(rng.integers(1, 40))
        ids = pa.array([name] * n).dictionary_encode()
        tables.append(pa.table([ids, pa.array(range(at, at + n))], schema=schema))
        at += n
    expected = sorted(
        (row for table in tables for row in table.to_pylist()), key=lambda row: row["id"]
    )
    for rows in (10, 100, 10_000):
        sorting_rows, sorting.MOST_ROWS = sorting.MOST_ROWS, rows
        try:
            found = list(sorting.by_recording(iter(tables), tmp_path, at, 8 * at))
        finally:
            sorting.MOST_ROWS = sorting_rows
        assert pa.concat_tables(found).to_pylist() == expected
        assert not list(tmp_path.iterdir())


def test_missing_shards_are_refused_or_told(made: small_archive.Made) -> None:
    with pytest.raises(DataNotFoundError, match="no snapshot to read yet"):
        newest(open_files(made.address))
    made.commit(1, 3)
    with pytest.raises(ConfigError, match="2 of 4 shards still to be done") as refused:
        finalize(made.address)
    assert refused.value.change == ("partial",)
    first = finalize(made.address, partial=True)
    assert (first.partial, first.shards, first.of) == (True, 2, 4)
    page = (Path(made.address) / first.page.name).read_text(encoding="utf-8")
    assert "This is not all of it" in page
    assert "of 7 recordings in the plan, 4 are missing" in page
    assert finalize(made.address, partial=True) == first  # nothing was committed since
    made.commit(0, 2)
    second = finalize(made.address)
    assert (second.number, second.partial, second.recordings) == (2, False, 6)
    assert newest(open_files(made.address)) == second
    assert "This is not all" not in (Path(made.address) / second.page.name).read_text("utf-8")


def test_nothing_labelled_yet_is_a_snapshot_with_empty_tables(made: small_archive.Made) -> None:
    snapshot = finalize(made.address, partial=True)
    assert snapshot.recordings == 0
    for table in RESULTS:
        held = read(made, snapshot, table)
        assert (held.num_rows, held.schema.equals(SCHEMAS[table])) == (0, True)
    assert "Archive of 0 recordings" in (Path(made.address) / snapshot.page.name).read_text("utf-8")


def test_a_damaged_part_is_refused_and_leaves_no_snapshot(made: small_archive.Made) -> None:
    made.commit(0, 1, 2, 3)
    part = next((Path(made.address) / "parts" / "events").iterdir())
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.chmod(0o644)
    part.write_bytes(content)
    with pytest.raises(DataFormatError, match="is not what was committed"):
        finalize(made.address)
    with pytest.raises(DataNotFoundError):
        newest(open_files(made.address))


def test_one_that_dies_at_any_moment_leaves_nothing_that_is_believed(
    results: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_archive.archive(tmp_path / "store", results[:2], tmp_path, a_shard=3)
    made.commit(0)
    real = LocalFiles.create
    for dies_at in range(9):  # seven tables, the page, and what makes it a snapshot
        left = dies_at

        def create(self: LocalFiles, name: str, content: bytes | Path) -> bool:
            nonlocal left
            if not left:
                raise KeyboardInterrupt
            left -= 1
            return real(self, name, content)

        monkeypatch.setattr(LocalFiles, "create", create)
        with pytest.raises(KeyboardInterrupt):
            finalize(made.address)
        with pytest.raises(DataNotFoundError):
            newest(open_files(made.address))
    monkeypatch.setattr(LocalFiles, "create", real)
    snapshot = finalize(made.address)
    for table in RESULTS:
        assert read(made, snapshot, table).to_pylist() == committed(made, table), table


def test_two_that_finalize_at_a_time_make_one_snapshot(
    made: small_archive.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.commit(0, 1, 2, 3)
    real = module.numbers
    monkeypatch.setattr(module, "numbers", lambda files: (real(files)[0], 1))
    first = finalize(made.address)
    monkeypatch.setattr(
        module, "newest_if_any", lambda files: first.model_copy(update={"keys_sha256": ""})
    )
    with pytest.raises(ConfigError, match="another process finalizes"):
        finalize(made.address)
    assert newest(open_files(made.address)) == first

"""Whatever is wrong with an archive is found, and told in a sentence that says what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import archive_made
import pyarrow as pa
import pytest
import small_archive
from object_store import ObjectStore
from pyarrow import parquet

from ectopy.analysis.result import Result
from ectopy.archive import proof
from ectopy.archive.files.open import open_files
from ectopy.archive.finalize import finalize
from ectopy.archive.model import Commit, Part, Shard
from ectopy.archive.publish import commit_name, publish
from ectopy.archive.rows import PartWriter, failure
from ectopy.archive.store import Archive
from ectopy.archive.verify import verify
from ectopy.cli import main
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.files import sha256


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return small_archive.results(2, 20)


@pytest.fixture
def made(results: list[Result], tmp_path: Path) -> small_archive.Made:
    """Give an archive of two shards: r0 and r1; one without a beat, and one that failed."""
    made = small_archive.archive(tmp_path / "store", results, tmp_path / "scratch")
    made.commit(0, 1)
    return made


def key(made: small_archive.Made, number: int) -> str:
    return made.shards[number].key(made.plan.describes())


def commit(made: small_archive.Made, number: int = 0) -> Commit:
    found = Archive.open(made.address).commit_of(key(made, number))
    assert found is not None
    return found


def part(made: small_archive.Made, table: str, number: int = 0) -> Path:
    found = next(one for one in commit(made, number).parts if one.table == table)
    return Path(made.address) / found.name


def faults(made: small_archive.Made) -> tuple[str, ...]:
    return verify(made.address).faults


def test_a_whole_archive_is_proved(made: small_archive.Made) -> None:
    told: list[tuple[int, int]] = []
    found = verify(made.address, told=lambda done, of: told.append((done, of)))
    assert (found.whole, found.faults, found.snapshot) == (True, (), None)
    assert (found.shards, found.committed) == (2, 2)
    assert (found.recordings, found.labelled, found.failures) == (4, 3, 1)
    assert found.beats == sum(len(result.beats) for result in made.results.values()) > 20
    assert found.bytes == sum(one.bytes for n in (0, 1) for one in commit(made, n).parts)
    assert told == [(2, 2)]
    size = sum(path.stat().st_size for path in Path(made.address, "parts").rglob("*.parquet"))
    snapshot = finalize(made.address)
    found = verify(made.address)
    assert (found.faults, found.snapshot) == ((), 1)
    assert found.bytes == size + sum(one.bytes for one in (*snapshot.files, snapshot.page))


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("table", ["beats", "recordings", "failures"])
def test_a_flipped_bit_is_found(made: small_archive.Made, table: str, where: float) -> None:
    number = 1 if table == "failures" else 0
    path = part(made, table, number)
    content = bytearray(path.read_bytes())
    content[int(len(content) * where)] ^= 4
    path.write_bytes(content)
    (fault,) = faults(made)
    assert fault.startswith(f"{path} is not as it was written (its SHA-256 is ")
    assert fault.endswith(
        f"; delete {commit_name(key(made, number))} and run again, which works on shard {number} "
        "anew"
    )


def test_what_is_told_to_be_done_mends_it(made: small_archive.Made) -> None:
    part(made, "beats").write_bytes(b"")
    assert len(faults(made)) == 1
    open_files(made.address).delete(commit_name(key(made, 0)))
    (fault,) = faults(made)
    assert "has no commit of 1 of 2 shards (first 0), so 2 recordings are neither" in fault
    made.commit(0)
    assert faults(made) == ()


def test_a_part_that_is_gone_or_cut_is_found(made: small_archive.Made) -> None:
    gone, cut = part(made, "beats"), part(made, "rhythm")
    size, length = gone.stat().st_size, cut.stat().st_size
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    first, second = faults(made)
    assert first.startswith(f"{gone} is missing, expected {size:,} bytes; delete commits/")
    assert second.startswith(f"{cut} has {length - 1:,} bytes, expected {length:,}; delete")


def test_large_files_are_looked_at_in_pieces(
    made: small_archive.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_AT_ONCE_BYTES", 10)
    assert faults(made) == ()
    part(made, "beats").write_bytes(part(made, "beats").read_bytes()[::-1])
    assert "is not as it was written" in faults(made)[0]


def rewritten(
    made: small_archive.Made, table: str, change: Callable[[pa.Table], pa.Table], number: int = 0
) -> None:
    """Change the rows of a part as a faulty worker would have written them, checksum and all."""
    path = part(made, table, number)
    parquet.write_table(change(parquet.read_table(path)), path)
    old = commit(made, number)
    rows = parquet.read_metadata(path).num_rows
    parts = tuple(
        Part(table=table, name=one.name, rows=rows, bytes=path.stat().st_size, sha256=sha256(path))
        if one.table == table
        else one
        for one in old.parts
    )
    counts = {table: rows} if table in ("recordings", "failures", "beats") else {}
    recommitted(made, old.model_copy(update={"parts": parts, **counts}), number)


def recommitted(made: small_archive.Made, changed: Commit, number: int = 0) -> None:
    path = Path(made.address) / commit_name(key(made, number))
    path.write_text(changed.model_dump_json())


def test_a_recording_without_its_row_is_found(made: small_archive.Made) -> None:
    rewritten(made, "recordings", lambda rows: rows.slice(1))
    found = faults(made)
    name = commit_name(key(made, 0))
    assert found[0].startswith(
        f"{made.address}/{name}: 1 of 2 recordings are in neither recordings nor failures, first "
        "ward/r0.edf; delete commits/"
    )
    lost = made.shards[0].entries[0].id
    for table in ("annotations", "beats", "hours", "rhythm"):
        what = f"{table} has rows of {lost}, which is none of its recordings"
        assert any(what in fault for fault in found)


def test_a_recording_with_two_rows_is_found(made: small_archive.Made) -> None:
    rewritten(made, "recordings", lambda rows: pa.concat_tables([rows, rows.slice(1)]))
    (fault,) = faults(made)
    assert "1 of 2 recordings are more than once in recordings and failures, first ward/r1" in fault


def test_a_recording_that_is_labelled_and_failed_is_found(made: small_archive.Made) -> None:
    bad, off = (entry.id for entry in reversed(made.shards[1].entries))
    ids = pa.array([bad, off])
    rewritten(
        made, "failures", lambda rows: pa.concat_tables([rows, rows]).set_column(0, "id", ids), 1
    )
    (fault,) = faults(made)
    assert (
        "1 of 2 recordings are more than once in recordings and failures, first ward/off" in fault
    )


def test_rows_of_another_recording_are_found(made: small_archive.Made) -> None:
    stranger = "0123456789abcdef"
    rewritten(
        made,
        "hours",
        lambda rows: rows.set_column(0, "id", pa.array([stranger] * rows.num_rows)),
    )
    (fault,) = faults(made)
    assert f"hours has rows of {stranger}, which is none of its recordings; delete" in fault


def test_a_lost_beat_is_found(made: small_archive.Made) -> None:
    rewritten(made, "beats", lambda rows: rows.slice(1))
    (fault,) = faults(made)
    beats = len(made.results[made.shards[0].entries[0].id].beats)
    assert f"beats has {beats - 1} rows of ward/r0.edf, for which recordings tells {beats}" in fault


def test_a_commit_that_counts_otherwise_is_found(made: small_archive.Made) -> None:
    old = commit(made)
    recommitted(made, old.model_copy(update={"beats": old.beats + 1, "shard": 5}))
    first, second = faults(made)
    assert f"counts {old.beats + 1:,} beats for {old.beats:,} that its parts have; delete" in first
    assert "says that it is of shard 5, expected 0; delete" in second


def test_rows_that_are_not_those_of_the_commit_are_found(made: small_archive.Made) -> None:
    old = commit(made)
    less = tuple(
        one.model_copy(update={"rows": one.rows - 1}) if one.table == "rhythm" else one
        for one in old.parts
    )
    rows = next(one.rows for one in old.parts if one.table == "rhythm")
    recommitted(made, old.model_copy(update={"parts": less}))
    (fault,) = faults(made)
    assert f"has {rows} rows, expected {rows - 1}; delete" in fault


def test_damaged_and_strange_commits_are_found(made: small_archive.Made) -> None:
    name = commit_name(key(made, 0))
    (Path(made.address) / name).write_text('{"key": "')
    stranger = commit(made, 1).model_copy(update={"key": "f" * 64})
    other = Path(made.address) / commit_name("f" * 64)
    other.write_text(stranger.model_dump_json())
    first, second = faults(made)
    assert first.startswith(f"{made.address}/{name} is no commit")
    assert second.startswith(f"{other} is of no shard of the plan; delete it")


@pytest.mark.parametrize(
    ("stretches", "said"),
    [
        ([0, 1], ""),
        ([0], "looks has 0 rows of stretch 1 of ward/long.edf, expected 1"),
        ([0, 1, 1], "looks has 2 rows of stretch 1 of ward/long.edf, expected 1"),
        ([0, 1, 2], "looks has 1 rows of stretch 2 of "),
    ],
)
def test_stretches_are_there_once_and_joined(
    tmp_path: Path, stretches: list[int], said: str
) -> None:
    whole = small_archive.entry("ward/long.edf")
    looked = Shard(0, tuple(replace(whole, stretch=k, of=2) for k in range(2)))
    joined = Shard(1, (replace(whole, stretch=2, of=2),), needs=(0,))
    opened = archive_made.archive(tmp_path / "store", [], shards=[looked, joined])
    describes = opened.plan.describes()
    looks = pa.table({"id": [whole.id] * len(stretches), "stretch": stretches})
    parquet.write_table(looks, tmp_path / "looks.parquet")
    nothing = PartWriter(tmp_path)
    publish(
        opened.files, looked, looked.key(describes), {"looks": tmp_path / "looks.parquet"},
        nothing.counts,
    )  # fmt: skip
    assert "so 1 recordings are neither" in verify(opened.files.address).faults[-1]
    writer = PartWriter(tmp_path)
    writer.add({"failures": failure(joined.entries[0], "ward/long.edf is cut off")})
    publish(opened.files, joined, joined.key(describes), writer.close(), writer.counts)
    found = verify(opened.files.address)
    assert (found.recordings, found.failures, found.committed) == (1, 1, 2)
    assert len(found.faults) == bool(said)
    assert all(said in fault for fault in found.faults)


def test_a_snapshot_is_read_as_well(made: small_archive.Made) -> None:
    snapshot = finalize(made.address)
    path = Path(made.address) / snapshot.names("beats")[0]
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    page = Path(made.address) / snapshot.page.name
    page.write_text("another page")
    first, second = faults(made)
    assert first.startswith(f"{path} is not as it was written")
    assert first.endswith(
        "; delete snapshots/0001.json and make another with: ectopy archive finalize"
    )
    assert second.startswith(f"{page} has 12 bytes, expected")


def test_a_snapshot_that_holds_less_is_found(made: small_archive.Made) -> None:
    open_files(made.address).delete(commit_name(key(made, 1)))
    finalize(made.address, partial=True)
    assert len(faults(made)) == 1  # the shard that has no commit
    made.commit(1)
    (fault,) = faults(made)
    assert fault.endswith(
        "snapshots/0001.json holds 1 shards, and 2 are committed by now; make another with: "
        "ectopy archive finalize"
    )
    snapshot = finalize(made.address)
    assert faults(made) == ()
    (path,) = [one for one in snapshot.files if one.table == "failures"]
    name = Path(made.address) / "snapshots/0002.json"
    name.write_text(
        snapshot.model_copy(
            update={"files": tuple(one for one in snapshot.files if one != path)}
        ).model_dump_json()
    )
    (fault,) = faults(made)
    assert "does not hold each of the 4 planned recordings once; delete" in fault


def test_without_a_plan_there_is_nothing_to_prove(made: small_archive.Made, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="plan"):
        verify(tmp_path)
    (manifest,) = Path(made.address, "plan").glob("*.parquet")
    manifest.write_bytes(manifest.read_bytes()[:-1] + b"?")
    with pytest.raises(DataFormatError, match=r"is not the manifest that was planned .*; restore"):
        verify(made.address)


def test_a_store_is_proved_as_a_folder_is(
    results: list[Result], store: ObjectStore, bucket: str, tmp_path: Path
) -> None:
    made = small_archive.archive(bucket, results, tmp_path / "scratch")
    made.commit(0, 1)
    assert verify(bucket).whole
    name = next(one.name for one in commit(made).parts if one.table == "beats")
    files = open_files(bucket)
    content = bytearray(files.read(name))
    content[50] ^= 1
    files.delete(name)
    files.create(name, bytes(content))
    (fault,) = faults(made)
    assert fault.startswith(f"{bucket}/{name} is not as it was written")


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["ectopy", "archive", "verify", *words])
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_says_what_is_wrong_and_exits_with_2(
    made: small_archive.Made,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = said(monkeypatch, capsys, made.address)
    assert (code, err) == (0, "")
    assert "recordings   3 labelled, 1 failed, 0 left of 4\n" in out
    assert out.endswith("faults       0\n")
    path = part(made, "beats")
    path.unlink()
    code, out, err = said(monkeypatch, capsys, made.address)
    assert code == 2
    assert f"fault        {path} is missing" in out
    assert err == (
        f"ectopy: {made.address} has 1 faults, told above, expected none; mend them as each of "
        "them says, and verify again\n"
    )
    code, out, err = said(monkeypatch, capsys, made.address, "--json")
    told = json.loads(out)
    assert (code, told["whole"], told["labelled"]) == (2, False, 3)
    assert told["faults"][0].startswith(f"{path} is missing")

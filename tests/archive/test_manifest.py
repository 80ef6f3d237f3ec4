"""The manifest: what was written is read, all of it or a few shards, and its bytes are the same."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from archive_made import archive
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.archive import manifest
from ectopy.archive.files.open import open_files
from ectopy.archive.model import Entry, Shard
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def many(n: int, a_shard: int = 64) -> list[Shard]:
    entries = [Entry(f"{i:016x}", f"/data/{i:06}.edf", (), i, f"{i:032x}") for i in range(n)]
    return [
        Shard(number, tuple(entries[at : at + a_shard]))
        for number, at in enumerate(range(0, n, a_shard))
    ]


ENTRY = st.tuples(TEXT, st.lists(TEXT, max_size=3), st.integers(0, 2**62))


@settings(max_examples=25)
@given(st.lists(st.lists(ENTRY, min_size=1, max_size=4), max_size=4))
def test_any_entries_come_back(groups: list[list[tuple[str, list[str], int]]]) -> None:
    import pyarrow.parquet as pq

    shards = [
        Shard(
            number,
            tuple(
                Entry("ab", address, tuple(others), size, "f", stretch=size % 3, of=3)
                for address, others, size in group
            ),
            (number, number + 7) if number % 2 else (),
        )
        for number, group in enumerate(groups)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.parquet"
        first = manifest.write_local(path, shards)
        with pq.ParquetFile(path) as file:
            tables = [file.read_row_group(i) for i in range(file.num_row_groups)]
        found = [shard for table in tables for shard in manifest._shards(table, None)]
        assert found == shards
        assert manifest.write_local(path, shards) == first


def test_a_few_shards_are_found_without_reading_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    shards = many(30_000)
    files = archive(tmp_path, [], shards=shards).files
    groups: list[int] = []
    read = pq.ParquetFile.read_row_group

    def counted(self: object, i: int, **told: object) -> object:
        groups.append(i)
        return read(self, i, **told)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    assert list(manifest.read_shards(files)) == shards
    assert groups == [0, 1, 2, 3]
    groups.clear()
    assert list(manifest.read_shards(files, [300, 5, 300])) == [shards[5], shards[300]]
    assert groups == [0, 2]
    assert list(manifest.read_shards(files, [])) == []
    with pytest.raises(ConfigError, match="there is no shard 469, the plan has 0 to 468"):
        list(manifest.read_shards(files, [3, 469]))


def test_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    body = inspect.getsource(many).partition(":\n")[2]
    code = (
        "import sys; from pathlib import Path; from ectopy.archive.model import Entry, Shard\n"
        "from ectopy.archive.manifest import write_local\n"
        "def many(n: int, a_shard: int = 64):\n"
        f"{body}"
        "print(write_local(Path(sys.argv[1]), many(9000)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.strip() == manifest.write_local(tmp_path / "here", many(9000))


def test_what_is_missing_or_damaged_is_one_sentence(tmp_path: Path) -> None:
    files = open_files(tmp_path)
    with pytest.raises(DataNotFoundError, match="holds no plan, expected an archive"):
        next(manifest.read_shards(files))
    opened = archive(tmp_path, [], shards=many(100))
    name = manifest.name_of(opened.plan.manifest_sha256)
    whole = (tmp_path / name).read_bytes()
    for damaged in (whole[:200], b"", whole[:300] + b"?" + whole[301:]):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(DataFormatError, match=r"recordings-.*parquet is damaged") as told:
            list(manifest.read_shards(files))
        assert "\n" not in str(told.value)
    (tmp_path / "plan" / "plan.json").write_text('{"layout": 99}')
    with pytest.raises(DataFormatError, match=r"plan\.json is no plan of this version"):
        manifest.read_plan(files)

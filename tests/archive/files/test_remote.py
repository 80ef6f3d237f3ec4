"""An object store as the place of an archive: created once, whatever the network does."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from object_store import Fault, ObjectStore

from ectopy.archive.files import remote
from ectopy.archive.files.base import TEMPORARY, Listed
from ectopy.archive.files.open import open_files
from ectopy.errors import ConfigError, DataNotFoundError, MissingExtraError, StoreError

CONTENT = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_PAUSE_S", 0.05)


def test_a_name_is_created_once_by_a_conditional_put(
    store: ObjectStore, bucket: str, tmp_path: Path
) -> None:
    files = open_files(bucket + "/")
    (tmp_path / "part").write_bytes(CONTENT)
    assert files.create("commits/a.json", b"first")
    assert not files.create("commits/a.json", b"other")
    assert not files.create("commits/a.json", b"longer")
    assert files.create("parts/a.parquet", tmp_path / "part")
    puts = [headers for method, _, headers in store.asked if method == "PUT"]
    assert [headers.get("If-None-Match") for headers in puts] == ["*"] * 4
    assert files.read("commits/a.json") == b"first"
    assert files.read("parts/a.parquet") == CONTENT


def test_large_content_is_one_conditional_put_too(
    store: ObjectStore, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    # As if what it takes for large were not 100 MiB but 2, for which it uploads in parts.
    monkeypatch.setattr(
        s3fs.S3FileSystem._pipe_file, "__defaults__", (1 << 20, None, "overwrite"), raising=True
    )
    content = CONTENT * 20
    assert len(content) > 4 << 20
    assert open_files(bucket).create("parts/large", content)
    assert store.methods("parts/large") == ["PUT"]
    assert store.asked[0][2]["If-None-Match"] == "*"


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("kind", ["busy", "conflict", "reset", "lost", "twice", "late"])
def test_created_once_whatever_becomes_of_the_answers(
    store: ObjectStore, bucket: str, kind: str, times: int
) -> None:
    files = open_files(bucket)
    store.faults.append(Fault(kind, "PUT", "commits/a", times))
    assert files.create("commits/a", b"ours")
    store.settle()
    assert not files.create("commits/a", b"others")
    assert files.read("commits/a") == b"ours"


@pytest.mark.parametrize("kind", ["lost", "late", "twice"])
def test_what_another_created_is_not_taken_for_ours(
    store: ObjectStore, bucket: str, kind: str
) -> None:
    files = open_files(bucket)
    assert files.create("commits/a", b"theirs")
    store.faults.append(Fault(kind, "PUT", "commits/a"))
    assert not files.create("commits/a", b"ours..")
    store.settle()
    assert files.read("commits/a") == b"theirs"


@pytest.mark.parametrize("kind", ["", "lost", "late", "busy"])
def test_of_eight_threads_one_wins(store: ObjectStore, bucket: str, kind: str) -> None:
    files, barrier = open_files(bucket), threading.Barrier(8)
    store.faults.append(Fault(kind, "PUT", "commits/a", 3 if kind else 0))

    def create(writer: int) -> bool:
        barrier.wait()
        return files.create("commits/a", b"%d" % writer)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(create, range(8)))
    store.settle()
    assert sum(won) == 1
    assert files.read("commits/a") == b"%d" % won.index(True)


@pytest.mark.parametrize("kind", ["busy", "reset", "lost", "cut", "slow"])
def test_reading_goes_on_whatever_becomes_of_the_answers(
    store: ObjectStore, bucket: str, kind: str
) -> None:
    files = open_files(bucket)
    for name in ("c/a", "c/b"):
        assert files.create(name, CONTENT)
    reads: list[Callable[[], Any]] = [
        lambda: files.read("c/a") == CONTENT,
        lambda: dict(files.read_all(["c/a", "c/b"])) == {"c/a": CONTENT, "c/b": CONTENT},
        lambda: files.open("c/b").read() == CONTENT,
        lambda: list(files.list("c")) == [Listed("c/a", 256_000), Listed("c/b", 256_000)],
    ]
    for read in reads:
        store.faults[:] = [Fault(kind, "GET")]
        assert read()
        assert not store.faults[0].times


def test_files_are_found_read_and_deleted(store: ObjectStore, bucket: str) -> None:
    files = open_files(bucket)
    for name in ("parts/rhythm/b", "parts/beats/c", "parts/beats/a", "partsandmore/x"):
        assert files.create(name, name.encode())
    assert list(files.list("parts")) == [
        Listed("parts/beats/a", 13),
        Listed("parts/beats/c", 13),
        Listed("parts/rhythm/b", 14),
    ]
    assert files.create("parts/beats/later", b"1")  # no listing is remembered
    assert [f.name for f in files.list("parts/beats")][-1] == "parts/beats/later"
    assert list(files.list("nowhere")) == []
    assert files.exists("parts/beats/a")
    assert not files.exists("parts/beats")
    assert abs(files.changed_s("parts/beats/a") - files.changed_s("parts/rhythm/b")) < 60
    files.delete("parts/beats/a")
    files.delete("parts/beats/a")
    assert not files.exists("parts/beats/a")
    for ask in (files.read, files.open, files.changed_s):
        with pytest.raises(DataNotFoundError, match=rf"{bucket}/parts/beats/a not found, expect"):
            ask("parts/beats/a")


def test_ranges_of_a_file_are_read(store: ObjectStore, bucket: str) -> None:
    files = open_files(bucket)
    assert files.create("a", CONTENT)
    with files.open("a") as file:
        file.seek(-300, 2)
        assert file.read(44) == CONTENT[-300:-256]
        assert file.tell() == len(CONTENT) - 256
        assert file.read() == CONTENT[-256:]
        assert file.read() == b""
        file.seek(0)
        assert hashlib.file_digest(file, "md5").digest() == hashlib.md5(CONTENT).digest()


def test_an_opened_store_goes_to_another_process(store: ObjectStore, bucket: str) -> None:
    files = open_files(bucket)
    again = pickle.loads(pickle.dumps(files))
    assert again == files == open_files(files.address)
    assert again.create("a", b"content")
    assert files.read("a") == b"content"


@pytest.mark.parametrize("kind", ["", "lost", "twice", "late", "busy"])
def test_a_store_that_honours_the_condition_is_taken(
    store: ObjectStore, bucket: str, kind: str
) -> None:
    files = open_files(bucket)
    store.faults.append(Fault(kind, "PUT", "probe", 2 if kind else 0))
    files.probe()
    store.settle()
    if kind != "late":  # a late one may come after all is cleared away; gc finds it
        assert list(files.list(TEMPORARY)) == []


def test_a_store_that_ignores_the_condition_is_refused(store: ObjectStore, bucket: str) -> None:
    store.faults.append(Fault("unconditional", times=100))
    files = open_files(bucket)
    with pytest.raises(ConfigError, match="let a second writer create a file that was") as raised:
        files.probe()
    assert raised.value.change == ("out",)
    assert list(files.list(TEMPORARY)) == []


def _ignores(self: Any, path: str, data: bytes, mode: str = "", **options: Any) -> Any:
    return self.put_in_any_case(path, data, **options)


async def _looks_first(self: Any, path: str, data: bytes, mode: str = "", **options: Any) -> Any:
    if mode == "create" and await self._exists(path):
        raise FileExistsError(path)
    return await self.put_in_any_case(path, data, **options)


async def _knows_none(self: Any, path: str, data: bytes) -> None: ...


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (_ignores, "let a second writer create"),
        (_looks_first, "let a second writer create"),
        (_knows_none, "cannot create a file on condition that there is none .* newer one"),
    ],
)
def test_a_driver_that_ignores_the_condition_is_refused(
    store: ObjectStore, bucket: str, monkeypatch: pytest.MonkeyPatch, driver: Any, said: str
) -> None:
    import s3fs

    kind = s3fs.S3FileSystem
    monkeypatch.setattr(kind, "put_in_any_case", kind._pipe_file, raising=False)
    monkeypatch.setattr(kind, "_pipe_file", driver)
    monkeypatch.setattr(kind, "cachable", False)  # one that was opened before knows how
    with pytest.raises(ConfigError, match=said):
        open_files(bucket).probe()


def test_a_store_that_stays_busy_is_an_error_of_one_sentence(
    store: ObjectStore, bucket: str
) -> None:
    store.faults += [Fault("conflict", method, "commits", 1000) for method in ("PUT", "GET")]
    files = open_files(bucket)
    for ask in (lambda: files.create("commits/a", b"x"), lambda: files.read("commits/a")):
        with pytest.raises(StoreError, match=r"did not do what was .* for commits/a .*; see that"):
            ask()


def test_what_is_not_allowed_is_not_tried_again(store: ObjectStore, bucket: str) -> None:
    store.faults += [Fault(kind, method, times=99) for kind, method in [("denied", "PUT")]]
    with pytest.raises(StoreError, match=r"\(PermissionError: told so by a test\); see"):
        open_files(bucket).create("commits/a", b"x")
    assert store.methods("commits/a").count("PUT") == 1


def test_a_store_that_is_not_there_is_not_tried_for_long(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(s3fs.S3FileSystem, "cachable", False)
    monkeypatch.setattr(remote, "_PAUSE_S", 1000)
    with pytest.raises(StoreError, match=r"Could not connect .* see that it answers"):
        open_files("s3://bucket/a").create("commits/a", b"x")


def test_a_bucket_that_is_not_there(store: ObjectStore) -> None:
    with pytest.raises(StoreError, match="there is no such bucket"):
        open_files("s3://nobodys-bucket/a").probe()


def test_addresses_that_are_none_of_a_store() -> None:
    for address in ("sftp://host/folder", "https://host/folder", "simplecache::s3://bucket/a"):
        with pytest.raises(ConfigError, match="is no place for an archive, expected a folder or"):
            open_files(address)
    with pytest.raises(ConfigError, match="names no bucket"):
        open_files("s3://")


@pytest.mark.skipif(find_spec("gcsfs") is not None, reason="the driver is installed")
def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(MissingExtraError, match=r'pip install "ectopy\[archive\]" "gcsfs"'):
        open_files("gs://bucket/a")

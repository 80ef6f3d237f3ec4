"""Recordings in object stores and on web servers, asked for as fsspec opens them."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from object_store import Fault, ObjectStore

from ectopy.archive.sources.found import Found, Told
from ectopy.archive.sources.search import search
from ectopy.errors import ConfigError, DataNotFoundError, StoreError

pytest.importorskip("fsspec")

EDF = b"0       cut off"
TABLE = b"II\n" + b"".join(b"%.4f\n" % x for x in np.sin(np.arange(100) / 9))
TREE = {
    "100.hea": b"100 1 250 500\n100.dat 16 200/mV 16 0 0 0 0 II\n",
    "100.dat": bytes(1000),
    "100.atr": b"\x12\x04\x00\x00",
    "ward/long.hea": b"long/2 1 250 1000\nlong_1 500\nlong_2 500\n",
    "ward/long_1.hea": b"long_1 1 250 500\nlong_1.dat 16\n",
    "ward/long_1.dat": bytes(1000),
    "ward/long_2.hea": b"long_2 1 250 500\nlong_2.dat 16\n",
    "ward/long_2.dat": bytes(1000),
    "ward/deep/holter.edf": EDF,
    "ward/deep/trace.csv": TABLE,
    "ward/ages.csv": b"patient,age\n1,71\n2,64\n",
    "ward/.hidden/a.edf": EDF,
    "README.md": b"# Read me\n",
    "old/store/plan/plan.json": b"{}",
    "old/store/parts/x.parquet": b"PAR1",
    "old/a.edf": EDF,
}
BELOW = ["100.hea", "old/a.edf", "ward/deep/holter.edf", "ward/deep/trace.csv", "ward/long.hea"]


@pytest.fixture
def memory() -> Iterator[str]:
    """Give the address of a tree in memory."""
    from fsspec.implementations.memory import MemoryFileSystem

    fs = MemoryFileSystem()
    for name, content in TREE.items():
        fs.pipe_file(f"/data/{name}", content)
    yield "memory:///data"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Give the address of a tree on a web server."""
    for name, content in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def found(*sources: str | Path, leave_out: str = "") -> tuple[list[Found], Told]:
    told = Told()
    return list(search(map(str, sources), told, leave_out)), told


def names(recordings: list[Found], top: str) -> list[str]:
    return sorted(each.address.removeprefix(f"{top}/") for each in recordings)


def test_a_folder_of_a_store_is_searched_below(memory: str) -> None:
    recordings, told = found(memory)
    assert names(recordings, memory) == BELOW
    assert sorted(each.rpartition("/")[2] for each in told.skipped.first) == [
        "README.md", "ages.csv",
    ]  # fmt: skip
    by_name = {each.address.removeprefix(f"{memory}/"): each for each in recordings}
    long = by_name["ward/long.hea"]
    assert long.others == ("long_1.hea", "long_1.dat", "long_2.hea", "long_2.dat")
    files = ("ward/long.hea", *(f"ward/{name}" for name in long.others))
    assert long.size == sum(len(TREE[name]) for name in files)
    assert long.seconds == 4.0
    assert len({each.fingerprint for each in recordings}) == len(BELOW)
    assert found(f"{memory}/old/store") == ([], Told())
    without = found(memory, leave_out=f"{memory}/ward")[0]
    assert names(without, memory) == BELOW[:2]


def test_patterns_and_single_recordings(memory: str) -> None:
    assert names(found(f"{memory}/**/*.edf")[0], memory) == [
        "old/a.edf", "ward/.hidden/a.edf", "ward/deep/holter.edf",
    ]  # fmt: skip
    whole = {each.address: each for each in found(memory)[0]}
    for name in ("100", "100.hea", "100.dat", "ward/long", "ward/deep/holter.edf"):
        (each,) = found(f"{memory}/{name}")[0]
        assert whole[each.address] == each
    for source, said in (("nothing*", "matches no file"), ("nowhere", "nowhere not found")):
        with pytest.raises(DataNotFoundError, match=said):
            found(f"{memory}/{source}")
    with pytest.raises(ConfigError, match="cannot be opened"):
        found("nonsense://a/b.edf")


def test_a_list_of_addresses_elsewhere(memory: str, tmp_path: Path) -> None:
    text = tmp_path / "list.txt"
    wanted = [f"{memory}/{name}" for name in ("100.dat", "100.atr", "typo.edf", "ward/long")]
    text.write_text("\n".join(wanted))
    recordings, told = found(text)
    assert names(recordings, memory) == ["100.hea", "typo.edf", "ward/long.hea"]
    assert told.missing.first == [f"{memory}/typo.edf"]
    whole = {each.address: each for each in found(memory)[0]}
    assert all(each == whole[each.address] for each in recordings if "typo" not in each.address)


def test_many_folders_are_asked_side_by_side_and_given_in_order(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    fs = fsspec.filesystem("memory")
    header = TREE["100.hea"]
    for n in range(100):
        fs.pipe({f"/data/p/{n:03}/100.hea": header, f"/data/p/{n:03}/100.dat": bytes(n)})
    read = MemoryFileSystem.cat_file

    def slow(self: MemoryFileSystem, path: str, **told: object) -> bytes:
        time.sleep(0.02)
        content: bytes = read(self, path, **told)
        return content

    monkeypatch.setattr(MemoryFileSystem, "cat_file", slow)
    begun = time.perf_counter()
    recordings, _ = found(f"{memory}/p")
    assert time.perf_counter() - begun < 1  # one after the other would take 2 s
    assert [each.size - len(header) for each in recordings] == list(range(100))
    wanted = [each.address for each in recordings] + [f"{memory}/p/{n}/no.edf" for n in range(9)]
    (tmp_path / "list.txt").write_text("\n".join(wanted))
    listed, told = found(tmp_path / "list.txt")
    assert listed[:100] == recordings
    assert (told.missing.number, told.missing.first) == (9, wanted[100:105])
    assert found(f"{memory}/p/*/*.dat")[0] == recordings


def test_a_change_in_the_store_is_seen(memory: str) -> None:
    import fsspec

    before = {each.address: each.fingerprint for each in found(memory)[0]}
    fsspec.filesystem("memory").pipe_file("/data/ward/long_2.dat", bytes(1000))
    after = {each.address: each.fingerprint for each in found(memory)[0]}
    assert {name for name in before if before[name] != after[name]} == {f"{memory}/ward/long.hea"}


def test_web_servers(server: str, tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    recordings, _ = found(f"{server}/")
    assert names(recordings, server) == BELOW
    sizes = {each.address.removeprefix(f"{server}/"): each.size for each in recordings}
    assert sizes["ward/deep/holter.edf"] == len(EDF)
    (tmp_path / "list.txt").write_text(f"{server}/100.hea\n{server}/nowhere.edf\n")
    recordings, told = found(tmp_path / "list.txt")
    assert (recordings[0].size, recordings[0].others) == (1000 + len(TREE["100.hea"]), ("100.dat",))
    assert told.missing.number == 1
    with pytest.raises(DataNotFoundError, match=r"nowhere\.edf not found"):
        found(f"{server}/nowhere.edf")


def test_an_object_store(store: ObjectStore, tmp_path: Path) -> None:
    import s3fs

    top = f"s3://{store.make_bucket('sources')}/data"
    fs = s3fs.S3FileSystem()
    fs.pipe({f"sources/data/{name}": content for name, content in TREE.items()})
    store.asked.clear()
    recordings, told = found(top)
    assert names(recordings, top) == BELOW
    assert told.skipped.number == 2
    read = [path for method, path, _ in store.asked if method == "GET" and "list-type" not in path]
    assert read
    assert not any(".edf" in path or ".dat" in path for path in read)
    whole = {each.address: each for each in recordings}
    (tmp_path / "list.txt").write_text("\n".join([*whole, f"{top}/typo.edf"]))
    listed, told = found(tmp_path / "list.txt")
    assert {each.address: each for each in listed if "typo" not in each.address} == whole
    assert told.missing.first == [f"{top}/typo.edf"]
    assert names(found(f"{top}/*.hea")[0], top) == ["100.hea"]
    fs.pipe("sources/data/100.dat", bytes(999))
    after = {each.address: each for each in found(top)[0]}
    assert [name for name in whole if after[name] != whole[name]] == [f"{top}/100.hea"]
    store.faults += [Fault("denied", method, "gone", 99) for method in ("HEAD", "GET")]
    with pytest.raises(StoreError, match=r"could not be asked for: .*see that the store answers"):
        found(f"{top}/gone")

"""Downloads from a local server that misbehaves in every way we have met."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.datasets.conftest import Server

from ectopy.datasets import download
from ectopy.datasets.download import Remote, fetch, fetch_database
from ectopy.errors import DownloadError

BODY = bytes(range(256)) * 2_000  # half a megabyte
CUT = 20 * download._CHUNK
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server(server: Server) -> Server:
    server.files["file.bin"] = BODY
    return server


def _remote(server: Server, name: str = "file.bin", sha: str | None = SHA) -> Remote:
    return Remote(name, (server.url + name,), sha)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_and_is_not_fetched_twice(server: Server, tmp_path: Path) -> None:
    fetch([_remote(server)], tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder" / "file.bin").read_bytes() == BODY
    fetch([_remote(server)], tmp_path / "new" / "folder")
    assert len(server.asked) == 1
    assert _left(tmp_path / "new" / "folder") == ["file.bin"]


def test_a_damaged_file_in_place_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(BODY[:-1])
    fetch([_remote(server)], tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_cut_off_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cuts = [CUT, 2 * download._CHUNK]
    fetch([_remote(server)], tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == BODY
    begins = [int(span.split("=")[1].rstrip("-")) for _, span in server.asked[1:] if span]
    assert begins == [CUT, CUT + 2 * download._CHUNK]
    assert _left(tmp_path) == ["file.bin"]


def test_a_later_run_goes_on_too(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.cuts = [CUT]
    with pytest.raises(DownloadError, match=r"file\.bin could not.*127\.0\.0\.1.*cut off"):
        fetch([_remote(server)], tmp_path)
    assert not (tmp_path / "file.bin").exists()
    fetch([_remote(server)], tmp_path)
    assert server.asked[-1] == ("file.bin", f"bytes={CUT}-")
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_server_without_ranges_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.cuts = [CUT]
    fetch([_remote(server)], tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_part_of_another_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    for wrong in (b"x" * 1000, b"x" * len(BODY), b"x" * 2 * len(BODY)):
        (tmp_path / "file.bin").unlink(missing_ok=True)
        (tmp_path / ".file.bin.part").write_bytes(wrong)
        fetch([_remote(server)], tmp_path)
        assert (tmp_path / "file.bin").read_bytes() == BODY
        assert _left(tmp_path) == ["file.bin"]


def test_a_server_that_sends_another_range_is_refused(server: Server, tmp_path: Path) -> None:
    server.lies_about_ranges = True
    (tmp_path / ".file.bin.part").write_bytes(BODY[:1000])
    with pytest.raises(DownloadError, match="other bytes than were asked for"):
        fetch([_remote(server)], tmp_path)
    assert not (tmp_path / "file.bin").exists()


def test_wrong_bytes_never_come_into_place(server: Server, tmp_path: Path) -> None:
    server.files["file.bin"] = BODY[:-1] + b"!"
    (tmp_path / "file.bin").write_bytes(b"what was there before")
    with pytest.raises(DownloadError, match="does not have the published SHA-256") as error:
        fetch([_remote(server)], tmp_path)
    assert "\n" not in str(error.value)
    assert (tmp_path / "file.bin").read_bytes() == b"what was there before"
    assert _left(tmp_path) == ["file.bin"]


def test_a_web_page_with_200_is_refused(server: Server, tmp_path: Path) -> None:
    server.html_for_missing = True
    with pytest.raises(DownloadError, match="does not have the published SHA-256"):
        fetch([_remote(server, "other.bin")], tmp_path)
    assert _left(tmp_path) == []


def test_a_missing_file_and_no_server_say_so(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="the server answered 404"):
        fetch([_remote(server, "other.bin")], tmp_path)
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9: no connection"):
        fetch([Remote("file.bin", ("http://127.0.0.1:9/file.bin",), SHA)], tmp_path)


def test_the_next_mirror_is_asked(server: Server, tmp_path: Path) -> None:
    urls = ("http://127.0.0.1:9/file.bin", server.url + "gone.bin", server.url + "file.bin")
    fetch([Remote("file.bin", urls, SHA)], tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_server_that_stalls_times_out(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setattr(download, "TIMEOUT_S", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file.bin"
        with pytest.raises(DownloadError, match=r"no answer within 0\.2 s"):
            fetch([Remote("file.bin", (url,), SHA)], tmp_path)


def _database(server: Server, records: int = 12) -> dict[str, bytes]:
    names = [str(100 + i) for i in range(records)]
    files = {
        f"{name}{end}": f"{name}{end}".encode() * 999 for name in names for end in (".d", ".a")
    }
    sums = "".join(f"{hashlib.sha256(body).hexdigest()} {name}\n" for name, body in files.items())
    server.files = {
        **{f"db/{name}": body for name, body in files.items()},
        "db/RECORDS": "\n".join(names).encode(),
        "db/SHA256SUMS.txt": sums.encode(),
    }
    return files


def test_a_database_comes_whole_and_a_broken_one_is_marked(server: Server, tmp_path: Path) -> None:
    files = _database(server)
    missing = server.files.pop("db/105.a")
    folder = tmp_path / "db"
    with pytest.raises(DownloadError, match=r"105\.a could not be downloaded"):
        fetch_database([server.url + "db/"], (".d", ".a"), folder)
    assert (folder / download.INCOMPLETE).exists()
    before = len([name for name, _ in server.asked if name == "db/100.d"])
    server.files["db/105.a"] = missing
    fetch_database(["http://127.0.0.1:9/", server.url + "db/"], (".d", ".a"), folder)
    assert len([name for name, _ in server.asked if name == "db/100.d"]) == before
    assert not (folder / download.INCOMPLETE).exists()
    assert _left(folder) == sorted([*files, "RECORDS", "SHA256SUMS.txt"])
    for name, body in files.items():
        assert (folder / name).read_bytes() == body


def test_a_list_that_is_a_web_page_is_refused(server: Server, tmp_path: Path) -> None:
    server.html_for_missing = True
    with pytest.raises(DownloadError, match=r"(SHA256SUMS\.txt|RECORDS).*it is not a list of"):
        fetch_database([server.url + "nowhere/"], (".d",), tmp_path / "db")
    _database(server)
    server.files["db/RECORDS"] = b"../../etc/passwd"
    with pytest.raises(DownloadError, match=r"RECORDS.*not a list of records"):
        fetch_database([server.url + "db/"], (".d",), tmp_path / "db")


def test_a_file_without_a_published_checksum_is_refused(server: Server, tmp_path: Path) -> None:
    _database(server)
    server.files["db/RECORDS"] += b"\n999"
    with pytest.raises(DownloadError, match=r"no checksum for 999\.d"):
        fetch_database([server.url + "db/"], (".d",), tmp_path / "db")


def test_a_folder_that_cannot_be_written_to_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be written to"):
        fetch([_remote(server)], tmp_path / "file" / "folder")


def test_the_failure_is_reported_not_the_files_it_stopped(server: Server, tmp_path: Path) -> None:
    server.files |= {f"{i}.bin": BODY for i in range(8)}
    files = [_remote(server, f"{i}.bin") for i in range(8)]
    files.insert(2, _remote(server, "gone.bin"))
    with pytest.raises(DownloadError, match=r"gone\.bin .* answered 404"):
        fetch(files, tmp_path)
    fetch([file for file in files if file.name != "gone.bin"], tmp_path)
    assert len(_left(tmp_path)) == 8


def test_a_bar_is_drawn_on_a_terminal(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fetch([_remote(server)], tmp_path / "quiet")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    fetch([_remote(server)], tmp_path / "loud", title="my files")
    drawn = capsys.readouterr().err
    assert "my files" in drawn
    assert "0.5 MB" in drawn

"""An archive whose recordings are listed, found, and opened: in place, or fetched."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from app_session import API, Client
from browser_site import chromium, served
from pages_walk import watched
from system_chromium import CHROMIUM

import ectopy
from ectopy.app.archived import Archived
from ectopy.app.create import create_app
from ectopy.archive.finalize import finalize
from ectopy.archive.listing import Listing
from ectopy.archive.manifest import read_shards
from ectopy.archive.planning import plan
from ectopy.archive.work import Task, work
from ectopy.errors import DataNotFoundError
from ectopy.recordings.wfdb.write import write_record
from ectopy.review.service import Review
from ectopy.review.store import Store
from ectopy.runtime.bundle import PACKAGED


def made(source: str | Path, out: Path, **options: Any) -> Path:
    """Label what is there, as `ectopy archive` does."""
    planned = plan(source, out, **options)
    from ectopy.archive.files.open import open_files

    for shard in read_shards(open_files(out)):
        work(Task(str(out), planned.plan, shard))
    finalize(out)
    return out


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give three recordings and one that cannot be read."""
    folder = tmp_path_factory.mktemp("ward")
    for number in range(3):
        recording, _ = ectopy.simulate(30 if number else 60, rng=np.random.default_rng(number))
        write_record(folder / f"bed{number}", replace(recording, name="ecg"), "ecg")
    (folder / "broken.edf").write_bytes(b"0       " + b" " * 248 + b"none")
    return folder


@pytest.fixture(scope="module")
def archive(ward: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = ectopy.Settings(pause_s=1.5)
    return made(ward, tmp_path_factory.mktemp("archive") / "store", settings=settings)


@pytest.fixture
def client(archive: Path, tmp_path: Path) -> Iterator[Client]:
    yield from serving(archive, tmp_path)


def serving(archive: Path, tmp_path: Path) -> Iterator[Client]:
    review = Review(Store(tmp_path / "store"))
    listing = Listing(archive)
    with start_blocking_portal() as portal:
        yield Client(create_app(review, archived=Archived(listing, review)), portal)
        listing.close()
        review.close()


def ready(client: Client, recording: str) -> Any:
    """Wait for the end of an analysis."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        row = client.get(f"{API}/recordings/{recording}").json()
        if row["state"] in ("ready", "failed"):
            return row
        time.sleep(0.05)
    raise AssertionError("it took too long")


def test_it_is_listed_and_found_and_opened_as_it_was_planned(
    client: Client, archive: Path, ward: Path
) -> None:
    found = client.get(f"{API}/archive").json()
    assert (found["there"], found["recordings"], found["note"]) == (True, 3, "")
    weights = [bool(line["why"]) for line in found["lines"]]
    assert weights == sorted(weights, reverse=True)
    assert found["lines"][0]["address"] == str(ward / "bed0" / "ecg.hea")
    assert "1 VE run" in found["lines"][0]["why"]
    paged = [client.get(f"{API}/archive?after={i}&count=1").json() for i in range(4)]
    assert [line for page in paged for line in page["lines"]] == found["lines"]
    assert {page["recordings"] for page in paged} == {3}
    (line,) = client.get(f"{API}/archive", params={"find": "BED1"}).json()["lines"]
    assert line["address"] == str(ward / "bed1" / "ecg.hea")
    assert client.get(f"{API}/archive?find=100%25").json()["recordings"] == 0

    answer = client.post(f"{API}/archive/{line['id']}")
    assert answer.status_code == 202, answer.text
    row = ready(client, answer.json()["id"])
    assert (row["state"], row["name"]) == ("ready", "ecg")
    signal = client.get(f"{API}/recordings/{row['id']}/signal").json()
    assert signal["beats"] == line["beats"]
    summary = client.get(f"{API}/recordings/{row['id']}/summary").json()
    assert summary["settings"]["pause_s"] == 1.5
    # Asked for again it is the same, with all that was corrected in it.
    assert client.post(f"{API}/archive/{line['id']}").json()["id"] == row["id"]
    (again,) = client.get(f"{API}/archive?find=bed1").json()["lines"]
    assert again["opened"] == row["id"]


def test_what_cannot_be_opened_is_said_in_a_sentence(
    ward: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ward"
    recording, _ = ectopy.simulate(20, rng=np.random.default_rng(0))
    for name in ("a", "b"):
        write_record(folder, replace(recording, name=name), name)
    for client in serving(made(folder, tmp_path / "archive"), tmp_path):
        lines = {x["name"]: x["id"] for x in client.get(f"{API}/archive").json()["lines"]}
        (folder / "a.dat").unlink()
        (folder / "b.dat").write_bytes((folder / "b.dat").read_bytes()[:-2])
        for name in "ab":
            answer = client.post(f"{API}/archive/{lines[name]}")
            assert answer.status_code == 400
            assert "changed since it was planned" in answer.json()["error"]
        answer = client.post(f"{API}/archive/{'0' * 16}")
        assert answer.status_code == 404
        assert "no such recording" in answer.json()["error"]
        assert client.get(f"{API}/recordings").json() == []
        from ectopy.archive import listing

        monkeypatch.setattr(listing, "__version__", "99.0")
        assert "labelled by ectopy" in client.get(f"{API}/archive").json()["note"]


def test_a_recording_elsewhere_is_fetched(ward: Path, tmp_path: Path) -> None:
    import fsspec

    place = fsspec.filesystem("memory")
    place.put(str(ward / "bed2"), "/ward/bed2", recursive=True)
    try:
        store = made("memory://ward/bed2", tmp_path / "archive")
        for client in serving(store, tmp_path):
            (line,) = client.get(f"{API}/archive").json()["lines"]
            first = client.post(f"{API}/archive/{line['id']}").json()
            assert first["state"] in ("uploading", "waiting", "analysing")
            row = ready(client, first["id"])
            assert (row["state"], row["message"]) == ("ready", "")
            assert client.post(f"{API}/archive/{line['id']}").json()["id"] == row["id"]
            kept = tmp_path / "store" / "recordings" / row["id"]
            assert sorted(path.name for path in (kept / "fetched").iterdir()) == [
                "ecg.dat", "ecg.hea",
            ]  # fmt: skip
            client.delete(f"{API}/recordings/{row['id']}")
            assert not kept.exists()
            place.rm("/ward", recursive=True)
            gone = ready(client, client.post(f"{API}/archive/{line['id']}").json()["id"])
            assert gone["state"] == "failed"
            assert "is not there, though it is in the plan" in gone["message"]
    finally:
        if place.exists("/ward"):
            place.rm("/ward", recursive=True)


def test_weights_of_ones_own_label_and_explain_though_the_archive_is_gone(
    ward: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(PACKAGED / "ds1", mine)
    told = (mine / "bundle.json").read_text()
    (mine / "bundle.json").write_text(told.replace('"ds1"', '"mine"', 1))
    store = made(ward / "bed0", tmp_path / "archive", weights=mine)
    for client in serving(store, tmp_path):
        (line,) = client.get(f"{API}/archive").json()["lines"]
        row = ready(client, client.post(f"{API}/archive/{line['id']}").json()["id"])
        assert (row["state"], row["message"]) == ("ready", "")
        shutil.rmtree(mine)
        shutil.rmtree(store)
        at = f"{API}/recordings/{row['id']}"
        summary = client.get(f"{at}/summary").json()
        assert summary["labelled_by"]["name"] == "mine"
        beat = client.get(f"{at}/beats", params={"limit": 5}).json()["beats"][4]
        answer = client.get(f"{at}/why/{beat['sample']}")
        assert answer.status_code == 200, answer.text


def test_a_server_without_an_archive_says_so(tmp_path: Path) -> None:
    review = Review(Store(tmp_path / "store"))
    with start_blocking_portal() as portal:
        client = Client(create_app(review), portal)
        assert client.get(f"{API}/archive").json()["there"] is False
        assert client.post(f"{API}/archive/{'0' * 16}").status_code == 404
        review.close()


def test_no_snapshot_is_said_before_anything_is_served(ward: Path, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="holds no plan"):
        Listing(tmp_path / "nothing")
    plan(ward, tmp_path / "archive")
    with pytest.raises(DataNotFoundError, match="no snapshot to read yet"):
        Listing(tmp_path / "archive")


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_a_reader_finds_and_opens_one_in_the_page(archive: Path, tmp_path: Path) -> None:
    review = Review(Store(tmp_path / "store"))
    app = create_app(review, archived=Archived(Listing(archive), review))
    size = {"width": 420, "height": 900}
    with (
        served(app) as address,
        chromium() as browser,
        watched(browser, address, viewport=size) as seen,
    ):
        page = seen.page
        page.goto(address)
        page.locator("#archive tbody tr").nth(2).wait_for()
        assert page.locator("#archive-where").inner_text() == "1 to 3 of 3 recordings"
        seen.axe("archive")
        page.fill("#archive-find", "nobody")
        page.get_by_text("has “nobody” in it").wait_for()
        page.fill("#archive-find", "bed2")
        page.get_by_text("1 to 1 of 1 recording").wait_for()
        page.locator("#archive").get_by_role("button", name="Open").click()
        page.wait_for_url("**/review/*", timeout=60_000)
        page.goto(address)
        page.fill("#archive-find", "bed2")
        page.get_by_role("link", name="Go on with ecg").wait_for()
        page.fill("#archive-find", "")
        page.get_by_text("1 to 3 of 3 recordings").wait_for()
        padding = "all => all.map(one => getComputedStyle(one).paddingRight)"
        actions = page.locator("#archive .actions > *").evaluate_all(padding)
        assert len({*actions}) == 1  # they stand below each other
        wide = "all => all.map(one => one.getBoundingClientRect().width)"
        assert min(page.locator("#archive .address").evaluate_all(wide)) > 200  # not torn apart
        assert seen.wrong == []

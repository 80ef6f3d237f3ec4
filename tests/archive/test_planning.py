"""A plan: what it says, written once, the same again, another one refused."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import archive_made
import numpy as np
import pytest

from ectopy.archive import manifest, weights
from ectopy.archive.model import Entry
from ectopy.archive.planning import Planned, plan
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, work
from ectopy.errors import ConfigError, DataNotFoundError, ModelError
from ectopy.recordings.open import open_recording
from ectopy.runtime.bundle import PACKAGED, Bundle


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    archive_made.recordings(folder, 5)
    return folder


def entries(store: Path) -> list[Entry]:
    files = Archive.open(store).files
    return [entry for shard in manifest.read_shards(files) for entry in shard.entries]


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_plan_says_all_that_labels_and_its_manifest_all_recordings(
    data: Path, tmp_path: Path
) -> None:
    made = plan(data, tmp_path / "store", fs_hz=250, lead="II", annotations=True)
    assert made.new
    archive = Archive.open(tmp_path / "store")
    assert archive.plan == made.plan
    found = entries(tmp_path / "store")
    assert [Path(entry.address).name for entry in found] == [f"r{i:03}.npy" for i in range(5)]
    assert made.plan.bytes == sum(path.stat().st_size for path in data.iterdir())
    told = made.plan
    assert (told.recordings, told.shards, told.sources) == (5, 5, (str(data),))
    assert (told.fs_hz, told.lead, told.annotations, told.setting) == (250, "II", True, "whole")
    assert (told.weights, told.weights_sha256) == ("default", Bundle.load().checksum)
    assert sorted(contents(tmp_path / "store")) == [
        "plan/plan.json",
        manifest.name_of(told.manifest_sha256),
    ]


def test_a_plan_never_changes(data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = plan(data, store)
    written = contents(store)
    again = plan([f"{data}/../data"], store)
    assert (first.new, again.new) == (True, False)
    np.save(data / "more.npy", np.zeros(5000))
    for changed, said in (
        ({}, "recordings"),
        ({"lead": "V1"}, "lead and recordings"),
        ({"weights": "ds1"}, "weights and weights_sha256 and recordings"),
    ):
        with pytest.raises(ConfigError, match=f"is planned already, with other {said}, and a plan"):
            plan(data, store, **changed)
    (data / "more.npy").unlink()
    (data / "r000.npy").touch()
    with pytest.raises(ConfigError, match="with other recordings"):
        plan(data, store)
    assert contents(store) == written


def test_what_a_killed_planner_left_is_in_nobodys_way(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ectopy.archive.files.local import LocalFiles

    create = LocalFiles.create

    def killed(self: LocalFiles, name: str, content: bytes | Path) -> bool:
        if name == manifest.PLAN:
            raise KeyboardInterrupt
        return create(self, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(LocalFiles, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            plan(data, tmp_path / "store")
    (data / "r004.npy").unlink()
    assert plan(data, tmp_path / "store").plan.recordings == 4
    assert len(entries(tmp_path / "store")) == 4


def test_of_two_who_plan_at_once_one_wins(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ectopy.archive.files.local import LocalFiles

    store, create = tmp_path / "store", LocalFiles.create
    others: list[Planned] = []

    def overtaken(self: LocalFiles, name: str, content: bytes | Path) -> bool:
        if name == manifest.PLAN and not others:
            others.append(Planned(None, None, new=True))  # type: ignore[arg-type]
            others[0] = plan(data, store, lead=lead)
        return create(self, name, content)

    monkeypatch.setattr(LocalFiles, "create", overtaken)
    lead: str | None = "V1"
    with pytest.raises(ConfigError, match="planned already, with other lead"):
        plan(data, store)
    assert Archive.open(store).plan == others[0].plan
    shutil.rmtree(store)
    others.clear()
    lead = None
    assert not plan(data, store).new
    assert others[0].new


def test_a_dry_run_and_what_is_refused_leave_nothing(data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    made = plan(data, store, dry_run=True)
    assert (made.plan.recordings, made.new, store.exists()) == (5, False, False)
    assert plan(data, store, dry_run=True, limit=2).plan.recordings == 2
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.txt").write_text(f"{data}/typo.npy\n{data}/gone.npy\n")
    nowhere = r"none of the recordings that .*list\.txt names is there.*typo\.npy is the first of 2"
    for sources, changed, kind, said in (
        (tmp_path / "list.txt", {}, DataNotFoundError, nowhere),
        (tmp_path / "empty", {}, DataNotFoundError, "there are no recordings in .*empty; name"),
        (tmp_path / "nowhere", {}, DataNotFoundError, "nowhere not found, expected a folder"),
        (data, {"weights": "mine"}, ModelError, "there are no weights 'mine'"),
        (data, {"units": "m"}, ConfigError, "stated units are 'm'"),
        (data, {"setting": "hole"}, ConfigError, "setting is 'hole', expected past or whole"),
    ):
        with pytest.raises(kind, match=said):
            plan(sources, store, **changed)  # type: ignore[arg-type]
        assert not (store / "plan").exists()


def test_an_archive_within_its_source_plans_none_of_its_own_files(data: Path) -> None:
    store = data / "store"
    (store / "parts").mkdir(parents=True)
    np.save(store / "parts" / "left.npy", np.zeros(5000))
    assert plan(data, store).plan.recordings == 5
    assert not plan(data, store).new


def wfdb(path: Path, hours: float) -> None:
    n = round(hours * 3600 * 250)
    path.write_text(f"{path.stem} 1 250 {n}\n{path.stem}.dat 16 200/mV 16 0 0 0 0 II\n")
    with path.with_suffix(".dat").open("wb") as stream:
        stream.truncate(2 * n)


def ishne(path: Path, hours: float) -> None:
    header = bytearray(522)
    header[:8] = b"ISHNE1.0"
    struct.pack_into("<h", header, 156, 2)
    struct.pack_into("<h", header, 272, 200)
    with path.open("wb") as stream:
        stream.write(header)
        stream.truncate(522 + round(4 * 200 * 3600 * hours))


def edf(path: Path, hours: float, *, told: bool = True) -> None:
    n = round(hours * 3600 / 10)
    fields = [
        "0".ljust(8), " " * 160, "01.01.2601.00.00", "512".ljust(8), " " * 44,
        str(n if told else -1).ljust(8), "10".ljust(8), "1".ljust(4), "II".ljust(16), " " * 80,
        "uV".ljust(8), "-3000".ljust(8), "3000".ljust(8), "-32768".ljust(8), "32767".ljust(8),
        " " * 80, "2000".ljust(8), " " * 32,
    ]  # fmt: skip
    header = "".join(fields).encode()
    assert len(header) == 512
    with path.open("wb") as stream:
        stream.write(header)
        stream.truncate(512 + n * 4000)


def test_long_recordings_are_cut_and_joined(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    wfdb(data / "day.hea", 24)
    wfdb(data / "week.hea", 7 * 24)
    (data / "unsaid.hea").write_text("unsaid 1 250\nweek.dat 16 200/mV 16 0 0 0 0 II\n")
    ishne(data / "holter.ecg", 72)
    edf(data / "patch.edf", 100)
    edf(data / "stopped.edf", 50, told=False)
    made = plan(data, tmp_path / "store")
    of = {Path(e.address).name: e.of for e in entries(tmp_path / "store")}
    assert of == {
        "day.hea": 1, "week.hea": 7, "unsaid.hea": 7, "holter.ecg": 3, "patch.edf": 4,
        "stopped.edf": 2,
    }  # fmt: skip
    assert made.plan.recordings == 6
    assert made.plan.bytes == sum(
        e.size for e in entries(tmp_path / "store") if e.of == e.stretch
    ) + (next(e.size for e in entries(tmp_path / "store") if e.of == 1))
    for name in of:  # what the first bytes say is what is found when it is opened
        if name != "holter.ecg":
            seconds = open_recording(data / name).duration_s
            assert max(1, round(seconds / 86400)) == of[name]


def test_weights_of_ones_own_come_along(data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(PACKAGED / "ds1", mine)
    told = (mine / "bundle.json").read_text()
    (mine / "bundle.json").write_text(told.replace('"ds1"', '"mine"', 1))
    own = Bundle.load(mine)
    store = tmp_path / "store"
    made = plan(data, store, weights=mine, fs_hz=250)
    assert (made.plan.weights, made.plan.weights_sha256) == ("own", own.checksum)
    assert own.checksum != Bundle.load("ds1").checksum
    shutil.rmtree(mine)
    archive = Archive.open(store)
    found = weights.planned(archive.files, made.plan)
    assert (found.name, found.checksum) == (own.name, own.checksum)
    shard = next(manifest.read_shards(archive.files))
    commit = work(Task(str(store), made.plan, shard)).commit
    assert (commit.recordings, commit.failures) == (1, 0)
    next((store / "weights").rglob("*.onnx")).write_bytes(b"changed")
    with pytest.raises(ConfigError, match="weights own are not those that"):
        weights.planned(archive.files, made.plan)

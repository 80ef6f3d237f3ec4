"""Trainings of a study on the workers of a runner: the same figures, whatever befalls workers."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from dask_processes import processes, until

from ectopy.errors import ConfigError, DataFormatError, EctopyError, RunFolderError
from ectopy.runners.base import Done
from ectopy.study.config import validate
from ectopy.study.job import OUTCOME
from ectopy.study.records.settings import RecordStudy
from ectopy.study.run import run_study
from ectopy.study.settings import StudyConfig
from ectopy.study.threads import Threads
from ectopy.study.windows.job import WindowJob

pytest.importorskip("keras")


def study(**changes: Any) -> StudyConfig:
    settings: dict[str, Any] = {
        "name": "small",
        "protocol": "pooled",
        "seeds": 2,
        "quick": True,  # coarse figures
        "data": {"name": "simulated-140", "options": {"patients": 2, "duration_s": 30}},
        "model": {"name": "beat-kernels", "options": {"centres": 20}},
        "trainer": "kernels",
    }
    return validate(settings | changes, "test")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out export and report: these tests are about neither."""
    from ectopy.report import outputs
    from ectopy.training import export

    monkeypatch.setattr(export, "to_onnx", lambda *_: 0.0)
    monkeypatch.setattr(outputs, "write_study_outputs", lambda _: [])


class Here:
    """A runner whose workers are this process, and die when they are told to."""

    workers = 2

    def __init__(self, **fates: list[str]) -> None:
        self.fates = fates
        self.begun: list[str] = []

    def run(
        self, work: Callable[[Any], Any], tasks: Iterator[Any], drain: Event
    ) -> Generator[Done[Any, Any], None, None]:
        while True:
            task = next(iter(tasks), None)
            if task is None:
                return
            name = task.unit.name
            self.begun.append(name)
            fate = self.fates[name].pop(0) if self.fates.get(name) else ""
            if fate == "dies":
                yield Done(task, died="killed by signal 9")
            elif fate == "ends":
                raise KeyboardInterrupt
            else:
                try:
                    value = pickle.loads(pickle.dumps(work(pickle.loads(pickle.dumps(task)))))
                except EctopyError as error:
                    yield Done(task, error=pickle.loads(pickle.dumps(error)))
                else:
                    yield Done(task, value=value)


def figures(folder: Path) -> tuple[bytes, dict[str, Any]]:
    told = json.loads((folder / "metrics.json").read_text())
    del told["timing"]
    return (folder / "predictions.parquet").read_bytes(), told


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run it in this process."""
    from ectopy.report import outputs
    from ectopy.training import export

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "to_onnx", lambda *_: 0.0)
        patch.setattr(outputs, "write_study_outputs", lambda _: [])
        return run_study(study(), out=tmp_path_factory.mktemp("serial") / "run")


def name(seed: int) -> str:
    return f"pooled-seed{seed}-fold0"


def test_a_run_that_was_ended_keeps_what_came_and_ends_as_the_serial_one(
    serial: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    ended = Here(**{name(0): ["dies", "ends"]})
    with pytest.raises(KeyboardInterrupt):
        run_study(study(), out=out, runner=ended)
    assert ended.begun == [name(0), name(1), name(0)]
    kept = {path.name for path in (out / ".work").iterdir() if (path / OUTCOME).is_file()}
    assert kept == {name(1)}
    again = Here(**{name(0): ["dies", "dies"]})
    assert run_study(study(), out=out, runner=again) == out
    assert again.begun == [name(0)] * 3
    assert figures(out) == figures(serial)


def test_a_training_that_always_ends_its_worker_is_given_up_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WindowJob, "run", lambda job, unit, folder, _: (folder / OUTCOME).touch())
    deadly = Here(**{name(1): ["dies"] * 9})
    with pytest.raises(EctopyError, match=r"seed1-fold0 ended its worker 3 times \(killed by s"):
        run_study(study(), out=tmp_path / "run", runner=deadly)
    assert (tmp_path / "run" / ".work" / name(0) / OUTCOME).is_file()


def test_what_only_a_worker_finds_out_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise ConfigError("this cannot be trained")

    monkeypatch.setattr(WindowJob, "run", refuses)
    with pytest.raises(ConfigError, match="this cannot be trained"):
        run_study(study(), out=tmp_path / "run", runner=Here())
    assert not (tmp_path / "run").exists()


def test_other_data_of_the_same_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Here()
    ours = iter(["here", "there"])
    monkeypatch.setattr(WindowJob, "fingerprint", lambda _: next(ours))
    with pytest.raises(DataFormatError, match="a worker finds other data of the same name"):
        run_study(study(), out=tmp_path / "run", runner=here)
    assert here.begun == [name(0)]


def test_the_folder_is_locked_while_others_work(tmp_path: Path) -> None:
    class Asking(Here):
        def run(self, *_: Any) -> Generator[Done[Any, Any], None, None]:
            run_study(study(), out=tmp_path / "run", runner=Here())
            yield from ()

    with pytest.raises(RunFolderError, match="another study"):
        run_study(study(), out=tmp_path / "run", runner=Asking())


def test_fingerprints_tell_data_apart_and_nothing_else() -> None:
    assert study(seeds=1).prepare(None).fingerprint() == study().prepare(None).fingerprint()
    other = {"name": "simulated-140", "options": {"patients": 2, "duration_s": 31}}
    assert study(data=other).prepare(None).fingerprint() != study().prepare(None).fingerprint()


def test_paths_in_a_study_hold_in_the_folder_of_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = RecordStudy(
        name="mine", protocol="record-wise", train=("ds1",), corrected=("mine",), weights="mine"
    )
    assert config.absolute().corrected == (str(tmp_path / "mine"),)
    assert study().absolute() == study()


def test_a_worker_takes_the_threads_of_the_serial_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_limits

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    told = pickle.loads(pickle.dumps(Threads.here()))
    assert told.others["OMP_NUM_THREADS"] == "3"
    assert int(told.others["TF_NUM_INTRAOP_THREADS"]) >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as Dask gives its workers
    with threadpool_limits(1):
        with told.taken():
            assert os.environ["OMP_NUM_THREADS"] == "3"
            assert Threads.here().loaded == told.loaded
        assert set(Threads.here().loaded.values()) == {1}
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert "TF_NUM_INTRAOP_THREADS" not in os.environ


def test_two_workers_of_a_dask_scheduler_give_the_figures_of_the_serial_run(
    serial: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    from ectopy.runners.dask_cluster import DaskRunner

    with processes(tmp_path) as made:
        made.scheduler()
        made.worker()
        made.worker()
        with DaskRunner(str(made.file)) as runner:
            until(lambda: runner.workers == 2)
            out = run_study(study(), out=tmp_path / "run", runner=runner)
    assert figures(out) == figures(serial)

"""`DaskRunner`, with a scheduler and workers that are processes of their own."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from cluster_tasks import Task, begun, work
from dask_processes import Processes, processes, until

from ectopy import __version__
from ectopy.errors import ClusterError, ConfigError, MissingExtraError
from ectopy.runners import dask_cluster
from ectopy.runners.dask_cluster import IN_FLIGHT, DaskRunner
from ectopy.runners.dask_worker import unfit

pytest.importorskip("distributed")

OTHER = "import ectopy; ectopy.__version__ = '0.0.1'"
NONE = "import sys; sys.modules['ectopy'] = None"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Start a scheduler and two workers."""
    with processes(tmp_path_factory.mktemp("two")) as made:
        made.scheduler()
        made.worker()
        made.worker()
        yield made


@pytest.fixture
def cluster(two: Processes) -> Iterator[DaskRunner]:
    with DaskRunner(str(two.file)) as made:
        there(made, 2)
        yield made


def there(cluster: DaskRunner, workers: int) -> None:
    def counted() -> bool:
        cluster._counted = -1.0
        return cluster.workers == workers

    until(counted)


def drive(cluster: DaskRunner, tasks: Iterator[Task]) -> None:
    for _ in cluster.run(work, tasks, Event()):
        pass


@contextlib.contextmanager
def meanwhile(do: Callable[[], None]) -> Iterator[None]:
    thread = Thread(target=do)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_works_off_tasks_as_there_is_room_and_tells_each(
    cluster: DaskRunner, tmp_path: Path
) -> None:
    asked, most = [], 0
    told = []

    def tasks() -> Iterator[Task]:
        for number in range(20):
            asked.append(number)
            yield Task(number, tmp_path, "fails" if number == 5 else "")

    for done in cluster.run(work, tasks(), Event()):
        most = max(most, len(asked) - len(told))
        told.append(done)
    assert most == 2 * IN_FLIGHT
    assert sorted(done.task.number for done in told) == [*range(20)]
    for done in told:
        number = done.task.number
        assert (done.value, done.died) == (None if number == 5 else number, "")
        assert repr(done.error) == ("ValueError('no 5')" if number == 5 else "None")
    assert len({process for _, process in begun(tmp_path)}) == 2


def test_a_task_that_kills_its_worker_is_begun_once_and_others_are_not_lost(
    cluster: DaskRunner, tmp_path: Path
) -> None:
    tasks = [Task(number, tmp_path, "dies" if number in (2, 3) else "") for number in range(12)]
    told = {done.task.number: done for done in cluster.run(work, iter(tasks), Event())}
    assert {number for number, done in told.items() if done.died} == {2, 3}
    assert told[2].died == "its worker was lost"
    others = {*range(12)} - {2, 3}
    assert {done.value for done in told.values() if not done.died} == others
    deadly = [number for number, _ in begun(tmp_path) if number in (2, 3)]
    assert sorted(deadly) == [2, 3]  # others are begun again where a result went with its worker
    there(cluster, 2)  # others took their place


class Queue(Iterator[Task]):
    """Tasks that can be more again, after there were none."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = [*tasks]

    def __next__(self) -> Task:
        if not self.tasks:
            raise StopIteration
        return self.tasks.pop(0)


def test_what_waits_at_a_worker_that_is_killed_goes_on_elsewhere(
    cluster: DaskRunner, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill() -> None:
        until(lambda: len(begun(tmp_path)) == 2)
        number, process = begun(tmp_path)[0]
        killed.append(number)
        os.kill(process, signal.SIGKILL)
        (tmp_path / "go").touch()

    told = []
    tasks = Queue(*(Task(number, tmp_path, "waits") for number in range(4)))
    with meanwhile(kill):
        for done in cluster.run(work, tasks, Event()):
            told.append(done)
            if done.died:
                tasks.tasks.append(Task(99, tmp_path))  # what is asked for last may be a retry
    assert [done.task.number for done in told if done.died] == killed
    assert {done.value for done in told if not done.died} == {0, 1, 2, 3, 99} - {*killed}
    there(cluster, 2)


def test_once_drained_what_was_begun_is_told_and_no_other_begun(
    cluster: DaskRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain, told_the_workers, ask = Event(), Event(), cluster._ask

    def asking(question: Callable[..., object], *arguments: object, **options: object) -> object:
        answer = ask(question, *arguments, **options)
        if question.__name__ == "set":
            told_the_workers.set()
        return answer

    def stop() -> None:
        until(lambda: len(begun(tmp_path)) == 2)
        drain.set()
        assert told_the_workers.wait(30)
        (tmp_path / "go").touch()

    monkeypatch.setattr(cluster, "_ask", asking)
    tasks = (Task(number, tmp_path, "waits") for number in itertools.count())
    with meanwhile(stop):
        told = [done.value for done in cluster.run(work, tasks, drain)]
    assert sorted(told) == sorted(number for number, _ in begun(tmp_path))
    assert len(told) == 2


def test_given_up_it_leaves_the_workers_free_for_others(
    cluster: DaskRunner, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    for done in cluster.run(work, (Task(n, tmp_path) for n in itertools.count()), Event()):
        if done.task.number == 8:
            break
    most = len(begun(tmp_path))
    others = [Task(number, tmp_path / "other") for number in range(9)]
    assert len([*cluster.run(work, iter(others), Event())]) == 9
    assert len(begun(tmp_path)) <= most + 2 * IN_FLIGHT


def test_a_worker_with_another_ectopy_is_refused_early_or_late(
    two: Processes, tmp_path: Path
) -> None:
    words = f"has ectopy 0.0.1, expected {__version__} as here"

    def late(cluster: DaskRunner) -> Iterator[Task]:
        yield Task(0, tmp_path)
        there(cluster, 3)
        for number in range(1, 3000):
            yield Task(number, tmp_path)

    with DaskRunner(str(two.file)) as before:
        there(before, 2)
        other = two.worker(**two.beginning(OTHER))
        with pytest.raises(ClusterError, match=words):
            drive(before, late(before))
        with pytest.raises(ClusterError, match=words):
            DaskRunner(str(two.file))
        two.end(other)
        there(before, 2)
        none = two.worker(**two.beginning(NONE))
        there(before, 3)
        with pytest.raises(ClusterError, match="has no ectopy as this one"):
            DaskRunner(str(two.file))
        two.end(none)
        there(before, 2)


def test_several_threads_are_refused() -> None:
    assert unfit("tcp://1.2.3.4:5", __version__, 1, wanted=__version__) == ""
    assert "has 4 threads, expected 1" in unfit("x", __version__, 4, wanted=__version__)


def test_without_its_scheduler_it_ends_in_a_sentence_and_with_nobody_left_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "_COUNT_S", 0.0)

    def ending(process: subprocess.Popen[bytes]) -> Iterator[Task]:
        yield Task(0, tmp_path)
        made.end(process)
        yield from (Task(number, tmp_path) for number in range(1, 99))

    strict = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}  # all at a lost worker fail
    with processes(tmp_path) as made:
        scheduler = made.scheduler(**strict)
        worker = made.worker()
        tasks = [Task(0, tmp_path, "dies"), *(Task(number, tmp_path) for number in range(1, 4))]
        with DaskRunner(str(made.file)) as cluster:
            there(cluster, 1)
            told = {done.task.number: done for done in cluster.run(work, iter(tasks), Event())}
            assert [number for number in range(4) if told[number].died] == [0]
            cluster.patience_s = 1.0
            for end, words in ((worker, "has had no worker for 1 s"), (scheduler, "is gone or")):
                with pytest.raises(ClusterError, match=words):
                    drive(cluster, ending(end))
            with pytest.raises(ClusterError, match="is gone or"):
                assert cluster.workers
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense", "nonsense is no address of a Dask scheduler"),
        ("foo://1.2.3.4:5", "unknown address scheme 'foo'"),
        ("nowhere.json", "nowhere.json not found, expected the file that"),
    ],
)
def test_what_is_no_address_is_refused(address: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        DaskRunner(address)


def test_where_no_scheduler_answers_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dask_cluster, "_CONNECT_S", 0.5)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at 127\.0\.0\.1:1;"):
        DaskRunner("127.0.0.1:1")
    assert capfd.readouterr() == ("", "")


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r'pip install "ectopy\[archive\]"'):
        DaskRunner("127.0.0.1:8786")

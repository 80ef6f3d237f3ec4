from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Listener
from pathlib import Path
from threading import Event

import pytest
import runner_work
from runner_work import Wanted, do

from ectopy.errors import ConfigError, EctopyError
from ectopy.runners.base import Done
from ectopy.runners.processes import Processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sockets of Unix")


def run(*wanted: Wanted, workers: int = 1) -> list[Done[Wanted, object]]:
    return list(Processes(workers).run(do, iter(wanted), Event()))


def there(pid: int) -> bool:
    """Tell whether a process lives."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, within_s: float = 10) -> bool:
    end = time.monotonic() + within_s
    while there(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not there(pid)


def test_every_task_is_told_once_whatever_became_of_it() -> None:
    wanted = [
        Wanted("double", 1),
        Wanted("die"),
        Wanted("double", 2),
        Wanted("exit"),
        Wanted("refuse"),
        Wanted("unsendable"),
        Wanted("lambda"),
        Wanted("interrupt"),
        Wanted("double", 3),
        Wanted("threads"),
    ]
    found = {done.task: done for done in run(*wanted, workers=2)}
    assert len(found) == len(wanted)
    assert [found[Wanted("double", i)].value for i in (1, 2, 3)] == [2, 4, 6]
    assert found[Wanted("die")] == Done(Wanted("die"), died="killed by signal 9")
    assert found[Wanted("exit")].died == "ended with exit code 3"
    refused = found[Wanted("refuse")].error
    assert isinstance(refused, ConfigError)
    assert (str(refused), refused.change) == ("this cannot be meant", ("units",))
    assert any("In a worker process" in note for note in refused.__notes__)
    assert str(found[Wanted("unsendable")].error) == "UnsendableError: 1 and 2"
    assert found[Wanted("lambda")].error is not None
    assert found[Wanted("interrupt")].value == "still there"
    threads = found[Wanted("threads")].value
    assert isinstance(threads, list)
    assert set(threads) == {1}


def test_one_process_works_off_many_tasks_and_no_more_are_started_than_needed() -> None:
    assert len({done.value for done in run(*[Wanted("pid")] * 5)}) == 1
    found = {done.value for done in run(Wanted("pid"), workers=50)}
    assert len(found) == 1
    assert all(gone(int(str(pid))) for pid in found)


def test_what_comes_next_may_depend_on_what_was_done() -> None:
    waiting = [Wanted("double", 1)]

    class Tasks(Iterator[Wanted]):
        def __next__(self) -> Wanted:
            if not waiting:
                raise StopIteration
            return waiting.pop()

    found = []
    for done in Processes(2).run(do, Tasks(), Event()):
        found.append(done.value)
        if len(found) < 4:
            waiting.append(Wanted("double", done.value))
    assert found == [2, 4, 8, 16]


def test_drained_it_begins_nothing_and_finishes_what_was_begun(tmp_path: Path) -> None:
    drain, began = Event(), []

    def tasks() -> Iterator[Wanted]:
        for i in range(100):
            began.append(i)
            if i == 2:
                drain.set()
            yield Wanted("double", i)

    found = [done.value for done in Processes(2).run(do, tasks(), drain)]
    assert sorted(map(int, map(str, found))) == [2 * i for i in began]
    assert len(began) < 6


def test_left_alone_it_ends_the_workers_in_the_midst_of_their_work(tmp_path: Path) -> None:
    place = str(tmp_path / "socket")
    with Listener(place, "AF_UNIX") as listener:
        running = Processes(2).run(do, iter([Wanted("pid"), Wanted("meet", place)]), Event())
        next(running)
        with listener.accept() as worker:
            pid = worker.recv()
            assert there(pid)
            running.close()  # type: ignore[attr-defined]
    assert not there(pid)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(how: int, tmp_path: Path) -> None:
    place = str(tmp_path / "socket")
    code = (
        "from threading import Event\n"
        "from runner_work import Wanted, do\n"
        "from ectopy.runners.processes import Processes\n"
        "if __name__ == '__main__':\n"
        f"    tasks = iter([Wanted('meet', {place!r}), Wanted('meet', {place!r})])\n"
        "    list(Processes(2).run(do, tasks, Event()))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    with Listener(place, "AF_UNIX") as listener:
        folder = str(Path(runner_work.__file__).parent)
        path = os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")])
        driver = subprocess.Popen(
            [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": path}
        )
        with listener.accept() as one, listener.accept() as two:
            pids = one.recv(), two.recv()
            assert all(map(there, pids))
            driver.send_signal(how)
            driver.wait()
            assert all(map(gone, pids))


@pytest.mark.parametrize("begins", ["", "ours.close()"])  # gone meanwhile, or before
@pytest.mark.parametrize("task", ["four", 4])  # of which len() gives one, and fails of the other
def test_a_worker_whose_driver_is_gone_ends_without_a_word(task: object, begins: str) -> None:
    code = (
        "from ectopy.runners import processes\n"
        "ours, theirs = processes._CONTEXT.Pipe()\n"
        "def work(task):\n"
        "    assert ours.recv() == ('ready', None)\n"
        "    ours.close()\n"
        "    return len(task)\n"
        "def listen(pipe, asked):\n"  # and does not see that yet
        "    asked.put(work)\n"
        f"    asked.put({task!r})\n"
        "processes._listen = listen\n"
        f"{begins}\n"
        "processes._serve(theirs)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_worker_that_dies_while_it_waits_for_work_harms_nobody() -> None:
    def tasks() -> Iterator[Wanted]:
        yield Wanted("pid")
        yield Wanted("double", 4)

    found: list[Done[Wanted, object]] = []
    for done in Processes(1).run(do, tasks(), Event()):
        found.append(done)
        if done.task == Wanted("pid"):
            os.kill(int(str(done.value)), signal.SIGKILL)
            assert gone(int(str(done.value)))
    assert [done.died for done in found] == ["", "killed by signal 9"]


def test_a_daemon_as_a_worker_of_dask_is_has_processes_of_its_own() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=runner_work.double_in_a_process, args=(theirs,), daemon=True)
    worker.start()
    assert ours.poll(60)
    assert ours.recv() == [42]
    worker.join()


def test_work_that_no_process_can_import_is_given_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(do, "__module__", "runner_work_of_nowhere")
    monkeypatch.setitem(sys.modules, "runner_work_of_nowhere", runner_work)
    with pytest.raises(EctopyError, match="3 worker processes, one after the other, ended as they"):
        run(Wanted("pid"))
    assert "runner_work_of_nowhere" in capfd.readouterr().err


def test_no_worker_is_too_few() -> None:
    with pytest.raises(ConfigError, match="workers is 0, expected at least 1"):
        Processes(0)

"""Work that goes wrong in all ways, for workers: a module that other processes can import."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection
from threading import Event

from ectopy.errors import ConfigError
from ectopy.runners.processes import Processes


@dataclass(frozen=True)
class Wanted:
    """What a worker is to do."""

    what: str
    value: object = None


class UnsendableError(Exception):
    """Pickles, and cannot be unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def do(wanted: Wanted) -> object:
    value = wanted.value
    match wanted.what:
        case "double":
            assert isinstance(value, int)
            return 2 * value
        case "pid":
            return os.getpid()
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            sys.exit(3)
        case "refuse":
            raise ConfigError("this cannot be meant", change="units")
        case "unsendable":
            raise UnsendableError(1, 2)
        case "lambda":
            return lambda: None
        case "interrupt":  # as a terminal or Slurm tells all processes of a job
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            return "still there"
        case "threads":
            import numpy as np
            from threadpoolctl import threadpool_info

            np.ones((8, 8)) @ np.ones((8, 8))
            return [one["num_threads"] for one in threadpool_info()]
        case "meet":  # ends when someone connects and closes: no test has to guess how long
            with Client(str(value), "AF_UNIX") as there:
                there.send(os.getpid())
                there.recv()
            return "met"
    raise AssertionError(wanted)


def double_in_a_process(told: Connection) -> None:
    """Have a process of one's own do it, and tell the answer."""
    done = list(Processes(1).run(do, iter([Wanted("double", 21)]), Event()))
    told.send([one.value for one in done])

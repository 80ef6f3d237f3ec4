"""Ctrl-C and SIGTERM that let what was begun be finished."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def draining(says: str) -> Iterator[Event]:
    """Give what the first Ctrl-C or SIGTERM sets; the second one interrupts, as ever.

    Parameters
    ----------
    says : str
        What standard error is told at the first one.
    """
    drain = Event()

    def told(number: int, frame: FrameType | None) -> None:
        if drain.is_set():
            raise KeyboardInterrupt
        drain.set()
        os.write(2, f"{says}\n".encode())  # a handler may come in the midst of a print

    before = {one: signal.signal(one, told) for one in _SIGNALS}
    try:
        yield drain
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)

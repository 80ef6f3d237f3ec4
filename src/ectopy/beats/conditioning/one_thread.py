"""Small matrix products on one thread: threads inside them only wait for each other."""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController


class _OneThread:
    """Hold BLAS to one thread while anyone is inside; the last one out gives the rest back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._blas: ThreadpoolController | None = None
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._blas = self._blas or ThreadpoolController()
                self._limit = self._blas.limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()


one_thread = _OneThread()
"""``with one_thread:`` around matrix products of some megabytes; any thread, any depth."""

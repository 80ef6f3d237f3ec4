"""As many threads in a worker as a serial run would take: sums, and so figures, depend on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

from threadpoolctl import threadpool_info, threadpool_limits

_READ: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip
"""What libraries read as they are loaded, or as they first compute."""


@dataclass(frozen=True)
class Threads:
    """How many threads libraries take.

    Attributes
    ----------
    loaded : mapping of str to int
        Those that are loaded, by kind, as ``blas``.
    others : mapping of str to str
        Environment of those that are loaded later.
    """

    loaded: Mapping[str, int]
    others: Mapping[str, str]

    @classmethod
    def here(cls) -> Self:
        """Tell it of this process."""
        loaded: dict[str, int] = {}
        for library in threadpool_info():
            kind = library["user_api"]
            loaded[kind] = max(loaded.get(kind, 1), library["num_threads"])
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return cls(loaded, {name: os.environ.get(name) or f"{cores or 1}" for name in _READ})

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take as many for a block; what it loads keeps them."""
        before = {name: os.environ.get(name) for name in self.others}
        os.environ.update(self.others)
        try:
            with threadpool_limits(dict(self.loaded)):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

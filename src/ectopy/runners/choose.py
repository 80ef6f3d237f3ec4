"""`chosen`: the runner that was asked for, from what a command line says."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from ectopy.errors import ConfigError
from ectopy.runners.base import Runner


def chosen(workers: int | None, scheduler: str | None) -> AbstractContextManager[Runner]:
    """Give the runner that was asked for, for a block.

    Parameters
    ----------
    workers : int, optional
        Processes of this machine; by default one a core, as far as memory goes.
    scheduler : str, optional
        Address or file of a Dask scheduler, whose workers are taken instead.

    Raises
    ------
    EctopyError
        If both are given, or `ectopy.runners.processes.Processes` or
        `ectopy.runners.dask_cluster.DaskRunner` refuses what was asked for.
    """
    if scheduler is None:
        from ectopy.runners.processes import Processes

        return nullcontext(Processes(workers))
    if workers is not None:
        raise ConfigError(
            "the workers are those of the scheduler, and their number was given as well; leave "
            "one of the two out",
            change=("workers", "scheduler"),
        )
    from ectopy.runners.dask_cluster import DaskRunner

    return DaskRunner(scheduler)

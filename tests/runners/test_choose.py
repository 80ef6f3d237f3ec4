from __future__ import annotations

import pytest

from ectopy.errors import ConfigError
from ectopy.runners import dask_cluster
from ectopy.runners.choose import chosen
from ectopy.runners.processes import Processes


def test_gives_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with chosen(3, None) as runner:
        assert isinstance(runner, Processes)
        assert runner.workers == 3
    connected: list[str] = []
    monkeypatch.setattr(dask_cluster, "_connect", lambda address, _: connected.append(address))
    monkeypatch.setattr(dask_cluster.DaskRunner, "_refuse_unfit", lambda _: None)
    with chosen(None, "tcp://10.0.0.5:8786") as runner:
        assert isinstance(runner, dask_cluster.DaskRunner)
    assert connected == ["tcp://10.0.0.5:8786"]


def test_workers_of_a_scheduler_are_as_many_as_there_are() -> None:
    with pytest.raises(ConfigError, match="their number was given as well; leave one of the two"):
        chosen(3, "tcp://10.0.0.5:8786")

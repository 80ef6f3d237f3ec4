from pathlib import Path

import numpy as np
import pytest

from ectopy.bench.explain import time_figures, time_gradcam
from ectopy.errors import DataNotFoundError


def test_each_run_but_the_first_is_timed_and_explains_all_beats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, takes = [100.0], iter([30.0, 2.0, 5.0])
    explained = []

    def gradcam(model: object, X: np.ndarray) -> None:
        explained.append(X.shape)
        clock[0] += next(takes)

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr("ectopy.explain.gradcam", gradcam)
    assert time_gradcam(4, 2) == [2.0, 5.0]
    assert explained == [(4, 187)] * 3


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"metrics\.json"):
        time_figures(tmp_path)

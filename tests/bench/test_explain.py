from pathlib import Path

import pytest

from ectopy.bench.explain import time_figures, time_gradcam
from ectopy.errors import DataNotFoundError


def test_each_run_takes_some_time() -> None:
    times = time_gradcam(4, 2)
    assert len(times) == 2
    assert min(times) > 0


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"metrics\.json"):
        time_figures(tmp_path)

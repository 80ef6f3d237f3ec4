"""What every data set must do: a new line in `DATASETS` gets these tests for free."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ectopy.datasets import BeatDataset, load
from ectopy.datasets.registry import DATABASES, DATASETS, database
from ectopy.errors import ConfigError, DataNotFoundError

MADE = sorted(name for name, source in DATASETS.items() if source.database is None)
READ = sorted(set(DATASETS) - set(MADE))
ONE_EACH = [next(name for name in READ if DATASETS[name].database is d) for d in DATABASES.values()]


def keeps_its_promises(name: str, data: BeatDataset) -> None:
    assert data.name == name
    assert data.X.dtype == np.float32
    assert data.y.dtype == np.int64
    assert len(data) > 100
    assert set(data.counts()) == set(data.classes)
    assert sum(data.counts().values()) == len(data)
    assert np.count_nonzero(list(data.counts().values())) > 1
    # What a report and a model's contract say of it.
    assert data.provenance
    assert data.simulated == ("SIMULATED" in data.provenance)
    assert data.checksums
    assert all(re.fullmatch(r"[0-9a-f]{64}", told) for told in data.checksums.values())
    assert (data.window is None) == bool(data.no_window != BeatDataset.no_window)
    if data.window is None:
        assert data.scaling != BeatDataset.scaling
    else:
        assert data.fs_hz == data.window.fs_hz
    assert data.part is None or set(data.part) <= {"train", "test"}
    assert data.groups is None or len(set(data.groups)) > 1
    some = data.take(np.arange(0, len(data), 7))
    assert len(some) == len(range(0, len(data), 7))
    assert (some.provenance, some.checksums) == (data.provenance, data.checksums)


@pytest.mark.parametrize("name", MADE)
def test_one_that_is_made_is_there_without_files_and_the_same_each_time(
    name: str, no_data: Path
) -> None:
    data, again = load(name), load(name)
    keeps_its_promises(name, data)
    assert data.simulated
    np.testing.assert_array_equal(data.X, again.X)
    np.testing.assert_array_equal(data.y, again.y)


@pytest.mark.parametrize("name", READ)
def test_one_that_is_read_says_where_it_was_looked_for_and_what_to_use_instead(
    name: str, no_data: Path
) -> None:
    with pytest.raises(DataNotFoundError) as error:
        load(name)
    said = str(error.value)
    assert said.isprintable()
    assert database(name).embedded in said
    assert not [path for path in no_data.rglob("*") if path.is_file()]


@pytest.mark.data
@pytest.mark.parametrize("name", ONE_EACH)
def test_one_that_is_read_keeps_its_promises(name: str, data_dir: Path) -> None:
    if not (data_dir / database(name).folder).is_dir():
        pytest.skip(f"there is no {database(name).folder} in {data_dir}")
    options = {"cache": False} if "cache" in DATASETS[name].options else {}
    keeps_its_promises(name, load(name, data_dir, **options))


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_an_unknown_option_is_answered_with_the_known_ones(name: str) -> None:
    known = ", ".join(DATASETS[name].options) or "none"
    with pytest.raises(ConfigError, match=f"{name} has no option 'colour'; it has {known}"):
        load(name, colour=1)


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_its_entry_is_complete(name: str) -> None:
    source = DATASETS[name]
    assert source.summary
    assert len(source.summary) < 100
    if source.database is not None:
        assert DATABASES[source.database.folder] is source.database
        assert DATASETS[source.database.embedded].database is None
        assert source.database.licence

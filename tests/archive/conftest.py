"""An object store that all tests of archives share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from object_store import KEYS, ObjectStore, object_store

_BUCKETS = itertools.count()


@pytest.fixture(scope="session")
def _running() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def store(_running: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Give a store that works, with the keys and the endpoint in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", _running.endpoint)
    _running.settle()
    return _running


@pytest.fixture
def bucket(store: ObjectStore) -> str:
    """Give the address of an empty place in the store."""
    name = f"archive-{next(_BUCKETS)}"
    store.make_bucket(name)
    return f"s3://{name}/of/the clinic"

"""What every protocol must do: a new line in `PROTOCOLS` gets these tests for free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ectopy.beats.aami import DS1, DS2, PACED
from ectopy.datasets import BeatDataset
from ectopy.datasets.protocols import PROTOCOLS, Shares, owners_of, protocol
from ectopy.datasets.splits import INTRA, Split
from ectopy.errors import ConfigError

SHARES = Shares(validation=0.25, test=0.3, folds=4)
PEOPLE = {"201": "one", "202": "one", "100": "other", "103": "other"}
"""Two people with two records each; everybody else is called as their record."""


def beats(n: int = 4_800) -> BeatDataset:
    """Give beats of all records of MIT-BIH, with parts of the source's own."""
    rng = np.random.default_rng(7)
    records = np.sort(rng.choice([*DS1, *DS2, *PACED], size=n))
    return BeatDataset(
        name="made",
        X=np.zeros((n, 3), dtype=np.float32),
        y=rng.choice(5, p=[0.85, 0.06, 0.05, 0.02, 0.02], size=n),
        classes=tuple("NSVFQ"),
        groups=records,
        subjects=np.array([PEOPLE.get(record, record) for record in records]),
        part=np.where(np.arange(n) % 3, "train", "test"),
    )


DATA = beats()


def drawn(name: str, data: BeatDataset = DATA, seed: int = 0) -> list[Split]:
    return list(PROTOCOLS[name].splits(data, np.random.default_rng(seed), SHARES))


@pytest.fixture(params=sorted(PROTOCOLS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_is_called_and_described(name: str) -> None:
    known = PROTOCOLS[name]
    assert known.name == name
    assert protocol(name) is known
    assert known.summary
    assert not known.summary.endswith(".")
    assert known.words.endswith((".", ")"))
    assert known.words[0].isupper()


def test_no_beat_is_in_two_parts_and_each_part_has_some(name: str) -> None:
    splits = drawn(name)
    assert len(splits) == (SHARES.folds if PROTOCOLS[name].folded else 1)
    for split in splits:
        parts = [split.train, split.validation, split.test]
        together = np.concatenate(parts)
        assert all(len(part) > 50 for part in parts)
        assert all((np.diff(part) > 0).all() for part in parts)
        assert len(np.unique(together)) == len(together) <= len(DATA)
    if PROTOCOLS[name].folded:  # each beat that is tested at all, once
        tested = np.concatenate([split.test for split in splits])
        assert len(np.unique(tested)) == len(tested)


def test_those_who_are_to_be_apart_are(name: str) -> None:
    apart = PROTOCOLS[name].apart
    for split in drawn(name):
        if apart is None:  # it promises nothing, and is called what it is
            assert split.shares_patients == (split.protocol == INTRA)
            continue
        owners = owners_of(DATA, apart)
        assert owners is not None
        seen = {*owners[split.train], *owners[split.validation]}
        assert not seen & {*owners[split.test]}
        assert not {*owners[split.train]} & {*owners[split.validation]}
        assert split.protocol == name
        assert not split.shares_patients


def test_it_follows_from_its_generator_alone(name: str) -> None:
    one, same = drawn(name, seed=1), drawn(name, seed=1)
    for a, b in zip(one, same, strict=True):
        for part in ("train", "validation", "test"):
            np.testing.assert_array_equal(getattr(a, part), getattr(b, part))
    other = drawn(name, seed=2)
    assert any(not np.array_equal(a.train, b.train) for a, b in zip(one, other, strict=True))


def test_beats_of_unknown_people_are_refused_where_it_promises_something(name: str) -> None:
    unknown = replace(DATA, groups=None, subjects=None)
    if PROTOCOLS[name].apart is None:
        for split in drawn(name, unknown):
            assert split.shares_patients
        return
    with pytest.raises(ConfigError, match="does not tell whose a beat is") as refused:
        drawn(name, unknown)
    free = [known.name for known in PROTOCOLS.values() if known.apart is None]
    assert all(other in str(refused.value) for other in free)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=f"'honest' is unknown; .*{', '.join(PROTOCOLS)}"):
        protocol("honest")

"""Splits: what a protocol's name promises holds, whatever the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.beats.aami import DS1, DS2, PACED
from ectopy.datasets import BeatDataset, load, splits
from ectopy.datasets.protocols import PROTOCOLS, Shares, protocol
from ectopy.datasets.splits import Split
from ectopy.errors import ConfigError, LeakError


def _rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def _make(
    name: str, data: BeatDataset, rng: np.random.Generator, **shares: float | int
) -> list[Split]:
    return protocol(name).splits(data, rng, Shares(**shares))


def _data(groups: bool = True, part: bool = False, n: int = 4_800) -> BeatDataset:
    """Give a made set like MIT-BIH in miniature: 48 records, classes that cling to records."""
    rng = _rng(7)
    records = np.sort(rng.choice([*DS1, *DS2, *PACED], size=n))
    y = rng.choice(5, p=[0.85, 0.06, 0.05, 0.02, 0.02], size=n)
    return BeatDataset(
        name="like-mitbih",
        X=np.zeros((n, 3), dtype=np.float32),
        y=np.where(np.isin(records, PACED), 4, y),
        classes=tuple("NSVFQ"),
        groups=records if groups else None,
        subjects=np.where(records == "202", "201", records) if groups else None,
        part=np.where(np.arange(n) < n // 2, "train", "test") if part else None,
    )


def _records(data: BeatDataset, index: np.ndarray) -> set[str]:
    assert data.groups is not None
    return set(data.groups[index])


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    share=st.floats(0, 0.95),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_stratified_takes_the_share_of_every_class(
    counts: list[int], share: float, seed: int
) -> None:
    y = _rng(1).permutation(np.repeat(np.arange(len(counts)), counts))
    index = np.arange(len(y))
    drawn = splits.stratified(y, index, share, _rng(seed))
    assert len(np.unique(drawn)) == len(drawn)
    taken = np.bincount(y[drawn], minlength=len(counts))
    assert (np.abs(taken - np.array(counts) * share) <= 1).all()
    assert (taken < counts).all()


def test_stratified_is_seeded() -> None:
    y = np.arange(100) % 3
    index = np.arange(100)
    first = splits.stratified(y, index, 0.2, _rng(1))
    np.testing.assert_array_equal(first, splits.stratified(y, index, 0.2, _rng(1)))
    assert not np.array_equal(first, splits.stratified(y, index, 0.2, _rng(2)))


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("seed", range(5))
def test_every_protocol_keeps_its_promise(name: str, seed: int) -> None:
    data = _data(part=True)
    found = _make(name, data, _rng(seed))
    assert (len(found) > 1) == PROTOCOLS[name].folded
    for split in found:
        assert split.protocol == (name if PROTOCOLS[name].apart else "intra-patient") or not (
            split.shares_patients
        )
        parts = [split.train, split.validation, split.test]
        assert all(part.dtype == np.int64 and len(part) for part in parts)
        together = np.concatenate(parts)
        assert len(np.unique(together)) == len(together)
        train, validation, test = (_records(data, part) for part in parts)
        if split.protocol == "intra-patient":
            assert split.shares_patients
            assert (train | validation) & test
        else:
            assert not split.shares_patients
            assert not (train | validation) & test
            assert not train & validation
            assert "intra" not in split.label


def test_inter_patient_is_ds1_to_ds2_and_strict_leaves_202_out() -> None:
    data = _data()
    (split,) = _make("inter-patient", data, _rng())
    assert _records(data, split.train) | _records(data, split.validation) == set(DS1)
    assert _records(data, split.test) == set(DS2)
    assert "one person" in split.notes[0]
    (strict,) = _make("inter-patient-strict", data, _rng())
    assert _records(data, strict.test) == set(DS2) - {"202"}
    assert strict.protocol == "inter-patient-strict"


def test_validation_records_change_with_the_seed_and_hold_every_common_class() -> None:
    data = _data()
    chosen = set()
    for seed in range(5):
        (split,) = _make("inter-patient", data, _rng(seed))
        chosen.add(tuple(sorted(_records(data, split.validation))))
        share = np.bincount(data.y[split.validation]) / np.bincount(
            data.y[np.isin(data.groups, DS1)]
        )
        assert (np.abs(share[:3] - 0.2) < 0.1).all()
    assert len(chosen) > 1


def test_patient_wise_tests_everyone_once_and_keeps_201_with_202() -> None:
    data = _data()
    folds = _make("patient-wise", data, _rng(), folds=4)
    np.testing.assert_array_equal(
        np.sort(np.concatenate([fold.test for fold in folds])), np.arange(len(data))
    )
    for fold in folds:
        assert ("201" in _records(data, fold.test)) == ("202" in _records(data, fold.test))
        share = np.bincount(data.y[fold.test]) / np.bincount(data.y)
        assert (np.abs(share[:3] - 0.25) < 0.1).all()
    with pytest.raises(ConfigError, match=r"48 folds were asked for.*47 patients"):
        _make("patient-wise", data, _rng(), folds=48)


def test_people_are_told_by_subjects_and_not_by_the_names_of_records() -> None:
    """A new database whose person 7 has two records; and one that calls its records 201 and 202."""
    y = np.tile([0, 1], 60)
    records = np.repeat([f"{n:02d}" for n in range(12)], 10)
    people = np.where(np.isin(records, ["03", "09"]), "person 7", records)
    data = BeatDataset("new", np.zeros((120, 3), np.float32), y, ("N", "V"), records, people)
    for seed in range(5):
        for fold in _make("patient-wise", data, _rng(seed), folds=4):
            parts = [_records(data, part) for part in (fold.train, fold.validation, fold.test)]
            assert any({"03", "09"} <= part for part in parts)
    apart = [_make("record-wise", data, _rng(seed), folds=4) for seed in range(5)]
    assert any(
        ("03" in _records(data, f.test)) != ("09" in _records(data, f.test)) for f in apart[0]
    )
    with pytest.raises(LeakError, match="person 7"):
        Split(
            np.flatnonzero(records == "03"), np.array([0]), np.flatnonzero(records == "09"),
            "patient-wise", False, apart=True, owners=people,
        )  # fmt: skip
    theirs = np.repeat(["201", "202"], 60)
    other = BeatDataset("mitbih-like", np.zeros((120, 3), np.float32), y, ("N", "V"), theirs)
    assert len(_make("patient-wise", other, _rng(), folds=2)) == 2, "two people of our own"


def test_training_folds_test_each_training_beat_once_and_no_test_beat() -> None:
    data = _data(groups=False, part=True)
    folds = _make("training-folds", data, _rng(), folds=4)
    assert len(folds) == 4
    tested = np.concatenate([split.test for split in folds])
    np.testing.assert_array_equal(np.sort(tested), np.flatnonzero(data.part == "train"))
    for split in folds:
        everything = np.concatenate([split.train, split.validation, split.test])
        assert (data.part[everything] == "train").all()
        counts = np.bincount(data.y[split.test], minlength=5)
        whole = np.bincount(data.y[data.part == "train"], minlength=5)
        assert (np.abs(counts - whole / 4) <= 1).all()
        assert split.protocol == "training-folds"
    with pytest.raises(ConfigError, match="no split of its own"):
        _make("training-folds", _data(), _rng())


def test_a_shared_record_can_only_be_called_intra_patient() -> None:
    groups = np.array(["100", "100", "101", "101"])
    one, two, three, four = (np.array([i]) for i in range(4))
    for name in ("inter-patient", "patient-wise", "official", "pooled", "best", "Intra-Patient"):
        with pytest.raises(LeakError, match="only 'intra-patient' may share"):
            Split(one, three, two, name, shares_patients=True, owners=groups)
        with pytest.raises(LeakError):
            Split(one, three, two, name, shares_patients=False, owners=groups)
    with pytest.raises(LeakError, match="says shares_patients=False"):
        Split(one, three, two, "intra-patient", shares_patients=False, owners=groups)
    assert Split(one, three, two, "intra-patient", shares_patients=True, owners=groups)
    with pytest.raises(LeakError, match="record 100 in training and validation"):
        Split(one, two, three, "inter-patient", False, apart=True, owners=groups)
    with pytest.raises(LeakError, match="a beat in two parts"):
        Split(one, two, one, "intra-patient", shares_patients=True, owners=groups)
    assert Split(one, four, np.array([], dtype=np.int64), "intra-patient", False, owners=groups)


def test_without_patients_nothing_can_be_promised() -> None:
    one, two, three = (np.array([i]) for i in range(3))
    with pytest.raises(LeakError, match="without patients"):
        Split(one, two, three, "inter-patient", shares_patients=True, apart=True)
    with pytest.raises(LeakError, match="without patients"):
        Split(one, two, three, "official", shares_patients=False)
    assert Split(one, two, three, "official", True).label == "official, intra-patient"
    data = _data(groups=False, part=True)
    assert _make("official", data, _rng())[0].shares_patients
    for name in ("patient-wise", "record-wise", "inter-patient"):
        with pytest.raises(ConfigError, match="whose a beat is, so only official, training-folds"):
            _make(name, data, _rng())


def test_an_official_split_that_shares_records_is_called_intra_patient() -> None:
    data = _data(part=True)
    assert data.part is not None
    rotated = BeatDataset(
        name="x",
        X=data.X,
        y=data.y,
        classes=data.classes,
        groups=data.groups,
        part=np.where(np.arange(len(data)) % 5 == 0, "test", "train"),
    )
    assert _make("official", rotated, _rng())[0].protocol == "intra-patient"


def test_wrong_settings_are_named() -> None:
    data = _data()
    with pytest.raises(ConfigError, match="'loso' is unknown; there are official"):
        _make("loso", data, _rng())
    with pytest.raises(ConfigError, match="no split of its own"):
        _make("official", data, _rng())
    with pytest.raises(ConfigError, match=r"share of beats is 1\.0"):
        _make("pooled", data, _rng(), test=1.0)
    with pytest.raises(ConfigError, match="lacks 1 of them, the first being 100"):
        _make("inter-patient", data.take(data.groups != "100"), _rng())


@pytest.mark.data
def test_ecg5000_as_the_paper_splits_it(data_dir: Path) -> None:
    data = load("ecg5000", data_dir)
    (split,) = _make("official", data, _rng())
    assert (len(split.train), len(split.validation), len(split.test)) == (400, 100, 4500)
    train, validation = np.bincount(data.y[split.train]), np.bincount(data.y[split.validation])
    np.testing.assert_array_equal(train + np.append(validation, 0), [292, 177, 10, 19, 2])
    assert train[4] == 2  # both beats of class 5 stay in training
    (whole,) = _make("pooled", data, _rng())
    assert len(whole.test) == 1000
    assert whole.label == "pooled, intra-patient"


@pytest.mark.data
def test_mitbih_as_the_papers_split_it(data_dir: Path) -> None:
    data = load("mitbih", data_dir, cache=False)
    (split,) = _make("intra-patient", data, _rng(), validation=0.1)
    np.testing.assert_array_equal(np.bincount(data.y[split.test]), [18126, 556, 1447, 161, 1609])
    (inter,) = _make("inter-patient", data, _rng())
    np.testing.assert_array_equal(np.bincount(data.y[inter.test]), [44259, 1837, 3221, 388, 7])
    shares = np.bincount(data.y[inter.validation], minlength=5)[:4] / [45866, 944, 3788, 415]
    assert (np.abs(shares - 0.2) < 0.15).all()

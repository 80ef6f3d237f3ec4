"""Training, validation and test beats under a named protocol, with the leak ruled out or named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, DS2, SAME_SUBJECT
from ectopy.datasets.dataset import BeatDataset
from ectopy.errors import ConfigError, LeakError

Int64 = npt.NDArray[np.int64]

INTRA: Final = "intra-patient"
"""The only name that a split sharing a record may have."""

UNKNOWN_PATIENTS: Final = ("official", "training-folds", "pooled", INTRA)
"""Names that a split may have where the source does not tell whose a beat is."""


@dataclass(frozen=True)
class Split:
    """Positions of the beats of each part.

    Attributes
    ----------
    train, validation, test : ndarray of int64
        Positions in the data set, rising, without a common beat.
    protocol : str
        ``official``, ``training-folds``, ``pooled``, ``intra-patient``, ``patient-wise``,
        ``inter-patient`` or ``inter-patient-strict``.
    shares_patients : bool
        True where the test beats' patients are, or may be, in training too.
    groups : ndarray of str, optional
        Record of every beat of the data set, to check ``protocol`` against; not kept.
    notes : tuple of str
        What a reader of a result must be told, one sentence each.

    Raises
    ------
    LeakError
        If parts share a beat; if a record is in the test part and in another while the protocol
        is not called intra-patient; if patients are unknown and the name promises something; or
        if ``shares_patients`` is not what the groups say.
    """

    train: Int64
    validation: Int64
    test: Int64
    protocol: str
    shares_patients: bool
    groups: InitVar[npt.NDArray[np.str_] | None] = None
    notes: tuple[str, ...] = ()

    def __post_init__(self, groups: npt.NDArray[np.str_] | None) -> None:
        """Refuse a split that leaks, or that is called what it is not."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        beats = np.concatenate(list(parts.values()))
        if len(np.unique(beats)) != len(beats):
            raise LeakError(f"the {self.protocol} split has a beat in two parts, or twice in one")
        if groups is None:
            if self.protocol not in UNKNOWN_PATIENTS or not self.shares_patients:
                raise LeakError(
                    f"a split cannot be called {self.protocol} without patients, because nothing "
                    f"shows that it shares none; it can be {', '.join(UNKNOWN_PATIENTS)}"
                )
            return
        records = {name: set(groups[index].tolist()) for name, index in parts.items()}
        shared = sorted(records["test"] & (records["train"] | records["validation"]))
        if shared and self.protocol != INTRA:
            raise LeakError(
                f"the split called {self.protocol} has {len(shared)} records in test and training "
                f"alike ({', '.join(shared[:3])}); only {INTRA!r} may share a record"
            )
        if bool(shared) != self.shares_patients:
            raise LeakError(
                f"the {self.protocol} split says shares_patients={self.shares_patients}, but "
                f"{len(shared)} records are in test and training alike"
            )
        both = sorted(records["train"] & records["validation"])
        if both and not shared and self.protocol.startswith(("inter-patient", "patient-wise")):
            raise LeakError(
                f"the {self.protocol} split has record {both[0]} in training and validation alike"
            )

    @property
    def label(self) -> str:
        """What figures call the protocol: it says intra-patient wherever patients are shared."""
        if not self.shares_patients or self.protocol == INTRA:
            return self.protocol
        return f"{self.protocol}, {INTRA}"


def stratified(y: Int64, index: Int64, share: float, rng: np.random.Generator) -> Int64:
    """Draw a share of some beats, the same share of every class.

    Classes get whole beats by the largest remainder, and a class always leaves one beat behind:
    of the two training beats of ECG5000's last class, a fifth is none.

    Parameters
    ----------
    y : ndarray of int64, shape (n_beats,)
        Classes of the whole data set.
    index : ndarray of int64
        Beats to draw from.
    share : float
        From 0 to below 1.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of int64
        Positions of the drawn beats, rising.
    """
    if not 0 <= share < 1:
        raise ConfigError(f"a share of beats is {share}, expected from 0 to below 1")
    shuffled = rng.permutation(index)
    labels = y[shuffled]
    counts = np.bincount(labels)
    exact = counts * share
    taken = np.floor(exact).astype(np.int64)
    missing = round(len(index) * share) - int(taken.sum())
    taken[np.argsort(taken - exact, kind="stable")[: max(missing, 0)]] += 1
    taken = np.minimum(taken, np.maximum(counts - 1, 0))
    order = np.argsort(labels, kind="stable")  # by class, still shuffled within
    rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(shuffled[order[rank < np.repeat(taken, counts)]])


def official(data: BeatDataset, rng: np.random.Generator, *, validation: float = 0.2) -> Split:
    """Keep the source's own test part; draw validation beats, stratified, from its training part.

    Where beats carry records and the source's parts share some, the split is called
    intra-patient.
    """
    if data.part is None:
        raise ConfigError(f"{data.name} has no split of its own; use another protocol")
    train = np.flatnonzero(data.part == "train")
    test = np.flatnonzero(data.part == "test")
    return _by_beat(data, train, test, validation, rng, "official")


def training_folds(
    data: BeatDataset, rng: np.random.Generator, *, folds: int = 5, validation: float = 0.2
) -> list[Split]:
    """Test on each beat of the source's training part once, stratified: the way to choose.

    The source's test part is in no part of any fold, so nothing chosen on these figures has seen
    it. A class with fewer beats than folds is missing from the test part of some.

    Returns
    -------
    list of Split
        One a fold.
    """
    if data.part is None:
        raise ConfigError(f"{data.name} has no split of its own; use another protocol")
    own = rng.permutation(np.flatnonzero(data.part == "train"))
    if not 2 <= folds <= len(own):
        raise ConfigError(
            f"{folds} folds were asked for; {data.name} has {len(own)} training beats, so 2 to "
            f"{len(own)} are possible"
        )
    # Dealt in the order of their classes, so every fold gets its share of each.
    dealt = own[np.argsort(data.y[own], kind="stable")]
    deal = np.arange(len(dealt)) % folds
    return [
        _by_beat(
            data,
            np.sort(dealt[deal != fold]),
            np.sort(dealt[deal == fold]),
            validation,
            rng,
            "training-folds",
        )
        for fold in range(folds)
    ]


def pooled(
    data: BeatDataset, rng: np.random.Generator, *, validation: float = 0.2, test: float = 0.2
) -> Split:
    """Draw the test beats, stratified by class, from all beats whatever the source's own split."""
    return _drawn(data, test, validation, rng, "pooled")


def intra_patient(
    data: BeatDataset, rng: np.random.Generator, *, validation: float = 0.2, test: float = 0.2
) -> Split:
    """Draw the test beats, stratified by class, from all beats, as the Kaggle CSVs were drawn."""
    return _drawn(data, test, validation, rng, INTRA)


def patient_wise(
    data: BeatDataset, rng: np.random.Generator, *, folds: int = 5, validation: float = 0.2
) -> list[Split]:
    """Test on each patient once: no patient is in two parts of a fold.

    Patients are dealt to folds so that every fold has about the same share of each class;
    records of one person (``subjects``) stay together. Validation patients come from the
    training part.

    Returns
    -------
    list of Split
        One a fold.
    """
    groups = _groups(data)
    patients, counts = _patients(data, groups)
    if not 2 <= folds <= len(patients):
        raise ConfigError(
            f"{folds} folds were asked for; {data.name} has {len(patients)} patients, so 2 to "
            f"{len(patients)} are possible"
        )
    deal = _best_deal(counts, folds, rng)
    splits = []
    for fold in range(folds):
        test = np.concatenate([patients[i] for i in np.flatnonzero(deal == fold)])
        training = [patients[i] for i in np.flatnonzero(deal != fold)]
        held = _choose(counts[deal != fold], validation, rng)
        splits.append(
            _by_record(
                groups,
                train=[r for i, own in enumerate(training) if not held[i] for r in own],
                validation=[r for i, own in enumerate(training) if held[i] for r in own],
                test=test,
                protocol="patient-wise",
                notes=(f"Fold {fold + 1} of {folds}, by patient.",),
            )
        )
    return splits


def inter_patient(
    data: BeatDataset, rng: np.random.Generator, *, validation: float = 0.2, strict: bool = False
) -> Split:
    """Train on DS1 and test on DS2, with whole records of DS1 as validation part.

    Parameters
    ----------
    data : BeatDataset
        MIT-BIH beats with records as groups.
    rng : numpy.random.Generator
        Chooses the validation records.
    validation : float
        Share of DS1's records for validation, stratified as well as whole records allow.
    strict : bool
        Leave out record 202 of DS2, whose patient is also record 201 of DS1.

    References
    ----------
    de Chazal et al., IEEE Trans Biomed Eng 51(7):1196-1206, 2004.
    """
    groups = _groups(data)
    test = [record for record in DS2 if not (strict and record in SAME_SUBJECT)]
    if missing := sorted({*DS1, *test} - set(groups.tolist())):
        raise ConfigError(
            f"the inter-patient protocol needs the MIT-BIH records of DS1 and DS2; {data.name} "
            f"lacks {len(missing)} of them, the first being {missing[0]}"
        )
    counts = np.stack([np.bincount(data.y[groups == r], minlength=len(data.classes)) for r in DS1])
    held = _choose(counts, validation, rng)
    note = (
        "Record 202 is left out of DS2: its patient is also record 201 of DS1."
        if strict
        else "Records 201 (DS1) and 202 (DS2) are of one person."
    )
    return _by_record(
        groups,
        train=[record for record, out in zip(DS1, held, strict=True) if not out],
        validation=[record for record, out in zip(DS1, held, strict=True) if out],
        test=test,
        protocol="inter-patient-strict" if strict else "inter-patient",
        notes=(note,),
    )


FOLDED: Final = ("training-folds", "patient-wise")
"""Names that stand for several splits, one a fold."""

PROTOCOLS: Final = (*UNKNOWN_PATIENTS, "patient-wise", "inter-patient", "inter-patient-strict")
"""Names that `make` knows."""


def make(
    protocol: str,
    data: BeatDataset,
    rng: np.random.Generator,
    *,
    validation: float = 0.2,
    test: float = 0.2,
    folds: int = 5,
) -> list[Split]:
    """Make the splits of a protocol by its name: one, or one a fold where it has folds.

    ``test`` is for protocols that draw their test beats, ``folds`` for ``patient-wise`` and
    ``training-folds``.
    """
    match protocol:
        case "official":
            return [official(data, rng, validation=validation)]
        case "training-folds":
            return training_folds(data, rng, folds=folds, validation=validation)
        case "pooled":
            return [pooled(data, rng, validation=validation, test=test)]
        case "intra-patient":
            return [intra_patient(data, rng, validation=validation, test=test)]
        case "patient-wise":
            return patient_wise(data, rng, folds=folds, validation=validation)
        case "inter-patient" | "inter-patient-strict":
            strict = protocol == "inter-patient-strict"
            return [inter_patient(data, rng, validation=validation, strict=strict)]
    raise ConfigError(f"protocol {protocol!r} is unknown; there are {', '.join(PROTOCOLS)}")


def _drawn(
    data: BeatDataset, test: float, validation: float, rng: np.random.Generator, protocol: str
) -> Split:
    everything = np.arange(len(data))
    held_out = stratified(data.y, everything, test, rng)
    return _by_beat(data, np.setdiff1d(everything, held_out), held_out, validation, rng, protocol)


def _by_beat(
    data: BeatDataset,
    train: Int64,
    test: Int64,
    validation: float,
    rng: np.random.Generator,
    protocol: str,
) -> Split:
    held = stratified(data.y, train, validation, rng)
    if data.groups is None:
        shares = True
    else:
        shares = bool(np.isin(data.groups[test], np.unique(data.groups[train])).any())
    return Split(
        train=np.setdiff1d(train, held),
        validation=held,
        test=test,
        protocol=INTRA if shares and data.groups is not None else protocol,
        shares_patients=shares,
        groups=data.groups,
    )


def _by_record(
    groups: npt.NDArray[np.str_],
    train: Iterable[str],
    validation: Iterable[str],
    test: Iterable[str],
    protocol: str,
    notes: tuple[str, ...],
) -> Split:
    def beats(records: Iterable[str]) -> Int64:
        return np.flatnonzero(np.isin(groups, list(records)))

    return Split(
        train=beats(train),
        validation=beats(validation),
        test=beats(test),
        protocol=protocol,
        shares_patients=False,
        groups=groups,
        notes=notes,
    )


def _groups(data: BeatDataset) -> npt.NDArray[np.str_]:
    if data.groups is None:
        raise ConfigError(
            f"{data.name} does not tell whose a beat is, so only {', '.join(UNKNOWN_PATIENTS)} "
            f"can be used on it"
        )
    return data.groups


def _patients(data: BeatDataset, groups: npt.NDArray[np.str_]) -> tuple[list[list[str]], Int64]:
    """Give the records of each patient, and each patient's beats by class."""
    assert data.subjects is not None  # they are the groups where nothing else is known
    records, first = np.unique(groups, return_index=True)
    whose: dict[str, list[str]] = {}
    for record, subject in zip(records.tolist(), data.subjects[first].tolist(), strict=True):
        whose.setdefault(subject, []).append(record)
    patients = list(whose.values())
    classes = len(data.classes)
    tally = [np.bincount(data.y[np.isin(groups, own)], minlength=classes) for own in patients]
    return patients, np.stack(tally).astype(np.int64)


# Deals of records that are tried; the best of so many is close to even, and cheap to find.
_TRIES: Final = 300
# A class with fewer beats than this (Q has 8 in DS1) has nothing to be evened out.
_FEW: Final = 50


def _choose(counts: Int64, share: float, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Choose about ``share`` of the records, and of each class's beats with them."""
    n = len(counts)
    size = min(max(round(n * share), 1), n - 1) if share > 0 else 0
    tries = np.argsort(rng.random((_TRIES, n)), axis=1) < size
    best = int(np.argmin(_unevenness(tries[:, None, :], counts, np.array([share]))))
    return np.asarray(tries[best])


def _best_deal(counts: Int64, folds: int, rng: np.random.Generator) -> Int64:
    """Deal records to folds of about the same number so that classes are spread evenly."""
    tries: Int64 = np.argsort(rng.random((_TRIES, len(counts))), axis=1) % folds
    members = tries[:, None, :] == np.arange(folds)[:, None]
    best = int(np.argmin(_unevenness(members, counts, np.full(folds, 1 / folds))))
    return np.asarray(tries[best])


def _unevenness(
    members: npt.NDArray[np.bool_], counts: Int64, shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Sum the squared distance of each class's share from the wanted one, for each try."""
    common = counts[:, counts.sum(axis=0) >= _FEW]
    got = (members @ common) / np.maximum(common.sum(axis=0), 1)  # tries, folds, classes
    distance: npt.NDArray[np.float64] = ((got - shares[:, None]) ** 2).sum(axis=(1, 2))
    return distance

"""How beats are split, by name: `PROTOCOLS`, one object a protocol, and what each may claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, DS2, SAME_SUBJECT
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.splits import INTRA, Names, Split, best_deal, choose, stratified
from ectopy.errors import ConfigError

Int64 = npt.NDArray[np.int64]
Owner = Literal["record", "subject"]


@dataclass(frozen=True)
class Shares:
    """What a protocol may need to know.

    Attributes
    ----------
    validation : float
        Share of what is not tested, for validation.
    test : float
        Share of all beats to test on, for protocols that draw their test beats.
    folds : int
        Number of folds, for protocols that have them.
    """

    validation: float = 0.2
    test: float = 0.2
    folds: int = 5


@dataclass(frozen=True)
class Parts:
    """One split before it is checked: positions of beats, and what a reader must be told."""

    train: Int64
    validation: Int64
    test: Int64
    notes: tuple[str, ...] = ()


Draw = Callable[[BeatDataset, np.random.Generator, Shares], Iterable[Parts]]


@dataclass(frozen=True)
class Protocol:
    """A way to split beats.

    Attributes
    ----------
    name : str
        What studies call it.
    summary : str
        What it does, in a few words, for help texts.
    words : str
        What its figures can claim, for reports.
    draw : callable
        ``draw(data, rng, shares)`` gives the parts of each fold, of one where there are none.
    apart : {"record", "subject"}, optional
        Whose beats are never in two parts. None promises nothing: such a protocol can be used
        where the source does not tell whose a beat is, and its splits are called intra-patient
        where they share a record.
    folded : bool
        Whether it stands for several splits, one a fold.
    leaky : bool
        Whether its words belong under the limits of a figure.

    Examples
    --------
    >>> from ectopy.datasets import PROTOCOLS
    >>> from ectopy.datasets.protocols import Shares
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> folds = PROTOCOLS["patient-wise"].splits(data, np.random.default_rng(0), Shares(folds=2))
    >>> [fold.shares_patients for fold in folds]
    [False, False]
    """

    name: str
    summary: str
    words: str
    draw: Draw = field(repr=False)
    apart: Owner | None = None
    folded: bool = False
    leaky: bool = False

    def splits(
        self, data: BeatDataset, rng: np.random.Generator, shares: Shares | None = None
    ) -> list[Split]:
        """Split a data set: once, or once a fold.

        Parameters
        ----------
        data : BeatDataset
            All beats.
        rng : numpy.random.Generator
            Source of chance.
        shares : Shares, optional
            Sizes of the parts.

        Raises
        ------
        ConfigError
            If the data lacks what the protocol needs.
        LeakError
            If a split does not keep the protocol's promise.
        """
        owners = owners_of(data, self.apart or "subject")
        if owners is None and self.apart:
            free = ", ".join(p.name for p in PROTOCOLS.values() if not p.apart)
            raise ConfigError(
                f"{data.name} does not tell whose a beat is, so only {free} can be used on it"
            )
        return [self._split(parts, owners) for parts in self.draw(data, rng, shares or Shares())]

    def _split(self, parts: Parts, owners: Names | None) -> Split:
        shares_patients, name = owners is None, self.name
        if owners is not None and not self.apart:
            seen = np.concatenate([parts.train, parts.validation])
            shares_patients = bool(np.isin(owners[parts.test], np.unique(owners[seen])).any())
            name = INTRA if shares_patients else name
        return Split(
            parts.train,
            parts.validation,
            parts.test,
            name,
            shares_patients,
            parts.notes,
            apart=self.apart is not None,
            owners=owners,
        )


def owners_of(data: BeatDataset, kind: Owner) -> Names | None:
    """Tell whose each beat is: by subject where the data set knows, else by record."""
    known = data.groups if kind == "record" or data.subjects is None else data.subjects
    return data.subjects if known is None else known


def protocol(name: str) -> Protocol:
    """Find a protocol by its name.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f"protocol {name!r} is unknown; there are {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def _official(data: BeatDataset, rng: np.random.Generator, shares: Shares) -> Iterable[Parts]:
    part = _own_parts(data)
    train, test = np.flatnonzero(part == "train"), np.flatnonzero(part == "test")
    yield _by_beat(data, train, test, rng, shares)


def _training_folds(data: BeatDataset, rng: np.random.Generator, shares: Shares) -> Iterable[Parts]:
    own = rng.permutation(np.flatnonzero(_own_parts(data) == "train"))
    _check_folds(data, shares.folds, len(own), "training beats")
    # Dealt in the order of their classes, so every fold gets its share of each.
    dealt = own[np.argsort(data.y[own], kind="stable")]
    deal = np.arange(len(dealt)) % shares.folds
    for fold in range(shares.folds):
        train, test = np.sort(dealt[deal != fold]), np.sort(dealt[deal == fold])
        yield _by_beat(data, train, test, rng, shares)


def _drawn(data: BeatDataset, rng: np.random.Generator, shares: Shares) -> Iterable[Parts]:
    everything = np.arange(len(data))
    test = stratified(data.y, everything, shares.test, rng)
    yield _by_beat(data, np.setdiff1d(everything, test), test, rng, shares)


def _dealt(
    data: BeatDataset, rng: np.random.Generator, shares: Shares, *, owner: Owner, who: str
) -> Iterable[Parts]:
    """Test on each owner's beats once, dealt so that folds have like shares of each class."""
    owners = owners_of(data, owner)
    assert owners is not None  # `Protocol.splits` has seen to it
    names = _in_order_of_records(data, owners)
    counts = _counts(data, owners, names)
    _check_folds(data, shares.folds, len(names), f"{who}s")
    deal = best_deal(counts, shares.folds, rng)
    for fold in range(shares.folds):
        others = names[deal != fold]
        held = choose(counts[deal != fold], shares.validation, rng)
        train, validation, test = (
            np.flatnonzero(np.isin(owners, part))
            for part in (others[~held], others[held], names[deal == fold])
        )
        notes = (f"Fold {fold + 1} of {shares.folds}, by {who}.",)
        yield Parts(train, validation, test, notes)


def _ds1_to_ds2(
    data: BeatDataset, rng: np.random.Generator, shares: Shares, *, strict: bool
) -> Iterable[Parts]:
    """Train on DS1 and test on DS2, with whole records of DS1 as validation part."""
    records = owners_of(data, "record")
    assert records is not None  # `Protocol.splits` has seen to it
    test = [record for record in DS2 if not (strict and record in SAME_SUBJECT)]
    if missing := sorted({*DS1, *test} - set(records.tolist())):
        raise ConfigError(
            f"the inter-patient protocol needs the MIT-BIH records of DS1 and DS2; {data.name} "
            f"lacks {len(missing)} of them, the first being {missing[0]}"
        )
    train = np.array(DS1)
    held = choose(_counts(data, records, train), shares.validation, rng)
    note = (
        "Record 202 is left out of DS2: its patient is also record 201 of DS1."
        if strict
        else "Records 201 (DS1) and 202 (DS2) are of one person."
    )
    ours, validation, theirs = (
        np.flatnonzero(np.isin(records, part)) for part in (train[~held], train[held], test)
    )
    yield Parts(ours, validation, theirs, (note,))


def _by_beat(
    data: BeatDataset, train: Int64, test: Int64, rng: np.random.Generator, shares: Shares
) -> Parts:
    held = stratified(data.y, train, shares.validation, rng)
    return Parts(np.setdiff1d(train, held), held, test)


def _own_parts(data: BeatDataset) -> Names:
    if data.part is None:
        raise ConfigError(f"{data.name} has no split of its own; use another protocol")
    return data.part


def _check_folds(data: BeatDataset, folds: int, most: int, what: str) -> None:
    if not 2 <= folds <= most:
        raise ConfigError(
            f"{folds} folds were asked for; {data.name} has {most} {what}, so 2 to {most} are "
            "possible"
        )


def _in_order_of_records(data: BeatDataset, owners: Names) -> Names:
    """Name each owner once, in the order of the records, whatever the owners are called."""
    records = owners if data.groups is None else data.groups
    _, first = np.unique(records, return_index=True)
    found = owners[first]
    _, at = np.unique(found, return_index=True)
    return np.asarray(found[np.sort(at)])


def _counts(data: BeatDataset, owners: Names, names: Names) -> Int64:
    """Count the beats of some owners by class, shape (n_names, n_classes)."""
    classes = len(data.classes)
    return np.stack([np.bincount(data.y[owners == n], minlength=classes) for n in names])


_DRAWN_WORDS: Final = (
    "All beats were put together and split at random, so that beats much like the test beats were "
    "trained on. Easier than the official split, and not comparable with it."
)
_INTER_WORDS: Final = (
    "Trained on the records DS1, tested on the records DS2: other patients. (Records 201 and 202 "
    "are one person, one in each half.)"
)

_ALL: Final = (
    Protocol(
        "official",
        "the source's own test part",
        "The split that the archive itself publishes. Its test beats were read once, at the end; "
        "every choice was made on its training beats.",
        _official,
    ),
    Protocol(
        "training-folds",
        "cross-validation without the test part",
        "Cross-validation inside the training part that the archive publishes; its test beats were "
        "not read. For choosing between settings, not for quoting.",
        _training_folds,
        folded=True,
    ),
    Protocol("pooled", "drawn from all beats", _DRAWN_WORDS, _drawn, leaky=True),
    Protocol(
        INTRA,
        "drawn from all beats, as the Kaggle CSVs were",
        "Beats of the same patients are in training and in test. The figures say how well the "
        "model knows these patients, not how it does on a new one: those are lower.",
        _drawn,
        leaky=True,
    ),
    Protocol(
        "patient-wise",
        "each patient tested once, in folds",
        "No record is on both sides of a split: each test beat comes from a patient that the model "
        "had not met.",
        partial(_dealt, owner="subject", who="patient"),
        apart="subject",
        folded=True,
    ),
    Protocol(
        "record-wise",
        "each record tested once, in folds",
        "No record is on both sides of a split, but a person with two records may be.",
        partial(_dealt, owner="record", who="record"),
        apart="record",
        folded=True,
    ),
    # de Chazal et al., IEEE Trans Biomed Eng 51(7):1196-1206, 2004.
    Protocol(
        "inter-patient",
        "DS1 to DS2 of MIT-BIH",
        _INTER_WORDS,
        partial(_ds1_to_ds2, strict=False),
        apart="record",  # 201 and 202 are one person's: the note says so
    ),
    Protocol(
        "inter-patient-strict",
        "the same without record 202",
        "Trained on the records DS1, tested on the records DS2 without 202: other patients.",
        partial(_ds1_to_ds2, strict=True),
        apart="subject",
    ),
)

PROTOCOLS: Final = {known.name: known for known in _ALL}
"""Every protocol by its name."""

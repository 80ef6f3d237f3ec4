"""`Answers`: the classes that a reader stated; `Change`: what became of the labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ectopy.analysis.arrow import coded, numbers, table
from ectopy.analysis.tables import Table
from ectopy.classes import AAMI
from ectopy.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

    from ectopy.analysis.result import Result

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


def _none() -> Int64:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Answers(Table):
    """Beats whose class a reader stated.

    Attributes
    ----------
    samples : ndarray of int64, shape (n_answers,)
        Their R peaks, ascending, each once.
    classes : ndarray of int64, shape (n_answers,)
        Their classes, indices into `ectopy.classes.AAMI`.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> result = ectopy.analyze(recording)
    >>> adapted = result.adapt(result.ask(2).samples, "NS")
    >>> len(result.answers), len(adapted.answers), sorted(adapted.answers.symbols.tolist())
    (0, 2, ['N', 'S'])
    """

    samples: Int64 = field(default_factory=_none)
    classes: Int64 = field(default_factory=_none)

    def __len__(self) -> int:
        """Count them."""
        return len(self.samples)

    @property
    def symbols(self) -> npt.NDArray[np.str_]:
        """AAMI letter of each."""
        return np.array(AAMI)[self.classes]

    def check(self, name: str) -> None:
        """Refuse two classes of one beat."""
        pairs = np.unique(np.stack([self.samples, self.classes]), axis=1)
        twice = np.flatnonzero(np.diff(pairs[0]) == 0)
        if len(twice):
            one, other = (AAMI[pairs[1, twice[0] + step]] for step in (0, 1))
            raise ConfigError(
                f"the beat at sample {pairs[0, twice[0]]} of {name} is stated to be {one} and "
                f"{other}; state one class for each beat"
            )

    def then(self, later: Answers) -> Answers:
        """Add later answers, which go before earlier ones to the same beats."""
        samples = np.concatenate([later.samples, self.samples])
        classes = np.concatenate([later.classes, self.classes])
        found, first = np.unique(samples, return_index=True)
        return Answers(found, classes[first])

    def to_arrow(self) -> pa.Table:
        """Give a row an answer: its ``sample``, and the ``class`` (AAMI letter) stated."""
        return table({"sample": numbers(self.samples), "class": coded(self.classes, AAMI)})


@dataclass(frozen=True, eq=False, repr=False)
class Change(Table):
    """Which beats have another class than in an earlier result of the same beats.

    Attributes
    ----------
    samples : ndarray of int64, shape (n_changed,)
        Their R peaks.
    rows : ndarray of int64, shape (n_changed,)
        Their rows in the table of beats.
    before, after : ndarray of int64, shape (n_changed,)
        Their classes, indices into `ectopy.classes.AAMI`.
    stated : ndarray of bool, shape (n_changed,)
        True for a beat that a reader stated; the others follow from those.
    uncertain_before, uncertain_after : int
        Uncertain beats in all.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> result = ectopy.analyze(recording)
    >>> beat = result.beats.samples[result.beats.symbols == "N"][0]
    >>> change = result.adapt([beat], "V").change_from(result)
    >>> change.stated_counts
    {('N', 'V'): 1}
    """

    samples: Int64
    rows: Int64
    before: Int64
    after: Int64
    stated: Bool
    uncertain_before: int
    uncertain_after: int

    def __len__(self) -> int:
        """Count the beats that changed."""
        return len(self.rows)

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Count beats that nobody stated by what they were and are, the largest number first."""
        return self._counts(~self.stated)

    @property
    def stated_counts(self) -> dict[tuple[str, str], int]:
        """Count the stated ones, likewise."""
        return self._counts(self.stated)

    def _counts(self, of: Bool) -> dict[tuple[str, str], int]:
        pairs, n = np.unique(self.before[of] * len(AAMI) + self.after[of], return_counts=True)
        order = np.argsort(-n, kind="stable")
        return {
            (AAMI[pair // len(AAMI)], AAMI[pair % len(AAMI)]): count
            for pair, count in zip(pairs[order].tolist(), n[order].tolist(), strict=True)
        }

    def to_arrow(self) -> pa.Table:
        """Give a row a beat: ``sample``, ``row``, ``before``, ``after`` (letters), ``stated``."""
        return table(
            {
                "sample": numbers(self.samples),
                "row": numbers(self.rows),
                "before": coded(self.before, AAMI),
                "after": coded(self.after, AAMI),
                "stated": numbers(self.stated),
            }
        )

    def __repr__(self) -> str:
        """Tell it in a line."""

        def said(counts: dict[tuple[str, str], int]) -> str:
            pairs = (f"{n:,} {one} to {other}" for (one, other), n in counts.items())
            return ", ".join(pairs) or "none"

        return (
            f"<{len(self):,} beats changed: {said(self.counts)}; stated: "
            f"{said(self.stated_counts)}; uncertain {self.uncertain_before:,} to "
            f"{self.uncertain_after:,}>"
        )


def change(earlier: Result, later: Result) -> Change:
    """Tell what changed between two results of the same beats, see `Result.change_from`."""
    one, other = earlier.intervals.beats, later.intervals.beats
    if not np.array_equal(one.samples, other.samples):
        raise ConfigError(
            f"{later.name} has {len(other):,} beats, and the {len(one):,} of the earlier result "
            f"of {earlier.name} are not the same ones; compare results of one analysis"
        )
    rows = np.flatnonzero(one.classes != other.classes)
    samples = other.samples[rows]
    return Change(
        samples=samples,
        rows=rows,
        before=one.classes[rows],
        after=other.classes[rows],
        stated=np.isin(samples, later.answers.samples),
        uncertain_before=int(one.uncertain.sum()),
        uncertain_after=int(other.uncertain.sum()),
    )

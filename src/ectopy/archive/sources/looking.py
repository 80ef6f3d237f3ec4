"""Which of very many files are recordings, without a look into each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from ectopy.analysis.sifting import BY_NAME, ending

MANY: Final = 200
"""Files of one ending that are looked into before others like them are believed."""
EVERY: Final = 100
"""One in so many is looked into after that."""


class Looking:
    """Tells recordings among the files of folder after folder.

    An ending that only recordings have is believed. Other files are looked into; where the first
    `MANY` with the same ending, as the tables of a study, all are recordings, only one in `EVERY`
    of the others is, until one is none. What turns out to be none is then a failure with a reason;
    nothing that could be a recording is left out by this.
    """

    def __init__(self) -> None:
        self._looked = Counter[str]()
        self._mixed: set[str] = set()

    def among(self, names: Sequence[str], look: Callable[[Sequence[str]], list[bool]]) -> set[str]:
        """Tell the recordings among files of one folder.

        Parameters
        ----------
        names : sequence of str
            Of the files.
        look : callable
            Looks into files and tells for each whether it is a recording.
        """
        found: set[str] = set()
        unclear: dict[str, list[str]] = {}
        for name in names:
            kind = ending(name).lower()
            if kind in BY_NAME:
                found.add(name)
            else:
                unclear.setdefault(kind, []).append(name)
        for kind, group in unclear.items():
            first = max(MANY - self._looked[kind], 0)
            few = group if kind in self._mixed else [*group[:first], *group[first::EVERY]]
            told = dict(zip(few, look(few), strict=True))
            self._looked[kind] += len(few)
            if kind not in self._mixed and all(told.values()):
                found.update(group)
                continue
            self._mixed.add(kind)
            rest = [name for name in group if name not in told]
            told.update(zip(rest, look(rest), strict=True))
            found.update(name for name in group if told[name])
        return found

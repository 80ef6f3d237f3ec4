"""Which of many files are recordings, without a look into each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ectopy.analysis.sifting import BY_NAME, ending

MANY: Final = 200
"""Files of one ending in a folder from which a few are looked into first."""
FEW: Final = 32


def recordings_among(names: Sequence[str], look: Callable[[Sequence[str]], list[bool]]) -> set[str]:
    """Tell the recordings among files of a folder.

    An ending that only recordings have is believed. Other files are looked into; of very many with
    the same ending, as the tables of a study, a few are, and where each of these is a recording the
    rest is believed, too. What turns out to be none is then a failure with a reason; nothing that
    could be a recording is left out by this.

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
    for group in unclear.values():
        if len(group) >= MANY:
            few = group[:: -(-len(group) // FEW)]
            if all(look(few)):
                found.update(group)
                continue
        found.update(name for name, yes in zip(group, look(group), strict=True) if yes)
    return found

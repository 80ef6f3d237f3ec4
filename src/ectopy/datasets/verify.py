"""Compare a database on this machine with its known checksums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ectopy.datasets.download import read_sums
from ectopy.datasets.locate import Database
from ectopy.errors import DataFormatError
from ectopy.files import sha256

_LISTS = ("SHA256SUMS.txt", "SHA256SUMS")  # as PhysioNet calls it, and as people do


@dataclass(frozen=True)
class Verified:
    """What came of a comparison.

    Attributes
    ----------
    matching : int
        Files whose SHA-256 is a known one.
    unknown : tuple of str
        Files for which none is known.
    faults : tuple of str
        What is wrong, one sentence each.
    """

    matching: int
    unknown: tuple[str, ...]
    faults: tuple[str, ...]


def verify(database: Database, folder: Path) -> Verified:
    """Compare every file that a database should have with the SHA-256 that it should have.

    Known are the checksums that come with this package and those of a ``SHA256SUMS.txt`` in the
    folder, which is what PhysioNet publishes; a file that matches either is as published.
    """
    listed: dict[str, str] = {}
    faults: list[str] = []
    for name in _LISTS:
        if (folder / name).is_file():
            try:
                listed |= read_sums(folder / name)
            except ValueError as error:
                faults.append(f"{folder / name} cannot be used: {error}")
    matching, unknown = 0, []
    for path in dict.fromkeys(database.files(folder)):
        name = path.name
        known = {sums[name] for sums in (database.checksums, listed) if name in sums}
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif not known:
            unknown.append(name)
        elif (found := sha256(path)) in known:
            matching += 1
        else:
            faults.append(
                f"{name} has the SHA-256 {found[:12]}…, expected {sorted(known)[0][:12]}…"
            )
    if database.examine is not None and not faults:
        try:
            faults += database.examine(folder)
        except DataFormatError as error:
            faults.append(str(error))
    return Verified(matching, tuple(unknown), tuple(faults))

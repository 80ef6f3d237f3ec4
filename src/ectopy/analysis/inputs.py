"""Which recordings are meant by files, folders and patterns on the command line."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ectopy.analysis.sifting import (
    ARCHIVE,
    LARGEST_HEADER,
    Named,
    by_folder,
    format_of,
    header_of,
    is_recording,
    meant_by,
    names_in,
    sift,
    without_parts,
)
from ectopy.errors import ConfigError, DataNotFoundError


@dataclass(frozen=True)
class Inputs:
    """What was found.

    Attributes
    ----------
    files : list of Path
        Recordings, in the order given, a folder's by name; a WFDB record is its header.
    skipped : list of Path
        Files of folders and patterns that are no recordings, but may have been meant as such.
    """

    files: list[Path]
    skipped: list[Path]


def find_recordings(given: Iterable[Path], *, namesakes: bool = False) -> Inputs:
    """Find the recordings meant by files, folders and patterns such as ``data/*.hea``.

    In a folder they are looked for in it, or below it where it holds none itself. A record of
    several segments counts once. Annotations and signal files of a record, lists of files, hidden
    files, our own results and archives of them are passed over. A file given by name is taken as
    it is.

    Parameters
    ----------
    given : iterable of Path
        Files, folders and patterns.
    namesakes : bool
        Whether two may have the same name, since their results are not written side by side.

    Raises
    ------
    DataNotFoundError
        If a folder holds no recording, or nothing matches a pattern.
    ConfigError
        If two recordings would write results of the same name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.analysis import find_recordings
    >>> [file.name for file in find_recordings([Path("records")]).files]
    ['a.hea', 'b.hea']
    """
    files: list[Path] = []
    skipped: list[Path] = []
    named = [_header_of(path) for path in given]
    # A shell that expands data/* names what belongs to a recording as well.
    kept = set(named if len(named) == 1 else _without_parts(named))
    for path in named:
        if _is(path, Path.is_dir):
            found = _search(path)
            if not found.files and len(named) == 1:
                raise DataNotFoundError(
                    f"{path} holds no recordings{_told(found.skipped)}; name a folder or a file "
                    "with ECG recordings"
                )
            if not found.files:
                found = Inputs([], [path])
        elif glob.has_magic(str(path)) and not _is(path, Path.exists):
            found = _matching(path)
        else:
            found = Inputs([path] if path in kept else [], [])
        files += found.files
        skipped += found.skipped
    once: dict[str, Path] = {}
    for path in files:
        once.setdefault(_real(path), path)
    files = list(once.values())
    if not files:
        raise DataNotFoundError(
            f"there are no recordings among what was named ({some(named)}); name files with ECG "
            "recordings, or folders of them"
        )
    if not namesakes:
        _check_names(files)
    return Inputs(files, list(dict.fromkeys(skipped)))


def _real(path: Path) -> str:
    """Give the one true name of a file; where it can have none, the name itself."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def some(paths: list[Path], most: int = 3) -> str:
    """Name a few files, and say how many more there are."""
    rest = len(paths) - most
    names = ", ".join(path.name for path in paths[:most])
    return names + (f" and {rest} more" if rest > 0 else "")


def count(paths: list[Path]) -> str:
    """Count files in words."""
    return f"{len(paths)} file" + ("s" if len(paths) != 1 else "")


def _told(skipped: list[Path]) -> str:
    if not skipped:
        return ""
    return f" ({count(skipped)} in it, of another kind: {some(skipped)})"


def _header_of(path: Path) -> Path:
    """Give the header of the WFDB record that a name or a signal file means, or the path itself."""
    if not path.name:
        return path

    def there(name: str) -> bool:
        return _is(path.with_name(name), Path.exists if name == path.name else Path.is_file)

    return path.with_name(header_of(path.name, there))


def _by_header(files: list[Path]) -> list[Path]:
    """Give for signal files the header of their record, once; and all other files."""
    meant = {folder: meant_by(names, _Inside(folder)) for folder, names in by_folder(files).items()}
    return list(dict.fromkeys(file.with_name(meant[file.parent][file.name]) for file in files))


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Ask for a file or folder; one whose name is too long for the file system is neither."""
    try:
        return kind(path)
    except OSError:
        return False


def _matching(pattern: Path) -> Inputs:
    # pathlib takes no pattern that begins at the root.
    names = glob.glob(str(pattern), recursive=True)  # noqa: PTH207
    paths = [Path(name) for name in sorted(names)]
    found = _sift(_by_header([path for path in paths if path.is_file()]))
    for path in paths:
        if path.is_dir():
            inner = _search(path)
            found = Inputs(found.files + inner.files, found.skipped + inner.skipped)
    if not found.files:
        why = f"matches no recording{_told(found.skipped)}" if paths else "matches no file"
        raise DataNotFoundError(f"{pattern} {why}; check the pattern and the folder")
    return found


def _search(folder: Path) -> Inputs:
    """Find the recordings in a folder, or below it where it holds none itself."""
    try:
        here = _sift(sorted(path for path in folder.iterdir() if path.is_file()))
        if here.files:
            return here
        below = [path for path in folder.rglob("*") if path.is_file()]
        archives = {path.parents[1] for path in below if path.parts[-2:] == ARCHIVE}
        visible = (
            path
            for path in below
            if not any(part[0] == "." for part in path.relative_to(folder).parts)
            and archives.isdisjoint(path.parents)
        )
        return _sift(sorted(visible))
    except OSError as error:
        raise DataNotFoundError(f"{folder} cannot be read: {error.strerror}") from error


def _sift(paths: list[Path]) -> Inputs:
    """Part recordings from what is none."""
    files: set[Path] = set()
    skipped: set[Path] = set()
    for folder, names in by_folder(paths).items():
        sifted = sift(names, _Inside(folder))
        files.update(folder / name for name in sifted.recordings)
        skipped.update(folder / name for name in sifted.skipped)
    return Inputs([p for p in paths if p in files], [p for p in paths if p in skipped])


def _without_parts(paths: list[Path]) -> list[Path]:
    """Leave out what belongs to a recording or a database, and our own results."""
    kept: set[Path] = set()
    for folder, names in by_folder(paths).items():
        kept.update(folder / name for name in without_parts(names, _Inside(folder))[0])
    return [path for path in paths if path in kept]


@dataclass(frozen=True)
class _Inside:
    """Looks into each file that names cannot tell."""

    folder: Path

    def there(self, name: str) -> bool:
        return _is(self.folder / name, Path.is_file)

    def every_header(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.hea"))

    def headers(self, names: Sequence[str]) -> dict[str, Named]:
        return {name: _named_in(self.folder / name) for name in names}

    def copies(self, names: Sequence[str]) -> set[str]:
        known = (name for name in names if format_of(self.folder / name) is not None)
        return {*known, *(name for name in names if not self.there(name))}

    def recordings(self, names: Sequence[str]) -> set[str]:
        return {name for name in names if is_recording(self.folder / name)}


def _named_in(header: Path) -> Named:
    """Tell what a header names; nothing where it cannot be read."""
    if not _is(header, Path.is_file):
        return Named()
    try:
        with header.open("rb") as stream:
            return names_in(stream.read(LARGEST_HEADER))
    except OSError:
        return Named()


def _check_names(files: list[Path]) -> None:
    by_name = defaultdict(list)
    for file in files:  # without case: some file systems take A.ect and a.ect for the same
        by_name[Path(file.name.removesuffix(".gz")).stem.casefold()].append(file)
    for namesakes in by_name.values():
        if len(namesakes) > 1:
            one, two = namesakes[:2]
            raise ConfigError(
                f"several files are called {one.name.split('.')[0]} ({one}, {two}), and their "
                "results would overwrite each other; analyze them into different folders"
            )

"""Which records a folder of WFDB files holds, and which of them have reference annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError

_OWN: Final = frozenset(
    (".hea", ".dat", ".mat", ".xws", ".txt", ".md", ".html", ".json", ".csv", ".edf", ".zip")
)
"""Extensions beside a record that are no annotations."""


def annotated_records(
    folder: Path, extension: str = "atr", wanted: Sequence[str] | None = None
) -> tuple[dict[str, Path], dict[str, str]]:
    """Find the records of a folder that have annotations with this extension.

    Parameters
    ----------
    folder : Path
        A folder with a ``RECORDS`` file, or with ``.hea`` headers in it or below it.
    extension : str
        Extension of the reference annotations.
    wanted : sequence of str, optional
        Names of the records to take; by default all.

    Returns
    -------
    records : dict of str to Path
        Path without extension of each record, by its name (with its subfolder, where it has one).
    without : dict of str to str
        Records that were listed or asked for and have no such annotations, with the reason.

    Raises
    ------
    DataNotFoundError
        If there is no such folder, no record in it, or none has such annotations.
    ConfigError
        If a wanted record is not there.
    """
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "is not there"
        raise DataNotFoundError(f"{folder} {found}, expected a folder of WFDB records")
    listed = _listed(folder)
    names = listed if listed is not None else _headers(folder)
    if not names:
        raise DataNotFoundError(
            f"{folder} holds no WFDB record: neither a RECORDS file nor a .hea header was found"
        )
    if wanted:
        known = {**{Path(name).name: name for name in names}, **{name: name for name in names}}
        strangers = [name for name in wanted if name not in known]
        if strangers:
            raise ConfigError(
                f"{folder} has no record {', '.join(strangers)}; it has {_some(names)}"
            )
        names = list(dict.fromkeys(known[name] for name in wanted))
    records = {name: folder / name for name in names}
    with_annotations = {
        name: path for name, path in records.items() if _beside(path, extension).is_file()
    }
    if not with_annotations:
        others = Counter(
            file.suffix[1:]
            for path in records.values()
            for file in path.parent.glob(f"{path.name}.*")
            if file.suffix not in _OWN
        )
        hint = f"there are {_some(sorted(others))}; name another one" if others else ""
        raise DataNotFoundError(
            f"no record in {folder} has reference annotations .{extension}"
            + (f", but {hint}" if hint else ", and none has any other annotations"),
            change="extension" if hint else (),
        )
    # Headers without annotations are segments or unlabelled recordings; only a list promises more.
    missing = {} if listed is None and not wanted else records.keys() - with_annotations.keys()
    return with_annotations, {
        name: f"it has no annotations .{extension}" for name in names if name in missing
    }


def _listed(folder: Path) -> list[str] | None:
    """Names in ``RECORDS``, following entries that are folders; None where there is no list."""
    path = folder / "RECORDS"
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFormatError(f"{path} cannot be read as a list of records: {error}") from error
    names: list[str] = []
    for line in lines:
        if line.endswith("/") and (folder / line).is_dir():
            below = folder / line
            inner = _listed(below) if not line.startswith(("/", "..")) else None
            names += [f"{line}{name}" for name in (_headers(below) if inner is None else inner)]
        else:
            names.append(line)
    return list(dict.fromkeys(names))


def _headers(folder: Path) -> list[str]:
    """Names of all headers in the folder, or below it where it has none itself."""
    headers = sorted(folder.glob("*.hea")) or sorted(folder.rglob("*.hea"))
    return [header.relative_to(folder).with_suffix("").as_posix() for header in headers]


def _beside(path: Path, extension: str) -> Path:
    return path.with_name(f"{path.name}.{extension}")


def _some(names: Sequence[str], most: int = 8) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")

"""A case of the corpus: a file to make, and what to state when it is opened."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import recording_files


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes
    ----------
    name : str
        What is odd about it.
    make : callable
        Writes it into an empty folder and gives the path that a user would name.
    stated : dict
        Options of `open_recording`.
    """

    name: str
    make: Callable[[Path], Path]
    stated: Mapping[str, Any] = field(default_factory=dict)


@functools.cache
def valid(kind: str) -> tuple[str, dict[str, bytes]]:
    """Give a valid file of a kind of `recording_files`: its name, and it and its parts as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = recording_files.EVERY[kind](Path(folder))
        parts = {part.name: part.read_bytes() for part in sorted(Path(folder).iterdir())}
    return path.name, parts


def changed(
    kind: str, change: Callable[[bytes], bytes], part: str = "", name: str = ""
) -> Callable[[Path], Path]:
    """Make a valid file of a kind with one part changed (by default the file that is named).

    ``part`` is the beginning of the part's suffix, ``name`` another name for the file.
    """

    def make(folder: Path) -> Path:
        opened, parts = valid(kind)
        which = next(p for p in parts if p.endswith(part)) if part else opened
        for other, raw in parts.items():
            target = name if name and other == opened else other
            (folder / target).write_bytes(change(raw) if other == which else raw)
        return folder / (name or opened)

    return make


def holding(name: str, content: str | bytes) -> Callable[[Path], Path]:
    """Make a file with this content."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def named(prefix: str, makers: Mapping[str, Callable[[Path], Path]], **stated: Any) -> list[Case]:
    """Give cases by name, all opened with the same options."""
    return [Case(f"{prefix}: {name}", make, stated) for name, make in makers.items()]

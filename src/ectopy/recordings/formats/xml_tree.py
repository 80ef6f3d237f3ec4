"""XML of recorders: told by its root, read once, nothing expanded, only what is wanted kept."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget

Element = ElementTree.Element
# No part of this can match in two ways, so a hostile file costs no more than an honest one.
_ROOT: Final = re.compile(
    r"\s*((<\?[^>]*\?>|<!--((?!-->).)*-->|<!DOCTYPE[^>\[]*(\[[^\]]*\])?\s*>)\s*)*"
    r"<(?P<name>[A-Za-z_][\w.:-]*)[\s/>]",
    re.DOTALL,
)
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"']")
_CHARSET: Final = re.compile(
    r"(us-)?ascii|(iso-?8859|latin|cp|windows)-?\d{1,4}|gb(k|2312|18030)|big5|euc-?\w\w"
    r"|shift[_-]jis|koi8-[ru]",
    re.IGNORECASE,
)
"""What recorders write beside UTF-8 and UTF-16, which are told by their first bytes."""
_READ_BYTES: Final = 1 << 18
_DEEPEST: Final = 100
"""Elements within each other; aECG has 18."""
_PIECE: Final = 1 << 20  # characters of numbers that are split into words at once


def root_name(head: bytes) -> str | None:
    """Give the name of the root element, without prefix, from the first bytes of a file."""
    text = head.decode(_encoding(head), errors="replace")
    found = _ROOT.match(text)
    return found["name"].rpartition(":")[2] if found else None


def read_xml(path: Path, *, skip: Collection[str] = ()) -> Element:
    """Read an XML file as a tree without namespaces.

    Parameters
    ----------
    path : Path
        In UTF-8, UTF-16 or what it declares; bytes that do not fit that are read as Latin-1.
    skip : collection of str
        Elements that are left out, with all that is in them.

    Raises
    ------
    DataFormatError
        If it is too large or not well-formed, declares entities, or nests or holds too many
        elements.
    """
    size = path.stat().st_size
    if size > budget.MOST_PARSED:
        raise DataFormatError(
            f"{path} has {size} bytes, which are read as a whole, expected at most "
            f"{budget.MOST_PARSED}; save it as WFDB or EDF"
        )
    builder = _Builder(path, frozenset(skip))
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _READ_BYTES
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = builder.entity
    try:
        with path.open("rb") as stream:
            for text in _decoded(stream):
                parser.Parse(text, False)
        parser.Parse("", True)
    except expat.ExpatError as error:
        raise DataFormatError(
            f"{path} is no well-formed XML ({error}); it is cut off or damaged"
        ) from error
    return builder.tree.close()


class _Builder:
    """Takes what the parser meets and keeps it, unless it is to be left out."""

    def __init__(self, path: Path, skip: frozenset[str]) -> None:
        self.tree = ElementTree.TreeBuilder()
        self._path, self._skip = path, skip
        self._depth = self._kept = 0
        self._skipped_at = 0  # how deep the element is that is left out, with what is in it

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = name.rpartition(":")[2]
        if self._skipped_at or name in self._skip:
            self._skipped_at = self._skipped_at or self._depth
            return
        self._kept += 1
        if self._depth > _DEEPEST or self._kept > budget.MOST_ELEMENTS:
            raise DataFormatError(
                f"{self._path} has more than {budget.MOST_ELEMENTS} XML elements, or more than "
                f"{_DEEPEST} within each other, expected fewer; it is damaged or no recording"
            )
        self.tree.start(name, {key.rpartition(":")[2]: x for key, x in attributes.items()})

    def end(self, name: str) -> None:
        if not self._skipped_at:
            self.tree.end(name.rpartition(":")[2])
        elif self._skipped_at == self._depth:
            self._skipped_at = 0
        self._depth -= 1

    def data(self, text: str) -> None:
        if not self._skipped_at:
            self.tree.data(text)

    def entity(self, *_: object) -> None:
        raise DataFormatError(
            f"{self._path} declares XML entities, which no recorder writes; it is not read"
        )


def _encoding(head: bytes) -> str:
    """Tell the encoding by the first bytes, else by what is declared, else UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if head[0] else "utf-16-be"
    declared = _DECLARED.search(head[:300])
    name = declared[1].decode("ascii") if declared else ""
    if not head.startswith(codecs.BOM_UTF8) and _CHARSET.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            pass
    return "utf-8-sig"  # whatever it says: UTF-16 is told by its bytes


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """Give the text in pieces; from where it is not what it should be on, as Latin-1."""
    piece = stream.read(_READ_BYTES)
    decoder = codecs.getincrementaldecoder(_encoding(piece))()
    while piece:
        waiting = decoder.getstate()[0]
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError:
            decoder = codecs.getincrementaldecoder("latin-1")()
            text = decoder.decode(waiting + piece)
        if text:
            yield text
        piece = stream.read(_READ_BYTES)


def text_of(element: Element | None, way: str = ".") -> str:
    """Give the words in an element, or in one inside it, on one line; nothing if there is none."""
    found = element.find(way) if element is not None else None
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def attribute(element: Element | None, way: str, name: str) -> str:
    """Give an attribute of an element inside another; nothing if there is none."""
    found = element.find(way) if element is not None else None
    return found.get(name, "").strip() if found is not None else ""


def number(text: str) -> float | None:
    """Give the number that a text is, a decimal comma allowed; None if it is none."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def numbers(path: Path, what: str, text: str, separator: str | None = None) -> npt.NDArray[Any]:
    """Give the numbers of a text, shape (n,), between white space or another separator.

    Raises
    ------
    DataFormatError
        If there is anything else.
    """
    parts: list[npt.NDArray[Any]] = []
    begin, text = 0, text.rstrip(f"{separator or ''} \t\r\n")
    while begin < len(text):
        end = begin + _PIECE
        if end < len(text):  # up to a place between two numbers
            found = re.compile(re.escape(separator) if separator else r"\s").search(text, end)
            end = found.end() if found else len(text)
        piece = text[begin:end]
        words = piece.rstrip(separator).split(separator) if separator else piece.split()
        try:
            parts.append(np.array(words, dtype=np.float64))
        except ValueError as error:
            raise DataFormatError(
                f"{path} has something else among the samples of {what}, expected numbers; it is "
                "damaged"
            ) from error
        begin = end
    return np.concatenate(parts) if parts else np.empty(0)


def from_base64(path: Path, what: str, text: str) -> bytes:
    """Give the bytes that a text stands for.

    Raises
    ------
    DataFormatError
        If it is no Base64.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DataFormatError(
            f"{path} has samples of {what} that are no Base64; it is damaged"
        ) from error

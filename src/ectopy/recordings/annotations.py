"""`Annotations`: where the beats are and what they were called, read from and written to WFDB."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.files import atomic_write
from ectopy.recordings.wfdb.header import read_header

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Annotations:
    """Annotations of one recording, in time order.

    Attributes
    ----------
    samples : ndarray of int64, shape (n,)
        Sample index of each annotation (for beats, the R peak or QRS onset as annotated).
    symbols : ndarray of str, shape (n,)
        WFDB symbols (``N``, ``V``, ``+`` and so on).
    fs_hz : float
        Rate that ``samples`` counts in.
    aux : ndarray of str, shape (n,)
        Auxiliary text (rhythm changes such as ``(AFIB``); empty where there is none.
    subtypes : ndarray of int64, shape (n,), optional
        WFDB subtypes; of a change of signal quality (``~``), bits 4 and 5 say that leads 0 and 1
        cannot be read. None where the source does not say.

    Examples
    --------
    >>> from ectopy.recordings import read_annotations
    >>> reference = read_annotations("records/a")
    >>> reference.samples[:3], reference.symbols[:3], reference.fs_hz
    (array([155, 445, 726]), array(['N', 'N', 'F'], dtype='<U1'), 250.0)
    """

    samples: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.str_]
    fs_hz: float
    aux: npt.NDArray[np.str_]
    subtypes: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """Count the annotations."""
        return len(self.samples)

    def select(self, kept: npt.NDArray[np.bool_]) -> Annotations:
        """Keep some of them.

        Examples
        --------
        >>> from ectopy.recordings import read_annotations
        >>> reference = read_annotations("records/a")
        >>> set(reference.select(reference.symbols == "V").symbols.tolist())
        {'V'}
        """
        subtypes = None if self.subtypes is None else self.subtypes[kept]
        return Annotations(
            self.samples[kept], self.symbols[kept], self.fs_hz, self.aux[kept], subtypes
        )


REFERENCE_EXTENSIONS: Final = frozenset({"atr"})
"""Extensions of reference annotations, which are only written in records that we make whole
(`ectopy.analysis.corrected_record`)."""

# Type codes of WFDB annotations (ecgcodes.h): the symbol at its code's place, codes from 0; a
# space stands where no symbol is defined.
_CODES: Final = ' NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r'
_SKIP, _SUB, _AUX, _NOTE = 59, 61, 63, 22  # pseudo-codes of the format, and the code of a comment
_LARGEST_STEP: Final = 1023  # what fits in ten bits; longer steps take a SKIP


def read_annotations(
    path: str | os.PathLike[str], extension: str = "atr", *, fs_hz: float | None = None
) -> Annotations:
    """Read a WFDB annotation file.

    Parameters
    ----------
    path : path
        Record without extension, as in ``mitdb/100``.
    extension : str
        Annotator, as in ``atr``.
    fs_hz : float, optional
        Rate that the sample numbers count in, if neither the file nor the record's header says so.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If it is no annotation file, is damaged, or its rate is not known.

    Examples
    --------
    >>> from ectopy.recordings import read_annotations
    >>> len(read_annotations("records/a", "atr"))
    105
    """
    file = Path(f"{os.fspath(path)}.{extension}")
    if not file.is_file():
        raise DataNotFoundError(f"{file} not found, expected a WFDB annotation file")
    steps, codes, subtypes, aux = _decode(file)
    samples = np.cumsum(steps)
    symbols, rate_in_file, kept = _interpret(file, samples, codes, aux)
    rate = fs_hz if fs_hz is not None else rate_in_file
    rate = _rate_of_header(file) if rate is None else rate
    if not (np.isfinite(rate) and rate > 0):
        raise DataFormatError(f"{file} has a sampling rate of {rate} Hz, expected more than 0")
    if len(samples) and samples.min() < 0:
        raise DataFormatError(f"{file} has an annotation at sample {samples.min()}, expected 0 up")
    samples, symbols, aux = samples[kept], symbols[kept], aux[kept]
    order = np.argsort(samples, kind="stable")
    subtypes = subtypes[kept][order]
    return Annotations(samples[order], symbols[order], float(rate), aux[order], subtypes)


def _decode(file: Path) -> tuple[Ints, Ints, Ints, npt.NDArray[np.str_]]:
    """Give the step in samples, type code, subtype and note of each annotation in a file.

    `wfdb.rdann` is the oracle of the tests; it is not called here because it goes through the file
    one annotation at a time and never returns from some damaged files.
    """
    raw = file.read_bytes()
    words = np.frombuffer(raw, dtype="<u2", count=len(raw) // 2).astype(np.int64)
    codes = words >> 10
    steps = words & _LARGEST_STEP
    is_annotation = codes < _SKIP
    notes: dict[int, str] = {}  # by the place of the word that opens the note
    marks: dict[int, int] = {}  # subtypes, by the place of their word
    free = 0  # first word that is not inside a skip or a note
    for place in np.flatnonzero(~is_annotation).tolist():  # only the few special words
        if place < free:
            continue
        code = codes[place]
        free = place + 1
        steps[place] = 0
        if code == _SKIP:
            free += 2
            if free > len(words):
                break
            amount = int(words[place + 1] << 16 | words[place + 2])
            steps[place] = amount - (1 << 32 if amount >= 1 << 31 else 0)
        elif code == _SUB:
            mark = int(words[place] & 0xFF)
            marks[place] = mark - 256 if mark > 127 else mark
        elif code == _AUX:
            length = int(words[place] & 0xFF)
            free += (length + 1) // 2
            begin = 2 * (place + 1)
            notes[place] = raw[begin : begin + length].rstrip(b"\0").decode("latin-1")
        is_annotation[place + 1 : free] = False
        steps[place + 1 : free] = 0
    # A zero word where an annotation should be ends the file.
    ends = np.flatnonzero(is_annotation & (words == 0))
    if not len(ends):
        raise DataFormatError(
            f"{file} is cut off or not a WFDB annotation file: it has no end mark after "
            f"{len(raw)} bytes"
        )
    at = np.flatnonzero(is_annotation[: ends[0]])
    # A skip belongs to the annotation after it, notes and subtypes to the one before them.
    total = np.cumsum(steps[: ends[0]])[at]
    aux = np.full(len(at), "", dtype=object)
    for place, text in notes.items():
        before = int(np.searchsorted(at, place)) - 1
        if before >= 0 and place < ends[0]:
            aux[before] = text
    subtypes = np.zeros(len(at), dtype=np.int64)
    if marks:
        place_of, values = np.array(list(marks.items()), dtype=np.int64).T
        before_of = np.searchsorted(at, place_of) - 1
        known = (before_of >= 0) & (place_of < ends[0])
        subtypes[before_of[known]] = values[known]
    return np.diff(total, prepend=0), codes[at], subtypes, aux.astype(np.str_)


def _interpret(
    file: Path,
    samples: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int64],
    aux: npt.NDArray[np.str_],
) -> tuple[npt.NDArray[np.str_], float | None, npt.NDArray[np.bool_]]:
    """Find symbols, the rate if the file tells it, and which entries are annotations."""
    table = dict(enumerate(_CODES))
    rate = None
    comment = (codes == _NOTE) & (samples == 0) & np.char.startswith(aux, "##")
    # Between "definitions" comments stand lines such as "43 x my own label".
    about_file = (codes == _NOTE) & (samples == 0)
    for text in aux[about_file]:
        if match := re.match(r"## time resolution: *([0-9.eE+-]+)", text):
            rate = _number(match[1])
        elif match := re.match(r"(\d{1,2}) (\S) ", text):
            table[int(match[1])] = match[2]
            comment |= about_file & (aux == text)
    kept = (codes != 0) & ~comment
    kinds, which = np.unique(codes, return_inverse=True)
    names = [table.get(int(kind), " ") for kind in kinds]
    unknown = [
        int(kind) for kind, name in zip(kinds, names, strict=True) if kind != 0 and name == " "
    ]
    if unknown:
        raise DataFormatError(
            f"{file} is damaged: it uses annotation codes {unknown[:5]}, which WFDB does not define"
        )
    return np.array(names, dtype=np.str_)[which], rate, kept


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _rate_of_header(file: Path) -> float:
    header = file.with_suffix(".hea")
    if not header.is_file():
        raise DataFormatError(
            f"{file} does not say its sampling rate and {header.name} is not beside it; put it "
            "there, or state the rate (fs_hz)"
        )
    return read_header(header).fs_hz


def write_annotations(
    folder: str | os.PathLike[str], name: str, annotations: Annotations, extension: str
) -> Path:
    """Write ``folder/name.extension`` as a WFDB annotation file, whole or not at all.

    The bytes are those that ``wfdb.wrann`` writes, built for all beats at once (a day of beats in
    some 20 ms, where ``wrann`` goes through them one at a time).

    Parameters
    ----------
    folder : path
        Made if it is not there.
    name : str
        Record name.
    annotations : Annotations
        In time order.
    extension : str
        Annotator: letters, digits and underscores, never that of a reference (``atr``).

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError
        If the extension is reserved, or an annotation cannot be written.

    Examples
    --------
    >>> from ectopy.recordings import read_annotations, write_annotations
    >>> reference = read_annotations("records/a")
    >>> write_annotations("mine", "a", reference, "chk").name
    'a.chk'
    """
    if extension.casefold() in REFERENCE_EXTENSIONS | {"hea", "dat"}:
        raise ConfigError(
            f"annotation extension is {extension!r}, which belongs to the reference or the record; "
            "choose another"
        )
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", extension):
        raise ConfigError(
            f"annotation extension is {extension!r}, expected letters, digits and underscores"
        )
    target = Path(folder) / f"{name}.{extension}"
    atomic_write(target, annotation_bytes(annotations))
    return target


def annotation_bytes(annotations: Annotations) -> bytes:
    """Give the bytes of a WFDB annotation file (16-bit little-endian words, see annot(5))."""
    samples = np.asarray(annotations.samples, dtype=np.int64)
    steps = np.diff(samples, prepend=0)
    if (steps < 0).any():
        raise ConfigError("annotations are not in time order, or one is before the first sample")
    if (steps > 0x7FFFFFFF).any():
        raise ConfigError("two annotations are more than 2,147,483,647 samples apart")
    kinds, which = np.unique(annotations.symbols, return_inverse=True)
    unknown = [str(kind) for kind in kinds if len(kind) != 1 or kind == " " or kind not in _CODES]
    if unknown:
        raise ConfigError(f"annotation symbols {', '.join(unknown)} are not among WFDB's")
    codes = np.array([_CODES.index(kind) for kind in kinds], dtype=np.int64)[which]

    noted = np.flatnonzero(annotations.aux != "")
    notes = [_words(_AUX, str(annotations.aux[i])) for i in noted]
    skips = steps > _LARGEST_STEP
    if annotations.subtypes is None:
        subtypes = np.zeros(len(samples), dtype=np.int64)
    else:
        subtypes = annotations.subtypes
    if (np.abs(subtypes) > 127).any():
        raise ConfigError("annotation subtypes reach beyond -127 to 127")
    marked = subtypes != 0
    length = 1 + 3 * skips + marked
    length[noted] += np.array([len(note) for note in notes], dtype=np.int64)
    # Where each annotation's own word stands: after its skip, before its note.
    first = np.cumsum(length) - length
    place = first + 3 * skips
    words = np.zeros(int(length.sum()), dtype="<u2")
    words[place] = codes << 10 | np.where(skips, 0, steps)
    words[first[skips]] = _SKIP << 10
    words[first[skips] + 1] = steps[skips] >> 16  # the high half first, as on a PDP-11
    words[first[skips] + 2] = steps[skips] & 0xFFFF
    words[place[marked] + 1] = _SUB << 10 | (subtypes[marked] & 0xFF)
    for at, note in zip((place + 1 + marked)[noted], notes, strict=True):
        words[at : at + len(note)] = note

    rate = annotations.fs_hz
    rate_text = str(int(rate)) if round(rate, 8) == int(rate) else str(float(rate))
    head = np.concatenate(
        [
            np.array([_NOTE << 10], dtype="<u2"),
            _words(_AUX, f"## time resolution: {rate_text}"),
            # One tick back, so that a first annotation may stand at sample 0 after this comment.
            np.array([_SKIP << 10, 0xFFFF, 0xFFFF, 1], dtype="<u2"),
        ]
    )
    return b"".join([head.tobytes(), words.tobytes(), b"\0\0"])


def _words(code: int, text: str) -> npt.NDArray[np.uint16]:
    """Encode a note: its code and length, then its characters, padded to whole words."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raise ConfigError(f"annotation text {text!r} has characters outside Latin-1") from None
    if len(raw) > 255:
        raise ConfigError(f"annotation text has {len(raw)} characters, at most 255 fit: {text!r}")
    padded = raw + b"\0" * (len(raw) % 2)
    return np.concatenate(
        [np.array([code << 10 | len(raw)], dtype="<u2"), np.frombuffer(padded, dtype="<u2")]
    )

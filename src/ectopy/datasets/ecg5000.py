"""ECG5000 of the UCR archive, in any of the layouts that people have."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import ECG5000 as CLASSES
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.download import Remote, fetch
from ectopy.datasets.faults import first_fault
from ectopy.datasets.locate import Database, locate
from ectopy.datasets.source import Source
from ectopy.errors import DataFormatError, DataNotFoundError, DownloadError

N_SAMPLES: Final = 140
"""Length of every beat: the authors interpolated each to 140 samples."""

BEATS: Final = {"train": (292, 177, 10, 19, 2), "test": (2627, 1590, 86, 175, 22)}
"""Beats of each class in the two parts of the official split."""

OFFICIAL: Final = {
    "ECG5000_TRAIN.tsv": "df86ac15d7e283e731db6be7865f5004b65bc639014cb8b9753c26e24a9092a1",
    "ECG5000_TEST.tsv": "0192997dd1793880633bfb34ae3ad5129c09a8e0f210c469225451b92cdd8548",
    "ECG5000_TRAIN.txt": "0d96aff193311a6dc6111bf0dbd2f7d2313987fbf7a1da4a383d92563876057b",
    "ECG5000_TEST.txt": "baf4ad57d28daa5e79050edd4185968181762bc83d45a757753015b4ba8ab295",
}
"""SHA-256 of the archive's files, of 2018 (.tsv) and in its older layout (.txt)."""

ADDRESS: Final = "https://timeseriesclassification.com/aeon-toolkit/ECG5000.zip"
FALLBACK: Final = "https://zenodo.org/records/11186692/files/"

# In the order of preference where a folder or a zip has several.
LAYOUTS: Final = (".tsv", ".txt", ".ts", ".arff")

CAVEATS: Final = (
    "All 5,000 beats are of one patient (BIDMC Congestive Heart Failure Database, chf07): "
    "nothing here says how a model does on another patient, and no split of it is an "
    "inter-patient one.",
    "The labels came from automated annotation, not from cardiologists.",
    "There is no sampling rate and no rhythm around a beat: each was stretched to 140 samples "
    "and z-normalised by the archive's authors.",
)


def load(data_dir: str | os.PathLike[str] | None = None) -> BeatDataset:
    """Load ECG5000 with its official split in ``part`` (training beats first).

    Labels 1 to 5 of the archive become 0 to 4. Beats are z-normalised, shape (5000, 140).

    Raises
    ------
    DataNotFoundError
        If the files are nowhere.
    DataFormatError
        If a file is damaged; the message names the file and the line.

    References
    ----------
    Dau et al., The UCR Time Series Classification Archive, 2018. Chen et al., Data Mining and
    Knowledge Discovery 29(6):1622-1664, 2015.
    """
    return read(locate(DATABASE, data_dir))


def read(folder: Path) -> BeatDataset:
    """Read ECG5000 from a folder with the pair of files or the archive's zip, or from the zip."""
    files = parts(folder)
    if files is None:
        raise DataNotFoundError(
            f"{folder} has no ECG5000_TRAIN and ECG5000_TEST as "
            f"{', '.join(LAYOUTS)}, nor ECG5000.zip"
        )
    beats, labels, checksums, odd = [], [], {}, []
    for part, (name, content) in files.items():
        x, y = parse(name, content)
        checksums[name] = hashlib.sha256(content).hexdigest()
        if name in OFFICIAL and checksums[name] != OFFICIAL[name]:
            odd.append(f"{name} is not the archive's own file (its SHA-256 differs)")
        if len(y) != sum(BEATS[part]):
            odd.append(f"{name} has {len(y)} beats, the official {part} set {sum(BEATS[part])}")
        beats.append(x)
        labels.append(y)
    return BeatDataset(
        name="ecg5000",
        X=np.concatenate(beats),
        y=np.concatenate(labels),
        classes=CLASSES,
        part=np.repeat(list(files), [len(y) for y in labels]),
        provenance="ECG5000, UCR Time Series Classification Archive (2018): beats of 140 samples, "
        "z-normalised by the archive's authors; read from " + " and ".join(checksums),
        checksums=checksums,
        no_window="ECG5000 has no sampling rate, and each of its beats was stretched to 140 "
        "samples from an RR interval that the archive does not tell",
        scaling="each beat to mean 0 and standard deviation 1, by the archive's authors",
        caveats=(*CAVEATS, *(f"{note}: figures are not comparable." for note in odd)),
    )


def parts(folder: Path) -> dict[str, tuple[str, bytes]] | None:
    """Give file name and content of the two parts, or None where they are not both there."""
    if folder.is_file() and folder.suffix == ".zip":
        return _zip_parts(folder)
    if pair := _pair(folder):
        return {part: (path.name, path.read_bytes()) for part, path in pair.items()}
    archive = folder / "ECG5000.zip"
    if archive.is_file():
        return _zip_parts(archive)
    halves = sorted(p.name for p in folder.glob("ECG5000_*") if p.suffix in LAYOUTS)
    if halves:
        raise DataNotFoundError(
            f"{folder} holds {', '.join(halves)}, expected ECG5000_TRAIN and ECG5000_TEST with "
            f"the same ending ({', '.join(LAYOUTS)})"
        )
    return None


def _pair(folder: Path) -> dict[str, Path]:
    for place in (folder, folder / "ECG5000"):
        for layout in LAYOUTS:
            pair = {part: place / f"ECG5000_{part.upper()}{layout}" for part in BEATS}
            if all(path.is_file() for path in pair.values()):
                return pair
    return {}


def _zip_parts(archive: Path) -> dict[str, tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(archive) as file:
            members = {Path(name).name: name for name in file.namelist()}
            for layout in LAYOUTS:
                pair = {part: f"ECG5000_{part.upper()}{layout}" for part in BEATS}
                if all(name in members for name in pair.values()):
                    return {p: (name, file.read(members[name])) for p, name in pair.items()}
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataFormatError(
            f"{archive} is not a whole zip file ({error}); remove it and fetch it again"
        ) from error
    raise DataFormatError(
        f"{archive} holds {', '.join(sorted(members)[:6]) or 'nothing'}, expected ECG5000_TRAIN "
        f"and ECG5000_TEST as one of {', '.join(LAYOUTS)}"
    )


def parse(name: str, content: bytes) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Read the beats of one file.

    The layout is told from the content: a header that ends in ``@data`` (``.ts``, ``.arff``)
    means that the label comes last, otherwise it comes first.

    Parameters
    ----------
    name : str
        File name, for messages.
    content : bytes
        The whole file.

    Returns
    -------
    X : ndarray of float32, shape (n, 140)
    y : ndarray of int64, shape (n,)
        0 to 4.

    Raises
    ------
    DataFormatError
        If a line has not 141 numbers, a NaN or a label outside 1 to 5.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataFormatError(
            f"{name} is not a text file (byte {error.start}); expected lines of numbers"
        ) from error
    begin = next((i + 1 for i, s in enumerate(lines[:500]) if s.strip().lower() == "@data"), 0)
    rows = [line.translate(_SEPARATORS) for line in lines[begin:]]
    if not any(row.strip() for row in rows):
        raise DataFormatError(f"{name} holds no beats; expected lines of {N_SAMPLES + 1} numbers")
    table = _numbers(rows)
    if table is None or not _sound(table, label_last=begin > 0):
        fault = first_fault(
            (row.split() for row in rows),
            n_samples=N_SAMPLES,
            labels=(1, len(CLASSES)),
            label_first=begin == 0,
            begin=begin,
        )
        raise DataFormatError(f"{name}, {fault}")
    label = table[:, -1] if begin else table[:, 0]
    samples = table[:, :-1] if begin else table[:, 1:]
    return samples.astype(np.float32), label.astype(np.int64) - 1


# Commas (.arff, .ts, the archive's older .txt) and the colon before a .ts label become blanks;
# a quoted label loses its quotes.
_SEPARATORS: Final = str.maketrans({",": " ", ":": " ", "'": None, '"': None})


def _numbers(rows: list[str]) -> npt.NDArray[np.float64] | None:
    try:
        return np.loadtxt(rows, comments=None, ndmin=2)
    except ValueError:
        return None


def _sound(table: npt.NDArray[np.float64], *, label_last: bool) -> bool:
    label = table[:, -1 if label_last else 0]
    return (
        table.shape[1] == N_SAMPLES + 1
        and bool(np.isfinite(table).all())
        and bool(np.isin(label, np.arange(1, len(CLASSES) + 1)).all())
    )


def _fetch(folder: Path) -> None:
    """Download the archive's zip, or the two files that aeon keeps at Zenodo."""
    archive = Remote("ECG5000.zip", (ADDRESS,), check=_check_zip)
    pair = [
        Remote(f"ECG5000_{part.upper()}.ts", (f"{FALLBACK}ECG5000_{part.upper()}.ts",), check=check)
        for part, check in (("train", _check_part("train")), ("test", _check_part("test")))
    ]
    try:
        fetch([archive], folder, title="ECG5000")
    except DownloadError as first:
        try:
            fetch(pair, folder, title="ECG5000")
        except DownloadError as second:
            raise DownloadError(f"{first}; {second}") from second


def _check_zip(path: Path) -> None:
    """Refuse anything but a whole zip with both parts, such as a web page sent with 200."""
    if not zipfile.is_zipfile(path):
        raise ValueError("what came is not a zip file")
    try:
        found = _zip_parts(path)
    except DataFormatError as error:
        raise ValueError("what came is a zip file without ECG5000") from error
    for part, (name, content) in found.items():
        _count(part, name, content)


def _check_part(part: str) -> Callable[[Path], None]:
    return lambda path: _count(part, f"ECG5000_{part.upper()}.ts", path.read_bytes())


def _count(part: str, name: str, content: bytes) -> None:
    """Compare the beats of each class with the official part's; raise ValueError."""
    counts = tuple(np.bincount(parse(name, content)[1], minlength=len(CLASSES)).tolist())
    if counts != BEATS[part]:
        raise ValueError(f"{name} has {counts} beats of the classes, expected {BEATS[part]}")


def _examine(folder: Path) -> list[str]:
    faults = []
    for part, (name, content) in (parts(folder) or {}).items():
        try:
            _count(part, name, content)
        except ValueError as error:
            faults.append(str(error))
    return faults


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    return list(_pair(folder).values()) or [folder / "ECG5000.zip"]


DATABASE: Final = Database(
    folder="ecg5000",
    title="ECG5000",
    licence="no formal licence, for research with citation; the recording is ODC-By 1.0",
    embedded="simulated-140",
    holds=lambda folder: parts(folder) is not None,
    files=_files,
    checksums=OFFICIAL,
    fetch=_fetch,
    examine=_examine,
)

SOURCE: Final = Source(
    summary="5,000 beats of one patient, 140 samples, official split 500 / 4,500 (UCR)",
    load=load,
    database=DATABASE,
)

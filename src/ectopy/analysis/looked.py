"""`Looked`: what was seen of a stretch of a long recording, for its labels to be told elsewhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Waiting
from ectopy.beats.conditioning.calibration import Pulse
from ectopy.beats.conditioning.quality import Quality
from ectopy.beats.detection.r_peaks import Peaks
from ectopy.beats.features.context import Seen
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.files import atomic_path
from ectopy.recordings.stretches import Stretch
from ectopy.runtime.classifier import SeenBeats

Float32 = npt.NDArray[np.float32]

VERSION: Final = 1
"""Of the file."""


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen of a piece.

    Attributes
    ----------
    stretch : Stretch
        Which samples it is of.
    found : LabelledBeats or Waiting
        Its beats: labelled, or looked at until all others are.
    quality : Quality
        Of its seconds.
    fibrillation : ndarray of float32, shape (n_seconds,)
        How much each of them looks like ventricular fibrillation, in log-odds.
    pulses : list of Pulse
        Calibration pulses that begin in it.
    """

    stretch: Stretch
    found: LabelledBeats | Waiting
    quality: Quality
    fibrillation: Float32
    pulses: list[Pulse]


@dataclass(frozen=True, eq=False)
class Looked:
    """What was seen of a stretch of a recording: pieces in order. It is saved and loaded.

    Attributes
    ----------
    part, of : int
        Which of how many stretches it is.
    looks : list of Look
        Its pieces; a short recording may have none in a stretch.

    Examples
    --------
    >>> from ectopy.analysis import Looked, look, tell
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> path = look(recording, 0, 1).save("stretch.looked")
    >>> tell(recording, [Looked.load(path)]).summary.beats
    76
    """

    part: int
    of: int
    looks: list[Look] = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write it into one file, whole or not at all: arrays and one JSON document.

        What is the same is written byte for byte the same, whenever that is.
        """
        about = {
            "version": VERSION,
            "part": self.part,
            "of": self.of,
            "looks": [
                {
                    "stretch": asdict(look.stretch),
                    "pulses": [asdict(pulse) for pulse in look.pulses],
                    "waits": isinstance(look.found, Waiting),
                    "beats": isinstance(look.found, Waiting) and look.found.beats is not None,
                }
                for look in self.looks
            ],
        }
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr(_member("looked.json"), json.dumps(about), zipfile.ZIP_DEFLATED)
            for i, look in enumerate(self.looks):
                for name, array in _arrays(look):
                    member = _member(f"{i}/{name}.npy")
                    with archive.open(member, "w", force_zip64=True) as stream:
                        np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> Looked:
        """Read a file that `save` wrote.

        Raises
        ------
        DataNotFoundError
            If there is no such file.
        DataFormatError
            If it is none of ours, damaged, or of another version.
        """
        if not Path(path).is_file():
            raise DataNotFoundError(f"{path} not found, expected what was seen of a stretch")
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(archive.read("looked.json"))
                if about["version"] != VERSION:
                    raise DataFormatError(
                        f"{path} has version {about['version']}, expected {VERSION}; look at the "
                        "stretch again"
                    )
                looks = [_look(archive, i, said) for i, said in enumerate(about["looks"])]
                return cls(about["part"], about["of"], looks)
        except DataFormatError:
            raise
        except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
            raise DataFormatError(
                f"{path} does not hold what was seen of a stretch, or is damaged "
                f"({type(error).__name__}); look at it again"
            ) from error


def _member(name: str) -> zipfile.ZipInfo:
    """Name a file in it, without the time of day that `zipfile` would put beside the name."""
    return zipfile.ZipInfo(name)


def _arrays(look: Look) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Give all arrays with their names."""
    yield "fibrillation", look.fibrillation
    yield from _fields("quality", look.quality)
    found = look.found
    if isinstance(found, LabelledBeats):
        yield from _fields("beats", found)
        return
    yield from _fields("peaks", found.peaks)
    for name in _WAITING:
        yield name, getattr(found, name)
    if found.beats is not None:
        yield from _fields("seen", found.beats.seen)
        for name in _SEEN_BEATS:
            yield f"seen_{name}", getattr(found.beats, name)


_WAITING: Final = ("quality", "outlines", "doubted")
_SEEN_BEATS: Final = ("spiked", "noise", "before")


def _fields(of: str, holder: Any) -> Iterable[tuple[str, npt.NDArray[Any]]]:
    return ((f"{of}.{one.name}", getattr(holder, one.name)) for one in fields(holder))


def _look(archive: zipfile.ZipFile, i: int, said: dict[str, Any]) -> Look:
    """Put a piece together again."""

    def array(name: str) -> npt.NDArray[Any]:
        with archive.open(f"{i}/{name}.npy") as stream:
            read: npt.NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
            return read

    def arrays(of: str, kind: type) -> list[npt.NDArray[Any]]:
        return [array(f"{of}.{one.name}") for one in fields(kind)]

    found: LabelledBeats | Waiting
    if said["waits"]:
        beats = None
        if said["beats"]:
            beats = SeenBeats(
                Seen(*arrays("seen", Seen)), *(array(f"seen_{name}") for name in _SEEN_BEATS)
            )
        quality, outlines, doubted = (array(name) for name in _WAITING)
        found = Waiting(Peaks(*arrays("peaks", Peaks)), quality, outlines, doubted, beats)
    else:
        found = LabelledBeats(*arrays("beats", LabelledBeats))
    return Look(
        Stretch(**said["stretch"]),
        found,
        Quality(*arrays("quality", Quality)),
        array("fibrillation"),
        [Pulse(**pulse) for pulse in said["pulses"]],
    )

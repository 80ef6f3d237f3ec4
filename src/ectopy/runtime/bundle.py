"""`Bundle`: the weights that label a recording, with their settings, name and checksum."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

from ectopy.beats.detection.r_peaks import PACKAGED as PACKAGED_DETECTOR
from ectopy.errors import ModelError
from ectopy.files import atomic_write, sha256
from ectopy.runtime.rhythm.fibrillation import FibrillationModel

Setting = Literal["past", "whole"]
"""``past``: a beat's labels depend on a bounded past and at most two beats ahead, as in a stream.
``whole``: the whole recording is read before any beat of it is labelled."""

SETTINGS: Final[tuple[Setting, ...]] = get_args(Setting)
MANIFEST: Final = "bundle.json"
WITH_RHYTHM: Final = "packaged"
"""What a manifest calls the trees that tell fibrillation from beat times
(`ectopy.runtime.rhythm`), where its labels are to depend on them."""
PACKAGED: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Bundle:
    """A folder of weights: `MANIFEST`, and the networks that it names.

    It pickles as its folder and name; networks are opened where they are used.

    Attributes
    ----------
    name : str
        As the manifest says.
    folder : Path
        Where the files are.
    manifest : dict
        What it was trained on, and for each setting the networks, calibration and threshold.

    Examples
    --------
    >>> from ectopy.runtime.bundle import Bundle
    >>> Bundle.load("ds1").name
    'ds1'
    """

    name: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @classmethod
    def load(cls, weights: str | os.PathLike[str] | Bundle = "default") -> Bundle:
        """Load a bundle.

        Parameters
        ----------
        weights : str, path or Bundle
            Name of a packaged bundle, ``"default"`` (all training data) or ``"ds1"`` (MIT-BIH's
            DS1 alone, for any figure on DS2); or a folder with one. A bundle is given back
            as it is.

        Raises
        ------
        ModelError
            If there is none, or it is not whole.
        """
        if isinstance(weights, Bundle):
            return weights
        weights, names = os.fspath(weights), packaged()
        folder = PACKAGED / weights if weights in names else Path(weights)
        if not (folder / MANIFEST).is_file():
            raise ModelError(
                f"there are no weights {weights!r}; name packaged ones ({', '.join(names)}), "
                f"or a folder that holds a {MANIFEST}",
                change="weights",
            )
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found = cls(manifest["name"], folder, manifest)
            if manifest.get("rhythm") not in (None, WITH_RHYTHM):
                raise ValueError(f"rhythm is {manifest['rhythm']!r}, not {WITH_RHYTHM!r} or null")
            paths = found.files
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{folder / MANIFEST} is no manifest of weights ({error}); write the bundle anew"
            ) from error
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise ModelError(f"{missing[0]} is missing, though {MANIFEST} names it; copy it there")
        return found

    def __reduce__(self) -> tuple[Any, tuple[str | Path, str | None]]:
        """Pickle a packaged bundle by its name, so that it is found on another machine too."""
        packaged = self.folder.parent == PACKAGED
        where = self.folder.name if packaged else self.folder
        return _again, (where, self.manifest.get("rhythm"))

    @property
    def detector(self) -> Path:
        """Network that finds R peaks: in the folder, or the packaged one of that name."""
        own: Path = self.folder / self.manifest["detector"]
        packaged = PACKAGED_DETECTOR.parent / self.manifest["detector"]
        return own if own.is_file() or not packaged.is_file() else packaged

    @cached_property
    def rhythm(self) -> FibrillationModel | None:
        """What tells fibrillation from beat times, if the weights ask for it."""
        return FibrillationModel.load() if self.manifest.get("rhythm") == WITH_RHYTHM else None

    def with_rhythm(self) -> Bundle:
        """Give the same weights with the packaged model of the rhythm, learnt elsewhere."""
        return replace(self, manifest={**self.manifest, "rhythm": WITH_RHYTHM})

    @property
    def files(self) -> list[Path]:
        """Everything that a label depends on, the manifest first."""
        stems: Iterable[str] = dict.fromkeys(
            member["stem"] for setting in SETTINGS for member in self.manifest[setting]["networks"]
        )
        networks = [
            self.folder / f"{stem}{part}.onnx" for stem in stems for part in ("", "-fibrillation")
        ]
        rhythm = [] if self.rhythm is None else self.rhythm.files
        return [self.folder / MANIFEST, *networks, self.detector, *rhythm]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over names and contents of its files."""
        told = "".join(f"{sha256(path)}  {path.name}\n" for path in self.files)
        return hashlib.sha256(told.encode()).hexdigest()


def _again(weights: str | Path, rhythm: str | None) -> Bundle:
    """Load a bundle that was pickled."""
    found = Bundle.load(weights)
    return replace(found, manifest={**found.manifest, "rhythm": rhythm})


def packaged() -> list[str]:
    """Names of the packaged bundles."""
    return sorted(path.parent.name for path in PACKAGED.glob(f"*/{MANIFEST}"))


def write(folder: Path, manifest: dict[str, Any]) -> Bundle:
    """Write the manifest of a bundle whose networks are in its folder already.

    Parameters
    ----------
    folder : Path
        With the networks, from `ectopy.training.inter_patient.export.export`.
    manifest : dict
        ``name``; for each of `SETTINGS` ``networks`` (``stem``, ``two_sided``), ``adapt``,
        ``bias``, ``temperature``, ``uncertain_below``; and whatever else should be told.
        ``detector`` is the packaged one if it is not named; ``rhythm`` is `WITH_RHYTHM` where
        the trees have a say, None by default.

    Raises
    ------
    ModelError
        If a network is missing.
    """
    told = {"detector": PACKAGED_DETECTOR.name, "rhythm": None, **manifest}
    atomic_write(folder / MANIFEST, json.dumps(told, indent=1) + "\n")
    return Bundle.load(folder)

"""`TreeModel`: gradient-boosted trees in a folder, with the manifest that says what they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from ectopy.errors import ModelError
from ectopy.files import sha256

PACKAGED: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class TreeModel:
    """Trees and their manifest; a kind of model names its files and checks its manifest.

    Attributes
    ----------
    name : str
        As the manifest says.
    folder : Path
        Where the files are.
    manifest : dict
        What it was trained on, its figures, and what its kind needs besides.
    """

    name: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    manifest_file: ClassVar[str]
    trees_file: ClassVar[str]
    of: ClassVar[tuple[str, str]]
    """What the weights are for, and what they are called."""

    @classmethod
    def load(cls, folder: Path = PACKAGED) -> Self:
        """Load the packaged model, or one from a folder.

        Raises
        ------
        ModelError
            If a file is missing or says nothing usable.
        """
        manifest, trees = folder / cls.manifest_file, folder / cls.trees_file
        use, title = cls.of
        for path in (manifest, trees):
            if not path.is_file():
                raise ModelError(f"{path} is missing, expected the weights for {use} there")
        try:
            told = json.loads(manifest.read_text(encoding="utf-8"))
            found = cls(str(told["name"]), folder, told)
            found.check()
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{manifest} is no manifest of {title} weights ({error}); train them anew"
            ) from error
        return found

    def check(self) -> None:
        """Raise ValueError, KeyError or TypeError where the manifest lacks something."""
        raise NotImplementedError

    @property
    def files(self) -> list[Path]:
        """What its word depends on."""
        return [self.folder / self.manifest_file, self.folder / self.trees_file]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the trees."""
        return sha256(self.folder / self.trees_file)

    def run(self, measures: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Ask the trees: measures, shape (n, n_measures), to scores, shape (n, n_scores)."""
        session = _session(self.folder / self.trees_file)
        return np.asarray(session.run(None, {"measures": measures})[0], dtype=np.float64)


@cache
def _session(path: Path) -> Any:
    """Open trees as an ONNX session of one thread, once a process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )

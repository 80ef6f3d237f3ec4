"""`ModelContract`: what a model file says of itself, and the model's input from a raw signal.

A `.keras` or `.onnx` file of a study carries its contract inside: as ``ectopy.json`` in the zip
archive that a `.keras` file is, and under the key ``ectopy`` of an ONNX file's metadata. Keras and
ONNX Runtime open such files as any other.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ectopy.beats.windows import Window
from ectopy.errors import DataNotFoundError, ModelError

Float32 = npt.NDArray[np.float32]
Run = Callable[[dict[str, Float32]], npt.ArrayLike]
"""From a model's inputs by name to its output."""

KEY: Final = "ectopy"
MEMBER: Final = "ectopy.json"
TOLERANCE: Final = 1e-5
"""Largest difference of a probability that the reference may show; 1e-6 is usual."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelInput(_Strict):
    """One input of a model."""

    name: str = Field(description="its name in the file")
    kind: Literal["signal", "feature"]
    shape: tuple[int, ...] = Field(
        description="of one beat: (n_samples, n_leads) of the signal, (n_values,) of a feature"
    )


class Reference(_Strict):
    """A few beats and what the model said of them when it was written."""

    inputs: dict[str, list[Any]] = Field(description="numbers of each input, nested as its shape")
    output: list[list[float]] = Field(description="probabilities, beat by beat")
    inputs_sha256: str = Field(description="of the inputs' float32 bytes, in order, little-endian")
    output_sha256: str = Field(description="of the output's float32 bytes, little-endian")

    @classmethod
    def of(cls, inputs: Mapping[str, Float32], output: npt.ArrayLike) -> Reference:
        """Take up arrays as they are."""
        p = np.asarray(output, dtype=np.float32)
        return cls(
            inputs={name: array.tolist() for name, array in inputs.items()},
            output=p.tolist(),
            inputs_sha256=_digest(inputs.values()),
            output_sha256=_digest([p]),
        )

    def arrays(self) -> dict[str, Float32]:
        """Give the inputs as arrays of float32."""
        return {name: np.array(values, dtype=np.float32) for name, values in self.inputs.items()}


class ModelContract(_Strict):
    """What a model takes, what it gives, and what it was trained on.

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import contract_of
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> contract = contract_of(model, data, study="mine", protocol="pooled")
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> contract.arrays(recording.read()[:1], recording.fs_hz, reference.samples)["beat"].shape[1:]
    (140, 1)
    """

    format: Literal[1] = 1
    study: str = Field(description="name of the study that trained it")
    model: str = Field(description="name of the network")
    protocol: str = Field(description="how training and test beats were split")
    data: str = Field(description="name of the data set")
    simulated: bool = Field(description="whether it was trained on SIMULATED beats")
    quick: bool = Field(False, description="whether it is of a quick look: few beats and epochs")
    classes: tuple[str, ...] = Field(description="what its outputs mean, in order")
    inputs: tuple[ModelInput, ...]
    fs_hz: float | None = Field(description="sampling rate of a beat in Hz; null: there is none")
    leads: tuple[str, ...] = Field(description="leads of the signal; empty: not known")
    window: Window | None = Field(
        description="how beats are cut from a raw signal; null: they cannot be"
    )
    no_window: str = Field("", description="why they cannot be")
    scaling: str = Field(description="how samples are scaled, in words")
    ectopy: str = Field(description="version of ectopy that wrote it")
    reference: Reference

    @classmethod
    def read(cls, path: str | Path) -> ModelContract:
        """Read the contract of a ``.keras`` or ``.onnx`` file.

        Raises
        ------
        DataNotFoundError, ModelError
            If there is no such file, or it carries no contract of this format.
        """
        file = Path(path)
        text = _text(file)
        if text is None:
            raise ModelError(
                f"{file} carries no contract; it was not written by a study of this ectopy, so run "
                "the study again or take its class names and window from where it came from"
            )
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ModelError(
                f"the contract in {file} cannot be used: {key}: {first['msg']}; it may be of "
                "another version of ectopy"
            ) from error

    @property
    def signal(self) -> ModelInput:
        """The input that takes the signal."""
        return next(item for item in self.inputs if item.kind == "signal")

    def arrays(
        self,
        signal_mv: npt.ArrayLike,
        fs_hz: float,
        r_peaks: npt.ArrayLike,
        features: Mapping[str, npt.ArrayLike] | None = None,
    ) -> dict[str, Float32]:
        """Turn a raw signal and its R peaks into the model's input.

        Parameters
        ----------
        signal_mv : array_like, shape (n_leads, n_samples) or, of one lead, (n_samples,)
            Samples in mV, the leads in the order of ``leads``; missing ones are NaN.
        fs_hz : float
            Their rate in Hz; they are resampled to the model's.
        r_peaks : array_like of int, shape (n_beats,)
            R peaks in samples, rising.
        features : mapping of str to array, shapes (n_beats, n_values)
            What the model asks for beside the signal.

        Returns
        -------
        dict of str to ndarray of float32
            By name of the input, one row a beat: what ``session.run(None, ...)`` takes.

        Raises
        ------
        ModelError
            If beats for this model cannot be cut from a raw signal, the leads are not as many as
            it takes, or a feature is missing.
        """
        if self.window is None:
            raise ModelError(
                f"no beat for this model can be cut from a raw signal: {self.no_window}; give it "
                f"beats that were made as those of {self.data}"
            )
        signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
        wanted = self.signal.shape[1]
        if len(signal) != wanted:
            raise ModelError(
                f"the signal has {len(signal)} leads, the model takes {wanted}"
                f"{' (' + ', '.join(self.leads) + ')' if self.leads else ''}; choose them first"
            )
        beats = self.window.beats(signal, fs_hz, r_peaks)
        given = features or {}
        found = {}
        for item in self.inputs:
            if item.kind == "signal":
                found[item.name] = beats
                continue
            shape = (len(beats), *item.shape)
            if item.name not in given or np.shape(given[item.name]) != shape:
                raise ModelError(
                    f"the model asks for the feature {item.name!r} of the shape {shape}, given "
                    f"{np.shape(given[item.name]) if item.name in given else 'nothing'}"
                )
            found[item.name] = np.asarray(given[item.name], dtype=np.float32)
        return found

    def verify(self, run: Run, what: str = "the model") -> float:
        """Give the reference beats to a model and compare what it says with what it once said.

        Parameters
        ----------
        run : callable
            From inputs by name to probabilities (n_beats, n_classes).
        what : str
            The model, for messages.

        Returns
        -------
        float
            Largest difference of a probability.

        Raises
        ------
        ModelError
            If the reference is damaged, or the difference exceeds `TOLERANCE`.
        """
        inputs = self.reference.arrays()
        expected = np.array(self.reference.output, dtype=np.float32)
        for part, arrays, known in (
            ("input", list(inputs.values()), self.reference.inputs_sha256),
            ("output", [expected], self.reference.output_sha256),
        ):
            if _digest(arrays) != known:
                raise ModelError(
                    f"the reference {part} in {what} is not the one that was written (its SHA-256 "
                    "differs); fetch the file again"
                )
        found = np.asarray(run(inputs))
        difference = (
            float(np.abs(found - expected).max(initial=0.0))
            if found.shape == expected.shape
            else float("inf")
        )
        if not difference <= TOLERANCE:
            raise ModelError(
                f"{what} answers its reference beats with a difference of {difference:.2g}, "
                f"expected at most {TOLERANCE:g}; do not use it here"
            )
        return difference


def carries(path: str | Path) -> bool:
    """Tell whether a ``.keras`` or ``.onnx`` file has a contract in it, whole or not."""
    return _text(Path(path)) is not None


def verify_onnx(path: str | Path) -> ModelContract:
    """Open an ONNX file, let it answer its reference beats, and give its contract.

    Raises
    ------
    DataNotFoundError, ModelError
        See `ModelContract.read` and `ModelContract.verify`.
    """
    import onnxruntime

    contract = ModelContract.read(path)
    session = onnxruntime.InferenceSession(Path(path), providers=["CPUExecutionProvider"])
    contract.verify(lambda inputs: session.run(None, inputs)[0], str(path))
    return contract


def _digest(arrays: Sequence[Float32] | Any) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
    return total.hexdigest()


def _text(file: Path) -> str | None:
    if not file.is_file():
        raise DataNotFoundError(f"{file} is not there; give a .keras or .onnx file of a study")
    return _from_onnx(file) if file.suffix == ".onnx" else _from_keras(file)


def _from_onnx(file: Path) -> str | None:
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own, all of them Exceptions
        raise ModelError(f"{file} cannot be opened as an ONNX model: {_first_line(error)}") from (
            error
        )
    found = session.get_modelmeta().custom_metadata_map.get(KEY)
    return None if found is None else str(found)


def _from_keras(file: Path) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            if MEMBER not in archive.namelist():
                return None
            return archive.read(MEMBER).decode()
    except (zipfile.BadZipFile, UnicodeDecodeError, EOFError) as error:
        raise ModelError(f"{file} is not a whole .keras file: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

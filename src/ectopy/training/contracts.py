"""Write a model's contract into its files, `.keras` and `.onnx`, and verify it when loading."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy import __version__
from ectopy.datasets import BeatDataset
from ectopy.files import atomic_path
from ectopy.models.inputs import arrange, call_with, signal_place
from ectopy.runtime.contract import KEY, MEMBER, ModelContract, ModelInput, Reference

_BEATS: Final = 2  # of two classes where there are: a model that always says the same is then seen
_DECIMALS: Final = 6  # of the reference's numbers: enough to be beats, and short to write


def contract_of(
    model: Any, data: BeatDataset, *, study: str, protocol: str, quick: bool = False
) -> ModelContract:
    """Say what a model takes, gives and was trained on.

    Parameters
    ----------
    model : keras.Model
        A trained model.
    data : BeatDataset
        Beats of the kind that it takes; the first of two classes become the reference.
    study, protocol : str
        Where it comes from.
    quick : bool
        Whether that was a quick look.

    Returns
    -------
    ModelContract

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import contract_of
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> contract = contract_of(model, data, study="mine", protocol="pooled")
    >>> contract.classes, contract.simulated
    (('N', 'S', 'V', 'F', 'Q'), True)
    """
    import keras

    first = np.sort(np.unique(data.y, return_index=True)[1])[:_BEATS]
    few = data.take(first)
    names = [str(tensor.name) for tensor in model.inputs]
    arrays = tuple(
        np.round(array, _DECIMALS).astype(np.float32)
        for array in arrange(model, few.X, few.features)
    )
    output = keras.ops.convert_to_numpy(model(call_with(arrays), training=False))
    place = signal_place(model)
    return ModelContract(
        study=study,
        model=str(model.name),
        protocol=protocol,
        data=data.name,
        simulated=data.simulated,
        quick=quick,
        classes=data.classes,
        inputs=tuple(
            ModelInput(
                name=name,
                kind="signal" if number == place else "feature",
                shape=arrays[number].shape[1:],
            )
            for number, name in enumerate(names)
        ),
        fs_hz=data.fs_hz,
        leads=data.leads,
        window=data.window,
        no_window="" if data.window else data.no_window,
        scaling=data.window.scaling if data.window else data.scaling,
        ectopy=__version__,
        reference=Reference.of(dict(zip(names, arrays, strict=True)), output),
    )


def attach(contract: ModelContract, path: str | os.PathLike[str]) -> None:
    """Write a contract into a ``.keras`` or ``.onnx`` file, in place of any that is there.

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import attach, contract_of
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> model.save("mine.keras")
    >>> attach(contract_of(model, data, study="mine", protocol="pooled"), "mine.keras")
    """
    file, text = Path(path), contract.model_dump_json()
    with atomic_path(file) as temporary:
        if file.suffix == ".onnx":
            import onnx

            graph = onnx.load(file)
            kept = {entry.key: entry.value for entry in graph.metadata_props}
            onnx.helper.set_model_props(graph, kept | {KEY: text})
            onnx.save(graph, temporary)
            return
        shutil.copyfile(file, temporary)
        with zipfile.ZipFile(file) as old:
            there = MEMBER in old.namelist()
        if there:
            with zipfile.ZipFile(file) as old, zipfile.ZipFile(temporary, "w") as new:
                for entry in old.infolist():
                    if entry.filename != MEMBER:
                        new.writestr(entry, old.read(entry))
        with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MEMBER, text)


def load_keras(path: str | os.PathLike[str], *, verify: bool = False) -> tuple[Any, ModelContract]:
    """Open a ``.keras`` file with its contract.

    Parameters
    ----------
    path : path
        The file.
    verify : bool
        Let the model answer its reference beats, to 1e-5.

    Returns
    -------
    model : keras.Model
    contract : ModelContract

    Raises
    ------
    DataNotFoundError, ModelError
        If the file is missing, carries no contract, or answers otherwise than it did.

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import attach, contract_of, load_keras
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> model.save("mine.keras")
    >>> attach(contract_of(model, data, study="mine", protocol="pooled"), "mine.keras")
    >>> model, contract = load_keras("mine.keras", verify=True)
    >>> contract.study
    'mine'
    """
    import keras

    contract = ModelContract.read(Path(path))
    model = keras.models.load_model(path, compile=False)
    if verify:
        names = [tensor.name for tensor in model.inputs]
        contract.verify(
            lambda inputs: keras.ops.convert_to_numpy(
                model(call_with(tuple(inputs[name] for name in names)), training=False)
            ),
            str(path),
        )
    return model, contract

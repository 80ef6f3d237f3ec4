"""A model's file says what it takes and gives, and proves that it still does."""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.beats import cut
from ectopy.datasets import BeatDataset, simulated
from ectopy.errors import DataNotFoundError, ModelError
from ectopy.models import registry
from ectopy.recordings.simulation.simulate import simulate
from ectopy.report import figures
from ectopy.runtime.contract import MEMBER, ModelContract, verify_onnx
from ectopy.study.config import validate
from ectopy.study.run import run_study
from ectopy.study.windows import job
from ectopy.training.contracts import attach, contract_of, load_keras

keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def data() -> BeatDataset:
    return simulated.load("simulated-187", patients=3, duration_s=30)


@pytest.fixture(scope="module")
def finished(data: BeatDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a small study."""
    config = validate(
        {
            "name": "carried",
            "protocol": "official",
            "seeds": 1,
            "data": {"name": "simulated-187"},
            "model": {"name": "cnn1d", "options": {"filters": [4, 4, 4], "hidden": 8}},
            "recipe": {"epochs": 1},
        },
        "test",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "load", lambda name, folder, **options: data)
        patch.setattr(figures, "write", lambda results, folder: [])  # seconds each
        return run_study(config, out=tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def contract(finished: Path) -> ModelContract:
    return ModelContract.read(finished / "model.onnx")


def test_both_files_carry_the_same_contract_and_keep_it(
    finished: Path, contract: ModelContract, tmp_path: Path
) -> None:
    model, told = load_keras(finished / "Final_Clinical_Model.keras", verify=True)
    assert told == contract == verify_onnx(finished / "model.onnx")
    assert contract.classes == ("N", "S", "V", "F", "Q")
    assert (contract.study, contract.protocol, contract.simulated) == ("carried", "official", True)
    assert (contract.fs_hz, contract.leads) == (125.0, ("MLII",))
    assert contract.scaling == "each 10 s of a lead to [0, 1]"
    assert [(i.name, i.kind, i.shape) for i in contract.inputs] == [("beat", "signal", (187, 1))]
    # Plain Keras opens the file, and what it saves again has lost nothing but the contract.
    keras.models.load_model(finished / "Final_Clinical_Model.keras").save(tmp_path / "bare.keras")
    with pytest.raises(ModelError, match=r"bare\.keras carries no contract"):
        ModelContract.read(tmp_path / "bare.keras")
    # A second contract takes the first one's place.
    again = tmp_path / "again.keras"
    shutil.copy(finished / "Final_Clinical_Model.keras", again)
    attach(contract.model_copy(update={"study": "another"}), again)
    assert ModelContract.read(again).study == "another"
    with zipfile.ZipFile(again) as archive:
        assert archive.namelist().count(MEMBER) == 1
    np.testing.assert_array_equal(load_keras(again)[0].get_weights()[0], model.get_weights()[0])


def test_a_raw_signal_becomes_the_beats_of_the_data_set(
    contract: ModelContract, data: BeatDataset
) -> None:
    recording, marks = simulate(30, rng=np.random.default_rng(0), fs_hz=250, leads=("MLII", "V1"))
    signal, peaks = recording.read(), marks.samples
    made = contract.arrays(signal[:1], 250.0, peaks)
    assert list(made) == ["beat"]
    assert made["beat"].shape == (len(peaks), 187, 1)
    np.testing.assert_array_equal(made["beat"][..., 0], cut.kachuee(signal[0], 250.0, peaks))
    assert contract.arrays(signal[0], 250.0, peaks)["beat"].shape == made["beat"].shape
    with pytest.raises(ModelError, match=r"has 2 leads, the model takes 1 \(MLII\)"):
        contract.arrays(signal, 250.0, peaks)
    older = contract.model_copy(update={"window": data.window.model_copy(update={"version": 1})})
    with pytest.raises(ModelError, match="version 1 of the cut, this ectopy has version"):
        older.arrays(signal[0], 250.0, peaks)


def test_leads_and_features_are_asked_for(data: BeatDataset) -> None:
    from keras import layers

    beat, rr = keras.Input((187, 2), name="beat"), keras.Input((3,), name="rr")
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(beat), rr])
    model = keras.Model([beat, rr], layers.Dense(5, activation="softmax")(x))
    two = replace(
        data,
        X=np.stack([data.X, data.X], axis=-1),
        leads=("I", "II"),
        features={"rr": np.ones((len(data), 3), np.float32)},
    )
    told = contract_of(model, two, study="s", protocol="pooled")
    signal, peaks = np.random.default_rng(0).normal(size=(2, 3000)), np.array([300, 700, 1000])
    made = told.arrays(signal, 360.0, peaks, {"rr": np.zeros((3, 3))})
    assert {name: array.shape for name, array in made.items()} == {
        "beat": (3, 187, 2),
        "rr": (3, 3),
    }
    np.testing.assert_array_equal(made["beat"][..., 1], cut.kachuee(signal[1], 360.0, peaks))
    with pytest.raises(ModelError, match=r"feature 'rr' of the shape \(3, 3\), given nothing"):
        told.arrays(signal, 360.0, peaks)


def test_what_cannot_be_cut_says_so(data: BeatDataset, contract: ModelContract) -> None:
    model = registry.build("cnn1d", 187, 5, seed=0, filters=[2, 2, 2])
    foreign = replace(data, window=None, no_window="it has no sampling rate", fs_hz=None)
    told = contract_of(model, foreign, study="s", protocol="official")
    assert told.window is None
    assert told.fs_hz is None
    with pytest.raises(ModelError, match="cut from a raw signal: it has no sampling rate"):
        told.arrays(np.zeros(1000), 250.0, [100, 300])


def test_a_changed_model_or_reference_is_found_out(
    finished: Path, contract: ModelContract, tmp_path: Path
) -> None:
    path = tmp_path / "other.keras"
    model, told = load_keras(finished / "Final_Clinical_Model.keras")
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    model.save(path)
    attach(told, path)
    with pytest.raises(ModelError, match=r"other\.keras answers its reference beats with a diff"):
        load_keras(path, verify=True)
    bent = contract.reference.model_copy(update={"output": [[0.2] * 5] * 2})
    onnx_path = tmp_path / "model.onnx"
    shutil.copy(finished / "model.onnx", onnx_path)
    attach(contract.model_copy(update={"reference": bent}), onnx_path)
    with pytest.raises(ModelError, match=r"reference output in .*SHA-256"):
        verify_onnx(onnx_path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="is not there"):
        ModelContract.read(tmp_path / "none.onnx")
    for name, what in (("a.onnx", "an ONNX model"), ("a.keras", "a whole .keras file")):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(ModelError, match=what):
            ModelContract.read(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "b.keras", "w") as archive:
        archive.writestr(MEMBER, '{"format": 2}')
    with pytest.raises(ModelError, match="cannot be used: format"):
        ModelContract.read(tmp_path / "b.keras")


def test_the_lines_of_the_card_run_as_they_stand(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import recording_files

    card = (finished / "model_card.md").read_text()
    plain, whole = re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)
    assert "import ectopy" not in plain
    assert "from ectopy" not in plain
    assert len(plain.split("\n\n", 1)[1].splitlines()) < 10
    monkeypatch.chdir(finished)
    shutil.copy(recording_files.edf(finished), finished / "recording.edf")
    found: list[dict[str, Any]] = []
    for text in (plain, whole):
        found.append({})
        exec(compile(text, "model_card.md", "exec"), found[-1])
    assert capsys.readouterr().out.count("[") == 2
    assert found[0]["p"].shape == (2, 5)
    assert len(found[1]["p"]) == len(found[1]["r_peaks"]) > 2

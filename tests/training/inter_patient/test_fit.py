from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.classes import AAMI
from ectopy.models import beat_context
from ectopy.runtime.networks import network
from ectopy.training.inter_patient.augment_records import RecordAugmentation
from ectopy.training.inter_patient.calibrate import calibrate
from ectopy.training.inter_patient.fit import features, fit, gated_by
from ectopy.training.inter_patient.recipe import BeatModelRecipe
from ectopy.training.inter_patient.training_record import TrainingRecord

V = AAMI.index("V")


def made(seed, n=240):
    """One patient: narrow beats, and wide premature ones that are V."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.1, V, 0)
    rr = np.where(y == V, 60, 100) + rng.normal(0, 2, n)
    at = 100 + np.cumsum(rr)
    t = np.arange(int(at[-1]) + 200)
    lead = 0.01 * rng.standard_normal(len(t))
    for when, what in zip(at, y, strict=True):
        lead += np.exp(-0.5 * ((t - when) / (6 if what == V else 1.5)) ** 2)
    signal = np.stack([lead, 0.5 * lead]).astype(np.float32)
    return TrainingRecord(str(seed), signal, at, y.astype(np.int64), np.zeros(n, np.float32))


def opened(found, record):
    """Give a record's features, gated by the first stage."""
    return gated_by(found.fibrillation, features(record, two_sided=False), two_sided=False)


@pytest.fixture(scope="module")
def trained():
    records = [made(seed) for seed in range(4)]
    recipe = BeatModelRecipe(hidden=60, copies=(RecordAugmentation(rhythm=0.0, flip=0.5),), folds=4)
    return records, fit(records, recipe, seed=0)


def test_left_out_patients_are_labelled(trained):
    records, found = trained
    for record, logits in zip(records, found.held_out, strict=True):
        assert (logits.argmax(axis=1) == record.y).mean() > 0.95


def test_members_are_averaged():
    """Each member is solved apart, on copies of its own; one layer then holds their mean."""
    records = [made(seed, 120) for seed in range(3)]
    recipe = BeatModelRecipe(
        members=1, hidden=20, copies=(RecordAugmentation(rhythm=0.5),), folds=3
    )
    both = fit(records, recipe.model_copy(update={"members": 2}), seed=0)
    X = opened(both, records[0])
    hidden = np.asarray(beat_context.hidden_of(both.model)(X))
    kernel, bias = both.model.get_layer("classes").get_weights()
    n = X.shape[1]
    first, second = n + np.arange(20), n + 20 + np.arange(20)
    assert np.abs(kernel[first]).max() > 0
    assert np.abs(kernel[second]).max() > 0
    np.testing.assert_allclose(hidden @ kernel + bias, np.asarray(both.model(X)), atol=1e-3)
    # The first member has the same copies as a model of one member, and half a say.
    one = fit(records, recipe, seed=0)
    assert [len(y) for _, y in one.copies] == [len(y) for _, y in both.copies]
    assert not np.allclose(one.held_out[0], both.held_out[0])


def test_export_agrees_with_keras(trained, tmp_path: Path):
    from ectopy.training.inter_patient.export import export

    records, found = trained
    sample = opened(found, records[0])
    assert export(found.model, tmp_path, "beats-x", sample) < 1e-4
    assert network(tmp_path, "beats-x").logits(sample).shape == (len(sample), len(AAMI))
    # 3 x 60 units see four measures each: stored whole, their matrix alone would be larger.
    assert (tmp_path / "beats-x.onnx").stat().st_size < 4 * 180 * sample.shape[1]


def test_calibration_ends_in_settings(trained):
    records, found = trained
    chosen = calibrate(found.held_out, [record.y for record in records])
    assert len(chosen["bias"]) == len(AAMI)
    assert chosen["temperature"] > 0
    assert 0 <= chosen["uncertain_below"] <= 1
    assert chosen["held_out"]["accuracy"] > 0.95
    assert chosen["held_out"]["risk"] <= 0.02


def test_beats_whose_class_nobody_knows_teach_nothing_and_judge_nothing():
    first, second, third = (made(seed, 120) for seed in range(3))
    recipe = BeatModelRecipe(
        members=1, hidden=20, copies=(RecordAugmentation(rhythm=0.0, flip=0.5),), folds=2
    )
    teaches = np.arange(120) % 3 == 0
    found, other = (
        fit([first, second, replace(third, y=y, teaches=teaches)], recipe)
        for y in (third.y, np.where(teaches, third.y, 4))
    )
    assert len(found.held_out) == len(found.copies) == 2
    for one, again in zip(found.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, again)
    wrong = fit([first, second, replace(third, y=4 - third.y, teaches=teaches)], recipe)
    assert not np.allclose(wrong.held_out[1], found.held_out[1])


def test_records_of_one_patient_are_left_out_together():
    first, second, third = (made(seed, 80) for seed in range(3))
    recipe = BeatModelRecipe(members=1, hidden=20, copies=(), folds=3)
    wrong = replace(second, y=V - second.y)  # what is N is V

    def moved(patient):
        one, other, lying = (replace(r, patient=patient) for r in (first, second, wrong))
        said = [fit([one, own, third], recipe).held_out[0] for own in (other, lying)]
        return np.abs(said[0] - said[1]).max()

    assert moved("") > 1, "another patient's labels count"
    assert moved("a") < 0.1, "not one's own: what is left is rounding"

"""An S beat in fibrillation: from the odds of it to the labels of a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.classes import AAMI
from ectopy.runtime.bundle import SETTINGS, Bundle
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.networks import log_softmax
from ectopy.runtime.supraventricular import fibrillating, lowered

FS_HZ = 250.0
S, V = AAMI.index("S"), AAMI.index("V")


def fibrillation(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Narrow beats without P waves that follow each other without order."""
    rng = np.random.default_rng(seed)
    at = 1 + np.cumsum(rng.uniform(0.45, 1.05, n))
    t = np.arange(int((at[-1] + 1) * FS_HZ)) / FS_HZ
    wavelets = np.sin(2 * np.pi * 6.3 * t + np.cumsum(0.05 * rng.standard_normal(len(t))))
    lead = 0.01 * rng.standard_normal(len(t)) + 0.03 * wavelets
    for when in at:
        near = slice(int((when - 0.5) * FS_HZ), int((when + 0.6) * FS_HZ))
        for height, centre, sd in ((1, 0, 0.012), (0.3, 0.28, 0.05)):
            lead[near] += height * np.exp(-0.5 * ((t[near] - when - centre) / sd) ** 2)
    return np.stack([lead, -0.5 * lead]).astype(np.float32), np.rint(at * FS_HZ).astype(int)


def without_rhythm() -> Bundle:
    bundle = Bundle.load("default")
    return replace(bundle, manifest={**bundle.manifest, "rhythm": None})


def test_fibrillation_takes_from_the_odds_of_s_alone() -> None:
    scores = log_softmax(np.array([[0.0, 2.0, 1.0, -5.0, -9.0]] * 3))
    found = lowered(scores, np.array([-8.0, 0.0, 4.0]))
    np.testing.assert_allclose(found[0], scores[0], atol=0.02)
    odds = found[:, S] - found[:, 0]
    assert odds[0] > odds[1] > odds[2]
    assert found[2].argmax() != S
    np.testing.assert_allclose(found[:, V] - found[:, 0], 1.0)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1.0)


def test_both_must_agree_and_the_signal_tells_alone_where_beats_are_few() -> None:
    by_times, by_signal = np.array([-6.0, 5.0, 5.0, np.nan]), np.array([4.0, -4.0, 3.0, 1.5])
    found = fibrillating(by_times, by_signal)
    assert (found[:2] < -3).all()
    np.testing.assert_array_equal(found[2:], [3.0, 1.5])


@pytest.mark.parametrize("setting", SETTINGS)
def test_irregular_beats_in_fibrillation_are_not_early(setting: str) -> None:
    before, after = [], []
    for seed in range(3):
        signal, peaks = fibrillation(seed)
        for bundle, found in ((without_rhythm(), before), (Bundle.load("default"), after)):
            found.append(BeatClassifier(bundle).classify(signal, FS_HZ, peaks, setting))
    likely = [sum(float(one.probabilities[:, S].sum()) for one in own) for own in (before, after)]
    called = [sum(int((one.classes == S).sum()) for one in own) for own in (before, after)]
    assert likely[1] < 0.5 * likely[0]
    assert called[1] <= (0.4 * called[0] if setting == "past" else 0)


@pytest.mark.parametrize("setting", SETTINGS)
def test_early_beats_in_sinus_rhythm_stay_what_they_were(setting: str) -> None:
    recording, reference = ectopy.simulate(600, rng=np.random.default_rng(5))
    with_it, without = (
        ectopy.analyze(recording, setting=setting, weights=weights, r_peaks=reference.samples)
        for weights in ("default", without_rhythm())
    )
    premature = without.beats.symbols == "S"
    assert premature.sum() > 5
    assert (with_it.beats.symbols == "S")[premature].mean() > 0.9
    np.testing.assert_array_equal(with_it.beats.symbols == "V", without.beats.symbols == "V")


def test_what_labels_depend_on_is_in_the_checksum(tmp_path: Path) -> None:
    ours, pure = Bundle.load("default"), Bundle.load("ds1")
    assert ours.rhythm is not None
    assert ours.rhythm.folder / "fibrillation.onnx" in ours.files
    assert pure.rhythm is None, "figures on DS2 come from DS1 alone"
    assert pure.with_rhythm().checksum != pure.checksum
    assert pure.with_rhythm().rhythm == ours.rhythm


def test_a_beat_that_is_hardly_s_is_not_asked_about() -> None:
    signal, peaks = fibrillation(0)
    with_it, without = (
        BeatClassifier(bundle).classify(signal, FS_HZ, peaks, "past")
        for bundle in (Bundle.load("default"), without_rhythm())
    )
    same = (with_it.probabilities == without.probabilities).all(axis=1)
    assert 0.5 < same.mean() < 1
    assert without.probabilities[same, S].max() < 0.2, "no label is near"

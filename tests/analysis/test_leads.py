"""A lead that fails: what becomes of labels there and elsewhere, from signal to result."""

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.beats.conditioning.quality import FLAT
from ectopy.evaluation.ec57.pairing import pair
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.bundle import SETTINGS, Setting

FS_HZ = 250.0
SECONDS = 420
OUTAGE = slice(120 * 250, 240 * 250)
TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    recording, _ = made()
    noise = np.random.default_rng(6).normal(0, 0.01, (2, recording.n_samples))
    return (recording.read() + noise).astype(np.float32)


def made():
    return simulate(SECONDS, rng=np.random.default_rng(5), fs_hz=FS_HZ)


def labelled(signal: np.ndarray, setting: Setting, leads: tuple[str, ...] = ("II", "V1")):
    return analyze(Recording.from_array(signal, FS_HZ, leads), setting=setting, weights="ds1")


def alike(a: LabelledBeats, b: LabelledBeats, where: np.ndarray) -> float:
    """Share of beats of ``a`` that ``b`` has with the same class and certainty."""
    pairs = pair(a.samples, b.samples, 12)
    same = np.zeros(len(a), dtype=bool)
    same[pairs.reference] = (a.classes[pairs.reference] == b.classes[pairs.test]) & (
        a.uncertain[pairs.reference] == b.uncertain[pairs.test]
    )
    return float(same[where].mean())


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("lead", "value"), [(0, 0.0), (0, np.nan), (1, 0.7)])
def test_an_outage_moves_no_label_elsewhere(
    signal: np.ndarray, lead: int, value: float, setting: Setting
) -> None:
    plain = labelled(signal, setting)
    spoilt = signal.copy()
    spoilt[lead, OUTAGE] = value
    found = labelled(spoilt, setting)
    at = plain.beats.samples
    outside = (at < OUTAGE.start) | (at >= OUTAGE.stop)
    assert alike(plain.beats, found.beats, outside) > 0.985
    alone = labelled(spoilt[[1 - lead]], setting, (("II", "V1")[1 - lead],))
    inside = (alone.beats.samples > OUTAGE.start + 500) & (alone.beats.samples < OUTAGE.stop - 500)
    assert alike(alone.beats, found.beats, inside) > 0.9
    here = (found.beats.samples > OUTAGE.start) & (found.beats.samples < OUTAGE.stop)
    assert (found.beats.quality[here] < FLAT).all()  # the other lead shows them
    assert found.beats.uncertain[here].mean() < 0.3
    assert any("there the other leads decide" in line for line in found.summary.warnings)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_lead_that_is_off_is_as_if_it_were_not_there(
    signal: np.ndarray, setting: Setting
) -> None:
    spoilt = signal.copy()
    spoilt[0] = 0
    found, alone = labelled(spoilt, setting), labelled(signal[1:], setting, ("V1",))
    np.testing.assert_array_equal(found.beats.samples, alone.beats.samples)
    np.testing.assert_array_equal(found.beats.classes, alone.beats.classes)
    np.testing.assert_array_equal(found.beats.uncertain, alone.beats.uncertain)
    assert found.leading == 1


@pytest.mark.parametrize("value", [0.0, np.nan])
@pytest.mark.parametrize("setting", SETTINGS)
def test_after_all_leads_were_lost_beats_are_not_called_early(
    signal: np.ndarray, value: float, setting: Setting
) -> None:
    plain = labelled(signal, setting).beats
    spoilt = signal.copy()
    spoilt[:, OUTAGE] = value
    found = labelled(spoilt, setting)
    after = np.flatnonzero(found.beats.samples >= OUTAGE.stop)
    assert found.beats.uncertain[after[0]]
    assert np.isnan(found.intervals.rr_s[after[0]])
    some = slice(after[0], after[0] + 30)
    called = found.beats.symbols[some]
    truly = plain[(plain.samples >= OUTAGE.stop)].symbols[: len(called) + 2]
    assert np.count_nonzero(called == "S") <= np.count_nonzero(truly == "S") + 1
    assert not any("there the other leads" in line for line in found.summary.warnings)
    assert any("all leads used are missing or flat" in line for line in found.summary.warnings)


def test_clipped_beats_are_uncertain_unless_a_lead_is_good(signal: np.ndarray) -> None:
    tall = 2 * signal
    both = labelled(np.clip(tall, -0.4, 0.4), "past")
    assert both.beats.uncertain.mean() > 0.9
    one = tall.copy()
    one[0] = np.clip(one[0], -0.4, 0.4)
    found, plain = labelled(one, "past"), labelled(tall, "past")
    assert found.summary.leads[0].seconds["saturated"] > 0.8 * SECONDS
    assert found.beats.uncertain.mean() < plain.beats.uncertain.mean() + 0.1


def twelve(signal: np.ndarray) -> np.ndarray:
    i, ii = 0.6 * signal[0], signal[0]
    chest = [k * signal[0] + (1 - k) * signal[1] for k in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)]
    limb = [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]
    noise = np.random.default_rng(1).normal(0, 0.01, (12, signal.shape[1]))
    return (np.stack([*limb, *chest]) + noise).astype(np.float32)


@pytest.mark.parametrize("setting", SETTINGS)
def test_of_twelve_leads_one_that_fails_or_lies_is_outvoted(
    signal: np.ndarray, setting: Setting
) -> None:
    strip = twelve(signal[:, : 60 * 250])
    plain = labelled(strip, setting, TWELVE)
    assert plain.summary.leads[1].leading
    assert [lead.name for lead in plain.summary.leads if not lead.used] == [
        "III",
        "aVR",
        "aVL",
        "aVF",
    ]
    truth = made()[1].samples
    truth = truth[truth < strip.shape[1] - 250]
    assert len(pair(truth, plain.beats.samples, 12).reference) == len(truth)
    for lead, other in ((1, 0.0), (7, np.nan)):
        spoilt = strip.copy()
        spoilt[lead] = other
        found = labelled(spoilt, setting, TWELVE)
        assert not found.summary.leads[lead].leading
        everywhere = np.ones(len(plain.beats), dtype=bool)
        pairs = pair(plain.beats.samples, found.beats.samples, 5)
        assert len(pairs.reference) == len(plain.beats) == len(found.beats)
        assert alike(plain.beats, found.beats, everywhere) > 0.8
        sure = ~plain.beats.uncertain & ~found.beats.uncertain
        assert (plain.beats.classes == found.beats.classes)[sure].all()

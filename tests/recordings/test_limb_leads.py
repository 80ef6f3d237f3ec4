"""Limb leads that follow from two stored ones."""

from __future__ import annotations

import pickle
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from ectopy.recordings.limb_leads import LIMB_LEADS, chest_lead, limb_lead, with_limb_leads
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

RNG = np.random.default_rng(0)
RA, LA, LL = RNG.normal(size=(3, 400))  # potentials of the electrodes
TRUE = {
    "I": LA - RA, "II": LL - RA, "III": LL - LA, "aVR": RA - (LA + LL) / 2,
    "aVL": LA - (RA + LL) / 2, "aVF": LL - (RA + LA) / 2,
}  # fmt: skip


def of(*names: str) -> Recording:
    rows = [TRUE.get(limb_lead(name) or "", RNG.normal(size=400)) for name in names]
    return Recording.from_array(rows, 500, names)


@pytest.mark.parametrize("stored", list(combinations(LIMB_LEADS, 2)))
def test_any_two_give_the_other_four(stored: tuple[str, str]) -> None:
    whole = with_limb_leads(of(*stored, "V1"))
    assert whole.leads[:3] == (*stored, "V1")
    assert set(whole.leads[3:]) == set(whole.derived) == set(LIMB_LEADS) - set(stored)
    read = whole.read()
    for name in LIMB_LEADS:
        np.testing.assert_allclose(read[whole.lead_index(name)], TRUE[name], atol=1e-5)


def test_eight_stored_leads_make_twelve() -> None:
    eight = of("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    twelve = with_limb_leads(eight)
    assert twelve.leads == (*eight.leads, "III", "aVR", "aVL", "aVF")
    assert twelve.derived == ("III", "aVR", "aVL", "aVF")
    assert twelve.notes == (
        "III, aVR, aVL and aVF were computed from I and II, as the file does not store them",
    )
    np.testing.assert_array_equal(twelve.read()[:8], eight.read())
    i, ii = eight.read()[:2].astype(np.float64)
    expected = [ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]
    np.testing.assert_allclose(twelve.read()[8:], expected, atol=1e-6)
    assert with_limb_leads(twelve) is twelve
    cuts = [0, 1, 7, 200, 399, 400]
    pieces = [twelve.read(a, b) for a, b in pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), twelve.read())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(twelve)).read(), twelve.read())


@pytest.mark.parametrize("names", [("II", "V1"), ("MLII", "V5"), LIMB_LEADS, ("V1",)])
def test_nothing_is_made_of_fewer_and_nothing_is_added_to_all(names: tuple[str, ...]) -> None:
    recording = of(*names)
    assert with_limb_leads(recording) is recording


def test_names_as_files_write_them() -> None:
    whole = with_limb_leads(of("Lead I", "ecg ii", "AVF"))
    assert whole.derived == ("III", "aVR", "aVL")
    assert [limb_lead(name) for name in ("DI", "dII", "ECG lead III", "EKG-aVR")] == [
        *("I", "II", "III", "aVR")
    ]
    assert [chest_lead(name) for name in ("V1", "lead v2", "C6")] == ["V1", "V2", "V6"]
    assert [chest_lead(name) for name in ("V7", "C3-A2", "CV1", "V1R", "MCL1")] == [None] * 5
    assert [limb_lead(name) for name in ("MLII", "D1", "V1", "II 2", "-aVR")] == [None] * 5


def test_missing_where_one_of_its_leads_is() -> None:
    signal = np.ones((2, 9))
    signal[0, 3] = np.nan
    read = with_limb_leads(Recording.from_array(signal, 500, ("I", "II"))).read()
    assert np.isnan(read[[0, 2, 3, 4, 5], 3]).all()
    assert np.isfinite(np.delete(read, 3, axis=1)).all()


@pytest.mark.data
@pytest.mark.parametrize("name", ["1", "11", "15"])
def test_against_what_a_recorder_stored(data_dir: Path, name: str) -> None:
    """LUDB stores all twelve but scales each by itself, so that shapes alone can be compared."""
    recording = open_recording(data_dir / "ludb" / name)
    signal = recording.read()
    derived = with_limb_leads(
        Recording.from_array(signal[:2], recording.fs_hz, recording.leads[:2])
    )
    made = derived.read()[derived.lead_index("aVR")]
    assert np.corrcoef(made, signal[recording.lead_index("aVR")])[0, 1] > 0.995

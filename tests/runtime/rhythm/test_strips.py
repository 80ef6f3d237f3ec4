"""Strips from signal to a kind: what is decided, and what must not change it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ectopy.errors import ConfigError, ModelError
from ectopy.runtime.classifier import SeenBeats
from ectopy.runtime.rhythm.strip_model import MANIFEST, STRIP_KINDS, TREES, StripModel
from ectopy.runtime.rhythm.strips import (
    look_at_strip,
    strip_rhythm,
    strip_windows,
    window_rhythm,
)
from ectopy.runtime.rhythm.trees import PACKAGED


def strip(rr: np.ndarray, p: float, waves: float, seed: int) -> tuple[np.ndarray, float]:
    """Draw a strip of a hand-held lead at 250 Hz."""
    rng, fs_hz = np.random.default_rng(seed), 250.0
    at = np.cumsum(rr) + 0.4
    time = np.arange(round((at[-1] + 0.6) * fs_hz)) / fs_hz
    rate = 2 * np.pi * np.cumsum(6 + 0.5 * np.sin(time)) / fs_hz
    signal = rng.normal(0, 0.01, len(time)) + waves * np.sin(rate)
    for centre, height, width in ((-0.16, p, 0.022), (0, 1.0, 0.014), (0.03, -0.2, 0.012),
                                  (0.28, 0.2, 0.05)):  # fmt: skip
        for beat in at:
            signal += height * np.exp(-0.5 * ((time - beat - centre) / width) ** 2)
    return signal.astype(np.float32), fs_hz


RNG = np.random.default_rng(0)
SINUS = strip(0.85 + RNG.normal(0, 0.012, 34), 0.12, 0.0, 1)
AF = strip(RNG.uniform(0.45, 1.15, 36), 0.0, 0.05, 2)


def told(strip_: tuple[np.ndarray, float], gain: float = 1.0) -> tuple[str, np.ndarray, bool]:
    signal, fs_hz = strip_
    result = strip_rhythm(look_at_strip(gain * signal, fs_hz), len(signal) / fs_hz)
    return str(result.kinds[0]), result.probabilities[0], bool(result.decided[0])


@pytest.mark.parametrize(("strip_", "kind"), [(SINUS, "sinus"), (AF, "AF")])
def test_a_strip_is_told_at_any_gain_either_way_up(
    strip_: tuple[np.ndarray, float], kind: str
) -> None:
    called, probabilities, decided = told(strip_)
    assert (called, decided) == (kind, True)
    assert probabilities.sum() == pytest.approx(1)
    for gain in (10, -1, -3):
        again, others, _ = told(strip_, gain)
        assert again == kind
        assert np.abs(others - probabilities).max() < 0.1


def test_a_piece_of_ten_seconds_is_told() -> None:
    signal, fs_hz = AF
    called, _, decided = told((signal[: int(12 * fs_hz)], fs_hz))
    assert (called, decided) == ("AF", True)


def test_nothing_is_decided_without_beats_or_time() -> None:
    flat = np.zeros(3000, np.float32)
    assert look_at_strip(flat, 300.0) == []
    result = strip_rhythm([], 10.0)
    assert result.kinds.tolist() == ["noisy"]
    assert not result.decided.any()
    signal, fs_hz = SINUS
    called, _, decided = told((signal[: int(6 * fs_hz)], fs_hz))
    assert not decided, called
    noise = np.random.default_rng(0).normal(0, 1, 9000).astype(np.float32)
    assert not told((noise, 300.0))[2]
    with pytest.raises(ConfigError, match="more than 0"):
        strip_rhythm([], 0.0)


def test_windows_cover_a_recording() -> None:
    for duration_s in (9.0, 40.0, 40.5, 61.0, 1800.0):
        onset, end = strip_windows(duration_s)
        assert onset[0] == 0
        assert end[-1] == pytest.approx(duration_s)
        assert (onset[1:] <= end[:-1]).all()
        assert len(onset) == 1 or np.allclose(end - onset, 30)


def test_a_change_of_rhythm_shows_in_the_windows_and_parts_change_nothing() -> None:
    rng = np.random.default_rng(5)
    before, fs_hz = strip(0.85 + rng.normal(0, 0.012, 110), 0.12, 0.0, 3)
    after, _ = strip(rng.uniform(0.45, 1.15, 120), 0.0, 0.05, 4)
    signal = np.concatenate([before, after])
    parts, duration_s = look_at_strip(signal, fs_hz), len(signal) / fs_hz
    whole = window_rhythm(parts, duration_s)
    assert (whole.af_log_odds[whole.end_s < 90] < 0).all()
    assert (whole.af_log_odds[whole.onset_s > 100] > 0).mean() > 0.8
    (one,) = parts
    cut: list[SeenBeats] = [one[:50], one[50:50], one[50:]]
    apart = window_rhythm(cut, duration_s)
    assert np.allclose(apart.probabilities, whole.probabilities)


def test_two_leads_speak_and_one_that_is_off_does_not() -> None:
    signal, fs_hz = AF
    alone = told(AF)[1]
    off = np.stack([signal, np.zeros_like(signal)])
    result = strip_rhythm(look_at_strip(off, fs_hz), len(signal) / fs_hz)
    assert result.kinds.tolist() == ["AF"]
    assert np.abs(result.probabilities[0] - alone).max() < 0.05


def test_weights_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        StripModel.load(tmp_path)
    shutil.copy(PACKAGED / TREES, tmp_path)
    manifest = json.loads((PACKAGED / MANIFEST).read_text())
    manifest["decision"] = [1, 1]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="train them anew"):
        StripModel.load(tmp_path)
    with pytest.raises(ModelError, match="measures"):
        StripModel.load().logits(np.zeros((1, 3), np.float32))


def test_the_package_says_what_it_learnt_from() -> None:
    model = StripModel.load()
    known = set(model.manifest["trained_on"]["cinc2017"])
    aside = set(model.manifest["put_aside"]["cinc2017"])
    assert known
    assert aside
    assert not known & aside
    assert model.manifest["kinds"] == list(STRIP_KINDS)
    assert len(model.checksum) == 64
    assert (PACKAGED / TREES).stat().st_size < 400_000

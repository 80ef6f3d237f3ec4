from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from ectopy.classes import COLOURS
from ectopy.errors import ConfigError
from ectopy.report.strips import MM_PER_MV, MM_PER_S, clock, ecg_strip, text_on

SVG = "{http://www.w3.org/2000/svg}"


def points(svg: str) -> np.ndarray:
    """Trace of the first lead as (time from its start in s, level in mV)."""
    path = ElementTree.fromstring(svg).find(f"{SVG}svg").findall(f"{SVG}path")[3].get("d")
    (steps,) = re.fullmatch(r"M\d+ -?\d+l([-\d ]+)", path).groups()
    moves = np.array([[0, 0], *np.array(steps.split(), int).reshape(-1, 2)]).cumsum(axis=0)
    return moves / 100 / [MM_PER_S, -MM_PER_MV]


def test_trace_is_to_scale(rng: np.random.Generator) -> None:
    signal = np.cumsum(rng.normal(0, 0.03, 500))
    svg = ecg_strip(signal, 250, leads=("II",))
    drawn = points(svg)
    np.testing.assert_allclose(drawn[:, 0], np.arange(500) / 250, atol=1e-3)
    np.testing.assert_allclose(drawn[:, 1], signal - signal[0], atol=2e-3)
    root = ElementTree.fromstring(svg)
    assert root.get("width") == "65mm"  # 15 mm of pulse and 2 s of paper
    assert root.get("viewBox").split()[2] == "6500"


def test_a_spike_survives_a_high_sampling_rate() -> None:
    signal = np.zeros(8000)
    signal[4321] = 1.0
    drawn = points(ecg_strip(signal, 2000))
    assert len(drawn) < 3000
    assert drawn[:, 1].max() == pytest.approx(1.0, abs=0.01)


def test_a_gap_is_left_open() -> None:
    signal = np.zeros(300)
    signal[100:150] = np.nan
    path = ElementTree.fromstring(ecg_strip(signal, 100)).find(f"{SVG}svg").findall(f"{SVG}path")[3]
    assert path.get("d").count("M") == 2
    assert "nan" not in ecg_strip(np.full(100, np.nan), 100).lower()


def test_labels_stand_in_class_colours_over_their_beats() -> None:
    svg = ecg_strip(np.zeros(1000), 250, beats=[100, 600, 5000], classes=[0, 2, 1])
    root = ElementTree.fromstring(svg)
    boxes = [
        (r.get("fill"), int(r.get("x")) + int(r.get("width")) / 2) for r in root.iter(f"{SVG}rect")
    ]
    assert boxes == [
        (COLOURS[0], pytest.approx(2500, abs=1)),
        (COLOURS[2], pytest.approx(7500, abs=1)),
    ]
    assert [t.text for t in root.iter(f"{SVG}text")][:2] == ["N", "V"]


def test_simulated_and_escaped_titles() -> None:
    svg = ecg_strip(np.zeros(100), 100, simulated=True, title="a < b & c")
    texts = [t.text for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert "SIMULATED" in texts
    assert "a < b & c" in texts


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ConfigError, match="2 lead names for 1"):
        ecg_strip(np.zeros(10), 100, leads=("I", "II"))
    with pytest.raises(ConfigError, match="0 Hz"):
        ecg_strip(np.zeros(10), 0)
    with pytest.raises(ConfigError, match="1 class labels for 2 beats"):
        ecg_strip(np.zeros(10), 100, beats=[1, 2], classes=[0])


def test_clock_and_contrast() -> None:
    assert [clock(s) for s in (5, 65, 3661)] == ["0:05", "1:05", "1:01:01"]
    assert text_on("#0072B2") == "#ffffff"
    assert text_on("#E69F00") == "#000000"

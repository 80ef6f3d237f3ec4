from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from ectopy.analysis.report.ecg_paper import MM_PER_MV, MM_PER_S, ecg_strip, text_on
from ectopy.classes import COLOURS
from ectopy.errors import ConfigError
from ectopy.recordings.clock import Clock

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


def test_uncertain_labels_are_hollow_and_ask() -> None:
    svg = ecg_strip(np.zeros(1000), 250, beats=[100, 600], classes=[2, 2], uncertain=[False, True])
    sure, doubt = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    assert (sure.get("fill"), sure.get("stroke")) == (COLOURS[2], None)
    assert doubt.get("fill") == "#fff"
    assert doubt.get("stroke") not in {None, *COLOURS}
    assert [t.text for t in ElementTree.fromstring(svg).iter(f"{SVG}text")][:2] == ["V", "V?"]


def test_intervals_are_written_between_their_beats_where_there_is_room() -> None:
    beats = [100, 350, 410, 411, 700, 5000]
    rr = [1.0, 1.0, 0.24, 0.004, np.nan, 17.2]
    svg = ecg_strip(np.zeros(1000), 250, beats=beats, classes=[0] * 6, rr_s=rr)
    texts = {t.text: t for t in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    assert "RR, ms" in texts
    written = {text: t for text, t in texts.items() if re.fullmatch(r"\d+", text or "")}
    assert [*written] == ["1000", "240"]  # the first one ends here, the fourth has no room
    middle = (100 + 350) / 2 / 250 * 25 + 15
    assert int(written["1000"].get("x")) / 100 == pytest.approx(middle, abs=0.02)
    labels = [int(r.get("y")) for r in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    assert int(written["1000"].get("y")) < min(labels)
    with pytest.raises(ConfigError, match="1 RR intervals for 2 beats"):
        ecg_strip(np.zeros(10), 100, beats=[1, 2], rr_s=[1])


def test_simulated_and_escaped_titles() -> None:
    svg = ecg_strip(np.zeros(100), 100, simulated=True, title="a < b & c", leads=("<II>",))
    root = ElementTree.fromstring(svg)
    texts = [t.text for t in root.iter(f"{SVG}text")]
    assert "SIMULATED" in texts
    assert "<II>" in texts
    assert root.get("aria-label") == "a < b & c"


@pytest.mark.parametrize("start", [None, datetime(2026, 11, 26, 23, 59, 58, 500_000)])
def test_whole_seconds_are_written_under_their_samples(start: datetime | None) -> None:
    clock = Clock(start, 3600)
    root = ElementTree.fromstring(ecg_strip(np.zeros(1000), 250, start_s=0.0, clock=clock))
    ticks = {t.text: (int(t.get("x")) - 1500) / 2500 for t in root.iter(f"{SVG}text")}
    del ticks["25 mm/s, 10 mm/mV"]
    if start is None:
        assert list(ticks) == ["elapsed 0:00:00", "0:00:01", "0:00:02", "0:00:03", "0:00:04"]
        assert ticks["0:00:02"] == pytest.approx(2)
    else:
        assert list(ticks) == ["day 1 23:59:59", "day 2 00:00:00", "00:00:01", "00:00:02"]
        assert ticks["day 2 00:00:00"] == pytest.approx(1.5)


@pytest.mark.parametrize("size", [2e5, 3e38])
def test_counts_taken_for_millivolts_are_cut_and_said(size: float) -> None:
    svg = ecg_strip(np.array([0, size, -size, 0, np.inf] * 100, dtype=np.float32), 100)
    root = ElementTree.fromstring(svg)
    assert float(root.get("height")[:-2]) < 100
    assert "trace cut" in svg
    assert not re.search(r"nan|inf|\d{9}", svg)


def test_the_shortest_strip_has_room_for_its_words() -> None:
    assert ElementTree.fromstring(ecg_strip(np.zeros(1), 250)).get("width") == "65mm"


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ConfigError, match="2 lead names for 1"):
        ecg_strip(np.zeros(10), 100, leads=("I", "II"))
    with pytest.raises(ConfigError, match="0 Hz"):
        ecg_strip(np.zeros(10), 0)
    with pytest.raises(ConfigError, match="1 marks of uncertainty for 2 beats"):
        ecg_strip(np.zeros(10), 100, beats=[1, 2], uncertain=[True])
    with pytest.raises(ConfigError, match="1 class labels for 2 beats"):
        ecg_strip(np.zeros(10), 100, beats=[1, 2], classes=[0])


def test_contrast() -> None:
    assert text_on("#0072B2") == "#ffffff"
    assert text_on("#E69F00") == "#000000"

"""Where beats were not marked there is neither a pause nor a rate, and a reader is told to look."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.told import told
from ectopy.analysis.unmarked import unmarked
from ectopy.recordings.recording import Recording

FS = 250


def with_gap(between_mv: np.ndarray, classifier: Classifier) -> Result:
    """Label a minute of beats, some seconds without a marked one, and beats again."""
    made, reference = ectopy.simulate(120, rng=np.random.default_rng(5), fs_hz=FS)
    signal = made.read(0, 120 * FS).copy()
    begin, end = 60 * FS, 60 * FS + between_mv.shape[-1]
    signal[:, begin:end] = between_mv
    samples = reference.samples
    kept = samples[(samples < begin - FS // 5) | (samples > end + FS // 5)]
    recording = Recording.from_array(signal, FS, made.leads, name="gap")
    return ectopy.analyze(recording, classifier=classifier, r_peaks=kept)


def test_flutter_is_no_pause(classifier: Classifier) -> None:
    """In mitdb 207 the longest pause was one of 3.7 s amid ventricular flutter."""
    t = np.arange(10 * FS) / FS
    result = with_gap(0.25 * np.sin(2 * np.pi * 4 * t), classifier)
    assert not any(event.kind == "pause" for event in result.events)
    assert result.summary.pauses.count == 0
    assert result.summary.heart_rate.lowest is not None
    assert result.summary.heart_rate.lowest.bpm > 40
    said = result.summary.warnings[0]
    assert said.startswith("it looks like ventricular fibrillation or flutter from 0:01:0")
    assert f"I{said[1:]}." in page(result)


def test_noise_is_no_pause_and_a_reader_is_told_where(classifier: Classifier) -> None:
    result = with_gap(np.random.default_rng(1).normal(0, 0.25, (2, 10 * FS)), classifier)
    assert result.summary.pauses.count == 0
    (said,) = [w for w in result.summary.warnings if w.startswith("no beat is marked")]
    assert "after 0:00:59 elapsed, though" in said
    assert f"N{said[1:]}." in page(result)


def test_in_ventricular_fibrillation_there_is_neither_a_pause_nor_a_rate(
    classifier: Classifier, tmp_path: Path
) -> None:
    """In cudb cu12 two pauses were told within it, and mean rates of 22 and 81 a minute."""
    quiet = with_gap(np.random.default_rng(0).normal(0, 0.012, (2, 4 * FS)), classifier)
    assert [event.start_s for event in quiet.events if event.kind == "pause"] == [
        pytest.approx(60, abs=1)
    ]
    background = replace(quiet.background, vf_spans_s=((55.0, 62.0),))
    told_so = told(quiet.intervals.beats, quiet.quality, background)
    result = replace(quiet, **told_so._asdict())
    result.write(tmp_path)
    summary = json.loads((tmp_path / "gap.summary.json").read_text())
    assert summary["pauses"]["count"] == 0
    assert next(k for k in summary["rhythm"]["kinds"] if k["key"] == "vf")["rate_bpm"] is None
    assert summary["heart_rate"]["lowest"]["bpm"] > 40
    assert "pause" not in (tmp_path / "gap.events.csv").read_text()
    shown = (tmp_path / "gap.html").read_text()
    assert "<dd>none of 2.0 s or more in good signal</dd>" in shown
    listed = shown.partition("<h3>Ventricular fibrillation or flutter: 1 episode</h3>")[2]
    assert "<td>7.0 s</td><td>–</td>" in listed


def test_a_quiet_line_is_a_pause(classifier: Classifier) -> None:
    quiet = np.random.default_rng(0).normal(0, 0.012, (2, 4 * FS))
    result = with_gap(quiet, classifier)
    assert result.summary.pauses.count == 1
    assert result.summary.pauses.longest is not None
    assert result.summary.pauses.longest.duration_s > 3.9
    assert not any("no beat is marked" in warning for warning in result.summary.warnings)


def test_only_long_intervals_that_are_not_quiet() -> None:
    restless = np.zeros(20, dtype=bool)
    restless[3:5] = restless[11:15] = True
    samples = np.array([2.5, 8.5, 10.9, 12.0, 15.1, 19.0]) * FS
    found = unmarked(samples.astype(np.int64), restless, FS, 2 * FS)
    assert found.tolist() == [4]  # 2.5 to 8.5 is quiet for the most part; 10.9 to 12.0 is short
    assert len(unmarked(samples[:1].astype(np.int64), restless, FS, 2 * FS)) == 0
    assert len(unmarked(np.array([0, 30 * FS]), restless[:0], FS, 2 * FS)) == 0


@pytest.mark.data
def test_the_flutter_of_207(data_dir: Path) -> None:
    result = ectopy.analyze(data_dir / "mitdb" / "207.hea")
    flutter = ((40, 52), (54, 61), (242, 247), (247, 262), (269, 281), (1540, 1639))
    for event in result.events:
        if event.kind == "pause":
            assert not any(start <= event.start_s <= stop for start, stop in flutter)
    assert result.summary.pauses.count == 2  # after the longest flutter

"""A paced rhythm from the signal to the last line that a reader sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Summary
from ectopy.cli import app
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.rhythm import SimulationParameters
from ectopy.recordings.simulation.simulate import simulate

FS = 500.0
PACED = SimulationParameters(q_share=0.5, paced_share=1.0, v_share=0.05, s_share=0, f_share=0)
OWN = SimulationParameters(q_share=0, v_share=0.2, s_share=0, f_share=0)


def drawn(parameters: SimulationParameters, seconds: float = 120) -> np.ndarray:
    recording, _ = simulate(seconds, rng=np.random.default_rng(1), fs_hz=FS, parameters=parameters)
    return recording.read()


@pytest.fixture(scope="module")
def paced() -> Result:
    return analyze(Recording.from_array(drawn(PACED), FS, ("II", "V1"), name="paced"))


@pytest.mark.parametrize("setting", ["past", "whole"])
def test_paced_beats_are_q_and_the_others_uncertain(setting: str) -> None:
    recording, reference = simulate(120, rng=np.random.default_rng(1), fs_hz=FS, parameters=PACED)
    beats = analyze(recording, setting=setting).beats
    near = np.abs(beats.samples[:, None] - reference.samples).argmin(axis=1)
    made = reference.symbols[near] == "/"
    late = np.arange(len(beats)) >= (0 if setting == "whole" else 40)  # known from then on
    assert (beats.symbols[made] == "Q").mean() > 0.85
    assert (beats.uncertain | (beats.symbols == "Q"))[late].all()


def test_figures_of_ectopic_beats_are_withheld(paced: Result) -> None:
    summary = paced.summary
    assert summary.pacing.verdict == "paced"
    assert (summary.pacing.percent, summary.pacing.since_s) == (100.0, 0.0)
    for part in (summary.veb, summary.sveb):
        assert part.withheld is not None
        assert part.withheld.startswith("withheld: the rhythm is paced")
        told = part.model_dump(exclude={"withheld"})
        assert set(told.values()) == {None}
    assert summary.classes["V"].percent is summary.classes["S"].percent is None
    assert not any(event.certain for event in paced.events if event.of != "RR")


def test_the_paced_rhythm_is_said_first(paced: Result, tmp_path: Path) -> None:
    assert paced.summary.warnings[0].startswith("paced rhythm (")
    lines = str(paced).split("\n  ")
    assert lines[2].startswith("warning: paced rhythm (")
    assert lines[3] == "paced rhythm 100 %"  # what the atria do is not told
    assert lines[4].startswith("VEB withheld: the rhythm is paced")
    shown = page(paced)
    said = (
        "Paced rhythm (",
        "<dt>Pacing</dt><dd>paced throughout",
        "Withheld: the rhythm is paced",
    )
    places = [shown.index(words) for words in said]
    assert places == sorted(places)
    assert "VEB run" not in shown
    assert "Ventricular" not in shown  # neither figures nor lists
    loaded = Result.load(paced.save(tmp_path / "paced.ectopy"))
    assert loaded.summary == paced.summary
    assert (loaded.beats.pacing == paced.beats.pacing).all()


def test_the_command_line_says_so_too(tmp_path: Path) -> None:
    np.save(tmp_path / "paced.npy", drawn(PACED))
    told = CliRunner().invoke(
        app,
        ["analyze", str(tmp_path / "paced.npy"), "--fs", "500", "--out", str(tmp_path / "out")],
    )
    assert told.exit_code == 0, told.output
    assert "paced: paced rhythm, " in told.output
    summary = Summary.model_validate_json((tmp_path / "out" / "paced.summary.json").read_text())
    assert summary.veb.runs is None
    marks = read_annotations(tmp_path / "out" / "paced", "ect")
    assert np.count_nonzero(marks.symbols == "Q") > 30


def test_what_is_outside_the_paced_rhythm_is_told() -> None:
    joined = np.concatenate([drawn(PACED), drawn(OWN, 400)], axis=1)
    own = analyze(drawn(OWN, 400), fs_hz=FS).summary
    result = analyze(joined, fs_hz=FS)
    summary = result.summary
    assert " % outside the paced rhythm: " in str(result)
    assert summary.pacing.verdict == "paced"
    assert summary.pacing.until_s is not None
    assert 118 < summary.pacing.until_s < 118 + 64 * 1.5  # half of 128 beats later at most
    assert summary.veb.withheld is not None
    assert summary.veb.withheld.startswith("withheld in the paced rhythm (")
    assert summary.veb.certain is not None
    assert own.veb.certain is not None
    assert 0.6 * own.veb.certain < summary.veb.certain <= own.veb.certain
    # The burden is of the beats outside, not thinned by the paced ones.
    assert summary.classes["V"].percent == pytest.approx(own.classes["V"].percent, abs=4)
    assert summary.veb.per_hour == pytest.approx(own.veb.per_hour, rel=0.2)


def test_nothing_is_withheld_without_pacing(classifier: Classifier) -> None:
    signal = drawn(OWN)
    summary = analyze(signal, fs_hz=FS).summary
    assert summary.pacing.verdict == "none"
    assert summary.veb.withheld is None
    assert analyze(signal[:, ::4], fs_hz=FS / 4).summary.pacing.verdict == "not looked for"
    theirs = analyze(signal, fs_hz=FS, classifier=classifier).summary
    assert theirs.pacing.verdict == "not looked for"


@pytest.mark.data
@pytest.mark.parametrize("setting", ["past", "whole"])
@pytest.mark.parametrize("record", ["102", "104", "107", "217"])
def test_mit_bih_s_paced_records(data_dir, record, setting):
    from ectopy.recordings.annotated import open_annotated

    annotated = open_annotated(data_dir / "mitdb" / record)
    result = analyze(annotated.recording, setting=setting)
    marks, beats = annotated.reference, result.beats
    made = marks.samples[np.isin(marks.symbols, ["/", "f"])]
    near = np.abs(beats.samples[:, None] - made).argmin(axis=0)
    right = (beats.symbols[near] == "Q") | beats.uncertain[near]
    assert right.mean() > 0.99
    assert result.summary.veb.runs is None

"""Why a beat has its label: the label is that of the analysis, what is said is what was made."""

from __future__ import annotations

import json
import math
import pickle
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis.explanation.build import find_beat
from ectopy.analysis.explanation.model import BeatExplanation
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.report.why import page
from ectopy.analysis.result import Result
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.runtime.bundle import PACKAGED, Setting
from ectopy.runtime.classifier import BeatClassifier


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = ectopy.simulate(240, rng=np.random.default_rng(3))
    return ectopy.analyze(recording)


def time_of(result: Result, beat: int) -> float:
    return float(result.intervals.times_s[beat])


def some(result: Result) -> list[int]:
    """Beats of every kind there are, the first and the last."""
    every = [np.flatnonzero(result.beats.classes == number)[:2] for number in range(len(AAMI))]
    doubtful = np.flatnonzero(result.beats.uncertain)[:2]
    return sorted({0, len(result.beats) - 1, *np.concatenate([*every, doubtful]).tolist()})


def check(result: Result, beat: int) -> BeatExplanation:
    """Check what must be so for every beat."""
    why = result.explain(time_of(result, beat))
    beats = result.beats
    assert (why.sample, why.label) == (beats.samples[beat], beats.symbols[beat])
    assert list(why.probabilities.values()) == pytest.approx(beats.probabilities[beat].tolist())
    assert why.certain == (not beats.uncertain[beat]) == (not why.doubts)
    assert why.against == ("N" if why.label != "N" else why.runner_up)
    spoke = sum(reason.spoke for reason in why.reasons)
    assert why.usual_log_odds + spoke == pytest.approx(why.log_odds)
    p = {name: max(p, 1e-6) for name, p in why.probabilities.items()}
    assert why.log_odds == pytest.approx(math.log(p[why.label] / p[why.against]), abs=1e-3)
    assert [abs(reason.spoke) for reason in why.reasons] == sorted(
        (abs(reason.spoke) for reason in why.reasons), reverse=True
    )
    return why


def test_every_beat_can_be_asked_about(result: Result) -> None:
    for beat in some(result):
        why = check(result, beat)
        assert {reason.decided for reason in why.reasons if reason.spoke < 0} <= {False}
        if why.label != "N" and why.certain:
            assert why.decided


@pytest.mark.parametrize("beat", [1, 6, -30])
def test_only_beats_that_there_were_are_told_of(result: Result, beat: int) -> None:
    """At the sixth beat "the last 64 intervals" were told of."""
    beat %= len(result.beats)
    said = {reason.name: reason.said for reason in result.explain(time_of(result, beat)).reasons}
    about = said["Regularity of the rhythm"]
    if beat < 2:
        assert about == "too few beats before it to tell"
    else:
        assert f"of the last {min(beat, 64)} intervals differ" in about
    assert said["Beats around it"].endswith(f"the last {min(beat + 1, 24)} beats look")


def test_nothing_is_said_twice_or_to_be_sure(result: Result) -> None:
    """The page had two rows of RR intervals, and said 100 % beside another class's share."""
    likeliest = int(result.beats.probabilities.max(axis=1).argmax())
    why = result.explain(time_of(result, likeliest))
    assert 0.995 < why.probabilities[why.label] < 1
    assert f"{why.label} (over 99 %)" in why.conclusion
    assert "100 %" not in why.conclusion
    assert page(why).count(">RR, ms<") == 1


@pytest.mark.parametrize("setting", ["past", "whole"])
@pytest.mark.parametrize("fs_hz", [128, 360])
def test_of_other_rates_leads_and_settings(setting: str, fs_hz: int) -> None:
    recording, _ = ectopy.simulate(
        100, rng=np.random.default_rng(1), fs_hz=fs_hz, leads=("V1", "II", "V5")
    )
    found = ectopy.analyze(recording, setting=setting, weights="ds1", lead="V5")
    for beat in np.flatnonzero(found.beats.classes > 0)[:3].tolist():
        why = check(found, beat)
        assert why.setting == setting
        assert why.leads[0].lead == "V5"
        groups = {reason.group for reason in why.reasons}
        assert ("recording" in groups) == (setting == "whole")


def test_one_lead_and_hardly_any_beats() -> None:
    recording, _ = ectopy.simulate(12, rng=np.random.default_rng(0), leads=("II",))
    found = ectopy.analyze(recording)
    for beat in (0, len(found.beats) // 2, len(found.beats) - 1):
        why = check(found, beat)
        assert why.leads == ()
        assert why.page().count("<svg xmlns") == 3
    assert why.next_interval_ms is None
    assert check(found, 0).due_ms is None


def test_what_is_said_is_what_was_made(result: Result) -> None:
    """An early wide beat with a pause, and a usual one among usual ones."""
    found = result
    beats, rr = found.beats, found.intervals.rr_s
    early = [i for i in np.flatnonzero(beats.symbols == "V") if beats.symbols[i - 1] == "N"]
    beat = int(early[-1])
    why = found.explain(time_of(found, beat))
    said = {reason.group: reason.said for reason in why.reasons}
    share = re.match(r"(\d+) % early", said["prematurity"])
    assert share is not None
    assert int(share[1]) == pytest.approx(100 * (1 - 1000 * rr[beat] / why.due_ms), abs=4)
    assert why.interval_ms == pytest.approx(1000 * rr[beat])
    assert why.next_interval_ms == pytest.approx(1000 * rr[beat + 1])
    assert "compensatory pause" in said["pause"]
    assert said["qrs_shape"].startswith("unlike the usual beat")
    assert said["st_t"].startswith("differ from the usual ones")
    assert said["neighbours"].startswith("N before")
    assert "qrs_shape" in {reason.group for reason in why.decided}
    assert why.conclusion.startswith("The shape and size of the QRS")
    normal = np.flatnonzero((beats.symbols == "N") & ~beats.uncertain)
    usual = next(i for i in normal if i > 20 and all(beats.symbols[i - 2 : i + 3] == "N"))
    why = found.explain(time_of(found, int(usual)))
    assert why.conclusion.startswith("Usual beats nearby would be called N too")
    assert not why.decided
    said = {reason.group: reason.said for reason in why.reasons}
    assert said["prematurity"].startswith("on time")
    assert said["p_wave"].startswith("P wave as usual")
    assert said["qrs_shape"].startswith("like the usual beat")


def test_a_spike_decides_in_a_paced_rhythm(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))

    def spiked(_signal: np.ndarray, _fs_hz: float, r_peaks: np.ndarray) -> np.ndarray:
        return np.arange(len(r_peaks)) % 4 > 0

    monkeypatch.setattr("ectopy.runtime.classifier.spikes", spiked)
    found = ectopy.analyze(recording)
    paced = int(np.flatnonzero(found.beats.symbols == "Q")[-1])
    why = check(found, paced)
    assert why.decided[0].group == "pacing"
    other = int(np.flatnonzero(found.beats.symbols == "N")[-1])
    assert any("no spike stands before this beat" in x for x in check(found, other).doubts)


def test_bad_signal_and_leads_that_disagree_are_said_to_be_why_it_is_uncertain() -> None:
    recording, _ = ectopy.simulate(120, rng=np.random.default_rng(3))
    signal = recording.read().copy()
    begin, end = round(60 * recording.fs_hz), round(75 * recording.fs_hz)
    signal[:, begin:end] += np.random.default_rng(0).normal(0, 0.4, (2, end - begin))
    noisy = ectopy.Recording.from_array(signal, recording.fs_hz, recording.leads)
    found = ectopy.analyze(noisy, lead=recording.leads[0])
    inside = (found.beats.samples > begin) & (found.beats.samples < end)
    doubts = [
        found.explain(time_of(found, beat)).doubts
        for beat in np.flatnonzero(inside & found.beats.uncertain)[:8].tolist()
    ]
    assert any("the signal is noisy there" in doubt for one in doubts for doubt in one)
    assert all(one for one in doubts)


@pytest.mark.parametrize("setting", ["past", "whole"])
def test_beats_beside_a_gap(setting: str) -> None:
    """What was not recorded is no long pause, and the setting ``past`` does not look across it."""
    recording, _ = ectopy.simulate(150, rng=np.random.default_rng(3))
    signal, fs = recording.read(), round(recording.fs_hz)
    apart = np.full((len(signal), 400 * fs), np.nan, np.float32)
    gapped = replace(
        ectopy.Recording.from_array(np.hstack([signal, apart, signal]), fs, recording.leads),
        recorded=((0, 150 * fs), (550 * fs, 700 * fs)),
    )
    found = ectopy.analyze(gapped, setting=setting)
    after = int(np.searchsorted(found.beats.samples, 300 * fs))
    assert len(found.looked().looks) == (2 if setting == "past" else 1)
    for beat in (after - 1, after, after + 1):
        check(found, beat).page()
    said = {reason.group: reason.said for reason in check(found, after).reasons}
    assert said["prematurity"].startswith("not known")
    assert check(found, after).due_s is None


@pytest.mark.parametrize(("at", "beat"), [("0:00:25", None), (25, None), ("25", None)])
def test_a_time_is_a_second_and_the_ectopic_beat_in_it_goes_first(
    result: Result, at: float | str, beat: int | None
) -> None:
    times, symbols = result.intervals.times_s, result.beats.symbols
    inside = np.flatnonzero((times >= 25) & (times < 26))
    assert find_beat(result, at) in inside
    for chosen in np.flatnonzero(symbols != "N")[:5].tolist():
        second = math.floor(times[chosen])
        found = find_beat(result, second)
        assert symbols[found] != "N"
        assert second <= times[found] < second + 1
        assert find_beat(result, float(times[chosen])) == chosen


def test_times_by_the_clock_and_elapsed(result: Result) -> None:
    timed = replace(result, start=datetime(2026, 11, 26, 12, 28))
    beat = find_beat(timed, "12:30:05")
    assert beat == find_beat(timed, 125) == find_beat(timed, "0:02:05 elapsed")
    assert timed.explain("12:30:05").time == "12:30:05"
    with pytest.raises(ConfigError, match=r"runs from 12:28:00 to 12:32:00; time that has elapsed"):
        timed.explain("0:02:05")


def test_where_no_beat_is_the_nearest_is_named(result: Result) -> None:
    recording = result.signal()
    empty = recording.read().copy()
    empty[:, (30 * 250) : (50 * 250)] = np.nan
    found = ectopy.analyze(ectopy.Recording.from_array(empty, 250, recording.leads, name="gap"))
    with pytest.raises(
        ConfigError, match=r"gap has no beat within 0\.5 s of .*; the nearest is at"
    ):
        found.explain(40)
    for at in (-1, 241, "0:05:00", math.nan):
        with pytest.raises(ConfigError, match="outside"):
            result.explain(at)
    silent = ectopy.analyze(ectopy.Recording.from_array(np.zeros((1, 5000)), 250, ("II",)))
    with pytest.raises(ConfigError, match="has no beat, so there is no label"):
        silent.explain(3)


def test_only_labels_of_these_weights_are_explained(
    result: Result, classifier: Classifier, tmp_path: Path
) -> None:
    recording = result.signal()
    with pytest.raises(ConfigError, match=r"Prematurity, a classifier of your own"):
        ectopy.analyze(recording, classifier=classifier).explain(20)
    result.write(tmp_path / "read", formats=("ect",))
    given = ectopy.analyze(recording, annotations=tmp_path / "read" / f"{result.name}.ect")
    with pytest.raises(ConfigError, match=r"those of simulated\.ect, an annotation file, and only"):
        given.explain(20)
    with pytest.raises(ConfigError, match=r"was labelled with the weights 'default' \("):
        result.explain(20, weights="ds1")
    own = tmp_path / "own"
    shutil.copytree(PACKAGED / "ds1", own)
    manifest = json.loads((own / "bundle.json").read_text())
    (own / "bundle.json").write_text(json.dumps(manifest | {"name": "mine"}))
    mine = ectopy.analyze(recording, weights=own)
    with pytest.raises(ConfigError, match="which are not packaged; name the folder"):
        mine.explain(20)
    assert mine.explain(20, weights=own).labelled_by == "mine"


def test_another_recording_is_not_explained(result: Result) -> None:
    other, _ = ectopy.simulate(240, rng=np.random.default_rng(4))
    with pytest.raises(ConfigError, match="cannot be made again from the recording at hand"):
        result.with_recording(other).explain(20)
    with pytest.raises(ConfigError, match="is not at hand"):
        pickle.loads(pickle.dumps(result)).explain(20)


def test_a_saved_result_is_explained_as_it_is(result: Result, tmp_path: Path) -> None:
    beat = int(np.flatnonzero(result.beats.symbols == "V")[0])
    why = result.explain(time_of(result, beat))
    again = Result.load(result.save(tmp_path / "r.ectopy")).with_recording(result.signal())
    assert repr(again.explain(time_of(result, beat))) == repr(why)


def test_the_recording_is_looked_at_once(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = replace(result)
    calls = []
    look = BeatClassifier.look
    monkeypatch.setattr(BeatClassifier, "look", lambda *a, **k: calls.append(1) or look(*a, **k))
    for at in (20, 30, 40):
        fresh.explain(at)
    assert len(calls) == 1


def test_it_is_told_as_text_json_and_page(result: Result, tmp_path: Path) -> None:
    beat = int(np.flatnonzero(result.beats.symbols == "V")[3])
    why = result.explain(time_of(result, beat))
    text = repr(why)
    assert text.startswith("SIMULATED simulated, 0:0")
    told = json.loads(json.dumps(why.to_json()))
    assert set(told) >= {"label", "reasons", "leads", "probabilities", "due_ms"}
    assert "result" not in told
    page = why.save(tmp_path / "why.html").read_text(encoding="utf-8")
    for shown in (text, page, why._repr_html_()):
        assert why.conclusion in shown
        assert all(reason.name in shown for reason in why.reasons)
    for reason in why.reasons:
        assert reason.said in page
    assert "SIMULATED" in page
    assert not re.search(r"<script|<link|@import|url\(|src=", page)
    assert {*re.findall(r"https?://[^\"' ]+", page)} == {"http://www.w3.org/2000/svg"}
    assert 'width="45mm"' in page  # 0.9 s at 50 mm/s
    with pytest.raises(ConfigError, match=r"name it \.html"):
        why.save(tmp_path / "why.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["why.html"]
    without = replace(why, result=pickle.loads(pickle.dumps(result)))
    assert why.conclusion in without._repr_html_()
    with pytest.raises(ConfigError, match="is not at hand"):
        without.page()


@pytest.mark.data
@pytest.mark.parametrize("name", ["mitdb/119", "svdb/812"])
def test_labels_of_real_records_are_those_of_the_analysis(data_dir: Path, name: str) -> None:
    for setting in ("past", "whole"):
        found = ectopy.analyze(data_dir / f"{name}.hea", weights="ds1", setting=setting)
        (look,) = found.looked().looks
        np.testing.assert_array_equal(look.labels.classes, found.beats.classes)
        for beat in some(found):
            check(found, beat)


def test_weights_that_only_read_the_whole_recording(result: Result, tmp_path: Path) -> None:
    """What is told of the intervals is of the past, whether or not a network reads that alone."""
    own = tmp_path / "own"
    shutil.copytree(PACKAGED / "default", own)
    manifest = json.loads((own / "bundle.json").read_text())
    manifest["whole"]["networks"] = manifest["whole"]["networks"][1:]
    assert [one["two_sided"] for one in manifest["whole"]["networks"]] == [True]
    (own / "bundle.json").write_text(json.dumps(manifest | {"name": "two-sided"}))
    found = ectopy.analyze(result.signal(), weights=own)
    for beat in np.flatnonzero(result.beats.symbols == "V")[:2].tolist():
        one, other = (
            x.explain(time_of(x, beat), weights=w) for x, w in ((found, own), (result, None))
        )
        assert one.label == other.label
        said = [{r.group: r.said for r in why.reasons} for why in (one, other)]
        for group in ("prematurity", "pause", "rhythm"):
            assert said[0][group] == said[1][group]


@pytest.mark.parametrize("setting", ["past", "whole"])
def test_beats_beside_a_long_loss_of_signal(setting: Setting) -> None:
    recording, _ = ectopy.simulate(240, rng=np.random.default_rng(3))
    signal = recording.read().copy()
    begin, end = round(100 * recording.fs_hz), round(180 * recording.fs_hz)
    signal[:, begin:end] = np.nan
    found = ectopy.analyze(signal, fs_hz=recording.fs_hz, leads=recording.leads, setting=setting)
    after = int(np.searchsorted(found.beats.samples, end))
    for beat in (after - 1, after, after + 1, after + 9):
        check(found, beat)

"""The first page tells who, when, how good and what the rhythm is, as the summary has it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import write
from ectopy.analysis.report.first_page import doubts, rates, recording, rhythm
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import LeadSummary, Moment, Summary
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.recordings.subject import Subject

FS = 250
SOMEBODY = Subject.of(id="P-4711", name="Anna Beispiel", sex="F", age_years=61, born=1963)


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    made, _ = simulate(60, rng=np.random.default_rng(7), fs_hz=FS)
    return made.read()


def of(signal: np.ndarray, classifier: Classifier, **more: object) -> Result:
    stated = {"leads": ("II", "V1"), "name": "r", "subject": SOMEBODY} | more
    settings = stated.pop("settings", Settings())
    made = Recording.from_array(signal, FS, **stated)  # type: ignore[arg-type]
    return analyze(made, classifier=classifier, settings=settings)  # type: ignore[arg-type]


def answers(result: Result) -> dict[str, str]:
    """What the page says, not only what the functions give: the two have to agree."""
    text = page(result)
    told = {
        question: unescape(answer)
        for question, answer in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)
    }
    clock = Clock(result.start, result.duration_s)
    given = [part(result.summary, clock) for part in (recording, rhythm, rates)]
    assert told == dict(chain(*given, doubts(result.summary)))
    return told


def test_who_it_is_of_is_told_and_can_be_left_out_of_every_output(
    classifier: Classifier, signal: np.ndarray, tmp_path: Path
) -> None:
    named = of(signal, classifier)
    assert answers(named)["Patient"] == "Anna Beispiel, female, 61 years, born 1963, no. P-4711"
    told = json.loads(write(named, tmp_path / "named")["json"].read_text())["subject"]
    assert told["name"] == "Anna Beispiel"
    assert "Beispiel" not in repr(named)

    hidden = of(signal, classifier, settings=Settings(anonymous=True))
    assert answers(hidden)["Patient"] == "left out, as was asked for"
    hidden.save(tmp_path / "kept.ectopy")
    assert Result.load(tmp_path / "kept.ectopy").summary.subject is None
    for path in write(hidden, tmp_path / "hidden").values():
        assert not re.search(rb"Beispiel|4711|1963", path.read_bytes())
    nobody = of(signal, classifier, subject=Subject())
    assert answers(nobody)["Patient"] == "the file does not say who"
    baby = of(signal, classifier, subject=Subject.of(age_years=0.5))
    assert answers(baby)["Patient"] == "6 months"


def test_when_and_how_much_of_it(classifier: Classifier, signal: np.ndarray) -> None:
    long = np.tile(signal, 5)
    long[:, 60 * FS : 90 * FS] = np.nan
    told = answers(of(long, classifier, start=datetime(2024, 5, 6, 23, 58)))
    assert told["Recorded"] == "begun 2024-05-06 23:58:00, ended day 2 00:03:00"
    assert told["Length"] == "5 min 0 s"
    assert told["Analysed"] == "4 min 30 s (90.0 %); lost 30.0 s (10.0 %, missing)"
    assert told["Quality"].count("10.0 % missing") == 2
    assert "elapsed" in answers(of(signal, classifier))["Recorded"]
    nothing = answers(of(signal[:, :0], classifier))
    assert (nothing["Analysed"], nothing["Length"]) == ("nothing", "0.0 s")


def test_a_share_that_is_not_all_is_never_100_per_cent(
    classifier: Classifier, signal: np.ndarray
) -> None:
    result = of(signal, classifier)
    lead = result.summary.leads[0]
    seconds = {"good": 86_399, "noisy": 1, "saturated": 0, "flat": 0, "missing": 0}
    leads = [LeadSummary.model_validate(lead.model_dump() | {"seconds": seconds})]
    one = result.summary.model_copy(update={"leads": leads, "signal_seconds": seconds})
    assert dict(recording(one, Clock()))["Quality"] == "II 99.9 % good (0.1 % noisy)"


def test_rates_have_their_times_and_pauses_their_length(classifier: Classifier) -> None:
    made, _ = simulate(900, rng=np.random.default_rng(3), fs_hz=FS)
    signal = np.tile(made.read(), 1)
    result = of(signal, classifier, start=datetime(2024, 5, 6, 6, 55))
    told, rate = answers(result), result.summary.heart_rate
    assert rate.day is not None
    assert (
        told["Mean rate"]
        == f"{rate.mean:.0f}/min (day {rate.day:.0f}/min, night {rate.night:.0f}/min)"
    )
    assert rate.slowest_minute is not None
    assert rate.fastest_minute is not None
    # By hand: the intervals that end in that minute.
    beats = result.intervals
    here = (beats.times_s // 60 == rate.fastest_minute.time_s // 60) & beats.clear
    mean = np.nanmean(beats.rr_s[here])
    assert rate.fastest_minute.bpm == pytest.approx(60 / mean, abs=0.06)
    assert rate.slowest_minute.bpm <= rate.mean <= rate.fastest_minute.bpm
    minute = int(rate.fastest_minute.time_s // 60)
    assert told["Fastest minute"].endswith(
        f"at {6 + (55 + minute) // 60:02d}:{(55 + minute) % 60:02d}:00"
    )
    assert told["Lowest"].endswith("(8 intervals)")


def test_what_is_uncertain_says_why(signal: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 0.5, signal.shape[1])
    half = np.where(np.arange(signal.shape[1]) < 30 * FS, signal[0], noise)
    result = analyze(Recording.from_array(half, FS, ("II",)))  # the packaged networks
    summary, beats = result.summary, result.beats
    told = answers(result)
    poor, unsure = (
        int(found[1]) if (found := re.search(rf"(\d+) {why}", told["Uncertain"])) else 0
        for why in ("in poor signal", "of which the model is not sure")
    )
    assert poor + unsure == summary.uncertain
    assert poor == (beats.uncertain & (beats.quality > 0)).sum() > 10
    assert "ST segments are not measured." in page(result)


def test_pacing_is_told_beside_the_rhythm(busy: Result) -> None:
    def named(**found: object) -> str | None:
        pacing = busy.summary.pacing.model_copy(update=found)
        told = dict(rhythm(busy.summary.model_copy(update={"pacing": pacing}), Clock()))
        return told.get("Pacing")

    assert named() is None
    stretch = {"since_s": 60.0, "until_s": 3600.0}
    half = busy.summary.beats // 2
    assert named(verdict="paced", beats=half, **stretch) == (
        "paced (50.0 % of the beats, between 0:01:00 elapsed and 1:00:00 elapsed)"
    )
    assert named(verdict="paced", beats=busy.summary.beats, **stretch) == "paced throughout"
    suspected = named(verdict="suspected", suspected_beats=half, **stretch)
    assert suspected is not None
    assert suspected.startswith("perhaps paced (50.0 % of the beats, ")


def test_a_beat_without_a_spike_is_not_the_models_doubt(busy: Result) -> None:
    """It was told as a beat of which the model is not sure."""
    total, doubt = busy.summary.beats, busy.summary.uncertain - busy.summary.uncertain_by_signal
    assert doubt > 0
    stretch = {"verdict": "paced", "since_s": 60.0, "until_s": 3600.0}
    for beats, said in (
        (total, f"{doubt:,} without a pacing spike in the paced rhythm"),
        (
            total // 2,
            f"{doubt:,} of which the model is not sure, or without a pacing spike in the paced "
            "rhythm",
        ),
    ):
        pacing = busy.summary.pacing.model_copy(update=stretch | {"beats": beats})
        told = dict(doubts(busy.summary.model_copy(update={"pacing": pacing})))
        assert told["Uncertain"].endswith(said)


def test_where_no_beat_was_found_nothing_is_told_to_be_none(
    classifier: Classifier, signal: np.ndarray, tmp_path: Path
) -> None:
    """A flat recording had no ectopic beat, no run and no pause, as if it had been looked at."""
    flat = of(0 * signal, classifier)
    text = page(flat)
    assert "Not told: no beat was found." in text
    assert "Burden" not in text
    summary = json.loads(write(flat, tmp_path)["json"].read_text())
    for part in ("veb", "sveb"):
        assert summary[part]["certain"] is None
        assert summary[part]["withheld"] == "not told: no beat was found"
    assert "VEB not told: no beat was found" in str(flat)


def test_weights_are_called_weights(signal: np.ndarray, classifier: Classifier) -> None:
    packaged = analyze(Recording.from_array(signal[:, : 20 * FS], FS, ("II", "V1")))
    assert page(packaged).count("labelled by the weights “default” from the whole recording") == 2
    own = of(signal[:, : 20 * FS], classifier)
    assert f"labelled by {own.summary.labelled_by.name} from a bounded past" in page(own)


def test_the_busiest_hour_is_the_one_with_most(busy: Result) -> None:
    most = max(busy.summary.hours, key=lambda hour: hour.certain["V"])
    shown = re.search(r"Most in an hour</th><td>([\d,]+) <small>\(from (.*?)\)", page(busy))
    assert shown is not None
    assert int(shown[1].replace(",", "")) == most.certain["V"]
    assert shown[2] == f"{most.hour}:00 elapsed"


def test_warnings_come_first_and_notes_last(classifier: Classifier, signal: np.ndarray) -> None:
    result = of(signal, classifier, notes=("read by a guess",))
    summary = Summary.model_validate(
        result.summary.model_dump() | {"warnings": ["the gain may be wrong"]}
    )
    text = page(replace(result, summary=summary))
    order = [
        text.index(words)
        for words in (
            "The gain may be wrong.",
            "Recording</h2>",
            "Read by",
            "Strips</h2>",
            "read by a guess",
        )
    ]
    assert order == sorted(order)


def test_a_moment_that_is_not_known_is_a_dash(busy: Result) -> None:
    rate = busy.summary.heart_rate.model_copy(
        update={"lowest": None, "highest": Moment(bpm=99.6, time_s=61.0)}
    )
    told = dict(rates(busy.summary.model_copy(update={"heart_rate": rate}), Clock()))
    assert (told["Lowest"], told["Highest"]) == ("–", "100/min at 0:01:01 elapsed (8 intervals)")

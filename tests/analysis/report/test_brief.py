"""A result told in a few lines, and shown in a notebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.simulation.simulate import simulate


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = simulate(60, rng=np.random.default_rng(0))
    return analyze(replace(recording, start=datetime(2024, 5, 6, 22)))


class Words(HTMLParser):
    """Tags and visible words of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_the_lines_tell_what_the_summary_tells(result: Result) -> None:
    first, *rest = str(result).split("\n  ")
    assert first == "SIMULATED simulated: 1 min 0 s of II, V1 at 250 Hz, from 2024-05-06 22:00:00"
    summary = result.summary
    assert rest[0].startswith(f"{summary.beats} beats: {summary.classes['N'].certain} N, ")
    assert f"{summary.uncertain} uncertain" in rest[0]
    assert rest[2].startswith(f"VEB {summary.classes['V'].percent:.1f} %: ")
    assert f"heart rate {summary.heart_rate.mean:.0f}/min" in str(result)
    assert rest[-1] == "labelled by the weights 'default', whole recording; not a medical device"
    assert repr(result) == str(result)


def test_warnings_and_nothing_found_are_told() -> None:
    told = str(analyze(np.zeros(5000), fs_hz=250))
    assert "0 beats: none certain; 0 uncertain" in told
    assert "heart rate" not in told
    assert "warning: " in told


def test_lost_time_and_the_longest_pause_are_told(classifier: object) -> None:
    recording, _ = simulate(60, rng=np.random.default_rng(0), leads=("II",))
    signal = recording.read()
    fs = round(recording.fs_hz)
    signal = np.hstack([signal[:, : 30 * fs], np.full((1, 10 * fs), np.nan), signal[:, 30 * fs :]])
    told = str(analyze(signal, fs_hz=fs, classifier=classifier))
    assert "10.0 s of no use: flat or missing" in told
    assert "of no use" not in str(analyze(recording, classifier=classifier))
    beats = np.r_[np.arange(1, 20), np.arange(22, 40)] * fs
    told = str(analyze(recording, r_peaks=beats, classifier=classifier))
    assert "1 pause, longest 3.0 s" in told


def test_a_classifier_of_ones_own_is_named(classifier: object) -> None:
    recording, _ = simulate(20, rng=np.random.default_rng(0))
    told = str(analyze(recording, classifier=classifier))
    assert "Prematurity, bounded past; not" in told


def test_a_notebook_shows_a_table_and_a_strip_without_a_script(result: Result) -> None:
    shown = Words(result._repr_html_())
    assert {"table", "svg"} <= {*shown.tags}
    assert not {"script", "style", "link", "iframe"} & {*shown.tags}
    counts = [str(n.certain) for n in result.summary.classes.values()]
    at = shown.words.index("uncertain")  # the heading before the row of numbers
    row = [str(result.summary.beats), *counts, str(result.summary.uncertain)]
    assert shown.words[at + 1 : at + 8] == row


def test_without_the_recording_it_says_so(result: Result, tmp_path: Path) -> None:
    shown = Words(Result.load(result.save(tmp_path / "one.ectopy"))._repr_html_())
    assert "svg" not in shown.tags
    assert "the recording is not at hand" in " ".join(shown.words)


def test_names_from_files_are_text() -> None:
    recording, _ = simulate(20, rng=np.random.default_rng(0), leads=("<b>II</b>",))
    named = replace(recording, name="<script>x</script>")
    shown = Words(analyze(named)._repr_html_())
    assert "script" not in shown.tags
    assert "<script>x</script>:" in shown.words

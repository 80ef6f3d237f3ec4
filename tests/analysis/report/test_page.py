"""The report is written for every recording, and says nothing that is not so."""

import re
import warnings
from datetime import datetime
from html import escape, unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from recording_files import mfer

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import write
from ectopy.analysis.report.page import page
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import Summary, Written
from ectopy.cli.analyze import _line, analyze_all
from ectopy.files import sha256
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

FS = 250


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    recording, _ = simulate(60, rng=np.random.default_rng(7), fs_hz=FS)
    return recording.read()


def record(signal: np.ndarray, **more: object) -> Recording:
    signal = np.atleast_2d(signal)
    more = {"leads": tuple(f"L{i}" for i in range(len(signal)))} | more
    return Recording.from_array(signal, FS, **more)  # type: ignore[arg-type]


def answers(text: str) -> dict[str, list[str]]:
    """Read the first page: what stands beside each question, without tags."""
    rows = re.findall(r"<dt>(.*?)</dt>((?:<dd>.*?</dd>)+)", text)
    rows += re.findall(r'<th scope="row">(.*?)</th>((?:<td>.*?</td>)+)', text)
    return {
        question: [
            unescape(re.sub("<.*?>", "", cell)).replace("\xa0", " ")
            for cell in re.findall(r"<(?:dd|td)>(.*?)</", cells)
        ]
        for question, cells in reversed(rows)
    }


def odd(name: str, signal: np.ndarray) -> Recording:
    noise = np.random.default_rng(1).normal(0, 0.5, (2, 60 * FS))
    made = {
        "no sample": signal[:, :0],
        "one sample": signal[:, :1],
        "2 s": signal[:, : 2 * FS],
        "three beats": signal[:, : 3 * FS],
        # The same seconds slower: about 48 beats a minute.
        "10 s of 48 a minute": signal[:, np.linspace(0, 7 * FS, 10 * FS).astype(int)],
        "no beat": np.zeros((2, 20 * FS)),
        "all NaN": np.full((2, 20 * FS), np.nan),
        "noise": noise,
        "counts as mV": 200 * signal + 1024,
        "upside down": -signal,
        "one lead": signal[:1],
        "fifteen leads": np.vstack([signal] * 8)[:15],
        "lost for the most part": np.where(np.arange(signal.shape[1]) > 9 * FS, np.nan, signal),
    }
    return record(made[name], name=name)


ODD = (
    "no sample",
    "one sample",
    "2 s",
    "three beats",
    "10 s of 48 a minute",
    "no beat",
    "all NaN",
    "noise",
    "counts as mV",
    "upside down",
    "one lead",
    "fifteen leads",
    "lost for the most part",
)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("start", [None, datetime(2026, 11, 26, 23, 59, 30)])
def test_the_report_is_written_whatever_is_undefined(
    name: str, start: datetime | None, signal: np.ndarray, tmp_path: Path
) -> None:
    recording = odd(name, signal)
    object.__setattr__(recording, "start", start)
    analysis = analyze(recording)  # the packaged networks
    made = write(analysis, tmp_path)
    text = made["html"].read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    assert not re.search(r"\b(nan|None|inf|Undefined|NaN)\b", text.replace(">all NaN", ">"))
    told = Summary.model_validate_json(made["json"].read_text())
    assert told.written.annotations_sha256 == sha256(made["ect"])
    assert told.model_copy(update={"written": Written()}) == analysis.summary


def test_noise_has_no_burden(signal: np.ndarray) -> None:
    analysis = analyze(odd("noise", signal))
    summary = analysis.summary
    assert summary.beats > 10
    assert summary.uncertain_percent == 100
    assert {count.percent for count in summary.classes.values()} == {None}
    assert summary.veb.certain == summary.sveb.certain == 0
    text = page(analysis)
    assert answers(text)["Burden"] == ["–", "–"]
    assert "Every label is uncertain, so no burden is given." in text


def test_the_terminal_counts_certain_beats_and_gives_the_uncertain_share(
    signal: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = odd("noise", signal).read()[0]
    half = np.where(np.arange(len(noise)) < 30 * FS, signal[0], noise)
    for name, samples in (("noise", noise), ("half", half)):
        np.savetxt(tmp_path / f"{name}.csv", samples, header="II", comments="")
        stated = {"fs_hz": FS, "units": "mV"}
        analyze_all([tmp_path / f"{name}.csv"], tmp_path / "out", stated)
    lines = capsys.readouterr().out.splitlines()
    assert re.match(
        r"noise: (\d+) beats \(none certain\), \1 uncertain \(100.0 %\); .* ->", lines[0]
    )
    told = re.match(r"half: (\d+) beats \((.*)\), (\d+) uncertain \((.*) %\), mean", lines[1])
    assert told is not None
    beats, certain, uncertain, share = told.groups()
    assert sum(map(int, re.findall(r"\d+", certain))) + int(uncertain) == int(beats)
    assert float(share) == pytest.approx(100 * int(uncertain) / int(beats), abs=0.06)


@pytest.mark.parametrize("name", ["no sample", "no beat", "all NaN", "noise"])
def test_where_no_signal_is_good_no_pause_is_denied(name: str, signal: np.ndarray) -> None:
    assert answers(page(analyze(odd(name, signal))))["Pauses"] == ["– (no good signal)"]
    told = answers(page(analyze(odd("lost for the most part", signal))))
    assert told["Pauses"] == ["none of 2.0 s or more in good signal"]


def test_a_rate_per_hour_leaves_out_the_seconds_without_signal(
    classifier: Classifier, signal: np.ndarray
) -> None:
    def told(recording: Recording) -> tuple[int, float | None, str]:
        result = analyze(recording, classifier=classifier)
        shown = answers(page(result))["Per hour"]
        return result.summary.veb.certain, result.summary.veb.per_hour, shown[0]

    long = np.tile(signal, 3)
    gone = np.full((len(long), 120 * FS), np.nan)
    certain, rate, _ = told(record(np.hstack([long[:, : 90 * FS], gone, long[:, 90 * FS :]])))
    assert certain > 2
    assert rate == pytest.approx(certain * 3600 / 180, abs=0.01)
    certain, rate, shown = told(record(np.hstack([signal[:, : 40 * FS], gone])))
    assert certain > 0
    assert (rate, shown) == (None, "–")


def test_one_of_something_is_no_plural_and_a_lead_is_called_so_once(
    classifier: Classifier, signal: np.ndarray
) -> None:
    first = analyze(record(signal), classifier=classifier).beats.samples[:1]
    lost = np.where(np.arange(20 * FS) > 10 * FS, np.nan, signal[0, : 20 * FS])
    stated = {"r_peaks": first, "settings": Settings(rate_window_beats=1)}
    for names, told in ((("lead 1",), "lead 1;"), (("ECG",), "lead ECG;")):
        recording = Recording.from_array(lost, FS, names)
        result = analyze(recording, classifier=classifier, **stated)
        assert result.summary.beats == 1
        text = page(result)
        assert answers(text)["Signal"] == [f"{told[:-1]} at 250 Hz"]
        assert f"of {told[:-1]} are missing or flat" in text
        assert "Beats, of which" not in text
        doubted = "so it is for 1 of 1 beat." in text
        assert doubted == bool(result.summary.uncertain)
        assert "for 0 of" not in text
        said = text + str(result) + _line(result)
        assert "1 beat: " in said
        assert "1 beat (" in said
        assert not re.search(r"lead lead|\b1 (beats|intervals)\b", said)
    two = answers(page(analyze(record(signal, leads=("lead 1", "lead 2")))))
    assert two["Signal"][0].startswith("leads 1, 2 at 250 Hz, R peaks marked on lead ")


def test_names_with_markup_and_odd_characters_are_text(
    classifier: Classifier, signal: np.ndarray, tmp_path: Path
) -> None:
    named = Recording.from_array(
        signal,
        FS,
        ("<script>alert(1)</script>", "II \"&' \udcff\x07"),
        name="x",
        source="<img src=x onerror=alert(1)> \udcff",
        notes=("<b>bold</b>",),
    )
    text = write(analyze(named, classifier=classifier), tmp_path)["html"].read_text("utf-8")
    assert not re.search(r"<(script|img|b>bold)", text)
    assert escape("<script>alert(1)</script>") in text
    assert "�" in text


DRAWING = re.compile(r'<div class="wide"[^>]*><svg.*?</svg></div>', re.DOTALL)


def times(text: str) -> list[str]:
    return re.findall(r"\b\d{1,2}:\d\d:\d\d\b", re.sub(r"<(style|title)>.*?</\1>", "", text))


def test_without_a_start_every_time_says_elapsed(
    classifier: Classifier, signal: np.ndarray
) -> None:
    text = page(analyze(record(np.tile(signal, 70)), classifier=classifier))
    assert "times are elapsed" in text
    # Outside of an axis, each by itself; on an axis, the first one.
    outside = DRAWING.sub("", text)
    assert len(times(outside)) > 5
    assert len(times(outside)) == len(re.findall(r"\d:\d\d:\d\d elapsed", outside))
    assert re.search(r'<th scope="row">1:00 elapsed</th>', text)  # the second hour
    drawings = DRAWING.findall(text)
    assert len(drawings) > 3
    for svg in drawings:
        ticks = re.findall(r">([^<]*\d:\d\d[^<]*)</text>", svg)
        assert ticks[0].startswith("elapsed "), ticks


def test_with_a_start_every_time_is_the_clock_s_and_says_the_day(
    classifier: Classifier, signal: np.ndarray
) -> None:
    recording = record(np.tile(signal, 70), start=datetime(2026, 11, 26, 23, 30))
    analysis = analyze(recording, classifier=classifier)
    text = page(analysis)
    assert "elapsed" not in text
    assert "begun 2026-11-26 23:30:00" in text
    assert '<th scope="row">day 1 23:30</th>' in text
    assert '<th scope="row">day 2 00:30</th>' in text
    assert [hour.clock for hour in analysis.summary.hours] == ["day 1 23:30", "day 2 00:30"]
    outside = DRAWING.sub("", text).replace("2026-11-26 23:30:00", "")
    assert len(times(outside)) > 5
    assert len(times(outside)) == len(re.findall(r"day [12] \d\d:\d\d:\d\d", outside))
    # 70 minutes from 23:30: no time of day outside of that.
    assert {time[:2] for time in times(text)} == {"23", "00"}


def test_it_can_be_read_without_seeing_it(classifier: Classifier, signal: np.ndarray) -> None:
    text = page(analyze(record(np.tile(signal, 70)), classifier=classifier))
    assert '<html lang="en">' in text
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    heads = re.findall(r"<th\b[^>]*>(.*?)</th>", text, re.DOTALL)
    assert len(heads) == len(re.findall(r'<th scope="(?:col|row)">', text)) > 50
    assert all(re.sub("<.*?>", "", head).strip() for head in heads)
    assert all(
        'role="img"' in svg and "aria-label=" in svg for svg in re.findall("<svg xmlns[^>]*>", text)
    )
    wide = re.findall('<div class="wide"[^>]*>', text)
    names = [re.search('role="group" aria-label="([^"]+)" tabindex="0"', one)[1] for one in wide]
    assert len(names) == len(set(names)) > 8
    ids = re.findall(' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    # Letters on white: WCAG asks for 4.5.
    for colour in re.findall(r"--(?:ink|soft): (#\w{6})", text) + re.findall(
        r'<text[^>]*fill="(#\w{6})"', text
    ):
        channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        assert (
            colour in ("#ffffff", "#000000")
            or 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5
        )


def test_uncertain_beats_look_different_and_have_a_key(signal: np.ndarray) -> None:
    text = page(analyze(odd("noise", signal)))
    assert re.search(r'class="key hollow"[^>]*>V\?</i>likeliest class, uncertain', text)
    assert re.search(r">[NSVFQ]\?</text>", text)


def test_words_of_libraries_never_reach_the_page(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecgdatakit import FileParser

    parse = FileParser.parse

    def grumble(*args: object, **kwargs: object) -> object:
        warnings.warn("Invalid value for VR UI in libinternal.dataelem", stacklevel=1)
        return parse(*args, **kwargs)

    monkeypatch.setattr(FileParser, "parse", grumble)
    analysis = analyze(open_recording(mfer(tmp_path)), classifier=classifier)
    for made in write(analysis, tmp_path / "out", formats=("html", "json")).values():
        assert "libinternal" not in made.read_text()
        assert "was not sure of all of this file" in made.read_text()

"""Strips: what their signal as a whole says goes through to all that is written."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.report.hours import whole
from ectopy.analysis.report.index import write_index
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result
from ectopy.analysis.rhythm.strips import rhythm_of_file
from ectopy.analysis.told import told
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.rhythm.kinds import KEYS
from ectopy.runtime.rhythm.strip_model import StripModel
from ectopy.runtime.rhythm.strip_told import StripTold

FS_HZ = 300


def drawn(rr: np.ndarray, p: float, waves: float, seed: int) -> np.ndarray:
    """Draw a strip of a hand-held lead, with P waves or f waves."""
    rng = np.random.default_rng(seed)
    at = np.cumsum(rr) + 0.4
    time = np.arange(round((at[-1] + 0.6) * FS_HZ)) / FS_HZ
    signal = rng.normal(0, 0.01, len(time)) + waves * np.sin(40 * time)
    for centre, height, width in ((-0.16, p, 0.022), (0, 1.0, 0.014), (0.03, -0.2, 0.012),
                                  (0.28, 0.2, 0.05)):  # fmt: skip
        for beat in at:
            signal += height * np.exp(-0.5 * ((time - beat - centre) / width) ** 2)
    return signal.astype(np.float32)


RNG = np.random.default_rng(0)
STRIPS = {
    "sinus": drawn(0.85 + RNG.normal(0, 0.012, 34), 0.12, 0.0, 1),
    "fibrillates": drawn(RNG.uniform(0.45, 1.1, 36), 0.0, 0.05, 2),
    "short": drawn(RNG.uniform(0.45, 1.1, 15), 0.0, 0.05, 3),
    "noisy": np.random.default_rng(4).normal(0, 1, 30 * FS_HZ).astype(np.float32),
}


def recording(name: str) -> Recording:
    return Recording.from_array(STRIPS[name], FS_HZ, ("I",), name=name)


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return {name: analyze(recording(name)) for name in STRIPS}


def sentence(result: Result) -> str:
    text = page(result)
    return text.partition("<dt>Rhythm</dt><dd>")[2].partition("</dd>")[0]


def test_fibrillation_of_a_strip_is_in_all_that_is_written(
    results: dict[str, Result], tmp_path: Path
) -> None:
    for name in ("fibrillates", "short"):
        result = results[name]
        result.write(tmp_path, formats=("json", "ect", "rhythm_csv", "html"))
        part = json.loads((tmp_path / f"{name}.summary.json").read_text())["rhythm"]
        assert (part["strip"]["kind"], part["strip"]["decided"]) == ("AF", True)
        assert sum(part["strip"]["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert part["told_by"]["strips.onnx"] == StripModel.load().checksum
        assert "trees.onnx" not in part["told_by"]
        assert len(part["told_by"]) == 2
        assert [kind["key"] for kind in part["kinds"]] == ["af"]
        assert part["fibrillation"]["percent"] is None  # no burden
        assert part["cannot_show"][0].startswith("how much fibrillation there is")
        marks = read_annotations(tmp_path / name, "ect")
        rhythms = [aux for aux in marks.aux if aux]
        assert (rhythms, marks.samples[0]) == (["(AFIB"], 0)
        (row,) = csv.DictReader((tmp_path / f"{name}.rhythm.csv").read_text().splitlines())
        assert row["rhythm"] == "af"
        likely = part["strip"]["probabilities"]["AF"]
        assert float(row["probability"]) == pytest.approx(likely, abs=1e-3)
        html = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        said = (
            f"Atrial fibrillation, by the signal of the strip as a whole (probability {likely:.2f})"
        )
        assert f"<dt>Rhythm</dt><dd>{said}, mean rate " in html
        assert "Its onset and end are told from RR intervals" not in html
        assert "P waves are not looked for" not in html
        assert "1 episode" not in html
        assert f"AF by the strip&#39;s signal (probability {likely:.2f})" in result._repr_html_()
        assert whole(result).af_percent is None
        assert result.summary.hours[0].af_percent is None
    write_index(tmp_path, {})
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert index.count("atrial fibrillation in a strip") == 2
    assert "<td>in a strip</td>" in index


def test_the_command_line_says_it(tmp_path: Path) -> None:
    signal = np.rint(1000 * STRIPS["fibrillates"]).astype("<i2")
    signal.tofile(tmp_path / "strip.dat")
    (tmp_path / "strip.hea").write_text(
        f"strip 1 {FS_HZ} {len(signal)}\nstrip.dat 16 1000/mV 16 0 0 0 0 I\n"
    )
    command = [sys.executable, "-m", "ectopy", "analyze", str(tmp_path / "strip.hea")]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")], capture_output=True, text=True, check=True
    )
    assert "AF by the strip's signal (probability 0." in done.stdout + done.stderr
    # It is what ``evaluate --strips`` scores.
    scored = rhythm_of_file(tmp_path / "strip.hea")
    strip = analyze(tmp_path / "strip.hea").summary.rhythm.strip
    assert strip is not None
    assert (strip.kind, strip.decided) == (scored.kinds[0], scored.decided[0])
    assert list(strip.probabilities.values()) == pytest.approx(
        scored.probabilities[0].tolist(), abs=1e-4
    )


def test_a_strip_without_it_excludes_it(results: dict[str, Result]) -> None:
    result = results["sinus"]
    strip = result.summary.rhythm.strip
    assert strip is not None
    assert (strip.kind, strip.decided) == ("sinus", True)
    assert sentence(result).startswith(
        "No atrial fibrillation: by its signal the strip as a whole looks like sinus rhythm (prob"
    )
    assert sentence(result).endswith("; sinus-like rhythm 100 %")
    assert "no AF by the strip's signal, sinus-like" in str(result)
    assert set(result.rhythm.af_probability) == {np.float32(strip.af)}


@pytest.mark.parametrize(
    ("strip", "said", "short"),
    [
        (
            ("other", True, 0.35),
            "Atrial fibrillation not excluded: by its signal the strip as a whole looks like "
            "another rhythm, or one with ectopic beats, slow, fast or blocked (probability of "
            "fibrillation 0.35); sinus-like rhythm 100 %",
            "AF not excluded (probability 0.35 by the strip's signal), sinus-like",
        ),
        (
            ("sinus", False, 0.05),
            "No atrial fibrillation: by its signal the strip as a whole looks like no rhythm more "
            "than all others together (probability of fibrillation 0.05); sinus-like rhythm 100 %",
            "no AF by the strip's signal, sinus-like",
        ),
    ],
)
def test_what_is_not_called_fibrillation_may_be_it(
    results: dict[str, Result], strip: tuple[str, bool, float], said: str, short: str
) -> None:
    """Of strips of 10 s more than half of those that fibrillate are called otherwise."""
    result, (kind, decided, af) = results["sinus"], strip
    shares = {"sinus": 0.3, "other": 0.3, "noisy": 0.05, "AF": af}
    own = StripTold.model_validate({"kind": kind, "decided": decided, "probabilities": shares})
    background = replace(result.background, strip=own)
    found = told(result.intervals.beats, result.quality, background)
    result = replace(result, rhythm=found.rhythm, summary=found.summary)
    assert sentence(result) == said
    assert short in str(result)
    why = "whether there is atrial fibrillation: by its signal the strip as a whole has it with a"
    assert (why in page(result)) == (af > 0.1)
    assert np.isnan(result.rhythm.af_probability).all() == (af > 0.1)


def test_nothing_is_decided_in_noise(results: dict[str, Result]) -> None:
    result = results["noisy"]
    strip = result.summary.rhythm.strip
    assert strip is not None
    assert (strip.kind, strip.decided) == ("noisy", False)
    assert [KEYS[kind] for kind in result.rhythm.kind] == ["none"]
    assert sentence(result) == "not decided"
    assert "the strip is too noisy for it, or has too few beats" in page(result)
    assert np.isnan(result.rhythm.af_probability).all()


def test_corrections_and_files_keep_what_the_signal_said(
    results: dict[str, Result], tmp_path: Path
) -> None:
    result = results["fibrillates"]
    result.save(tmp_path / "kept.ectopy")
    loaded = Result.load(tmp_path / "kept.ectopy")
    assert loaded.summary == result.summary
    for one in (result, loaded):
        adapted = one.adapt(one.beats.samples[[3, 4]], "NN")
        assert adapted.summary.rhythm.strip == result.summary.rhythm.strip
        assert [kind.key for kind in adapted.summary.rhythm.kinds] == ["af"]
        assert adapted.summary.rhythm.told_by == result.summary.rhythm.told_by


def test_what_is_no_strip_is_told_by_the_beat_times(tmp_path: Path) -> None:
    long, _ = simulate(62, rng=np.random.default_rng(0))
    brief, _ = simulate(8, rng=np.random.default_rng(0))
    own = recording("fibrillates")
    analyze(own).write(tmp_path, formats=("ect",))
    for result in (
        analyze(long),
        analyze(brief),
        analyze(own, setting="past"),
        analyze(own, annotations=tmp_path / "fibrillates.ect"),
        analyze(own, classifier=_AllNormal()),
    ):
        part = result.summary.rhythm
        assert part.strip is None
        assert "strips.onnx" not in part.told_by
        assert "strip" not in sentence(result)
    peaks = analyze(own).beats.samples
    given = analyze(own, r_peaks=peaks).summary.rhythm.strip
    assert given is not None
    assert given.kind == "AF"


class _AllNormal:
    behind_s = ahead_s = 12
    leads_used = 1

    def classify(self, signal_mv: np.ndarray, fs_hz: float, r_peaks: np.ndarray) -> "_Labels":
        return _Labels(len(r_peaks))


class _Labels:
    def __init__(self, n: int) -> None:
        self.classes = np.zeros(n, dtype=np.int64)
        self.probabilities = np.tile(np.float32([0.9, 0.03, 0.03, 0.02, 0.02]), (n, 1))
        self.uncertain = np.zeros(n, dtype=bool)


@pytest.mark.parametrize("name", ["sinus", "fibrillates"])
def test_under_a_paced_rhythm_nothing_is_said_of_fibrillation(
    results: dict[str, Result], name: str
) -> None:
    result = results[name]
    beats = replace(result.intervals.beats, pacing=np.full(len(result.beats), 2, dtype=np.uint8))
    found = told(beats, result.quality, result.background)
    assert [kind.key for kind in found.summary.rhythm.kinds] == ["paced"]
    paced = replace(result, rhythm=found.rhythm, summary=found.summary)
    assert sentence(paced) == "Paced rhythm 100 %"
    assert "AF" not in str(paced)

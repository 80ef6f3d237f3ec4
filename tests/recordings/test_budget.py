"""Small files with a large cost, and names that are no files, through to the last output."""

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import hostile
import numpy as np
import pytest
import recording_files as files

from ectopy.analysis.analyze import analyze
from ectopy.analysis.outputs import write
from ectopy.analysis.plan import SKIPPED_S, plan
from ectopy.analysis.settings import Settings
from ectopy.analysis.stream import Stream
from ectopy.beats.conditioning.quality import survey
from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.wfdb_checksum import Checksums
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.bundle import SETTINGS, Setting

MOST_MIB = 512
"""More memory than before."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, object]]:
    """Analyze every hostile case in a process of its own, with limits on time and memory."""
    done = subprocess.run(
        [sys.executable, str(Path(hostile.__file__))],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["case"]: line for line in lines}


@pytest.mark.parametrize("case", hostile.CASES)
def test_ends_in_a_sentence_or_a_result(case: str, outcomes: dict[str, dict[str, object]]) -> None:
    outcome = outcomes[case]
    said = str(outcome["said"])
    assert outcome["ended"] == ("error" if outcome["says"] else "ok"), said
    if outcome["says"]:
        assert str(outcome["says"]) in said
        assert "\n" not in said
        assert len(said) < 500
    else:
        assert json.loads(said)["beats"] > 20
    assert float(str(outcome["processor_s"])) < hostile.PROCESSOR_S
    assert int(str(outcome["more_mib"])) < MOST_MIB


@pytest.mark.parametrize(
    ("case", "beats", "days"),
    [("six weeks of nothing", 50, 42), ("EDF+D over weeks", 75, 11.574)],
)
def test_beats_on_both_sides_of_a_gap_are_found(
    case: str, beats: int, days: float, outcomes: dict[str, dict[str, object]]
) -> None:
    summary = json.loads(str(outcomes[case]["said"]))
    assert summary["beats"] == beats
    assert summary["duration_s"] == pytest.approx(days * 86_400, abs=100)
    assert any("were not recorded" in note for note in summary["notes"])
    assert summary["pauses"]["count"] == 0


@pytest.fixture(scope="module")
def interrupted() -> Recording:
    """Three simulated stretches with 10 and 15 minutes of nothing between them."""
    recording, _ = simulate(300, rng=np.random.default_rng(3), fs_hz=250)
    whole = recording.read()
    signal = np.full((2, 50 * 60 * 250), np.nan, dtype=np.float32)
    starts = (1000, 15 * 60 * 250 + 77, 35 * 60 * 250 + 13)
    for at in starts:
        signal[:, at : at + whole.shape[1]] = whole
    runs = tuple((at, at + whole.shape[1]) for at in starts)
    made = Recording.from_array(signal, 250, ("II", "V1"), simulated=True)
    return dataclasses.replace(made, recorded=runs)


@pytest.mark.parametrize("setting", SETTINGS)
def test_labels_are_those_of_a_stream_and_without_skipping(
    interrupted: Recording, monkeypatch: pytest.MonkeyPatch, setting: Setting
) -> None:
    reads: list[int] = []

    def read(begin: int, end: int) -> np.ndarray:
        reads.append(end - begin)
        return interrupted.reader(begin, end)

    own = dataclasses.replace(interrupted, reader=read)
    skipped = analyze(own, lead="II", setting=setting)
    read_s = sum(reads[1:]) / 250  # after the survey
    if setting == "past":
        stream, signal = Stream(250, interrupted.leads), interrupted.read()
        pushed = [stream.push(signal[:, i : i + 15_000]) for i in range(0, signal.shape[1], 15_000)]
        streamed = np.concatenate([part.classes for part in [*pushed, stream.finish()]])
        np.testing.assert_array_equal(skipped.beats.classes, streamed)
    # In a piece with beats on both sides of a gap, those after it would depend on those before.
    monkeypatch.setattr("ectopy.analysis.plan.LONGEST_S", 300)
    whole = analyze(dataclasses.replace(interrupted, recorded=None), lead="II", setting=setting)
    assert len(skipped.beats) > 800
    for field in dataclasses.fields(skipped.beats):
        ours, theirs = (getattr(x.beats, field.name) for x in (skipped, whole))
        np.testing.assert_allclose(ours, theirs, atol=1e-3, err_msg=field.name)
    np.testing.assert_array_equal(skipped.quality.states, whole.quality.states)
    # The stretches alone, and the minute that tells recordings apart.
    assert read_s < 3 * (300 + 30) + 60


def test_a_plan_covers_everything_once(interrupted: Recording) -> None:
    cut = plan(interrupted, 250, behind_s=200, ahead_s=10)
    edges = [(piece.begin, piece.end) for piece in cut]
    assert edges[0][0] == 0
    assert edges[-1][1] == interrupted.n_samples
    assert all(one[1] == two[0] and not two[0] % 250 for one, two in pairwise(edges))
    assert [piece.recorded for piece in cut] == [True, False, True, False, True, False]
    for begin, end in interrupted.recorded or ():
        assert any(p.recorded and p.begin <= begin and end <= p.end for p in cut)
    near = ((0, 1000), (999 + 250 * SKIPPED_S, 90_000))
    joined = plan(dataclasses.replace(interrupted, recorded=near), 250, 200, 10)
    assert [piece.recorded for piece in joined] == [True, False]
    for piece in cut:
        assert piece.start == max(piece.begin - 200 * 250, 0)
        assert piece.stop == min(piece.end + 10 * 250, interrupted.n_samples)


def test_leads_are_judged_where_they_were_recorded(interrupted: Recording) -> None:
    for lead in survey(interrupted, Settings()):
        assert lead.good > 0.9
        assert lead.amplitude_mv > 0.1


@pytest.mark.parametrize(
    ("fs_hz", "n_leads", "n_samples", "stored", "says"),
    [
        (250, 2, 0, None, "no samples"),
        (20_001, 1, 1000, None, "20001 Hz"),
        (float("nan"), 1, 1000, None, "nan Hz"),
        (250, 513, 1000, None, "513 leads"),
        (250, 1, 250 * 86_400 * 63, None, "63 days"),
        (250, 12, 250 * 86_400 * 30, None, "30.0 days of 12 leads"),
        (20_000, 12, 20_000 * 900, None, "too much for memory"),
        (250, 2, 250 * 86_400 * 20, 1 << 20, "from 1048576 bytes"),
    ],
)
def test_what_is_too_much(
    fs_hz: float, n_leads: int, n_samples: int, stored: int | None, says: str
) -> None:
    with pytest.raises(DataFormatError, match=says) as error:
        budget.check(Path("x.edf"), fs_hz, n_leads, n_samples, stored)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("fs_hz", "n_leads", "seconds"),
    [(250, 3, 14 * 86_400), (1000, 12, 86_400), (8000, 12, 60), (2048, 256, 10), (50, 1, 1)],
)
def test_what_recorders_write_is_not_too_much(fs_hz: float, n_leads: int, seconds: float) -> None:
    n_samples = int(fs_hz * seconds)
    budget.check(Path("x.edf"), fs_hz, n_leads, n_samples, n_samples * n_leads)


def test_a_faster_array_is_refused_before_it_is_filtered() -> None:
    array = Recording.from_array(np.zeros((1, 1000)), 100_000, ("II",))
    with pytest.raises(ConfigError, match="expected 50 to 20000"):
        analyze(array)


def test_memory_is_bounded_and_free_again() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with budget.bounded_memory(64 << 20), pytest.raises(MemoryError):
        np.ones(1 << 27)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert np.ones(1 << 24).all()


def wrong_sample(folder: Path, fmt: str = "212") -> Path:
    """A record of which one sample was changed."""
    path = files.wfdb_record(folder, fmt)
    raw = bytearray(path.with_suffix(".dat").read_bytes())
    raw[300] ^= 1
    path.with_suffix(".dat").write_bytes(raw)
    return path


@pytest.mark.parametrize("fmt", ["16", "24", "32", "80", "212", "516"])
def test_a_right_checksum_is_silent(tmp_path: Path, fmt: str) -> None:
    recording = open_recording(files.wfdb_record(tmp_path, fmt))
    recording.read()
    assert recording.all_notes == ()


@pytest.mark.parametrize("fmt", ["16", "212"])
def test_a_wrong_checksum_is_said_once_all_was_read(tmp_path: Path, fmt: str) -> None:
    recording = open_recording(wrong_sample(tmp_path, fmt))
    recording.read(500, 1000)
    recording.read(0, 400)
    assert recording.all_notes == ()
    recording.read(300, 700)
    (said,) = recording.all_notes
    assert said.startswith("the samples of II do not add up to the checksum in")


def test_a_wrong_checksum_reaches_the_outputs(tmp_path: Path) -> None:
    from ectopy.bench.analyze import make_file

    header = make_file(tmp_path, 0.02, seed=1)
    lines = header.read_text().replace(" 0 0 II", " 12345 0 II")
    header.write_text(lines)
    analysis = analyze(open_recording(header))
    made = write(analysis, tmp_path / "out")
    assert "the samples of II do not add up" in made["json"].read_text()
    assert "the samples of II do not add up" in made["html"].read_text()


def test_segments_tell_of_their_checksums(tmp_path: Path) -> None:
    path = files.wfdb_segments(tmp_path)
    raw = bytearray((tmp_path / "s1.dat").read_bytes())
    raw[300] ^= 1
    (tmp_path / "s1.dat").write_bytes(raw)
    recording = open_recording(path)
    assert not recording.found_reading()
    recording.read()
    (said,) = recording.found_reading()
    assert "s1.hea" in said


def test_no_checksum_and_other_sums_of_missing_samples_are_silent(tmp_path: Path) -> None:
    path = wrong_sample(tmp_path)
    text = path.read_text().splitlines()
    words = [line.split() for line in text[1:]]
    path.write_text("\n".join([text[0], *(" ".join([*w[:6], "0", *w[7:]]) for w in words)]))
    recording = open_recording(path)
    recording.read()
    assert recording.all_notes == ()
    for promised in (6, (6 - 32768) % 65536):
        sums = Checksums(Path("x.hea"), ("II",), (promised,), 4)
        sums.add(0, [np.array([1, 2, -32768, 3], dtype=np.int16)], (-32768,))
        assert sums.notes() == ()


def test_every_sample_is_counted_once_in_any_order() -> None:
    rng = np.random.default_rng(0)
    samples = rng.integers(-2000, 2000, 5000)

    def segments() -> Iterator[tuple[int, int]]:
        for _ in range(200):
            begin, length = int(rng.integers(5000)), int(rng.integers(1, 400))
            yield begin, min(begin + length, 5000)
        yield 0, 5000

    sums = Checksums(Path("x.hea"), ("II",), (int(samples.sum()),), 5000)
    threads = [
        threading.Thread(target=sums.add, args=(begin, [samples[begin:end]], (None,)))
        for begin, end in segments()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums.notes() == ()
    assert sums._seen == [(0, 5000)]
    assert sums._sums == [int(samples.sum())]

"""One service: the same labels here, in another process and as a stream; stopped, saved, sent."""

import multiprocessing
import pickle
import threading
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import FORMATS, write
from ectopy.analysis.pieces import pieces
from ectopy.analysis.report.page import page
from ectopy.analysis.request import Request
from ectopy.analysis.result import Result
from ectopy.analysis.stream import Stream
from ectopy.beats.conditioning.quality import Quality
from ectopy.errors import Cancelled, ConfigError, DataFormatError, DataNotFoundError
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.bundle import SETTINGS, Bundle, Setting
from ectopy.runtime.classifier import BeatClassifier

FS_HZ = 200


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight minutes of two leads with a gap, as raw numbers that must be said the rate and gain."""
    recording, _ = simulate(480, rng=np.random.default_rng(5), fs_hz=FS_HZ)
    signal = recording.read() * 200
    signal[:, 100 * FS_HZ : 108 * FS_HZ] = np.nan
    path = tmp_path_factory.mktemp("service") / "holter.npy"
    np.save(path, signal)
    return path


def request(file: Path, setting: Setting) -> Request:
    return Request(file, fs_hz=FS_HZ, gain=200, weights="ds1", setting=setting)


def same(one: LabelledBeats, other: LabelledBeats) -> None:
    np.testing.assert_array_equal(one.samples, other.samples)
    np.testing.assert_array_equal(one.classes, other.classes)
    np.testing.assert_array_equal(one.uncertain, other.uncertain)
    np.testing.assert_array_equal(one.quality, other.quality)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-4)


def equal(one: Result, other: Result) -> None:
    same(one.beats, other.beats)
    np.testing.assert_array_equal(one.intervals.rr_s, other.intervals.rr_s)
    np.testing.assert_array_equal(one.intervals.clear, other.intervals.clear)
    np.testing.assert_array_equal(one.quality.states, other.quality.states)
    np.testing.assert_array_equal(one.quality.upright, other.quality.upright)
    assert one.events == other.events
    assert one.summary == other.summary
    assert (one.name, one.fs_hz, one.n_samples, one.start, one.leading) == (
        other.name,
        other.fs_hz,
        other.n_samples,
        other.start,
        other.leading,
    )


def small(monkeypatch: pytest.MonkeyPatch, longest_s: int) -> None:
    monkeypatch.setattr("ectopy.analysis.plan.LONGEST_S", longest_s)
    monkeypatch.setattr("ectopy.analysis.plan.SHORTEST_S", 1)


def test_here_in_another_process_and_as_a_stream(file: Path) -> None:
    asked = [request(file, setting) for setting in SETTINGS]
    here = [analyze(one) for one in asked]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        there = list(pool.map(analyze, asked))
    for one, other, setting in zip(here, there, SETTINGS, strict=True):
        assert len(one.beats) > 400
        equal(one, other)
        assert other.summary.labelled_by.setting == setting
        assert other.summary.labelled_by.name == "ds1"
        assert other.summary.labelled_by.sha256 == Bundle.load("ds1").checksum
        assert other.recording is None, "the signal travelled"
    assert (here[0].beats.probabilities != here[1].beats.probabilities).any()
    past, recording = here[0], here[0].signal()
    leads = recording.leads
    stream = Stream(FS_HZ, leads, lead=leads[past.leading], weights="ds1")
    parts = [
        stream.push(recording.read(begin, begin + 777))
        for begin in range(0, recording.n_samples, 777)
    ]
    same(LabelledBeats.join([*parts, stream.finish()]), past.beats)


@pytest.mark.parametrize("longest_s", [7, 50, 400])
def test_the_whole_recording_in_pieces_is_the_whole_at_once(
    file: Path, longest_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, longest_s)
    monkeypatch.setattr("ectopy.runtime.classifier.CHUNK", 150)
    result = analyze(request(file, "whole"), threads=3)
    monkeypatch.undo()
    order = [result.leading, 1 - result.leading]
    signal = result.signal().read()[order]
    at_once = BeatClassifier.load("ds1").classify(signal, FS_HZ, result.beats.samples, "whole")
    np.testing.assert_array_equal(result.beats.classes, at_once.classes)
    good = result.beats.quality == 0
    np.testing.assert_array_equal(result.beats.uncertain[good], at_once.uncertain[good])
    np.testing.assert_allclose(result.beats.probabilities, at_once.probabilities, atol=1e-3)


@pytest.mark.data
@pytest.mark.parametrize("name", ["mitdb/203", "svdb/812"])
def test_the_whole_of_real_records_in_pieces(
    name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = analyze(data_dir / f"{name}.hea", setting="whole")
    small(monkeypatch, 97)
    same(analyze(data_dir / f"{name}.hea").beats, result.beats)
    order = [result.leading, 1 - result.leading]
    at_once = BeatClassifier.load().classify(
        result.signal().read()[order], result.fs_hz, result.beats.samples, "whole"
    )
    np.testing.assert_array_equal(result.beats.classes, at_once.classes)


@pytest.mark.parametrize("setting", SETTINGS)
def test_pieces_come_in_order_and_make_the_result(
    file: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 60)
    result = analyze(request(file, setting))
    found = list(pieces(request(file, setting)))
    same(LabelledBeats.join([piece.beats for piece in found]), result.beats)
    quality = Quality.join([piece.quality for piece in found], 2)
    np.testing.assert_array_equal(quality.states, result.quality.states)
    done = [piece.done_s for piece in found]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(480)
    assert {piece.of_s for piece in found} == {480}
    labelled = [piece for piece in found if piece.labelled]
    assert len(labelled) == 8
    assert len(found) == len(labelled) + (0 if setting == "past" else 8 + 1)
    assert [piece.start_s for piece in labelled] == [60 * i for i in range(8)]
    for piece in labelled:
        times = piece.beats.samples / FS_HZ
        assert ((times >= piece.start_s) & (times < piece.stop_s)).all()


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("event", [threading.Event, multiprocessing.Event])
def test_it_stops_when_told_to(
    file: Path, setting: Setting, event: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 10)
    cancel, before = event(), set(threading.enumerate())  # other tests' libraries keep some
    running = pieces(request(file, setting), cancel=cancel)
    next(running)
    cancel.set()
    with pytest.raises(Cancelled):
        next(running)
    left = set(threading.enumerate()) - before
    assert not [t for t in left if t.name.startswith("ThreadPoolExecutor")]
    with pytest.raises(Cancelled):
        analyze(request(file, setting), cancel=cancel)


def test_the_work_ends_with_who_asked_for_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, 5)
    read: list[int] = []
    opened = open_recording(file, fs_hz=FS_HZ, gain=200)

    def counted(start: int, stop: int) -> np.ndarray:
        read.append(start)
        return opened.reader(start, stop)

    asked = Request(replace(opened, reader=counted), weights="ds1", setting="past")
    running = pieces(asked, threads=2)
    next(running)
    running.close()
    at = len(read)
    time.sleep(0.05)
    assert len(read) == at
    assert max(read) < opened.n_samples // 2


def test_a_request_pickles_whatever_its_source_is(classifier: Classifier, file: Path) -> None:
    samples = np.load(file)
    for source, stated in (
        (file, {"fs_hz": FS_HZ, "gain": 200.0}),
        (samples, {"fs_hz": FS_HZ, "gain": 200.0, "leads": ("II", "V1")}),
        (samples.T, {"fs_hz": FS_HZ, "gain": 200.0}),
        (samples[0], {"fs_hz": FS_HZ, "gain": 200.0}),
        (open_recording(file, fs_hz=FS_HZ, gain=200), {}),
    ):
        asked = Request(source, **stated, classifier=classifier)
        again = pickle.loads(pickle.dumps(asked))
        np.testing.assert_array_equal(again.open().read(), asked.open().read())
        assert again.open().leads == asked.open().leads
        assert again.settings == asked.settings
        same(analyze(again).beats, analyze(asked).beats)


@pytest.mark.parametrize(
    ("stated", "said", "change"),
    [
        ({"setting": "inductive"}, "expected past or whole", ("setting",)),
        ({"weights": "nobody"}, "there are no weights 'nobody'", ("weights",)),
        ({"r_peaks": np.array([5, 3])}, "ascending order", ()),
        ({"r_peaks": np.array([5, 10**7])}, "has 96000; they must come", ()),
        ({"leads": ("II",)}, "names its own", ()),
    ],
)
def test_what_cannot_be_meant_is_said(
    file: Path, stated: dict[str, object], said: str, change: tuple[str, ...]
) -> None:
    with pytest.raises((ConfigError, DataFormatError, ValueError), match=said) as error:
        analyze(file, fs_hz=FS_HZ, **stated)
    assert error.value.change == change  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="sampling rate; state it"):
        analyze(np.zeros(1000))
    with pytest.raises(ConfigError, match="has its own"):
        analyze(Recording.from_array(np.zeros(1000), 250, ("II",)), fs_hz=250)


def test_given_beats_are_labelled_as_they_are(file: Path) -> None:
    found = analyze(request(file, "past"))
    given = np.sort(np.r_[found.beats.samples[::2], 104 * FS_HZ])  # one of them in the gap
    result = analyze(replace(request(file, "past"), r_peaks=given))
    np.testing.assert_array_equal(result.beats.samples, given)
    assert result.summary.labelled_by.r_peaks == "given"
    assert found.summary.labelled_by.r_peaks == "r-peaks-ds1"


def test_what_labelled_is_named(classifier: Classifier, file: Path, tmp_path: Path) -> None:
    import shutil

    from ectopy.runtime.bundle import PACKAGED

    shutil.copytree(PACKAGED / "ds1", tmp_path / "mine")
    manifest = tmp_path / "mine" / "bundle.json"
    manifest.write_text(manifest.read_text().replace('"name": "ds1"', '"name": "mine"'))
    own = analyze(replace(request(file, "past"), setting=None, classifier=classifier))
    assert own.summary.labelled_by.name.endswith("conftest.Prematurity")
    assert own.summary.labelled_by.sha256 is None
    assert own.summary.labelled_by.setting == "past"
    mine = analyze(replace(request(file, "past"), weights=tmp_path / "mine"))
    by = mine.summary.labelled_by
    assert by.name == "mine"
    assert by.sha256 not in (None, Bundle.load("ds1").checksum)
    text = page(mine)
    assert "labelled by the weights “mine”" in text
    assert str(by.sha256)[:12] in text
    assert "a bounded past" in text


@pytest.fixture(scope="module")
def result(file: Path) -> Result:
    found = analyze(request(file, "whole"))
    assert found.events
    return found


def test_a_result_is_saved_and_loaded_without_its_recording(
    result: Result, file: Path, tmp_path: Path
) -> None:
    path = result.save(tmp_path / "holter.ectopy")
    assert [p.name for p in tmp_path.iterdir()] == ["holter.ectopy"]
    again = Result.load(path)
    equal(again, result)
    assert again.recording is None
    for name in ("samples", "classes", "strength", "probabilities"):
        one, other = getattr(result.beats, name), getattr(again.beats, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    made = write(again, tmp_path / "out", formats=tuple(set(FORMATS) - {"html"}))
    assert set(made) == set(FORMATS) - {"html"}
    found = read_annotations(tmp_path / "out" / "holter", "ect")
    np.testing.assert_array_equal(
        found.samples[~np.isin(found.symbols, ("~", "+"))], result.beats.samples
    )
    with pytest.raises(ConfigError, match="recording of holter is not at hand"):
        write(again, tmp_path / "page")
    assert not list((tmp_path / "page").iterdir())
    recording = open_recording(file, fs_hz=FS_HZ, gain=200)
    assert page(again.with_recording(recording)) == page(result)
    with pytest.raises(ConfigError, match="expected 96000 at 200 Hz"):
        again.with_recording(replace(recording, n_samples=5))


def test_a_recording_without_beats_is_saved_too(tmp_path: Path) -> None:
    empty = analyze(np.zeros((2, 5000)), fs_hz=250)
    equal(Result.load(empty.save(tmp_path / "empty.ectopy")), empty)


def test_a_result_pickles_small(result: Result) -> None:
    carried = pickle.dumps(result)
    equal(pickle.loads(carried), result)
    signal = 2 * result.n_samples * len(result.summary.leads)  # bytes, as recorders store it
    assert len(carried) < signal / 2


def test_what_is_no_result_is_said(result: Result, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="expected a saved result"):
        Result.load(tmp_path / "nothing")
    (tmp_path / "text").write_text("no zip")
    path = result.save(tmp_path / "whole")
    (tmp_path / "cut").write_bytes(path.read_bytes()[:-500])
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("result.json", "{}")
    for name in ("text", "cut", "other"):
        with pytest.raises(DataFormatError, match=f"{name} is no saved result, or damaged"):
            Result.load(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "later", "w") as archive:
        archive.writestr("result.json", '{"version": 99}')
    with pytest.raises(DataFormatError, match="has version 99, expected 3; read it with"):
        Result.load(tmp_path / "later")


def test_events_are_told_in_tables_of_their_own(result: Result, tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet as pq

    made = write(result, tmp_path, formats=("events_csv", "events_parquet", "csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "holter.beats.csv",
        "holter.events.csv",
        "holter.events.parquet",
    ]
    beats = pyarrow.csv.read_csv(made["csv"])
    for events in (
        pq.read_table(made["events_parquet"]),
        pyarrow.csv.read_csv(made["events_csv"]),
    ):
        rows = events.to_pylist()
        assert len(rows) == len(result.events)
        for row, event in zip(rows, result.events, strict=True):
            assert (row["kind"], row["of"], row["certain"]) == (event.kind, event.of, event.certain)
            assert row["last_beat"] - row["first_beat"] + 1 == row["beats"] == event.n_beats
            start = beats["time_s"][row["first_beat"]].as_py()
            assert row["start_s"] == pytest.approx(start, abs=1e-3)
    for path in (made["events_csv"], made["events_parquet"]):
        with pytest.raises(DataFormatError, match="a table of events that ectopy wrote"):
            open_recording(path, fs_hz=250)

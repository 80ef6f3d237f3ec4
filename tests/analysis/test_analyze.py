from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.stream import Stream
from ectopy.errors import ConfigError, ModelError
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate


@pytest.fixture
def recording(rng: np.random.Generator) -> Recording:
    recording, _ = simulate(1500, rng=rng, fs_hz=200)
    return recording


def same(one: LabelledBeats, other: LabelledBeats) -> bool:
    return (
        np.array_equal(one.samples, other.samples)
        and np.array_equal(one.classes, other.classes)
        and np.array_equal(one.uncertain, other.uncertain)
        and np.array_equal(one.quality, other.quality)
        and np.allclose(one.probabilities, other.probabilities, atol=5e-5)
    )


def test_threads_and_pieces_do_not_change_the_labels(
    classifier: Classifier, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = analyze(recording, classifier=classifier, threads=1)
    assert len(whole.beats) > 1000
    for piece_s, threads in ((600, 3), (7, 2), (40, 4)):
        monkeypatch.setattr("ectopy.analysis.plan.LONGEST_S", piece_s)
        monkeypatch.setattr("ectopy.analysis.plan.SHORTEST_S", 1)
        assert same(whole.beats, analyze(recording, classifier=classifier, threads=threads).beats)


@pytest.mark.parametrize("chunk", [37, 200, 5000])
def test_a_stream_gives_the_labels_of_the_whole_file(
    classifier: Classifier, recording: Recording, chunk: int
) -> None:
    part = Recording.from_array(
        recording.read(0, 150 * 200).copy(), 200, recording.leads, simulated=True
    )
    part.read()[0, 60 * 200 : 66 * 200] = np.nan  # a gap
    whole = analyze(part, lead="V1", classifier=classifier)
    stream = Stream(200, recording.leads, lead="V1", classifier=classifier)
    parts, latest = [], 0.0
    for begin in range(0, part.n_samples, chunk):
        beats = stream.push(part.read(begin, begin + chunk))
        if len(beats):
            latest = max(latest, (begin + chunk - beats.samples[0]) / 200)
        parts.append(beats)
    parts.append(stream.finish())
    assert same(LabelledBeats.join(parts), whole.beats)
    assert latest <= stream.delay_s + chunk / 200


def test_a_stream_keeps_little(classifier: Classifier, rng: np.random.Generator) -> None:
    stream = Stream(250, classifier=classifier)
    for _ in range(120):
        stream.push(rng.normal(0, 0.1, 250))
    # A minute tells whether signal was lost, and some seconds more lie ahead.
    assert stream._signal.shape[1] < 80 * 250
    for odd in ("x", None, [object()]):
        with pytest.raises(ConfigError, match="expected numbers in mV"):
            stream.push(odd)  # type: ignore[arg-type]


def test_progress_reaches_the_end(classifier: Classifier, recording: Recording) -> None:
    for own in (classifier, None):  # the bounded past, and the whole recording
        seen: list[tuple[float, float]] = []
        analyze(recording, classifier=own, progress=lambda *told, seen=seen: seen.append(told))
        assert seen == sorted(seen)
        assert {of_s for _, of_s in seen} == {recording.duration_s}
        assert seen[-1][0] == pytest.approx(recording.duration_s)


def test_the_lead_is_chosen_by_name_or_by_quality(
    classifier: Classifier, rng: np.random.Generator
) -> None:
    recording, _ = simulate(60, rng=rng)
    signal = recording.read().copy()
    signal[0] = rng.normal(0, 1, signal.shape[1])
    spoilt = Recording.from_array(signal, recording.fs_hz, recording.leads)
    assert analyze(spoilt, classifier=classifier).leading == 1
    assert analyze(spoilt, lead="ii", classifier=classifier).leading == 0
    with pytest.raises(ConfigError, match="II, V1"):
        analyze(spoilt, lead="V9", classifier=classifier)


@pytest.mark.parametrize("samples", [0, 1, 100, 260])
def test_very_short_recordings_are_no_error(classifier: Classifier, samples: int) -> None:
    empty = Recording.from_array(np.zeros((1, samples)), 250, ("II",))
    analysis = analyze(empty, classifier=classifier)
    assert len(analysis.beats) == 0
    assert "no beat was found" in analysis.summary.warnings


def test_flat_and_saturated_signal_is_said(
    classifier: Classifier, rng: np.random.Generator
) -> None:
    recording, _ = simulate(120, rng=rng, leads=("II",))
    signal = recording.read().copy()
    signal[0, 30 * 250 : 50 * 250] = 0.7
    signal[0, 80 * 250 :] = np.clip(signal[0, 80 * 250 :], -0.2, 0.3)
    analysis = analyze(Recording.from_array(signal, 250, ("II",)), classifier=classifier)
    seconds = analysis.summary.leads[0].seconds
    assert seconds["flat"] == pytest.approx(20, abs=1)
    assert seconds["saturated"] > 20
    times = analysis.beats.samples / 250
    assert not ((times > 31) & (times < 49)).any()
    assert analysis.beats.uncertain[times > 81].mean() > 0.5
    assert not analysis.beats.uncertain[times < 29].any()
    assert any("flat" in line for line in analysis.summary.warnings)
    pauses = [event for event in analysis.events if event.kind == "pause"]
    assert not any(25 < event.start_s < 51 for event in pauses)  # a lead that is off is no pause


@pytest.mark.data
def test_record_100(classifier: Classifier, data_dir: Path) -> None:
    import wfdb

    record = wfdb.rdrecord(str(data_dir / "mitdb" / "100"))
    recording = Recording.from_array(record.p_signal.T, record.fs, tuple(record.sig_name))
    summary = analyze(recording, classifier=classifier).summary
    assert summary.beats == 2273
    assert summary.leads[0].leading
    assert summary.heart_rate.mean == pytest.approx(75.5, abs=0.3)


@pytest.mark.data
def test_a_stream_of_record_203_gives_the_labels_of_its_file(data_dir: Path) -> None:
    from ectopy.recordings.open import open_recording

    recording = open_recording(data_dir / "mitdb" / "203.hea")
    whole = analyze(recording, setting="past")  # both leads, much artefact
    stream = Stream(recording.fs_hz, recording.leads, lead=recording.leads[whole.leading])
    step = round(60 * recording.fs_hz)
    parts = [
        stream.push(recording.read(begin, begin + step))
        for begin in range(0, recording.n_samples, step)
    ]
    parts.append(stream.finish())
    assert same(LabelledBeats.join(parts), whole.beats)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"probabilities": np.zeros(3)}, r"Odd gave probabilities of shape \(3,\) for \d+ beats"),
        ({"classes": np.full(200, 7)}, r"Odd gave classes of shape \(200,\) for \d+ beats"),
        ({"uncertain": None}, r"Odd gave uncertain of shape \(\) for \d+ beats"),
        ({"classes": "7 each"}, r"Odd gave classes from 7 to 7, expected indices into N S V F Q"),
    ],
)
def test_what_a_classifier_gives_is_looked_at(
    recording: Recording, spoil: dict[str, object], said: str
) -> None:
    class Odd:
        behind_s = ahead_s = 0
        leads_used = 1

        def classify(self, signal_mv: object, fs_hz: float, r_peaks: np.ndarray) -> SimpleNamespace:
            n = len(r_peaks)
            right = {"probabilities": np.full((n, 5), 0.2), "uncertain": np.zeros(n, bool)}
            labels = {"classes": np.zeros(n, int)} | right | spoil
            if isinstance(labels["classes"], str):
                labels["classes"] = np.full(n, 7)
            return SimpleNamespace(**labels)

    with pytest.raises(ModelError, match=said):
        analyze(recording, classifier=Odd())

"""What is asked for: compared, told apart, and taken as it is commonly written."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis.labeller import Classifier
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

SIGNAL = simulate(60, rng=np.random.default_rng(0))[0].read()


def test_requests_for_the_same_are_equal() -> None:
    samples = SIGNAL.copy()
    samples[0, 5] = np.nan
    one = ectopy.Request(samples, fs_hz=250.0)
    assert one == ectopy.Request(samples.copy(), fs_hz=250.0) == pickle.loads(pickle.dumps(one))
    assert hash(one) == hash(ectopy.Request(samples.copy(), fs_hz=250.0))
    for other in (
        ectopy.Request(samples + 1, fs_hz=250.0),
        ectopy.Request(samples, fs_hz=250.0, gain=2.0),
        ectopy.Request(samples, fs_hz=250.0, lead="lead 1"),
        ectopy.Request(samples, fs_hz=250.0, r_peaks=np.array([5])),
    ):
        assert one != other


def test_recordings_of_the_same_samples_are_equal() -> None:
    one, same, other = (
        Recording.from_array(samples, 250.0, ("I", "II"))
        for samples in (SIGNAL, SIGNAL.copy(), SIGNAL + 1)
    )
    assert one == same != other
    assert hash(one) == hash(same)


def test_requests_differ_by_their_r_peaks() -> None:
    asked = [ectopy.Request("a.hea", r_peaks=np.array(peaks)) for peaks in ([5], [6], [5, 6])]
    assert asked[0] == ectopy.Request("a.hea", r_peaks=np.array([5]))
    assert not any(asked[0] == other for other in (*asked[1:], ectopy.Request("a.hea")))


def test_unsigned_r_peaks_must_ascend_too() -> None:
    with pytest.raises(ConfigError, match=r"R peaks are uint32 of shape .* ascending order"):
        ectopy.Request("a.hea", r_peaks=np.array([900, 300], dtype=np.uint32))
    peaks = ectopy.Request("a.hea", r_peaks=np.array([300, 900], dtype=np.uint32)).r_peaks
    assert peaks is not None
    assert peaks.dtype == np.int64
    with pytest.raises(ConfigError, match="R peaks are float64"):
        ectopy.Request("a.hea", r_peaks=np.array([1.0]))


def test_no_r_peaks_are_no_beats(classifier: Classifier) -> None:
    found = ectopy.analyze(SIGNAL, fs_hz=250.0, classifier=classifier, r_peaks=[])  # type: ignore[arg-type]
    assert len(found.beats) == 0


def test_pieces_take_what_analyze_takes(classifier: Classifier, tmp_path: Path) -> None:
    recording = Recording.from_array(SIGNAL, 250.0, ("I", "II"))
    np.save(tmp_path / "a.npy", SIGNAL)
    expected = len(ectopy.analyze(recording, classifier=classifier).beats)
    assert expected > 40
    for given in (recording, tmp_path / "a.npy", str(tmp_path / "a.npy"), SIGNAL):
        rate = {} if given is recording else {"fs_hz": 250.0}
        made = ectopy.pieces(given, classifier=classifier, **rate)  # type: ignore[arg-type]
        assert sum(len(piece.beats) for piece in made) == expected


@pytest.mark.parametrize("threads", [-1, 0])
def test_work_takes_a_thread(threads: int) -> None:
    with pytest.raises(ConfigError, match=f"threads is {threads}, expected at least 1"):
        ectopy.analyze(SIGNAL, fs_hz=250.0, threads=threads)
    with pytest.raises(ConfigError, match="expected at least 1"):
        next(ectopy.pieces(SIGNAL, fs_hz=250.0, threads=threads))


def test_a_name_alone_is_one_lead(classifier: Classifier) -> None:
    one = SIGNAL[0]
    assert Recording.from_array(one, 250.0, "II").leads == ("II",)
    result = ectopy.analyze(one, fs_hz=250.0, leads="II", classifier=classifier)
    assert [lead.name for lead in result.summary.leads] == ["II"]
    assert str(result.plot(0, 5, leads="II")) == str(result.plot(0, 5, leads=["II"]))
    assert len(ectopy.Stream(250.0, leads="II").push(one)) > 0
    with pytest.raises(ConfigError, match="expected \\(1, n_samples\\) for the leads II"):
        Recording.from_array(SIGNAL, 250.0, "II")
    with pytest.raises(ConfigError, match="was given no lead"):
        ectopy.Stream(250.0, leads=())

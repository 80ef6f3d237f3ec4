import pickle
import shutil

import numpy as np
import pytest

import ectopy
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, ModelError
from ectopy.runtime.bundle import PACKAGED, SETTINGS, Bundle, write
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.labels import adapt, decide

FS_HZ = 250.0


def made(seed=0, n=300):
    """Sinus rhythm with some premature wide beats and some premature narrow ones."""
    rng = np.random.default_rng(seed)
    kind = np.zeros(n, dtype=int)
    kind[20::37] = 2
    kind[30::41] = 1
    rr = 0.8 + 0.01 * rng.standard_normal(n)
    rr[kind > 0] = 0.5
    rr[np.flatnonzero(kind == 2) + 1] = 1.1
    at = 1 + np.cumsum(rr)
    t = np.arange(int((at[-1] + 1) * FS_HZ)) / FS_HZ
    lead = 0.01 * rng.standard_normal(len(t))
    for when, what in zip(at, kind, strict=True):
        near = slice(int((when - 0.5) * FS_HZ), int((when + 0.6) * FS_HZ))
        u = t[near] - when
        if what == 2:
            lead[near] += 1.6 * np.exp(-0.5 * (u / 0.045) ** 2)
            lead[near] -= 0.7 * np.exp(-0.5 * ((u - 0.28) / 0.08) ** 2)
        else:
            for height, centre, sd in ((0.15, -0.16, 0.02), (1, 0, 0.012), (0.3, 0.28, 0.05)):
                lead[near] += height * np.exp(-0.5 * ((u - centre) / sd) ** 2)
    return np.stack([lead, -0.5 * lead]).astype(np.float32), np.rint(at * FS_HZ).astype(int), kind


@pytest.fixture(scope="module")
def record():
    return made()


@pytest.fixture(scope="module", params=["default", "ds1"])
def classifier(request):
    return BeatClassifier.load(request.param)


def test_it_labels_what_is_plain_to_see(classifier, record):
    signal, peaks, kind = record
    for setting in SETTINGS:
        found = classifier.classify(signal, FS_HZ, peaks, setting)
        assert found.classes.dtype == np.int64
        assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
        assert (found.classes[kind == 2] == AAMI.index("V")).mean() > 0.8
        assert (found.classes[kind == 0] == AAMI.index("N")).mean() > 0.95


def test_gain_polarity_and_a_dead_lead_hardly_matter(classifier, record):
    signal, peaks, _ = record
    plain = classifier.classify(signal, FS_HZ, peaks).classes
    dead = np.stack([signal[0], np.full_like(signal[0], np.nan)])
    for other in (10 * signal, -signal, dead, signal[:1], signal[0]):
        assert (classifier.classify(other, FS_HZ, peaks).classes == plain).mean() > 0.95


def test_labels_of_a_piece_are_those_of_the_whole(classifier):
    signal, peaks, _ = made(1, 900)
    whole = classifier.classify(signal, FS_HZ, peaks)
    begin, end = int(400 * FS_HZ), int(500 * FS_HZ)
    start = begin - int(classifier.behind_s * FS_HZ)
    stop = end + int(classifier.ahead_s * FS_HZ)
    near = (peaks >= start) & (peaks < stop)
    piece = classifier.classify(signal[:, start:stop], FS_HZ, peaks[near] - start)
    own = (peaks[near] >= begin) & (peaks[near] < end)
    difference = whole.probabilities[near][own] - piece.probabilities[own]
    assert own.sum() > 100
    assert np.abs(difference).max() < 1e-3


def test_no_beats(classifier):
    found = classifier.classify(np.zeros((2, 1000), np.float32), FS_HZ, [])
    assert found.probabilities.shape == (0, 5)


@pytest.mark.parametrize("peaks", [[10], [10, 400]])
def test_hardly_any_beats(classifier, peaks):
    found = classifier.classify(np.zeros((1, 1000), np.float32), FS_HZ, peaks)
    assert np.isfinite(found.probabilities).all()


def test_peaks_must_fit_the_signal(classifier):
    with pytest.raises(ConfigError, match="ascending"):
        classifier.classify(np.zeros((1, 1000)), FS_HZ, [500, 100])
    with pytest.raises(ConfigError, match="same recording"):
        classifier.classify(np.zeros((1, 1000)), FS_HZ, [5000])


def test_a_bundle_travels_as_its_name_or_folder(tmp_path):
    own = tmp_path / "own"
    shutil.copytree(PACKAGED / "ds1", own)
    for weights, sent in (("ds1", b"ds1"), (own, own.name.encode())):
        carried = pickle.dumps(BeatClassifier.load(weights))
        assert sent in carried
        assert len(carried) < 500
        again = pickle.loads(carried)
        assert again.bundle == BeatClassifier.load(weights).bundle
        assert again.bundle.checksum == Bundle.load("ds1").checksum
    (own / "whole.onnx").write_bytes(b"other")
    assert Bundle.load(own).checksum != Bundle.load("ds1").checksum
    (own / "whole.onnx").unlink()
    with pytest.raises(ModelError, match=r"whole\.onnx is missing"):
        Bundle.load(own)
    (own / "bundle.json").write_text("{}")
    with pytest.raises(ModelError, match="is no manifest of weights"):
        Bundle.load(own)


def test_a_written_bundle_labels(tmp_path, record):
    manifest = {**Bundle.load("ds1").manifest, "name": "mine"}
    del manifest["detector"]
    with pytest.raises(ModelError, match="is missing"):
        write(tmp_path, manifest)
    for file in (PACKAGED / "ds1").glob("*.onnx"):
        shutil.copy(file, tmp_path)
    bundle = write(tmp_path, manifest)
    signal, peaks, _ = record
    one, other = (
        c.classify(signal, FS_HZ, peaks)
        for c in (BeatClassifier(bundle), BeatClassifier.load("ds1"))
    )
    assert np.array_equal(one.probabilities, other.probabilities)
    assert bundle.detector == Bundle.load("ds1").detector


def test_unknown_weights():
    with pytest.raises(ModelError, match="ds1"):
        BeatClassifier.load("nobody")


def test_decide_corrects_the_prior_and_abstains():
    logits = np.log([[0.5, 0.3, 0.2, 1e-9, 1e-9], [0.98, 0.01, 0.01, 1e-9, 1e-9]])
    chosen = {"bias": [0, 1, 0, 0, 0], "temperature": 1.0, "uncertain_below": 0.9}
    found = decide(logits, chosen)
    assert found.classes.tolist() == [1, 0]
    assert found.uncertain.tolist() == [True, False]


def test_noise_leaves_labels_as_they_are_and_makes_beats_uncertain():
    logits = np.log([[0.97, 0.02, 0.01, 1e-9, 1e-9], [0.3, 0.7, 1e-3, 1e-9, 1e-9]] * 2)
    chosen = {"bias": [0, 0, 0, 0, 0], "temperature": 1.0, "uncertain_below": 0.9}
    clean, noisy = decide(logits, chosen), decide(logits, chosen, np.array([2.0, 2.0, 0.0, 0.0]))
    assert np.array_equal(clean.probabilities, noisy.probabilities)
    assert clean.classes.tolist() == noisy.classes.tolist() == [0, 1, 0, 1]
    assert clean.uncertain.tolist() == [False, True, False, True]
    # What is called N might be S whose P wave is hidden; what is called S is all the surer.
    assert noisy.uncertain.tolist() == [True, False, False, True]
    assert decide(logits[:1], chosen, np.array([6.0])).uncertain.all(), "likelier S than N"


def test_a_noisy_stretch_is_uncertain_in_a_piece_as_in_the_whole(monkeypatch):
    classifier = BeatClassifier.load("default")  # the others are sure of so regular a rhythm
    signal, peaks, _ = made(1, 900)
    begin, end = int(400 * FS_HZ), int(500 * FS_HZ)
    noise = np.random.default_rng(0).normal(0, 0.3, (2, end - begin))
    signal[:, begin:end] += noise.astype(np.float32)
    whole = classifier.classify(signal, FS_HZ, peaks)
    start = begin - int(classifier.behind_s * FS_HZ)
    stop = end + int(classifier.ahead_s * FS_HZ)
    near = (peaks >= start) & (peaks < stop)
    piece = classifier.classify(signal[:, start:stop], FS_HZ, peaks[near] - start)
    own = (peaks[near] >= begin) & (peaks[near] < end)
    assert (whole.uncertain[near] == piece.uncertain)[own].mean() > 0.98
    monkeypatch.setattr("ectopy.runtime.classifier.doubt", lambda noise: np.zeros(noise.shape[1]))
    unaware = classifier.classify(signal, FS_HZ, peaks)
    assert np.array_equal(unaware.probabilities, whole.probabilities)
    assert whole.uncertain[near][own].sum() > unaware.uncertain[near][own].sum() + 10


def test_adapting_follows_the_recording():
    doubtful = np.log([0.45, 0.45, 0.08, 0.01, 0.01])
    normal = np.log([0.97, 0.01, 0.01, 0.005, 0.005])
    premature = np.log([0.02, 0.96, 0.01, 0.005, 0.005])
    among_normal = adapt(np.array([doubtful] + 200 * [normal]))[0]
    among_premature = adapt(np.array([doubtful] + 200 * [premature]))[0]
    assert among_premature[1] - among_premature[0] > among_normal[1] - among_normal[0] + 1


def test_weights_are_a_name_a_folder_or_a_bundle():
    bundle = Bundle.load("ds1")
    assert Bundle.load(bundle) is bundle
    for weights in ("ds1", bundle.folder, str(bundle.folder), bundle):
        assert BeatClassifier(weights).bundle == BeatClassifier.load(weights).bundle == bundle
    assert BeatClassifier().name == "default"
    with pytest.raises(ModelError, match="no weights 'nothing'"):
        BeatClassifier("nothing")


def test_an_unknown_setting_is_named(record):
    signal, peaks, _ = record
    for some in (peaks, peaks[:0]):
        with pytest.raises(ConfigError, match="setting is 'online', expected past or whole"):
            BeatClassifier("ds1").classify(signal, FS_HZ, some, setting="online")


def test_an_analysis_takes_a_bundle(record):
    signal, _, _ = record
    recording = ectopy.Recording.from_array(signal, FS_HZ, ("MLII", "V1"))
    by_name, by_bundle = (
        ectopy.analyze(recording, weights=weights) for weights in ("ds1", Bundle.load("ds1"))
    )
    assert by_bundle.summary.labelled_by == by_name.summary.labelled_by

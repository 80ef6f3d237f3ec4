import time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ectopy
from ectopy.errors import ConfigError, ModelError
from ectopy.runtime.rhythm import fibrillation
from ectopy.runtime.rhythm.episodes import AF, KINDS, NOT_DECIDED, OTHER, RhythmResult, rhythm_of
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.settings import RhythmSettings
from ectopy.runtime.rhythm.trees import PACKAGED

Float64 = npt.NDArray[np.float64]


def sinus(n: int, rng: np.random.Generator) -> Float64:
    breathing = 0.03 * np.sin(np.arange(n) / 4)
    return 0.85 + breathing + rng.normal(0, 0.01, n)


def irregular(n: int, rng: np.random.Generator) -> Float64:
    return np.clip(rng.gamma(12, 0.65 / 12, n), 0.3, 1.8)


def whole(result: RhythmResult) -> None:
    """Check that spans follow each other from the first beat to the last, each of another kind."""
    if not len(result.times_s):
        assert not len(result.onset_s)
        return
    assert result.onset_s[0] == result.times_s[0]
    assert result.end_s[-1] == result.times_s[-1]
    assert (result.onset_s[1:] == result.end_s[:-1]).all()
    assert (np.diff(result.kind) != 0).all()
    total = result.af_s + result.decided_s - result.af_s + result.not_decided_s
    assert total == pytest.approx(result.times_s[-1] - result.times_s[0], abs=1e-3)


def test_an_episode_is_found_where_it_is(rng: np.random.Generator) -> None:
    rr = np.concatenate([sinus(600, rng), irregular(400, rng), sinus(600, rng)])
    times = np.append(0.0, np.cumsum(rr))
    result = ectopy.rhythm(times)
    whole(result)
    assert len(result.episodes) == 1
    onset, end = result.episodes[0]
    assert abs(onset - times[600]) < 20
    assert abs(end - times[1000]) < 20
    assert result.burden == pytest.approx((end - onset) / times[-1])
    assert result.longest_s == pytest.approx(end - onset)
    inside = (times > onset + 20) & (times < end - 20)
    assert result.probability[inside].min() > 0.5
    assert result.probability[times < onset - 60].max() < 0.5


def test_frequent_early_beats_are_no_fibrillation(rng: np.random.Generator) -> None:
    rr = sinus(1500, rng)
    for every in (3, 5, 8):
        early = rr.copy()
        at = np.arange(10, len(rr) - 1, every)
        early[at] *= 0.6
        early[at + 1] *= 1.35
        assert rhythm_of(np.cumsum(early)).af_s == 0


def test_what_is_shorter_than_asked_is_no_episode(rng: np.random.Generator) -> None:
    rr = np.concatenate([sinus(600, rng), irregular(200, rng), sinus(600, rng)])
    times = np.cumsum(rr)
    assert len(rhythm_of(times, settings=RhythmSettings(af_shortest_s=10)).episodes) == 1
    assert not len(rhythm_of(times, settings=RhythmSettings(af_shortest_s=300)).episodes)


def test_gaps_and_few_beats_are_not_decided(rng: np.random.Generator) -> None:
    times = np.cumsum(irregular(400, rng))
    apart = np.concatenate([times, times[-1] + 100 + times, times[-1] * 2 + 300 + times[:10]])
    result = rhythm_of(apart)
    whole(result)
    assert [KINDS[kind] for kind in result.kind] == ["AF", "not decided", "AF", "not decided"]
    assert result.not_decided_s > 300
    assert np.isnan(result.probability[-10:]).all()
    few = rhythm_of(times[:20])
    whole(few)
    assert few.kind.tolist() == [NOT_DECIDED]
    assert few.burden is None


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_beats(n: int) -> None:
    result = rhythm_of(np.arange(n) * 0.8)
    assert result.decided_s == 0
    assert not len(result.episodes)


@given(
    st.lists(st.floats(0.01, 12, allow_nan=False), min_size=3, max_size=200),
    st.integers(3, 40),
)
def test_any_intervals_give_spans_without_holes(intervals: list[float], fewest: int) -> None:
    result = rhythm_of(np.cumsum(intervals), settings=RhythmSettings(af_fewest_beats=fewest))
    whole(result)
    assert set(result.kind.tolist()) <= {OTHER, AF, NOT_DECIDED}
    told = result.probability[~np.isnan(result.probability)]
    assert ((told >= 0) & (told <= 1)).all()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0.0, 2.0, 1.0], "beat 2 is at 1 s"),
        ([0.0, 1.0, 1.0], "beat 2 is at 1 s"),
        ([0.0, float("nan")], "beat time 1 is not a number"),
        ([[0.0, 1.0]], "shape"),
        ("night.csv", "beat times are .night.csv., expected a list of seconds"),
        ([object()], "expected a list of seconds"),
    ],
)
def test_what_are_no_beat_times_is_refused(times: list[float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rhythm_of(times)


def test_a_day_costs_little(rng: np.random.Generator) -> None:
    times = np.cumsum(irregular(100_000, rng))
    rhythm_of(times[:1000])
    begin = time.process_time()
    rhythm_of(times)
    assert time.process_time() - begin < 1.5  # 0.3 s on an idle core


@pytest.mark.parametrize("n", [2, 3, 899, 900, 901, 902, 903, 1503, 2000])
def test_blocks_give_what_the_whole_gives(
    n: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = np.cumsum(irregular(n, rng))
    model = FibrillationModel.load()
    whole_at, whole_logits = model.score(times)
    monkeypatch.setattr(fibrillation, "BLOCK", 300)
    at, logits = model.score(times)
    assert at.tolist() == whole_at.tolist()
    np.testing.assert_allclose(logits, whole_logits, atol=1e-5)


def test_weights_that_are_not_there_are_told(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    with pytest.raises(ModelError, match="missing"):
        FibrillationModel.load(folder)
    for path in PACKAGED.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert FibrillationModel.load(folder).checksum == FibrillationModel.load().checksum
    (folder / "bundle.json").write_text('{"name": "x"}')
    with pytest.raises(ModelError, match="no manifest"):
        FibrillationModel.load(folder)


def test_what_else_is_known_speaks_against_it(rng: np.random.Generator) -> None:
    times = np.cumsum(irregular(600, rng))
    against = np.zeros(600)
    against[300:] = 6.0
    whole(result := rhythm_of(times, against=against))
    assert len(result.episodes) == 1
    assert abs(result.episodes[0, 1] - times[300]) < 20
    assert result.probability[:250].min() > 0.9
    assert result.probability[300:].max() < 0.1
    assert rhythm_of(times).burden == 1


def test_what_fills_a_short_recording_is_an_episode(rng: np.random.Generator) -> None:
    times = np.cumsum(irregular(40, rng))
    assert times[-1] - times[0] < 30
    assert rhythm_of(times).burden == 1

"""What ``epicmp`` prints for 400 random pairs of rhythm marks.

The oracle is ``oracle/epicmp.npz``; ``oracle/README.md`` says how it was made.
"""

from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import ConfigError
from ectopy.evaluation.ec57.episodes import (
    FIGURES,
    compare_episodes,
    episode_statistics,
    episode_table,
)
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.rhythm_marks import (
    FIBRILLATION,
    FLUTTER,
    Spans,
    fibrillation_spans,
    rhythm_spans,
)

RHYTHMS = ("(AFIB", "(AFIB", "(AFL", "(N", "(N", "(SVTA", "(B", "(AFIB", "(VT")


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    with np.load(Path(__file__).parent / "oracle" / "epicmp.npz") as file:
        return dict(file)


def side(oracle: dict[str, Any], name: str, record: int) -> Spans:
    ends = np.cumsum(oracle[f"{name}_length"])
    own = slice(ends[record] - oracle[f"{name}_length"][record], ends[record])
    samples, kinds = oracle[f"{name}_samples"][own].astype(np.int64), oracle[f"{name}_kinds"][own]
    stop, fs_hz = int(oracle["n_samples"][record]), float(oracle["fs_hz"][record])
    if oracle["mode"][record] == "VF":
        symbols = np.where(np.isin(kinds, (0, 1, 7, 8)), "[", "]").astype(np.str_)
        marks = Annotations(samples, symbols, fs_hz, np.full(len(samples), "", np.str_))
        return fibrillation_spans(marks, stop=stop)
    aux = np.array([RHYTHMS[kind] for kind in kinds], dtype=np.str_)
    marks = Annotations(samples, np.full(len(samples), "+", np.str_), fs_hz, aux)
    return rhythm_spans(marks, stop=stop)


def test_every_number_is_what_epicmp_prints(oracle: dict[str, Any]) -> None:
    assert len(oracle["told"]) == 400
    for i, told in enumerate(oracle["told"]):
        fs_hz = int(oracle["fs_hz"][i])
        counts = compare_episodes(
            side(oracle, "ref", i),
            side(oracle, "tst", i),
            start=int(oracle["start_s"][i]) * fs_hz,
            stop=int(oracle["n_samples"][i]),
            shortest=int(oracle["shortest_s"][i]) * fs_hz,
            ignore_short=bool(oracle["ignore_short"][i]),
        )
        ours = astuple(counts)
        assert ours[:4] == tuple(told[:4]), i
        np.testing.assert_allclose(
            np.array(ours[4:]) * 1000 / fs_hz, told[4:], rtol=0, atol=1, err_msg=str(i)
        )


def spans(*edges: tuple[int, int]) -> Spans:
    array = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return Spans(array[:, 0], array[:, 1])


def test_flutter_counts_as_fibrillation_where_asked() -> None:
    marks = Annotations(
        np.array([0, 100, 200, 300]),
        np.full(4, "+"),
        100.0,
        np.array(["(N", "(AFIB", "(AFL", "(N"]),
    )
    alone = rhythm_spans(marks, stop=500)
    both = rhythm_spans(marks, (*FIBRILLATION, *FLUTTER), stop=500)
    assert (alone.first.tolist(), alone.last.tolist()) == ([100], [200])
    assert (both.first.tolist(), both.last.tolist()) == ([100], [300])
    assert both.hold([99, 100, 299, 300]).tolist() == [False, True, True, False]


def test_statistics_pool_records_and_average_them() -> None:
    counts = {
        "a": compare_episodes(spans((0, 100), (200, 300)), spans((50, 100)), stop=1000),
        "b": compare_episodes(spans((0, 500)), spans((0, 500), (600, 700)), stop=1000),
        "c": compare_episodes(spans(), spans(), stop=1000),
    }
    told = episode_statistics(counts, counts, dict.fromkeys(counts, 10.0), n_resamples=50)
    assert [told["gross"][name] for name in FIGURES] == [2 / 3, 2 / 3, 550 / 700, 550 / 650]
    assert told["average"]["episode_se"] == 0.75
    assert told["average"]["records"]["episode_se"] == 2
    assert told["records"]["c"]["episode_se"] is None
    assert told["records"]["a"]["reference_s"] == 20.0
    low, high = told["gross"]["intervals"]["duration_se"]
    assert low <= 550 / 700 <= high
    lines = episode_table(told).splitlines()
    assert lines[0].split()[:5] == ["Record", "TPs", "FN", "TPp", "FP"]
    assert len(lines) == 1 + 3 + 1 + 3 + 1


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one sample"):
        compare_episodes(spans(), spans(), start=10, stop=10)
    with pytest.raises(ConfigError, match="no record"):
        episode_statistics({}, {}, {})


edges = st.lists(st.integers(0, 400), min_size=0, max_size=16, unique=True).map(
    lambda found: spans(
        *zip(sorted(found)[::2], sorted(found)[1::2], strict=False)  # a last odd one is left over
    )
)


@given(edges, edges, st.integers(0, 100), st.integers(101, 500))
def test_overlap_is_that_of_single_samples(
    reference: Spans, test: Spans, start: int, stop: int
) -> None:
    counts = compare_episodes(reference, test, start=start, stop=stop)
    at = np.arange(start, stop)
    both = int((reference.hold(at) & test.hold(at)).sum())
    assert counts.reference == int(reference.hold(at).sum())
    assert counts.test == int(test.hold(at).sum())
    assert counts.reference_overlap == counts.test_overlap == both
    mirrored = compare_episodes(test, reference, start=start, stop=stop)
    assert (mirrored.found, mirrored.missed) == (counts.right, counts.wrong)

"""The 12-lead page: every lead in its place, to scale, with the median of alike beats."""

import re
from dataclasses import replace

import numpy as np
import pytest

import ectopy
from ectopy.analysis.report.page import page
from ectopy.analysis.report.twelve_leads import COLUMNS, standard_leads, twelve_leads
from ectopy.analysis.result import Result

FS = 500
NAMES = tuple(lead for column in COLUMNS for lead in column)


def strip(seconds: float = 10, names: tuple[str, ...] = NAMES) -> ectopy.Recording:
    recording, _ = ectopy.simulate(max(seconds, 10), rng=np.random.default_rng(3), fs_hz=FS)
    size = np.linspace(0.5, 1.5, len(names))[:, None]
    signal = size * recording.read(0, round(seconds * FS))[:1]
    return ectopy.Recording.from_array(signal, FS, names, name="strip")


@pytest.fixture(scope="module")
def result() -> Result:
    return ectopy.analyze(strip())


def test_page_of_ten_seconds(result: Result) -> None:
    drawn = twelve_leads(result)
    assert drawn is not None
    assert (drawn.start_s, drawn.seconds) == (0, 10)
    assert 'width="260mm"' in drawn.svg
    names = re.findall(r'font-weight="700">([^<]+)</text>', drawn.svg)
    in_rows = [column[row] for row in range(3) for column in COLUMNS]
    assert names[1:14] == [*in_rows, "II"]
    assert names[-12:] == list(NAMES)
    assert drawn.beats >= 8
    assert "12-lead ECG" in page(result)


def test_traces_are_to_scale(result: Result) -> None:
    """A ramp of 1 mV in one second goes 10 mm down and 25 mm along."""
    ramp = np.zeros((12, 10 * FS))
    ramp[1] = np.clip(np.arange(10 * FS) / FS - 4.0, 0, 1)
    changed = replace(result, recording=ectopy.Recording.from_array(ramp, FS, NAMES, name="strip"))
    drawn = twelve_leads(changed)
    assert drawn is not None
    paths = [path for path in re.findall(r'd="M([^"]+)"', drawn.svg) if "l" in path]
    intervals = max(paths, key=len)
    start, steps = intervals.split("l")
    x, y = (int(value) for value in start.split())
    moved = np.array(steps.split(), dtype=int).reshape(-1, 2).cumsum(axis=0)
    assert x == 10 * 100
    assert abs(moved[-1, 0] - 249.95 * 100) <= 5
    assert abs(moved[-1, 1] - -10 * 100) <= 1
    assert y > 0


def test_a_lead_that_is_missing(result: Result) -> None:
    lacking = ectopy.analyze(strip(names=("II", "V1", "V2")))
    assert twelve_leads(lacking) is None
    assert "12-lead ECG" not in page(lacking)


@pytest.mark.parametrize("seconds", [1.2, 5.0, 30.0])
def test_other_lengths(seconds: float) -> None:
    drawn = twelve_leads(ectopy.analyze(strip(seconds)))
    assert drawn is not None
    assert drawn.seconds == min(seconds, 10)
    if seconds < 2:
        assert drawn.beats < 3
        assert "median of" not in drawn.svg


def test_best_ten_seconds_are_shown(result: Result) -> None:
    signal = np.tile(strip().read(), 3)
    signal[:, : 12 * FS] = 0
    drawn = twelve_leads(ectopy.analyze(signal, fs_hz=FS, leads=NAMES))
    assert drawn is not None
    assert 12 <= drawn.start_s <= 16


def test_names_of_leads() -> None:
    found = standard_leads(["AVR", "lead ii", "ECG V1", "avf", "Resp", "V1", "V7"])
    assert found == {"aVR": 0, "II": 1, "V1": 2, "aVF": 3}


def test_eight_stored_leads_make_twelve(result: Result) -> None:
    stored = tuple(name for name in NAMES if name not in ("III", "aVR", "aVL", "aVF"))
    drawn = twelve_leads(ectopy.analyze(strip(names=stored)))
    assert drawn is not None
    assert drawn.derived == ("III", "aVR", "aVL", "aVF")


@pytest.mark.parametrize(
    "names",
    [
        ("DI", "DII", "DIII", "AVR", "AVL", "AVF", "C1", "C2", "C3", "C4", "C5", "C6"),
        tuple(f"Lead {name}" for name in NAMES),
    ],
)
def test_other_names_of_the_twelve_change_nothing_but_names(names: tuple[str, ...]) -> None:
    recording, other = strip(), strip(names=names)
    one, two = ectopy.analyze(recording), ectopy.analyze(other)
    assert [lead.used for lead in one.summary.leads] == [lead.used for lead in two.summary.leads]
    assert two.leading == one.leading
    assert two.beats.probabilities.tolist() == one.beats.probabilities.tolist()
    assert "12-lead ECG" in page(two)


@pytest.mark.parametrize("tallest_mv", [1.6, 2.4])
def test_no_trace_is_hidden_or_cut(result: Result, tallest_mv: float) -> None:
    """Names had white boxes over the traces, and tall ones were cut at the end of the page."""
    tall = strip().read().astype(float)
    for lead, sign in (("V3", -1), ("V4", 1)):
        tall[NAMES.index(lead)] *= sign * tallest_mv / tall[NAMES.index(lead)].max()
    changed = replace(result, recording=ectopy.Recording.from_array(tall, FS, NAMES, name="tall"))
    drawn = twelve_leads(changed)
    assert drawn is not None
    assert not re.search('<rect[^>]*fill="#fff" fill-opacity', drawn.svg)
    papers = [
        (int(y), int(y) + int(h))
        for y, h in re.findall(r'<svg x="0" y="(\d+)" width="\d+" height="(\d+)"', drawn.svg)
    ]
    height = int(re.search(r'height="(\d+)mm"', drawn.svg)[1])  # type: ignore[index]
    assert 100 * height > papers[-1][1]
    assert height <= 194 - 16  # Letter, lying, between its margins, with heading and note
    reached = []
    for path in re.findall(r'd="M(\d+ \d+l[^"]+)"', drawn.svg):
        start, steps = path.split("l", 1)
        level = int(start.split()[1])
        y = level + np.array(steps.split(), dtype=int)[1::2].cumsum()
        reached.append((y.min(), y.max()))
    assert len(reached) == 25
    for low, high in reached[-12:]:  # median beats
        assert papers[2][0] <= low
        assert high <= papers[2][1]
    if tallest_mv < 2:  # then there is room for all
        assert all(papers[0][0] <= low and high <= papers[0][1] for low, high in reached[:12])
        for upper, lower in zip(reached[:8], reached[4:12], strict=True):
            assert upper[1] < lower[0]

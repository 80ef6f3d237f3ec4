"""The page about one beat: why it has its label."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.explanation.model import BeatExplanation
from ectopy.analysis.explanation.text import usual as told_usual
from ectopy.analysis.report.beat_paper import FROM_S, TO_S, beat_paper, interval_row
from ectopy.analysis.report.ecg_paper import text_on
from ectopy.analysis.report.page import template
from ectopy.analysis.report.sections import MARGIN_MM
from ectopy.analysis.report.strips import strip
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS

Float64 = npt.NDArray[np.float64]

STRIP_S: Final = 7.0  # prints to scale on A4 and Letter
LEAD_IN_S: Final = 2.3  # before the beat, which a narrow screen then shows without scrolling
MOST_USUAL: Final = 100  # usual beats whose median is drawn, the nearest


def page(why: BeatExplanation) -> str:
    """Give the page as one HTML document."""
    return template("why.html.j2").render(_shown(why), margin_mm=MARGIN_MM)


def fragment(why: BeatExplanation) -> str:
    """Give what a notebook shows; without the recording no drawings."""
    at_hand = why.result.recording is not None
    shown = _shown(why) if at_hand else {"why": why, "strip": None, "intervals": None}
    return template("why_brief.html.j2").render(shown)


def _shown(why: BeatExplanation) -> dict[str, Any]:
    """Give what the templates are filled with."""
    result = why.result
    seconds = min(STRIP_S, result.duration_s)
    start_s = float(np.clip(why.time_s - LEAD_IN_S, 0, result.duration_s - seconds))
    names = [lead.lead for lead in why.leads] or [result.summary.leads[result.leading].name]
    drawn = strip(result, start_s, seconds, leads=names[:3], intervals=False)
    start_s = round(start_s * result.fs_hz) / result.fs_hz
    times = result.intervals.times_s
    inside = times[(times >= start_s) & (times < start_s + drawn.seconds)]
    intervals = interval_row(
        (inside - start_s).tolist(),
        drawn.seconds,
        beat_s=why.time_s - start_s,
        due_s=None if why.due_s is None else why.due_s - start_s,
    )
    longest = max((abs(reason.spoke) for reason in why.reasons), default=1.0) or 1.0
    return {
        "why": why,
        "names": AAMI_NAMES,
        "colours": dict(zip(AAMI, COLOURS, strict=True)),
        "ink": {name: text_on(colour) for name, colour in zip(AAMI, COLOURS, strict=True)},
        "strip": drawn.svg,
        "intervals": intervals,
        "beats": _beats(why, names),
        "usual": told_usual(why),
        "reasons": [
            {
                "of": reason,
                "odds": odds(reason.spoke),
                "second": None
                if reason.spoke_against_runner_up is None
                else odds(reason.spoke_against_runner_up),
                "width": 50 * abs(reason.spoke) / longest,
            }
            for reason in why.reasons
        ],
        "usual_odds": as_odds(why.usual_log_odds, why.label, why.against),
        "all_odds": as_odds(why.log_odds, why.label, why.against),
        "software": result.summary.software,
        "disclaimer": result.summary.not_a_medical_device,
    }


def odds(spoke: float) -> str:
    """Write what log odds do to odds: ``× 130``, ``÷ 3.4``."""
    shown = _times(spoke)
    return "no change" if shown == "1.0" else f"{'×' if spoke > 0 else '÷'} {shown}"


def as_odds(log_odds: float, label: str, other: str) -> str:
    """Write log odds as odds: ``95 to 1 for V``."""
    return f"{_times(log_odds)} to 1 for {label if log_odds > 0 else other}"


def _times(log_odds: float) -> str:
    """Write a factor with two digits that count."""
    factor = float(np.exp(abs(log_odds)))
    return f"{factor:.1f}" if factor < 9.95 else f"{float(f'{factor:.1e}'):,.0f}"


def _beats(why: BeatExplanation, names: list[str]) -> list[str]:
    """Draw the beat over the usual one in each lead."""
    recording = why.result.signal()
    fs_hz = recording.fs_hz
    away = np.abs(why.usual_centres_s - why.centre_s)
    nearest = why.usual_centres_s[np.argsort(away, kind="stable")[:MOST_USUAL]]
    centres = np.r_[why.centre_s, nearest]
    begin = max(int((centres.min() + FROM_S) * fs_hz) - 1, 0)
    end = min(int((centres.max() + TO_S) * fs_hz) + 2, recording.n_samples)
    leads = [recording.lead_index(name) for name in names]
    signal = recording.read(begin, end)[leads].astype(np.float64)
    steps = np.arange(round(FROM_S * fs_hz), round(TO_S * fs_hz) + 1)
    at = np.rint(centres * fs_hz).astype(np.int64)[:, None] - begin + steps
    outside = (at < 0) | (at >= signal.shape[1])
    drawn = []
    for name, lead in zip(names, signal, strict=True):
        cut = np.where(outside, np.nan, lead[np.clip(at, 0, len(lead) - 1)])
        own, others = _level(cut[:1])[0], _level(cut[1:])
        low, middle, high = _quantiles(others)
        drawn.append(beat_paper(own, middle, low, high, lead=name, simulated=recording.simulated))
    return drawn


def _level(beats: Float64) -> Float64:
    """Take from each beat its median, as the model does; a beat that is missing stays so."""
    known = np.isfinite(beats).any(axis=1)
    middle = np.zeros(len(beats))
    middle[known] = np.nanmedian(beats[known], axis=1)
    return np.asarray(beats - middle[:, None])


def _quantiles(beats: Float64) -> Float64:
    """Give the 10, 50 and 90 % of each sample, NaN where no beat has it: shape (3, n)."""
    found = np.full((3, beats.shape[1]), np.nan)
    known = np.isfinite(beats).any(axis=0)
    found[:, known] = np.nanquantile(beats[:, known], (0.1, 0.5, 0.9), axis=0)
    return found

"""Put the summary of one recording together."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy import __version__
from ectopy.analysis.events import Event, Intervals
from ectopy.analysis.labeller import Labeller
from ectopy.analysis.rhythm.within import fibrillation_percent
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.calibration import calibration, told
from ectopy.analysis.summary.model import (
    Hour,
    LabelledBy,
    LeadSummary,
    Pacing,
    SubjectSummary,
    Summary,
)
from ectopy.analysis.summary.pacing import Withheld, pacing, warning, withhold
from ectopy.analysis.summary.rhythm import rhythm
from ectopy.analysis.summary.statistics import (
    count_classes,
    ectopy,
    heart_rate,
    pauses,
    percent,
    rolling_rate,
)
from ectopy.analysis.summary.variability import variability
from ectopy.analysis.unmarked import not_marked
from ectopy.beats.conditioning.calibration import Pulse
from ectopy.beats.conditioning.quality import FLAT, GOOD, STATES, LeadQuality, Quality, is_lead_ii
from ectopy.beats.detection.pacing import SLOWEST_HZ
from ectopy.classes import AAMI
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording, lead_called
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.rhythm.course import RhythmCourse

UPSIDE_DOWN = -0.25
"""Uprightness of a lead II below which its electrodes may be swapped; normal beats reach 0.5."""

DISCLAIMER = "Not a medical device: for research, not for diagnosis or treatment."


def summarise(
    recording: Recording,
    intervals: Intervals,
    events: list[Event],
    quality: Quality,
    labeller: Labeller,
    leads: list[LeadQuality],
    labelled_by: LabelledBy,
    pulses: list[Pulse],
    unmarked: npt.NDArray[np.int64],
    course: RhythmCourse,
) -> Summary:
    """Sum up a labelled recording."""
    measured = calibration(pulses, recording)
    noted, doubted = told(measured, recording)
    settings, beats = labeller.settings, intervals.beats
    clock = Clock(recording.start, recording.duration_s)
    best = quality.states[labeller.found_on].min(axis=0, initial=len(STATES) - 1)
    looked = recording.fs_hz >= SLOWEST_HZ and isinstance(labeller.classifier, BeatClassifier)
    paced = pacing(intervals, recording.duration_s, looked=looked)
    second_s = labeller.second / recording.fs_hz
    usable_s, withheld = withhold(
        intervals, recording.duration_s, labeller.usable(quality), second_s, paced
    )
    if not len(beats):
        withheld = Withheld("not told: no beat was found", all=True)
    return Summary(
        software=f"ectopy {__version__}",
        labelled_by=labelled_by,
        not_a_medical_device=DISCLAIMER,
        record=_written(recording.name),
        subject=_subject(recording, settings),
        source=_written(recording.source),
        simulated=recording.simulated,
        notes=[_written(note) for note in (*recording.all_notes, *noted)],
        warnings=[
            *_given(recording, labelled_by),
            *_warnings(intervals, quality, labeller, leads, recording, paced, unmarked),
            *(_written(warning) for warning in doubted),
        ],
        fs_hz=recording.fs_hz,
        duration_s=round(recording.duration_s, 3),
        start=recording.start.isoformat() if recording.start else None,
        signal_seconds=_by_state(best),
        leads=_leads(quality, labeller, leads),
        calibration=measured,
        beats=len(beats),
        uncertain=int(beats.uncertain.sum()),
        uncertain_percent=percent(int(beats.uncertain.sum()), len(beats)),
        uncertain_by_signal=int((beats.uncertain & (beats.quality != GOOD)).sum()),
        classes=count_classes(intervals, withheld),
        rhythm=rhythm(course, intervals, settings),
        pacing=paced,
        heart_rate=heart_rate(intervals, settings, clock),
        veb=ectopy(intervals, events, "V", usable_s, settings, withheld),
        sveb=ectopy(intervals, events, "S", usable_s, settings, withheld),
        pauses=pauses(events),
        variability=variability(intervals, clock, settings),
        hours=_hours(recording, intervals, events, quality, labeller, course),
        settings=settings,
    )


def _subject(recording: Recording, settings: Settings) -> SubjectSummary | None:
    """Tell who the recording is of, where that is known and may be told."""
    if settings.anonymous or not recording.subject:
        return None
    said = asdict(recording.subject)
    return SubjectSummary(**{k: _written(v) if isinstance(v, str) else v for k, v in said.items()})


def _by_state(states: npt.NDArray[np.uint8]) -> dict[str, int]:
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return dict(zip(STATES, counts, strict=True))


def _leads(quality: Quality, labeller: Labeller, leads: list[LeadQuality]) -> list[LeadSummary]:
    out = []
    for i, lead in enumerate(leads):
        out.append(
            LeadSummary(
                name=_written(lead.name),
                used=i in {*labeller.leads, *labeller.found_on},
                leading=i == labeller.leads[0],
                seconds=_by_state(quality.states[i]),
                amplitude_mv=round(lead.amplitude_mv, 3) if lead.amplitude_mv else None,
            )
        )
    return out


def _written(text: str) -> str:
    """Give a name of a file in characters that every output can hold and show."""
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)


def _hours(
    recording: Recording,
    intervals: Intervals,
    events: list[Event],
    quality: Quality,
    labeller: Labeller,
    course: RhythmCourse,
) -> list[Hour]:
    """Tell each hour; intervals, rates and events belong to the hour they start in."""
    hours = int(np.ceil(recording.duration_s / 3600))
    of_beat = np.minimum((intervals.times_s // 3600).astype(np.int64), max(hours - 1, 0))
    table = np.zeros((hours, len(AAMI)), dtype=np.int64)
    sure = ~intervals.beats.uncertain
    np.add.at(table, (of_beat[sure], intervals.beats.classes[sure]), 1)
    doubt = np.bincount(of_beat[~sure], minlength=hours)
    usable = labeller.usable(quality)
    second_hour = (np.arange(len(usable)) * labeller.second / recording.fs_hz // 3600).astype(int)
    n_seconds = np.bincount(second_hour, minlength=hours)
    n_usable = np.bincount(second_hour[usable], minlength=hours)
    known = intervals.clear & ~np.isnan(intervals.rr_s)
    rates, at = rolling_rate(intervals, labeller.settings)
    rate_hour = at // 3600
    edges = np.minimum(3600.0 * np.arange(hours + 1), recording.duration_s)
    fibrillation = fibrillation_percent(course, edges)
    clock = Clock(recording.start, recording.duration_s)
    begun = Counter(
        (event.of, event.kind, min(int(event.start_s // 3600), hours - 1))
        for event in events
        if event.certain
    )
    out = []
    for hour in range(hours):
        rr = intervals.rr_s[known & (of_beat == hour)]
        here = rates[rate_hour == hour]
        out.append(
            Hour(
                hour=hour,
                clock=clock.text(3600 * hour, seconds=False) if clock.start else None,
                certain={letter: int(table[hour, i]) for i, letter in enumerate(AAMI)},
                uncertain=int(doubt[hour]),
                hr_mean=round(60 / float(rr.mean()), 1) if len(rr) else None,
                hr_min=round(float(here.min()), 1) if len(here) else None,
                hr_max=round(float(here.max()), 1) if len(here) else None,
                usable_percent=round(100 * float(n_usable[hour] / n_seconds[hour]), 1)
                if n_seconds[hour]
                else None,
                af_percent=None
                if np.isnan(fibrillation[hour])
                else round(float(fibrillation[hour]), 1),
                veb_couplets=begun["VEB", "couplet", hour],
                veb_runs=begun["VEB", "run", hour],
                sveb_couplets=begun["SVEB", "couplet", hour],
                sveb_runs=begun["SVEB", "run", hour],
                pauses=begun["RR", "pause", hour],
            )
        )
    return out


def _given(recording: Recording, labelled_by: LabelledBy) -> list[str]:
    """Say where labels were given under another name than the recording's."""
    if labelled_by.setting is not None or Path(labelled_by.name).stem == recording.name:
        return []
    return [f"the labels are those of {_written(labelled_by.name)}: are they of this recording?"]


def _warnings(
    intervals: Intervals,
    quality: Quality,
    labeller: Labeller,
    leads: list[LeadQuality],
    recording: Recording,
    paced: Pacing,
    unmarked: npt.NDArray[np.int64],
) -> list[str]:
    """Say what a reader of the numbers has to know first."""
    clock = Clock(recording.start, recording.duration_s)
    first = warning(paced, len(intervals.beats), clock)
    said = [*([first] if first else []), *not_marked(intervals, unmarked, clock)]
    leading = labeller.leads[0]
    lead = leads[leading]
    name = lead_called(lead.name)
    asked = sorted({*labeller.leads, *labeller.found_on})
    best = quality.states[asked].min(axis=0)
    total = max(1, len(best))
    lost = int((best >= FLAT).sum())
    if lost:
        whose = name if len(asked) == 1 else "all leads used"
        said.append(
            f"{lost} s of {total} s ({100 * lost / total:.1f} %) of {whose} are missing or flat; "
            "nothing is labelled there"
        )
    for i in asked if len(asked) > 1 else ():
        off = int(((quality.states[i] >= FLAT) & (best < FLAT)).sum())
        if off:
            said.append(
                f"{lead_called(leads[i].name)} is missing or flat in {off} s more of {total} s "
                f"({100 * off / total:.1f} %); there the other leads decide"
            )
    poor = int(((best > GOOD) & (best < FLAT)).sum())
    if poor > 0.01 * total:
        said.append(
            f"in {100 * poor / total:.1f} % of the time {name if len(asked) == 1 else 'every lead'}"
            " is noisy or saturated; labels there are marked uncertain"
        )
    size = lead.amplitude_mv
    # QRS complexes between 0.2 and 5 mV are what adult surface leads show.
    if size and not 0.1 <= size <= 8:
        said.append(
            f"beats of {name} measure {size:.3g} mV, expected 0.2 to 5 mV: check gain and unit"
        )
    if lead.upright < UPSIDE_DOWN and is_lead_ii(lead.name):
        said.append(f"beats of {name} point down: it may be upside down (labels should bear it)")
    beats = intervals.beats
    if not len(beats):
        said.append("no beat was found")
    elif beats.uncertain.all():
        said.append("every label is uncertain, so no burden is given")
    elif beats.uncertain.mean() > 0.1:
        said.append(f"{100 * beats.uncertain.mean():.0f} % of the labels are uncertain")
    return said

"""`Background`: what is known of a recording, whatever its beats are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy import __version__
from ectopy.analysis.labeller import Labeller
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.calibration import calibration, told
from ectopy.analysis.summary.model import LabelledBy, LeadSummary, SubjectSummary, Summary
from ectopy.beats.conditioning.calibration import Pulse, of_all_leads
from ectopy.beats.conditioning.quality import FLAT, GOOD, STATES, LeadQuality, Quality, is_lead_ii
from ectopy.beats.detection.pacing import SLOWEST_HZ
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording, lead_called
from ectopy.runtime.classifier import BeatClassifier

UPSIDE_DOWN = -0.25
"""Uprightness of a lead II below which its electrodes may be swapped; normal beats reach 0.5."""

DISCLAIMER = "Not a medical device: for research, not for diagnosis or treatment."


@dataclass(frozen=True, eq=False)
class Background:
    """What is known of a recording, whatever its beats are called.

    With it, labels that were changed become a result as those of the model did, without signal.

    Attributes
    ----------
    fs_hz : float
        Sampling rate in Hz.
    n_samples : int
        Samples in each lead.
    start : datetime, optional
        When the first sample was taken.
    settings : Settings
        Limits of what is counted.
    about : dict
        Those fields of the summary that no label changes.
    warnings : tuple of str
        What a reader has to know of file and signal.
    found_on : tuple of int
        Leads that beats are found on.
    second : int
        Samples in a grid second.
    pulses : tuple of int
        Samples where the recorder wrote calibration pulses instead of the heart, ascending.
    vf_spans_s : tuple of (float, float)
        Onset and end of ventricular fibrillation or flutter, seconds.
    spikes : bool
        Whether pacing spikes could be seen, and were looked for.
    uncertain_below : float or None
        Probability of its class below which a beat is uncertain, where the weights say so.
    """

    fs_hz: float
    n_samples: int
    start: datetime | None
    settings: Settings
    about: dict[str, Any]
    warnings: tuple[str, ...]
    found_on: tuple[int, ...]
    second: int
    pulses: tuple[int, ...]
    vf_spans_s: tuple[tuple[float, float], ...]
    spikes: bool
    uncertain_below: float | None

    @classmethod
    def of(
        cls,
        recording: Recording,
        quality: Quality,
        labeller: Labeller,
        leads: Sequence[LeadQuality],
        labelled_by: LabelledBy,
        pulses: Sequence[Pulse],
        fibrillation: npt.NDArray[np.float32],
    ) -> Background:
        """Put together what is known of a recording once it was read."""
        pulses = sorted(pulses, key=lambda pulse: (pulse.lead, pulse.start))
        measured = calibration(pulses, recording)
        noted, doubted = told(measured, recording)
        settings, classifier = labeller.settings, labeller.classifier
        ours = isinstance(classifier, BeatClassifier)
        best = quality.states[labeller.found_on].min(axis=0, initial=len(STATES) - 1)
        return cls(
            fs_hz=recording.fs_hz,
            n_samples=recording.n_samples,
            start=recording.start,
            settings=settings,
            about={
                "software": f"ectopy {__version__}",
                "labelled_by": labelled_by,
                "not_a_medical_device": DISCLAIMER,
                "record": _written(recording.name),
                "subject": _subject(recording, settings),
                "source": _written(recording.source),
                "simulated": recording.simulated,
                "notes": [_written(note) for note in (*recording.all_notes, *noted)],
                "fs_hz": recording.fs_hz,
                "duration_s": round(recording.duration_s, 3),
                "start": recording.start.isoformat() if recording.start else None,
                "signal_seconds": _by_state(best),
                "leads": _leads(quality, labeller, leads),
                "calibration": measured,
                "settings": settings,
            },
            warnings=(
                *_given(recording, labelled_by),
                *_warnings(quality, labeller, leads),
                *(_written(warning) for warning in doubted),
            ),
            found_on=tuple(labeller.found_on),
            second=labeller.second,
            pulses=tuple(of_all_leads(pulses, labeller.found_on).tolist()),
            vf_spans_s=tuple(
                (float(onset), min(float(end), recording.duration_s))
                for onset, end in settings.spans_s(fibrillation, labeller.second / recording.fs_hz)
            ),
            spikes=recording.fs_hz >= SLOWEST_HZ and ours,
            uncertain_below=classifier.bundle.manifest[labeller.setting]["uncertain_below"]
            if isinstance(classifier, BeatClassifier)
            else None,
        )

    @classmethod
    def saved(cls, summary: Summary, found: dict[str, Any]) -> Background:
        """Put it together again from a summary and what `kept` gave."""
        about = {name: getattr(summary, name) for name in ABOUT}
        return cls(
            settings=summary.settings,
            about=about,
            **found
            | {name: tuple(found[name]) for name in ("warnings", "found_on", "pulses")}
            | {"vf_spans_s": tuple((onset, end) for onset, end in found["vf_spans_s"])},
        )

    def kept(self) -> dict[str, Any]:
        """Give what a file has to hold of it beside the summary, and rate, length and start."""
        return {name: getattr(self, name) for name in KEPT}

    @property
    def duration_s(self) -> float:
        """Length of the recording in seconds."""
        return self.n_samples / self.fs_hz

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return Clock(self.start, self.duration_s)

    def best(self, quality: Quality) -> npt.NDArray[np.uint8]:
        """Give the state of each second of the best lead that beats are found on."""
        return np.asarray(quality.states[list(self.found_on)].min(axis=0))

    def usable(self, quality: Quality) -> npt.NDArray[np.bool_]:
        """Tell the seconds in which beats could be found."""
        return np.asarray(self.best(quality) < FLAT)


KEPT = ("warnings", "found_on", "second", "pulses", "vf_spans_s", "spikes", "uncertain_below")
"""Attributes that a file holds beside the summary."""

ABOUT = (
    "software",
    "labelled_by",
    "not_a_medical_device",
    "record",
    "subject",
    "source",
    "simulated",
    "notes",
    "fs_hz",
    "duration_s",
    "start",
    "signal_seconds",
    "leads",
    "calibration",
    "settings",
)
"""Fields of the summary that no label changes."""


def _subject(recording: Recording, settings: Settings) -> SubjectSummary | None:
    """Tell who the recording is of, where that is known and may be told."""
    if settings.anonymous or not recording.subject:
        return None
    said = asdict(recording.subject)
    return SubjectSummary(**{k: _written(v) if isinstance(v, str) else v for k, v in said.items()})


def _by_state(states: npt.NDArray[np.uint8]) -> dict[str, int]:
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return dict(zip(STATES, counts, strict=True))


def _leads(quality: Quality, labeller: Labeller, leads: Sequence[LeadQuality]) -> list[LeadSummary]:
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


def _given(recording: Recording, labelled_by: LabelledBy) -> list[str]:
    """Say where labels were given under another name than the recording's."""
    if labelled_by.setting is not None or Path(labelled_by.name).stem == recording.name:
        return []
    return [f"the labels are those of {_written(labelled_by.name)}: are they of this recording?"]


def _warnings(quality: Quality, labeller: Labeller, leads: Sequence[LeadQuality]) -> list[str]:
    """Say what is to be known of the signal."""
    said: list[str] = []
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
    return said

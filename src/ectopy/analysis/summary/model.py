"""The summary of a recording: what a Holter report says, as one JSON document with a schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.part import Part
from ectopy.analysis.summary.rhythm_model import Rhythm
from ectopy.runtime.bundle import Setting

SCHEMA_VERSION = "4.1"


class ClassCount(Part):
    """Beats of one class."""

    certain: int = Field(description="beats of this class that can be relied on")
    uncertain: int = Field(description="further beats called so, whose class is uncertain")
    percent: float | None = Field(
        description="share of all certain beats; for V and S the burden, of those outside a paced "
        "rhythm; null without any"
    )


class Hour(Part):
    """One hour of the recording."""

    hour: int = Field(description="from 0, counted from the start of the recording")
    clock: str | None = Field(
        description="time of day at its start, with the day where the recording runs over "
        "midnight; null where the file does not say when it began"
    )
    certain: dict[str, int] = Field(description="certain beats by class")
    uncertain: int = Field(description="further beats, whose class is uncertain")
    hr_mean: float | None = Field(description="beats per minute, in good signal")
    hr_min: float | None
    hr_max: float | None
    usable_percent: float | None = Field(description="seconds with usable signal")
    af_percent: float | None = Field(
        description="atrial fibrillation, of the time in which the rhythm is decided; null where "
        "nobody can tell, as `fibrillation.percent` is"
    )
    veb_couplets: int = Field(description="certain ones that begin in this hour, as those below")
    veb_runs: int
    sveb_couplets: int
    sveb_runs: int
    pauses: int


class Moment(Part):
    """A heart rate and when it was."""

    bpm: float
    time_s: float


class HeartRate(Part):
    """Heart rate from RR intervals in good signal."""

    mean: float | None
    lowest: Moment | None = Field(description="over the set number of intervals")
    highest: Moment | None
    slowest_minute: Moment | None = Field(
        description="mean of a minute of the recording with good signal for most of it"
    )
    fastest_minute: Moment | None
    day: float | None = Field(description="mean by day; null where the file has no clock time")
    night: float | None = Field(description="mean at night, by the settings' hours")


class Run(Part):
    """One couplet, run, pattern or pause."""

    time_s: float
    beats: int
    uncertain: int = Field(description="of these, beats whose class is uncertain")
    duration_s: float
    rate_bpm: float | None


class Ectopy(Part):
    """Ectopic beats of one origin; counts are of certain beats and events."""

    withheld: str | None = Field(
        description="in a paced rhythm, or where no beat was found: what is not told, and why; "
        "where nothing is, every figure is null"
    )
    certain: int | None
    uncertain: int | None = Field(description="further beats called so, whose class is uncertain")
    per_hour: float | None = Field(
        description="certain beats, by the hours of usable signal; null under a minute of it"
    )
    singles: int | None
    couplets: int | None
    runs: int | None
    tachycardias: int | None = Field(description="runs at least as fast as the tachycardia setting")
    beats_in_runs: int | None = Field(description="certain beats within the runs")
    longest_run: Run | None
    fastest_run: Run | None
    bigeminy: int | None = Field(description="episodes")
    trigeminy: int | None
    bigeminy_beats: int | None = Field(description="certain beats within the episodes")
    trigeminy_beats: int | None
    uncertain_events: dict[str, int] | None = Field(
        description="further events of each kind, which rest on uncertain beats"
    )


class Pacing(Part):
    """Whether a pacemaker drives the rhythm, by the spikes that are seen."""

    verdict: Literal["paced", "suspected", "none", "not looked for"] = Field(
        description="not looked for: the sampling rate is too low to hold a spike, or the "
        "classifier does not look"
    )
    beats: int = Field(
        description="beats of the paced rhythm, with or without a spike of their own"
    )
    percent: float | None = Field(description="their share of all beats")
    suspected_beats: int = Field(description="further beats, whose rhythm may be paced")
    seconds: float = Field(description="length of all paced and suspected stretches")
    since_s: float | None = Field(description="where the first stretch begins")
    until_s: float | None = Field(description="where the last one ends")


class Calibration(Part):
    """Calibration pulses that were found, and left out as no beats."""

    pulses: int = Field(description="in the lead with most of them")
    leads: list[str]
    height_mv: float = Field(description="median")
    first_s: float
    expected: bool = Field(description="of 0.5, 1 or 2 mV; if not, gain or unit is suspect")


class Pauses(Part):
    """Long RR intervals in good signal: none where no signal is good."""

    count: int
    longest: Run | None


class Spectrum(Part):
    """Power of NN intervals by frequency: the mean of five-minute parts, in ms²."""

    parts: int = Field(description="five-minute parts that NN intervals fill to 90 % or more")
    vlf_ms2: float = Field(description="up to 0.04 Hz")
    lf_ms2: float = Field(description="0.04 to 0.15 Hz")
    hf_ms2: float = Field(description="0.15 to 0.4 Hz")
    lf_hf: float | None


class VariabilityOf(Part):
    """Variability of the intervals between normal beats (Task Force 1996), in ms."""

    nn_intervals: int
    nn_hours: float = Field(description="what they add up to")
    mean_nn_ms: float | None
    sdnn_ms: float | None = Field(description="null under 30 intervals")
    sdann_ms: float | None = Field(description="SD of the means of whole five-minute parts")
    sdnn_index_ms: float | None = Field(description="mean of the SDs of whole five-minute parts")
    rmssd_ms: float | None = Field(description="null under 30 changes between neighbours")
    nn50: int | None = Field(description="changes of more than 50 ms; null as rmssd_ms is")
    pnn50_percent: float | None = Field(description="null under 30 changes between neighbours")
    triangular_index: float | None = Field(
        description="intervals by the height of their histogram in bins of 1/128 s; null under 20 "
        "minutes of them"
    )
    spectrum: Spectrum | None = Field(description="null without a five-minute part to tell it of")


class Variability(VariabilityOf):
    """The same of the whole recording, by day and at night."""

    ulf_ms2: float | None = Field(
        description="power up to 0.003 Hz; null under 18 hours of NN intervals in a day"
    )
    day: VariabilityOf | None = Field(description="null where the file has no clock time")
    night: VariabilityOf | None
    hints: list[str] = Field(description="why these may not be figures of a sinus rhythm")


class LeadSummary(Part):
    """Signal quality of one lead."""

    name: str
    used: bool = Field(description="whether beats are found on it, or classified by it")
    leading: bool = Field(description="the lead R peaks are marked on, wherever it is good")
    seconds: dict[str, int] = Field(description="seconds in each state")
    amplitude_mv: float | None = Field(description="median size of the beats, 1 to 40 Hz")


class LabelledBy(Part):
    """What labelled the beats."""

    name: str = Field(
        description="of the weights, of the classifier of one's own, or of the annotation file"
    )
    sha256: str | None = Field(
        description="over the files of the weights, or of the annotation file; null for a "
        "classifier of one's own"
    )
    setting: Setting | None = Field(
        description="what a label may depend on: a bounded past, or the whole recording; null "
        "where the labels were given"
    )
    r_peaks: str = Field(description="network that found the beats; given, where they were known")
    stated: int = Field(
        default=0,
        description="beats whose class a reader stated; all other labels were adapted to them",
    )
    reviewed: str | None = Field(
        default=None,
        description="what readers corrected since, and who signed it when; null where nobody did",
    )


class SubjectSummary(Part):
    """Who the recording is of, by its file."""

    id: str
    name: str
    sex: str = Field(description="F, M, or empty")
    age_years: float | None
    birth_year: int | None


class Written(Part):
    """What tells the results of one run from edited ones, and from another recording's."""

    annotations_sha256: str | None = Field(
        default=None, description="of the .ect file as it was written; one that differs was edited"
    )
    recording_sha256: str | None = Field(
        default=None, description="of the sizes and first MiB of the recording's files"
    )
    signal_sha256: str | None = Field(
        default=None, description="of the recording's rate, length, leads and first minute"
    )


class Summary(Part):
    """Everything that was found in one recording.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> summary = ectopy.analyze(recording).summary
    >>> summary.beats == sum(n.certain + n.uncertain for n in summary.classes.values())
    True
    >>> summary.veb.runs, summary.heart_rate.mean > 40
    (1, True)
    """

    schema_version: str = SCHEMA_VERSION
    software: str
    labelled_by: LabelledBy
    not_a_medical_device: str
    record: str
    subject: SubjectSummary | None = Field(
        description="null where the file does not say, or is not to be told"
    )
    source: str
    simulated: bool
    notes: list[str]
    warnings: list[str]
    fs_hz: float
    duration_s: float
    start: str | None
    signal_seconds: dict[str, int] = Field(
        description="seconds in each state, of the best lead that beats are found on"
    )
    leads: list[LeadSummary]
    calibration: list[Calibration] = Field(description="empty where no pulse was found")
    beats: int = Field(description="all beats, whatever their class")
    uncertain: int = Field(description="of these, beats whose class should not be relied on")
    uncertain_percent: float | None
    uncertain_by_signal: int = Field(
        description="of the uncertain ones, beats in poor signal; of the others the model is unsure"
    )
    classes: dict[str, ClassCount]
    rhythm: Rhythm
    pacing: Pacing
    heart_rate: HeartRate
    veb: Ectopy
    sveb: Ectopy
    pauses: Pauses
    variability: Variability
    hours: list[Hour]
    settings: Settings
    written: Written = Written()

"""A recording in one line: the row of a table over many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ectopy.analysis.summary.model import Summary
from ectopy.beats.conditioning.quality import GOOD, STATES


@dataclass(frozen=True)
class Row:
    """A recording in one line; a rate or share that is not known is None.

    Examples
    --------
    >>> from ectopy.analysis.summary.line import Row
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> row = Row.of(ectopy.analyze(recording).summary)
    >>> row.record, row.veb_runs
    ('simulated', 1)
    """

    record: str
    start: str | None
    duration_s: float
    leads: str
    beats: int
    uncertain_percent: float | None
    hr_mean: float | None
    hr_lowest: float | None
    hr_highest: float | None
    pacing: str
    af_percent: float | None
    af_episodes: int
    af_longest_s: float | None
    vf_s: float
    rhythm_not_decided_s: float
    rhythms: str
    veb: int | None
    veb_percent: float | None
    veb_per_hour: float | None
    veb_couplets: int | None
    veb_runs: int | None
    veb_longest_run_beats: int | None
    veb_fastest_run_bpm: float | None
    sveb: int | None
    sveb_percent: float | None
    sveb_per_hour: float | None
    sveb_couplets: int | None
    sveb_runs: int | None
    sveb_longest_run_beats: int | None
    sveb_fastest_run_bpm: float | None
    pauses: int | None
    longest_pause_s: float | None
    simulated: bool
    weights: str
    setting: str | None
    stated: int
    warnings: str

    @classmethod
    def of(cls, summary: Summary) -> Row:
        """Take the line out of a summary."""
        rate, pauses, by = summary.heart_rate, summary.pauses, summary.labelled_by
        fibrillation = summary.rhythm.fibrillation
        ectopic: dict[str, Any] = {}
        for name, letter, part in (("veb", "V", summary.veb), ("sveb", "S", summary.sveb)):
            ectopic |= {
                name: part.certain,
                f"{name}_percent": summary.classes[letter].percent,
                f"{name}_per_hour": part.per_hour,
                f"{name}_couplets": part.couplets,
                f"{name}_runs": part.runs,
                f"{name}_longest_run_beats": part.longest_run and part.longest_run.beats,
                f"{name}_fastest_run_bpm": part.fastest_run and part.fastest_run.rate_bpm,
            }
        return cls(
            record=summary.record,
            start=summary.start,
            duration_s=summary.duration_s,
            leads=" ".join(lead.name for lead in summary.leads),
            beats=summary.beats,
            uncertain_percent=summary.uncertain_percent,
            hr_mean=rate.mean,
            hr_lowest=rate.lowest.bpm if rate.lowest else None,
            hr_highest=rate.highest.bpm if rate.highest else None,
            pacing=summary.pacing.verdict,
            af_percent=fibrillation.percent,
            af_episodes=fibrillation.episodes,
            af_longest_s=fibrillation.longest.duration_s if fibrillation.longest else None,
            vf_s=sum(kind.seconds for kind in summary.rhythm.kinds if kind.key == "vf"),
            rhythm_not_decided_s=summary.rhythm.not_decided_s,
            rhythms=" ".join(kind.key for kind in summary.rhythm.kinds if kind.key != "none"),
            **ectopic,
            pauses=pauses.count if summary.signal_seconds[STATES[GOOD]] else None,
            longest_pause_s=pauses.longest.duration_s if pauses.longest else None,
            simulated=summary.simulated,
            weights=by.name,
            setting=by.setting,
            stated=by.stated,
            warnings="; ".join(summary.warnings),
        )

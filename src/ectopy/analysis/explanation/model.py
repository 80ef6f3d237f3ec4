"""`BeatExplanation`: why a beat has its label, typed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.files import atomic_write

if TYPE_CHECKING:
    from ectopy.analysis.result import Result


@dataclass(frozen=True)
class Reason:
    """One of the things that can decide a label.

    Attributes
    ----------
    group : str
        One of `ectopy.explain.contributions.PLAYERS`.
    name : str
        What a reader calls it.
    said : str
        What was found.
    spoke : float
        What it did to the log odds of the label against N, or of N against the runner-up: positive
        where it spoke for the label.
    spoke_against_runner_up : float or None
        The same against the runner-up, where that is not N and neither is the label.
    decided : bool
        Whether it is one of the few that make up most of what spoke for the label.
    """

    group: str
    name: str
    said: str
    spoke: float
    spoke_against_runner_up: float | None
    decided: bool


@dataclass(frozen=True)
class LeadAlone:
    """What the label would be from one lead.

    Attributes
    ----------
    lead : str
        Its name.
    label : str
        Likeliest class.
    probabilities : dict of str to float
        Of all classes.
    """

    lead: str
    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class BeatExplanation:
    """Why a beat has its label.

    Attributes
    ----------
    record : str
        Name of the recording.
    sample : int
        R peak of the beat.
    time_s : float
        The same in seconds from the start.
    time : str
        The same as reports write it.
    label, runner_up, against : str
        The class, the next likeliest, and which one the reasons set it against: N, or the runner-up
        where it is called N.
    probabilities : dict of str to float
        Calibrated, as in the result.
    certain : bool
        Whether the label can be relied on.
    doubts : tuple of str
        Why not.
    conclusion : str
        All of it in one sentence.
    interval_ms, next_interval_ms, due_ms : float or None
        RR intervals before and after the beat, and the one that was due; None where there is none.
    due_s : float or None
        When the beat was due, in seconds from the start: by the middle of the QRS, as the model
        has it, which in a wide QRS is not at the R peak. None where the interval is not known.
    reasons : tuple of Reason
        All that can decide, the strongest first.
    usual_log_odds, log_odds : float
        Of the label against that class: for a beat that is usual in everything, and for this
        one. The reasons add up to the difference.
    usual_beats : int
        Beats nearby over which the median tells what is usual.
    usual_is_normal : bool
        Whether these are beats surely called N; else all beats nearby, for want of such.
    leads : tuple of LeadAlone
        What each lead alone would have.
    labelled_by, setting : str
        Name of the weights, and what they knew.
    simulated : bool
        True if no heart made the signal.
    centre_s : float
        Middle of the QRS, in seconds from the start.
    usual_centres_s : ndarray of float64
        The same of the beats that tell what is usual.
    result : Result
        What is explained.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(120, rng=np.random.default_rng(3))
    >>> result = ectopy.analyze(recording)
    >>> early = result.beats.samples[result.beats.symbols == "V"][0] / recording.fs_hz
    >>> why = result.explain(early)
    >>> why.label, why.against, why.reasons[0].name
    ('V', 'N', 'QRS shape and size')
    """

    record: str
    sample: int
    time_s: float
    time: str
    label: str
    runner_up: str
    against: str
    probabilities: dict[str, float]
    certain: bool
    doubts: tuple[str, ...]
    conclusion: str
    interval_ms: float | None
    next_interval_ms: float | None
    due_ms: float | None
    due_s: float | None
    reasons: tuple[Reason, ...]
    usual_log_odds: float
    log_odds: float
    usual_beats: int
    usual_is_normal: bool
    leads: tuple[LeadAlone, ...]
    labelled_by: str
    setting: str
    simulated: bool
    centre_s: float
    usual_centres_s: npt.NDArray[np.float64] = field(repr=False)
    result: Result = field(repr=False)

    @property
    def decided(self) -> tuple[Reason, ...]:
        """The reasons that decided, the strongest first; none for a beat like any usual one."""
        return tuple(reason for reason in self.reasons if reason.decided)

    def to_json(self) -> dict[str, Any]:
        """Give everything but the result as what `json.dumps` takes."""
        plain = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name not in _NOT_TOLD
        }
        plain["doubts"] = list(self.doubts)
        for name in ("reasons", "leads"):
            plain[name] = [dict(vars(one)) for one in plain[name]]
        return plain

    def __repr__(self) -> str:
        """Tell it in some lines."""
        from ectopy.analysis.explanation.text import text

        return text(self)

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from ectopy.analysis.report.why import fragment

        return fragment(self)

    def page(self) -> str:
        """Give one HTML document with its drawings inside, and no script.

        Raises
        ------
        ConfigError
            If the recording is not at hand.
        """
        from ectopy.analysis.report.why import page

        return page(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, whole or not at all.

        Raises
        ------
        ConfigError
            If the name does not end in ``.html``, or the recording is not at hand.
        """
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise ConfigError(
                f"an explanation is saved as a page, not as {Path(path).name}; name it .html"
            )
        atomic_write(Path(path), self.page())
        return Path(path)


_NOT_TOLD = ("usual_centres_s", "result")

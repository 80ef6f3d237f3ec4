"""`StripTold`: what the signal of a short recording as a whole says of its rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ectopy.runtime.classifier import SeenBeats
from ectopy.runtime.rhythm.kinds import AF, NONE, OTHER
from ectopy.runtime.rhythm.strip_model import STRIP_KINDS
from ectopy.runtime.rhythm.strips import SHORTEST_S, strip_rhythm
from ectopy.schemas import plain

LONGEST_S: Final = 61.0
"""Of a recording that is taken for a strip: the longest that was learnt from."""
EXCLUDED_BELOW: Final = 0.1
"""Probability of fibrillation below which it is excluded. What is called `other` may fibrillate: of
ludb's strips of 10 s (odd records), those that do and are not paced have 0.14 or more, whatever
they are called."""


class StripTold(BaseModel):
    """What the signal of a short recording as a whole says of its rhythm.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> strip = ectopy.analyze(recording).summary.rhythm.strip
    >>> strip.kind in strip.probabilities, strip.finds_af
    (True, False)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=plain)

    kind: Literal["sinus", "AF", "other", "noisy"] = Field(
        description="what it is called: other is neither sinus rhythm nor fibrillation; noisy also "
        "where there are too few beats"
    )
    decided: bool = Field(
        description="false where it is noisy, or the kind is less likely than all others together"
    )
    probabilities: dict[str, float] = Field(description="of each kind, from 0 to 1")

    @classmethod
    def of(cls, parts: Sequence[SeenBeats], duration_s: float) -> StripTold | None:
        """Tell the rhythm of a whole recording, as `strip_rhythm` does; None if it is no strip.

        Parameters
        ----------
        parts : sequence of SeenBeats
            All of its beats, looked at in the setting ``whole``.
        duration_s : float
            Its length in seconds.
        """
        if not SHORTEST_S <= duration_s <= LONGEST_S:
            return None
        told = strip_rhythm(parts, duration_s)
        shares = [round(float(one), 4) for one in told.probabilities[0]]
        return cls(
            kind=STRIP_KINDS[told.places[0]],
            decided=bool(told.decided[0]),
            probabilities=dict(zip(STRIP_KINDS, shares, strict=True)),
        )

    @property
    def af(self) -> float:
        """Probability of fibrillation."""
        return self.probabilities["AF"]

    @property
    def finds_af(self) -> bool:
        """Whether it is decided that there is fibrillation."""
        return self.decided and self.kind == "AF"

    @property
    def excludes_af(self) -> bool:
        """Whether there is none."""
        return self.kind != "noisy" and self.af < EXCLUDED_BELOW

    @property
    def rhythm(self) -> int:
        """What its beats stand in: `AF`, `OTHER`, or `NONE` where nobody can say."""
        if self.finds_af:
            return AF
        return OTHER if self.excludes_af else NONE

"""From when on a second of a lead counts as flat, saturated or noisy."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ectopy.schemas import plain


class QualityLimits(BaseModel):
    """Thresholds of the signal quality, second by second and lead by lead.

    Examples
    --------
    >>> from ectopy.beats.conditioning import QualityLimits
    >>> QualityLimits(flat_mv=0.01).flat_mv
    0.01
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=plain
    )

    flat_mv: float = Field(
        0.02, ge=0, description="a second is flat if it spans less than this, in mV"
    )
    flat_seconds: int = Field(
        3, ge=1, description="flat seconds in a row from which the lead counts as disconnected"
    )
    saturated_s: float = Field(
        0.012, gt=0, description="time held at an extreme value, after a jump, that is saturation"
    )
    baseline_jump_mv: float = Field(
        1.0, gt=0, description="change of the mean from one second to the next that is noise, in mV"
    )
    noise_ratio: float = Field(
        0.4,
        gt=0,
        description="noise between the beats, against the beats' own size, that is too much",
    )

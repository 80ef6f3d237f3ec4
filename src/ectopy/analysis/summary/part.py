"""What all parts of a summary are."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from ectopy.schemas import plain


class Part(BaseModel):
    """A part of a summary: frozen, and nothing in it that is not said."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=plain)

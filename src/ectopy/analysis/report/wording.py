"""How pages and notebooks write numbers, lengths of time and leads."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence


def number(value: float | None, digits: int = 0) -> str:
    """Write a number; a dash for one that is not defined."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def counted(count: int, noun: str) -> str:
    """Write how many there are: ``1 beat``, ``1,200 beats``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def named(leads: Sequence[str]) -> str:
    """Write the leads of a recording: ``lead ECG``, ``leads II, V1``, ``leads 1, 2``."""
    short = [re.sub(r"(?i)^lead +", "", name) for name in leads]
    return f"lead{'' if len(leads) == 1 else 's'} {', '.join(short)}"


def duration(seconds: float) -> str:
    """Write a length of time in words."""
    hours, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h {minutes} min"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {int(seconds % 60)} s" if minutes else f"{seconds:.1f} s"


def percent(part: float, whole: float) -> str:
    """Write a share; one that is not all of it is never written as 100 %, nor one of some as 0."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if part and part != whole:
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f} %" if 0 < share < 100 else f"{share:.0f} %"

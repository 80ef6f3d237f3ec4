"""Plain words and numbers that reports and model cards share."""

from __future__ import annotations

from typing import Final

from ectopy.report.schema import Estimate

METRICS: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "balanced_accuracy": "balanced accuracy",
}
QUICK: Final = (
    "QUICK LOOK: few beats and few epochs, to see that everything works. No figure of it may be "
    "quoted, or compared with any other."
)
NOT_A_DEVICE: Final = (
    "Research software. Not a medical device: not for diagnosis, treatment or monitoring."
)


def number(value: float | None, digits: int = 4) -> str:
    """Write a share with a fixed number of decimals, a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def with_spread(estimate: Estimate | None, digits: int = 4) -> str:
    """Write ``mean ± SD`` where there are several seeds, else the value alone."""
    if estimate is None:
        return number(None)
    text = number(estimate.mean, digits)
    if estimate.sd is not None and len(estimate.values) > 1:
        text += f" ± {number(estimate.sd, digits)}"
    return text


def interval(estimate: Estimate, digits: int = 4) -> str:
    """Write ``low to high``, or nothing."""
    if estimate.interval is None:
        return ""
    return " to ".join(number(bound, digits) for bound in estimate.interval)


def seconds(value: float) -> str:
    """Write a duration as a person would say it."""
    if value < 90:
        return f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 5400 else f"{value / 3600:.1f} h"

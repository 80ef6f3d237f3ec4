"""Plain words and numbers that reports and model cards share."""

from __future__ import annotations

from typing import Final

from ectopy.report.results import Estimate

# What each split can claim, by the first word of its name.
PROTOCOLS: Final = {
    "official": "The split that the archive itself publishes. Its test beats were read once, at "
    "the end; every choice was made on its training beats.",
    "training-folds": "Cross-validation inside the training part that the archive publishes; its "
    "test beats were not read. For choosing between settings, not for quoting.",
    "pooled": "All beats were put together and split at random, so that beats much like the "
    "test beats were trained on. Easier than the official split, and not comparable with it.",
    "intra-patient": "Beats of the same patients are in training and in test. The figures say how "
    "well the model knows these patients, not how it does on a new one: those are lower.",
    "patient-wise": "No record is on both sides of a split: each test beat comes from a patient "
    "that the model had not met.",
    "inter-patient": "Trained on the records DS1, tested on the records DS2: other patients. "
    "(Records 201 and 202 are one person, one in each half.)",
}
LEAKY: Final = ("pooled", "intra-patient")  # splits whose words belong under the limits
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


def protocol_in_words(protocol: str) -> str:
    """Say what a split can claim; nothing for a split that is not known here."""
    for name, words in PROTOCOLS.items():
        if protocol.lower().startswith(name):
            return words
    return ""


def number(value: float | None, digits: int = 4) -> str:
    """Write a share with a fixed number of decimals, a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def with_spread(estimate: Estimate, digits: int = 4) -> str:
    """Write ``mean ± SD`` where there are several seeds, else the value alone."""
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

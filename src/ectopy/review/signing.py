"""Draft, reviewed, signed: a signature is a hash over edits, labels, model and settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from ectopy.analysis.result import Result
from ectopy.errors import ConfigError, ConflictError
from ectopy.review.changes import Change
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels, fold

Status = Literal["draft", "reviewed", "signed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


@dataclass(frozen=True)
class Standing:
    """Where a recording stands.

    Attributes
    ----------
    status : str
        One of `STATUSES`.
    by, at : str
        Who said so, and when; empty for a draft that nobody has called one.
    sha256 : str
        Of a signed recording: what was signed.
    """

    status: Status
    by: str = ""
    at: str = ""
    sha256: str = ""


def standing(log: Sequence[Edit]) -> Standing:
    """Tell where a recording stands, by its log."""
    for edit in reversed(log):
        if edit.kind == "state":
            return Standing(edit.note["state"], edit.author, edit.at, edit.note.get("sha256", ""))
    return Standing("draft")


def to_state(
    status: str,
    base: Result,
    original_sha256: str,
    labels: Labels,
    log: Sequence[Edit],
    seen: int | None = None,
) -> Change:
    """Change where it stands.

    Parameters
    ----------
    status : str
        Where it is to stand.
    base : Result
        As the model left it.
    original_sha256 : str
        Of the model's labels.
    labels : Labels
        As they stand.
    log : sequence of Edit
        All of it.
    seen : int or None
        Number of the last edit that the reader saw; nobody signs what came after.

    Raises
    ------
    ConfigError
        If there is no such status, it stands there already, or edits came after what was seen.
    """
    if status not in STATUSES:
        raise ConfigError(f"status is {status!r}, expected one of {', '.join(STATUSES)}")
    if standing(log).status == status:
        raise ConflictError(f"the recording is {status} already")
    if seen is not None and seen != len(log):
        raise ConflictError(
            f"the last edit is number {len(log)}, and you saw those up to {seen}; look at what "
            "changed meanwhile, then say it again"
        )
    note: dict[str, str] = {"state": status}
    if status == "signed":
        note["sha256"] = signature(base, original_sha256, labels, log)
    return Change("state", note=note)


def signature(base: Result, original_sha256: str, labels: Labels, log: Sequence[Edit]) -> str:
    """Give the hash of what is signed.

    Parameters
    ----------
    base : Result
        As the model left it.
    original_sha256 : str
        Of the file it is saved in.
    labels : Labels
        As they stand.
    log : sequence of Edit
        All edits before the signature.
    """
    summary = base.summary
    about = {
        "edits": log[-1].digest if log else "",
        "labels": _labels(labels),
        "labelled_by": summary.labelled_by.model_dump(mode="json"),
        "original": original_sha256,
        "settings": summary.settings.model_dump(mode="json"),
        "signal": base.signal_sha256,
        "software": summary.software,
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def holds(base: Result, original_sha256: str, original: Labels, log: Sequence[Edit]) -> bool | None:
    """Tell whether what was signed last is what is kept; None where nothing is signed now."""
    if standing(log).status != "signed":
        return None
    last = max(i for i, edit in enumerate(log) if edit.kind == "state")
    before = log[:last]
    found = signature(base, original_sha256, fold(original, before), before)
    return bool(found == log[last].note["sha256"])


def _labels(labels: Labels) -> str:
    found = hashlib.sha256()
    there = labels.there
    found.update(np.ascontiguousarray(labels.samples[there], dtype="<i8").tobytes())
    found.update(np.ascontiguousarray(labels.letters[there]).tobytes())
    found.update(json.dumps(labels.artefacts).encode())
    return found.hexdigest()

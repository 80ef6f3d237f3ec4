"""A signature is of edits, labels, model and settings: if one of these changes, it is void."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.review import changes
from ectopy.review.edits import Edit, digest
from ectopy.review.labels import Labels, fold
from ectopy.review.signing import holds, signature, standing, to_state


def logged(*wanted: changes.Change) -> list[Edit]:
    log: list[Edit] = []
    for number, one in enumerate(wanted, 1):
        edit = Edit(number, "anna", "now", one.kind, one.beats, one.target, one.note)
        log.append(replace(edit, digest=digest(log[-1].digest if log else "", edit)))
    return log


@pytest.fixture
def signed(result: Result, labels: Labels) -> list[Edit]:
    edit = changes.relabel(labels, labels.samples[:1], "V")
    log = logged(edit)
    return logged(edit, to_state("signed", result, "file", fold(labels, log), log))


def test_what_was_signed_is_known_again(result: Result, labels: Labels, signed: list[Edit]) -> None:
    assert standing(signed).status == "signed"
    assert len(standing(signed).sha256) == 64
    assert holds(result, "file", labels, signed) is True
    assert holds(result, "file", labels, signed[:1]) is None


@pytest.mark.parametrize("what", ["original", "settings", "model", "signal", "edit", "beats"])
def test_whatever_changes_it_holds_no_longer(
    result: Result, labels: Labels, signed: list[Edit], what: str
) -> None:
    summary, file, log = result.summary, "file", list(signed)
    base = result
    if what == "original":
        file = "another"
    if what == "settings":
        settings = summary.settings.model_copy(update={"pause_s": 3.0})
        base = replace(result, summary=summary.model_copy(update={"settings": settings}))
    if what == "model":
        by = summary.labelled_by.model_copy(update={"sha256": "0" * 64})
        base = replace(result, summary=summary.model_copy(update={"labelled_by": by}))
    if what == "signal":
        base = replace(result, signal_sha256="0" * 64)
    if what == "edit":
        log[0] = replace(log[0], digest="0" * 64)
    if what == "beats":
        beats = log[0].beats.copy()
        beats["after"] = b"S"
        log[0] = replace(log[0], beats=beats)
    assert holds(base, file, labels, log) is False


def test_a_status_that_is_none_or_stands_already_is_refused(
    result: Result, labels: Labels, signed: list[Edit]
) -> None:
    with pytest.raises(ConfigError, match="expected one of draft, reviewed, signed"):
        to_state("approved", result, "file", labels, [])
    with pytest.raises(ConfigError, match="is signed already"):
        to_state("signed", result, "file", labels, signed)
    with pytest.raises(ConfigError, match="is draft already"):
        to_state("draft", result, "file", labels, [])
    assert signature(result, "file", labels, []) != signature(result, "file", labels, signed)

"""Labels are a fold over the log: taking an edit back is as if it had never been made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.classes import AAMI
from ectopy.review.edits import ABSENT, BEATS, SAME, Edit, counting, digest, pack, rows, unpack
from ectopy.review.labels import LIKE_NO_OTHER, Labels, fold

SAMPLES = np.arange(100, 2100, 100)


def beats() -> LabelledBeats:
    n = len(SAMPLES)
    classes = np.arange(n) % 3
    return LabelledBeats(
        samples=SAMPLES,
        classes=classes,
        probabilities=np.eye(5, dtype=np.float32)[classes],
        uncertain=np.arange(n) % 4 == 0,
        strength=np.ones(n, dtype=np.float32),
        quality=np.zeros(n, dtype=np.uint8),
        template=(np.arange(n) % 5).astype(np.int16),
    )


def edit(number: int, kind: str, **values: object) -> Edit:
    return Edit(number, "anna", "now", kind, **{"beats": np.zeros(0, BEATS), **values})  # type: ignore[arg-type]


@st.composite
def logs(draw: st.DrawFn) -> list[Edit]:
    """Draw a log as readers make them, with undos and redos of anything that went before."""
    log: list[Edit] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        kind = draw(
            st.sampled_from(
                ["relabel", "delete", "insert", "artefact", "adapt", "split", "accept"]
                + ["undo"] * 3 * bool(log)
            )
        )
        if kind == "undo":
            log.append(edit(number, kind, target=draw(st.integers(1, number - 1))))
            continue
        if kind == "artefact":
            start = draw(st.integers(0, 2000))
            span = [start, start + draw(st.integers(1, 500))]
            log.append(edit(number, kind, note={"artefact": span}))
            continue
        if kind == "insert":
            chosen = [draw(st.integers(0, 2200))]
        else:
            # Beats that others set are corrected too.
            chosen = draw(st.lists(st.integers(0, 2200) | st.sampled_from(SAMPLES.tolist()),
                                   min_size=1, max_size=5, unique=True))  # fmt: skip
        after = {"delete": ABSENT, "split": SAME}.get(kind, draw(st.sampled_from(AAMI)).encode())
        if kind == "adapt" and draw(st.booleans()):
            after = after.lower()
        cluster = 5000 + number if kind == "split" else -1
        log.append(edit(number, kind, beats=rows(chosen, b"N", after, -1, cluster)))
    return log


def seen(labels: Labels) -> list[tuple[object, ...]]:
    """Give the beats that are there, with all that is told of them."""
    there = labels.there
    return list(
        zip(
            labels.samples[there].tolist(),
            labels.classes[there].tolist(),
            labels.uncertain[there].tolist(),
            labels.stated[there].tolist(),
            labels.cluster[there].tolist(),
            strict=True,
        )
    )


@given(logs(), st.data())
def test_without_an_edit_the_labels_are_as_if_it_had_never_been_made(
    log: list[Edit], data: st.DataObject
) -> None:
    original = Labels.of(beats())
    chosen = data.draw(st.integers(1, len(log)))
    if not counting(log)[chosen - 1] or log[chosen - 1].takes_back:
        return
    undone = [*log, edit(len(log) + 1, "undo", target=chosen)]
    never = [one for one in log if one.number != chosen]
    assert seen(fold(original, undone)) == seen(fold(original, never))
    assert fold(original, undone).artefacts == fold(original, never).artefacts


@given(logs())
def test_what_is_redone_is_as_it_was(log: list[Edit]) -> None:
    original = Labels.of(beats())
    undo = edit(len(log) + 1, "undo", target=len(log))
    redo = edit(len(log) + 2, "redo", target=len(log) + 1)
    assert seen(fold(original, [*log, undo, redo])) == seen(fold(original, log))


@given(logs())
def test_the_original_labels_are_never_changed(log: list[Edit]) -> None:
    original = Labels.of(beats())
    before = seen(original)
    fold(original, log)
    assert seen(original) == before


def _slowly(log: list[Edit]) -> list[tuple[object, ...]]:
    """Fold by hand, an edit and a beat at a time."""
    table = beats()
    cluster = [1000 * c + t if t else LIKE_NO_OTHER
               for c, t in zip(table.classes, table.template, strict=True)]  # fmt: skip
    held = {
        int(s): [int(c), bool(u), False, int(k), True]
        for s, c, u, k in zip(table.samples, table.classes, table.uncertain, cluster, strict=True)
    }
    counts = counting(log)
    active = [one for one, does in zip(log, counts, strict=True) if does and not one.takes_back]
    for one in active:  # beats that are set by any edit have a place from the start
        if one.kind == "insert":
            held.setdefault(int(one.beats["sample"][0]), [0, False, False, LIKE_NO_OTHER, False])
    for one in active:
        for row in one.beats:
            state = held.get(int(row["sample"]))
            if state is None:
                continue
            after = row["after"].decode()
            if after == "-":
                state[4] = False
            elif after != "=":
                state[:3] = [AAMI.index(after.upper()), after.islower(), one.kind != "adapt"]
            if one.kind == "insert":
                state[4] = True
            if row["cluster_after"] >= 0:
                state[3] = int(row["cluster_after"])
    gaps = [one.note["artefact"] for one in active if one.kind == "artefact"]
    return [
        (sample, *state[:4])
        for sample, state in sorted(held.items())
        if state[4] and not any(a <= sample < b for a, b in gaps)
    ]


@given(logs())
def test_the_fold_is_what_one_does_by_hand(log: list[Edit]) -> None:
    assert seen(fold(Labels.of(beats()), log)) == _slowly(log)


def test_a_recording_without_beats_folds() -> None:
    none = Labels.of(LabelledBeats.empty())
    assert seen(fold(none, [])) == []
    assert none.find([5]).tolist() == [-1]
    log = [edit(1, "insert", beats=rows([7], ABSENT, b"V")),
           edit(2, "relabel", beats=rows([7], b"V", b"S"))]  # fmt: skip
    assert seen(fold(none, log)) == [(7, 1, False, True, LIKE_NO_OTHER)]


@given(logs())
def test_rows_are_stored_as_they_are(log: list[Edit]) -> None:
    for one in log:
        assert unpack(pack(one.beats)).tolist() == one.beats.tolist()


@pytest.mark.parametrize(
    "change", [{"author": "ben"}, {"at": "later"}, {"kind": "delete"}, {"note": {"a": 1}}]
)
def test_a_changed_row_has_another_digest(change: dict[str, object]) -> None:
    one = edit(1, "relabel", beats=rows([100], b"N", b"V"))
    assert digest("", one) != digest("", Edit(**{**vars(one), **change}))
    assert digest("", one) != digest("x", one)

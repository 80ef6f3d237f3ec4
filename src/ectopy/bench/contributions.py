"""Whether contributions are faithful, on annotated records: see `ectopy.explain.faithfulness`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.analysis.analyze import analyze
from ectopy.analysis.explanation.looked import look_again
from ectopy.analysis.request import Request
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.explain.contributions import contributions
from ectopy.explain.faithfulness import Faithful, Taken, judge, take_away
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.runtime.bundle import Setting

ASKED: Final = ("S", "V")
"""Classes whose beats are asked about."""


def measure(
    folders: Sequence[Path],
    records: Sequence[str] | None = None,
    *,
    weights: str | Path = "default",
    setting: Setting = "whole",
    beats: int = 20,
    rng: np.random.Generator,
    progress: Callable[[str], None] | None = None,
) -> list[Taken]:
    """Take what decided from beats called S and V, rightly or not.

    Parameters
    ----------
    folders : sequence of Path
        Of WFDB records with reference annotations.
    records : sequence of str, optional
        Which of them; by default all.
    weights, setting
        What labels them.
    beats : int
        Most beats of each class asked about in a record.
    rng : numpy.random.Generator
        Draws beats, and what is taken away besides.
    progress : callable, optional
        Told the name of each record that is done.
    """
    taken: list[Taken] = []
    for folder in folders:
        found, _ = annotated_records(folder, wanted=records)
        for name, path in found.items():
            taken += _of_record(name, path, weights, setting, beats, rng)
            if progress:
                progress(name)
    return taken


def _of_record(
    name: str,
    path: Path,
    weights: str | Path,
    setting: Setting,
    most: int,
    rng: np.random.Generator,
) -> Iterator[Taken]:
    annotated = open_annotated(path)
    recording, reference = annotated.recording, reference_beats(annotated)
    result = analyze(Request(recording, weights=weights, setting=setting))
    called = result.beats
    pairs = pair(reference.samples, called.samples, round(WINDOW_S * recording.fs_hz))
    true = np.full(len(called), -1)
    true[pairs.test] = reference.classes[pairs.reference]
    looked = look_again(result, weights)
    for letter in ASKED:
        own = np.flatnonzero(called.classes == AAMI.index(letter))
        for beat in np.sort(rng.permutation(own)[:most]).tolist():
            asked, _ = looked.ask(result, beat)
            order = np.argsort(-called.probabilities[beat])
            (told,) = contributions(asked, letter, [AAMI[order[1]]])
            right = bool(true[beat] == called.classes[beat])
            if one := take_away(asked, told, rng=rng, record=name, right=right):
                yield one


def table(taken: Sequence[Taken], rng: np.random.Generator) -> str:
    """Lay the figures out as a Markdown table, and say what they come to."""
    rows = [
        "| beats called | of records | beats | probability of the label | without what decided | "
        "without random groups | without random measures | label flipped | by random groups | "
        "by random measures |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for letter in ASKED:
        for right, word in ((True, "rightly"), (False, "wrongly")):
            own = [one for one in taken if (one.label, one.right) == (letter, right)]
            if own:
                rows.append(_row(f"{letter}, {word}", judge(own, rng)))
    found = judge(taken, rng)
    rows.append(_row("**all**", found))
    low, high = found.interval
    return "\n".join(
        [
            *rows,
            "",
            f"Without what decided the label loses {100 * found.gain:.1f} points more than without "
            f"random groups ({100 * low:.1f} to {100 * high:.1f}, drawing records): "
            f"{'passed' if found.passed else 'NOT PASSED'}.",
        ]
    )


def _row(name: str, of: Faithful) -> str:
    told = [of.after["decided"], of.after["random_groups"], of.after["random_columns"]]
    flipped = [of.flipped[way] for way in ("decided", "random_groups", "random_columns")]
    cells = [
        name, f"{of.records}", f"{of.beats:,}", f"{of.before:.3f}",
        *(f"{p:.3f}" for p in told), *(f"{100 * share:.1f} %" for share in flipped),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"

"""Whether contributions are faithful, on annotated records: see `ectopy.explain.faithfulness`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from ectopy.explain.faithfulness import WAYS, Faithful, Taken, judge, made_up, take_away
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.runtime.bundle import Setting


@dataclass(frozen=True)
class Measured:
    """What was taken away.

    Attributes
    ----------
    taken : list of Taken
        By contributions as they are.
    control : list of Taken
        Of the same beats, by contributions dealt to groups at random.
    """

    taken: list[Taken]
    control: list[Taken]


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
) -> Measured:
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
    measured = Measured([], [])
    for folder in folders:
        found, _ = annotated_records(folder, wanted=records)
        for name, path in found.items():
            _of_record(measured, name, path, weights, setting, beats, rng)
            if progress:
                progress(name)
    return measured


def _of_record(
    into: Measured,
    name: str,
    path: Path,
    weights: str | Path,
    setting: Setting,
    most: int,
    rng: np.random.Generator,
) -> None:
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
            (told,) = contributions(asked, letter, ["N"])
            right = bool(true[beat] == called.classes[beat])
            for kept, shown in ((into.taken, told), (into.control, made_up(told, rng))):
                if one := take_away(asked, shown, rng=rng, record=name, right=right):
                    kept.append(one)


def table(measured: Measured, rng: np.random.Generator) -> str:
    """Lay the figures out as a Markdown table, and say what they come to."""
    rows = [
        "| beats called | records | beats | measures taken | probability of the label | without "
        "what decided | without random groups | without random measures | label flipped | by "
        "random groups | by random measures |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for letter in ASKED:
        for right, word in ((True, "rightly"), (False, "wrongly")):
            own = [one for one in measured.taken if (one.label, one.right) == (letter, right)]
            if own:
                rows.append(_row(f"{letter}, {word}", judge(own, rng)))
    found, control = judge(measured.taken, rng), judge(measured.control, rng)
    rows += [_row("**all**", found), _row("control: dealt at random", control), ""]
    rows += [_verdict("What decided", found), _verdict("The control", control)]
    return "\n".join(rows)


def _row(name: str, of: Faithful) -> str:
    cells = [
        name, f"{of.records}", f"{of.beats:,}", f"{of.n_columns:.0f}", f"{of.before:.3f}",
        *(f"{of.after[way]:.3f}" for way in WAYS),
        *(f"{100 * of.flipped[way]:.1f} %" for way in WAYS),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _verdict(name: str, of: Faithful) -> str:
    low, high = (100 * edge for edge in of.interval)
    return (
        f"{name}: without it the label has {100 * of.gain:.1f} points less than without random "
        f"groups ({low:.1f} to {high:.1f}, drawing records): "
        f"{'passed' if of.passed else 'not passed'}."
    )

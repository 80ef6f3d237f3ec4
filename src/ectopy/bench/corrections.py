"""What a reader's answers are worth: a simulated reader, on records that the weights never saw.

All of it goes through `Result.ask` and `Result.adapt`, from the signal, on detected peaks. The
reader looks up the reference annotation; where it has no beat, the answer is Q.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.analysis.corrections import ROUND
from ectopy.analysis.result import Result
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.evaluation.ec57.counting import figures, match
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.evaluation.intervals import bootstrap
from ectopy.files import atomic_write
from ectopy.recordings.annotated import AnnotatedRecord, open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.annotations import Annotations
from ectopy.runtime.bundle import MANIFEST, Bundle
from ectopy.runtime.classifier import BeatClassifier

Int64 = npt.NDArray[np.int64]

ANSWERS: Final = (0, 5, 10, 20, 50)
"""Answers a record after which the labels are scored."""
WRONG: Final = (0.0, 0.05, 0.1)
"""Shares of wrong answers."""
CONFUSED: Final = ("N", "S", "V")
"""A wrong answer is one of these, each as likely."""
FIGURES: Final = ("SVEB.f1", "VEB.f1")


@dataclass(frozen=True)
class Row:
    """One figure with its interval over records.

    Attributes
    ----------
    way : str
        How the answers came about and what was done with them.
    answers : int
        Answers a record.
    figure : str
        One of `FIGURES`.
    value, low, high : float
        Pooled over records as EC57 has it; 95 % bootstrap interval over records.
    records : int
        How many there were.
    """

    way: str
    answers: int
    figure: str
    value: float
    low: float
    high: float
    records: int


def score_corrections(
    folder: Path,
    records: Sequence[str] | None,
    *,
    weights: str = "default",
    folds: Path | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> list[Row]:
    """Simulate a reader of a folder's annotated WFDB records.

    Parameters
    ----------
    folder : Path
        WFDB records with reference annotations.
    records : sequence of str, optional
        Which; by default all.
    weights : str
        What never saw them.
    folds : Path, optional
        A folder of weights in their place, each naming in its manifest the records ``left_out``:
        every record is labelled by those that it was left out of.
    seed : int
        Of wrong answers, of beats asked at random, and of the bootstrap.
    progress : callable, optional
        Called with the name of each record that is done.

    Raises
    ------
    ConfigError
        If the weights were trained on one of the records.
    DataNotFoundError
        If there is no such folder, or no weights that one of the records was left out of.
    """
    found, _ = annotated_records(folder, wanted=records)
    bundles = _bundles(weights, folds)
    ways: dict[str, list[list[Int64]]] = {}
    for number, (name, path) in enumerate(found.items()):
        classifier = BeatClassifier.load(_unseen(bundles, name, folds))
        told = _record(path, classifier, np.random.default_rng([seed, number]))
        for way, course in told.items():
            ways.setdefault(way, []).append(course)
        if progress:
            progress(name)
    rows = []
    for way, courses in ways.items():
        counts = np.array(courses)  # records, answers, 7, 7
        for place, answers in enumerate(ANSWERS):
            rows += _rows(way, answers, counts[:, place], np.random.default_rng(seed))
    return rows


def _bundles(weights: str, folds: Path | None) -> list[Bundle]:
    if folds is None:
        return [Bundle.load(weights)]
    paths = sorted(folds.glob(f"*/{MANIFEST}"))
    if not paths:
        raise DataNotFoundError(
            f"{folds} holds no weights, expected a folder of them for each fold"
        )
    return [Bundle.load(path.parent) for path in paths]


def _unseen(bundles: list[Bundle], name: str, folds: Path | None) -> Bundle:
    """Find weights that were not trained on a record."""
    own = Path(name).name
    for bundle in bundles:
        left_out = bundle.manifest.get("left_out", ())
        if own in left_out if folds else own not in {*bundle.manifest["trained_on"]} - {*left_out}:
            return bundle
    if folds:
        raise DataNotFoundError(f"no weights in {folds} name {own} under left_out; add that fold")
    raise ConfigError(
        f"the weights {bundles[0].name!r} were trained on {own}, and a figure on it would be of no "
        "patient that they never saw; name other weights, or folds that left it out"
    )


def _record(
    path: Path, classifier: BeatClassifier, rng: np.random.Generator
) -> dict[str, list[Int64]]:
    """Score one record each way, after each of `ANSWERS`."""
    record = open_annotated(path)
    result = analyze(record.recording, classifier=classifier)
    truth = _truth(record, result)
    told = {}
    for wrong in WRONG:
        way = "asked and adapted" if not wrong else f"asked and adapted, {100 * wrong:g} % wrong"
        course = _answered(result, truth, wrong, rng)
        told[way] = [_score(record, one) for one in course]
        if not wrong:
            told["asked, only those corrected"] = [
                _score(record, result, one.answers.samples, one.answers.classes) for one in course
            ]
    course = _answered(result, truth, 0.0, rng, at_random=True)
    told["at random and adapted"] = [_score(record, one) for one in course]
    return told


def _truth(record: AnnotatedRecord, result: Result) -> Int64:
    """Give the reference class of each beat that was found, Q where there is none."""
    reference, beats = reference_beats(record), result.beats
    pairs = pair(reference.samples, beats.samples, round(WINDOW_S * record.fs_hz))
    truth = np.full(len(beats), AAMI.index("Q"), dtype=np.int64)
    truth[pairs.test] = reference.classes[pairs.reference]
    return truth


def _answered(
    result: Result,
    truth: Int64,
    wrong: float,
    rng: np.random.Generator,
    *,
    at_random: bool = False,
) -> list[Result]:
    """Give the result after each of `ANSWERS`, asked in rounds of `ROUND`."""
    course = [result]
    order = rng.permutation(len(truth))
    given = 0
    for more in np.diff(ANSWERS).tolist():
        for _ in range(more // ROUND):
            if at_random:
                rows = order[given : given + ROUND]
            else:
                rows = np.array([one.row for one in result.ask(ROUND)], dtype=np.int64)
            given += len(rows)
            said = truth[rows].copy()
            for place in np.flatnonzero(rng.random(len(rows)) < wrong):
                others = [x for x in CONFUSED if x != AAMI[said[place]]]
                said[place] = AAMI.index(str(rng.choice(others)))
            result = result.adapt(result.beats.samples[rows], said)
        course.append(result)
    return course


def _score(
    record: AnnotatedRecord,
    result: Result,
    samples: Int64 | None = None,
    classes: Int64 | None = None,
) -> Int64:
    """Count the beats of a result as EC57 does, some of them corrected alone."""
    beats = result.beats
    symbols = beats.symbols
    if samples is not None and classes is not None:
        symbols[np.searchsorted(beats.samples, samples)] = np.array(AAMI)[classes]
    aux = np.full(len(beats), "", dtype=np.str_)
    test = Annotations(beats.samples, symbols, result.fs_hz, aux)
    return match(record.reference, test, skip_s=0, n_samples=result.n_samples).counts


def _rows(way: str, answers: int, counts: Int64, rng: np.random.Generator) -> list[Row]:
    pooled = figures(counts.sum(axis=0))

    def both(drawn: Int64) -> npt.NDArray[np.float64]:
        told = figures(drawn)
        return np.stack([told[name] for name in FIGURES], axis=-1)

    low, high = bootstrap(counts, both, rng)
    return [
        Row(way, answers, name, float(pooled[name]), float(low[i]), float(high[i]), len(counts))
        for i, name in enumerate(FIGURES)
    ]


def write(path: Path, rows: list[Row]) -> None:
    """Write the rows as CSV."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(one.name for one in fields(Row))
    for row in rows:
        writer.writerow(asdict(row).values())
    atomic_write(path, held.getvalue())


def table(rows: list[Row]) -> str:
    """Lay the rows out as a Markdown table."""
    ways = list(dict.fromkeys(row.way for row in rows))
    answers = list(dict.fromkeys(row.answers for row in rows))
    lines = [
        f"Expert-assisted, {rows[0].records} records, simulated reader; F1 and 95 % interval over "
        "records:",
        "",
        "| | " + " | ".join(f"{k} answers" for k in answers) + " |",
        "|---|" + "---|" * len(answers),
    ]
    for name in FIGURES:
        for way in ways:
            own = [row for row in rows if row.way == way and row.figure == name]
            cells = (f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for row in own)
            lines.append(f"| {name.split('.')[0]}, {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)

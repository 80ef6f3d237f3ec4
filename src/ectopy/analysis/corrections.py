"""A reader's answers: what to ask, and the result that follows from them."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.answers import Answers
from ectopy.analysis.arrow import listed, table, words
from ectopy.analysis.doubts import doubted
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.tables import Rows
from ectopy.analysis.told import told
from ectopy.beats.conditioning.quality import GOOD
from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.beats.detection.r_peaks import Peaks
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.recordings.clock import Clock
from ectopy.runtime.corrections.asking import Why, choose
from ectopy.runtime.corrections.grouping import groups
from ectopy.runtime.corrections.places import describe
from ectopy.runtime.corrections.residual import PRIOR, corrected, surprising

if TYPE_CHECKING:
    import pyarrow as pa

    from ectopy.analysis.result import Result

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

ROUND: Final = 5
"""Questions that are asked at once, unless others are wanted: more learn a little less each."""
NEAR_S: Final = 0.15
"""How far from the R peak a beat may be named, as EC57 pairs beats."""
NO_DOUBT: Final = 0.5
"""Probability below which beats are in doubt to a classifier of one's own that has no doubts."""
_MOST_SAMPLES: Final = 2**53  # that a float counts one by one
_LEAST: Final = 1e-9  # of a probability, whose logarithm is taken

_SAID: Final = {
    "surprising answer": "like a beat whose answer contradicts a sure label, of {n:,} that look so",
    "doubtful group": "the most doubtful of {n:,} beats that look alike",
    "certain group": "typical of {n:,} beats that look certain, and like none that was answered",
    "least certain": "the least certain beat",
}


@dataclass(frozen=True)
class Question:
    """A beat whose class a reader is asked for.

    Attributes
    ----------
    sample : int
        Its R peak: what `Result.adapt` takes.
    row : int
        Its row in the table of beats.
    time_s : float
        When it is, in s from the start.
    at : str
        That as reports write it.
    label : str
        What it is called so far: ``N``, ``S``, ``V``, ``F`` or ``Q``.
    probability : float
        Of that class.
    why : str
        Why it is asked, see `ectopy.runtime.corrections.asking.Why`.
    alike : int
        Beats of its group.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> question = ectopy.analyze(recording).ask(1)[0]
    >>> question.why, question.reason.startswith("the most doubtful of")
    ('doubtful group', True)
    """

    sample: int
    row: int
    time_s: float
    at: str
    label: str
    probability: float
    why: Why
    alike: int

    @property
    def reason(self) -> str:
        """Say why it is asked."""
        return _SAID[self.why].format(n=self.alike)


class Questions(Rows[Question]):
    """Beats to ask a reader about, those first whose answers help most: a list, and its table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> questions = ectopy.analyze(recording).ask()
    >>> len(questions), questions.to_pandas()["why"][0]
    (5, 'doubtful group')
    """

    @property
    def samples(self) -> Int64:
        """R peaks of the beats."""
        return np.array([question.sample for question in self], dtype=np.int64)

    def to_arrow(self) -> pa.Table:
        """Give a row a question: the attributes of `Question` by name, and ``reason``."""
        kinds = {"sample": int, "row": int, "time_s": float, "probability": float, "alike": int}
        told = {
            name: listed([getattr(one, name) for one in self], kind) for name, kind in kinds.items()
        }
        names = ("at", "label", "why", "reason")
        return table(told | {name: words([getattr(one, name) for one in self]) for name in names})


def ask(result: Result, k: int = ROUND, leave_out: npt.ArrayLike = ()) -> Questions:
    """Choose beats to ask about, see `Result.ask`."""
    if not isinstance(k, int | np.integer) or k < 1:
        raise ConfigError(f"k is {k!r}, expected how many beats to ask about, at least 1")
    known = result.compared
    if not len(known.first):
        return Questions()
    beats, rows, group = result.intervals.beats, known.rows(result.answers), known.groups
    alone = rows[surprising(known.model, known.places, rows, result.answers.classes)]
    now = np.log(np.maximum(beats.probabilities.astype(np.float64), _LEAST))
    done = np.union1d(rows, find_beats(result, leave_out))
    asked = choose(now, known.places, group, done, k, PRIOR.reach, alone)
    counts, clock = np.bincount(group), Clock(result.start, result.duration_s)
    questions = Questions()
    for row, why in asked:
        time_s = float(beats.samples[row]) / result.fs_hz
        questions.append(
            Question(
                sample=int(beats.samples[row]),
                row=row,
                time_s=round(time_s, 4),
                at=clock.text(time_s),
                label=AAMI[beats.classes[row]],
                probability=round(float(beats.probabilities[row, beats.classes[row]]), 4),
                why=why,
                alike=int(counts[group[row]]),
            )
        )
    return questions


def adapt(
    result: Result, samples: npt.ArrayLike, classes: str | Sequence[str] | npt.ArrayLike
) -> Result:
    """Adapt a result to the classes of some beats, see `Result.adapt`."""
    rows, stated = find_beats(result, samples), _letters(classes)
    if len(rows) != len(stated):
        raise ConfigError(
            f"there are {len(rows)} samples and {len(stated)} classes, expected a class for each"
        )
    first = result.first or result.intervals.beats
    given = Answers(first.samples[rows], stated)
    given.check(result.name)
    return with_answers(result, result.answers.then(given))


def with_answers(result: Result, answers: Answers) -> Result:
    """Give the result that follows from just these answers, whatever was answered before."""
    known = result.compared
    beats, rows = known.first, known.rows(answers)
    if len(rows):
        said = corrected(known.model, known.places, rows, answers.classes)
        probabilities = np.exp(said).astype(np.float32)
        probabilities[rows] = np.eye(len(AAMI), dtype=np.float32)[answers.classes]
        chosen = probabilities.argmax(axis=1).astype(np.int64)
        uncertain = known.doubtful_signal | (probabilities.max(axis=1) < known.below)
        uncertain[rows] = False
        beats = replace(beats, classes=chosen, probabilities=probabilities, uncertain=uncertain)
    by = result.summary.labelled_by.model_copy(update={"stated": len(rows)})
    background = replace(result.background, about=result.background.about | {"labelled_by": by})
    found = told(beats, result.quality, background)
    later = replace(
        result,
        **found._asdict(),
        background=background,
        answers=answers,
        first=known.first if len(rows) else None,
    )
    later.__dict__["compared"] = known  # the same beats
    return later


def find_beats(result: Result, samples: npt.ArrayLike) -> Int64:
    """Find the beats that samples name: the nearest one, within `NEAR_S`.

    Raises
    ------
    ConfigError
        If there is none, or what was given is no number of a sample.
    """
    wanted = np.atleast_1d(np.asarray(samples))
    numbers = wanted.dtype.kind in "iuf" and wanted.ndim == 1
    if not numbers or not (np.abs(wanted) < _MOST_SAMPLES).all():
        raise ConfigError(
            f"the samples {reprlib.repr(samples)} are not all numbers of samples; name beats by "
            "result.beats.samples, or as result.ask gives them"
        )
    wanted = wanted.astype(np.int64)
    peaks = result.intervals.beats.samples
    rows = np.searchsorted((peaks[1:] + peaks[:-1]) / 2, wanted)
    far = np.ones(len(wanted), dtype=bool)
    if len(peaks):
        far = np.abs(peaks[rows] - wanted) > NEAR_S * result.fs_hz
    if far.any():
        raise ConfigError(
            f"sample {wanted[far][0]} of {result.name} is at no beat, expected one within "
            f"{1000 * NEAR_S:g} ms; name beats by result.beats.samples, or as result.ask gives them"
        )
    return np.asarray(rows, dtype=np.int64)


def _letters(classes: str | Sequence[str] | npt.ArrayLike) -> Int64:
    """Give classes as indices, from letters or indices."""
    stated = np.atleast_1d(np.asarray(list(classes) if isinstance(classes, str) else classes))
    if np.issubdtype(stated.dtype, np.integer) and ((stated >= 0) & (stated < len(AAMI))).all():
        return np.asarray(stated, dtype=np.int64)
    strange = [one for one in stated.tolist() if one not in AAMI]
    if strange:
        raise ConfigError(f"class {strange[0]!r} is none of {' '.join(AAMI)}; state one of these")
    return np.array([AAMI.index(one) for one in stated.tolist()], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Compared:
    """A result's beats as they were before any answer, and which of them are alike.

    Attributes
    ----------
    first : LabelledBeats
        The beats.
    model : ndarray of float64, shape (n_beats, 5)
        Log probabilities.
    places : ndarray of float32, shape (n_beats, n)
        From `ectopy.runtime.corrections.places.describe`.
    below : float
        Probability below which the model is in doubt.
    doubtful_signal : ndarray of bool, shape (n_beats,)
        Beats that not the model alone made uncertain: no answer makes them certain.
    """

    first: LabelledBeats
    model: Float64
    places: Float32
    below: float
    doubtful_signal: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, result: Result) -> Compared:
        """Compare the beats of a result.

        Raises
        ------
        ConfigError
            If the labels were given.
        """
        by, first = result.summary.labelled_by, result.first or result.intervals.beats
        if by.setting is None:
            raise ConfigError(
                f"the labels of {result.name} were given in {by.name}, and only those of a model "
                "learn from corrections; analyze the recording without annotations first",
                change="annotations",
            )
        model = np.log(np.maximum(first.probabilities.astype(np.float64), _LEAST))
        likeliest, below = first.probabilities.max(axis=1), result.background.uncertain_below
        peaks, background = Peaks(first.samples, first.strength), result.background
        spans = np.array(background.vf_spans_s) * result.fs_hz
        poor = doubted(peaks, spans, background.second)
        poor |= (first.quality > GOOD) | (first.pacing > NOT_PACED)
        poor |= np.isnan(result.intervals.rr_s)
        if below is None:  # of a classifier of one's own: as it is seen to be
            below = float(likeliest[~first.uncertain].min(initial=1.0))
            if not (first.uncertain & ~poor).any():  # it doubts nothing of its own accord
                below = min(below, NO_DOUBT)
        poor |= likeliest >= below
        places = describe(first.outlines, first.samples / result.fs_hz, model)
        return cls(first, model, places, below, np.asarray(first.uncertain & poor))

    @cached_property
    def groups(self) -> Int64:
        """The group of each beat."""
        return groups(self.places)

    def rows(self, answers: Answers) -> Int64:
        """Give the rows of answered beats."""
        return np.searchsorted(self.first.samples, answers.samples).astype(np.int64)

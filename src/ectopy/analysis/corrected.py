"""What a `Result` learns from a reader who confirms or corrects some of its beats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy.typing as npt

if TYPE_CHECKING:
    from ectopy.analysis.answers import Change
    from ectopy.analysis.corrections import Compared, Questions
    from ectopy.analysis.result import Result


class Corrected:
    """The part of `ectopy.analysis.result.Result` that learns from corrections."""

    @property
    def _result(self) -> Result:
        return cast("Result", self)

    def ask(self, k: int = 5, *, leave_out: npt.ArrayLike = ()) -> Questions:
        """Choose the beats whose class, stated by a reader, would help the other labels most.

        Parameters
        ----------
        k : int
            How many; `adapt` to the answers and ask again, five at a time, for the most of them.
        leave_out : array_like of int
            Samples of beats not to ask about, as those that a reader could not tell.

        Returns
        -------
        Questions
            None that was answered, the most helpful first, each with why it is asked.

        Raises
        ------
        ConfigError
            If the labels were given, ``k`` is below 1, or no beat is at a sample to leave out.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> ectopy.analyze(recording).ask(3).samples.shape
        (3,)
        """
        from ectopy.analysis.corrections import ask

        return ask(self._result, k, leave_out)

    def adapt(self, samples: npt.ArrayLike, classes: str | Sequence[str] | npt.ArrayLike) -> Result:
        """Learn from a reader who confirmed or corrected some beats: a new result.

        A stated beat is what was stated, and certain; all others are labelled anew by the model and
        all answers so far. Events, templates and summary follow.

        Parameters
        ----------
        samples : array_like of int, shape (n,)
            The beats, by their R peaks: the nearest beat within 150 ms.
        classes : str, sequence of str, or array_like of int, shape (n,)
            Their classes: ``"NSV"``, ``["N", "S", "V"]`` or indices into `ectopy.classes.AAMI`.
            A later answer goes before an earlier one to the same beat.

        Raises
        ------
        ConfigError
            If the labels were given, no beat is there, there is no such class, or not one for each
            beat.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> result = ectopy.analyze(recording)
        >>> question = result.ask(1)[0]
        >>> adapted = result.adapt([question.sample], [question.label])
        >>> bool(adapted.beats.uncertain[question.row]), adapted.change_from(result).stated_counts
        (False, {})
        """
        from ectopy.analysis.corrections import adapt

        return adapt(self._result, samples, classes)

    def unadapted(self) -> Result:
        """Give the result as it was before any answer."""
        from ectopy.analysis.answers import Answers
        from ectopy.analysis.corrections import with_answers

        own = self._result
        return with_answers(own, Answers()) if len(own.answers) else own

    def change_from(self, earlier: Result) -> Change:
        """Tell which beats have another class than in an earlier result of the same beats.

        Raises
        ------
        ConfigError
            If the beats are not the same.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> result = ectopy.analyze(recording)
        >>> result.change_from(result)
        <0 beats changed: none; stated: none; uncertain 1 to 1>
        """
        from ectopy.analysis.answers import change

        return change(earlier, self._result)

    @cached_property
    def compared(self) -> Compared:
        """Which beats are alike, for `ask` and `adapt`: once, for all answers."""
        from ectopy.analysis.corrections import Compared

        return Compared.of(self._result)

"""What every column that the beat model reads is, and which of a reader's questions it answers.

The order is that of `rr_intervals.rhythm`, `context.describe`, `prematurity.sinus` and
`fibrillation_gate.gated`; here alone it has names. A column that is about the interval after the
beat counts as pause even if it is a ratio to the interval before: so nothing of the group
``prematurity`` needs the next beat.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import prematurity as sifted
from ectopy.beats.features import rr_intervals as rhythm

Group = Literal[
    "prematurity", "pause", "p_wave", "qrs_width", "qrs_shape", "st_t", "neighbours", "rhythm"
]
"""``prematurity``: the interval before the beat. ``pause``: that after it. ``p_wave``,
``qrs_width``, ``qrs_shape`` (and size), ``st_t``: the beat in its leads against the usual one and
those next to it. ``neighbours``: how the beats around it look. ``rhythm``: all other intervals."""

GROUPS: Final[tuple[Group, ...]] = get_args(Group)


class Column(NamedTuple):
    """One number that the beat model reads.

    Attributes
    ----------
    name : str
        What it is.
    group : str
        One of `GROUPS`.
    """

    name: str
    group: Group


MEASURES: Final = (
    Column("qrs likeness to the usual beat", "qrs_shape"),
    Column("qrs likeness to the beat before", "qrs_shape"),
    Column("qrs likeness to the beat after", "qrs_shape"),
    Column("p likeness to the usual beat", "p_wave"),
    Column("likeness of the whole beat to the usual one", "qrs_shape"),
    Column("p likeness to the beat before", "p_wave"),
    Column("p likeness to the beat after", "p_wave"),
    Column("p difference from the usual beat", "p_wave"),
    Column("p size of the usual beat", "p_wave"),
    Column("p size", "p_wave"),
    Column("qrs difference from the usual beat", "qrs_shape"),
    Column("st and t difference from the usual beat", "st_t"),
    Column("qrs height against the usual beat", "qrs_shape"),
    Column("qrs width", "qrs_width"),
    Column("qrs width of the usual beat", "qrs_width"),
    Column("qrs width against the usual beat", "qrs_width"),
    Column("qrs area against the usual beat", "qrs_shape"),
    Column("qrs slope against the usual beat", "qrs_width"),
    Column("qrs fullness of the usual beat", "qrs_width"),
    Column("qrs fullness", "qrs_width"),
    Column("qrs height of the beat after", "neighbours"),
)
"""Of one beat in one lead, as `ectopy.beats.features.shape` orders them."""

POOLS: Final = ("mean over leads", "largest lead", "smallest lead")
AROUND: Final = ("the beat before", "the beat after", "mean of 24 beats", "mean square of 24 beats")

QRS_LIKENESS, P_LIKENESS, P_SIZE, ST_T_DIFFERENCE, QRS_HEIGHT, WIDTH, SLOPE = (
    0,
    3,
    9,
    11,
    12,
    13,
    17,
)
"""Places in `MEASURES` that are told in words; height and slope are log ratios."""

DUE, PAUSE, BOTH_INTERVALS = 4, 5, 7
LARGE_STEPS = 39
"""Columns of `ectopy.beats.features.prematurity.sinus` that are told in words: log ratios to the
due interval of the interval before, the one after, and their mean; and the share of the last 64
intervals that differ from the one before by `STEP` and more."""


@cache
def rhythm_columns(whole: bool) -> tuple[Column, ...]:
    """Name the columns of `ectopy.beats.features.rr_intervals.rhythm`."""
    columns = [
        Column("interval", "prematurity"),
        Column("interval after", "pause"),
        Column("second interval after", "rhythm"),
        Column("interval before that", "rhythm"),
        Column("second interval before that", "rhythm"),
        Column("interval against the one after", "pause"),
        Column("interval against the one before", "prematurity"),
        Column("interval before against the one after", "pause"),
        Column("interval against the second before", "prematurity"),
    ]
    for beats in rhythm.MEAN_BEATS:
        of = f"the mean of {beats}"
        columns.append(Column(f"interval against {of}", "prematurity"))
        columns.append(Column(f"interval after against {of}", "pause"))
        if beats == rhythm.MEAN_BEATS[1]:
            columns.append(Column(f"second interval after against {of}", "rhythm"))
            columns.append(Column(f"interval before that against {of}", "rhythm"))
    for beats in rhythm.QUANTILE_BEATS:
        columns += _set_against(f"of {beats}", ("25 %", "50 %", "80 %"))
        columns.append(Column(f"80 to 25 % of {beats}", "rhythm"))
        columns.append(Column(f"both intervals against the 80 % of {beats}", "pause"))
    columns.append(Column("95 to 80 % of 48", "rhythm"))
    columns.append(Column("50 % of 48", "rhythm"))
    columns += _set_against("of three minutes", ("25 %", "50 %", "80 %", "95 %"))
    columns += [Column(f"{span} % of three minutes", "rhythm") for span in ("95 to 80", "80 to 25")]
    for beats in (12, 48):
        for what in ("50 %", "80 %", "mean"):
            columns.append(Column(f"{what} of the last {beats} steps", "rhythm"))
    columns.append(Column("share of like intervals", "prematurity"))
    if whole:
        for beats in rhythm.TWO_SIDED_BEATS:
            of = f"of {beats} either side"
            columns += _set_against(of, ("10 %", "25 %", "50 %", "80 %", "95 %"))
            columns.append(Column(f"80 to 25 % {of}", "rhythm"))
            columns += [Column(f"{what} of steps {of}", "rhythm") for what in ("50 %", "80 %")]
        for mark in rhythm.MARKS:
            columns.append(
                Column(f"interval against the {100 * mark:g} % of the recording", "prematurity")
            )
        columns.append(Column("75 to 25 % of the recording", "rhythm"))
    return tuple(columns)


def _set_against(of: str, quantiles: tuple[str, ...]) -> list[Column]:
    """Name the interval against quantiles, and the one after against the 80 %."""
    columns = [Column(f"interval against the {q} {of}", "prematurity") for q in quantiles]
    return [*columns, Column(f"interval after against the 80 % {of}", "pause")]


@cache
def measure_columns() -> tuple[Column, ...]:
    """Name the columns that `ectopy.beats.features.context.describe` makes of `MEASURES`."""
    own = [Column(f"{name}, {pool}", group) for pool in POOLS for name, group in MEASURES]
    others = [Column(f"{name}, {where}", "neighbours") for where in AROUND for name, _ in MEASURES]
    return (*own, *others)


@cache
def sifted_columns() -> tuple[Column, ...]:
    """Name the columns of `ectopy.beats.features.prematurity.sinus`."""
    columns = []
    for beats in sifted.DUE_BEATS:
        due = f"the due one (of {beats})"
        columns += [
            Column(f"interval against {due}", "prematurity"),
            Column(f"interval after against {due}", "pause"),
            Column(f"second interval after against {due}", "rhythm"),
            Column(f"both intervals against {due}", "pause"),
        ]
    columns.append(Column("due interval of 4 against that of 40", "rhythm"))
    columns += [Column(f"interval {n} back against the due one", "rhythm") for n in range(1, 7)]
    for beats in sifted.WANDER_BEATS:
        columns += [
            Column(f"wander of {beats}", "rhythm"),
            Column(f"interval against the due one, in wanders of {beats}", "prematurity"),
            Column(f"interval after against the due one, in wanders of {beats}", "pause"),
        ]
    columns += [Column(f"share of early beats in {n}", "rhythm") for n in sifted.SHARE_BEATS]
    columns += [
        # How many before it were early in a row, itself included.
        Column("early beats in a row", "prematurity"),
        Column("beat before is early", "rhythm"),
        Column("second beat before is early", "rhythm"),
        Column("early", "prematurity"),
        Column("interval against the usual coupling", "prematurity"),
        Column("early beats are usual", "rhythm"),
    ]
    for beats in sifted.WANDER_BEATS:
        for what in ("turning points", "large steps", "mean step", "spread"):
            columns.append(Column(f"{what} of {beats}", "rhythm"))
    return tuple(columns)


@cache
def gate_columns() -> tuple[Column, ...]:
    """Name what `ectopy.beats.features.fibrillation_gate.gated` puts beside the others."""
    before, sinus_columns = rhythm_columns(False), sifted_columns()
    gates = [
        Column(f"fibrillation, {what}", "rhythm")
        for what in ("this beat", "32 beats", "8 beats", "gate of 32", "gate of 8")
    ]
    behind = [sinus_columns[place] for place in sifted.PREMATURE]
    behind += [before[place] for place in rhythm.PREMATURE]
    behind += [sinus_columns[place] for place in sifted.GATED]
    return (*gates, *(Column(f"{name}, gated", group) for name, group in behind))


@cache
def columns(two_sided: bool) -> tuple[Column, ...]:
    """Name the columns that `describe` gives of one side.

    Parameters
    ----------
    two_sided : bool
        As for `ectopy.beats.features.context.inputs`.

    Returns
    -------
    tuple of Column
        234 of the past, 258 of the whole recording; `gate_columns` come after them.

    Examples
    --------
    >>> from ectopy.beats.features.groups import columns
    >>> columns(False)[0]
    Column(name='interval', group='prematurity')
    """
    return (*rhythm_columns(two_sided), *measure_columns(), *sifted_columns())


def members(columns: tuple[Column, ...]) -> npt.NDArray[np.bool_]:
    """Tell which columns belong to which group, shape (n_groups, n_columns)."""
    return np.array([[column.group == group for column in columns] for group in GROUPS])

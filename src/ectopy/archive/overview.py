"""What is told of an archive as a whole: a few figures, asked of its tables by SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIRST: Final = 100
"""Most recordings that are named as those to review first."""
REASONS: Final = 25
"""Most reasons of failures that are told; each with `EXAMPLES` addresses."""
EXAMPLES: Final = 3

_WHOLE: Final = """
SELECT
    count(*) AS recordings, coalesce(sum(duration_s), 0) AS recorded_s,
    coalesce(sum(usable_s), 0) AS usable_s, coalesce(sum(beats), 0) AS beats,
    coalesce(sum(uncertain), 0) AS uncertain, coalesce(sum(duration_s), 0) / 3600 AS hours,
    count(*) FILTER (WHERE simulated) AS simulated, count(look_first) AS to_look,
    count(*) FILTER (WHERE warnings > 0) AS warned,
    min(start) AS earliest, max(start) AS latest
FROM recordings
"""
_CLASSES: Final = """
SELECT letter, coalesce(sum(certain), 0), coalesce(sum(doubtful), 0) FROM (
    SELECT unnest(['N', 'S', 'V', 'F', 'Q']) AS letter,
        unnest([N, S, V, F, Q]) AS certain,
        unnest([N_uncertain, S_uncertain, V_uncertain, F_uncertain, Q_uncertain]) AS doubtful
    FROM recordings
) GROUP BY letter
"""
_HAVE: Final = (
    ("Ventricular fibrillation or flutter", "vf_s > 0", "true"),
    ("Atrial fibrillation", "af_percent > 0", "af_percent IS NOT NULL"),
    ("VE runs", "veb_runs > 0", "veb_runs IS NOT NULL"),
    ("VE runs of more than 5 beats", "veb_longest_run_beats > 5", "veb_runs IS NOT NULL"),
    ("VE burden of 10 % or more", "veb_percent >= 10", "veb_percent IS NOT NULL"),
    ("SVE runs", "sveb_runs > 0", "sveb_runs IS NOT NULL"),
    ("Pauses", "pauses > 0", "pauses IS NOT NULL"),
    ("Paced rhythm, or perhaps one", "pacing IN ('paced', 'suspected')",
     "pacing <> 'not looked for'"),
    ("No beat found", "beats = 0", "true"),
)  # fmt: skip
"""What recordings have, and of which it can be told at all."""
_SPREAD: Final = (
    ("Length", "duration_s", None),
    ("Usable signal, %", "100 * usable_s / nullif(duration_s, 0)", 1),
    ("Uncertain beats, %", "uncertain_percent", 1),
    ("Mean heart rate, per minute", "hr_mean", 0),
    ("AF burden, %", "af_percent", 1),
    ("VE per hour", "veb_per_hour", 1),
    ("SVE per hour", "sveb_per_hour", 1),
    ("Longest pause, s", "longest_pause_s", 1),
)
_FIRST: Final = f"""
SELECT name, id, address, look_why, duration_s, start, simulated FROM recordings
WHERE look_first IS NOT NULL ORDER BY look_first DESC, name, id LIMIT {FIRST}
"""
_REASONS: Final = f"""
SELECT min(why) AS why, count(DISTINCT why) AS kinds, count(*) AS n,
    list_slice(list(address ORDER BY address), 1, {EXAMPLES}) AS examples
FROM (SELECT replace(reason, address, 'it') AS why, address FROM failures)
GROUP BY regexp_replace(why, '[0-9]+', '', 'g') ORDER BY n DESC, why
"""
"""Reasons that differ in their numbers alone are one."""


@dataclass(frozen=True)
class Overview:
    """Figures over all recordings of an archive.

    Attributes
    ----------
    whole : dict
        Counts and sums.
    classes : list of tuple
        Letter, certain beats, uncertain ones.
    have : list of tuple
        What, how many recordings have it, of how many it can be told.
    spread : list of tuple
        What, recordings it is known of, 10th, 50th and 90th percentile, the largest; digits, or
        None of a length in seconds.
    first : list of dict
        Recordings to review first, with the reason.
    reasons : list of tuple
        Why recordings failed, how many such reasons there are that differ in their numbers, how
        many recordings, some of their addresses; `REASONS` at most.
    failures, kinds_of_failure : int
        How many failed, and for how many reasons.
    """

    whole: dict[str, Any]
    classes: list[tuple[str, int, int]]
    have: list[tuple[str, int, int]]
    spread: list[tuple[Any, ...]]
    first: list[dict[str, Any]]
    reasons: list[tuple[Any, ...]]
    failures: int
    kinds_of_failure: int


def overview(connection: DuckDBPyConnection) -> Overview:
    """Ask the figures, of a connection as `ectopy.archive.query.connect` gives it."""
    (whole,) = _dicts(connection, _WHOLE)
    counts = {letter: (sure, doubt) for letter, sure, doubt in _all(connection, _CLASSES)}
    asked = ", ".join(
        f"count(*) FILTER (WHERE {has}), count(*) FILTER (WHERE {known})" for _, has, known in _HAVE
    )
    (found,) = _all(connection, f"SELECT {asked} FROM recordings")
    parts = ", ".join(
        f"count({value}), quantile_cont({value}, [0.1, 0.5, 0.9]), max({value})"
        for _, value, _ in _SPREAD
    )
    (spread,) = _all(connection, f"SELECT {parts} FROM recordings")
    reasons = _all(connection, _REASONS)
    return Overview(
        whole=whole,
        classes=[(letter, *counts.get(letter, (0, 0))) for letter in "NSVFQ"],
        have=[(what, found[2 * i], found[2 * i + 1]) for i, (what, _, _) in enumerate(_HAVE)],
        spread=[
            (what, spread[3 * i], *spread[3 * i + 1], spread[3 * i + 2], digits)
            for i, (what, _, digits) in enumerate(_SPREAD)
            if spread[3 * i]
        ],
        first=_dicts(connection, _FIRST),
        reasons=reasons[:REASONS],
        failures=sum(count for _, _, count, _ in reasons),
        kinds_of_failure=len(reasons),
    )


def _all(connection: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def _dicts(connection: DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    rows = connection.execute(sql)
    names = [column[0] for column in rows.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]

"""What a lead that fails does to labels inside the failure, and elsewhere, file to labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.evaluation.ec57.counting import figures
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotated import AnnotatedRecord, open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.recording import Recording
from ectopy.runtime.bundle import SETTINGS, Setting

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

OUTAGE_S: Final = (600.0, 1200.0)
"""From when to when a lead is off, in s."""
CEILING_MV: Final = 0.8
SAME_S: Final = 0.05
"""Distance up to which two beats are the same one: R is marked on another lead in an outage."""


@dataclass(frozen=True)
class LeadFailure:
    """What became of the beats of all records under one condition and setting.

    Attributes
    ----------
    condition, where, setting : str
        What was done to the leads; which beats are counted (``all``, ``certain``, ``outside`` or
        ``inside`` the outage); what a label may depend on.
    beats : int
        Reference beats counted.
    veb_f1, sveb_f1 : float
        From EC57's counts of all records together.
    uncertain : float
        Share of the labelled beats counted that are uncertain.
    same : float
        Share of beats with class and certainty of the undisturbed leads.
    """

    condition: str
    where: str
    setting: str
    beats: int
    veb_f1: float
    sveb_f1: float
    uncertain: float
    same: float


def conditions() -> dict[str, Callable[[Float32, slice], Float32]]:
    """Give every condition by name: what it makes of two leads, given the outage's samples."""

    def held(
        lead: int, value: float, *, always: bool = False
    ) -> Callable[[Float32, slice], Float32]:
        def change(signal: Float32, outage: slice) -> Float32:
            changed = signal.copy()
            changed[lead, slice(None) if always else outage] = value
            return changed

        return change

    def alone(lead: int) -> Callable[[Float32, slice], Float32]:
        return lambda signal, outage: signal[lead : lead + 1]

    found: dict[str, Callable[[Float32, slice], Float32]] = {
        "as recorded": lambda signal, outage: signal
    }
    for lead in (0, 1):
        name = f"lead {lead + 1}"
        found[f"{name} alone"] = alone(lead)
        found[f"{name} off"] = held(lead, 0.0, always=True)
        found[f"{name} zero for ten minutes"] = held(lead, 0.0)
        found[f"{name} constant for ten minutes"] = held(lead, 0.7)
        found[f"{name} missing for ten minutes"] = held(lead, np.nan)
    ceiling = np.float32(CEILING_MV)
    found[f"clipped at {CEILING_MV} mV"] = lambda signal, outage: np.clip(signal, -ceiling, ceiling)
    return found


def lead_failures(
    folder: Path,
    records: Sequence[str] | None,
    *,
    weights: str = "ds1",
    settings: Sequence[Setting] = SETTINGS,
    names: Sequence[str] | None = None,
) -> list[LeadFailure]:
    """Label annotated two-lead records with leads that fail, and without.

    Parameters
    ----------
    folder : Path
        Holds ``NAME.hea`` and ``NAME.atr``.
    records : sequence of str, optional
        Which; all by default. Those without two leads are left out.
    weights : str
        Packaged weights by name, or a folder.
    settings : sequence of {"past", "whole"}
        What labels may depend on.
    names : sequence of str, optional
        Which `conditions`; all by default.

    Raises
    ------
    ConfigError
        If there is no such condition.
    DataNotFoundError
        If there is no such record with two leads.
    """
    for name in names or ():
        if name not in conditions():
            raise ConfigError(
                f"there is no condition {name!r}; there are {', '.join(conditions())}"
            )
    paths, _ = annotated_records(folder, wanted=records)
    known = [open_annotated(path) for path in paths.values()]
    known = [record for record in known if len(record.recording.leads) == 2]
    if not known:
        raise DataNotFoundError(f"{folder} holds no annotated record with two leads, expected some")
    rows = []
    for setting in settings:
        counts: dict[tuple[str, str], _Count] = {}
        for record in known:
            _one(record, weights, setting, names, counts)
        rows += [count.row(*key, setting) for key, count in counts.items()]
    return rows


@dataclass
class _Count:
    """What is summed over records."""

    matrix: npt.NDArray[np.float64]
    labelled: int = 0
    uncertain: int = 0
    compared: int = 0
    same: int = 0

    def row(self, condition: str, where: str, setting: str) -> LeadFailure:
        told = figures(self.matrix)
        return LeadFailure(
            condition,
            where,
            setting,
            int(self.matrix[:5].sum()),
            float(np.nan_to_num(told["VEB.f1"])),
            float(np.nan_to_num(told["SVEB.f1"])),
            self.uncertain / max(1, self.labelled),
            self.same / max(1, self.compared),
        )


def _one(
    record: AnnotatedRecord,
    weights: str,
    setting: Setting,
    names: Sequence[str] | None,
    counts: dict[tuple[str, str], _Count],
) -> None:
    recording = record.recording
    signal, fs_hz = recording.read(), recording.fs_hz
    outage = slice(*(round(at * fs_hz) for at in OUTAGE_S))
    plain: LabelledBeats | None = None
    for name, change in conditions().items():
        if names and name not in names and name != "as recorded":
            continue
        changed = change(signal, outage)
        leads = recording.leads if len(changed) == 2 else (recording.leads[int(name[5]) - 1],)
        given = Recording.from_array(changed, fs_hz, leads, name=record.name)
        beats = analyze(given, weights=weights, setting=setting).beats
        plain = plain if plain is not None else beats
        for where in ("all", "certain", "outside", "inside"):
            count = counts.setdefault((name, where), _Count(np.zeros((7, 7))))
            _add(count, record, beats, plain, outage, where)


def _add(
    count: _Count,
    record: AnnotatedRecord,
    beats: LabelledBeats,
    plain: LabelledBeats,
    outage: slice,
    where: str,
) -> None:
    """Count one record's beats ``where`` they are asked for."""
    fs_hz = record.fs_hz
    truth = reference_beats(record)
    pairs = pair(truth.samples, beats.samples, round(WINDOW_S * fs_hz))
    wanted, found = (_counted(s, outage, where) for s in (truth.samples, beats.samples))
    if where == "certain":  # a beat whose label is uncertain counts on neither side
        found = ~beats.uncertain
        wanted[pairs.reference[~found[pairs.test]]] = False
    both, missed = wanted[pairs.reference], pairs.missed[wanted[pairs.missed]]
    extra = pairs.extra[found[pairs.extra]]
    none = len(AAMI)
    cells = (
        (truth.classes[pairs.reference[both]], beats.classes[pairs.test[both]]),
        (truth.classes[missed], np.full(len(missed), none)),
        (np.full(len(extra), none), beats.classes[extra]),
    )
    for cell in cells:
        np.add.at(count.matrix, cell, 1)
    here = _counted(beats.samples, outage, where)
    count.labelled += int(here.sum())
    count.uncertain += int(beats.uncertain[here].sum())
    there = ~plain.uncertain if where == "certain" else _counted(plain.samples, outage, where)
    alike = pair(plain.samples, beats.samples, round(SAME_S * fs_hz))
    agree = (plain.classes[alike.reference] == beats.classes[alike.test]) & (
        plain.uncertain[alike.reference] == beats.uncertain[alike.test]
    )
    count.same += int((agree & there[alike.reference]).sum())
    count.compared += int(there.sum()) + int(here[alike.extra].sum())


def _counted(samples: Int64, outage: slice, where: str) -> Bool:
    inside: Bool = (samples >= outage.start) & (samples < outage.stop)
    if where in ("inside", "outside"):
        return inside if where == "inside" else ~inside
    return np.ones(len(samples), dtype=bool)


def table(rows: list[LeadFailure]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = [
        "| setting | condition | beats counted | reference beats | VEB F1 | SVEB F1 | "
        "uncertain, % | as without, % |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.setting} | {row.condition} | {row.where} | {row.beats:,} | {row.veb_f1:.4f} | "
        f"{row.sveb_f1:.4f} | {100 * row.uncertain:.2f} | {100 * row.same:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)

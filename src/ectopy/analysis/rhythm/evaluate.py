"""Our episodes of fibrillation against a folder's rhythm marks, as ``epicmp`` compares them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ectopy import __version__
from ectopy.analysis.evaluation_files import write_all
from ectopy.analysis.rhythm.told_record import ToldRecord, by_mark, from_annotations, from_signal
from ectopy.analysis.settings import Settings
from ectopy.errors import ConfigError, DataFormatError, EctopyError
from ectopy.evaluation.ec57.episodes import (
    FIGURES,
    EpisodeCounts,
    compare_episodes,
    episode_statistics,
)
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.rhythm_marks import FIBRILLATION, FLUTTER, rhythm_spans
from ectopy.runtime.bundle import Setting
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.kinds import KEYS

STEM: Final = "rhythm-evaluation"


@dataclass(frozen=True)
class RhythmOptions:
    """How a folder's rhythm is scored.

    Attributes
    ----------
    extension : str
        Of the reference annotations, which hold the rhythm marks.
    from_annotations : str, optional
        Of the annotations whose beats are taken, ``qrs`` say; by default the signal is labelled,
        and all rhythms are told.
    weights : str or Path
        What labels the signal: a packaged bundle by name, or a folder with one.
    setting : {"past", "whole"}, optional
        What a label may depend on, see `ectopy.analysis.request.Request`.
    flutter : bool
        Whether reference flutter counts as fibrillation.
    skip_minutes : float
        Minutes left out at the beginning of each record: 5 by EC57.
    settings : Settings
        Definitions; the shortest episode is that of the counts too.
    """

    extension: str = "atr"
    from_annotations: str | None = None
    weights: str | Path = "default"
    setting: Setting | None = None
    flutter: bool = True
    skip_minutes: float = 0.0
    settings: Settings = field(default_factory=Settings)


def evaluate_rhythm(
    folder: Path,
    options: RhythmOptions | None = None,
    *,
    records: Sequence[str] | None = None,
    model: FibrillationModel | None = None,
) -> dict[str, Any]:
    """Tell the rhythm of every record, and compare with its rhythm marks.

    Episodes are counted from the shortest duration on (``epicmp -i``); durations are of all. From
    beat times alone, the comparison ends with the last beat (``epicmp -t``).

    Parameters
    ----------
    folder : Path
        WFDB records; of beat times alone no signal is read.
    options : RhythmOptions, optional
        Extensions and conventions.
    records : sequence of str, optional
        Names of the records to take.
    model : FibrillationModel, optional
        By default the packaged one; of beat times alone.

    Returns
    -------
    dict
        What `episode_statistics` gives, how it was made, how much of the records that have no
        fibrillation is called so (``free_of_it``), ``seconds`` of each of our rhythms by the
        reference's (from the signal alone), and ``left_out``.

    Raises
    ------
    DataNotFoundError, ConfigError
        If the folder or its records are not there.
    DataFormatError
        If no record could be scored.
    """
    options = options or RhythmOptions()
    model = model or FibrillationModel.load()
    labeller = None if options.from_annotations else BeatClassifier.load(options.weights)
    found, left_out = annotated_records(folder, options.extension, records)
    counts: dict[str, EpisodeCounts] = {}
    durations: dict[str, EpisodeCounts] = {}
    fs_hz: dict[str, float] = {}
    about: dict[str, dict[str, float]] = {}
    seconds: dict[str, dict[str, float]] = {}
    for name, path in found.items():
        try:
            one = _tell(path, options, model, labeller)
            start = _start(path.name, one, options)
            counts[name], durations[name] = _score(one, options, start)
            fs_hz[name], about[name] = one.reference.fs_hz, one.about
            if one.course is not None:
                _add(seconds, by_mark(one, start))
        except EctopyError as error:
            left_out[name] = str(error)
    if not counts:
        name, reason = next(iter(left_out.items()))
        raise DataFormatError(
            f"none of the {len(left_out)} records in {folder} could be scored; {name}: {reason}"
        )
    told = episode_statistics(counts, durations, fs_hz)
    for name, more in about.items():
        told["records"][name] |= more
    free = [entry for entry in told["records"].values() if not entry["reference_s"]]
    free_s = sum(entry["decided_s"] for entry in free)
    return {
        "ectopy": __version__,
        "folder": str(folder),
        "weights": model.name,
        "beats": options.from_annotations or "detected",
        "labelled_by": labeller and labeller.bundle.name,
        "named_as_trained_on": _named_as_trained_on(folder, model, labeller, counts),
        "extension": options.extension,
        "flutter": "counts as fibrillation" if options.flutter else "is another rhythm",
        "skipped_minutes": options.skip_minutes,
        "settings": options.settings.model_dump(),
        "n_records": len(counts),
        **told,
        "free_of_it": {
            "records": len(free),
            "decided_s": round(free_s, 3),
            "called_share": sum(entry["test_s"] for entry in free) / free_s if free_s else None,
        },
        "seconds": seconds,
        "left_out": left_out,
    }


def _tell(
    path: Path, options: RhythmOptions, model: FibrillationModel, labeller: BeatClassifier | None
) -> ToldRecord:
    if options.from_annotations is None:
        assert labeller is not None
        return from_signal(path, options.extension, labeller, options.setting, options.settings)
    beats_of = options.from_annotations
    return from_annotations(path, options.extension, beats_of, options.settings, model)


def _score(
    told: ToldRecord, options: RhythmOptions, start: int
) -> tuple[EpisodeCounts, EpisodeCounts]:
    fs_hz, stop = told.reference.fs_hz, told.stop
    marks = (*FIBRILLATION, *FLUTTER) if options.flutter else FIBRILLATION
    truth = rhythm_spans(told.reference, marks, stop=told.length)
    shortest = round(options.settings.af_shortest_s * fs_hz)
    test = told.fibrillation
    counts = compare_episodes(truth, test, start=start, stop=stop, shortest=shortest)
    return counts, compare_episodes(truth, test, start=start, stop=stop)


def _start(name: str, told: ToldRecord, options: RhythmOptions) -> int:
    fs_hz = told.reference.fs_hz
    start = round(60 * options.skip_minutes * fs_hz)
    if start >= told.stop:
        raise ConfigError(
            f"{name} has beats for {told.stop / fs_hz:.0f} s, nothing is left after skipping "
            f"{options.skip_minutes:g} minutes"
        )
    return start


def _add(total: dict[str, dict[str, float]], more: dict[str, dict[str, float]]) -> None:
    for mark, row in more.items():
        own = total.setdefault(mark, {})
        for key, seconds in row.items():
            own[key] = round(own.get(key, 0.0) + seconds, 3)


def _named_as_trained_on(
    folder: Path, model: FibrillationModel, labeller: BeatClassifier | None, names: Iterable[str]
) -> list[str]:
    """Give the records with names of training records, of the beats' weights or of the trees.

    Those know from which databases they learnt; it is looked for under the folder's name.
    """
    seen = set(model.manifest.get("trained_on", {}).get(folder.resolve().name, ()))
    if labeller is not None:
        seen |= {Path(name).name for name in labeller.bundle.manifest.get("trained_on", ())}
    return [name for name in names if Path(name).name in seen]


def seconds_table(seconds: dict[str, dict[str, float]]) -> str:
    """Lay ``seconds`` out: a line a rhythm of the reference, a column each of ours."""
    keys = [key for key in KEYS if any(key in row for row in seconds.values())]
    lines = [f"{'':<9}" + "".join(f"{key:>8}" for key in keys)]
    for mark, row in sorted(seconds.items(), key=lambda one: -sum(one[1].values())):
        lines.append(f"{mark:<9}" + "".join(f"{row.get(key, 0):>8.0f}" for key in keys))
    return "\n".join(lines) + "\n"


def write_rhythm_evaluation(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``rhythm-evaluation.json`` and ``.csv`` (a line a record), or none.

    Raises
    ------
    ConfigError
        If they cannot be written.
    """
    names = ("found", "missed", "right", "wrong", *FIGURES, "reference_s", "test_s", "decided_s")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["record", *names])
    rows = {**report["records"], "gross": report["gross"], "average": report["average"]}
    for record, entry in rows.items():
        values = [entry.get(name) for name in names]
        shown = ["" if v is None else f"{v:.6g}" if isinstance(v, float) else v for v in values]
        table.writerow([record, *shown])
    return write_all(
        folder,
        {f"{STEM}.json": json.dumps(report, indent=1) + "\n", f"{STEM}.csv": text.getvalue()},
    )

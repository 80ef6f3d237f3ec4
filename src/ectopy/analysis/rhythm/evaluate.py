"""Our episodes of fibrillation against a folder's rhythm marks, as ``epicmp`` compares them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy import __version__
from ectopy.analysis.overwrite import cannot_write
from ectopy.beats.reference import beat_times
from ectopy.errors import ConfigError, DataFormatError, EctopyError
from ectopy.evaluation.ec57.episodes import (
    FIGURES,
    EpisodeCounts,
    compare_episodes,
    episode_statistics,
)
from ectopy.files import atomic_path
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.rhythm_marks import FIBRILLATION, FLUTTER, Spans, rhythm_spans
from ectopy.recordings.wfdb.header import read_header
from ectopy.runtime.rhythm.episodes import RhythmResult, rhythm_of
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.settings import RhythmSettings

STEM: Final = "rhythm-evaluation"


@dataclass(frozen=True)
class RhythmOptions:
    """How a folder's rhythm is scored.

    Attributes
    ----------
    extension : str
        Of the reference annotations, which hold the rhythm marks.
    from_annotations : str
        Of the annotations whose beats are taken, ``qrs`` say.
    flutter : bool
        Whether reference flutter counts as fibrillation.
    skip_minutes : float
        Minutes left out at the beginning of each record: 5 by EC57.
    settings : RhythmSettings
        Shortest episode and gaps; the shortest episode is that of the counts too.
    """

    extension: str = "atr"
    from_annotations: str = "qrs"
    flutter: bool = True
    skip_minutes: float = 0.0
    settings: RhythmSettings = field(default_factory=RhythmSettings)


def evaluate_rhythm(
    folder: Path,
    options: RhythmOptions | None = None,
    *,
    records: Sequence[str] | None = None,
    model: FibrillationModel | None = None,
) -> dict[str, Any]:
    """Tell the rhythm of every record from its beat times, and compare with its rhythm marks.

    Episodes are counted from the shortest duration on (``epicmp -i``); durations are of all. The
    comparison ends with the last beat (``epicmp -t``).

    Parameters
    ----------
    folder : Path
        WFDB records; no signal is read.
    options : RhythmOptions, optional
        Extensions and conventions.
    records : sequence of str, optional
        Names of the records to take.
    model : FibrillationModel, optional
        By default the packaged one.

    Returns
    -------
    dict
        What `episode_statistics` gives, how it was made, how much of the records that have no
        fibrillation is called so (``free_of_it``), and ``left_out``.

    Raises
    ------
    DataNotFoundError, ConfigError
        If the folder or its records are not there.
    DataFormatError
        If no record could be scored.
    """
    options = options or RhythmOptions()
    model = model or FibrillationModel.load()
    found, left_out = annotated_records(folder, options.extension, records)
    counts: dict[str, EpisodeCounts] = {}
    durations: dict[str, EpisodeCounts] = {}
    fs_hz: dict[str, float] = {}
    about: dict[str, dict[str, float]] = {}
    for name, path in found.items():
        try:
            counts[name], durations[name], fs_hz[name], about[name] = _score(path, options, model)
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
        "beats": options.from_annotations,
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
        "left_out": left_out,
    }


def _score(
    path: Path, options: RhythmOptions, model: FibrillationModel
) -> tuple[EpisodeCounts, EpisodeCounts, float, dict[str, float]]:
    reference = read_annotations(path, options.extension)
    if not np.char.startswith(reference.aux[reference.symbols == "+"], "(").any():
        raise DataFormatError(f"{path}.{options.extension} has no rhythm marks")
    own = (
        reference
        if options.from_annotations == options.extension
        else read_annotations(path, options.from_annotations)
    )
    fs_hz = reference.fs_hz
    header = path.with_name(f"{path.name}.hea")
    frames = read_header(header).n_frames if header.is_file() else None
    beats = beat_times(own)
    told = int(beats[-1] * fs_hz) + 1 if len(beats) else 0
    # A header without signals need not say how long the record is; marks stand beyond the last.
    length = int(frames or max(reference.samples.max(initial=0), told))
    stop = min(length, told)  # beyond the last beat there is nothing to tell the rhythm from
    start = round(60 * options.skip_minutes * fs_hz)
    if start >= stop:
        raise ConfigError(
            f"{path.name} has beats for {stop / fs_hz:.0f} s, nothing is left after skipping "
            f"{options.skip_minutes:g} minutes"
        )
    marks = (*FIBRILLATION, *FLUTTER) if options.flutter else FIBRILLATION
    truth = rhythm_spans(reference, marks, stop=length)
    result = rhythm_of(beats, settings=options.settings, model=model)
    test = _spans(result, fs_hz)
    shortest = round(options.settings.af_shortest_s * fs_hz)
    counts = compare_episodes(truth, test, start=start, stop=stop, shortest=shortest)
    durations = compare_episodes(truth, test, start=start, stop=stop)
    about = {
        "decided_s": result.decided_s,
        "not_decided_s": result.not_decided_s,
        "after_last_beat_s": round((length - stop) / fs_hz, 3),
    }
    return counts, durations, fs_hz, about


def _spans(result: RhythmResult, fs_hz: float) -> Spans:
    edges = np.rint(result.episodes * fs_hz).astype(np.int64)
    return Spans(edges[:, 0], edges[:, 1])


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
    contents = {".json": json.dumps(report, indent=1) + "\n", ".csv": text.getvalue()}
    paths = [folder / f"{STEM}{ending}" for ending in contents]
    try:
        with ExitStack() as stack:
            held = [stack.enter_context(atomic_path(path)) for path in paths]
            for path, content in zip(held, contents.values(), strict=True):
                path.write_bytes(content.encode())
    except OSError as error:
        raise cannot_write(folder, error) from error
    return paths

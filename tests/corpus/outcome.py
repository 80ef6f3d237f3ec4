"""Take one case from file to every output, and say what is wrong with how it ended."""

from __future__ import annotations

import csv
import json
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from cases import Case
from page_reader import wrong_with_page

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import FORMATS, write
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Summary
from ectopy.classes import AAMI
from ectopy.errors import EctopyError
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording

HANG_S = 60
"""Seconds by the clock after which a file is given up, on however busy a machine."""
CPU_S = 5.0
"""Seconds of processor time that one file may take: most take hundredths of it."""
LONGEST_MESSAGE = 700

_INTERNALS = re.compile(
    r"Traceback|<class|<built-in|<function|<_io| object at |\b0x[0-9a-f]{6,}|\bnumpy\.|\bnp\."
    r"|\bpyarrow\b|dtype\(|\b[A-Z]\w*(Error|Exception|Warning)\b|\[Errno|codec can't|NoneType"
    r"|unpack requires|positional argument|has no attribute|object is not|unsupported operand"
    r"|invalid literal|could not convert"
)


class Hang(BaseException):
    """A file took too long; not an `Exception`, so that nothing on the way can take it for one."""


def ends(case: Case, folder: Path, classifier: Classifier) -> tuple[str, list[str]]:
    """Give how a case ended ("written", "refused" or "failed") and all that is wrong with that."""
    source, results = folder / "in", folder / "out"
    source.mkdir(parents=True)
    path = case.make(source)
    begin = time.process_time()
    try:
        with _given_up_after(HANG_S):
            recording = open_recording(path, **case.stated)
            result = analyze(recording, classifier=classifier, threads=1)
            made = write(result, results)
    except EctopyError as error:
        ended, wrong = "refused", list(_wrong_with_message(str(error), path, case))
        if results.exists() and any(results.iterdir()):
            wrong.append(f"left behind {[p.name for p in results.iterdir()]}")
    except BaseException:
        return "failed", [traceback.format_exc(limit=-4)]
    else:
        ended, wrong = "written", list(_wrong_with_results(result, made, results))
    spent = time.process_time() - begin
    if spent > CPU_S:
        wrong.append(f"took {spent:.1f} s of processor time")
    return ended, wrong


@contextmanager
def _given_up_after(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _wrong_with_message(said: str, path: Path, case: Case) -> Iterator[str]:
    """Tell whether a message is one sentence that names the file or the option, in plain words."""
    if len(said.splitlines()) != 1 or not said.isprintable():
        yield f"is not one line: {said!r}"
    plain = said.replace(str(path), "").replace(str(path.parent), "")
    if re.search(r"[.!?] +[A-Z]", plain):
        yield f"is more than one sentence: {said}"
    if len(plain) > LONGEST_MESSAGE:
        yield f"is {len(plain)} characters long: {said[:300]}"
    if found := _INTERNALS.search(plain):
        yield f"shows a library's insides ({found[0]}): {said}"
    names = [path.stem] + [p.name for p in path.parent.glob("*")] * path.parent.is_dir()
    if not any(_shown(name) in said for name in names) and not ("stated" in said and case.stated):
        yield f"names neither the file nor an option: {said}"


def _shown(name: str) -> str:
    """Give the beginning of a name as far as it can be printed."""
    return re.split(r"[^\w.-]", name)[0][:20] or name[:1]


def _wrong_with_results(result: Result, made: dict[str, Path], folder: Path) -> Iterator[str]:
    """Tell whether every output is there, whole, and all of them tell the same."""
    there = {p.name for p in folder.iterdir()}
    if set(made) != set(FORMATS) or there != {p.name for p in made.values()}:
        yield f"wrote {sorted(there)}, expected {', '.join(FORMATS)}"
        return
    text = made["json"].read_text(encoding="utf-8")
    try:
        json.loads(text, parse_constant=_no_number)
        summary = Summary.model_validate_json(text)
    except ValueError as error:
        yield f"summary: {error}"
        return
    yield from _wrong_with_beats(result, summary, made, folder)
    recording = result.signal()
    own = " ".join((recording.name, recording.source, *recording.leads, *recording.notes))
    yield from wrong_with_page(made["html"].read_text(encoding="utf-8"), own)


def _no_number(name: str) -> None:
    raise ValueError(f"it holds {name}")


def _wrong_with_beats(
    result: Result, summary: Summary, made: dict[str, Path], folder: Path
) -> Iterator[str]:
    recording = result.signal()
    with made["csv"].open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = pq.read_table(made["parquet"]).to_pydict()
    samples = [int(row["sample"]) for row in rows]
    notes = read_annotations(folder / recording.name, "ect", fs_hz=recording.fs_hz)
    beats = ~np.isin(notes.symbols, ("~", "+", "[", "]"))
    if not samples == columns["sample"] == notes.samples[beats].tolist():
        yield (
            f"{len(samples)} beats in the CSV, {len(columns['sample'])} in Parquet, "
            f"{beats.sum()} annotated"
        )
        return
    letters = [row["class"] for row in rows]
    if not letters == columns["class"] == notes.symbols[beats].tolist():
        yield "the classes in CSV, Parquet and annotations differ"
    if summary.beats != len(samples):
        yield f"the summary counts {summary.beats} beats of {len(samples)}"
    # A class tells its certain and its uncertain beats; so do the hours, all classes together.
    pairs = Counter((row["class"], row["uncertain"] == "true") for row in rows)
    counts = summary.classes.items()
    told = {(x, True): c.uncertain for x, c in counts} | {(x, False): c.certain for x, c in counts}
    if told != {pair: pairs[pair] for pair in told}:
        yield f"the summary tells {told}, the table {dict(pairs)}"
    if summary.uncertain != sum(n for (_, unsure), n in pairs.items() if unsure):
        yield f"the summary tells {summary.uncertain} uncertain beats, the table {dict(pairs)}"
    hours = sum(sum(hour.certain.values()) + hour.uncertain for hour in summary.hours)
    if hours != len(samples):
        yield f"the hours add up to {hours} beats of {len(samples)}"
    if samples != sorted(set(samples)) or not all(0 <= s < recording.n_samples for s in samples):
        yield "beats are not in order, or outside the recording"
    shares = np.array([[float(row[f"p_{x}"]) for x in AAMI] for row in rows]).reshape(-1, len(AAMI))
    if not np.allclose(shares.sum(axis=1), 1, atol=1e-3):  # NaN is close to nothing
        yield "probabilities do not add up to 1"
    if any(not float(row["rr_s"]) > 0 for row in rows if row["rr_s"]):
        yield "an RR interval is not above 0"

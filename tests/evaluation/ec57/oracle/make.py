"""Make ``bxb.npz``: random annotations of fast rhythms, and what ``bxb`` prints for them.

Needs ``bxb`` of the WFDB Software Package: ``python make.py PATH_OF_BXB``. See README.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.recordings.annotations import Annotations, write_annotations

Int64 = npt.NDArray[np.int64]

RECORDS = 900
RATES_HZ = (128, 250, 257, 360, 1000)
STARTS_S = (0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 1.0, 3.0)
BEATS = np.array(list("NNNNNNLRBAaJSVVVVEFejnr/fQ?"))
MARKS = np.array(list('+|"~~~~~~~~~~[[]]!sT@x'))
SUBTYPES = (0, 0, 0, 0, 0x30, 0x30, 0x30, 0x33, -1, 0x10)  # of "~": bits 4 and 5 say shutdown
CELLS = "N S V F Q O X"


def random_record(rng: np.random.Generator) -> dict[str, Any]:
    """Two annotators of one heart: 150 to 300 beats a minute, with all that may go wrong."""
    fs_hz = int(rng.choice(RATES_HZ))
    rr = 60 / rng.uniform(150, 300) * fs_hz
    beats = rr * (1 + rng.uniform(0, 0.3) * rng.standard_normal(int(rng.integers(8, 36))))
    burst = rng.random(len(beats)) < rng.choice([0, 0, 0.1])
    beats[burst] = rng.uniform(0, 0.12 * fs_hz, size=burst.sum())  # closer than the match window
    beats = np.maximum(beats, 0)
    reference = np.cumsum(beats) - rng.uniform(0, beats[0])
    spread = rng.choice([0.01, 0.04, 0.08, 0.15]) * fs_hz
    test = reference + rng.choice([0, 0, 0.5]) * rr + spread * rng.standard_normal(len(reference))
    test = test[rng.random(len(test)) > rng.choice([0, 0.05, 0.3])]
    extra = rng.uniform(0, reference[-1], size=rng.poisson(rng.choice([0, 1, 4])))
    test = np.concatenate([test, extra])
    if rng.random() < 0.02:
        test = test[:0]
    if rng.random() < 0.02:
        reference = reference[:1]
    # A coarse grid makes distances equal, and with it comes every decision about "less than".
    grid = rng.choice([1, 1, 0.025 * fs_hz, 0.05 * fs_hz])
    sides = [np.rint(np.rint(side / grid) * grid).astype(np.int64) for side in (reference, test)]
    ends = max(side.max(initial=1) for side in sides)
    n_samples = max(1, int(ends * rng.choice([1, 1, 1.1, 0.9])) + int(rng.integers(0, 9)))
    record: dict[str, Any] = {"fs_hz": fs_hz, "skip_s": float(rng.choice(STARTS_S))}
    record["n_samples"] = max(n_samples, int(record["skip_s"] * fs_hz) + 1)
    for name, samples, at_zero in zip(("ref", "tst"), sides, (0.08, 0.15), strict=True):
        samples = np.maximum(samples, 0)
        if rng.random() < 0.9:
            samples = np.unique(samples)
        if rng.random() < at_zero:
            samples = np.append(samples, 0)
        record[name] = annotated(np.sort(samples), n_samples, fs_hz, rng)
    return record


def annotated(beats: Int64, n_samples: int, fs_hz: int, rng: np.random.Generator) -> Annotations:
    """Name the beats at random, and put marks between them that are none."""
    marks = rng.integers(0, n_samples, size=rng.choice([0, 0, 2, 4, 12]))
    symbols, subtypes = rng.choice(MARKS, len(marks)), rng.choice(SUBTYPES, len(marks))
    if rng.random() < 0.15:  # a pause with more periods than bxb remembers
        begin, length = rng.integers(0, n_samples), int(rng.integers(1, 3)) * fs_hz
        beats = beats[(beats < begin) | (beats > begin + length)]
        edges = np.sort(rng.integers(0, length, size=2 * rng.integers(2, 6))) + begin
        marks = np.concatenate([marks, edges])
        pair, kinds = ("~~", (0x30, 0)) if rng.random() < 0.7 else ("[]", (0, 0))
        symbols = np.concatenate([symbols, np.resize(list(pair), len(edges))])
        subtypes = np.concatenate([subtypes, np.resize(kinds, len(edges))])
    samples = np.concatenate([beats, np.minimum(marks, n_samples - 1)])
    symbols = np.concatenate([rng.choice(BEATS, len(beats)), symbols])
    subtypes = np.where(symbols == "~", np.append(np.zeros(len(beats), int), subtypes), 0)
    order = np.argsort(samples, kind="stable")
    empty = np.full(len(samples), "", dtype=np.str_)
    return Annotations(samples[order], symbols[order], fs_hz, empty, subtypes[order])


def ask(bxb: Path, record: dict[str, Any], folder: Path) -> tuple[Int64, int]:
    """Give what ``bxb -S`` prints: the matrix, and the seconds of shutdown."""
    (folder / "r.hea").write_text(f"r 0 {record['fs_hz']} {record['n_samples']}\n")
    for name in ("ref", "tst"):
        write_annotations(folder, "r", record[name], name)
    done = subprocess.run(
        [bxb, *f"-r r -a ref tst -f {record['skip_s']:g} -S -".split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    matrix = np.zeros((7, 7), dtype=np.int64)
    for i, row in enumerate(CELLS.split()):
        counts = re.search(rf"^ {row} \|(.*)$", done.stdout, re.M)[1].split()  # type: ignore[index]
        matrix[i, : len(counts)] = [int(count) for count in counts]
    seconds = re.search(r"Total shutdown time: *(-?\d+) seconds", done.stdout)
    return matrix, int(seconds[1])  # type: ignore[index]


def main(bxb: Path, target: Path, seed: int = 57) -> None:
    """Write the oracle."""
    rng = np.random.default_rng(seed)
    records = [random_record(rng) for _ in range(RECORDS)]
    with tempfile.TemporaryDirectory() as folder:
        answers = [ask(bxb, record, Path(folder)) for record in records]
    content: dict[str, npt.NDArray[Any]] = {
        "fs_hz": np.array([record["fs_hz"] for record in records], dtype=np.int16),
        "n_samples": np.array([record["n_samples"] for record in records], dtype=np.int32),
        "skip_s": np.array([record["skip_s"] for record in records]),
        "counts": np.array([counts for counts, _ in answers], dtype=np.uint8),
        "shutdown_s": np.array([seconds for _, seconds in answers], dtype=np.int16),
    }
    for name in ("ref", "tst"):
        sides = [record[name] for record in records]
        content[f"{name}_length"] = np.array([len(side) for side in sides], dtype=np.int16)
        steps = [np.diff(side.samples, prepend=0) for side in sides]
        content[f"{name}_steps"] = np.concatenate(steps).astype(np.int16)
        symbols = np.concatenate([side.symbols for side in sides])
        content[f"{name}_symbols"] = np.frombuffer("".join(symbols).encode("ascii"), np.uint8)
        content[f"{name}_subtypes"] = np.concatenate([side.subtypes for side in sides]).astype("i1")
    np.savez_compressed(target, **content)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(__file__).with_name("bxb.npz"))

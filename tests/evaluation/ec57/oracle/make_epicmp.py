"""Make ``epicmp.npz``: random rhythm marks, and what ``epicmp`` prints for them.

Needs ``epicmp`` of the WFDB Software Package: ``python make_epicmp.py PATH_OF_EPICMP``. See
README.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ectopy.recordings.annotations import Annotations, write_annotations

RECORDS = 400
RATES_HZ = (128, 250, 360)
RHYTHMS = ("(AFIB", "(AFIB", "(AFL", "(N", "(N", "(SVTA", "(B", "(AFIB", "(VT")
MODES = ("AF", "AF", "AF", "VF")
STARTS_S = (0, 0, 0, 10, 300)
SHORTEST_S = (0, 0, 30, 10)


def random_record(rng: np.random.Generator) -> dict[str, Any]:
    """Two annotators' marks in a record of minutes; the second often follows the first."""
    fs_hz = int(rng.choice(RATES_HZ))
    record: dict[str, Any] = {
        "fs_hz": fs_hz,
        "mode": str(rng.choice(MODES)),
        "start_s": int(rng.choice(STARTS_S)),
        "shortest_s": int(rng.choice(SHORTEST_S)),
        "ignore_short": bool(rng.random() < 0.5),
        "n_samples": int(rng.uniform(310, 1800) * fs_hz),
    }
    grid = int(rng.choice([1, 1, fs_hz, 10 * fs_hz]))  # a coarse one makes edges meet
    n = record["n_samples"]
    samples = np.unique(rng.integers(0, int(n * 1.05), int(rng.integers(0, 40))) // grid * grid)
    kinds = rng.integers(0, len(RHYTHMS), len(samples))
    record["ref"] = samples, kinds
    if rng.random() < 0.7:
        moved = samples + np.rint(rng.normal(0, 5 * fs_hz, len(samples)) / grid).astype(int) * grid
        kept = rng.random(len(samples)) > 0.15
        other = np.where(rng.random(len(kinds)) < 0.9, kinds, rng.integers(0, len(RHYTHMS)))
        moved, kinds = np.maximum(moved[kept], 0), other[kept]
        order = np.argsort(moved, kind="stable")
        moved, first = np.unique(moved[order], return_index=True)
        record["tst"] = moved, kinds[order][first]
    else:
        moved = np.unique(rng.integers(0, n, int(rng.integers(0, 40))) // grid * grid)
        record["tst"] = moved, rng.integers(0, len(RHYTHMS), len(moved))
    return record


def annotated(marks: Any, mode: str, fs_hz: int) -> Annotations:
    """Give marks as annotations: of the atria, or `[` and `]`, which may come several at a time."""
    samples, kinds = marks
    if mode == "VF":
        symbols = np.where(np.isin(kinds, (0, 1, 7, 8)), "[", "]")
        return Annotations(samples, symbols, fs_hz, np.full(len(samples), ""))
    aux = np.array(RHYTHMS)[kinds] if len(kinds) else np.zeros(0, "U1")
    return Annotations(samples, np.full(len(samples), "+"), fs_hz, aux)


def ask(epicmp: Path, record: dict[str, Any], folder: Path) -> list[int]:
    """Give the four counts, and four durations in milliseconds."""
    fs_hz = record["fs_hz"]
    (folder / "r.hea").write_text(f"r 1 {fs_hz} {record['n_samples']}\nr.dat 16 200 16 0 0 0 0 I\n")
    for name in ("ref", "tst"):
        write_annotations(folder, "r", annotated(record[name], record["mode"], fs_hz), name)
    words = [str(epicmp), "-r", "r", "-a", "ref", "tst", "-f", str(record["start_s"])]
    if record["shortest_s"]:
        words += ["-I" if record["ignore_short"] else "-i", str(record["shortest_s"])]
    words += ["-A" if record["mode"] == "AF" else "-V", "-"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    counts, times = [], []
    for kind in ("sensitivity", "positive predictivity"):
        found = re.search(rf"Episode {kind}:.*\((\d+)/(\d+)\)", done.stdout)
        assert found is not None, done.stdout
        counts += [int(found[1]), int(found[2]) - int(found[1])]
        found = re.search(rf"Duration {kind}:.*\((.*)/(.*)\)", done.stdout)
        assert found is not None, done.stdout
        times += [milliseconds(found[2]), milliseconds(found[1])]
    return counts + times


def milliseconds(text: str) -> int:
    """Read `1:02:03.456`."""
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return round(1000 * total)


def main(epicmp: Path, target: Path, seed: int = 58) -> None:
    """Write the oracle."""
    rng = np.random.default_rng(seed)
    records = [random_record(rng) for _ in range(RECORDS)]
    with tempfile.TemporaryDirectory() as folder:
        told = [ask(epicmp, record, Path(folder)) for record in records]
    content: dict[str, Any] = {
        key: np.array([record[key] for record in records])
        for key in ("fs_hz", "mode", "start_s", "shortest_s", "ignore_short", "n_samples")
    }
    content["told"] = np.array(told, dtype=np.int32)
    for name in ("ref", "tst"):
        sides = [record[name] for record in records]
        content[f"{name}_length"] = np.array([len(samples) for samples, _ in sides])
        content[f"{name}_samples"] = np.concatenate([s for s, _ in sides]).astype(np.int32)
        content[f"{name}_kinds"] = np.concatenate([kinds for _, kinds in sides]).astype(np.int8)
    np.savez_compressed(target, **content)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(__file__).with_name("epicmp.npz"))

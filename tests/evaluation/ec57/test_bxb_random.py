"""What ``bxb`` prints for 900 random pairs of annotators at 150 to 300 beats a minute.

The oracle is ``oracle/bxb.npz``; ``oracle/README.md`` says how it was made.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.evaluation.ec57.counting import Matrix, match
from ectopy.recordings.annotations import Annotations

ORACLE = Path(__file__).parent / "oracle" / "bxb.npz"


@dataclass(frozen=True)
class Record:
    reference: Annotations
    test: Annotations
    skip_s: float
    n_samples: int
    counts: npt.NDArray[Any]
    shutdown_s: int

    def ours(self) -> Matrix:
        return match(
            self.reference,
            self.test,
            escape="S",
            skip_s=self.skip_s,
            n_samples=self.n_samples,
        )


@pytest.fixture(scope="module")
def records() -> list[Record]:
    with np.load(ORACLE) as file:
        stored = dict(file)
    sides: dict[str, list[Annotations]] = {}
    for side in ("ref", "tst"):
        ends = np.cumsum(stored[f"{side}_length"], dtype=np.int64)
        symbols = stored[f"{side}_symbols"].tobytes().decode("ascii")
        sides[side] = []
        for begin, end, fs_hz in zip([0, *ends], ends, stored["fs_hz"], strict=False):
            sides[side].append(
                Annotations(
                    np.cumsum(stored[f"{side}_steps"][begin:end], dtype=np.int64),
                    np.array(list(symbols[begin:end]), dtype=np.str_),
                    float(fs_hz),
                    np.full(end - begin, "", dtype=np.str_),
                    stored[f"{side}_subtypes"][begin:end].astype(np.int64),
                )
            )
    rest = zip(
        stored["skip_s"].tolist(),
        stored["n_samples"].tolist(),
        stored["counts"],
        stored["shutdown_s"].tolist(),
        strict=True,
    )
    return [
        Record(*both, *told)
        for both, told in zip(zip(sides["ref"], sides["tst"], strict=True), rest, strict=True)
    ]


def test_every_count(records: list[Record]) -> None:
    assert len(records) == 900
    differ = [
        k for k, record in enumerate(records) if (record.ours().counts != record.counts).any()
    ]
    assert differ == []


def whole_seconds(record: Record) -> int:
    """Round as bxb does: half a second in whole samples is added, and the rest cut off."""
    fs_hz = round(record.reference.fs_hz)
    return (round(record.ours().shutdown_s * fs_hz) + (fs_hz + 1) // 2) // fs_hz


def test_every_shutdown(records: list[Record]) -> None:
    printed = [record.shutdown_s for record in records]
    assert [whole_seconds(record) for record in records] == printed
    assert sum(seconds > 0 for seconds in printed) > 20


def test_the_oracle_holds_what_it_is_for(records: list[Record]) -> None:
    """Each rule that has gone wrong somewhere must be able to go wrong here."""
    rates = []
    seen = dict.fromkeys(("Ox", "Xn", "test beat at 0", "unended", "fibrillation", "start"), 0)
    for record in records:
        beats = record.reference.samples[~np.isin(record.reference.symbols, list('+|"~[]!sT@x'))]
        if len(beats) > 1:
            rates.append(60 * record.reference.fs_hz / np.median(np.diff(beats)))
        seen["Ox"] += bool(record.counts[:, 6].any())
        seen["Xn"] += bool(record.counts[6].any())
        seen["test beat at 0"] += bool((record.test.samples[:1] == 0).any())
        for side in (record.reference, record.test):
            last = side.subtypes[-1:] if side.subtypes is not None else []
            seen["unended"] += bool(len(last) and (last[0] & 0x30) == 0x30)
            seen["fibrillation"] += "[" in side.symbols
        seen["start"] += record.skip_s > 0
    assert min(seen.values()) > 25, seen
    assert 150 < np.quantile(rates, 0.05) < np.quantile(rates, 0.95) < 320
    assert np.mean(np.array(rates) > 195) > 0.5

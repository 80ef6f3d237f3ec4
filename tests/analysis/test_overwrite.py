"""What tells a recording from another of the same name; the rest is in tests/cli."""

from pathlib import Path

import numpy as np

from ectopy.analysis.overwrite import fingerprint


def test_a_record_is_its_header_and_its_signals(tmp_path: Path) -> None:
    header, signal = tmp_path / "100.hea", tmp_path / "signals.dat"
    header.write_text("# a note\n100 1 250 500\nsignals.dat 16 200/mV 16 0 0 0 0 II\n")
    samples = np.arange(500, dtype="<i2")
    signal.write_bytes(samples.tobytes())
    first = fingerprint(header)
    (tmp_path / "100.atr").write_bytes(b"annotations may change")
    assert fingerprint(header) == first
    signal.write_bytes((samples + 1).tobytes())  # the same header, as headers without sums are
    assert fingerprint(header) != first


def test_files_are_told_apart_by_beginning_and_size(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_bytes(b"1\n" * 1_000_000)
    two.write_bytes(b"1\n" * 1_000_000)
    assert fingerprint(one) == fingerprint(two)
    two.write_bytes(b"1\n" * 1_000_001)
    assert fingerprint(one) != fingerprint(two)

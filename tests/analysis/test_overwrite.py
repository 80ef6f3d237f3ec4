"""What tells a recording from another of the same name; the rest is in tests/cli."""

from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.outputs import FORMATS, write
from ectopy.analysis.overwrite import fingerprint
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.recordings.simulation.simulate import simulate


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


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Two arrays of one length, which are both called "array"."""
    return [
        analyze(simulate(60, rng=np.random.default_rng(seed))[0].read(), fs_hz=250.0)
        for seed in (0, 1)
    ]


def test_arrays_are_told_apart_without_a_file(results: list[Result], tmp_path: Path) -> None:
    one, other = results
    page = one.write(tmp_path)["html"].read_bytes()
    one.write(tmp_path)
    again = Result.load(one.save(tmp_path / "one.ectopy"))
    assert again.signal_sha256 == one.signal_sha256 != other.signal_sha256
    again.write(tmp_path, formats=("json", "ect", "csv"))
    with pytest.raises(ConfigError, match="results of another recording of the same name"):
        other.write(tmp_path)
    assert (tmp_path / "array.html").read_bytes() == page
    other.write(tmp_path, overwrite=True)


def test_files_and_signal_know_each_other_again(results: list[Result], tmp_path: Path) -> None:
    one, other = results
    write(one, tmp_path, formats=("json",), recording_sha256="of its file")
    one.write(tmp_path, formats=("json",))  # the file is not known here, but the signal is
    with pytest.raises(ConfigError, match="another recording"):
        write(other, tmp_path, formats=("json",), recording_sha256="of another file")


def test_annotations_alone_are_known_again(results: list[Result], tmp_path: Path) -> None:
    one, other = results
    path = one.write(tmp_path, formats=("ect",))["ect"]
    first = path.read_bytes()
    one.write(tmp_path, formats=("ect",))
    with pytest.raises(ConfigError, match="no summary beside it"):
        other.write(tmp_path, formats=("ect",))
    assert [p.name for p in tmp_path.iterdir()] == ["array.ect"]
    assert path.read_bytes() == first


def test_one_format_all_or_none(results: list[Result], tmp_path: Path) -> None:
    one, _ = results
    assert one.write(tmp_path / "none", formats=()) == {}
    assert not list((tmp_path / "none").iterdir())
    assert [p.name for p in one.write(tmp_path, formats="csv").values()] == ["array.beats.csv"]
    assert set(one.write(tmp_path / "all")) == set(FORMATS)
    with pytest.raises(ConfigError, match="unknown output pdf"):
        one.write(tmp_path, formats="pdf")

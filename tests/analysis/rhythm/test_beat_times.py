from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.analysis.rhythm.beat_times import BeatTimes, read_beat_times
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, EctopyError
from ectopy.recordings.annotations import Annotations, write_annotations

RR_S = [0.8, 0.81, 0.79, 0.82, 0.6, 1.05, 0.8]
TIMES_S = np.append(0.0, np.cumsum(RR_S))


def read(folder: Path, text: str, **told: str) -> BeatTimes:
    path = folder / "rr.csv"
    path.write_text(text)
    return read_beat_times(path, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{rr}" for rr in RR_S),
        "\n".join(f"{1000 * rr:.0f}" for rr in RR_S),
        "RR (ms)\n" + "\n".join(f"{1000 * rr:.0f}" for rr in RR_S) + "\n",
        "rr_s\r\n" + "\r\n".join(f"{rr}" for rr in RR_S) + "\r\n\r\n",
        "n;RR-interval\n" + "\n".join(f"{i};{rr}".replace(".", ",") for i, rr in enumerate(RR_S)),
        "time_s,rr_s\n" + "\n".join(f"{t},0.8" for t in TIMES_S),
        "\n".join(f"{1000 * t:.0f}" for t in TIMES_S),
        "beat,rr_ms\n" + "\n".join(f"{i},{1000 * rr:.0f}" for i, rr in enumerate(RR_S)),
        "beat\tamplitude\n" + "\n".join(f"{t}\t1.2" for t in TIMES_S),
    ],
)
def test_tables_of_intervals_and_of_times(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    np.testing.assert_allclose(np.diff(found.times_s), RR_S, atol=1e-6)
    assert found.name == "rr"
    assert found.fs_hz == 1000


def test_a_unit_or_column_can_be_stated(tmp_path: Path) -> None:
    ticks = "\n".join(str(round(50 * rr)) for rr in RR_S)
    with pytest.raises(ConfigError, match="state the unit") as error:
        read(tmp_path, ticks)
    assert error.value.change == ("unit",)
    assert read(tmp_path, ticks, unit="ms").times_s[-1] < 1
    two = "a,b\n" + "\n".join(f"{i},{rr}" for i, rr in enumerate(RR_S))
    with pytest.raises(ConfigError, match=r"2 columns \(a, b\)") as error:
        read(tmp_path, two)
    assert error.value.change == ("column",)
    for column in ("b", "2"):
        np.testing.assert_allclose(read(tmp_path, two, column=column).times_s, TIMES_S)
    with pytest.raises(ConfigError, match="no column 'c'"):
        read(tmp_path, two, column="c")


def test_annotations_give_their_beats_alone(tmp_path: Path) -> None:
    marks = Annotations(
        np.array([10, 50, 60, 90, 90]),
        np.array(["N", "+", "~", "V", "N"]),
        100.0,
        np.array(["", "(AFIB", "", "", ""]),
    )
    path = write_annotations(tmp_path, "a", marks, "qrs")
    found = read_beat_times(path)
    assert found.times_s.tolist() == [0.1, 0.9]
    assert (found.fs_hz, found.source) == (100.0, "2 beats of a.qrs")


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("a.csv", b"no numbers here\n", DataFormatError, "no row of numbers"),
        ("a.csv", b"", DataFormatError, "no row of numbers"),
        ("a.csv", b"0.8\n", DataFormatError, "two or more RR intervals"),
        ("a.csv", b"0.8\n0.9\n-0.8\n0.7\n", DataFormatError, "as RR interval 3"),
        ("a.csv", b"beat\n1\n2\n3\n4\n", ConfigError, "only count the rows"),
        ("a.csv", b"0.8\n0.9\nabc\n0.7\n", DataFormatError, "'abc'"),
        ("a.csv", b"0.8\n0.9\nnan\n0.7\n", DataFormatError, "'nan'"),
        ("a.qrs", b"\0\1\2", DataFormatError, "cut off"),
        ("a", b"\0\0", DataFormatError, "no ending"),
        ("a.dat", b"\0\1\2", ConfigError, "belongs to a recording"),
        ("a.hea", b"a 1 250 100\n", ConfigError, "belongs to a recording"),
    ],
)
def test_what_holds_no_beats_is_refused(
    tmp_path: Path, name: str, content: bytes, error: type[EctopyError], words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words):
        read_beat_times(tmp_path / name)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="not found"):
        read_beat_times(tmp_path / "none.csv")
    with pytest.raises(DataNotFoundError, match="is a folder"):
        read_beat_times(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_are_beats_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(raw)
    try:
        found = read_beat_times(path)
    except EctopyError:
        return
    assert len(found.times_s) > 1
    assert np.isfinite(found.times_s).all()

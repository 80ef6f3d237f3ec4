"""Text whose samples go on along the line, as people and programs write it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

SAMPLES = np.round(files.digital() / files.GAIN, 3)  # mV, as they are written


def opened(tmp_path: Path, text: str, **stated: object) -> Recording:
    path = tmp_path / "trace.txt"
    path.write_text(text, newline="")
    return open_recording(path, **{"fs_hz": files.FS_HZ, **stated})  # type: ignore[arg-type]


def line(row: np.ndarray, delimiter: str = " ", decimal: str = ".") -> str:
    return delimiter.join(f"{x:.3f}".replace(".", decimal) for x in row)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize(
    ("delimiter", "decimal"),
    [(" ", "."), ("   ", "."), (",", "."), (", ", "."), (";", "."), ("\t", "."), (";", ","),
     ("\t", ","), (" ", ",")],
)  # fmt: skip
def test_one_lead_in_one_line(tmp_path: Path, delimiter: str, decimal: str, end: str) -> None:
    recording = opened(tmp_path, line(SAMPLES[0], delimiter, decimal) + end)
    assert recording.leads == ("lead 1",)
    assert recording.source == "text trace.txt"
    np.testing.assert_allclose(recording.read()[0], SAMPLES[0], atol=1e-6)


@pytest.mark.parametrize(
    ("form", "leads"),
    [
        ("{}", ("lead 1", "lead 2")),
        ("{name}: {}", ("II", "V1")),
        ("{name},{}", ("II", "V1")),
        ("lead {name} (mV) = {}", ("lead II", "lead V1")),
        ('"{name}"\t{}', ("II", "V1")),
        ("{name} {}", ("II", "V1")),
    ],
)
def test_a_line_for_each_lead(tmp_path: Path, form: str, leads: tuple[str, ...]) -> None:
    text = [
        form.format(line(row, ","), name=name)
        for name, row in zip(files.LEADS, SAMPLES, strict=True)
    ]
    recording = opened(tmp_path, "\n".join(text))
    assert recording.leads == leads
    np.testing.assert_allclose(recording.read(), SAMPLES, atol=1e-6)


def test_the_header_says_rate_unit_lead_and_start(tmp_path: Path) -> None:
    text = "Device: x\nSampling rate: 250 Hz\nUnit: uV\nLead: V2\nRecorded: 2024-05-06 09:30:05\n\n"
    recording = opened(tmp_path, text + line(SAMPLES[0] * 1000), fs_hz=None)
    assert (recording.fs_hz, recording.leads) == (250, ("V2",))
    assert recording.start == datetime(2024, 5, 6, 9, 30, 5)
    assert recording.notes == ()
    np.testing.assert_allclose(recording.read()[0], SAMPLES[0], atol=1e-6)


def test_times_in_a_line_of_their_own_tell_the_rate(tmp_path: Path) -> None:
    times = np.arange(SAMPLES.shape[1]) / 250
    text = "\n".join(["time_s," + line(times, ","), "II," + line(SAMPLES[0], ",")])
    recording = opened(tmp_path, text, fs_hz=None)
    assert (recording.fs_hz, recording.leads) == (250, ("II",))


def test_missing_samples_and_lines_of_other_lengths(tmp_path: Path) -> None:
    words = [f"{x:.3f}" for x in SAMPLES[0]]
    words[3] = ""
    words[7] = "nan"
    recording = opened(tmp_path, ",".join(words) + "\n" + line(SAMPLES[1][:900], ","))
    read = recording.read()
    assert set(np.flatnonzero(np.isnan(read[0]))) == {3, 7}
    assert np.isnan(read[1, 900:]).all()
    assert not np.isnan(read[1, :900]).any()
    assert "some leads end before others; the rest of them is missing samples" in recording.notes


def test_without_a_rate_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match=r"does not say its sampling rate; state it"):
        opened(tmp_path, line(SAMPLES[0]), fs_hz=None)


@pytest.mark.parametrize("at", [150, 2500])
def test_a_word_among_the_numbers_is_named(tmp_path: Path, at: int) -> None:
    words = line(np.tile(SAMPLES[0], 3)).split()
    words[at] = "oops"
    with pytest.raises(DataFormatError, match=r"trace\.txt has 'oops' in line 1, among numbers"):
        opened(tmp_path, " ".join(words)).read()


def test_a_few_heartbeats_are_no_leads(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((12, 188))
    with pytest.raises(DataFormatError, match="no signal that can be told for an ECG lead"):
        opened(tmp_path, "\n".join(line(row, ",") for row in rows))


def test_a_table_with_many_columns_stays_a_table(tmp_path: Path) -> None:
    rows = np.round(np.random.default_rng(0).normal(size=(300, 510)), 2)
    text = "\n".join(line(row, ",") for row in rows)
    recording = opened(tmp_path, text, units="mV")
    assert (len(recording.leads), recording.n_samples) == (510, 300)


@given(
    st.lists(st.floats(-100, 100, width=32).map(lambda x: round(x, 4)), min_size=3, max_size=30),
    st.sampled_from([" ", ",", ";", "\t", ", "]),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_numbers(tmp_path: Path, some: list[float], delimiter: str) -> None:
    numbers = some * -(-500 // len(some))
    read = opened(tmp_path, delimiter.join(map(repr, numbers))).read()[0]
    np.testing.assert_allclose(read, np.float32(numbers), atol=1e-4)

"""SCP-ECG: every compression gives back what was put in, and other readers agree."""

from __future__ import annotations

import struct
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
import scp_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scp_files import DEFAULT, SHORT, SWITCHING, Row, Scp, write

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.scp_huffman import default_table, unpack
from ectopy.recordings.open import open_recording
from ectopy.recordings.subject import Subject

WAYS: dict[str, list[list[Row]] | None] = {
    "default": [DEFAULT], "own": [SHORT], "switching": SWITCHING, "none": None,
}  # fmt: skip
OTHER_TABLE = scp_files.table_section([[("110", 0, 0, None), ("1110", 16, None, None)]])


def read_units(path: Path, unit_nv: int = 5000) -> np.ndarray:
    return np.asarray(open_recording(path).read(), dtype=np.float64) * 1e6 / unit_nv


@pytest.mark.parametrize("tables", WAYS)
@pytest.mark.parametrize("differences", [0, 1, 2])
def test_what_was_packed_comes_back(tmp_path: Path, tables: str, differences: int) -> None:
    samples = files.digital()
    path = write(
        tmp_path / "a.scp",
        Scp(samples, files.LEADS, differences=differences, tables=WAYS[tables]),
    )
    recording = open_recording(path)
    assert recording.leads == files.LEADS
    assert recording.fs_hz == files.FS_HZ
    assert recording.notes == ()
    np.testing.assert_allclose(read_units(path), samples, atol=1e-4)


@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=80),
    st.sampled_from(sorted(WAYS)),
    st.integers(0, 2),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_numbers_come_back(
    tmp_path: Path, numbers: list[int], tables: str, differences: int
) -> None:
    made = Scp([np.array(numbers)], ["II"], differences=differences, tables=WAYS[tables])
    path = write(tmp_path / "a.scp", made)
    np.testing.assert_allclose(read_units(path), [numbers], atol=0.01)


@given(st.binary(max_size=200), st.integers(1, 500))
def test_any_bits_unpack_or_are_refused(data: bytes, most: int) -> None:
    numbers = unpack(Path("a.scp"), data, (default_table(),), most)
    assert len(numbers) <= min(most, 8 * len(data))
    assert (np.abs(numbers) <= 32768).all()


def naive(values: np.ndarray, n: int, zones: list[tuple[int, int]], factor: int) -> np.ndarray:
    """Restore thinned out samples one by one, as the standard's annex C describes it."""
    out: list[float] = []
    stored = list(values)
    edges = [*zones, (n + 1, n)]
    begin = 1
    for low, high in edges:
        groups, left = divmod(low - begin, factor)
        taken = [stored.pop(0) for _ in range(groups)]
        if groups:
            out += [taken[0]] * (factor // 2)
            for a, b in pairwise(taken):
                out += [a + (b - a) * j / factor for j in range(factor)]
            out += [taken[-1]] * (factor - factor // 2)
        out += [stored.pop(0) for _ in range(left + high - low + 1)]
        begin = high + 1
    assert not stored
    return np.array(out)


def thinned(signal: np.ndarray, zones: list[tuple[int, int]], factor: int) -> np.ndarray:
    out, begin = [], 1
    for low, high in [*zones, (len(signal) + 1, len(signal))]:
        groups = (low - begin) // factor
        for g in range(groups):
            at = begin - 1 + g * factor
            out.append(round(float(signal[at : at + factor].mean())))
        out += signal[begin - 1 + groups * factor : high].tolist()
        begin = high + 1
    return np.array(out)


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("zones", [[(81, 120), (281, 320), (500, 530)], [(1, 40), (961, 1000)], []])
def test_thinned_out_samples(tmp_path: Path, factor: int, zones: list[tuple[int, int]]) -> None:
    signal = files.digital()
    made = Scp(
        [thinned(row, zones, factor) for row in signal], files.LEADS,
        interval_us=4000 * factor, bimodal=True, beat=[np.zeros(10, dtype=int)] * 2,
        beat_interval_us=4000, complexes=[(1, 1, low, 1) for low, _ in zones],
        zones=zones, promised=[1000, 1000],
    )  # fmt: skip
    path = write(tmp_path / "a.scp", made)
    recording = open_recording(path)
    assert (recording.fs_hz, recording.n_samples) == (files.FS_HZ, 1000)
    read = read_units(path)
    for row, values in zip(read, made.samples, strict=True):
        np.testing.assert_allclose(row, naive(values, 1000, zones, factor), atol=1e-3)
    for low, high in zones:  # kept as they were
        np.testing.assert_allclose(read[:, low - 1 : high], signal[:, low - 1 : high], atol=1e-3)
    assert np.abs(read - signal).std() < 12  # of 5 uV: the noise that thinning takes away


def test_a_straight_line_is_thinned_out_without_loss_but_for_its_ends(tmp_path: Path) -> None:
    signal = 4 * np.arange(400)
    made = Scp(
        [thinned(signal, [], 4)], ["II"], interval_us=8000, bimodal=True,
        beat=[np.zeros(9, dtype=int)], beat_interval_us=2000, promised=[400],
    )  # fmt: skip
    read = read_units(write(tmp_path / "a.scp", made))
    np.testing.assert_allclose(read[0, 2:-2], signal[2:-2], atol=2.01)  # half a sample early


@pytest.mark.parametrize("beat_unit", [5000, 1250, 20000])
def test_a_reference_beat_comes_back_where_it_was_subtracted(
    tmp_path: Path, beat_unit: int
) -> None:
    rng = np.random.default_rng(1)
    rest = rng.integers(-20, 20, size=(2, 1000))
    beats = rng.integers(-300, 300, size=(2, 75))
    # The third is of another kind, the others reach over the beat's or the lead's ends.
    complexes = [(0, 150, 190, 220), (0, 1, 20, 60), (1, 400, 430, 460), (0, 930, 990, 1000)]
    whole = rest * 5000.0
    for kind, first, qrs, last in complexes:
        for sample in range(first, last + 1):
            at = 40 + sample - qrs - 1  # the reference beat's QRS is its 40th sample
            if kind == 0 and 0 <= at < 75:
                whole[:, sample - 1] += beats[:, at] * beat_unit
    made = Scp(rest, files.LEADS, beat=beats, beat_unit_nv=beat_unit, fiducial=40,
               complexes=complexes, subtracted=True)  # fmt: skip
    path = write(tmp_path / "a.scp", made)
    np.testing.assert_allclose(read_units(path) * 5000, whole, atol=2)


def test_subtracted_and_thinned_out_without_the_mark_of_it(tmp_path: Path) -> None:
    """Some recorders say by the intervals alone that the residue is thinned out."""
    rest = files.digital()
    zones = [(101, 140), (301, 340)]
    beat = [np.arange(40) * 5, np.arange(40) * -5]
    expected = np.array([naive(thinned(r, zones, 4), 1000, zones, 4) for r in rest])
    for low, _ in zones:
        expected[:, low - 1 : low + 39] += beat
    made = Scp(
        [thinned(row, zones, 4) for row in rest], files.LEADS, interval_us=16000,
        beat=beat, beat_interval_us=4000, fiducial=1, subtracted=True,
        complexes=[(0, low, low, high) for low, high in zones], zones=zones, promised=[1000] * 2,
    )  # fmt: skip
    np.testing.assert_allclose(read_units(write(tmp_path / "a.scp", made)), expected, atol=1e-3)


def test_leads_one_after_the_other_stand_on_one_time_line(tmp_path: Path) -> None:
    rows = [np.arange(1, 101), np.arange(201, 301)]
    path = write(tmp_path / "a.scp", Scp(rows, ["I", "V1"], starts=[11, 111]))
    read = read_units(path)
    assert read.shape == (2, 200)
    np.testing.assert_allclose(read[0, :100], rows[0], atol=1e-3)
    np.testing.assert_allclose(read[1, 100:], rows[1], atol=1e-3)
    assert np.isnan(read[0, 100:]).all()
    assert np.isnan(read[1, :100]).all()


def test_names_of_leads_and_calibration_signals(tmp_path: Path) -> None:
    names = ["II", "V4R", "III", "aVR", "aVF", "II-cal"]
    path = write(tmp_path / "a.scp", Scp([files.digital()[0]] * 6, names))
    recording = open_recording(path)
    assert recording.leads == ("II", "V4R", "III", "aVR", "aVF")
    assert recording.notes == ("signals left out because they are not ECG leads: calibration",)


def test_who_and_when(tmp_path: Path) -> None:
    tags = {
        0: b"Doe\0", 1: "Jos\u00e9\0".encode("latin-1"), 2: b"P-17\0", 4: struct.pack("<HB", 18, 2),
        5: struct.pack("<HBB", 2022, 11, 6), 8: b"\x02", 25: struct.pack("<HBB", 2024, 5, 6),
        26: bytes([9, 30, 5]),
    }  # fmt: skip
    path = write(tmp_path / "a.scp", Scp(files.digital(), files.LEADS, tags=tags))
    recording = open_recording(path)
    assert recording.start == datetime(2024, 5, 6, 9, 30, 5)
    assert recording.subject == Subject("P-17", "Jos\u00e9 Doe", "F", 1.5, 2022)


def test_measurements_and_text_that_are_short_or_odd_do_not_matter(tmp_path: Path) -> None:
    more = {7: b"\xff", 8: b"", 10: b"\x0c\0", 11: b""}
    path = write(tmp_path / "a.scp", Scp(files.digital(), files.LEADS, more=more))
    recording = open_recording(path)
    assert recording.notes == ()
    np.testing.assert_allclose(read_units(path), files.digital(), atol=1e-3)


def test_a_checksum_that_does_not_fit_is_a_note(tmp_path: Path) -> None:
    path = scp_files.known(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[0] ^= 1
    path.write_bytes(raw)
    (note,) = open_recording(path).notes
    assert note.startswith("checksums do not fit (of all of it)")


def test_samples_that_the_data_do_not_hold_are_missing(tmp_path: Path) -> None:
    samples = files.digital()[:, :900]
    path = write(tmp_path / "a.scp", Scp(samples, files.LEADS, promised=[1000, 900]))
    recording = open_recording(path)
    # The last byte is filled up with zeros, which may be samples.
    note, _ = recording.notes
    assert "II holds 90" in note
    assert "the file promises 1000; the rest is missing samples" in note
    assert np.isnan(recording.read()[0, 910:]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit_nv": 0}, "does not say what its numbers mean in volts; state units or gain"),
        ({"promised": [15_000, 1000]}, "promises 15000 samples of II in"),
        ({"promised": [4_000_000_000, 1000]}, "is damaged: its 2 leads should have 4000000000"),
        ({"differences": 3}, "differences of order 3, expected a time and an order up to 2"),
        ({"subtracted": True}, "subtracted from its leads, but section 5, which says which"),
        ({"more": {2: OTHER_TABLE}}, "after 1 samples of a lead there is no code of its Huffman"),
        ({"more": {2: b"\0\0"}}, "promises 0 Huffman tables, expected 1 to 64, or 19999"),
        ({"more": {3: b"\x02"}}, r"section 3 \(leads\) has 2 bytes, expected at least"),
        ({"more": {4: b"\0"}, "subtracted": True}, r"section 4 \(QRS complexes\) has 2 bytes"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    settings = {"samples": files.digital(), "leads": files.LEADS, **change}
    path = write(tmp_path / "a.scp", Scp(**settings))  # type: ignore[arg-type]
    with pytest.raises(DataFormatError, match=says) as said:
        open_recording(path)
    assert str(said.value).startswith(str(path))


def test_stated_gain_goes_before_the_file(tmp_path: Path) -> None:
    path = scp_files.known(tmp_path)
    read = open_recording(path, gain=100).read()
    np.testing.assert_allclose(read, files.digital() / 100, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"differences": 0}, {"differences": 1}, {"tables": None}, {"tables": [SHORT]},
        {"tables": SWITCHING},
    ],
)  # fmt: skip
def test_another_reader_agrees(tmp_path: Path, options: dict[str, object]) -> None:
    ecgdatakit = pytest.importorskip("ecgdatakit")
    made = Scp(files.digital(), files.LEADS, **options)  # type: ignore[arg-type]
    path = write(tmp_path / "a.scp", made)
    theirs = ecgdatakit.FileParser.parse(path, auto_scale=True, units="mV")
    np.testing.assert_allclose(
        open_recording(path).read(), [lead.samples for lead in theirs.leads], atol=1e-6
    )


def test_another_reader_agrees_on_a_subtracted_beat(tmp_path: Path) -> None:
    ecgdatakit = pytest.importorskip("ecgdatakit")
    path = scp_files.subtracted(tmp_path)
    theirs = ecgdatakit.FileParser.parse(path, auto_scale=True, units="mV")
    np.testing.assert_allclose(
        open_recording(path).read(), [lead.samples for lead in theirs.leads], atol=1e-6
    )

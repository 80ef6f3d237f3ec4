"""aECG of every vendor's habits: units, prefixes, times, stretches, what is derived left out."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recording_files as files
import vendor_files as made

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.aecg import moment
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording

ROWS, EXPECTED = files.digital(), files.millivolts()


def stretch(rows: np.ndarray = ROWS, names: tuple[str, ...] = files.LEADS, **options: Any) -> str:
    return made.sequence_set(names, rows, options.pop("fs_hz", files.FS_HZ), **options)


def opened(folder: Path, *sets: str, **options: Any) -> Recording:
    return open_recording(made.aecg(folder / "a.xml", sets, **options))


def test_who_when_and_what(tmp_path: Path) -> None:
    recording = opened(tmp_path, stretch())
    assert recording.leads == files.LEADS
    assert recording.fs_hz == files.FS_HZ
    assert recording.start == made.WHEN
    assert recording.source == "aECG a.xml"
    assert recording.notes == ()
    who = recording.subject
    assert (who.id, who.name, who.sex, who.age_years) == ("S-17", "Ada Müller", "F", 70)
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-7)


@pytest.mark.parametrize(
    ("scale", "origin", "shift_mv"),
    [
        ((5, "uV"), (0, "uV"), 0),
        ((0.005, "mV"), (0, "mV"), 0),
        ((5000, "nV"), (0, "nV"), 0),
        ((5e-6, "V"), (0, "V"), 0),
        ((5, "µV"), (0, ""), 0),
        ((5, "uV"), (0.25, "mV"), 0.25),
        ((0.005, "mV"), (250, "uV"), 0.25),
    ],
)
def test_scale_and_origin_each_in_its_unit(
    scale: tuple[float, str], origin: tuple[float, str], shift_mv: float, tmp_path: Path
) -> None:
    signal = opened(tmp_path, stretch(scale=scale, origin=origin)).read()
    np.testing.assert_allclose(signal, EXPECTED + shift_mv, atol=1e-6)


@pytest.mark.parametrize("codes", ["MDC_ECG_LEAD_", "NOM_ECG_LEAD_", "MINDRAY_ECG_LEAD_"])
@pytest.mark.parametrize("prefix", ["", "hl7"])
def test_prefixes_of_elements_and_of_codes(codes: str, prefix: str, tmp_path: Path) -> None:
    names = ("I", "aVR", "V3R")
    rows = np.array([ROWS[0], ROWS[1], ROWS[0]])
    recording = opened(tmp_path, stretch(rows, names, codes=codes), prefix=prefix)
    assert recording.leads == names
    np.testing.assert_allclose(recording.read()[:2], EXPECTED, atol=1e-6)


def test_derived_beats_and_annotations_are_left_out(tmp_path: Path) -> None:
    beat = stretch(ROWS[:, :300] * 0 + 999)
    derived = (
        f"<derivation><derivedSeries><code code='REPRESENTATIVE_BEAT'/>{beat}</derivedSeries>"
        f"</derivation><subjectOf><annotationSet>{'<a><b/></a>' * 100}</annotationSet></subjectOf>"
    )
    before = f"<component><series><code code='REPRESENTATIVE_BEAT'/>{beat}</series></component>"
    recording = opened(tmp_path, stretch(), inside=derived, before=before)
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-6)
    with pytest.raises(DataFormatError, match="holds 1 series and no rhythm with samples"):
        open_recording(made.saved(tmp_path / "b.xml", f"<AnnotatedECG>{before}</AnnotatedECG>"))


def test_a_sequence_that_is_no_voltage_is_left_out(tmp_path: Path) -> None:
    status = (
        '<component><sequence><code code="RECORDER_STATUS"/><value xsi:type="SLIST_INT">'
        "<digits>0 0 0</digits></value></sequence></component>"
    )
    both = stretch().replace("</sequenceSet>", f"{status}</sequenceSet>")
    recording = opened(tmp_path, both)
    assert recording.leads == files.LEADS
    assert any("RECORDER_STATUS" in note for note in recording.notes)


def test_when_comes_from_the_series_before_the_first_sample(tmp_path: Path) -> None:
    late = '<effectiveTime><low value="20240507101500.250+0200"/></effectiveTime>'
    template = stretch(clock="20171120114229")
    assert opened(tmp_path, template, series_times=late).start == datetime(
        2024, 5, 7, 10, 15, 0, 250_000
    )
    assert opened(tmp_path, template).start == made.WHEN  # what the whole says


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("20240506093000", made.WHEN),
        ("202405060930", made.WHEN),
        ("20240506093000.5", made.WHEN + timedelta(milliseconds=500)),
        ("20240506093000.0001234-0500", made.WHEN + timedelta(microseconds=123)),
        ("20240506", None),  # no time of day
        ("20241306093000", None),
        ("0.000", None),
        ("", None),
    ],
)
def test_moments(text: str, when: datetime | None) -> None:
    assert moment(text) == when


def parts(n: int) -> list[np.ndarray]:
    return np.split(ROWS, n, axis=1)


@pytest.mark.parametrize("relative", [False, True])
def test_stretches_one_after_the_other_are_one_recording(relative: bool, tmp_path: Path) -> None:
    sets = []
    for i, rows in enumerate(parts(4)):
        when = {"clock": made.WHEN + timedelta(seconds=i), "relative_ms": None}
        if relative:
            when = {"clock": None, "relative_ms": 1000 * i}  # type: ignore[dict-item]
        sets.append(stretch(rows, **when))
    recording = opened(tmp_path, *sets[::-1])  # in any order
    assert recording.notes == ()
    assert recording.recorded is None
    assert recording.start == made.WHEN
    np.testing.assert_allclose(recording.read(), EXPECTED, atol=1e-6)


def test_a_gap_between_stretches_stays_one(tmp_path: Path) -> None:
    first, last = np.split(ROWS, 2, axis=1)
    recording = opened(
        tmp_path, stretch(first), stretch(last, clock=made.WHEN + timedelta(seconds=3))
    )
    assert recording.recorded == ((0, 500), (750, 1250))
    expected = np.insert(EXPECTED, [500] * 250, np.nan, axis=1)
    np.testing.assert_allclose(recording.read(), expected, atol=1e-6)


def test_leads_that_were_printed_one_after_the_other(tmp_path: Path) -> None:
    """As on a page of 3 x 4: each lead has its own seconds."""
    recording = opened(
        tmp_path,
        stretch(ROWS[:1, :500], ("II",), relative_ms=0),
        stretch(ROWS[1:, 500:], ("V1",), relative_ms=2000),
    )
    expected = EXPECTED.copy()
    expected[0, 500:] = expected[1, :500] = np.nan
    np.testing.assert_allclose(recording.read(), expected, atol=1e-6)


def test_stretches_that_do_not_fit_are_left_out_and_noted(tmp_path: Path) -> None:
    recording = opened(
        tmp_path,
        stretch(),
        stretch(ROWS * 0, clock=made.WHEN + timedelta(seconds=1)),  # at the same time
        stretch(ROWS * 0, fs_hz=500, clock=made.WHEN + timedelta(seconds=9)),
    )
    np.testing.assert_allclose(recording.read(0, 1000), EXPECTED, atol=1e-6)
    assert recording.notes == (
        "stretches that overlap others of the same lead, or have another rate or unit, were left "
        "out of II, V1",
    )


def test_stretches_with_scales_of_their_own(tmp_path: Path) -> None:
    first, last = np.split(ROWS, 2, axis=1)
    later = stretch(
        last, clock=made.WHEN + timedelta(seconds=2), scale=(10, "uV"), origin=(100, "uV")
    )
    path = made.aecg(tmp_path / "a.xml", [stretch(first), later])
    expected = EXPECTED.copy()
    expected[:, 500:] = 2 * expected[:, 500:] + 0.1
    np.testing.assert_allclose(open_recording(path).read(), expected, atol=1e-6)
    np.testing.assert_allclose(open_recording(path, gain=400).read(), expected / 2, atol=1e-6)


def test_a_thousand_stretches_take_no_longer_than_one(tmp_path: Path) -> None:
    rows = np.tile(ROWS, (1, 50))
    sets = [
        stretch(part, clock=made.WHEN + timedelta(seconds=i / 5))
        for i, part in enumerate(np.split(rows, 1000, axis=1))
    ]
    begin = time.process_time()
    recording = opened(tmp_path, *sets)
    assert time.process_time() - begin < 2
    assert recording.recorded is None
    np.testing.assert_allclose(recording.read(), np.tile(EXPECTED, (1, 50)), atol=1e-6)


def test_without_times_only_the_first_stretch_is_read(tmp_path: Path) -> None:
    first, last = np.split(ROWS, 2, axis=1)
    recording = opened(tmp_path, stretch(first, clock=None), stretch(last, clock=None))
    np.testing.assert_allclose(recording.read(), EXPECTED[:, :500], atol=1e-6)
    assert any("only the first was read" in note for note in recording.notes)


def test_stretches_years_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match=r"promises \d{5} days"):
        opened(tmp_path, stretch(), stretch(clock=made.WHEN.replace(year=2124)))
    with pytest.raises(DataFormatError, match=r"over 672 h with gaps of more than"):
        opened(tmp_path, stretch(), stretch(clock=made.WHEN + timedelta(days=28)))


def test_a_file_without_rate_or_unit_says_what_to_state(tmp_path: Path) -> None:
    path = made.aecg(tmp_path / "a.xml", [stretch().replace("increment", "step")])
    with pytest.raises(DataFormatError, match="does not say its sampling rate; state it"):
        open_recording(path)
    np.testing.assert_allclose(open_recording(path, fs_hz=250).read(), EXPECTED, atol=1e-6)
    path = made.aecg(tmp_path / "a.xml", [stretch(scale=(1, ""), origin=(0, ""))])
    with pytest.raises(DataFormatError, match="state units or gain"):
        open_recording(path)
    np.testing.assert_allclose(open_recording(path, gain=200).read(), EXPECTED, atol=1e-6)
    micro = open_recording(path, units="uV").read()
    np.testing.assert_allclose(micro, ROWS * 1e-3, atol=1e-6)


def test_it_is_what_ecgdatakit_reads(tmp_path: Path) -> None:
    from ecgdatakit import FileParser

    names = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V6")
    rows = np.random.default_rng(1).integers(-900, 900, size=(len(names), 777))
    path = made.aecg(tmp_path / "a.xml", [stretch(rows, names, fs_hz=500, scale=(2.5, "uV"))])
    recording = open_recording(path)
    record = FileParser.parse(path, units="mV")
    assert recording.leads == tuple(lead.label for lead in record.leads)
    assert recording.start == record.recording.date
    read = np.array([lead.samples for lead in record.leads])
    np.testing.assert_allclose(recording.read(), read, atol=1e-6)

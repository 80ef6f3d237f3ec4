"""Who a recording is of: as far as its file says, and never in a log."""

from __future__ import annotations

import re
import struct
from datetime import date
from pathlib import Path

import pytest
import recording_files as files
from hypothesis import given
from hypothesis import strategies as st

from ectopy.recordings.formats.edf_patient import patient
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.subject import Subject


@pytest.mark.parametrize(
    ("comments", "age", "sex"),
    [
        (["69 M 1085 1629 x1", "Aldomet, Inderal"], 69, "M"),  # MIT-BIH 100
        (["-1 M 742 654 x1"], None, "M"),  # MIT-BIH 103, whose age nobody wrote down
        (["<age>: 51", "<sex>: F", "<diagnoses>:", "Rhythm: Sinus bradycardia."], 51, "F"),  # LUDB
        (["Age: 56", "Sex: Male", "Dx: 164889003"], 56, "M"),  # CinC 2020
        (["age: 81", "sex: female", "ECG date: 01/10/1990"], 81, "F"),  # PTB
        (["Age: NaN", "Sex: Unknown"], None, ""),
        (["Age: -1", "Gender=F"], None, "F"),
        (["? F"], None, "F"),
        (["Stage 12 M", "average 5 V", "The images of 30 M"], None, ""),
        ([], None, ""),
    ],
)
def test_comments_of_a_wfdb_header(comments: list[str], age: float | None, sex: str) -> None:
    assert Subject.from_comments(comments) == Subject(sex=sex, age_years=age)


def test_from_the_header_of_a_record_and_of_its_first_segment(tmp_path: Path) -> None:
    path = files.wfdb_record(tmp_path)
    path.write_text(path.read_text() + "# 69 M 1085 1629 x1\n")
    assert open_recording(path).subject == Subject(sex="M", age_years=69)
    whole = files.wfdb_segments(tmp_path)
    first = tmp_path / "s0.hea"
    first.write_text(first.read_text() + "#<age>: 51\n#<sex>: F\n")
    assert open_recording(whole).subject == Subject(sex="F", age_years=51)


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        (
            "MCH-0234567 F 02-MAY-1951 Haagse_Harry",
            Subject("MCH-0234567", "Haagse Harry", "F", 73, 1951),
        ),
        ("X X X X", Subject()),
        ("X M 06-MAY-1974 X", Subject(sex="M", age_years=50, birth_year=1974)),
        ("X M 31-FEB-1974 X", Subject(sex="M")),
        ("A_1 X X X extra words", Subject(id="A 1")),
        ("Jane Doe, ward 3", Subject(name="Jane Doe, ward 3")),  # plain EDF: any text
        ("", Subject()),
        ("anonymous", Subject()),
    ],
)
def test_patient_field_of_edf(tmp_path: Path, field: str, subject: Subject) -> None:
    path = files.edf(tmp_path, "edf")  # of 6 May 2024
    raw = bytearray(path.read_bytes())
    raw[8:88] = field.encode().ljust(80)
    path.write_bytes(raw)
    assert open_recording(path).subject == subject


def test_header_of_ishne(tmp_path: Path) -> None:
    path = files.ishne(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[28:68] = b"Jane".ljust(40, b"\0")
    raw[68:108] = b"Doe".ljust(40, b"\0")
    raw[108:128] = b"P-17".ljust(20, b"\0")
    struct.pack_into("<h", raw, 128, 2)  # female
    struct.pack_into("<hhh", raw, 132, 7, 5, 1984)  # born a day too late to be 40
    path.write_bytes(raw)
    assert open_recording(path).subject == Subject("P-17", "Jane Doe", "F", 39, 1984)


def test_an_infant_has_an_age_in_months() -> None:
    told = Subject.of(born=date(2024, 1, 31), recorded=date(2024, 6, 30))
    assert told.age_years == pytest.approx(4 / 12)


def test_what_only_fills_a_field_or_cannot_be_is_left_out() -> None:
    fillers = ("X", "?", "000000", "N/A", "Anonymous", "unknown", " - ", "\0\0", "anonymized")
    assert not any(Subject.of(id=word, name=word, sex=word) for word in fillers)
    assert Subject.of(age_years=999, born=1066) == Subject()
    assert Subject.of(born=date(2030, 1, 1), recorded=date(2024, 1, 1)).age_years is None


def test_no_text_of_it_or_of_what_holds_it_says_who(tmp_path: Path) -> None:
    told = Subject.of(id="P-17", name="Jane Doe", sex="F", age_years=51.5, born=1973)
    assert repr(told) == str(told) == f"{told}" == "Subject(<id, name, sex, age_years, birth_year>)"
    recording = Recording.from_array([0.0] * 9, 250, "II", subject=told)
    path = files.wfdb_record(tmp_path)
    path.write_text(path.read_text() + "# 69 M Jane Doe\n")
    opened = open_recording(path)
    for text in (repr(recording), repr(opened), *opened.all_notes, opened.source):
        assert not re.search(r"Jane|P-17|51\.5|1973|69", text)


@given(st.binary(min_size=0, max_size=120))
def test_any_bytes_in_the_field_of_edf(raw: bytes) -> None:
    told = patient(b"0".ljust(8) + raw, None)
    assert (told.id + told.name).isprintable()


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_comments(comments: list[str]) -> None:
    told = Subject.from_comments(comments)
    assert told.age_years is None or 0 <= told.age_years <= 130
    assert told.sex in ("", "F", "M")


def test_dicom(tmp_path: Path) -> None:
    import pydicom

    path = files.dicom(tmp_path)
    whole = pydicom.dcmread(path)
    whole.PatientName, whole.PatientID, whole.PatientSex = "Doe^Jane", "P-17", "F"
    whole.PatientBirthDate, whole.StudyDate, whole.StudyTime = "19730506", "20240505", "093000"
    whole.save_as(path)
    assert open_recording(path).subject == Subject("P-17", "Jane Doe", "F", 50, 1973)

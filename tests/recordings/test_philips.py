"""Philips: schemas 1.03 and 1.04, plain or compressed, and the compression by itself."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vendor_files as made
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import philips_xli
from ectopy.recordings.open import open_recording

TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
X = Path("x.xml")


def twelve(n: int = 1500, seed: int = 0) -> np.ndarray:
    """Whole numbers like an ECG's, the limb leads as the others have them, rounded."""
    rng = np.random.default_rng(seed)
    rows = np.cumsum(rng.integers(-9, 10, size=(12, n)), axis=1) + rng.integers(-99, 99, (12, 1))
    one, two = rows[:2]
    rows[2:6] = [two - one, -(one + two) // 2, one - two // 2, two - one // 2]
    return rows


@pytest.mark.parametrize("version", ["1.03", "1.04"])
@pytest.mark.parametrize("coding", ["XLI", "Base64", "Plain"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_schema_and_coding(version: str, coding: str, encoding: str, tmp_path: Path) -> None:
    rows = twelve()
    path = made.philips(
        tmp_path / "a.xml", TWELVE, rows, 500, version=version, coding=coding, encoding=encoding,
        more_blocks=4,
    )  # fmt: skip
    recording = open_recording(path)
    assert recording.leads == TWELVE
    assert recording.fs_hz == 500
    assert recording.start == made.WHEN
    assert recording.source == "Philips XML a.xml"
    assert recording.notes == ()
    who = recording.subject
    assert (who.id, who.name, who.sex, who.age_years) == ("S-17", "Ada Müller", "F", 70)
    np.testing.assert_allclose(recording.read(), rows * 0.005, atol=1e-6)


def test_the_offset_is_taken_from_each_sample(tmp_path: Path) -> None:
    rows = twelve(300)
    path = made.philips(tmp_path / "a.xml", TWELVE, rows, 500, coding="Base64", zero=700)
    np.testing.assert_allclose(open_recording(path).read(), rows * 0.005, atol=1e-6)


def test_leads_without_names_are_numbered_where_they_may_be_others(tmp_path: Path) -> None:
    path = made.philips(tmp_path / "a.xml", ("V1", "V2"), twelve(300)[6:8], 500, version="1.03")
    text = path.read_bytes().decode("utf-16").replace("STD-12", "EASI")
    path.write_bytes(text.encode("utf-16"))
    assert open_recording(path).leads == ("lead 1", "lead 2")


def changed(folder: Path, old: str, new: str, **options: Any) -> Path:
    path = made.philips(folder / "a.xml", TWELVE, twelve(300), 500, encoding="utf-8", **options)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("coding", "old", "new", "says"),
    [
        ("XLI", 'compression="XLI"', 'compression="ZIP"', "with ZIP, expected XLI or nothing"),
        ("XLI", 'leadlabels="', 'leadlabels="X Y ', "holds 12 compressed leads and names 14"),
        ("Base64", 'bitspersample="16"', 'bitspersample="12"', "of 12 bits, expected 16"),
        ("Base64", 'leadlabels="I', 'leadlabels="J I', "holds 3600 samples, expected as many"),
        ("Base64", '"Base64"', '"Hex"', "encodes its leads as Hex, expected Base64 or Plain"),
        ("Base64", "parsedwaveforms", "unparsedwaveforms", "holds no parsedwaveforms"),
        ("Plain", ">\n", ">\nx ", "something else among the samples"),
        ("XLI", ">\n", ">\n!", "no Base64"),
    ],
)
def test_what_is_refused(coding: str, old: str, new: str, says: str, tmp_path: Path) -> None:
    path = changed(tmp_path, old, new, coding=coding)
    with pytest.raises(DataFormatError, match=says) as said:
        open_recording(path)
    assert str(said.value).startswith(f"{path} ")


def test_a_length_that_is_not_as_promised_is_said(tmp_path: Path) -> None:
    path = changed(tmp_path, 'durationperchannel="600"', 'durationperchannel="11000"')
    assert open_recording(path).notes == ("the file holds 0.6 s of each lead; it promises 11",)


def test_without_resolution_the_unit_must_be_stated(tmp_path: Path) -> None:
    path = changed(tmp_path, "resolution", "nothing")
    with pytest.raises(DataFormatError, match="state units or gain"):
        open_recording(path)
    np.testing.assert_allclose(
        open_recording(path, gain=200).read(), twelve(300) * 0.005, atol=1e-6
    )


def test_it_is_what_ecgdatakit_reads(tmp_path: Path) -> None:
    from ecgdatakit import FileParser

    for version in ("1.03", "1.04"):
        path = made.philips(
            tmp_path / "a.xml", TWELVE, twelve(5500), 500, version=version, more_blocks=4
        )
        recording, record = open_recording(path), FileParser.parse(path, units="mV")
        assert recording.leads == tuple(lead.label for lead in record.leads)
        assert recording.start == record.recording.date
        read = np.array([lead.samples for lead in record.leads])
        np.testing.assert_allclose(recording.read(), read, atol=1e-6)


def blocks_of(*packed: bytes, first: int = 0) -> bytes:
    return b"".join(struct.pack("<iHh", len(x), 0, first) + x for x in packed)


@settings(deadline=None)
@given(
    rows=st.integers(3, 400).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-4000, 4000), min_size=n, max_size=n), min_size=1, max_size=3
        )
    ),
    limb=st.booleans(),
)
def test_what_is_compressed_comes_back(rows: list[list[int]], limb: bool) -> None:
    names = ("II", "I", "aVF")[: len(rows)] if limb else ("V1", "V2", "V3")[: len(rows)]
    signal = np.array(rows)
    leads = philips_xli.leads_of(X, made.xli(names, signal))
    np.testing.assert_array_equal(philips_xli.from_residuals(names, leads), signal)


def test_the_table_of_codes_fills_and_stays() -> None:
    signal = np.random.default_rng(3).integers(-4000, 4000, size=(1, 20_000))
    leads = philips_xli.leads_of(X, made.xli(("V1",), signal))
    np.testing.assert_array_equal(leads, signal)
    flat = np.full((1, 50_000), -7)  # codes that stand for more and more of the same
    np.testing.assert_array_equal(philips_xli.leads_of(X, made.xli(("V1",), flat)), flat)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400), framed=st.booleans(), first=st.integers(-32768, 32767))
def test_any_bytes_decode_or_are_refused(data: bytes, framed: bool, first: int) -> None:
    with suppress(DataFormatError):  # any other error fails
        for lead in philips_xli.leads_of(X, blocks_of(data, first=first) if framed else data):
            assert np.abs(lead).max(initial=0) <= 32768


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (blocks_of(made.lzw(bytes(20)))[:-1], "does not fit the 1. bytes there are"),
        (b"\1\0\0", "does not fit the 3 bytes there are"),
        (struct.pack("<iHh", -5, 0, 0), "does not fit"),
        (blocks_of(bytes([0b01000000, 0, 0])), "code 256, expected at most 255"),
        (blocks_of(made.lzw(bytes([127, 128] * 40 + [0] * 80))), "leave 16 bits"),
    ],
)
def test_what_is_no_compressed_lead(data: bytes, says: str) -> None:
    with pytest.raises(DataFormatError, match=says) as said:
        philips_xli.leads_of(X, data)
    assert str(said.value).startswith("x.xml ")


def test_what_unpacks_to_much_is_refused_before_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(philips_xli, "MOST_BYTES", 5000)
    with pytest.raises(DataFormatError, match="unpack to more than 5000 bytes"):
        philips_xli.leads_of(X, made.xli(("V1", "V2", "V3"), np.zeros((3, 1000), dtype=int)))

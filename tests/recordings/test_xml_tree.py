"""XML is told by its root, whatever its encoding, and costs no more than its size."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
import vendor_files as made
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.xml_tree import numbers, read_xml, root_name, text_of
from ectopy.recordings.open import open_recording


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<AnnotatedECG xmlns='x'>", "AnnotatedECG"),
        (b"<hl7:AnnotatedECG>", "AnnotatedECG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- a <b> -->\n<a.b/>", "a.b"),
        (b'<!DOCTYPE RestingECG SYSTEM "restecg.dtd"><RestingECG>', "RestingECG"),
        (b"<!DOCTYPE x [<!ENTITY a '1'>]><x>", "x"),
        ("<?xml version='1.0'?><x>".encode("utf-16"), "x"),
        ("<x>".encode("utf-16-le"), "x"),
        ("<x>".encode("utf-16-be"), "x"),
        (b"<?xml version='1.0' encoding='utf-16'?><x>", "x"),  # it is not
        (b"time,II\n0,1\n", None),
        (b"", None),
        (b"<", None),
        (b"\xff\xfe", None),
    ],
)
def test_the_root_is_told(head: bytes, root: str | None) -> None:
    assert root_name(head) == root


def test_a_hostile_head_costs_no_more_than_an_honest_one() -> None:
    begin = time.process_time()
    for piece in (b"<!--a-->", b"<?a?>", b"<!DOCTYPE a [b]>", b"<!DOCTYPE ", b"<!--", b" "):
        assert root_name((piece * 8192)[:8192]) is None
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb18030", "ascii"]
)
def test_every_encoding_gives_the_same(encoding: str, tmp_path: Path) -> None:
    name = "<family>Muller</family>" if encoding == "ascii" else "<family>Müller</family>"
    sets = [made.sequence_set(files.LEADS, files.digital(), files.FS_HZ)]
    path = made.aecg(tmp_path / "a.xml", sets, encoding=encoding, name=name)
    recording = open_recording(path)
    np.testing.assert_allclose(recording.read(), files.millivolts(), atol=1e-6)
    assert recording.subject.name == re.sub("<.*?>", "", name)


@pytest.mark.parametrize(("declared", "real"), [("utf-16", "utf-8"), ("utf-8", "iso-8859-1")])
def test_an_encoding_that_is_declared_wrongly_is_read(
    declared: str, real: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(f"<?xml version='1.0' encoding='{declared}'?><a>Müller</a>".encode(real))
    assert text_of(read_xml(path)) == "Müller"


def test_prefixes_and_what_is_skipped_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<x:a><x:b y:c='1'>2</x:b><d>3<d>4<b/></d></d><b/></x:a>")  # none is declared
    root = read_xml(path, skip=("d",))
    assert (root.tag, [each.tag for each in root], root[0].attrib) == ("a", ["b", "b"], {"c": "1"})
    assert text_of(root) == "2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<a><b></a>", "no well-formed XML"),
        ("<a>", "cut off or damaged"),
        ("", "no well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares XML entities"),
        ("<a>" * 101, "within each other"),
        ("<a>" + "<b/>" * 60, "XML elements"),
    ],
)
def test_what_is_refused(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MOST_ELEMENTS", 50 if "<b/>" in text else 500)
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(DataFormatError, match=says) as said:
        read_xml(path)
    assert str(said.value).startswith(str(path))


def test_a_file_too_large_to_read_as_a_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MOST_PARSED", 1000)
    with pytest.raises(DataFormatError, match="save it as WFDB or EDF"):
        open_recording(files.aecg(tmp_path))


def test_another_file_of_xml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    for encoding in ("utf-8", "utf-16"):
        made.saved(path, "<ClinicalDocument/>", encoding)
        with pytest.raises(DataFormatError, match="XML that begins with <ClinicalDocument>"):
            open_recording(path)


@settings(max_examples=200, deadline=None)
@given(head=st.binary(max_size=300), as_xml=st.booleans())
def test_any_bytes_are_xml_or_refused(
    head: bytes, as_xml: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.xml"
    path.write_bytes(b"<?xml version='1.0'?><a>" * as_xml + head)
    root_name(path.read_bytes())
    with suppress(DataFormatError):  # any other error fails
        read_xml(path)


@given(
    rows=st.lists(st.floats(-1e6, 1e6) | st.integers(-40_000, 40_000), max_size=40),
    gap=st.sampled_from([" ", "\n ", "\t\r\n", ",", ", ", ",\n\t\t"]),
    piece=st.integers(1, 50),
)
def test_numbers_are_read_in_pieces_of_any_length(rows: list[float], gap: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ectopy.recordings.formats.xml_tree._PIECE", piece)
        separator = "," if "," in gap else None
        text = gap.join(map(repr, rows)) + gap
        found = numbers(Path("a.xml"), "lead I", text, separator)
    np.testing.assert_array_equal(found, rows)


@pytest.mark.parametrize("text", ["1 2 x", "1,2", "1 0x10", "1 \0"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(DataFormatError, match=r"a\.xml has something else among the samples"):
        numbers(Path("a.xml"), "lead I", text)


def test_an_empty_place_between_commas_is_refused() -> None:
    with pytest.raises(DataFormatError, match="something else"):
        numbers(Path("a.xml"), "lead I", "1,,2", ",")

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.recordings.strip_labels import STRIP_LABELS, read_strip_labels


def test_a_table_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "REFERENCE.csv"
    path.write_text("\ufeffA2,N\n\nA1, A\nA3,~\r\nA4,O\n", encoding="utf-8")
    assert read_strip_labels(path) == {"A2": "sinus", "A1": "AF", "A3": "noisy", "A4": "other"}
    assert list(read_strip_labels(path)) == ["A2", "A1", "A3", "A4"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A1,X\n", r"line 1, is 'A1,X'"),
        ("A1,N\nA1,A\n", r"line 2, has A1 a second time"),
        ("A1\n", r"line 1, is 'A1'"),
        (",N\n", "line 1"),
        ("", "no row"),
    ],
)
def test_what_is_no_table_of_labels_is_told(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(DataFormatError, match=found):
        read_strip_labels(path)
    with pytest.raises(DataNotFoundError):
        read_strip_labels(tmp_path / "none.csv")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    path.write_bytes(content)
    try:
        found = read_strip_labels(path)
    except DataFormatError:
        return
    assert set(found.values()) <= set(STRIP_LABELS.values())

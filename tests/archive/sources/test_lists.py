"""Lists of addresses: whatever is in them is read as written, or refused in one sentence."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.archive.sources.lists import addresses, is_list, read_list
from ectopy.errors import DataFormatError, EctopyError

ADDRESS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text == text.strip().lstrip("\ufeff") and not text.startswith("#")
)


@settings(max_examples=50)
@given(st.lists(ADDRESS, max_size=5))
def test_a_text_gives_its_addresses(wanted: list[str]) -> None:
    lines = ["# a list", "", *(f"  {address} \r\n" for address in wanted), "   "]
    assert list(addresses(lines)) == wanted
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.txt"
        path.write_text("\n".join(["\ufeff# a list", *wanted]), encoding="utf-8")
        assert [each.address for each in read_list(str(path))] == wanted


@settings(max_examples=50)
@given(st.lists(st.tuples(ADDRESS, st.none() | st.integers(0, 2**62), ADDRESS), max_size=5))
def test_a_table_gives_its_addresses(wanted: list[tuple[str, int | None, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["patient", " etag", "address", "size "])
    writer.writerows([["a, b", etag, address, size] for address, size, etag in wanted])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        assert is_list(path)
        assert [tuple(each) for each in read_list(str(path))] == wanted


@settings(max_examples=100)
@given(st.binary(max_size=300), st.sampled_from([".txt", ".csv", ".parquet"]))
def test_any_bytes_are_a_list_or_not(content: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{ending}"
        path.write_bytes(content)
        told = ""
        try:
            if is_list(path):
                for each in read_list(str(path)):
                    assert each.address.strip() == each.address != ""
        except EctopyError as error:
            told = str(error)
        assert "\n" not in told


def test_what_cannot_be_a_list_is_refused(tmp_path: Path) -> None:
    for name, content, said in (
        ("long.txt", "a" * 70_000, "has a line of 65,536 characters or more"),
        ("sizes.csv", "address,size\na.edf,much\n", r"cannot be read as a list .*write it anew"),
        ("cut.csv", "address,size\na.edf,1\nb.edf\n", r"cannot be read as a list"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(DataFormatError, match=said):
            list(read_list(str(tmp_path / name)))

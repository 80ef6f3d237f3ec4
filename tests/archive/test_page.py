"""The page over an archive: figures of its tables, and a size that does not grow with them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_archive

from ectopy.analysis.result import Result
from ectopy.archive.files.open import open_files
from ectopy.archive.finalize import finalize
from ectopy.archive.model import Part
from ectopy.archive.page import page
from ectopy.archive.rows import failure, rows
from ectopy.archive.schemas import SCHEMAS

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return small_archive.results(3)


def text(html: str) -> str:
    """Give what is read of a page."""
    body = html[html.index("<body>") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_what_is_in_it_what_failed_and_what_to_review_first(
    results: list[Result], tmp_path: Path
) -> None:
    given = [replace(results[0], name=MARKUP), *results[1:]]
    failures = [f"ward/{name}.edf" for name in ("a", "b", "c", "d", "e")]
    made = small_archive.archive(tmp_path / "store", given, tmp_path / "s", failures=failures)
    made.commit(*range(len(made.shards)))
    snapshot = finalize(made.address)
    html = (Path(made.address) / snapshot.page.name).read_text(encoding="utf-8")
    assert MARKUP not in html
    assert "&lt;img" in html
    assert "<script" not in html
    assert not re.search(r"(src|href)=.https?:", html)
    told = text(html)
    assert "Archive of 4 recordings" in told
    assert "4; 5 more could not be labelled" in told
    assert "3 of these are SIMULATED" in told
    assert f"{sum(len(one.beats) for one in given):,}" in told
    runs = sum(bool(one.summary.veb.runs) for one in given)
    assert f"VE runs {runs} 3 " in told  # of the one without a beat it cannot be told
    assert "5 it is cut off (as ward/a.edf, ward/b.edf, ward/c.edf)" in told
    assert told.index("1 VE run") < told.index("no beat was found")


def test_its_size_does_not_grow_with_the_archive(results: list[Result], tmp_path: Path) -> None:
    """As many failures, each with numbers of its own, as recordings to review."""
    files = open_files(tmp_path)
    sizes = []
    for count in (150, 600):
        entries = [small_archive.entry(f"s3://bank/r{number:05d}.edf") for number in range(count)]
        one = rows(entries[0], results[0])["recordings"]
        failed = failure(entries[0], "")
        tables = {
            "recordings": [one.set_column(0, "id", [[x.id]]) for x in entries],
            "failures": [
                failed.set_column(2, "reason", [[f"{x.address} has {i} bytes, expected {2 * i}"]])
                .set_column(1, "address", [[x.address]])
                for i, x in enumerate(entries)
            ],
        }  # fmt: skip
        parts = []
        for table, of_table in tables.items():
            name = f"{table}-{count}.parquet"
            pq.write_table(pa.concat_tables(one.cast(SCHEMAS[table]) for one in of_table),
                           tmp_path / name)  # fmt: skip
            parts.append(Part(table=table, name=name, rows=count, bytes=0, sha256=""))
        plan = small_archive.archive(tmp_path / str(count), results, tmp_path).plan
        html = page(files, plan, parts, plan.shards)
        sizes.append(len(html))
        assert f"{count:,} recordings could not be labelled" in text(html)
        assert f"{count:,} it has 0 bytes, expected 0, or with other numbers" in text(html)
        assert f"And {count - 100:,} more, less pressing" in text(html)
    assert sizes[1] < 1.02 * sizes[0] < 60_000

"""The rows of a recording: what the result says, in small types, nothing withheld as zero."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import ectopy
from ectopy.analysis.result import Result
from ectopy.archive import rows as module
from ectopy.archive.model import TABLES, Entry
from ectopy.archive.rows import PartWriter, failure, rows
from ectopy.archive.schemas import SCHEMAS
from ectopy.classes import AAMI
from ectopy.recordings.annotations import read_annotations

ENTRY = Entry("0123456789abcdef", "ward/simulated.hea", ("simulated.dat",), 1000, "")


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    return ectopy.analyze(replace(recording, start=datetime(2024, 5, 6, 22, 30)))


def test_all_tables_have_their_schema_and_say_what_the_result_says(result: Result) -> None:
    made = rows(ENTRY, result, annotations=True)
    assert {*made, "failures"} == {*TABLES, "annotations"} == set(SCHEMAS) - {"looks"}
    for name, table in made.items():
        assert table.schema == SCHEMAS[name], name
        assert set(table["id"].to_pylist()) == {ENTRY.id}
    beats = made["beats"]
    assert beats["sample"].to_pylist() == result.beats.samples.tolist()
    assert beats["class"].to_pylist() == result.beats.symbols.tolist()
    p = np.stack([beats[f"p_{letter}"].to_numpy() for letter in AAMI], axis=1)
    np.testing.assert_allclose(p, result.beats.probabilities, atol=6e-5)
    for name, told in (
        ("rhythm", result.rhythm),
        ("events", result.events),
        ("hours", result.hourly),
    ):
        expected = told.to_list()
        for row, same in zip(made[name].to_pylist(), expected, strict=True):
            kept = {key: value for key, value in same.items() if key in row}
            assert {key: row[key] for key in kept} == pytest.approx(kept, abs=1e-6)
    (row,) = made["recordings"].to_pylist()
    summary = result.summary
    assert (row["name"], row["address"]) == (result.name, ENTRY.address)
    assert row["start"] == datetime(2024, 5, 6, 22, 30)
    assert row["simulated"] is True
    assert row["leads"] == " ".join(lead.name for lead in summary.leads)
    assert row["beats"] == summary.beats
    assert row["veb_runs"] == summary.veb.runs
    assert row["veb_longest_run_beats"] == summary.veb.longest_run.beats  # type: ignore[union-attr]
    assert row["af_percent"] == summary.rhythm.fibrillation.percent
    assert row["usable_s"] == sum(summary.signal_seconds[x] for x in ("good", "noisy", "saturated"))
    assert row["warnings"] == len(summary.warnings)
    for letter, count in summary.classes.items():
        told_of = (row[letter], row[f"{letter}_uncertain"], row[f"{letter}_percent"])
        assert told_of == (count.certain, count.uncertain, count.percent)


def test_what_is_withheld_is_null() -> None:
    flat = ectopy.analyze(
        ectopy.Recording.from_array(np.zeros((1, 60 * 250)), 250, ("II",), name="off")
    )
    (row,) = rows(ENTRY, flat)["recordings"].to_pylist()
    empty = ("veb", "veb_runs", "sveb_couplets", "pauses", "af_percent", "hr_mean", "start")
    assert [row[name] for name in empty] == [None] * len(empty)
    assert (row["beats"], row["good_s"]) == (0, 0.0)
    assert row["look_why"].startswith("no beat was found")


def test_a_part_holds_all_rows_whenever_they_are_written(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [replace(ENTRY, id=f"{n:016x}") for n in range(5)]
    found = {}
    for held in (50, 1 << 20):
        monkeypatch.setattr(module, "GROUP_ROWS", held)
        writer = PartWriter(tmp_path / str(held))
        for entry in entries:
            writer.add(rows(entry, result))
        writer.add({"failures": failure(ENTRY, "it is cut off")})
        paths = writer.close()
        assert set(paths) == set(TABLES)
        counts = writer.counts
        assert (counts.recordings, counts.failures, counts.recorded_s) == (5, 1, 5 * 60.0)
        assert counts.beats == 5 * len(result.beats)
        found[held] = {name: pq.read_table(path) for name, path in paths.items()}
        for name, table in found[held].items():
            assert table.schema.equals(SCHEMAS[name]), name
            same = table.to_pylist() == found[50][name].to_pylist()
            assert same, name
        of_beats = pq.read_metadata(paths["beats"])
        assert of_beats.num_row_groups == -(-counts.beats // held)
        ids, sample = (of_beats.row_group(0).column(n) for n in (0, 1))
        assert "RLE_DICTIONARY" in ids.encodings
        assert "DELTA_BINARY_PACKED" in sample.encodings


def test_the_annotation_file_is_the_one_that_write_makes(result: Result, tmp_path: Path) -> None:
    (row,) = rows(ENTRY, result, annotations=True)["annotations"].to_pylist()
    written = result.write(tmp_path, formats="ect")["ect"]
    assert row["content"] == written.read_bytes()
    assert row["name"] == result.name
    assert len(read_annotations(tmp_path / result.name, "ect")) > len(result.beats)


def test_pandas_is_not_imported() -> None:
    """It would take longer than the rows of a half-hour recording, in every worker."""
    code = (
        "import sys, numpy as np, ectopy\n"
        "from ectopy.archive.model import Entry\n"
        "from ectopy.archive.rows import PartWriter, rows\n"
        "from pathlib import Path\n"
        "recording, _ = ectopy.simulate(20, rng=np.random.default_rng(0))\n"
        "made = rows(Entry('0' * 16, 'a', (), 0, ''), ectopy.analyze(recording))\n"
        "import tempfile\n"
        "writer = PartWriter(Path(tempfile.mkdtemp())); writer.add(made); writer.close()\n"
        "print([x for x in ('pandas', 'duckdb', 'fsspec', 'dask', 'jinja2') if x in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

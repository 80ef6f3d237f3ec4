"""An archive asked by SQL, and read by all that read Parquet, gives the same rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import small_archive
from typer.testing import CliRunner

from ectopy.analysis.result import Result
from ectopy.archive.export import export
from ectopy.archive.finalize import finalize
from ectopy.archive.model import TABLES
from ectopy.archive.query import ask, connect, example, examples
from ectopy.archive.snapshot import newest
from ectopy.cli import app
from ectopy.errors import ConfigError
from ectopy.recordings.annotations import read_annotations

RUN = CliRunner()


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return small_archive.results()


@pytest.fixture(scope="module")
def finalized(results: list[Result], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a finalized archive with two recordings of one name."""
    folder = tmp_path_factory.mktemp("archive")
    made = small_archive.archive(folder / "store", results, folder, failures=["x/a.edf", "x/b.edf"])
    made.commit(*range(len(made.shards)))
    finalize(made.address)
    return folder / "store"


def plain(value: Any) -> Any:
    """Make values of all readers alike: what is missing is None, numbers and times are Python's."""
    import pandas as pd

    if value is None or pd.isna(value):
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def alike(columns: list[str], rows: Any) -> list[dict[str, Any]]:
    found = [dict(zip(columns, map(plain, row), strict=True)) for row in rows]
    return [
        {key: round(x, 4) if isinstance(x, float) else x for key, x in row.items()} for row in found
    ]


def test_pandas_polars_duckdb_and_dask_read_the_same_rows(finalized: Path) -> None:
    import dask.dataframe as dd
    import pandas as pd
    import polars as pl

    with connect(finalized) as connection:
        for table in TABLES:
            files = [str(finalized / name) for name in newest_names(finalized, table)]
            relation = connection.sql(f"SELECT * FROM {table}")
            columns = relation.columns
            by_duckdb = alike(columns, relation.fetchall())
            frame = pd.read_parquet(files[0] if len(files) == 1 else files)
            assert list(frame.columns) == columns
            assert by_duckdb == alike(columns, frame.itertuples(index=False, name=None)), table
            lazy = pl.scan_parquet(files)
            assert by_duckdb == alike(columns, lazy.collect().iter_rows()), table
            whole = dd.read_parquet(files).compute()
            assert by_duckdb == alike(columns, whole.itertuples(index=False, name=None)), table
            assert len(by_duckdb) > 0
            assert by_duckdb == sorted(by_duckdb, key=lambda row: row["id"])


def newest_names(finalized: Path, table: str) -> list[str]:
    from ectopy.archive.files.open import open_files

    return newest(open_files(finalized)).names(table)


def test_the_examples_answer_what_they_ask(finalized: Path, results: list[Result]) -> None:
    assert list(examples()) == ["af-by-hour", "review-first", "vt-runs"]
    with connect(finalized) as connection:
        first = ask(connection, example("review-first")).fetchall()  # type: ignore[union-attr]
        from ectopy.analysis.summary.look_first import look

        expected = [(one, look(one.summary)) for one in results]
        told = sorted(
            ((one, found) for one, found in expected if found),
            key=lambda pair: (-pair[1].weight, pair[0].name),
        )
        assert [row[:2] for row in first] == [(one.name, found.why) for one, found in told]
        sql = example("vt-runs").replace("e.beats > 5", "e.beats > 2")
        runs = ask(connection, sql).fetchall()  # type: ignore[union-attr]
        expected_runs = {
            one.name: [
                e for e in one.events
                if e.kind == "run" and e.of == "VEB" and e.certain and (e.rate_bpm or 0) >= 100
            ]
            for one in results
        }  # fmt: skip
        assert {row[0]: row[1] for row in runs} == {
            name: len(found) for name, found in expected_runs.items() if found
        }
        assert runs


def test_burden_by_hour_weighs_hours_by_their_length(results: list[Result], tmp_path: Path) -> None:
    """Two hours with a burden, one of them short, and one in which nobody can tell."""
    from dataclasses import replace

    def with_hours(result: Result, name: str, shares: list[float | None]) -> Result:
        hour = result.summary.hours[0]
        hours = [hour.model_copy(update={"hour": i, "af_percent": x}) for i, x in enumerate(shares)]
        summary = result.summary.model_copy(update={"hours": hours, "duration_s": 5400.0})
        return replace(result, name=name, summary=summary)

    given = [
        with_hours(results[0], "a", [10.0, 40.0]),  # begins at 20:15
        with_hours(results[1], "b", [None, 100.0]),  # begins at 21:15
        with_hours(results[4], "c", [70.0, None]),  # begins at 20:15
    ]
    made = small_archive.archive(tmp_path / "store", given, tmp_path, failures=())
    made.commit(*range(len(made.shards)))
    finalize(made.address)
    with connect(made.address) as connection:
        rows = ask(connection, example("af-by-hour")).fetchall()  # type: ignore[union-attr]
    assert rows == [(20, 40.0, 2.0, 2), (21, 40.0, 0.5, 1), (22, 100.0, 0.5, 1)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT frm x", "SQL cannot be answered"),
        ("SELECT name FROM recording", "recordings"),
        ("SELECT CAST(name AS INTEGER) FROM recordings", "SQL cannot be answered"),
        ("DROP VIEW beats", "one SQL statement that reads"),
        ("COPY recordings TO 'x.csv'", "one SQL statement that reads"),
        ("EXPLAIN ANALYZE COPY recordings TO 'x.csv'", "one SQL statement that reads"),
        ("SELECT 1; SELECT 2", "one SQL statement that reads"),
        ("", "one SQL statement that reads"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(finalized: Path, sql: str, said: str) -> None:
    done = RUN.invoke(app, ["archive", "query", str(finalized), "--sql", sql])
    assert isinstance(done.exception, ConfigError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


def test_answers_are_shown_or_written(finalized: Path, tmp_path: Path) -> None:
    sql = "SELECT name, beats FROM recordings ORDER BY name; "
    done = RUN.invoke(app, ["archive", "query", str(finalized), "--sql", sql])
    assert done.exit_code == 0
    assert done.output.splitlines()[0].split() == ["name", "beats"]
    assert done.output.splitlines()[2].split() == ["off", "0"]
    out = tmp_path / "a'b.csv"
    done = RUN.invoke(app, ["archive", "query", str(finalized), "--sql", sql, "--out", str(out)])
    assert done.output == f"6 rows in {out}\n"
    assert [row["name"] for row in csv.DictReader(out.read_text().splitlines())][:2] == [
        "off",
        "r0",
    ]
    with connect(finalized) as connection:
        assert ask(connection, "FROM beats -- all", tmp_path / "beats.parquet") == connection.sql(
            f"SELECT count(*) FROM '{tmp_path}/beats.parquet'"
        ).fetchall()[0][0]  # fmt: skip
        with pytest.raises(ConfigError, match=r"\.txt has no ending"):
            ask(connection, sql, tmp_path / "x.txt")
        with pytest.raises(ConfigError, match="SQL cannot be answered"):
            ask(connection, "SELECT nothing FROM beats", tmp_path / "x.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a'b.csv", "beats.parquet"]
    (tmp_path / "beds.csv").write_text("name,bed\nr1,12\n")
    sql = f"SELECT bed, beats > 0 AS b FROM recordings JOIN '{tmp_path}/beds.csv' USING (name)"
    done = RUN.invoke(app, ["archive", "query", str(finalized), "--sql", sql])
    assert done.output.splitlines()[2].split() == ["12", "True"]
    listed = RUN.invoke(app, ["archive", "query", str(finalized), "--sql", "FROM beats"])
    assert "more than 40 rows" in listed.output


def test_annotation_files_are_written_under_names_that_differ(
    results: list[Result], tmp_path: Path
) -> None:
    from dataclasses import replace

    given = [results[0], replace(results[1], name="R0"), replace(results[2], name="../up")]
    made = small_archive.archive(tmp_path / "store", given, tmp_path / "scratch")
    # Names of recordings need not be those of their files.
    made.commit(*range(len(made.shards)))
    finalize(made.address)
    out = tmp_path / "out"
    assert export(made.address, out) == 3
    ids = {result.name: id_ for id_, result in made.results.items()}
    expected = {f"r0-{ids['r0']}.ect", f"R0-{ids['R0']}.ect", f"{ids['../up']}.ect"}
    assert {path.name for path in out.iterdir()} == expected
    beats = read_annotations(out / f"r0-{ids['r0']}", "ect")
    assert set(results[0].beats.samples.tolist()) <= set(beats.samples.tolist())
    assert export(made.address, out, names=frozenset(["r0"])) == 1  # the same content is no loss
    (out / f"r0-{ids['r0']}.ect").write_bytes(b"corrected")
    with pytest.raises(ConfigError, match="already with other content"):
        export(made.address, out)
    assert export(made.address, out, overwrite=True) == 3
    assert (out / f"r0-{ids['r0']}.ect").read_bytes() != b"corrected"
    with pytest.raises(ConfigError, match="no recording called nobody"):
        export(made.address, out, names=frozenset(["nobody"]))
    without = small_archive.archive(tmp_path / "w", given, tmp_path / "s", annotations=False)
    without.commit(*range(len(without.shards)))
    finalize(without.address)
    with pytest.raises(ConfigError, match="keeps no annotation files"):
        export(without.address, out)


def test_an_archive_in_an_object_store_is_finalized_and_asked(
    results: list[Result], bucket: str, tmp_path: Path
) -> None:
    address = f"{bucket}/ward"
    made = small_archive.archive(address, results[:2], tmp_path / "scratch", a_shard=2)
    made.commit(*range(len(made.shards)))
    snapshot = finalize(address)
    with connect(address) as connection:
        rows = ask(connection, "SELECT count(*) FROM beats").fetchall()  # type: ignore[union-attr]
        assert rows == [(snapshot.beats,)]
    assert export(address, tmp_path / "out") == 2

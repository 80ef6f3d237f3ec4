"""One table and one page over all results in a folder."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis.report.index import PAGE, TABLE, write_index
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Pauses
from ectopy.analysis.unmarked import NOT_MARKED
from ectopy.errors import ConfigError


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    for number in (9, 11):
        recording, _ = ectopy.simulate(60, rng=np.random.default_rng(number), fs_hz=250)
        named = ectopy.Recording.from_array(
            recording.read(), 250, recording.leads, name=f"r{number}"
        )
        ectopy.analyze(named).write(folder, formats=("json", "html"))
    return folder


def test_all_that_is_there(results: Path) -> None:
    made = write_index(results, {"bad <b>.edf": "it is cut off"})
    assert [path.name for path in made] == [PAGE, TABLE]
    rows = list(csv.DictReader((results / TABLE).read_text().splitlines()))
    assert [row["record"] for row in rows] == ["r9", "r11"]
    summary = ectopy.analysis.summary.model.Summary.model_validate_json(
        (results / "r9.summary.json").read_text()
    )
    assert int(rows[0]["veb"]) == summary.veb.certain
    assert int(rows[0]["beats"]) == summary.beats
    page = (results / PAGE).read_text(encoding="utf-8")
    assert 'href="r9.html"' in page
    assert "bad &lt;b&gt;.edf" in page
    assert "<script" not in page
    write_index(results)  # over its own
    assert "bad" not in (results / PAGE).read_text(encoding="utf-8")


def test_a_recording_without_a_beat_has_no_noughts_and_is_looked_at_first(
    results: Path, tmp_path: Path
) -> None:
    (tmp_path / "r9.summary.json").write_bytes((results / "r9.summary.json").read_bytes())
    flat = ectopy.analyze(
        ectopy.Recording.from_array(np.zeros((1, 60 * 250)), 250, ("II",), name="off")
    )
    flat.write(tmp_path, formats=("json", "html"))
    write_index(tmp_path)
    row = next(csv.DictReader((tmp_path / TABLE).read_text().splitlines()))
    assert row["record"] == "off"
    empty = ("veb", "veb_runs", "sveb", "sveb_couplets", "pauses")
    assert [row[name] for name in empty] == [""] * len(empty)
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "no beat was found" in page[page.index("To look at first") : page.index("<table")]


def test_ventricular_fibrillation_comes_first_then_doubt_then_fibrillation(
    busy: Result, told: Callable[..., Result], tmp_path: Path
) -> None:
    """What may be flutter, and is marked by no beat, was not among those to look at first."""
    quiet = busy.summary.model_copy(
        update={"warnings": [], "pauses": Pauses(count=0, longest=None)}
    )
    for part in ("veb", "sveb"):
        none = getattr(quiet, part).model_copy(update={"runs": 0, "longest_run": None})
        quiet = quiet.model_copy(update={part: none})
    warned = quiet.model_copy(
        update={"warnings": [f"{NOT_MARKED} after 0:01:00 elapsed: flutter?"]}
    )
    for name, summary, spans in (
        ("a-sinus", quiet, [(0, "sinus")]),
        ("b-some-af", quiet, [(0, "sinus"), (600, "af"), (700, "sinus")]),
        ("c-much-af", quiet, [(0, "af"), (6000, "sinus")]),
        ("d-flutter", warned, [(0, "sinus")]),
        ("e-vf", quiet, [(0, "sinus"), (100, "vf"), (130, "sinus")]),
        ("f-unknown", quiet, [(0, "none"), (5000, "sinus")]),
    ):
        made = told(replace(busy, summary=summary), *spans).summary
        text = made.model_copy(update={"record": name}).model_dump_json()
        (tmp_path / f"{name}.summary.json").write_text(text)
    write_index(tmp_path)
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    first = page[page.index("To look at first") : page.index("All recordings</h2>")]
    order = re.findall(r">([a-f]-[a-z-]+)</a>", first)
    assert order == ["e-vf", "d-flutter", "c-much-af", "b-some-af", "f-unknown", "a-sinus"]
    assert "ventricular fibrillation or flutter, 30.0 s" in first
    assert "atrial fibrillation 90.9 % in 1 episode, longest 1 h 40 min" in first
    assert "rhythm not decided for 75.8 % of the time" in first
    rows = {
        row["record"]: row for row in csv.DictReader((tmp_path / TABLE).read_text().splitlines())
    }
    assert rows["b-some-af"]["af_episodes"] == "1"
    assert float(rows["b-some-af"]["af_longest_s"]) == 100
    assert rows["e-vf"]["vf_s"] == "30.0"
    assert rows["e-vf"]["rhythms"] == "sinus vf"
    assert rows["f-unknown"]["rhythm_not_decided_s"] == "5000.0"


def test_warnings_stand_below_the_table_which_they_made_too_wide(results: Path) -> None:
    path = results / "r9.summary.json"
    kept = path.read_text()
    told = json.loads(kept)
    told["warnings"] = ["the gain may be wrong " * 9]
    try:
        path.write_text(json.dumps(told))
        write_index(results, {"bad.edf": "bad.edf is cut off"})
    finally:
        path.write_text(kept)
    page = (results / PAGE).read_text(encoding="utf-8")
    assert page.index("the gain may be wrong") > page.index("</table>")
    assert page.count("bad.edf") == 1  # was: bad.edf: bad.edf is cut off


def test_one_recording_needs_none(results: Path, tmp_path: Path) -> None:
    (tmp_path / "a.summary.json").write_bytes((results / "r9.summary.json").read_bytes())
    assert write_index(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.summary.json"]


@pytest.mark.parametrize("name", [PAGE, TABLE])
def test_what_is_not_ours_is_kept(results: Path, tmp_path: Path, name: str) -> None:
    for file in results.glob("*.summary.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError, match=f"{name} is there already and ectopy did not write it"):
        write_index(tmp_path)
    assert (tmp_path / name).read_text() == "mine"


def test_summaries_of_another_version_are_named(results: Path, tmp_path: Path) -> None:
    for file in results.glob("*.summary.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "old.summary.json").write_text('{"schema_version": "1.0"}')
    write_index(tmp_path)
    assert "another version wrote them: old" in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_command_line_makes_it_for_several_files(tmp_path: Path) -> None:
    import wfdb

    for name in ("a", "b"):
        recording, _ = ectopy.simulate(20, rng=np.random.default_rng(0), fs_hz=250)
        how = {"units": ["mV"] * 2, "sig_name": ["II", "V1"], "fmt": ["16"] * 2}
        signal = recording.read().T.astype(float)
        wfdb.wrsamp(name, fs=250, p_signal=signal, write_dir=str(tmp_path), **how)
    (tmp_path / "bad.edf").write_text("junk")
    command = [sys.executable, "-m", "ectopy", "analyze", "a.hea", "b.hea", "bad.edf"]
    done = subprocess.run(
        [*command, "--out", "out"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.splitlines()[-2:] == ["out/index.html", "out/recordings.csv"]
    assert "1 file could not be analyzed" in (tmp_path / "out" / PAGE).read_text(encoding="utf-8")

"""What another database of annotated WFDB records costs: the ten lines of ``MADE``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from ectopy.cli import app
from ectopy.datasets import load, registry
from ectopy.datasets.protocols import Shares, protocol
from ectopy.datasets.wfdb.beats import sources
from ectopy.datasets.wfdb.database import WfdbDatabase, physionet
from ectopy.recordings.annotations import write_annotations
from ectopy.recordings.simulation.simulate import simulate

MADE = WfdbDatabase(
    folder="madedb",
    beats="made",
    title="The Made Database",
    version="0.1",
    licence="none, it is simulated",
    records=("m1", "m2", "m3", "m4", "m5"),
    leads=("II",),
    subjects={"m4": "m1"},
    summary="SIMULATED beats of 5 records",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the records as a database has them: 16 bits, 200 steps a mV, II second in one."""
    for name, source in sources(MADE).items():
        monkeypatch.setitem(registry.DATASETS, name, source)
    monkeypatch.setitem(registry.DATABASES, "madedb", MADE.files)
    place = tmp_path / "madedb"
    place.mkdir()
    for seed, name in enumerate(MADE.records):
        leads = {"m2": ("V1", "II"), "m3": ("V5", "V1")}.get(name, ("II", "V1"))
        recording, beats = simulate(120, rng=np.random.default_rng(seed), leads=leads, name=name)
        steps = np.round(200 * recording.read().T).astype("<i2")
        (place / f"{name}.dat").write_bytes(steps.tobytes())
        lines = [f"{name} 2 {recording.fs_hz:g} {recording.n_samples}"]
        lines += [f"{name}.dat 16 200/mV 16 0 0 0 0 {lead}" for lead in leads]
        (place / f"{name}.hea").write_text("\n".join(lines) + "\n")
        write_annotations(place, name, beats, "made").rename(place / f"{name}.atr")
    return place


def test_its_data_sets_load(folder: Path) -> None:
    from_peak, centred = (load(name, folder.parent, cache=False) for name in ("made", "made-p"))
    assert from_peak.X.shape == centred.X.shape
    assert len(from_peak) > 5 * 80
    assert from_peak.groups is not None
    assert from_peak.subjects is not None
    assert sorted(set(from_peak.groups)) == list(MADE.records)
    assert sorted(set(from_peak.subjects)) == ["m1", "m2", "m3", "m5"]
    assert from_peak.provenance.startswith("Made Database 0.1, 5 records, lead II, cut at")
    assert "Records m1 and m4 are of one person." in from_peak.caveats
    assert "Records without II are cut in their first lead: m3 (V5)." in from_peak.caveats
    with pytest.raises(registry.ConfigError, match="no option 'paced'; it has escape, cache"):
        load("made", folder.parent, paced=False)


def test_it_splits_by_patient(folder: Path) -> None:
    data = load("made", folder.parent, cache=False)
    assert data.groups is not None
    folds = protocol("patient-wise").splits(data, np.random.default_rng(0), Shares(folds=4))
    for fold in folds:
        tested = set(data.groups[fold.test])
        assert ("m1" in tested) == ("m4" in tested)
        assert not fold.shares_patients
    assert sum(len(fold.test) for fold in folds) == len(data)


def test_the_command_line_knows_it(folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    listed = run(app, ["data", "list", "--data", str(folder.parent)]).stdout
    assert {"made", "made-p"} <= set(listed.split())
    checked = run(app, ["data", "verify", "made", "--data", str(folder.parent)])
    assert "no SHA-256 is known" in " ".join(checked.output.split())
    out = tmp_path / "out"
    done = run(app, ["evaluate", str(folder), "--out", str(out)])
    assert done.exit_code == 0, done.output
    told = json.loads((out / "evaluation.json").read_text())
    assert sorted(told["records"]) == list(MADE.records)
    assert told["gross"]["QRS"]["f1"] > 0.95


def test_the_example_of_the_docs_is_a_database() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    code = page.partition("## Another database")[2].partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"WfdbDatabase": WfdbDatabase, "physionet": physionet}
    exec(code, names)
    assert set(sources(names["INCARTDB"])) == {"incart", "incart-p"}
    assert names["INCARTDB"].files.fetch is not None

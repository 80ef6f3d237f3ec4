"""Two annotators: counted as `match` counts, differing beats listed, uncertain ones set aside."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.analysis import ComparisonOptions
from ectopy.analysis.annotators import compare_annotations, kappa
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.evaluation.ec57.counting import match
from ectopy.recordings.annotations import Annotations, write_annotations


def marks(samples: list[int], symbols: str, *, doubt: str = "", fs_hz: float = 250) -> Annotations:
    kinds = [int(c == "?") for c in doubt.ljust(len(symbols))]
    none = np.full(len(symbols), "", dtype=np.str_)
    return Annotations(np.array(samples), np.array(list(symbols)), fs_hz, none, np.array(kinds))


A = marks([100, 350, 600, 850, 1100], "NVNSN")
B = marks([102, 352, 610, 1105, 1300], "NVVNN", doubt="  ?  ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_annotations(tmp_path, "a", A, "one")
    write_annotations(tmp_path, "a", B, "two")
    return tmp_path


def test_counts_and_differences(folder: Path) -> None:
    found = compare_annotations(folder / "a.one", folder / "a.two")
    assert (found.matrices["a"].counts == match(A, B, skip_s=0).counts).all()
    told = [(d["sample"], d["a"], d["b"], d["b_uncertain"]) for d in found.differences]
    assert told == [(600, "N", "V", True), (850, "S", "", False), (1300, "", "N", False)]
    assert found.differences[0]["time_s"] == 2.4
    assert found.report["n_differences"] == 3
    # Three pairs agree and one does not: chance agrees in (3 * 2 + 1 * 2) of 16.
    assert found.report["kappa"] == pytest.approx((0.75 - 0.5) / (1 - 0.5))


def test_uncertain_beats_are_set_aside_on_both_sides(folder: Path) -> None:
    options = ComparisonOptions(certain=True)
    found = compare_annotations(folder / "a.one", folder / "a.two", options)
    assert found.report["uncertain_left_out"] == 1
    assert found.matrices["a"].of("Nn + Nv + No") == 2
    assert [d["sample"] for d in found.differences] == [850, 1300]


def test_subtypes_of_a_reference_are_no_doubt(folder: Path) -> None:
    (folder / "a.two").rename(folder / "a.atr")
    options = ComparisonOptions(certain=True)
    found = compare_annotations(folder / "a.one", folder / "a.atr", options)
    assert found.report["uncertain_left_out"] == 0


def test_other_rates(folder: Path) -> None:
    twice = marks([2 * s for s in B.samples.tolist()], "NVVNN", fs_hz=500)
    write_annotations(folder, "a", twice, "fast")
    found = compare_annotations(folder / "a.one", folder / "a.fast")
    assert (found.matrices["a"].counts == match(A, B, skip_s=0).counts).all()


def test_a_file_without_a_rate_has_that_of_the_other(folder: Path) -> None:
    """As wfdb writes a corrected copy: away from its header, and without a word of the rate."""
    import wfdb

    symbols = B.symbols.tolist()
    wfdb.wrann("a", "cor", B.samples, symbols, subtype=B.subtypes, write_dir=str(folder))
    for one, other in (("one", "cor"), ("cor", "one")):
        found = compare_annotations(folder / f"a.{one}", folder / f"a.{other}")
        assert found.report["n_differences"] == 3
        assert {850, 1300} < {d["sample"] for d in found.differences}
    with pytest.raises(DataFormatError, match=r"a\.cor does not say its sampling rate .* put it"):
        compare_annotations(folder / "a.cor", folder / "a.cor")


def test_folders_and_a_file_beside_a_folder(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_annotations(other, "a", B, "two")
    write_annotations(other, "b", B, "two")
    options = ComparisonOptions(extensions=("one", "two"))
    for one, two in ((folder, other), (folder / "a.one", other), (folder, other / "a.two")):
        found = compare_annotations(one, two, options)
        assert found.matrices["a"].of("Nv") == 1
    assert compare_annotations(folder, other, options).report["left_out"] == {
        "b": f"it has no annotations in {folder}"
    }


@pytest.mark.parametrize(
    ("a", "b", "error", "said"),
    [
        ("none.atr", "a.two", DataNotFoundError, "none.atr not found"),
        ("a.one", "noext", ConfigError, "noext has no extension"),
        ("a.one", "broken.two", DataFormatError, "cut off"),
        (".", ".", DataNotFoundError, "holds no annotations .atr"),
    ],
)
def test_what_cannot_be_compared(
    folder: Path, a: str, b: str, error: type[Exception], said: str
) -> None:
    (folder / "noext").write_bytes(b"")
    (folder / "broken.two").write_bytes(b"\1\2\3\4")
    with pytest.raises(error, match=said):
        compare_annotations(folder / a, folder / b)


def test_kappa_of_nothing() -> None:
    assert kappa(np.zeros((5, 5))) is None
    assert kappa([[5, 0], [0, 0]]) is None


def test_command_line(folder: Path) -> None:
    command = [sys.executable, "-m", "ectopy", "compare", "a.one", "a.two", "--out", "told"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "kappa 0.5000" in done.stdout
    assert "3 beats differ" in done.stdout
    lines = (folder / "told" / "comparison.differences.csv").read_text().splitlines()
    assert lines[0] == "record,time_s,sample,a,b,a_uncertain,b_uncertain"
    assert lines[1] == "a,2.4,600,N,V,False,True"
    assert json.loads((folder / "told" / "comparison.json").read_text())["n_records"] == 1
    bad = subprocess.run(
        [*command[:5], "lost.two"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert bad.returncode == 2
    assert bad.stderr.startswith("ectopy: lost.two not found")


@pytest.fixture
def corrected(tmp_path: Path) -> tuple[Path, Path]:
    """Give the header of a record and its labels, one of them corrected and one in doubt."""
    import wfdb

    recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    how = {"units": ["mV"] * 2, "sig_name": ["II", "V1"], "fmt": ["16"] * 2}
    wfdb.wrsamp("r", fs=250, p_signal=recording.read().T.astype(float), write_dir=tmp_path, **how)
    result = ectopy.analyze(tmp_path / "r.hea")
    made = result.write(tmp_path / "out")
    ours = ectopy.recordings.read_annotations(tmp_path / "out" / "r", "ect")
    symbols, kinds = ours.symbols.copy(), ours.subtypes
    assert kinds is not None
    beats = np.flatnonzero(symbols == "N")
    symbols[beats[10]], kinds[beats[20]] = "V", 1
    changed = Annotations(ours.samples, symbols, ours.fs_hz, ours.aux, kinds)
    made["ect"].unlink()
    write_annotations(tmp_path / "out", "r", changed, "ect")
    return tmp_path / "r.hea", made["ect"]


def test_summary_and_report_of_corrected_annotations(corrected: tuple[Path, Path]) -> None:
    header, annotations = corrected
    before = ectopy.analyze(header).summary
    result = ectopy.analyze(header, annotations=annotations)
    assert result.summary.classes["V"].certain == before.classes["V"].certain + 1
    assert result.summary.uncertain == before.uncertain + 1
    assert result.summary.labelled_by.name == "r.ect"
    assert result.summary.labelled_by.setting is None
    text = annotations.read_bytes()
    made = result.write(annotations.parent)
    assert made["ect"].read_bytes() == text
    page = made["html"].read_text(encoding="utf-8")
    assert "beats and classes from r.ect" in page
    with pytest.raises(ConfigError, match="was changed since ectopy wrote it"):
        ectopy.analyze(header).write(annotations.parent)  # they are still the reader's


def test_corrected_annotations_on_the_command_line(corrected: tuple[Path, Path]) -> None:
    header, annotations = corrected
    text = annotations.read_bytes()
    command = [sys.executable, "-m", "ectopy", "analyze", str(header), "--out"]
    folder = str(annotations.parent)
    for given in (str(annotations), folder):
        done = subprocess.run(
            [*command, folder, "--annotations", given], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert annotations.read_bytes() == text
    done = subprocess.run(
        [*command, f"{folder}2", "--annotations", "lost.ect"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "lost.ect not found" in done.stderr


def test_labels_given_twice(corrected: tuple[Path, Path]) -> None:
    header, annotations = corrected
    with pytest.raises(ConfigError, match="annotations were given, and setting besides"):
        ectopy.analyze(header, annotations=annotations, setting="past")


def test_annotations_of_another_recording(corrected: tuple[Path, Path], tmp_path: Path) -> None:
    header, _ = corrected
    write_annotations(tmp_path, "other", marks([100, 20_000], "NN"), "ect")
    with pytest.raises(DataFormatError, match=r"has a beat at 80.0 s, but r lasts 60.0 s"):
        ectopy.analyze(header, annotations=tmp_path / "other.ect")
    write_annotations(tmp_path, "other", marks([100, 10_000], "NN"), "ect")
    warnings = ectopy.analyze(header, annotations=tmp_path / "other.ect").summary.warnings
    assert "the labels are those of other.ect: are they of this recording?" in warnings

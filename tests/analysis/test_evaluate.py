import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.analysis.evaluate import Options, evaluate
from ectopy.analysis.evaluation_files import write
from ectopy.beats.aami import to_classes
from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.bundle import SETTINGS, Bundle

# Rates and leads as databases have them, and one record with a single lead.
RECORDS = {
    "r128": (128.0, ("ECG1", "ECG2")),
    "r257": (257.0, ("I", "II", "V1", "V5")),
    "r1000": (1000.0, ("II",)),
}


@dataclass(frozen=True)
class Labels:
    classes: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    uncertain: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ByHeight:
    """Calls a beat V where the signal at its peak is high: any rule that can be checked will do."""

    behind_s: int = 10
    leads_used: int = 1
    ahead_s: int = 10

    def classify(
        self,
        signal_mv: npt.NDArray[np.float32],
        fs_hz: float,
        r_peaks: npt.NDArray[np.int64],
    ) -> Labels:
        assert signal_mv.dtype == np.float32
        height = signal_mv[0, r_peaks]
        classes = np.where(height > 0.4, 2, 0).astype(np.int64)
        return Labels(classes, np.eye(5, dtype=np.float32)[classes], height < 0)


def write_record(
    folder: Path, recording: Recording, annotations: Annotations, extension: str = "atr"
) -> None:
    """Write a record as another database would, with marks that are no beats."""
    import wfdb

    wfdb.wrsamp(
        recording.name,
        fs=recording.fs_hz,
        units=["mV"] * len(recording.leads),
        sig_name=list(recording.leads),
        p_signal=recording.read().T.astype(np.float64),
        fmt=["16"] * len(recording.leads),
        write_dir=str(folder),
    )
    marks = np.array([5, 6, annotations.samples[3] + 1, annotations.samples[8] + 2])
    samples = np.concatenate([annotations.samples, marks])
    symbols = np.concatenate([annotations.symbols, ["+", "~", "|", '"']])
    aux = np.concatenate([annotations.aux, ["(N", "", "", "note"]])
    order = np.argsort(samples, kind="stable")
    wfdb.wrann(
        recording.name,
        extension,
        samples[order],
        symbol=list(symbols[order]),
        aux_note=list(aux[order]),
        write_dir=str(folder),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Annotations]]:
    path = tmp_path_factory.mktemp("database")
    reference = {}
    for i, (name, (fs_hz, leads)) in enumerate(RECORDS.items()):
        rng = np.random.default_rng(i)
        recording, reference[name] = simulate(90, rng=rng, fs_hz=fs_hz, leads=leads, name=name)
        write_record(path, recording, reference[name])
    return path, reference


def test_reference_peaks(folder: tuple[Path, dict[str, Annotations]], tmp_path: Path) -> None:
    path, reference = folder
    result = evaluate(path, Options(reference_peaks=True), classifier=ByHeight())
    report = result.report
    assert list(report["records"]) == sorted(RECORDS)
    assert report["peaks"] == "reference"
    for name, entry in report["records"].items():
        classes = to_classes(reference[name].symbols)
        assert entry["beats"] == len(classes)
        assert entry["QRS"] == {"se": 1, "ppv": 1, "f1": 1, "tp": len(classes), "fn": 0, "fp": 0}
        assert entry["VEB"]["tp"] + entry["VEB"]["fn"] == (classes == 2).sum()
        assert entry["fs_hz"] == RECORDS[name][0]
        assert set(entry["leads"]) <= set(RECORDS[name][1])
    files = write(report, tmp_path / "out")
    assert json.loads(files[0].read_text()) == report
    for part in ("gross", "average"):
        for kind in ("QRS", "VEB", "SVEB"):
            assert {"se", "ppv", "f1", "tp", "fn", "fp"} <= report[part][kind].keys()
        assert {"accuracy", "macro_f1_nsv", "confusion"} <= report[part].keys()
    rows = list(csv.DictReader(files[1].read_text().splitlines()))
    assert [row["record"] for row in rows] == [*sorted(RECORDS), "gross", "average"]
    assert int(rows[0]["VEB_tp"]) == report["records"]["r1000"]["VEB"]["tp"]


def test_detected_peaks(folder: tuple[Path, dict[str, Annotations]]) -> None:
    report = evaluate(folder[0], classifier=ByHeight()).report
    assert report["peaks"] == "detected"
    assert report["gross"]["QRS"]["se"] > 0.9
    assert report["gross"]["QRS"]["ppv"] > 0.9


def test_settings_change_what_they_name(folder: tuple[Path, dict[str, Annotations]]) -> None:
    path, reference = folder
    reports = {}
    for setting in SETTINGS:
        options = Options(weights="ds1", setting=setting, reference_peaks=True, skip_minutes=1)
        report = reports[setting] = evaluate(path, options, records=["r257"]).report
        entry = report["records"]["r257"]
        late = reference["r257"].samples >= 60 * 257
        assert report["gross"]["beats"] == entry["beats"] == late.sum()
        assert report["skipped_minutes"] == 1
        assert report["labelled_by"] == {
            "name": "ds1",
            "sha256": Bundle.load("ds1").checksum,
            "setting": setting,
            "r_peaks": "given",
            "stated": 0,
            "reviewed": None,
        }
    assert (
        reports["past"]["records"]["r257"]["uncertain"]
        != (reports["whole"]["records"]["r257"]["uncertain"])
    )
    assert evaluate(path, records=["r257"]).report["labelled_by"]["setting"] == "whole"


def test_a_classifier_of_ones_own_is_named(folder: tuple[Path, dict[str, Annotations]]) -> None:
    report = evaluate(folder[0], classifier=ByHeight(), records=["r257"]).report
    assert report["labelled_by"]["name"].endswith("ByHeight")
    assert report["labelled_by"]["sha256"] is None
    assert report["named_as_trained_on"] is None
    assert report["labelled_by"]["setting"] == "past"
    with pytest.raises(DataFormatError, match="ByHeight labels from a bounded past alone"):
        evaluate(folder[0], Options(setting="whole"), classifier=ByHeight())


def test_pieces_give_what_the_whole_gives(
    folder: tuple[Path, dict[str, Annotations]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate(folder[0], Options(reference_peaks=True), classifier=ByHeight()).report
    monkeypatch.setattr("ectopy.analysis.plan.LONGEST_S", 20)
    monkeypatch.setattr("ectopy.analysis.plan.SHORTEST_S", 1)
    pieces = evaluate(folder[0], Options(reference_peaks=True), classifier=ByHeight()).report
    assert pieces == whole


def test_bad_records_cost_only_themselves(
    folder: tuple[Path, dict[str, Annotations]], tmp_path: Path
) -> None:
    import shutil

    path = tmp_path / "mixed"
    shutil.copytree(folder[0], path)
    (path / "r128.dat").unlink()
    (path / "r1000.hea").write_bytes(b"\x00\xff nonsense")
    shutil.copy(path / "r257.hea", path / "silent.hea")
    (path / "silent.atr").write_bytes(b"\x00\x00")
    report = evaluate(path, Options(reference_peaks=True), classifier=ByHeight()).report
    assert list(report["records"]) == ["r257"]
    assert sorted(report["left_out"]) == ["r1000", "r128", "silent"]
    assert all(report["left_out"].values())
    with pytest.raises(DataFormatError, match="none of the 2 records"):
        evaluate(path, records=["r128", "r1000"], classifier=ByHeight())
    with pytest.raises(DataFormatError, match=r"^r128 in .*mixed could not be scored: "):
        evaluate(path, records=["r128"], classifier=ByHeight())


def test_nothing_left_after_skipping(folder: tuple[Path, dict[str, Annotations]]) -> None:
    with pytest.raises(DataFormatError, match="90 s long, nothing is left after skipping 5 min"):
        evaluate(folder[0], Options(skip_minutes=5), classifier=ByHeight())
    with pytest.raises(ConfigError, match="-1"):
        evaluate(folder[0], Options(skip_minutes=-1), classifier=ByHeight())


def test_unannotated_ends_are_noted(tmp_path: Path) -> None:
    recording, reference = simulate(200, rng=np.random.default_rng(0), name="part")
    early = reference.samples < 100 * 250
    part = Annotations(
        reference.samples[early], reference.symbols[early], 250.0, reference.aux[early]
    )
    write_record(tmp_path, recording, part, "ref")
    options = Options(reference_peaks=True, extension="ref")
    notes = evaluate(tmp_path, options, classifier=ByHeight()).report["records"]["part"]["notes"]
    assert any("no reference beat in the last 10" in note for note in notes)


def test_annotations_past_the_signal_are_noted_and_those_of_another_record_refused(
    tmp_path: Path,
) -> None:
    recording, reference = simulate(60, rng=np.random.default_rng(0), name="long")
    write_record(tmp_path, recording, reference, "ref")
    for name, seconds in (("half", 30), ("other", 0.012)):
        part = Recording.from_array(
            recording.read(0, round(seconds * 250)), 250.0, recording.leads, name=name
        )
        write_record(tmp_path, part, reference, "ref")
    options = Options(reference_peaks=True, extension="ref")
    report = evaluate(tmp_path, options, classifier=ByHeight()).report
    assert sorted(report["records"]) == ["half", "long"]
    assert report["records"]["long"]["notes"] == []
    assert report["records"]["half"]["beats"] == (reference.samples < 30 * 250).sum()
    late = (reference.samples >= 30 * 250).sum()
    assert report["records"]["half"]["notes"] == [
        f"{late} of {len(reference) + 4} annotations stand after the last sample"
    ]
    assert "other.ref begins at sample" in report["left_out"]["other"]


@pytest.mark.data
@pytest.mark.parametrize("reference_peaks", [True, False])
def test_packaged_weights_on_patients_they_never_saw(data_dir: Path, reference_peaks: bool) -> None:
    # svdb: 128 Hz, another recorder; the ds1 weights were trained on MIT-BIH's DS1 alone.
    options = Options(weights="ds1", reference_peaks=reference_peaks)
    report = evaluate(data_dir / "svdb", options, records=["812", "821"]).report
    assert report["left_out"] == {}
    gross = report["gross"]
    assert gross["QRS"]["f1"] > 0.998
    assert gross["VEB"]["f1"] > 0.8
    assert gross["SVEB"]["f1"] > 0.65
    assert gross["accuracy"] > 0.93

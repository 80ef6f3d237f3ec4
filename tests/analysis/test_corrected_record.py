"""Corrections that are kept: what may teach, whose it is, and what is not overwritten."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.corrected_record import CorrectedRecord
from ectopy.analysis.given_labels import UNCERTAIN_SUBTYPE
from ectopy.analysis.result import Result
from ectopy.beats.aami import DS1
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.simulation.simulate import simulate
from ectopy.recordings.subject import Subject


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = simulate(120, rng=np.random.default_rng(7))
    return analyze(replace(recording, subject=Subject.of(id="P 17")), weights="ds1")


@pytest.fixture(scope="module")
def adapted(result: Result) -> Result:
    samples = result.ask(6).samples
    return result.adapt(samples, "NNVVSS")


@pytest.mark.parametrize("certain", [False, True])
def test_only_what_somebody_vouches_for_may_teach(
    adapted: Result, tmp_path: Path, certain: bool
) -> None:
    path = adapted.write_training(tmp_path, certain=certain)
    told = CorrectedRecord.load(path)
    marks = open_annotated(path.with_name(told.record)).reference
    beat = np.isin(marks.symbols, list("NSVFQ"))
    beats = adapted.beats
    np.testing.assert_array_equal(marks.samples[beat], beats.samples)
    stated = np.isin(beats.samples, adapted.answers.samples)
    teaches = stated | ~beats.uncertain if certain else stated
    assert told.stated == tuple(beats.samples[stated].tolist())
    assert told.taught == teaches.sum() < len(beats)
    np.testing.assert_array_equal(marks.symbols[beat][teaches], beats.symbols[teaches])
    assert set(marks.symbols[beat][~teaches]) == {"Q"}
    assert marks.subtypes is not None
    np.testing.assert_array_equal(marks.subtypes[beat] == UNCERTAIN_SUBTYPE, ~teaches)
    assert "(N" in marks.aux[0] or "+" in marks.symbols  # rhythm marks are there too
    assert set(told.trained_on or ()) == set(DS1)
    assert (told.simulated, told.labelled_by.stated, told.certain) == (True, 6, certain)


def test_the_signal_is_kept_and_nobody_is_named(adapted: Result, tmp_path: Path) -> None:
    path = adapted.write_training(tmp_path)
    again = open_annotated(path.with_name("simulated")).recording
    np.testing.assert_allclose(again.read(), adapted.signal().read(), atol=2e-4)
    assert "P 17" not in "".join(p.read_text("latin-1") for p in tmp_path.iterdir())
    told = CorrectedRecord.load(path)
    same = adapted.write_training(tmp_path / "same", patient=" p 17 ")
    assert CorrectedRecord.load(same).patient == told.patient
    other = adapted.write_training(tmp_path / "other", patient="P 18")
    assert CorrectedRecord.load(other).patient != told.patient


def test_without_reader_or_patient_nothing_is_written(
    result: Result, adapted: Result, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="no reader stated a beat of simulated"):
        result.write_training(tmp_path / "x")
    nobodys = replace(adapted, recording=replace(adapted.signal(), subject=Subject()))
    with pytest.raises(ConfigError, match="does not say whose it is"):
        nobodys.write_training(tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_what_is_not_ours_or_would_be_lost_stays(
    result: Result, adapted: Result, tmp_path: Path
) -> None:
    path = adapted.write_training(tmp_path)
    more = adapted.adapt(result.ask(12).samples[6:], "N" * 6)
    assert len(CorrectedRecord.load(more.write_training(tmp_path)).stated) > 6
    with pytest.raises(ConfigError, match="beats stated that this result does not"):
        adapted.write_training(tmp_path)
    assert len(CorrectedRecord.load(adapted.write_training(tmp_path, overwrite=True)).stated) == 6
    other, _ = simulate(120, rng=np.random.default_rng(8))
    another = replace(adapted, recording=other)
    with pytest.raises(ConfigError, match="another recording of the same name"):
        another.write_training(tmp_path, patient="x")
    marks = path.with_name("simulated.atr")
    marks.write_bytes(marks.read_bytes() + b"\0\0")
    with pytest.raises(DataFormatError, match=r"simulated\.atr was changed"):
        CorrectedRecord.load(path)
    path.unlink()
    before = marks.read_bytes()
    with pytest.raises(ConfigError, match=r"not as Result\.write_training left it"):
        adapted.write_training(tmp_path, overwrite=True)
    assert marks.read_bytes() == before


def test_files_that_say_who_labelled_are_checked(adapted: Result, tmp_path: Path) -> None:
    path = adapted.write_training(tmp_path)
    path.with_name("simulated.dat").unlink()
    with pytest.raises(DataNotFoundError, match=r"simulated\.dat is missing"):
        CorrectedRecord.load(path)
    elsewhere = path.rename(path.with_name("y.corrected.json"))
    with pytest.raises(DataFormatError, match="speaks of the record 'simulated'"):
        CorrectedRecord.load(elsewhere)
    elsewhere.write_text("{}")
    with pytest.raises(DataFormatError, match=r"not what Result\.write_training writes"):
        CorrectedRecord.load(elsewhere)


def test_labels_that_were_given_are_all_stated(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "given", formats="ect")
    given = analyze(result.signal(), annotations=tmp_path / "given" / "simulated.ect")
    told = CorrectedRecord.load(given.write_training(tmp_path))
    assert len(told.stated) == told.taught == (~given.beats.uncertain).sum() > 0
    assert told.trained_on == ()

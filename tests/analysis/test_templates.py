"""Templates: two forms of ectopic beats are told apart, from the labelling to the last table."""

import pickle
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from two_forms import FS, Known, kinds, result, signal

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result import Result
from ectopy.analysis.stream import Stream
from ectopy.errors import ConfigError


@pytest.fixture(scope="module")
def made() -> Result:
    return result()


def test_two_forms_are_two_templates(made: Result) -> None:
    beats = made.beats
    true = kinds(beats.samples)
    named = np.char.add(beats.symbols, beats.template.astype(str))
    assert {kind: set(named[true == kind]) for kind in "NVW"} == {
        "N": {"N1"},
        "V": {"V1"},
        "W": {"V2"},
    }
    told = [(t.of, t.number, t.count, t.uncertain) for t in made.templates]
    assert told == [("N", 1, 360, 0), ("V", 1, 30, 0), ("V", 2, 30, 6)]
    one, other = made.templates[1:]
    assert one.share_percent == other.share_percent == 50
    assert one.rr_s == 0.8
    assert one.early_percent == 0
    assert (one.first_s, other.first_s) == (3.6, 8.4)
    assert set(kinds(beats.samples[other.members])) == {"W"}


def test_the_median_is_in_millivolts(made: Result) -> None:
    normal, up, down = (template.median_mv for template in made.templates)
    assert normal.shape == (2, 200)
    # Each less its own level; the wide ones have no long one.
    for median, height in ((normal, 1.2), (up, 1.1), (down, -1.43)):
        top = median[0, 75] - np.median(median[0, :20])
        assert top == pytest.approx(height, abs=0.08)
        np.testing.assert_allclose(median[1], median[0] / 2, atol=0.03)


def test_they_are_in_every_table_and_come_back(made: Result, tmp_path: Path) -> None:
    files = made.write(tmp_path, formats=("parquet", "csv"))
    for table in (pq.read_table(files["parquet"]), pyarrow.csv.read_csv(files["csv"])):
        assert table["template"].to_pylist() == made.beats.template.tolist()
    saved = Result.load(made.save(tmp_path / "forms.ectopy"))
    for back in (saved, pickle.loads(pickle.dumps(made))):
        np.testing.assert_array_equal(back.beats.template, made.beats.template)
        np.testing.assert_array_equal(back.beats.outlines, made.beats.outlines)
        assert back.templates.to_arrow().equals(made.templates.to_arrow())
        with pytest.raises(ConfigError, match="recording of forms is not at hand"):
            _ = back.templates[0].median_mv
    assert made.templates.to_arrow().column_names[:3] == ["class", "template", "count"]


def test_a_drawing_says_what_it_shows(made: Result, tmp_path: Path) -> None:
    drawn = made.templates[1].plot()
    assert repr(drawn) == "<strip of forms: template V 1>"
    assert 'width="42mm"' in drawn.svg  # two leads of 20 mm, which are 0.8 s, and a gap
    assert ">II</text>" in drawn.svg
    assert ">V1</text>" in drawn.svg
    assert drawn.save(tmp_path / "v1.svg").is_file()


def test_a_stream_has_outlines_and_no_templates(made: Result) -> None:
    leads, _ = signal(420)
    stream = Stream(FS, ("II", "V1"), classifier=Known())
    pieces = [stream.push(part) for part in np.array_split(leads, 7, axis=1)]
    beats = LabelledBeats.join([*pieces, stream.finish()])
    assert beats.outlines.any(axis=1).all()
    assert not beats.template.any()


def test_beats_nobody_looked_at_are_in_no_template() -> None:
    n = np.arange(3)
    beats = LabelledBeats(
        n, n, np.zeros((3, 5), np.float32), n > 5, n.astype(np.float32), n.astype(np.uint8)
    )
    assert beats.template.tolist() == [0, 0, 0]
    assert beats[1:].outlines.shape == (2, beats.outlines.shape[1])
    assert LabelledBeats.join([beats, LabelledBeats.empty(), beats]).outlines.shape[0] == 6

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis import demo, example
from ectopy.analysis.demo import label_example
from ectopy.analysis.labeller import Classifier
from ectopy.beats.aami import to_classes
from ectopy.errors import ConfigError


def test_the_example_is_the_window_its_labels_belong_to() -> None:
    recording, reference = example.load()
    assert Counter(reference.symbols.tolist()) == {"N": 358, "V": 93, "F": 56, "Q": 2}
    assert (to_classes(reference.symbols) >= 0).all()
    # The labels lie on the R waves of this signal: within the QRS it is steepest.
    signal = recording.read()[0]
    steep = np.abs(np.gradient(signal))
    at = reference.samples[(reference.samples > 200) & (reference.samples < len(signal) - 200)]

    def in_qrs(shift: int) -> float:
        near = steep[at[:, None] + shift + np.arange(-18, 19)].max(axis=1)
        return float((near > 6 * np.median(steep)).mean())

    assert in_qrs(0) > 0.95
    assert in_qrs(100) < 0.5


def test_a_folder_that_cannot_be_written_to_or_was_edited_is_refused(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_example(tmp_path, classifier=classifier)
    (annotations,) = tmp_path.glob("*.ect")
    annotations.write_bytes(annotations.read_bytes() + b"corrected")
    monkeypatch.setattr(demo, "analyze", lambda *_, **__: pytest.fail("it was labelled"))
    with pytest.raises(ConfigError, match="was changed since ectopy wrote it"):
        label_example(tmp_path, classifier=classifier)
    with pytest.raises(ConfigError, match="cannot be written to"):
        label_example(annotations / "below", classifier=classifier)
    assert annotations.read_bytes().endswith(b"corrected")


def test_the_example_is_labelled_scored_and_shown(classifier: Classifier, tmp_path: Path) -> None:
    analysis, figures, made = label_example(tmp_path, classifier=classifier)
    assert figures["QRS"]["se"] > 0.97
    assert figures["QRS"]["ppv"] > 0.97
    page = made["html"].read_text()
    assert "509 reference beats; QRS Se " in " ".join(page.split())  # 358 N, 93 V, 56 F, 2 Q
    assert "trained on" in page  # says that it is no test
    assert len(analysis.beats) > 490
    # At 3:27 an electrode moves and no beat can be seen for four seconds: that is no pause.
    assert analysis.summary.pauses.count == 0

import json
from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.detection.fibrillation_waves import MEASURES
from ectopy.beats.detection.ventricular_fibrillation import PACKAGED, Weights, fold
from ectopy.training.ventricular_fibrillation.fit import Examples, fit


def test_what_is_fitted_tells_what_was_marked() -> None:
    rng = np.random.default_rng(0)
    measures = rng.normal(3, 2, (400, len(MEASURES))).astype(np.float32)
    marked = measures[:, 4] + 0.1 * rng.standard_normal(400) > 3.5
    found = fit([Examples("one", measures, marked, np.ones(400))])
    weights = Weights("test", np.asarray(found["factors"], np.float32), found["constant"])
    told = weights.log_odds(measures) > 0
    assert (told == marked).mean() > 0.95
    assert np.abs(weights.factors).argmax() == 4


def test_a_record_is_left_out_with_its_own_fold_and_always_the_same() -> None:
    folds = ["cu04", "cu05", "cu06"]
    assert fold("cu05", folds) == "cu05"
    assert fold("A00001", folds) == fold("A00001", folds)
    drawn = [fold(f"A{n:05}", folds) for n in range(300)]
    assert {name: drawn.count(name) > 60 for name in folds} == dict.fromkeys(folds, True)


@pytest.mark.data
def test_the_packaged_weights_left_out_each_record_of_cudb(data_dir: Path) -> None:
    left_out = json.loads(PACKAGED.read_text())["left_out"]
    assert sorted(left_out) == sorted(path.stem for path in (data_dir / "cudb").glob("*.hea"))

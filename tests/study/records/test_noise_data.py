"""Real records under white noise: what is missed becomes uncertain, as recorded little changes."""

import numpy as np
import pytest

from ectopy.datasets.locate import locate
from ectopy.datasets.wfdb.databases import SVDB
from ectopy.runtime.classifier import BeatClassifier
from ectopy.study.records.read import read
from ectopy.study.records.robustness import AS_RECORDED, WHITE, robustness
from ectopy.study.records.score import labelling

pytestmark = pytest.mark.data


def test_missed_premature_beats_become_uncertain(monkeypatch):
    classifier = BeatClassifier.load("ds1")
    records = [read(locate(SVDB.files, None), name) for name in ("821",)]
    about = {"records": "821 of svdb", "role": "a test", "setting": "past"}
    clean, noisy = robustness(
        records, labelling(classifier, "past"), [], only=(AS_RECORDED, WHITE).__contains__, **about
    )
    assert noisy.certain.SVEB.f1.mean > clean.certain.SVEB.f1.mean - 0.05
    assert noisy.certain.share.mean > 0.75
    monkeypatch.setattr("ectopy.runtime.classifier.doubt", lambda noise: np.zeros(noise.shape[1]))
    before, missed = robustness(
        records, labelling(classifier, "past"), [], only=(AS_RECORDED, WHITE).__contains__, **about
    )
    assert abs(before.certain.share.mean - clean.certain.share.mean) < 0.005
    assert before.SVEB == clean.SVEB, "classes are as they were"
    assert missed.certain.SVEB.f1.mean < noisy.certain.SVEB.f1.mean - 0.02

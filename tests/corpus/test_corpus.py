"""More than 1,500 malformed and odd inputs, each through to all outputs, in bounded time.

Each is either labelled, and then every output is there and all agree, or refused with one sentence
that names it, and then nothing is written. Nothing else may happen: no traceback, no hang.
"""

from collections import Counter
from pathlib import Path

import pytest
from families import FAMILIES
from outcome import ends

from ectopy.analysis.labeller import Classifier
from ectopy.runtime.classifier import BeatClassifier


@pytest.fixture(scope="session")
def networks() -> Classifier:
    """Load the packaged networks once a process."""
    return BeatClassifier.load()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_input_ends_well(family: str, networks: Classifier, tmp_path: Path) -> None:
    wrong, ended = [], Counter[str]()
    for i, case in enumerate(FAMILIES[family]()):
        how, found = ends(case, tmp_path / str(i), networks)
        ended[how] += 1
        wrong += [f"{case.name}: {line}" for line in found]
    assert not wrong, f"{len(wrong)} in {dict(ended)}:\n" + "\n".join(wrong[:12])


def test_there_are_enough_and_each_is_named_once() -> None:
    names = Counter(case.name for cases in FAMILIES.values() for case in cases())
    assert names.total() >= 1500
    assert not [name for name, n in names.items() if n > 1]

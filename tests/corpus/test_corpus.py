"""More than 1,500 malformed and odd inputs, each through to all outputs, in bounded time.

Each is either labelled, and then every output is there and all agree, or refused with one sentence
that names it, and then nothing is written. Nothing else may happen: no traceback, no hang.
"""

from collections import Counter
from pathlib import Path

import pytest
from cases import Case
from families import FAMILIES, split
from outcome import ends

from ectopy.analysis.labeller import Classifier
from ectopy.runtime.classifier import BeatClassifier


@pytest.fixture(scope="session")
def networks() -> Classifier:
    """Load the packaged networks once a process."""
    return BeatClassifier.load()


@pytest.mark.parametrize("family", FAMILIES)
def test_inputs_of_every_family_end_well(family: str, networks: Classifier, tmp_path: Path) -> None:
    _end_well(split(FAMILIES[family]())[0], networks, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_all_other_inputs_end_well(family: str, networks: Classifier, tmp_path: Path) -> None:
    _end_well(split(FAMILIES[family]())[1], networks, tmp_path)


def _end_well(cases: list[Case], networks: Classifier, folder: Path) -> None:
    wrong, ended = [], Counter[str]()
    for i, case in enumerate(cases):
        how, found = ends(case, folder / str(i), networks)
        ended[how] += 1
        wrong += [f"{case.name}: {line}" for line in found]
    assert not wrong, f"{len(wrong)} in {dict(ended)}:\n" + "\n".join(wrong[:12])


def test_there_are_enough_and_each_is_named_once() -> None:
    every = {family: cases() for family, cases in FAMILIES.items()}
    names = Counter(case.name for cases in every.values() for case in cases)
    assert not [name for name, n in names.items() if n > 1]
    often = {family: len(split(cases)[0]) for family, cases in every.items()}
    assert sum(often.values()) >= 1500
    assert min(often.values()) > 5

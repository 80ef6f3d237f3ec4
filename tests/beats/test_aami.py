"""AAMI classes: only beats are beats, and the escape convention is an option."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.beats import aami
from ectopy.classes import AAMI
from ectopy.errors import ConfigError

BEATS = "NLRBAaJSVrFejnE/fQ?"


def _names(symbols: str, **options: str) -> str:
    found = aami.to_classes(list(symbols), **options)
    return "".join("-" if index < 0 else AAMI[index] for index in found)


def test_every_beat_symbol_has_its_class() -> None:
    assert _names(BEATS) == "NNNNSSSSVVFNNNVQQQQ"
    assert _names(BEATS, escape="S") == "NNNNSSSSVVFSSSVQQQQ"


def test_marks_that_are_no_beats_are_no_class() -> None:
    assert _names("+~|\"x![]()ptu`'^sTU*D=@") == "-" * 23


@given(st.lists(st.text(max_size=3).filter(lambda s: s not in set(BEATS) and "\0" not in s)))
def test_nothing_else_ever_becomes_a_beat(symbols: list[str]) -> None:
    assert (aami.to_classes(symbols) == -1).all()


@given(st.lists(st.sampled_from([*BEATS, "+", "~", "NN", "", "é"])))
def test_the_escape_convention_moves_only_escape_beats(symbols: list[str]) -> None:
    as_n, as_s = aami.to_classes(symbols), aami.to_classes(symbols, "S")
    assert as_n.shape == (len(symbols),)
    moved = np.isin(symbols, list("ejn")) if symbols else np.zeros(0, dtype=bool)
    np.testing.assert_array_equal(as_n != as_s, moved)
    np.testing.assert_array_equal(as_n >= 0, as_s >= 0)


def test_an_unknown_convention_is_an_error() -> None:
    with pytest.raises(ConfigError, match="N or S, not as 'V'"):
        aami.to_classes(["N"], "V")


def test_record_sets() -> None:
    assert len(aami.DS1) == len(set(aami.DS1)) == 22
    assert len(aami.DS2) == len(set(aami.DS2)) == 22
    assert not set(aami.DS1) & set(aami.DS2)
    assert not {*aami.DS1, *aami.DS2} & set(aami.PACED)


def test_records_are_named_one_by_one_or_as_sets() -> None:
    assert aami.records_named("100, 101,") == ["100", "101"]
    assert aami.records_named("DS2,207") == [*aami.DS2, "207"]
    assert aami.records_named("") == []

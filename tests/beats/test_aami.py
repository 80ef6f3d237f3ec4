import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.beats.aami import DS1, DS2, PACED, to_classes
from ectopy.errors import ConfigError


def test_every_beat_symbol_has_its_class() -> None:
    symbols = list("NLRBAaJSVErF/fQ?")
    assert to_classes(symbols).tolist() == [0] * 4 + [1] * 4 + [2] * 3 + [3] + [4] * 4
    assert to_classes(list("ejn")).tolist() == [0] * 3
    assert to_classes(list("ejn"), escape="S").tolist() == [1] * 3


@given(st.lists(st.sampled_from([*"+~|\"[]!x()ptu^@*=Ds`'T", "", "NN", "Note"])))
def test_what_is_not_a_beat_never_gets_a_class(symbols: list[str]) -> None:
    np.testing.assert_array_equal(to_classes(symbols), np.full(len(symbols), -1))


def test_escape_is_named() -> None:
    with pytest.raises(ConfigError, match="'V'"):
        to_classes(["N"], escape="V")


def test_record_lists() -> None:
    assert len(set(DS1)) == len(set(DS2)) == 22
    assert len({*DS1, *DS2, *PACED}) == 48

"""What decided a label: shares that add up, of the networks that gave it."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import ectopy
from ectopy.analysis.explanation.looked import Looked, look_again
from ectopy.analysis.result import Result
from ectopy.beats.features.groups import GROUPS
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.explain.contributions import (
    PLAYERS,
    Contributions,
    Question,
    contributions,
    decided,
    shapley,
)
from ectopy.explain.faithfulness import WAYS, judge, made_up, take_away

Told = tuple[Result, Looked]


@pytest.fixture(scope="module", params=["whole", "past"])
def told(request: pytest.FixtureRequest) -> Told:
    recording, _ = ectopy.simulate(240, rng=np.random.default_rng(3))
    result = ectopy.analyze(recording, setting=request.param)
    return result, look_again(result)


def ectopic(result: Result) -> list[int]:
    return np.flatnonzero(np.isin(result.beats.symbols, ["S", "V"])).tolist()


def asked(told: Told, beat: int) -> tuple[Question, Contributions]:
    result, looked = told
    question, _ = looked.ask(result, beat)
    (found,) = contributions(question, str(result.beats.symbols[beat]), ["N"])
    return question, found


def test_shares_are_means_over_all_orders() -> None:
    worth = np.random.default_rng(0).normal(size=16)
    expected = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        inside = 0
        for player in order:
            expected[player] += worth[inside | 1 << player] - worth[inside]
            inside |= 1 << player
    np.testing.assert_allclose(shapley(worth), expected / len(orders))
    assert shapley(worth).sum() == pytest.approx(worth[-1] - worth[0])


def test_who_changes_nothing_gets_nothing() -> None:
    worth = np.array([0.0, 3.0, 0.0, 3.0])  # of the second player nothing depends
    assert shapley(worth).tolist() == [3.0, 0.0]


def test_with_everything_told_the_answer_is_the_label(told: Told) -> None:
    """The question is put to the networks that gave the label, and to nothing else."""
    result, looked = told
    (look,) = looked.looks
    np.testing.assert_array_equal(look.labels.classes, result.beats.classes)
    for beat in [*ectopic(result), *range(0, len(result.beats), 40)]:
        question, _ = looked.ask(result, beat)
        everything = np.ones((1, len(PLAYERS)), dtype=bool)
        p = question.of_players(everything)[0]
        np.testing.assert_allclose(p, result.beats.probabilities[beat], atol=1e-5)


def test_contributions_add_up_to_the_log_odds(told: Told) -> None:
    result, _ = told
    assert len(ectopic(result)) > 5
    for beat in ectopic(result):
        question, found = asked(told, beat)
        p = question.of_players(np.array([[False] * len(PLAYERS), [True] * len(PLAYERS)]))
        label, other = AAMI.index(found.label), AAMI.index(found.against)
        odds = np.log(np.maximum(p[:, label], 1e-6) / np.maximum(p[:, other], 1e-6))
        assert found.usual == pytest.approx(odds[0])
        assert found.total == pytest.approx(odds[1])
        assert not found.values[~question.players].any()


def test_an_early_narrow_beat_is_called_s_for_being_early_and_a_wide_one_v_for_its_shape(
    told: Told,
) -> None:
    result, _ = told
    for letter, expected in (("S", "prematurity"), ("V", "qrs_shape")):
        own = [beat for beat in ectopic(result) if result.beats.symbols[beat] == letter]
        first = [decided(asked(told, beat)[1])[0] for beat in own]
        assert first.count(expected) > len(own) / 2


def test_what_decided_is_the_strongest_that_spoke_for_the_label() -> None:
    values = np.zeros(len(PLAYERS))
    values[[0, 2, 3, 5]] = [3.0, 2.0, 0.1, -4.0]
    found = Contributions("V", "N", values, -2.0)
    assert decided(found) == ["prematurity", "p_wave"]
    assert decided(Contributions("V", "N", np.minimum(values, 0.2), -2.0)) == []
    # Where a beat that is usual in everything has the label already, nothing had to decide.
    assert decided(Contributions("N", "V", values, 2.0)) == []


def test_contributions_are_faithful_and_made_up_ones_are_not(told: Told) -> None:
    """The check tells contributions from the same figures dealt to groups at random."""
    rng = np.random.default_rng(0)
    real, dealt = [], []
    for beat in ectopic(told[0]):
        question, found = asked(told, beat)
        # Beats stand in for records here: there is but one.
        for kept, shown in ((real, found), (dealt, made_up(found, rng))):
            taken = take_away(question, shown, rng=rng, record=str(beat))
            assert taken is not None
            kept.append(taken)
    verdict, control = judge(real, rng), judge(dealt, rng)
    assert verdict.passed
    assert verdict.after["decided"] < 0.5 * verdict.after["random_groups"]
    assert verdict.flipped["decided"] > 2 * verdict.flipped["random_columns"]
    assert not control.passed
    assert control.gain < 0.5 * verdict.gain


def test_nothing_is_judged_of_nothing() -> None:
    with pytest.raises(ConfigError, match="none was asked about"):
        judge([], np.random.default_rng(0))


def test_ways_and_groups_are_named() -> None:
    assert WAYS[0] == "decided"
    assert PLAYERS[: len(GROUPS)] == GROUPS

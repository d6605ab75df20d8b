"""Shapley's value and interactions, against their definitions, in integers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bordersim.attributing.shapley import contributions, interactions, pairs, players, shares

Game = np.ndarray


@st.composite
def games(draw: Callable[..., object]) -> Game:
    """Integer games of one to four players."""
    n = draw(st.integers(1, 4))
    values = draw(st.lists(st.integers(-(10**7), 10**7), min_size=2**n, max_size=2**n))
    return np.array(values, dtype=np.int64)


def by_orders(values: Game, player: int) -> Fraction:
    """Mean of what a player adds when it joins, over all orders of joining."""
    n = players(values)
    total = 0
    for order in permutations(range(n)):
        before = sum(1 << other for other in order[: order.index(player)])
        total += int(values[before | 1 << player]) - int(values[before])
    return Fraction(total, factorial(n))


@given(games())
def test_shares_are_means_over_all_orders_and_add_up_exactly(values: Game) -> None:
    n = players(values)
    divided = shares(values)
    assert divided.dtype == np.int64
    for player in range(n):
        assert Fraction(int(divided[player]), factorial(n)) == by_orders(values, player)
    assert int(divided.sum()) == factorial(n) * int(values[-1] - values[0])


@given(games(), st.integers(0, 3))
def test_who_adds_nothing_gets_nothing(values: Game, who: int) -> None:
    n = players(values)
    player = who % n
    inert = np.array([values[s & ~(1 << player)] for s in range(1 << n)])
    assert shares(inert)[player] == 0
    assert all(interactions(inert)[k] == 0 for k, p in enumerate(pairs(inert)) if player in p)


@given(games())
def test_an_interaction_is_what_a_pair_adds_beyond_each(values: Game) -> None:
    n = players(values)
    for k, (a, b) in enumerate(pairs(values)):
        total = Fraction(0)
        for rest in range(1 << n):
            if rest >> a & 1 or rest >> b & 1:
                continue
            size = rest.bit_count()
            both = int(values[rest | 1 << a | 1 << b]) - int(values[rest | 1 << a])
            alone = int(values[rest | 1 << b]) - int(values[rest])
            weight = Fraction(factorial(size) * factorial(n - size - 2), factorial(n - 1))
            total += weight * (both - alone)
        assert Fraction(int(interactions(values)[k]), factorial(n - 1)) == total


def test_of_two_the_interaction_is_the_whole_of_what_they_do_together() -> None:
    values = np.array([[0, 1, 10, 111]])
    assert contributions(values, 0).tolist() == [[1, 101]]
    assert (shares(values) / 2).tolist() == [[51.0, 60.0]]
    assert interactions(values).tolist() == [[100]]


def test_of_one_player_there_is_no_pair() -> None:
    assert interactions(np.array([[3, 5], [1, 1]])).shape == (2, 0)
    assert shares(np.array([[3, 5], [1, 1]])).tolist() == [[2], [0]]


@pytest.mark.parametrize("n", [0, 1, 3, 6])
def test_coalitions_are_a_power_of_two(n: int) -> None:
    with pytest.raises(ValueError, match=f"got {n} coalitions"):
        players(np.zeros(n))

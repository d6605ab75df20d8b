"""Shapley's division of a value among players (Shapley 1953; Grabisch and Roubens 1999).

Values are indexed by coalition: bit k of the position is set where player k takes part.
Integers stay integers: shares come multiplied by n!, interactions by (n - 1)!, so that
what adds up on paper adds up to the last digit.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]
"""Integers or floats, shape (..., 2 ** n)."""


def players(values: Values) -> int:
    """Number of players, from the number of coalitions."""
    n = int(values.shape[-1]).bit_length() - 1
    if n < 1 or values.shape[-1] != 1 << n:
        raise ValueError(f"got {values.shape[-1]} coalitions; of n players there are 2 ** n")
    return n


def contributions(values: Values, player: int) -> Values:
    """What a player adds to each coalition of the others, shape (..., 2 ** (n - 1))."""
    without = _without(players(values), player)
    return np.asarray(values[..., without | 1 << player] - values[..., without])


def shares(values: Values) -> Values:
    """Shares of all players times n!, shape (..., n).

    They add up to n! times what all together have more than none.
    """
    n = players(values)
    columns = []
    for player in range(n):
        sizes = _sizes(_without(n, player))
        weights = np.array([factorial(s) * factorial(n - s - 1) for s in sizes], dtype=np.int64)
        columns.append((contributions(values, player) * weights).sum(axis=-1))
    return np.stack(columns, axis=-1)


def pairs(values: Values) -> list[tuple[int, int]]:
    """Pairs of players, in the order of ``interactions``."""
    return list(combinations(range(players(values)), 2))


def interactions(values: Values) -> Values:
    """Interaction of each pair times (n - 1)!, shape (..., pairs).

    What two add together beyond what each adds alone, averaged as shares are: above 0
    where they strengthen each other's effect upwards, below 0 downwards.
    """
    n = players(values)
    columns = []
    for a, b in pairs(values):
        rest = np.array([s for s in range(1 << n) if not s >> a & 1 and not s >> b & 1])
        weights = [factorial(s) * factorial(n - s - 2) for s in _sizes(rest)]
        both = values[..., rest | 1 << a | 1 << b] + values[..., rest]
        each = values[..., rest | 1 << a] + values[..., rest | 1 << b]
        columns.append(((both - each) * np.array(weights, dtype=np.int64)).sum(axis=-1))
    shape = (*values.shape[:-1], 0)
    return np.stack(columns, axis=-1) if columns else np.zeros(shape, values.dtype)


def _without(n: int, player: int) -> npt.NDArray[np.int64]:
    return np.array([s for s in range(1 << n) if not s >> player & 1], dtype=np.int64)


def _sizes(masks: npt.NDArray[np.int64]) -> list[int]:
    return [int(mask).bit_count() for mask in masks]

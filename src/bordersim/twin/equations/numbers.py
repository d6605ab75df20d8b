"""How numbers are rounded and averaged (submodels.md, Conventions)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

_GRID = 1 << 20


def thousand(million: float) -> int:
    """KRW million as whole KRW thousand: what is stored and paid."""
    return math.floor(1000.0 * million + 0.5)


def million(thousands: int) -> float:
    """KRW thousand, as stored, as the KRW million of the equations."""
    return thousands * 1e-3


def whole(number: float) -> int:
    """Nearest whole number, halves upwards."""
    return math.floor(number + 0.5)


def on_grid(number: float) -> float:
    """Nearest multiple of 2^-20: beliefs, markups and averages are kept there."""
    return math.floor(number * _GRID + 0.5) / _GRID


def grid_mean(numbers: Sequence[float]) -> float:
    """Mean of numbers on the grid, not on it itself; the same in any order. 0 of none."""
    return sum(whole(number * _GRID) for number in numbers) / max(len(numbers), 1) / _GRID


def pull(half_life: float) -> float:
    """Share of the way to a target that is gone in a month."""
    return float(1.0 - 2.0 ** (-1.0 / half_life))


def logistic(x: float) -> float:
    """L(x) = 1/(1 + e^-x)."""
    if x < -700.0:  # e^-x is beyond any float
        return math.exp(x)
    return 1.0 / (1.0 + math.exp(-x))


def chance(rate: float) -> float:
    """Probability that something of a rate happens within a month."""
    return 1.0 - math.exp(-rate)


@lru_cache(maxsize=64)
def poisson_distribution(mean: float, entries: int) -> tuple[float, ...]:
    """P(N <= 0), P(N <= 1), ... of a Poisson number."""
    term, total, cumulated = math.exp(-mean), 0.0, []
    for n in range(entries):
        total += term
        cumulated.append(total)
        term *= mean / (n + 1)
    return tuple(cumulated)


def poisson(u: float, mean: float, entries: int) -> int:
    """Poisson number of a uniform: the smallest n with P(N <= n) > u.

    ``entries`` bounds it from above: the result is at most ``entries``.
    """
    return bisect_right(poisson_distribution(mean, entries), u)


def first_above(u: float, shares: Sequence[float]) -> int | None:
    """First index with u < cumulated shares; None beyond the last."""
    total = 0.0
    for index, share in enumerate(shares):
        total += share
        if u < total:
            return index
    return None

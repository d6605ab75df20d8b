"""The nearest value of one number at which another alternative becomes the best.

Every utility in the model is linear in the numbers asked about here, or a monotone
function of them (the fee), so that where two alternatives cross is known in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_BEYOND = 1e-9
"""How far past a crossing one looks for what is best there."""


@dataclass(frozen=True)
class Line:
    """Utility of an alternative as a function of one number.

    Attributes
    ----------
    outcome
        What it comes down to; alternatives that share one do not flip each other.
    level
        Utility where the number is zero.
    slope
        Utility for one unit of it.
    """

    outcome: str
    level: float
    slope: float = 0.0

    def at(self, x: float) -> float:
        """Utility at a value of the number."""
        return self.level + self.slope * x


def best_outcome(lines: Sequence[Line], x: float) -> str:
    """What is chosen at a value of the number."""
    return max(lines, key=lambda line: line.at(x)).outcome


def nearest_turn(
    lines: Sequence[Line], now: float, low: float = 0.0, high: float = math.inf
) -> tuple[float, str] | None:
    """Find the nearest value at which another outcome becomes the best.

    Parameters
    ----------
    lines
        Every alternative that can be had.
    now
        Present value of the number.
    low, high
        Between which it may move.

    Returns
    -------
    tuple of float and str, or None
        Where the choice turns and what is chosen just beyond; None if it never turns.
    """
    chosen = best_outcome(lines, now)
    crossings = [
        (other.level - one.level) / (one.slope - other.slope)
        for one in lines
        if one.outcome == chosen
        for other in lines
        if other.outcome != chosen and other.slope != one.slope
    ]
    for x in sorted(crossings, key=lambda x: abs(x - now)):
        beyond = x + math.copysign(_BEYOND * max(1.0, abs(x)), x - now)
        if x != now and low <= beyond <= high:
            outcome = best_outcome(lines, beyond)
            if outcome != chosen:
                return x, outcome
    return None


def least_budget(spent: float, wanted: float, weight: float) -> float:
    """Budget from which an offer is worth taking: a_fee ln(1 - spent/budget) reaches ``wanted``.

    Parameters
    ----------
    spent
        The fee.
    wanted
        What the money term must be at least.
    weight
        The coefficient a_fee, above zero.

    Returns
    -------
    float
        Infinite if no budget is enough.
    """
    if wanted >= 0.0:
        return math.inf
    return spent / -math.expm1(wanted / weight)


def highest_fee(budget: float, wanted: float, weight: float) -> float:
    """Fee up to which an offer is worth taking; negative if even a free one is not.

    Parameters
    ----------
    budget
        What could be paid at most.
    wanted
        What the money term must be at least.
    weight
        The coefficient a_fee, above zero.

    Returns
    -------
    float
        In the unit of the budget.
    """
    if wanted > 0.0:
        return -math.inf
    return -budget * math.expm1(wanted / weight)

"""How much a fact would narrow what is not known, with the error of having few draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.inference.arrays import FloatArray, IntArray
from bordersim.valuing.linear import linear_left
from bordersim.valuing.reweighting import (
    agreement,
    effective,
    variance_left,
    width_left,
    without,
)
from bordersim.valuing.targets import Targets

FEWEST_EFFECTIVE = 10.0
"""Draws that weights must leave, in the median, for a reweighted spread to be told."""

SHUFFLES = 100
"""Facts that tell nothing: the same figures, handed to draws at random."""

WIDTHS = 5
"""Of them, those whose intervals are made, too."""

BLOCKS = 20
"""Of draws that are left out in turn."""

_SEED = 1


@dataclass(frozen=True, eq=False)
class Facts:
    """What reports would be made of.

    Attributes
    ----------
    figures
        Shape (draws, facts), on the scales of the reports.
    errors
        Standard deviations of the reports, shape (facts,), above 0.
    """

    figures: FloatArray
    errors: FloatArray

    def some(self, chosen: Sequence[int]) -> Facts:
        """A few of them."""
        return Facts(self.figures[:, list(chosen)], self.errors[list(chosen)])


@dataclass(frozen=True, eq=False)
class Value:
    """What some facts together would take away, by name of the target; 0 nothing, 1 all.

    Attributes
    ----------
    facts
        Positions of the facts.
    reduction, error
        Part of the variance that is not luck that goes, and its standard error; NaN where
        weights leave too few draws.
    narrower
        Part by which the 90 % interval becomes narrower; NaN likewise.
    chance
        Reduction that 19 of 20 facts of the same spread that tell nothing stay below.
    linear, linear_error
        The reduction by linear forecast, and its standard error.
    effective
        Median number of draws that the weights leave.
    """

    facts: tuple[int, ...]
    reduction: FloatArray
    error: FloatArray
    narrower: FloatArray
    chance: FloatArray
    linear: FloatArray
    linear_error: FloatArray
    effective: float

    @property
    def judged(self) -> bool:
        """Whether weights leave enough draws."""
        return self.effective >= FEWEST_EFFECTIVE

    def best(self, row: int) -> float:
        """The reduction by weights where there are enough draws, else by linear forecast."""
        return float(self.reduction[row] if self.judged else self.linear[row])


def value_of(chosen: Sequence[int], facts: Facts, targets: Targets) -> Value:
    """Value some facts together; the errors of their reports are independent of each other.

    Parameters
    ----------
    chosen
        Positions of the facts.
    facts
        All of them.
    targets
        What is not known, of the same draws.
    """
    some = facts.some(chosen)
    weights = agreement(some.figures, some.errors)
    left_over = effective(weights)

    def forecast(kept: IntArray) -> FloatArray:
        few = targets.of(kept)
        return (1.0 - linear_left(some.figures[kept], some.errors, few)) / few.learnable

    whole = np.arange(len(some.figures))
    linear = (forecast(whole), _jackknife(forecast, len(whole)))
    nothing = np.full(len(targets.names), np.nan)
    by_weights = (nothing,) * 4
    if left_over >= FEWEST_EFFECTIVE:
        by_weights = _by_weights(weights, targets)
    return Value(tuple(chosen), *by_weights, *linear, left_over)


def _by_weights(
    weights: FloatArray, targets: Targets
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Reduction, its error, how much narrower, and what chance alone reaches.

    Everything is over what facts that tell nothing leave, so that it is 0 for such a fact
    whatever bias the weights of few draws have, and 1 for one that tells everything.
    """
    values, sums, learnable = targets.values, targets.sums, targets.learnable
    n, n_single = values.shape
    rng = np.random.default_rng(_SEED)
    orders = [rng.permutation(n) for _ in range(SHUFFLES)]
    shuffled = np.hstack([values[order] for order in orders])
    by_chance = variance_left(weights, shuffled).reshape(SHUFFLES, n_single) @ sums.T
    usual = _where_positive(by_chance.mean(axis=0))
    spread = targets.variance

    def reweighted(kept: IntArray) -> FloatArray:
        few = targets.of(kept)
        left = sums @ variance_left(without(weights, kept), few.values)
        # What facts that tell nothing leave goes with the spread of the draws there are.
        return (1.0 - left * spread / (few.variance * usual)) / few.learnable

    with np.errstate(divide="ignore", invalid="ignore"):  # of parts that nothing moves
        reduction = (1.0 - sums @ variance_left(weights, values) / usual) / learnable
        own = _jackknife(reweighted, n)
        base = by_chance.std(axis=0, ddof=1) / usual / np.sqrt(SHUFFLES) / learnable
        chance = np.quantile((1.0 - by_chance / usual) / learnable, 0.95, axis=0)
    wide = sums @ width_left(weights, values)
    usually_wide = np.mean(
        [width_left(weights, values[order]) for order in orders[:WIDTHS]], axis=0
    )
    narrower = 1.0 - wide / _where_positive(sums @ usually_wide)
    return reduction, np.hypot(own, base), narrower, chance


def _where_positive(values: FloatArray) -> FloatArray:
    return np.where(values > 0, values, np.nan)


def _jackknife(of: Callable[[IntArray], FloatArray], n: int) -> FloatArray:
    """Standard error of a figure of all draws, by leaving out blocks of them in turn."""
    at, blocks = np.arange(n), min(BLOCKS, n)
    found = np.array([of(at[at % blocks != block]) for block in range(blocks)])
    apart = found - found.mean(axis=0)
    error: FloatArray = np.sqrt((blocks - 1) / blocks * (apart**2).sum(axis=0))
    return error


def together(
    singles: Sequence[Value], facts: Facts, targets: Targets, row: int, most: int
) -> list[Value]:
    """Add to the best fact the one that helps it most, and so on.

    Parameters
    ----------
    singles
        Values of the facts that may be chosen.
    facts, targets
        As ``value_of`` takes them.
    row
        Which target is to be narrowed.
    most
        How many facts at most.

    Returns
    -------
    list of Value
        Two, three and more facts. The choice is made by linear forecast, for which no number
        of facts is too many; the best of many looks better than it is.
    """
    places = [one.facts[0] for one in singles]
    chosen: tuple[int, ...] = ()
    found: list[Value] = []
    while len(chosen) < min(most, len(places)):
        left = {
            at: float(_linear_of((*chosen, at), facts, targets)[row])
            for at in places
            if at not in chosen
        }
        chosen = (*chosen, min(left, key=lambda at: left[at]))
        if len(chosen) > 1:
            found.append(value_of(chosen, facts, targets))
    return found


def _linear_of(chosen: Sequence[int], facts: Facts, targets: Targets) -> FloatArray:
    some = facts.some(chosen)
    return linear_left(some.figures, some.errors, targets)

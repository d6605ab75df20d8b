"""The change of one quantity divided among factors, with what is known of each share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.attributing.measuring import Measured
from bordersim.attributing.shapley import contributions, interactions, pairs, players, shares
from bordersim.attributing.spec import MOMENTUM
from bordersim.comparing.estimates import Estimate, estimate, over_draws
from bordersim.results import FloatArray

CHANGE = "change"
"""Row of the whole change, real against the first period."""

Exact = npt.NDArray[Any]
"""Integers for counts, floats otherwise, shape (groups,)."""


@dataclass(frozen=True, eq=False)
class Part:
    """One addend of the change.

    Attributes
    ----------
    name
        A factor, ``MOMENTUM`` or ``CHANGE``.
    times
        Its value in each group, multiplied by ``over``: an integer for counts.
    over
        n! of n factors, so that shares are whole.
    unit
        What 1 is in the quantity's unit.
    """

    name: str
    times: Exact
    over: int
    unit: float

    @property
    def values(self) -> FloatArray:
        """In the quantity's unit, shape (groups,)."""
        return np.asarray(self.times * (self.unit / self.over), dtype=np.float64)


def parts_of(game: Measured, names: Sequence[str]) -> list[Part]:
    """Divide a change: a part for each factor, momentum, and the change they add up to.

    Parameters
    ----------
    game
        What was measured.
    names
        Of the factors.

    Returns
    -------
    list of Part
        In every group the factors and momentum add up to the change: exactly for counts.
    """
    over = factorial(players(game.after))
    divided = shares(game.after)
    momentum = (game.after[:, 0] - game.before) * over
    change = (game.after[:, -1] - game.before) * over
    listed = [*((name, divided[:, k]) for k, name in enumerate(names)), (MOMENTUM, momentum)]
    return [Part(name, times, over, game.unit) for name, times in (*listed, (CHANGE, change))]


def estimate_of(game: Measured, values: FloatArray) -> Estimate:
    """Mean over seeds and draws, interval and Monte-Carlo error."""
    return estimate(np.zeros(len(values)), values, game.draw, game.seed)


def rows_of(game: Measured, names: Sequence[str]) -> list[dict[str, Any]]:
    """One row a part: share, interval, error, share of the change, and what the order does."""
    parts = parts_of(game, names)
    change = parts[-1].values
    return [
        {"part": part.name}
        | _estimated(game, part.values)
        | _of_change(game, part.values, change)
        | (_orders(game, names.index(part.name)) if part.name in names else _NO_ORDER)
        for part in parts
    ]


_NO_ORDER = dict.fromkeys(("first_in", "last_out", "least", "most"), math.nan)


def _estimated(game: Measured, values: FloatArray) -> dict[str, Any]:
    found = estimate_of(game, values)
    return {
        "share": found.effect,
        "low": found.low,
        "high": found.high,
        "mc_error": found.mc_error,
        "draws": found.draws,
        "pairs": found.pairs,
        "method": found.method,
    }


def _of_change(game: Measured, values: FloatArray, change: FloatArray) -> dict[str, float]:
    """Share of the change; its interval where the change has one sign in all draws."""
    names = ("of_change", "of_change_low", "of_change_high")
    of_draw, whole = (by_draw(game, column) for column in (values, change))
    mean = float(whole.mean()) if whole.size else math.nan
    middle = float(of_draw.mean()) / mean if mean else math.nan
    ends = (math.nan, math.nan)
    if whole.size > 1 and ((whole > 0).all() or (whole < 0).all()):
        ends = over_draws(of_draw / whole)
    return dict(zip(names, (middle, *ends), strict=True))


def by_draw(game: Measured, values: FloatArray) -> FloatArray:
    """Means over the seeds of each draw, shape (draws,)."""
    _, group = np.unique(game.draw, return_inverse=True)
    return np.bincount(group, values) / np.bincount(group)


def _orders(game: Measured, player: int) -> dict[str, float]:
    """What a factor adds first, last, and at least and most in any order, on average."""
    means = np.array([by_draw(game, one).mean() for one in contributions(game.after, player).T])
    means = means * game.unit
    return {
        "first_in": float(means[0]),
        "last_out": float(means[-1]),
        "least": float(means.min()),
        "most": float(means.max()),
    }


def interaction_rows(game: Measured, names: Sequence[str]) -> list[dict[str, Any]]:
    """One row a pair of factors, the strongest first."""
    found = []
    scale = game.unit / factorial(len(names) - 1)
    times = interactions(game.after)
    for at, (a, b) in enumerate(pairs(game.after)):
        told = _estimated(game, np.asarray(times[:, at] * scale, dtype=np.float64))
        told["interaction"] = told.pop("share")
        found.append({"factor": names[a], "with": names[b]} | told)
    return sorted(found, key=lambda row: -abs(row["interaction"]))


def level_rows(game: Measured) -> dict[str, dict[str, float]]:
    """The quantity in the first period, in the last, and in the last with all factors held."""
    columns = {"first": game.before, "last": game.after[:, -1], "held": game.after[:, 0]}
    found = {}
    for name, column in columns.items():
        told = estimate_of(game, np.asarray(column * game.unit, dtype=np.float64))
        found[name] = {"value": told.effect, "low": told.low, "high": told.high}
    return found

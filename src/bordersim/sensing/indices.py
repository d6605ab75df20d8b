"""Indices by SALib, and beside each the floor that luck alone would reach.

Every function takes the outcomes of complete blocks of points, shape (points, seeds).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bordersim.results import FloatArray
from bordersim.sensing.inputs import Inputs
from bordersim.sweeping.designs import MORRIS

CONFIDENCE = 0.9
"""Of intervals. A floor is the upper end of such an interval."""

_RESAMPLES = 400
_NULLS = 2000
_SEED = 1


@dataclass(frozen=True)
class Index:
    """An index of one input.

    Attributes
    ----------
    value, low, high
        The index and its 90 % interval, which tells what few points leave open.
    floor
        So large the index of an input that does nothing but change luck would be, at
        most, in 95 of 100 studies like this; NaN with one seed.
    """

    value: float
    low: float
    high: float
    floor: float = math.nan

    @property
    def above(self) -> bool | None:
        """Whether luck alone would not do; None when it cannot be told."""
        return None if math.isnan(self.floor) else self.value > self.floor


@dataclass(frozen=True)
class Luck:
    """What seeds contribute to one outcome.

    Attributes
    ----------
    share
        Of the variance between points, of means over seeds.
    cancelled
        Share of the luck of a run that another run of the same seed has, too, so that
        the same seeds at all points take it out of every difference.
    """

    share: float
    cancelled: float


def luck_of(values: FloatArray) -> Luck:
    """Split what seeds do into what is common to all points and the rest."""
    points, seeds = values.shape
    if seeds == 1 or points == 1:
        return Luck(math.nan, math.nan)
    within = values - values.mean(axis=1, keepdims=True)
    alone = float((within**2).sum()) / (points * (seeds - 1))
    rest = within - within.mean(axis=0)
    left = float((rest**2).sum()) / ((points - 1) * (seeds - 1))
    between = float(values.mean(axis=1).var(ddof=1))
    share = left / seeds / between if between > 0 else math.nan
    return Luck(min(1.0, share), max(0.0, 1 - left / alone) if alone > 0 else math.nan)


def morris(inputs: Inputs, shares: FloatArray, values: FloatArray) -> dict[str, list[Index]]:
    """Elementary effects: what an input does across its whole range, at many places.

    Parameters
    ----------
    inputs, shares
        The design, and its points, shape (points, inputs).
    values
        Outcomes, shape (points, seeds).

    Returns
    -------
    dict
        ``mu_star``, the mean of absolute effects, with floor; ``mu``, the mean effect, and
        ``sigma``, how much effects differ from place to place.
    """
    from SALib.analyze import morris as salib

    found = salib.analyze(
        inputs.problem(), shares, values.mean(axis=1), num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE, seed=_SEED,
    )  # fmt: skip
    mu_star, half = (np.asarray(found[name], float) for name in ("mu_star", "mu_star_conf"))
    floors = [
        floor_of(effects, lambda null: np.abs(null).mean(axis=1))
        for effects in np.moveaxis(elementary_effects(shares, values), 1, 0)
    ]
    return {
        "mu_star": [
            Index(float(m), max(0.0, float(m - h)), float(m + h), floor)
            for m, h, floor in zip(mu_star, half, floors, strict=True)
        ],
        "mu": [Index(float(m), math.nan, math.nan) for m in found["mu"]],
        "sigma": [Index(float(m), math.nan, math.nan) for m in found["sigma"]],
    }


def elementary_effects(shares: FloatArray, values: FloatArray) -> FloatArray:
    """Effect of each step, seed by seed, shape (trajectories, inputs, seeds)."""
    n_inputs = shares.shape[1]
    steps = np.diff(shares.reshape(-1, n_inputs + 1, n_inputs), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    jump = np.take_along_axis(steps, moved[:, :, None], axis=2)
    effects = np.diff(values.reshape(len(steps), n_inputs + 1, -1), axis=1) / jump
    found: FloatArray = np.empty_like(effects)
    np.put_along_axis(found, moved[:, :, None], effects, axis=1)
    return found


def sobol(inputs: Inputs, values: FloatArray) -> dict[str, list[Index]]:
    """Shares of the variance between points.

    Parameters
    ----------
    inputs
        The design.
    values
        Outcomes, shape (points, seeds).

    Returns
    -------
    dict
        ``s1``, what an input does alone, and ``st``, what it does with all it interacts
        with, both with floors; ``s2`` of each pair in order, where the design has them.
    """
    from SALib.analyze import sobol as salib

    means = values.mean(axis=1)
    n_inputs = len(inputs.axes)
    if np.ptp(means) == 0.0:  # nothing varies: nothing has a share in it
        nil = Index(0.0, 0.0, 0.0, math.nan if values.shape[1] == 1 else 0.0)
        pairs = n_inputs * (n_inputs - 1) // 2 if inputs.second_order else 0
        return {"s1": [nil] * n_inputs, "st": [nil] * n_inputs, "s2": [nil] * pairs}
    found = salib.analyze(
        inputs.problem(), means, calc_second_order=inputs.second_order,
        num_resamples=_RESAMPLES, conf_level=CONFIDENCE, seed=_SEED,
    )  # fmt: skip
    blocks = values.reshape(-1, inputs.block, values.shape[1])
    base = blocks[:, 1 : n_inputs + 1] - blocks[:, :1]
    own = np.concatenate([blocks[:, 0].mean(axis=1), blocks[:, -1].mean(axis=1)]).var()
    other = (blocks[:, -1].mean(axis=1) - means.mean())[:, None]
    floors: dict[str, list[float]] = {"s1": [], "st": []}
    for differences in np.moveaxis(base, 1, 0):
        floors["s1"].append(
            floor_of(differences, lambda null: np.abs((other * null.T).mean(axis=0)) / own)
        )
        floors["st"].append(floor_of(differences, lambda null: 0.5 * (null**2).mean(axis=1) / own))
    indices = {
        name: [
            Index(float(v), float(v - h), float(v + h), floor)
            for v, h, floor in zip(
                found[name.upper()], found[f"{name.upper()}_conf"], floors[name], strict=True
            )
        ]
        for name in ("s1", "st")
    }
    indices["s2"] = []
    if inputs.second_order:
        above = np.triu_indices(n_inputs, k=1)
        for v, h in zip(found["S2"][above], found["S2_conf"][above], strict=True):
            indices["s2"].append(Index(float(v), float(v - h), float(v + h)))
    return indices


def floor_of(differences: FloatArray, statistic: Callable[[FloatArray], FloatArray]) -> float:
    """What a statistic of differences would be if nothing but luck made them.

    Runs of one seed share their luck, so that differences between them may be alike at all
    steps: seeds, not steps, are drawn anew, and the scatter that stays is kept as it is.

    Parameters
    ----------
    differences
        Shape (steps, seeds), of runs one input apart.
    statistic
        Takes means over seeds, shape (draws, steps); gives shape (draws,).

    Returns
    -------
    float
        The 95th percentile; NaN with one seed.
    """
    seeds = differences.shape[1]
    if seeds == 1:
        return math.nan
    scatter = differences - differences.mean(axis=1, keepdims=True)
    weights = np.random.default_rng(_SEED).standard_normal((_NULLS, seeds))
    nulls = weights @ scatter.T / math.sqrt(seeds * (seeds - 1))
    return float(np.quantile(statistic(nulls), 0.5 + CONFIDENCE / 2))


def indices(inputs: Inputs, shares: FloatArray, values: FloatArray) -> dict[str, list[Index]]:
    """Indices of a design's kind."""
    return morris(inputs, shares, values) if inputs.kind == MORRIS else sobol(inputs, values)

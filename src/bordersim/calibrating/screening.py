"""Which parameters move what was reported, and which do no more than luck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bordersim.calibrating.priors import FloatArray, Prior
from bordersim.observing import Targets
from bordersim.sensing.indices import CONFIDENCE, elementary_effects
from bordersim.sweeping.axes import Axis
from bordersim.sweeping.designs import MORRIS, Design

_NULLS = 2000
_LEAST = 1e-9


@dataclass(frozen=True)
class Screened:
    """What one parameter does to the reports.

    Attributes
    ----------
    parameter
        Its key.
    effect
        What a move across the whole prior changes, in standard deviations of the reports:
        root mean square over the reports of the mean absolute elementary effect.
    floor
        So large the effect of a parameter that only changes luck would be, at most, in 95
        of 100 such screenings.
    signal
        The effect without what luck adds to it as a rule; parameters are ranked by it.
    strongest
        Report that it moves most.
    kept
        Whether it is fitted.
    verdict
        Why, in a word: "kept", "asked for" (always fitted), "inert" or "weak".
    """

    parameter: str
    effect: float
    floor: float
    signal: float
    strongest: str
    kept: bool
    verdict: str

    def plain(self) -> dict[str, Any]:
        """Row of a table."""
        return dict(vars(self))


def trajectories(n_inputs: int, n: int, seed: int) -> FloatArray:
    """Points of a Morris design as shares of the priors, shape (n (inputs + 1), inputs)."""
    axes = tuple(Axis(f"x{i}", "share", (), 0.0, 1.0, False, None) for i in range(n_inputs))
    return np.array(Design(MORRIS, axes, n, seed).points())


def screen(
    priors: Sequence[Prior],
    shares: FloatArray,
    working: FloatArray,
    targets: Targets,
    spreads: FloatArray,
    keep: int,
) -> list[Screened]:
    """Judge every parameter.

    Parameters
    ----------
    priors
        Of the parameters, in the design's order.
    shares
        Points of the design, shape (points, parameters).
    working
        Figures on the working scale, shape (points, seeds, targets); NaN for none.
    targets, spreads
        The reports, and the standard deviation of each on that scale.
    keep
        Parameters kept, at most; those that are always fitted count and come first.

    Returns
    -------
    list of Screened
        The strongest first.
    """
    n_inputs = len(priors)
    points, whole = _whole_trajectories(shares, working, n_inputs)
    effects = np.stack(
        [elementary_effects(points, whole[:, :, at]) / spreads[at] for at in range(len(targets))]
    )  # (targets, trajectories, inputs, seeds)
    floors = floors_of(effects)
    strength = _mean_of_trajectories(np.abs(effects.mean(axis=3)))  # (targets, inputs)
    effect = np.sqrt((strength**2).mean(axis=0))
    signal = np.sqrt(np.maximum(effect**2 - np.array([luck for _, luck in floors]), 0.0))
    order = sorted(range(n_inputs), key=lambda at: (-signal[at], priors[at].parameter))
    found: list[Screened] = []
    free = keep - sum(prior.always for prior in priors)
    for at in order:
        floor = floors[at][0]
        inert = not effect[at] > max(floor, _LEAST)
        chosen = not inert and not priors[at].always and free > 0
        free -= chosen
        kept = chosen or priors[at].always
        verdict = "kept" if chosen else "asked for" if kept else "inert" if inert else "weak"
        strongest = targets[int(strength[:, at].argmax())].id
        key = priors[at].parameter
        numbers = (float(effect[at]), floor, float(signal[at]))
        found.append(Screened(key, *numbers, strongest, kept, verdict))
    return found


def floors_of(effects: FloatArray) -> list[tuple[float, float]]:
    """What effects would be if nothing but luck made them, input by input.

    The luck of a step is drawn anew from how seeds differ there, the same draw for all
    reports. Unlike in ``sensing.indices`` every trajectory draws its own: a parameter that
    is fixed wrongly costs more than one that is kept in vain.

    Parameters
    ----------
    effects
        Shape (targets, trajectories, inputs, seeds).

    Returns
    -------
    list of tuple
        95th percentile of the root mean square over targets, and mean of its square.
    """
    _, n_trajectories, n_inputs, seeds = effects.shape
    scatter = effects - effects.mean(axis=3, keepdims=True)
    draw = np.random.default_rng(1)
    weights = draw.standard_normal((n_trajectories, seeds, _NULLS))
    weights /= math.sqrt(seeds * (seeds - 1))
    found = []
    for at in range(n_inputs):
        nulls = _mean_of_trajectories(np.abs(np.einsum("tis,isn->tin", scatter[:, :, at], weights)))
        size = np.sqrt((nulls**2).mean(axis=0))
        end = float(np.quantile(size, 0.5 + CONFIDENCE / 2))
        found.append((end, float((size**2).mean())))
    return found


def _mean_of_trajectories(effects: FloatArray) -> FloatArray:
    """Mean over axis 1 of the effects that could be measured; 0 where none could."""
    told = np.isfinite(effects)
    total: FloatArray = np.where(told, effects, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(told.sum(axis=1), 1))


def _whole_trajectories(
    shares: FloatArray, working: FloatArray, n_inputs: int
) -> tuple[FloatArray, FloatArray]:
    """Trajectories of which every run is there."""
    ended = np.all(np.any(np.isfinite(working), axis=2), axis=1)
    whole = np.all(np.reshape(ended, (-1, n_inputs + 1)), axis=1)
    rows = np.repeat(whole, n_inputs + 1)
    return shares[rows], working[rows]

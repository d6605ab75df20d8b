"""What a report would leave of a spread, by reweighting the draws there are.

Each draw in turn is the truth. Reports are made of it with the error they would have, every
other draw is weighted by how well it agrees, and the weighted spread is averaged over reports
and truths. Two things keep few draws from promising too much: the draw that is the truth is
left out, for it would always agree best with itself; and the weighted variance is divided by
one less the sum of squared weights, without which it is too small, and zero for a single draw.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, qmc

from bordersim.inference.arrays import FloatArray, IntArray

REPORTS = 32
"""Reports made of each truth: a power of two, spread over the law of their errors."""

LOW, HIGH = 0.05, 0.95

_ALONE = 1.0 - 1e-9
"""Sum of squared weights above which one draw has all the weight, and a spread no meaning."""


def agreement(figures: FloatArray, errors: FloatArray) -> FloatArray:
    """Weights of all draws for each report made of each draw.

    Parameters
    ----------
    figures
        Shape (draws, facts), on the scales of the reports.
    errors
        Standard deviations of the reports, independent of each other, shape (facts,), above 0.

    Returns
    -------
    array
        Shape (truths, reports, draws); they add up to 1 over draws, and are 0 for the truth.
    """
    scaled = figures / errors
    apart = scaled[:, None] - scaled[None]
    logs = -0.5 * (apart**2).sum(axis=2)[:, None] - _report_errors(figures.shape[1]) @ (
        apart.transpose(0, 2, 1)
    )
    own = np.arange(len(figures))
    logs[own, :, own] = -np.inf
    logs -= logs.max(axis=2, keepdims=True)
    weights: FloatArray = np.exp(logs, out=logs)
    weights /= weights.sum(axis=2, keepdims=True)
    return weights


def _report_errors(n_facts: int) -> FloatArray:
    """Standard normal errors of the reports, shape (reports, facts): the same in every call."""
    points = qmc.Sobol(n_facts, scramble=True, rng=np.random.default_rng(1)).random(REPORTS)
    found: FloatArray = norm.ppf(np.clip(points, 1e-6, 1 - 1e-6))
    return found


def without(weights: FloatArray, kept: IntArray) -> FloatArray:
    """Weights among some draws only, as truths and as draws."""
    few = weights[np.ix_(kept, np.arange(weights.shape[1]), kept)]
    whole = few.sum(axis=2, keepdims=True)
    found: FloatArray = np.zeros_like(few)
    np.divide(few, whole, out=found, where=whole > 0)
    return found


def effective(weights: FloatArray) -> float:
    """Draws that the weights leave: the median over reports and truths."""
    return float(np.median(1.0 / (weights**2).sum(axis=2)))


def variance_left(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Weighted variance, averaged over reports and truths.

    Parameters
    ----------
    weights
        As ``agreement`` gives them.
    values
        Shape (draws, columns).

    Returns
    -------
    array
        Shape (columns,); NaN where a single draw has all the weight in every report.
    """
    flat = weights.reshape(-1, weights.shape[2])
    squares = (flat**2).sum(axis=1)
    usable = (squares > 0) & (squares < _ALONE)
    if not usable.any():
        return np.full(values.shape[1], np.nan)
    flat, values = flat[usable], values - values.mean(axis=0)
    spread = np.maximum(flat @ values**2 - (flat @ values) ** 2, 0.0)
    found: FloatArray = (1.0 / (1.0 - squares[usable])) @ spread / len(flat)
    return found


def width_left(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Width of the weighted 90 % interval, averaged likewise, shape (columns,)."""
    flat = weights.reshape(-1, weights.shape[2])
    found = np.zeros(values.shape[1])
    for column, own in enumerate(values.T):
        order = np.argsort(own, kind="stable")
        below = np.cumsum(flat[:, order], axis=1)
        low, high = (
            own[order][np.minimum((below < level).sum(axis=1), len(own) - 1)]
            for level in (LOW, HIGH)
        )
        found[column] = (high - low).mean()
    return found

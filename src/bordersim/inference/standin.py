"""A small simulator whose posterior is known: the permanent trial of every method here.

Eighteen yearly counts rise, peak and break; seven fees answer the break and are reported
as ranges. Curves are closed-form and noise is textbook, so the exact likelihood can be
written down and sampled, which no real model allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, log_ndtr

from bordersim.inference.arrays import FloatArray, generator

YEARS = 18
FEE_YEARS = (3, 6, 9, 11, 13, 15, 17)
PARAMETERS = (
    "level", "growth", "swell", "peak", "width", "break", "fee", "answer",
)  # fmt: skip
BREAK = 14
"""First year after the break."""

SIZE = 30.0
"""Of the negative binomial: variance is mean + mean ** 2 / size."""

FEE_SPREAD = 0.12
"""Standard deviation of a logarithm of a fee about its curve."""

GRID = 0.25
"""Fees are reported as ranges of this width in logarithms, on a fixed grid."""

_LOW = np.array([4.5, -0.02, 0.0, 5.0, 1.5, 0.0, 0.0, 0.0])
_HIGH = np.array([6.5, 0.12, 2.0, 13.0, 5.0, 1.5, 1.5, 1.5])


@dataclass(frozen=True)
class Reports:
    """What is reported of one run.

    Attributes
    ----------
    counts
        Shape (18,).
    low, high
        Ends of the logarithms of fees, shape (7,).
    """

    counts: FloatArray
    low: FloatArray
    high: FloatArray


def curves(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected counts, shape (n, 18), and middles of log fees, shape (n, 7).

    Parameters
    ----------
    points
        Prior quantiles, shape (n, 8).
    """
    values = _LOW + points * (_HIGH - _LOW)
    level, growth, swell, peak, width, drop, fee, answer = values.T[:, :, None]
    year = np.arange(YEARS, dtype=float)
    swelling = swell * np.exp(-0.5 * ((year - peak) / width) ** 2)
    logs = level + growth * year + swelling - drop * (year >= BREAK)
    times = np.array(FEE_YEARS)
    # fees follow the crowd a little, and the break by an elasticity of their own
    fees = fee + 0.2 * swelling[:, times] + answer * drop * (times >= BREAK)
    return np.exp(logs), fees


def simulate(points: FloatArray, seed: int) -> FloatArray:
    """One run a point: counts, then log fees, shape (n, 25)."""
    draw = generator(seed, 31)
    counts, fees = curves(points)
    seen = draw.poisson(counts * draw.gamma(SIZE, 1 / SIZE, counts.shape))
    return np.hstack([seen, fees + FEE_SPREAD * draw.standard_normal(fees.shape)])


def reports(run: FloatArray) -> Reports:
    """What is told of one row of ``simulate``: counts, and the grid cells of fees."""
    cell = np.floor(run[YEARS:] / GRID)
    return Reports(run[:YEARS].copy(), cell * GRID, (cell + 1) * GRID)


def log_likelihood(points: FloatArray, told: Reports) -> FloatArray:
    """The exact likelihood of reports, shape (n,)."""
    counts, fees = curves(points)
    y = told.counts
    constant = gammaln(y + SIZE) - gammaln(SIZE) - gammaln(y + 1)
    share = counts / (counts + SIZE)
    of_counts = constant + SIZE * np.log1p(-share) + y * np.log(share)
    of_fees = log_between(told.low, told.high, fees, np.full_like(fees, FEE_SPREAD))
    return np.asarray(of_counts.sum(axis=1) + of_fees.sum(axis=1))


def log_between(
    low: FloatArray, high: FloatArray, mean: FloatArray, spread: FloatArray
) -> FloatArray:
    """Log probability that a normal lies between, without losing the tails."""
    a, b = (low - mean) / spread, (high - mean) / spread
    swap = a > 0  # both ends on the right: mirror, where differences keep their digits
    a, b = np.where(swap, -b, a), np.where(swap, -a, b)
    return np.asarray(log_ndtr(b) + np.log(-np.expm1(log_ndtr(a) - log_ndtr(b))))


def working(runs: FloatArray) -> FloatArray:
    """Runs on the scale on which they are emulated: logarithms, shape (n, 25)."""
    return np.hstack([np.log(runs[:, :YEARS] + 0.5), runs[:, YEARS:]])


def emulated_log_likelihood(mean: FloatArray, variance: FloatArray, told: Reports) -> FloatArray:
    """The same reports given expected working outputs and the variance of a run.

    Parameters
    ----------
    mean, variance
        Shape (n, 25), as an emulator predicts them.
    told
        The reports.

    Returns
    -------
    FloatArray
        Shape (n,). Counts are taken as log-normal about the expectation.
    """
    y = np.log(told.counts + 0.5)
    m, v = mean[:, :YEARS], variance[:, :YEARS]
    of_counts = -0.5 * ((y - m) ** 2 / v + np.log(v))
    of_fees = log_between(told.low, told.high, mean[:, YEARS:], np.sqrt(variance[:, YEARS:]))
    return np.asarray(of_counts.sum(axis=1) + of_fees.sum(axis=1))


def summaries(runs: FloatArray) -> FloatArray:
    """Summaries of the reports of runs, shape (n, 29).

    Log counts, the cells of fees, and four by hand: log of the total, roughness of log
    counts, the break in counts and the break in fees.
    """
    logs = np.log(runs[:, :YEARS] + 0.5)
    fees = (np.floor(runs[:, YEARS:] / GRID) + 0.5) * GRID
    late = np.array(FEE_YEARS) >= BREAK
    by_hand = [
        np.log(runs[:, :YEARS].sum(axis=1) + 0.5),
        np.log(np.diff(logs, n=2, axis=1).std(axis=1) + 1e-9),
        logs[:, BREAK:].mean(axis=1) - logs[:, BREAK - 3 : BREAK].mean(axis=1),
        fees[:, late].mean(axis=1) - fees[:, ~late][:, -2:].mean(axis=1),
    ]
    return np.column_stack([logs, fees, *by_hand])

"""Probabilities of reports, on the log scale and without overflow in far tails.

Every function is elementwise and broadcasts its arguments.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, log_ndtr, logit

from bordersim.results import FloatArray

_FAR = 1e5
"""Standard deviations beyond which a tail is its leading term."""

_LOG_2_PI = float(np.log(2 * np.pi))


def log_negative_binomial(
    count: npt.ArrayLike, mean: npt.ArrayLike, dispersion: npt.ArrayLike
) -> FloatArray:
    """Log probability of a count with variance mean + dispersion mean^2.

    Parameters
    ----------
    count
        Reported counts, at least 0.
    mean
        Expected counts, above 0.
    dispersion
        Squared coefficient of variation of the expectation, above 0.
    """
    count, mean, size = (
        np.asarray(a, np.float64) for a in (count, mean, 1 / np.asarray(dispersion))
    )
    choose = -betaln(count + 1, size) - np.log(count + size)
    # log1p keeps the Poisson limit, in which the size is enormous
    result: FloatArray = choose - size * np.log1p(mean / size) - count * np.log1p(size / mean)
    return result


def log_normal_density(value: npt.ArrayLike, mean: npt.ArrayLike, sd: npt.ArrayLike) -> FloatArray:
    """Log density of a normal distribution."""
    sd = np.asarray(sd, np.float64)
    standard = (np.asarray(value) - np.asarray(mean)) / sd
    result: FloatArray = -0.5 * (standard**2 + _LOG_2_PI) - np.log(sd)
    return result


def log_interval_mass(
    low: npt.ArrayLike, high: npt.ArrayLike, mean: npt.ArrayLike, sd: npt.ArrayLike
) -> FloatArray:
    """Log probability that a normal variable falls between two ends.

    Parameters
    ----------
    low, high
        Ends, low < high; -inf or inf leaves a side open.
    mean, sd
        Of the variable.
    """
    low, high, mean, sd = (np.asarray(a, np.float64) for a in (low, high, mean, sd))
    a, b = (low - mean) / sd, (high - mean) / sd
    # The normal is symmetric: measured in its lower tail, an interval loses no digits.
    swap = a > -b
    a, b = np.where(swap, -b, a), np.where(swap, -a, b)
    upper = log_ndtr(b)
    with np.errstate(invalid="ignore", over="ignore"):  # of an open side, not used below
        far = (high - low) / sd * (b + a) / 2  # b - a would lose the width's digits
    # So far out that the difference of the two would be lost, it is that of the squares.
    # An open side has probability 0 below it: its logarithm is -inf, and exp(-inf) is 0.
    below = np.where((b < -_FAR) & np.isfinite(a), far, log_ndtr(a) - upper)
    result: FloatArray = upper + np.log(-np.expm1(below))
    return result


def to_logit(share: npt.ArrayLike) -> FloatArray:
    """Log odds of shares."""
    result: FloatArray = logit(np.asarray(share, np.float64))
    return result


def from_logit(odds: npt.ArrayLike) -> FloatArray:
    """Shares of log odds."""
    result: FloatArray = expit(np.asarray(odds, np.float64))
    return result

"""What is believed of parameters before any report is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

UNIFORM, LOGUNIFORM, NORMAL = "uniform", "loguniform", "normal"


@dataclass(frozen=True)
class Prior:
    """Distribution of one parameter.

    Attributes
    ----------
    parameter
        Its key.
    distribution
        ``uniform``, ``loguniform``, or ``normal`` cut off at the ends.
    low, high
        Ends.
    mean, sd
        Of a normal one before it is cut off; NaN of others.
    reason
        Where it comes from.
    always
        Whether no screening may drop it.
    """

    parameter: str
    distribution: str
    low: float
    high: float
    mean: float
    sd: float
    reason: str
    always: bool = False

    def at(self, shares: FloatArray) -> FloatArray:
        """Values below which given shares, in [0, 1], of the probability lie."""
        if self.distribution == LOGUNIFORM:
            values = self.low * (self.high / self.low) ** shares
        elif self.distribution == NORMAL:
            from scipy.special import ndtr, ndtri

            a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
            values = self.mean + self.sd * ndtri(a + (b - a) * shares)
        else:
            values = self.low + (self.high - self.low) * shares
        return np.clip(values, self.low, self.high)  # rounding may not leave the range

    def shares(self, values: FloatArray) -> FloatArray:
        """Probability below values; the inverse of ``at``."""
        if self.distribution == LOGUNIFORM:
            shares = np.log(values / self.low) / math.log(self.high / self.low)
        elif self.distribution == NORMAL:
            from scipy.special import ndtr

            a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
            shares = (ndtr((values - self.mean) / self.sd) - a) / (b - a)
        else:
            shares = (values - self.low) / (self.high - self.low)
        return np.clip(shares, 0.0, 1.0)

    def log_density(self, values: FloatArray) -> FloatArray:
        """Log density at values inside the ends."""
        if self.distribution == LOGUNIFORM:
            return -np.log(values) - math.log(math.log(self.high / self.low))
        if self.distribution == NORMAL:
            from scipy.special import ndtr

            a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
            scaled = (values - self.mean) / self.sd
            constant = math.log(self.sd * math.sqrt(2 * math.pi) * (b - a))
            return -0.5 * scaled**2 - constant
        return np.full(values.shape, -math.log(self.high - self.low))

    def plain(self) -> dict[str, Any]:
        """Give everything that decides the distribution, as plain data."""
        said = {
            "parameter": self.parameter,
            "distribution": self.distribution,
            "low": self.low,
            "high": self.high,
        } | ({"always": True} if self.always else {})
        return said | ({"mean": self.mean, "sd": self.sd} if self.distribution == NORMAL else {})


def values_at(priors: Sequence[Prior], shares: FloatArray) -> FloatArray:
    """Values of parameters, shape (n, parameters), at shares of their probability."""
    columns = [prior.at(shares[:, at]) for at, prior in enumerate(priors)]
    return np.stack(columns, axis=1)


def shares_of(priors: Sequence[Prior], values: FloatArray) -> FloatArray:
    """Shares of probability, shape (n, parameters), below values."""
    columns = [prior.shares(values[:, at]) for at, prior in enumerate(priors)]
    return np.stack(columns, axis=1)


def sobol_shares(n: int, dimensions: int, seed: int) -> FloatArray:
    """Points that fill the unit cube evenly; the first of more are those of fewer."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=seed)
    found: FloatArray = sampler.random_base2(max(0, (n - 1).bit_length()))[:n]
    return found

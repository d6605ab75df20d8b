"""Nuisances: what is not known about reports, with priors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from bordersim.errors import BordersimError, suggestion
from bordersim.observing.forms import log_normal_density
from bordersim.results import FloatArray

UNIFORM, NORMAL = DISTRIBUTIONS = ("uniform", "normal")

Values = Mapping[str, npt.ArrayLike]
"""Nuisances by name: a number each, or one number a row of the figures."""


@dataclass(frozen=True)
class Nuisance:
    """A quantity that reports depend on and the model does not, with its prior.

    Attributes
    ----------
    name
        Such as ``fees.spread``.
    distribution
        "uniform" between low and high, or "normal" cut to them.
    low, high
        Least and greatest value.
    mean, sd
        Of the normal distribution before it is cut; 0 and 0 of a uniform one.
    reason
        Why this prior.
    """

    name: str
    distribution: str
    low: float
    high: float
    mean: float
    sd: float
    reason: str

    @property
    def middle(self) -> float:
        """Median of the prior."""
        return float(self.from_unit(0.5))

    def log_density(self, value: npt.ArrayLike) -> FloatArray:
        """Log prior density, -inf outside the bounds; any shape."""
        value = np.asarray(value, np.float64)
        inside = (value >= self.low) & (value <= self.high)
        if self.distribution == UNIFORM:
            density = np.full(value.shape, -np.log(self.high - self.low))
        else:
            below, above = (
                np.float64((end - self.mean) / self.sd) for end in (self.low, self.high)
            )
            kept = log_ndtr(above) + np.log1p(-np.exp(log_ndtr(below) - log_ndtr(above)))
            density = log_normal_density(value, self.mean, self.sd) - kept
        return np.where(inside, density, -np.inf)

    def from_unit(self, unit: npt.ArrayLike) -> FloatArray:
        """Value below which the prior puts a share ``unit`` of its mass; any shape."""
        unit = np.asarray(unit, np.float64)
        if self.distribution == UNIFORM:
            return np.asarray(self.low + unit * (self.high - self.low))
        below, above = (ndtr((end - self.mean) / self.sd) for end in (self.low, self.high))
        value = self.mean + self.sd * ndtri(below + unit * (above - below))
        return np.asarray(np.clip(value, self.low, self.high))


def drawn(nuisances: Sequence[Nuisance], n: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draws from the prior, each of shape (n,)."""
    return {nuisance.name: nuisance.from_unit(rng.random(n)) for nuisance in nuisances}


def values_of(names: Sequence[str], values: Values, n: int) -> FloatArray:
    """Nuisances that some targets need, as columns.

    Parameters
    ----------
    names
        Those needed.
    values
        By name.
    n
        Rows of the figures.

    Returns
    -------
    array
        Shape (n, len(names)).

    Raises
    ------
    BordersimError
        When one is missing, or is neither one number nor n.
    """
    missing = [name for name in names if name not in values]
    if missing:
        close = "".join(suggestion(name, list(values)) for name in missing[:1])
        raise BordersimError(f"no value for the nuisance {', '.join(missing)}{close}")
    columns = np.empty((n, len(names)))
    for column, name in enumerate(names):
        value = np.asarray(values[name], np.float64)
        if value.shape not in ((), (1,), (n,)):
            message = f"nuisance {name} has shape {value.shape}; expected one number or {n}"
            raise BordersimError(message)
        columns[:, column] = value
    return columns

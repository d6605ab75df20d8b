"""The smooth part of a response: a quadratic surface, shrunk as far as left-out points ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bordersim.inference.arrays import FloatArray

_PENALTIES = np.logspace(-4, 4, 25)
_CURVATURE = 0.3
"""Size of quadratic terms beside linear ones before any data: shrinks them more."""


@dataclass(frozen=True)
class Frame:
    """Centre and spread of a design, so that a narrow wave looks like a wide one.

    Attributes
    ----------
    centre, spread
        Shape (parameters,).
    """

    centre: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, design: FloatArray) -> Frame:
        """The frame of a design, shape (n, parameters)."""
        spread = design.std(axis=0)
        return cls(design.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def inside(self, points: FloatArray) -> FloatArray:
        """Points in standard deviations of the design from its middle."""
        return np.asarray((points - self.centre) / self.spread)


def quadratic(x: FloatArray) -> FloatArray:
    """Linear, square and product terms of framed points, shape (n, d + d (d + 1) / 2)."""
    first, second = np.triu_indices(x.shape[1])
    products = x[:, first] * x[:, second]
    products[:, first == second] -= 1.0
    return np.hstack([x, _CURVATURE * products])


@dataclass(frozen=True)
class Trend:
    """Ridge regression of every output on linear and quadratic terms.

    Attributes
    ----------
    mean
        Of the terms, shape (terms,).
    level
        Of the outputs, shape (outputs,).
    slopes
        Shape (terms, outputs).
    """

    mean: FloatArray
    level: FloatArray
    slopes: FloatArray

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray) -> Trend:
        """Fit each output with the penalty of the smallest leave-one-out error.

        Parameters
        ----------
        x
            Framed points, shape (n, parameters).
        y
            Outputs, shape (n, outputs).
        """
        terms = quadratic(x)
        mean, level = terms.mean(axis=0), y.mean(axis=0)
        u, s, vt = np.linalg.svd(terms - mean, full_matrices=False)
        rest, along = y - level, u.T @ (y - level)
        best = np.full(y.shape[1], np.inf)
        slopes = np.zeros((terms.shape[1], y.shape[1]))
        for penalty in _PENALTIES * len(x):
            kept = s**2 / (s**2 + penalty)
            leverage = (u**2) @ kept + 1.0 / len(x)
            missed = (rest - u @ (kept[:, None] * along)) / (1.0 - leverage)[:, None]
            error = (missed**2).mean(axis=0)
            better = error < best
            best[better] = error[better]
            shrunk = s / (s**2 + penalty)
            slopes[:, better] = vt.T @ (shrunk[:, None] * along[:, better])
        return cls(mean, level, slopes)

    def at(self, x: FloatArray) -> FloatArray:
        """The surface at framed points, shape (n, outputs)."""
        return np.asarray(self.level + (quadratic(x) - self.mean) @ self.slopes)

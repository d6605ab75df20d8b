"""Where a next wave is laid: a cloud about what the waves before it leave likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bordersim.calibrating.fitting import effort_of
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.priors import FloatArray, sobol_shares
from bordersim.calibrating.spec import Asked
from bordersim.inference.arrays import to_cube, to_normal
from bordersim.inference.sampling import sample

POWER = 0.5
"""To which the likelihood is raised: the emulator of an early wave may be wrong."""

WIDENED = 1.4
"""Standard deviations of the cloud, in those of the draws it is laid about."""


@dataclass(frozen=True)
class Cloud:
    """A normal distribution over normal scores of prior quantiles.

    Attributes
    ----------
    centre
        Shape (parameters,).
    root
        Lower triangular root of its covariance.
    """

    centre: FloatArray
    root: FloatArray

    @classmethod
    def about(cls, draws: FloatArray, widened: float) -> Cloud:
        """The cloud about draws, prior quantiles of shape (n, parameters)."""
        scores = to_normal(draws)
        covariance = np.atleast_2d(np.cov(scores.T)) * widened**2
        covariance[np.diag_indices_from(covariance)] += 1e-9
        return cls(scores.mean(axis=0), np.linalg.cholesky(covariance))

    def points(self, n: int, seed: int) -> FloatArray:
        """Points that fill the cloud evenly, as prior quantiles, shape (n, parameters)."""
        even = to_normal(sobol_shares(n, len(self.centre), seed))
        return to_cube(self.centre + even @ self.root.T)

    def log_density(self, points: FloatArray) -> FloatArray:
        """Log density, relative to the prior's, at prior quantiles; up to a constant."""
        scores = to_normal(points)
        scaled = np.linalg.solve(self.root, (scores - self.centre).T)
        log_root = float(np.log(np.diag(self.root)).sum())
        return np.asarray(0.5 * (scores**2).sum(axis=1) - 0.5 * (scaled**2).sum(axis=0) - log_root)


def cloud_of(likelihood: Likelihood, asked: Asked, number: int) -> Cloud:
    """The cloud for a wave, by the likelihood that earlier waves give."""

    def softened(points: FloatArray) -> FloatArray:
        return POWER * likelihood(points)

    effort = effort_of(asked.sampler)
    found = sample(softened, likelihood.dimensions, asked.seed + 1000 * number, effort=effort)
    return Cloud.about(found.draws[:, : likelihood.n_parameters], WIDENED)

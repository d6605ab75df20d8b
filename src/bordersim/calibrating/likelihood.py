"""What the emulator and the reports together say of a point of the priors."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.reported import Reports
from bordersim.inference.corrected import Foreteller
from bordersim.observing import log_likelihood_terms, natural_scale

WORST = -1e6
"""Log likelihood where numbers end."""


@dataclass(frozen=True)
class Likelihood:
    """Log likelihood of parameters and nuisances, both as shares of their priors.

    In these coordinates the prior is flat, so that the log likelihood is the log posterior
    but for a constant.

    Attributes
    ----------
    emulator
        Of the fitted reports' figures on the working scale, in the order of ``reports``.
    reports
        What is fitted.
    n_parameters
        Leading columns of a point; nuisances follow.
    without
        Groups of reports that are left out.
    """

    emulator: Foreteller
    reports: Reports
    n_parameters: int
    without: frozenset[str] = frozenset()

    @property
    def dimensions(self) -> int:
        """Columns of a point."""
        return self.n_parameters + len(self.reports.nuisances)

    def leaving_out(self, groups: Collection[str]) -> Likelihood:
        """The same without the reports of some groups."""
        return replace(self, without=frozenset(groups))

    def nuisances(self, points: FloatArray) -> dict[str, FloatArray]:
        """Values of the nuisances at points, each of shape (n,)."""
        columns = points[:, self.n_parameters :].T
        return {
            one.name: one.from_unit(column)
            for one, column in zip(self.reports.nuisances, columns, strict=True)
        }

    def terms(self, points: FloatArray) -> FloatArray:
        """Log likelihood of each report, shape (n, k); 0 for those left out."""
        targets = self.reports.fitted
        told = self.emulator.predict(points[:, : self.n_parameters])
        figures = natural_scale(told.mean, targets)
        terms = log_likelihood_terms(figures, targets, self.nuisances(points), told.variance)
        return np.where(self._used, np.maximum(terms, WORST), 0.0)

    def __call__(self, points: FloatArray) -> FloatArray:
        """Log likelihood of all reports that are not left out, shape (n,)."""
        total: FloatArray = self.terms(points).sum(axis=1)
        return np.where(np.isfinite(total), total, WORST)

    @cached_property
    def _used(self) -> FloatArray:
        return np.array([group not in self.without for group in self.reports.fitted.groups])

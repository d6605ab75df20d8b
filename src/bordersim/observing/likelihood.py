"""How likely the reports are, given simulated figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bordersim.errors import BordersimError
from bordersim.observing.forms import (
    log_interval_mass,
    log_negative_binomial,
    log_normal_density,
)
from bordersim.observing.nuisances import Values, values_of
from bordersim.observing.target import Target, Targets, as_targets, working_scale
from bordersim.results import FloatArray

MISSING = -200.0
"""Log likelihood of a report where a run had nothing to measure.

As far from a report as twenty standard deviations: a run without a deal must never be
likelier than one with a wrong price.
"""

LEAST_VARIANCE = 1e-12
"""Keeps a count whose spread is given as 0 a Poisson count."""


class ForbiddenEvidenceError(BordersimError):
    """A report that is not there to be fitted was handed to the likelihood."""


def log_likelihood(
    figures: npt.ArrayLike,
    targets: Sequence[Target],
    nuisances: Values,
    variance: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Log likelihood of all reports, shape (n,); see ``log_likelihood_terms``."""
    total: FloatArray = log_likelihood_terms(figures, targets, nuisances, variance).sum(axis=1)
    return total


def log_likelihood_terms(
    figures: npt.ArrayLike,
    targets: Sequence[Target],
    nuisances: Values,
    variance: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Log likelihood of each report.

    Parameters
    ----------
    figures
        Simulated figures, shape (n, k) or (k,), in natural units.
    targets
        The k reports.
    nuisances
        Every one that the targets need (``Targets.nuisances``): a number, or n numbers.
    variance
        Variance of the figures on the working scale (of an emulator, of seeds); broadcasts to
        (n, k). The counting noise of counts and of shares is in the likelihood already.

    Returns
    -------
    array
        Shape (n, k). Finite: a figure that is NaN has ``MISSING``.

    Raises
    ------
    ForbiddenEvidenceError
        When a target's entry is not marked ``use: calibrate``, or restates others.
    BordersimError
        When shapes do not match or a nuisance is missing.
    """
    known = as_targets(targets)
    refuse_unfitted(known)
    return log_predictive_terms(figures, known, nuisances, variance)


def refuse_unfitted(targets: Targets) -> None:
    """Raise ForbiddenEvidenceError when any target may not be fitted."""
    if not targets.forbidden:
        return
    uses = {target.id: target for target in targets}
    told = [
        f"{key} ({'restates others' if uses[key].restates else 'use: ' + uses[key].use})"
        for key in targets.forbidden[:8]
    ]
    more = f" and {len(targets.forbidden) - 8} more" if len(targets.forbidden) > 8 else ""
    raise ForbiddenEvidenceError(
        f"not to be fitted: {', '.join(told)}{more}; a likelihood may contain only entries with "
        "use: calibrate that no other entry states: take targets()"
    )


def log_predictive_terms(
    figures: npt.ArrayLike,
    targets: Sequence[Target],
    nuisances: Values,
    variance: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Log probability of each report, of whatever use: what a hold-out is scored by.

    As ``log_likelihood_terms``, which is what may be fitted, but refuses nothing.
    """
    targets = as_targets(targets)
    values = rows_of_figures(figures, targets)
    working = working_scale(values, targets)
    spreads, biases = spreads_and_biases(targets, nuisances, len(values))
    total = spreads**2 + np.broadcast_to(np.asarray(variance, np.float64), values.shape)
    terms = np.empty_like(values)
    centre = working + biases
    at = targets.where("count")
    terms[:, at] = log_negative_binomial(
        targets.low[at], np.exp(centre[:, at]), np.maximum(total[:, at], LEAST_VARIANCE)
    )
    at = targets.where("share")
    sd = np.sqrt(total[:, at] + _counting_variance(values[:, at], targets, at))
    terms[:, at] = log_normal_density(targets.reported_low[at], centre[:, at], sd)
    at = targets.where("interval")
    terms[:, at] = log_interval_mass(
        targets.reported_low[at], targets.reported_high[at], centre[:, at], np.sqrt(total[:, at])
    )
    return np.where(np.isnan(values), MISSING, terms)


def rows_of_figures(figures: npt.ArrayLike, targets: Targets) -> FloatArray:
    """Figures as (n, k); BordersimError when they are not k a row."""
    values = np.atleast_2d(np.asarray(figures, np.float64))
    if values.ndim != 2 or values.shape[1] != len(targets):
        message = f"figures of shape {values.shape} for {len(targets)} targets; expected (n, k)"
        raise BordersimError(message)
    return values


def spreads_and_biases(
    targets: Targets, nuisances: Values, n: int
) -> tuple[FloatArray, FloatArray]:
    """Standard deviations and biases on the working scale, each of shape (n, k)."""
    columns = values_of(targets.nuisances, nuisances, n)
    columns = np.hstack([columns, np.zeros((n, 1))])  # index -1: none
    spreads = np.hypot(columns[:, targets.spread_index], targets.extras)
    return spreads, columns[:, targets.bias_index]


def _counting_variance(
    shares: FloatArray, targets: Targets, at: npt.NDArray[np.int64]
) -> FloatArray:
    """Variance of the log odds of shares counted among known numbers of people."""
    floors, trials = targets.floors[at], targets.trials[at]
    shares = np.clip(shares, floors, 1 - floors)
    counted = np.where(trials > 0, trials, np.inf)  # of how many is not known: exactly
    variance: FloatArray = 1 / (counted * shares * (1 - shares))
    return variance

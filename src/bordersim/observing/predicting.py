"""Reports as they would be made of simulated figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bordersim.observing.declared import declared
from bordersim.observing.forms import from_logit
from bordersim.observing.likelihood import rows_of_figures, spreads_and_biases
from bordersim.observing.nuisances import Values, drawn
from bordersim.observing.target import Target, as_targets, natural_scale, working_scale
from bordersim.results import FloatArray


def predict(
    figures: npt.ArrayLike,
    targets: Sequence[Target],
    rng: np.random.Generator,
    nuisances: Values | None = None,
    *,
    report_error: bool = True,
    count_noise: bool = True,
) -> FloatArray:
    """Replicate reports: what would have been reported had the figures been true.

    Parameters
    ----------
    figures
        Simulated figures, shape (n, k) or (k,), in natural units.
    targets
        The k reports, of any use.
    rng
        Decides every draw.
    nuisances
        As for the likelihood; drawn from their priors, one set a row, when None.
    report_error
        With discrepancy, spread and bias; without, only what counting people adds.
    count_noise
        Count people at random about the expectation. False for the figures of single runs
        at full population, which are counts already.

    Returns
    -------
    array
        Shape (n, k), natural units; NaN where the figure is.
    """
    known = as_targets(targets)
    values = rows_of_figures(figures, known)
    n = len(values)
    if nuisances is None:
        nuisances = drawn(declared().nuisances, n, rng)
    spreads, biases = spreads_and_biases(known, nuisances, n)
    errors = rng.standard_normal(values.shape)
    if not report_error:
        spreads, biases = np.zeros_like(spreads), np.zeros_like(biases)
    working = working_scale(values, known) + biases
    reports = natural_scale(working + spreads * errors, known)
    at = known.where("count")
    rate = np.exp(working[:, at]) * _gamma_of_mean_one(spreads[:, at], rng)
    reports[:, at] = _poisson(rate, rng) if count_noise else rate
    at = known.where("share")
    if count_noise:
        share = from_logit(working[:, at] + spreads[:, at] * errors[:, at])
        trials = np.broadcast_to(np.rint(known.trials[at]), share.shape).astype(np.int64)
        counted = rng.binomial(trials, np.where(np.isnan(share), 0.5, share))
        reports[:, at] = np.where(trials > 0, counted / np.maximum(trials, 1), share)
    return np.where(np.isnan(values), np.nan, reports)


def _gamma_of_mean_one(spread: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Factors with mean 1 and the given standard deviations: the likelihood's own mixture."""
    dispersion = np.where(spread > 0, spread, 1.0) ** 2
    factors = rng.gamma(1 / dispersion, dispersion)
    return np.where(spread > 0, factors, 1.0)


def _poisson(rate: FloatArray, rng: np.random.Generator) -> FloatArray:
    counts: FloatArray = rng.poisson(np.where(np.isnan(rate), 0.0, rate)).astype(np.float64)
    return counts

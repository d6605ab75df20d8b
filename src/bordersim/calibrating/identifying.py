"""What the reports tell of each parameter, and which reports tell it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.priors import FloatArray, Prior
from bordersim.calibrating.schema import IdentifiabilitySection

UNIFORM_SD = 1 / np.sqrt(12)
"""Standard deviation of the prior's own quantiles."""

NOT_IDENTIFIED, WEAKLY, IDENTIFIED = "not identified", "weakly identified", "identified"
_FIRMLY = 0.5
_ENDS = (0.05, 0.5, 0.95)

Sampler = Callable[[Likelihood], FloatArray]
"""Gives draws of another likelihood, as shares of the priors."""


@dataclass(frozen=True)
class Without:
    """Draws without one group of reports.

    Attributes
    ----------
    group
        What is left out.
    reports
        How many it holds.
    draws
        Shares of the priors, shape (n, dimensions).
    weights
        Of each draw, adding up to 1, shape (n,).
    effective
        Draws that weights are worth.
    how
        ``reweighted`` or ``sampled anew``.
    """

    group: str
    reports: int
    draws: FloatArray
    weights: FloatArray
    effective: float
    how: str


def contraction(draws: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """How far the reports narrow each parameter: 1 - posterior sd / prior sd, shape (d,).

    Measured on quantiles of the prior, so that it does not depend on how a parameter is
    scaled; 0 is nothing learnt, 1 everything.
    """
    w = np.full(len(draws), 1 / len(draws)) if weights is None else weights
    mean = w @ draws
    return np.asarray(1 - np.sqrt(w @ (draws - mean) ** 2) / UNIFORM_SD)


def verdict(narrowed: float, threshold: float) -> str:
    """What a contraction means."""
    if narrowed < threshold:
        return NOT_IDENTIFIED
    return IDENTIFIED if narrowed >= max(_FIRMLY, threshold) else WEAKLY


def parameter_rows(
    priors: Sequence[Prior], draws: FloatArray, section: IdentifiabilitySection
) -> list[dict[str, Any]]:
    """Prior and posterior of each parameter, one row each, the least identified last.

    Parameters
    ----------
    priors
        Of the parameters.
    draws
        Posterior as shares of the priors, shape (n, at least parameters).
    section
        Thresholds.
    """
    narrowed = contraction(draws[:, : len(priors)])
    related = _strongest(draws[:, : len(priors)])
    rows = []
    for at, prior in enumerate(priors):
        before = prior.at(np.array(_ENDS))
        after = prior.at(np.quantile(draws[:, at], _ENDS))
        other, strength = related[at]
        rows.append(
            {
                "parameter": prior.parameter,
                "prior_low": before[0], "prior_median": before[1], "prior_high": before[2],
                "low": after[0], "median": after[1], "high": after[2],
                "sd": float(prior.at(draws[:, at]).std()),
                "contraction": float(narrowed[at]),
                "verdict": verdict(float(narrowed[at]), section.contraction),
                "strongest_with": priors[other].parameter if other >= 0 else "",
                "correlation": strength,
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: -row["contraction"])


def _strongest(draws: FloatArray) -> list[tuple[int, float]]:
    """For each parameter, the other that it goes with most, and how much."""
    if draws.shape[1] < 2:
        return [(-1, 0.0)] * draws.shape[1]
    found = np.atleast_2d(np.corrcoef(draws.T))
    np.fill_diagonal(found, 0.0)
    others = np.abs(found).argmax(axis=1)
    return [(int(other), float(found[at, other])) for at, other in enumerate(others)]


def correlation_rows(names: Sequence[str], draws: FloatArray) -> list[dict[str, Any]]:
    """Correlation of every pair of parameters and nuisances, the strongest first."""
    found = np.atleast_2d(np.corrcoef(draws.T))
    rows = [
        {"first": names[a], "second": names[b], "correlation": float(found[a, b])}
        for a in range(len(names))
        for b in range(a + 1, len(names))
    ]
    return sorted(rows, key=lambda row: -abs(row["correlation"]))


def leave_out(
    likelihood: Likelihood, draws: FloatArray, group: str, effective: int, anew: Sampler
) -> Without:
    """Posterior without one group of reports.

    By weights on the draws there are, where these leave enough of them; else sampled anew.

    Parameters
    ----------
    likelihood
        Of all reports.
    draws
        Shares of the priors, shape (n, dimensions).
    group
        Of reports.
    effective
        Draws that weights must leave.
    anew
        Samples a likelihood.
    """
    groups = likelihood.reports.fitted.groups
    members = np.array([name == group for name in groups])
    lost = likelihood.terms(draws)[:, members].sum(axis=1)
    weights = np.exp(-(lost - lost.min()))
    weights /= weights.sum()
    worth = float(1 / (weights**2).sum())
    n_reports = int(members.sum())
    if worth >= effective:
        return Without(group, n_reports, draws, weights, worth, "reweighted")
    found = anew(likelihood.leaving_out([group]))
    even = np.full(len(found), 1 / len(found))
    return Without(group, n_reports, found, even, float(len(found)), "sampled anew")


def group_rows(
    priors: Sequence[Prior], draws: FloatArray, without: Sequence[Without]
) -> list[dict[str, Any]]:
    """What each group contributes to each parameter, one row a pair.

    ``lost`` is the contraction that goes when the group is left out; ``shift`` how far the
    median moves, in posterior standard deviations.
    """
    n = len(priors)
    whole, spread = contraction(draws[:, :n]), draws[:, :n].std(axis=0)
    median = np.median(draws[:, :n], axis=0)
    rows = []
    for one in without:
        narrowed = contraction(one.draws[:, :n], one.weights)
        for at, prior in enumerate(priors):
            centre = weighted_quantile(one.draws[:, at], one.weights, 0.5)
            rows.append(
                {
                    "group": one.group,
                    "reports": one.reports,
                    "parameter": prior.parameter,
                    "contraction": float(whole[at]),
                    "without": float(narrowed[at]),
                    "lost": float(whole[at] - narrowed[at]),
                    "shift": float((centre - median[at]) / spread[at]) if spread[at] else 0.0,
                    "how": one.how,
                    "effective": one.effective,
                }
            )
    return rows


def weighted_quantile(values: FloatArray, weights: FloatArray, share: float) -> float:
    """Value below which a share of the weight lies."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    at = int(np.searchsorted(below, share * below[-1]))
    return float(values[order[min(at, len(order) - 1)]])

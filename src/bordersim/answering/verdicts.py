"""Whether reports say how large an effect is, and whether a claim of theirs holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bordersim.answering.spec import MORE, Claim
from bordersim.attributing.verdicts import (
    FEWEST,
    IDENTIFIED,
    LOST,
    NOT_IDENTIFIED,
    SIGN_ASSUMED,
    SIGN_LEARNED,
    SIGN_OPEN,
    TOO_FEW,
    UNJUDGED,
)
from bordersim.comparing.comparison import Comparison
from bordersim.comparing.estimates import Estimate
from bordersim.comparing.quantities import over_window

ASSUMED = "not identified by the data: declared assumption"
NO_EFFECT = "moves nothing"

AGREES, CONTRADICTS, OPEN = "agrees", "contradicts", "does not say"


def effect_spread(comparison: Comparison, observable: str) -> tuple[float, int]:
    """Standard deviation of an effect over draws, without what seeds contribute to it.

    Parameters
    ----------
    comparison
        Of one point of a design.
    observable
        One of those compared.

    Returns
    -------
    sd, draws
        NaN for fewer than two draws. With one seed a draw, luck cannot be told and stays.
    """
    one = next(m for m in comparison.measured if m.quantity.name == observable)
    first = comparison.window.first - comparison.covered.first
    months = slice(first, first + comparison.window.last - comparison.window.first + 1)
    a, b = (over_window(one.quantity, side[..., months]) for side in (one.a, one.b))
    known = np.isfinite(a) & np.isfinite(b)
    difference = (b - a)[known]
    draw = np.array([pair.draw for pair in comparison.pairs], np.int64)[known]
    draws, group = np.unique(draw, return_inverse=True)
    if draws.size < 2:
        return math.nan, int(draws.size)
    sizes = np.bincount(group)
    means = np.bincount(group, difference) / sizes
    squares = np.bincount(group, (difference - means[group]) ** 2)
    luck = np.where(sizes > 1, squares / np.maximum(sizes - 1, 1) / sizes, 0.0)
    variance = float(means.var(ddof=1)) - float(luck.mean())
    return math.sqrt(max(0.0, variance)), int(draws.size)


def identification(
    posterior: Comparison,
    prior: Comparison | None,
    observable: str,
    below: float,
    *,
    assumed: bool,
) -> dict[str, Any]:
    """Compare what draws of the posterior and of the prior say of an effect.

    Parameters
    ----------
    posterior, prior
        The same comparison under both; no prior where there are no such draws.
    observable
        One of those compared.
    below
        Posterior sd over prior sd above which an effect is not identified.
    assumed
        Whether the effect rests on a declared assumption that no report bears on.

    Returns
    -------
    dict
        sd, prior_sd, sd_ratio, verdict, sign.
    """
    found = posterior.estimate(observable)
    sd, n_draws = effect_spread(posterior, observable)
    before, prior_sd, n_prior = None, math.nan, None
    if prior is not None:
        before = prior.estimate(observable)
        prior_sd, n_prior = effect_spread(prior, observable)
    ratio = sd / prior_sd if prior_sd > 0 else math.nan
    still = found.effect == 0.0 and found.low == 0.0 == found.high
    few = n_prior is not None and min(n_draws, n_prior) < FEWEST
    if assumed:
        verdict = ASSUMED
    elif still:
        verdict = NO_EFFECT
    elif n_prior is None:
        verdict = UNJUDGED
    elif few:
        verdict = TOO_FEW
    elif math.isnan(ratio):
        verdict = LOST
    else:
        verdict = NOT_IDENTIFIED if ratio > below else IDENTIFIED
    return {
        "sd": sd,
        "prior_sd": prior_sd,
        "sd_ratio": ratio,
        "verdict": verdict,
        "sign": "" if still else sign_words(found, None if few else before),
    }


def sign_words(found: Estimate, before: Estimate | None) -> str:
    """Where the sign of an effect comes from; empty where there is no interval."""
    if math.isnan(found.low):
        return ""
    if found.low <= 0.0 <= found.high:
        return SIGN_OPEN
    if before is None or math.isnan(before.low):
        return ""
    side = 1.0 if found.effect > 0 else -1.0
    return SIGN_ASSUMED if min(side * before.low, side * before.high) > 0 else SIGN_LEARNED


def claim_verdict(claim: Claim, found: Estimate) -> str:
    """Whether an effect bears a claim out.

    Parameters
    ----------
    claim
        What reports say.
    found
        The effect that it is about.

    Returns
    -------
    str
        ``AGREES`` or ``CONTRADICTS`` where the whole 90 % interval is on one side of
        zero, ``OPEN`` otherwise.
    """
    if math.isnan(found.low) or found.low <= 0.0 <= found.high:
        return OPEN
    return AGREES if (found.effect > 0) == (claim.expects == MORE) else CONTRADICTS

"""Whether reports say how large an effect is, and whether a claim of theirs holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bordersim.answering.spec import MORE, Claim
from bordersim.attributing.judging import (
    INERT,
    SIGN_ASSUMED,
    SIGN_LEARNED,
    ratio_of,
    sign_words,
    size_words,
    spread_over_draws,
)
from bordersim.comparing.comparison import Comparison
from bordersim.comparing.estimates import Estimate
from bordersim.comparing.quantities import over_window

ASSUMED = "not identified by the data: declared assumption"

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
        See ``spread_over_draws``.
    """
    one = next(m for m in comparison.measured if m.quantity.name == observable)
    first = comparison.window.first - comparison.covered.first
    months = slice(first, first + comparison.window.last - comparison.window.first + 1)
    a, b = (over_window(one.quantity, side[..., months]) for side in (one.a, one.b))
    known = np.isfinite(a) & np.isfinite(b)
    draw = np.array([pair.draw for pair in comparison.pairs], np.int64)
    return spread_over_draws((b - a)[known], draw[known])


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
    ratio = ratio_of(sd, prior_sd)
    still = found.effect == 0.0 and found.low == 0.0 == found.high
    verdict = size_words(ratio, below, n_draws, n_prior)
    if assumed:
        verdict = ASSUMED
    elif still:
        verdict = INERT
    sign = "" if still else sign_words(found, before)
    if assumed and sign == SIGN_LEARNED:  # no report bears on it, so none gave it its sign
        sign = SIGN_ASSUMED
    return {
        "sd": sd,
        "prior_sd": prior_sd,
        "sd_ratio": ratio,
        "verdict": verdict,
        "sign": sign,
    }


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

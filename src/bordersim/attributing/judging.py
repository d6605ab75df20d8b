"""Whether reports say how large something is, and of which sign: prior against posterior.

Shares of a change and effects of a scenario are judged here alike.
"""

from __future__ import annotations

import math

import numpy as np

from bordersim.comparing.estimates import Estimate, Keys
from bordersim.results import FloatArray

INERT = "moves nothing"
UNJUDGED = "not judged: no prior draws"
TOO_FEW = "not judged: too few draws"
LOST = "not judged: lost in luck"
NOT_IDENTIFIED = "not identified by the data"
IDENTIFIED = "narrowed by the data"

SIGN_OPEN = "sign not identified"
SIGN_ASSUMED = "sign from the model"
SIGN_LEARNED = "sign from the data"

FEWEST = 20
"""Draws, of prior and of posterior, below which neither spread nor sign is judged."""


def spread_over_draws(values: FloatArray, draw: Keys) -> tuple[float, int]:
    """Standard deviation over draws, without what seeds contribute to it.

    Parameters
    ----------
    values, draw
        Of each pair or group, shape (n,).

    Returns
    -------
    sd, draws
        NaN for fewer than two draws. With one seed a draw, luck cannot be told and stays.
    """
    draws, group = np.unique(draw, return_inverse=True)
    if draws.size < 2:
        return math.nan, int(draws.size)
    sizes = np.bincount(group)
    means = np.bincount(group, values) / sizes
    squares = np.bincount(group, (values - means[group]) ** 2)
    luck = np.where(sizes > 1, squares / np.maximum(sizes - 1, 1) / sizes, 0.0)
    variance = float(means.var(ddof=1)) - float(luck.mean())
    return math.sqrt(max(0.0, variance)), int(draws.size)


def ratio_of(part: float, whole: float) -> float:
    """One spread over another; NaN over none."""
    return part / whole if whole > 0 else math.nan


def size_words(ratio: float, below: float, n_draws: int, n_prior: int | None) -> str:
    """Whether reports have narrowed a size.

    Parameters
    ----------
    ratio
        Posterior sd over prior sd.
    below
        Above it a size is not identified.
    n_draws, n_prior
        Draws of the posterior, and of the prior; None where there is no prior.
    """
    if n_prior is None:
        return UNJUDGED
    if min(n_draws, n_prior) < FEWEST:
        return TOO_FEW
    if math.isnan(ratio):
        return LOST
    return NOT_IDENTIFIED if ratio > below else IDENTIFIED


def sign_words(found: Estimate, before: Estimate | None) -> str:
    """Where the sign of something comes from.

    Parameters
    ----------
    found, before
        Under posterior and prior draws.

    Returns
    -------
    str
        Empty where ``FEWEST`` draws are not there, of the posterior or, for a sign that
        it settles, of the prior.
    """
    if found.draws < FEWEST or math.isnan(found.low):
        return ""
    if found.low <= 0.0 <= found.high:
        return SIGN_OPEN
    if before is None or before.draws < FEWEST or math.isnan(before.low):
        return ""
    side = 1.0 if found.effect > 0 else -1.0
    return SIGN_ASSUMED if min(side * before.low, side * before.high) > 0 else SIGN_LEARNED

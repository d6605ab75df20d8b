"""Whether reports say how large a share is, or only the model and its priors do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bordersim.attributing.dividing import by_draw, estimate_of, parts_of
from bordersim.attributing.measuring import Measured
from bordersim.attributing.spec import MOMENTUM
from bordersim.results import FloatArray

INERT = "moves nothing"
UNJUDGED = "not judged: no prior draws"
TOO_FEW = "not judged: too few draws"
LOST = "not judged: lost in luck"
NOT_IDENTIFIED = "not identified by the data"
SIZE_ONLY = "size narrowed, weight not identified"
IDENTIFIED = "narrowed by the data"

FEWEST = 20
"""Draws of prior and posterior below which their spreads are not compared."""

SIGN_OPEN = "sign not identified"
SIGN_ASSUMED = "sign from the model"
SIGN_LEARNED = "sign from the data"


def verdict_rows(
    prior: Measured | None, posterior: Measured, names: Sequence[str], below: float
) -> list[dict[str, Any]]:
    """One row for each factor and momentum.

    Parameters
    ----------
    prior, posterior
        The same quantity under prior and posterior draws; None where there is no prior.
    names
        Of the factors.
    below
        Posterior sd over prior sd above which a share is not identified.

    Returns
    -------
    list of dict
        ``sd_ratio`` is of the share itself, ``weight_ratio`` of its weight: the share over
        the sum of the sizes of all shares. Luck of seeds is taken out of both.
    """
    after, weights = _spread_of(posterior, names)
    before, prior_weights = (None, None) if prior is None else _spread_of(prior, names)
    found = []
    for name in (*names, MOMENTUM):
        row: dict[str, Any] = {"part": name, **_ends("", posterior, after[name])}
        row |= _ends("prior_", prior, before[name] if before else None)
        row["sd"] = _sd(posterior, after[name])
        row["prior_sd"] = _sd(prior, before[name]) if prior is not None and before else math.nan
        row["sd_ratio"] = _ratio(row["sd"], row["prior_sd"])
        row["weight_ratio"] = math.nan
        if prior is not None and prior_weights is not None:
            old, new = _sd(prior, prior_weights[name]), _sd(posterior, weights[name])
            row["weight_ratio"] = _ratio(new, old)
        still = not after[name].any() and (before is None or not before[name].any())
        row["verdict"] = INERT if still else _verdict(row, below, _draws(prior, posterior))
        row["sign"] = "" if still else _sign(row)
        found.append(row)
    return found


def _spread_of(
    game: Measured, names: Sequence[str]
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Shares and weights of every part, by group."""
    shares = {part.name: part.values for part in parts_of(game, names)[:-1]}
    whole = np.sum([np.abs(values) for values in shares.values()], axis=0)
    safe = np.where(whole > 0, whole, 1.0)
    return shares, {name: values / safe for name, values in shares.items()}


def _ends(prefix: str, game: Measured | None, values: FloatArray | None) -> dict[str, float]:
    if game is None or values is None:
        return dict.fromkeys((f"{prefix}share", f"{prefix}low", f"{prefix}high"), math.nan)
    told = estimate_of(game, values)
    return {f"{prefix}share": told.effect, f"{prefix}low": told.low, f"{prefix}high": told.high}


def _sd(game: Measured, values: FloatArray) -> float:
    """Standard deviation over draws, without what seeds contribute to it.

    NaN for fewer than two draws. With one seed a draw, luck cannot be told and stays in.
    """
    _, group = np.unique(game.draw, return_inverse=True)
    means = by_draw(game, values)
    if means.size < 2:
        return math.nan
    sizes = np.bincount(group)
    squares = np.bincount(group, (values - means[group]) ** 2)
    luck = np.where(sizes > 1, squares / np.maximum(sizes - 1, 1) / sizes, 0.0)
    return math.sqrt(max(0.0, float(means.var(ddof=1)) - float(luck.mean())))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _draws(prior: Measured | None, posterior: Measured) -> int | None:
    """The fewer of both; None where there is no prior."""
    if prior is None:
        return None
    return min(np.unique(game.draw).size for game in (prior, posterior))


def _verdict(row: dict[str, Any], below: float, draws: int | None) -> str:
    if draws is None:
        return UNJUDGED
    if draws < FEWEST:
        return TOO_FEW
    if math.isnan(row["sd_ratio"]):
        return LOST
    if row["sd_ratio"] > below:
        return NOT_IDENTIFIED
    return SIZE_ONLY if row["weight_ratio"] > below else IDENTIFIED


def _sign(row: dict[str, Any]) -> str:
    if math.isnan(row["low"]):
        return ""
    if row["low"] <= 0.0 <= row["high"]:
        return SIGN_OPEN
    side = 1.0 if row["share"] > 0 else -1.0
    if math.isnan(row["prior_low"]):
        return ""
    certain = min(side * row["prior_low"], side * row["prior_high"]) > 0
    return SIGN_ASSUMED if certain else SIGN_LEARNED

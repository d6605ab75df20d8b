"""Whether reports say how large a share is, or only the model and its priors do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bordersim.attributing.dividing import estimate_of, parts_of
from bordersim.attributing.judging import (
    IDENTIFIED,
    INERT,
    ratio_of,
    sign_words,
    size_words,
    spread_over_draws,
)
from bordersim.attributing.measuring import Measured
from bordersim.attributing.spec import MOMENTUM
from bordersim.comparing.estimates import Estimate
from bordersim.results import FloatArray

SIZE_ONLY = "size narrowed, weight not identified"

_NO_PRIOR = dict.fromkeys(("prior_share", "prior_low", "prior_high", "prior_sd"), math.nan)


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
    after = _Spread(posterior, names)
    before = None if prior is None else _Spread(prior, names)
    return [_row(name, before, after, below) for name in (*names, MOMENTUM)]


class _Spread:
    """Shares and weights of every part under one set of draws."""

    def __init__(self, game: Measured, names: Sequence[str]) -> None:
        self.game = game
        self.shares = {part.name: part.values for part in parts_of(game, names)[:-1]}
        whole = np.sum([np.abs(values) for values in self.shares.values()], axis=0)
        safe = np.where(whole > 0, whole, 1.0)
        self.weights = {name: values / safe for name, values in self.shares.items()}

    def moves(self, name: str) -> bool:
        return bool(self.shares[name].any())

    def told(self, name: str) -> Estimate:
        return estimate_of(self.game, self.shares[name])

    def sd(self, values: FloatArray) -> float:
        return spread_over_draws(values, self.game.draw)[0]


def _row(name: str, before: _Spread | None, after: _Spread, below: float) -> dict[str, Any]:
    found, prior = after.told(name), None if before is None else before.told(name)
    row: dict[str, Any] = {"part": name, **_ends("", found), "sd": after.sd(after.shares[name])}
    row |= _NO_PRIOR | {"sd_ratio": math.nan, "weight_ratio": math.nan}
    if before is not None and prior is not None:
        row |= _ends("prior_", prior) | {"prior_sd": before.sd(before.shares[name])}
        row["sd_ratio"] = ratio_of(row["sd"], row["prior_sd"])
        sds = (one.sd(one.weights[name]) for one in (after, before))
        row["weight_ratio"] = ratio_of(*sds)
    if not after.moves(name) and (before is None or not before.moves(name)):
        return row | {"verdict": INERT, "sign": ""}
    n_prior = None if prior is None else prior.draws
    verdict = size_words(row["sd_ratio"], below, found.draws, n_prior)
    if verdict == IDENTIFIED and row["weight_ratio"] > below:
        verdict = SIZE_ONLY
    return row | {"verdict": verdict, "sign": sign_words(found, prior)}


def _ends(prefix: str, told: Estimate) -> dict[str, float]:
    ends = {"share": told.effect, "low": told.low, "high": told.high}
    return {f"{prefix}{name}": value for name, value in ends.items()}

"""Summaries of reports for the second method: few numbers that say most of what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bordersim.calibrating.priors import FloatArray
from bordersim.codes import EPOCH_YEAR
from bordersim.observing import Targets

_BLOCK = 3
"""Years of arrivals that are taken together."""

_SOME = 4
"""Reports of a group from which they are told by level and slope."""

_TURN = 12 * (2012 - EPOCH_YEAR)
"""January 2012: arrivals and fees before and after the change of leader are told apart."""


@dataclass(frozen=True)
class Summary:
    """One number made of reports.

    Attributes
    ----------
    name
        What it is.
    of
        From figures on the working scale, shape (n, k), to shape (n,).
    """

    name: str
    of: Callable[[FloatArray], FloatArray]


def summaries_of(targets: Targets) -> list[Summary]:
    """Summaries that reports on a point or a closed interval allow."""
    closed = np.isfinite(targets.reported_low) & np.isfinite(targets.reported_high)
    found: list[Summary] = []
    for group in dict.fromkeys(targets.groups):
        where = [at for at, name in enumerate(targets.groups) if name == group and closed[at]]
        when = np.array([targets[at].period.first for at in where], dtype=np.float64)
        if group == "arrivals" and len(where) > 2 * _BLOCK:
            found += _of_arrivals(where, when)
        elif len(where) >= _SOME:
            found += [_mean(f"{group}: level", where), _slope(group, where, when)]
            found += _jump(group, where, when)
        else:
            found += [_mean(targets[at].id, [at]) for at in where]
    return found


def coarse_summaries_of(targets: Targets) -> list[Summary]:
    """The level of each group of reports alone, for tables too short for more."""
    closed = np.isfinite(targets.reported_low) & np.isfinite(targets.reported_high)
    found = []
    for group in dict.fromkeys(targets.groups):
        where = [at for at, name in enumerate(targets.groups) if name == group and closed[at]]
        found += [_mean(f"{group}: level", where)] if where else []
    return found


def summarised(summaries: list[Summary], working: FloatArray) -> FloatArray:
    """All summaries, shape (n, summaries), of figures on the working scale, shape (n, k)."""
    return np.stack([one.of(working) for one in summaries], axis=1)


def reported_working(targets: Targets) -> FloatArray:
    """Reports as points on the working scale: middles of intervals, shape (k,)."""
    low, high = targets.reported_low, targets.reported_high
    with np.errstate(invalid="ignore"):  # open at both sides there is no middle
        middle = 0.5 * (low + high)
    return np.where(np.isfinite(middle), middle, np.where(np.isfinite(low), low, high))


def _of_arrivals(where: list[int], when: FloatArray) -> list[Summary]:
    years = np.array(where)[np.argsort(when)]
    blocks = [years[at : at + _BLOCK].tolist() for at in range(0, len(years), _BLOCK)]
    found = [_mean(f"arrivals: years {at * _BLOCK + 1} on", b) for at, b in enumerate(blocks)]
    found.append(Summary("arrivals: total", lambda w: np.log(np.exp(w[:, years]).sum(axis=1))))
    found.append(
        Summary("arrivals: roughness", lambda w: np.diff(w[:, years], n=2, axis=1).std(axis=1))
    )
    return found + _jump("arrivals", where, when)


def _mean(name: str, where: list[int]) -> Summary:
    return Summary(name, lambda w: np.asarray(w[:, where].mean(axis=1)))


def _slope(group: str, where: list[int], when: FloatArray) -> Summary:
    centred = when - when.mean()
    weights = centred / max(float((centred**2).sum()), 1.0) * 12
    return Summary(f"{group}: slope a year", lambda w: np.asarray(w[:, where] @ weights))


def _jump(group: str, where: list[int], when: FloatArray) -> list[Summary]:
    """Two years after the turn against two before; none where either has no report."""
    after = [at for at, month in zip(where, when, strict=True) if 0 <= month - _TURN < 24]
    before = [at for at, month in zip(where, when, strict=True) if -24 <= month - _TURN < 0]
    if not after or not before:
        return []
    name = f"{group}: jump at 2011-12"
    return [Summary(name, lambda w: w[:, after].mean(axis=1) - w[:, before].mean(axis=1))]

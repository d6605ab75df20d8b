"""Approximate Bayesian computation on a stored table: nearest runs, moved by regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bordersim.inference.arrays import (
    FloatArray,
    InferenceError,
    IntArray,
    checked_table,
    generator,
    one_thread,
    to_cube,
    to_normal,
)

_PENALTIES = np.logspace(-6, 2, 17)
_FEWEST = 20


@dataclass(frozen=True)
class Nearest:
    """Draws from the runs nearest to what was reported.

    Attributes
    ----------
    draws
        Prior quantiles, shape (draws, parameters).
    kept, effective
        Runs kept, and how many they are worth by their weights.
    explained
        Share of each parameter's variance among the kept runs that the summaries
        explain, shape (parameters,): near 0, the reports say nothing of it.
    """

    draws: FloatArray
    kept: int
    effective: float
    explained: FloatArray


def regression_abc(
    design: FloatArray,
    summaries: FloatArray,
    observed: FloatArray,
    seed: int,
    *,
    share: float = 0.1,
    draws: int = 1000,
    adjust: bool = True,
) -> Nearest:
    """Local-linear regression adjustment with unequal variances (Blum and François 2010).

    Distances are taken in what a first regression over the whole table predicts of the
    parameters from the summaries (Fearnhead and Prangle 2012); kept runs weigh by the
    Epanechnikov kernel; both regressions are ridge regressions whose penalty leave-one-out
    errors choose.

    Parameters
    ----------
    design
        Prior quantiles of runs from the prior, shape (n, parameters).
    summaries
        Of simulated reports, shape (n, summaries); rows with a NaN are left out.
    observed
        Summaries of the reports, shape (summaries,).
    seed
        Of the resampling.
    share
        Of runs to keep.
    draws
        Wanted.
    adjust
        Whether to regress; without it this is rejection ABC, with distances in median
        absolute deviations of the summaries.

    Raises
    ------
    InferenceError
        When shapes differ, a reported summary is missing, or too few runs are left.
    """
    design, summaries = checked_table(design, summaries)
    observed = np.asarray(observed, dtype=float)
    if observed.shape != summaries.shape[1:] or not np.isfinite(observed).all():
        raise InferenceError(
            f"observed summaries {observed.shape}: give {summaries.shape[1]} finite numbers"
        )
    whole = np.isfinite(summaries).all(axis=1)
    keep = round(share * int(whole.sum()))
    if keep < _FEWEST:
        raise InferenceError(
            f"regression ABC: {share:g} of {int(whole.sum())} complete runs is {keep}; "
            f"at least {_FEWEST} must be kept"
        )
    with one_thread():
        return _Table(to_normal(design[whole]), summaries[whole], observed).nearest(
            keep, draws, adjust, generator(seed, 21)
        )


@dataclass(frozen=True)
class _Ridge:
    """Weighted ridge regression: its value at the origin, and at every row."""

    origin: FloatArray
    fitted: FloatArray

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray, weights: FloatArray) -> _Ridge:
        root = np.sqrt(weights / weights.sum())[:, None]
        middle, level = (root**2).T @ x, (root**2).T @ y
        u, s, vt = np.linalg.svd(root * (x - middle), full_matrices=False)
        rest = root * (y - level)
        along = u.T @ rest
        best, slopes = np.full(y.shape[1], np.inf), np.zeros((x.shape[1], y.shape[1]))
        for penalty in _PENALTIES * s[0] ** 2:
            kept = s**2 / (s**2 + penalty)
            leverage = np.minimum((u**2) @ kept + root[:, 0] ** 2, 0.99)
            error = (((rest - u @ (kept[:, None] * along)) / (1 - leverage)[:, None]) ** 2).sum(0)
            better = error < best
            best[better] = error[better]
            slopes[:, better] = vt.T @ ((s / (s**2 + penalty))[:, None] * along[:, better])
        return cls((level - middle @ slopes)[0], level + (x - middle) @ slopes)


@dataclass(frozen=True)
class _Table:
    """Normal scores of parameters, summaries, and the summaries of the reports."""

    scores: FloatArray
    summaries: FloatArray
    observed: FloatArray

    def nearest(self, keep: int, draws: int, adjust: bool, draw: np.random.Generator) -> Nearest:
        away = self._away()
        rows, weights = self._kept(self._distance(away, adjust), keep)
        scores = self.scores[rows]
        explained = np.full(scores.shape[1], np.nan)
        if adjust:
            scores, explained = _adjusted(away[rows], scores, weights)
        weights = weights / weights.sum()
        marks = (draw.random() + np.arange(draws)) / draws
        chosen = np.minimum(np.searchsorted(np.cumsum(weights), marks), keep - 1)
        chosen = draw.permutation(chosen)
        effective = float(1 / (weights**2).sum())
        return Nearest(to_cube(scores[chosen]), keep, effective, explained)

    def _away(self) -> FloatArray:
        """Summaries less those reported, in median absolute deviations."""
        middle = np.median(self.summaries, axis=0)
        spread = 1.4826 * np.median(np.abs(self.summaries - middle), axis=0)
        spread = np.where(spread > 0, spread, self.summaries.std(axis=0))
        return np.asarray((self.summaries - self.observed) / np.where(spread > 0, spread, 1.0))

    def _distance(self, away: FloatArray, adjust: bool) -> FloatArray:
        if not adjust:
            return np.asarray((away**2).sum(axis=1))
        ridge = _Ridge.fit(away, self.scores, np.ones(len(away)))
        missed = (self.scores - ridge.fitted).std(axis=0)
        learned = (ridge.fitted - ridge.origin) / np.where(missed > 0, missed, 1.0)
        return np.asarray((learned**2).sum(axis=1))

    def _kept(self, distance: FloatArray, keep: int) -> tuple[IntArray, FloatArray]:
        rows = np.argsort(distance, kind="stable")[: keep + 1]
        edge = distance[rows[-1]]
        rows = np.sort(rows[:keep])
        weights = 1 - distance[rows] / edge if edge > 0 else np.ones(keep)
        return rows, np.maximum(weights, 1e-6)


def _adjusted(
    away: FloatArray, scores: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Scores moved and scaled to where the reports are, and the share explained."""
    mean = _Ridge.fit(away, scores, weights)
    missed = scores - mean.fitted
    logs = np.log(np.maximum(missed**2, 1e-12))
    spread = _Ridge.fit(away, logs, weights)
    scale = np.exp(np.clip(0.5 * (spread.origin - spread.fitted), -1.5, 1.5))
    share = weights / weights.sum()
    total = share @ (scores - share @ scores) ** 2
    explained = 1 - share @ missed**2 / np.where(total > 0, total, 1.0)
    return mean.origin + scale * missed, explained

"""Tests of one question, and what they say together (Bonferroni)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from verification.verdict import Verdict

ALARM = 1e-5
"""How often a sound engine fails one question; no check asks more than ten."""

FEWEST = 10.0
"""Cells expected to hold fewer are joined before a chi-square test."""


class Battery:
    """p-values of one question; it fails when any is below its share of ``ALARM``."""

    def __init__(self) -> None:
        self.found: list[tuple[float, str]] = []

    def add(self, what: str, p: float) -> None:
        """Record a p-value; one that is not a number counts as zero."""
        self.found.append((p if np.isfinite(p) else 0.0, what))

    def z(self, what: str, observed: float, mean: float, variance: float) -> None:
        """Two-sided normal test of a sum of many independent parts."""
        self.add(what, 2.0 * float(stats.norm.sf(abs(observed - mean) / np.sqrt(variance))))

    def binomial(self, what: str, hits: int, n: int, chance: float) -> None:
        """Two-sided exact test of a count of successes, doubling the smaller tail."""
        law = stats.binom(n, chance)
        self.add(what, min(1.0, 2.0 * float(min(law.cdf(hits), law.sf(hits - 1)))))

    def shares(self, what: str, observed: ArrayLike, expected: ArrayLike) -> None:
        """Chi-square test of counts against expected counts of the same total."""
        seen, law = joined(observed, expected)
        self.add(what, float(stats.chisquare(seen, law * seen.sum() / law.sum()).pvalue))

    def table(self, what: str, counts: ArrayLike) -> None:
        """Chi-square test of independence of rows and columns."""
        kept = np.asarray(counts)
        kept = kept[:, kept.sum(axis=0) > 0]
        self.add(what, float(stats.chi2_contingency(kept).pvalue))

    def sums(self, what: str, observed: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> None:
        """Chi-square test of independent sums, and of the largest of them.

        Each sum must have many parts, so that it is nearly normal; those with a variance
        below ``FEWEST`` are added up first.
        """
        z = scores(observed, mean, variance)
        self.add(f"{what}, all {len(z)} together", float(stats.chi2.sf((z**2).sum(), len(z))))
        largest = 2.0 * float(stats.norm.sf(np.abs(z).max())) * len(z)
        self.add(f"{what}, the worst of {len(z)}", min(1.0, largest))

    def law(self, what: str, sample: NDArray[np.float64], distribution: Any) -> None:
        """Kolmogorov-Smirnov test of a continuous law."""
        self.add(what, float(stats.kstest(sample, distribution.cdf).pvalue))

    def correlation(self, what: str, one: ArrayLike, two: ArrayLike) -> None:
        """Whether two long samples are uncorrelated."""
        r = float(np.corrcoef(np.asarray(one), np.asarray(two))[0, 1])
        self.add(what, 2.0 * float(stats.norm.sf(abs(r) * np.sqrt(np.size(one)))))

    def verdict(self, question: str, n: str, figure: str | None = None) -> Verdict:
        """What the tests say together."""
        if not self.found:
            raise ValueError(f"nothing was tested: {question}")
        share = ALARM / len(self.found)
        p, what = min(self.found)
        failed = [f"{name}: p = {value:.1e}" for value, name in sorted(self.found) if value < share]
        return Verdict(
            question=question,
            passed=not failed,
            measured=f"smallest p of {len(self.found)}: {p:.2g} ({what})",
            allowed=f"p above {share:.1g}; false alarm 1 in {1 / ALARM:,.0f}",
            n=n,
            figure=figure,
            detail="; ".join(failed),
        )


def scores(observed: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> NDArray[np.float64]:
    """Standard scores of sums; those of small variance are added up into one."""
    seen, law, spread = (np.asarray(a, float).reshape(-1) for a in (observed, mean, variance))
    big = spread >= FEWEST
    z = (seen[big] - law[big]) / np.sqrt(spread[big])
    rest = float(spread[~big].sum())
    if rest >= FEWEST or not big.any():
        z = np.append(z, (seen[~big].sum() - law[~big].sum()) / np.sqrt(max(rest, 1e-300)))
    elif not (~big).all():
        # too little is left over to be normal: add it to the smallest of the others
        least = np.flatnonzero(big)[np.argmin(spread[big])]
        of_least = np.flatnonzero(np.flatnonzero(big) == least)[0]
        total = spread[least] + rest
        off = seen[least] - law[least] + seen[~big].sum() - law[~big].sum()
        z[of_least] = off / np.sqrt(total)
    return z


def joined(
    observed: ArrayLike, expected: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts with neighbouring cells joined until each is expected to hold ``FEWEST``."""
    seen, law = [0.0], [0.0]
    for count, mean in zip(np.ravel(observed), np.ravel(expected), strict=True):
        if law[-1] >= FEWEST:
            seen.append(0.0)
            law.append(0.0)
        seen[-1] += float(count)
        law[-1] += float(mean)
    if len(law) > 1 and law[-1] < FEWEST:
        seen[-2:], law[-2:] = [sum(seen[-2:])], [sum(law[-2:])]
    return np.array(seen), np.array(law)


def exact(
    question: str, worst: float, allowed: float, why: str, n: str, figure: str | None = None
) -> Verdict:
    """Verdict on a difference that has a bound and no chance in it."""
    return Verdict(
        question=question,
        passed=bool(worst <= allowed),
        measured=f"largest difference {worst:.3g}",
        allowed=f"{allowed:.3g}: {why}",
        n=n,
        figure=figure,
        detail="" if worst <= allowed else f"{worst:.3g} > {allowed:.3g}",
    )

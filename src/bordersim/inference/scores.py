"""How good draws are: against the exact posterior, and over many known truths."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from bordersim.inference.arrays import FloatArray, InferenceError, IntArray, needs, one_thread

LEVEL = 0.9
RANKS = 99
"""Draws a truth is ranked among, so that there are 100 places."""

BINS = 20


def c2st(one: FloatArray, other: FloatArray, seed: int) -> float:
    """Accuracy of a classifier that tells two sets of draws apart: 0.5 same, 1 disjoint.

    A perceptron of two hidden layers of ten units a parameter, on standardised draws, in
    five-fold cross-validation, as simulation-based inference is commonly judged.

    Parameters
    ----------
    one, other
        Draws, shape (n, parameters); the longer set is thinned to the shorter.
    seed
        Of the folds and of the classifier.
    """
    needs("sklearn")
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.neural_network import MLPClassifier

    n = min(len(one), len(other))
    one, other = (a[np.linspace(0, len(a) - 1, n).round().astype(int)] for a in (one, other))
    x = np.vstack([one, other])
    spread = one.std(axis=0)
    x = (x - one.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    y = np.repeat([0, 1], n)
    width = 10 * x.shape[1]
    judge = MLPClassifier((width, width), max_iter=300, random_state=seed)
    folds = KFold(5, shuffle=True, random_state=seed)
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(cross_val_score(judge, x, y, cv=folds, scoring="accuracy").mean())


@dataclass(frozen=True)
class Coverage:
    """Truths against the posteriors that were inferred from what they reported.

    Attributes
    ----------
    names
        Of the parameters.
    inside
        Whether the central 90 % interval held the truth, shape (truths, parameters).
    ranks
        Of each truth among 99 draws, 0 to 99, shape (truths, parameters).
    """

    names: tuple[str, ...]
    inside: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    ranks: IntArray

    @classmethod
    def of(cls, truths: FloatArray, draws: list[FloatArray], names: tuple[str, ...]) -> Coverage:
        """Count, for truths of shape (truths, parameters) and the draws inferred for each."""
        if len(truths) != len(draws) or not len(truths):
            raise InferenceError(f"{len(truths)} truths and {len(draws)} posteriors")
        tail = 50 * (1 - LEVEL)
        inside = np.empty((len(truths), truths.shape[1]), np.bool_)
        ranks = np.empty(inside.shape, np.int64)
        for row, (truth, found) in enumerate(zip(truths, draws, strict=True)):
            if len(found) < RANKS:
                raise InferenceError(f"posterior {row}: {len(found)} draws; give {RANKS} or more")
            low, high = np.percentile(found, [tail, 100 - tail], axis=0)
            inside[row] = (low <= truth) & (truth <= high)
            some = found[np.linspace(0, len(found) - 1, RANKS).round().astype(int)]
            ranks[row] = (some < truth).sum(axis=0)
        return cls(names, inside, ranks)

    @property
    def truths(self) -> int:
        """Known truths."""
        return len(self.ranks)

    @property
    def shares(self) -> FloatArray:
        """Share of truths inside, a parameter, shape (parameters,)."""
        return np.asarray(self.inside.mean(axis=0))

    @property
    def overall(self) -> float:
        """Share over all truths and parameters: the bar is .86 to .94."""
        return float(self.inside.mean())

    @property
    def spread(self) -> float:
        """Standard error of ``overall``, from truth to truth."""
        return float(self.inside.mean(axis=1).std(ddof=1) / np.sqrt(self.truths))

    def histogram(self) -> IntArray:
        """Ranks in 20 bins of equal chance, shape (20, parameters)."""
        bins = self.ranks * BINS // (RANKS + 1)
        return np.array([(bins == b).sum(axis=0) for b in range(BINS)])

    def uniform(self) -> FloatArray:
        """Chance of ranks at least as uneven if the method were exact, shape (parameters,).

        Chi-square over as many bins as leave ten truths or more in each expected.
        """
        bins = max(2, min(BINS, self.truths // 10))
        edges = self.ranks * bins // (RANKS + 1)
        seen = np.array([(edges == b).sum(axis=0) for b in range(bins)])
        places = np.bincount(np.arange(RANKS + 1) * bins // (RANKS + 1), minlength=bins)
        expected = (self.truths * places / (RANKS + 1))[:, None]
        return np.asarray(chi2.sf(((seen - expected) ** 2 / expected).sum(axis=0), bins - 1))

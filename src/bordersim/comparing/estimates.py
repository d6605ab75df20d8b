"""The effect in pairs of runs, its interval, and what seeds contribute to its error.

A pair shares its draw of the parameters and its seed. What varies over seeds is luck,
and shrinks with more of them; what varies over draws is what is not known about the
world, and does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bordersim.errors import Problem, ScenarioError, shortened
from bordersim.results import FloatArray

Keys = npt.NDArray[np.int64]

LEVEL = 0.90
"""Share of cases in which an interval is to hold what it is an interval for."""

FEWEST_RANKED = 19
"""Draws from which ranks alone give an interval of ``LEVEL``: its ends are then the least
and the greatest, and a new draw lies between them in 18 of 20 cases, whatever the law."""

MOST_PAIRS = 10**9
"""More are never asked for."""

NONE, MEANS, RANKS, PREDICTED = "none", "mean over seeds", "ranks of draws", "a new draw"
"""How an interval was made; ``METHODS`` says it in words."""

METHODS = {
    NONE: "one pair has no interval",
    MEANS: "Student's t over pairs: holds the mean effect over all seeds",
    RANKS: "ranks of the draws' effects: holds the effect at a new draw, whatever their law",
    PREDICTED: "Student's t over draws: holds the effect at a new draw if they are normal",
}


@dataclass(frozen=True)
class Estimate:
    """What pairs say about the difference B - A of one quantity.

    Attributes
    ----------
    a, b, effect
        Means: over seeds within a draw, then over draws.
    low, high
        Interval of ``LEVEL`` around the effect; NaN for one pair.
    relative, relative_low, relative_high
        Effect over the mean of A, and its interval; NaN where A may be zero.
    mc_error
        Standard error of the effect that seeds leave; NaN where a draw has one seed.
    pairs, draws
        Pairs with something to measure on both sides, and their draws.
    variance_reduction
        Variance of a difference between runs of different luck over that within pairs;
        inf when every pair of a draw differs by the same.
    seed_share
        Share of the variance over draws that is luck of their seeds; NaN for one draw.
    method
        How the interval was made: a key of ``METHODS``.
    """

    a: float
    b: float
    effect: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    mc_error: float
    pairs: int
    draws: int
    variance_reduction: float
    seed_share: float
    method: str

    def pairs_needed(self, half_width: float) -> int | None:
        """Pairs for a half-width of the interval that luck alone would leave.

        Parameters
        ----------
        half_width
            In the unit of the effect, above 0.

        Returns
        -------
        int or None
            At least 2, from the variance of the pairs at hand, which is itself an
            estimate; None where it is not known.
        """
        if not half_width > 0 or not math.isfinite(self.mc_error):
            return None
        spread = self.mc_error * math.sqrt(self.pairs)
        low, high = 2, 4
        while _half_width(spread, high) > half_width:
            low, high = high, high * 2
            if high > MOST_PAIRS:
                return None
        while low < high:
            middle = (low + high) // 2
            if _half_width(spread, middle) > half_width:
                low = middle + 1
            else:
                high = middle
        return low


def estimate(a: FloatArray, b: FloatArray, draw: Keys, seed: Keys) -> Estimate:
    """Estimate an effect from pairs.

    Parameters
    ----------
    a, b
        Value of each pair's runs, shape (pairs,). Pairs with NaN are left out.
    draw, seed
        Keys of each pair, shape (pairs,). The same seed is the same luck in every draw.

    Returns
    -------
    Estimate
        NaN throughout when no pair is left.
    """
    known = np.isfinite(a) & np.isfinite(b)
    a, b, draw, seed = a[known], b[known], draw[known], seed[known]
    draws, group = np.unique(draw, return_inverse=True)
    if not a.size:
        nan = math.nan
        return Estimate(nan, nan, nan, nan, nan, nan, nan, nan, nan, 0, 0, nan, nan, NONE)
    sizes = np.bincount(group)
    a_of, b_of = (np.bincount(group, values) / sizes for values in (a, b))
    effect = b_of - a_of
    (low, high), method = _interval(b - a, effect)
    mean_a, mean_b = float(a_of.mean()), float(b_of.mean())
    within = (b - a) - effect[group]
    noise = _within_variance(within, group, sizes)
    return Estimate(
        a=mean_a,
        b=mean_b,
        effect=float(effect.mean()),
        low=low,
        high=high,
        relative=_ratio(float(effect.mean()), mean_a),
        **dict(zip(("relative_low", "relative_high"), _relative(a, b, a_of, effect), strict=True)),
        mc_error=_seed_error(within, group, sizes, seed),
        pairs=len(a),
        draws=len(draws),
        variance_reduction=_variance_reduction(a - a_of[group], b - b_of[group], within),
        seed_share=_ratio(float((noise / sizes).mean()), _variance(effect)),
        method=method,
    )


def read_precision(precision: str | float) -> tuple[float, bool]:
    """Read a wanted precision.

    Parameters
    ----------
    precision
        Half-width of the interval: ``"5%"`` of A's mean, or a number in the unit.

    Returns
    -------
    value, relative
        A share of A's mean if ``relative``.

    Raises
    ------
    ScenarioError
        When it is neither, or not above 0.
    """
    text = str(precision).strip()
    relative = text.endswith("%")
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        message = f'got "{shortened(text)}"; write "5%" (of A) or a number of people above 0'
        raise ScenarioError([Problem("compare", "precision", message)])
    return (value / 100 if relative else value), relative


def precision_words(precision: str | float) -> str:
    """A wanted precision as the heading of a column."""
    value, relative = read_precision(precision)
    return f"+-{100 * value:g} % of A" if relative else f"+-{value:g}"


def t_quantile(degrees: int, share: float = (1 + LEVEL) / 2) -> float:
    """Quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, share))


def _half_width(spread: float, pairs: int) -> float:
    return t_quantile(pairs - 1) * spread / math.sqrt(pairs)


def _variance(values: FloatArray) -> float:
    return float(values.var(ddof=1)) if values.size > 1 else math.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _interval(differences: FloatArray, effect: FloatArray) -> tuple[tuple[float, float], str]:
    """Ends of the interval and how it was made; ``effect`` is that of each draw."""
    n_draws = effect.size
    if n_draws > 1:
        return over_draws(effect), RANKS if n_draws >= FEWEST_RANKED else PREDICTED
    if differences.size < 2:
        return (math.nan, math.nan), NONE
    half = _half_width(math.sqrt(_variance(differences)), differences.size)
    mean = float(differences.mean())
    return (mean - half, mean + half), MEANS


def over_draws(values: FloatArray) -> tuple[float, float]:
    """Interval that holds the value at a new draw in at least ``LEVEL`` of cases.

    Parameters
    ----------
    values
        One a draw, shape (draws,), at least 2.

    Returns
    -------
    low, high
        The r-th least and greatest, r = (1 - LEVEL)/2 (draws + 1) rounded down, from
        ``FEWEST_RANKED`` draws on, which holds for any law; below, by Student's t.
    """
    n = values.size
    if n >= FEWEST_RANKED:
        # To nine places: 0.05 x 20 must be the 1 it is on paper.
        rank = math.floor(round((1 - LEVEL) / 2 * (n + 1), 9))
        ordered = np.sort(values)
        return float(ordered[rank - 1]), float(ordered[n - rank])
    half = t_quantile(n - 1) * math.sqrt(_variance(values) * (1 + 1 / n))
    return float(values.mean()) - half, float(values.mean()) + half


def _relative(
    a: FloatArray, b: FloatArray, a_of: FloatArray, effect: FloatArray
) -> tuple[float, float]:
    """Interval of the effect over A's mean."""
    if effect.size > 1:
        return over_draws(effect / a_of) if (a_of > 0).all() else (math.nan, math.nan)
    return fieller(b - a, a)


def fieller(part: FloatArray, whole: FloatArray) -> tuple[float, float]:
    """Interval for a ratio of means (Fieller 1954), exact for normal pairs.

    Parameters
    ----------
    part, whole
        Shape (pairs,).

    Returns
    -------
    low, high
        NaN for less than two pairs, and where the mean of ``whole`` is not apart from
        zero: the ratios that cannot be ruled out then have no bound.
    """
    n = part.size
    if n < 2:
        return math.nan, math.nan
    covariance = np.cov(part, whole)
    g = t_quantile(n - 1) ** 2 / n
    top, bottom = float(part.mean()), float(whole.mean())
    square = bottom**2 - g * covariance[1, 1]
    if square <= 0:
        return math.nan, math.nan
    middle = top * bottom - g * covariance[0, 1]
    root = math.sqrt(max(0.0, middle**2 - square * (top**2 - g * covariance[0, 0])))
    return (middle - root) / square, (middle + root) / square


def _within_variance(residual: FloatArray, group: Keys, sizes: Keys) -> FloatArray:
    """Variance over the seeds of each draw; NaN for a draw of one."""
    squares = np.bincount(group, residual**2)
    degrees = sizes - 1
    return np.where(degrees > 0, squares / np.maximum(degrees, 1), np.nan)


def _seed_error(residual: FloatArray, group: Keys, sizes: Keys, seed: Keys) -> float:
    """Standard error of the mean over draws, from the spread over seeds within them.

    Draws with the same seeds share their luck, so that errors are summed over each seed
    before they are squared. With seeds of their own, or one draw, this is the usual sum.
    """
    if (sizes < 2).any():
        return math.nan
    weight = np.sqrt(sizes / (sizes - 1)) / (sizes * sizes.size)
    _, luck = np.unique(seed, return_inverse=True)
    return math.sqrt(float((np.bincount(luck, weight[group] * residual) ** 2).sum()))


def _variance_reduction(a: FloatArray, b: FloatArray, difference: FloatArray) -> float:
    apart, paired = float((a**2).sum() + (b**2).sum()), float((difference**2).sum())
    if paired == 0.0:
        return math.inf if apart > 0 else math.nan
    return apart / paired

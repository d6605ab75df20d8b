"""Intervals, errors and counts of pairs against closed forms and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from bordersim.comparing.estimates import (
    FEWEST_RANKED,
    MEANS,
    NONE,
    PREDICTED,
    RANKS,
    Estimate,
    estimate,
    fieller,
    over_draws,
    read_precision,
)
from bordersim.errors import ScenarioError

A = np.array([100.0, 120.0, 90.0, 110.0, 105.0])
B = np.array([130.0, 140.0, 135.0, 131.0, 139.0])


def of(a: np.ndarray, b: np.ndarray, draw: object = 0, seed: object = None) -> Estimate:
    draws = np.broadcast_to(np.asarray(draw, np.int64), a.shape)
    seeds = np.arange(a.size) if seed is None else np.asarray(seed)
    return estimate(a, b, draws, seeds)


def test_pairs_of_one_draw_are_a_paired_t_test() -> None:
    found = of(A, B)
    said = stats.ttest_rel(B, A).confidence_interval(0.90)
    assert (found.low, found.high) == pytest.approx((said.low, said.high))
    assert found.effect == pytest.approx((B - A).mean())
    assert found.mc_error == pytest.approx(stats.sem(B - A))
    assert found.variance_reduction == pytest.approx(
        (A.var(ddof=1) + B.var(ddof=1)) / (B - A).var(ddof=1)
    )
    assert (found.pairs, found.draws, found.method) == (5, 1, MEANS)
    assert math.isnan(found.seed_share)


def test_one_pair_has_an_effect_and_no_error() -> None:
    found = of(A[:1], B[:1])
    assert found.effect == 30.0
    assert found.relative == pytest.approx(0.3)
    unknown = (found.low, found.high, found.mc_error, found.variance_reduction, found.relative_low)
    assert all(map(math.isnan, unknown))
    assert found.method == NONE
    assert found.pairs_needed(1.0) is None


def test_pairs_with_nothing_to_measure_are_left_out() -> None:
    hole = np.array([np.nan, *B[1:]])
    assert repr(of(A, hole)) == repr(of(A[1:], B[1:]))
    assert of(A * np.nan, B).pairs == 0
    assert math.isnan(of(A * np.nan, B).effect)


def test_an_effect_that_is_the_same_in_every_pair_has_no_error() -> None:
    found = of(A, A + 7.0)
    assert (found.low, found.effect, found.high, found.mc_error) == pytest.approx((7, 7, 7, 0))
    assert math.isinf(found.variance_reduction)
    assert found.pairs_needed(0.5) == 2


def test_the_ends_of_the_relative_interval_are_the_ratios_just_not_ruled_out() -> None:
    for ratio in fieller(B - A, A):
        said = stats.ttest_1samp((B - A) - ratio * A, 0.0)
        assert said.pvalue == pytest.approx(0.10)
    assert all(map(math.isnan, fieller(B - A, A - 100.0)))


def test_seeds_that_draws_share_are_one_luck() -> None:
    """Crossed: the mean over draws of each seed is one observation."""
    rng = np.random.default_rng(1)
    draws, seeds = 4, 6
    effect = (
        rng.normal(50, 10, (draws, 1))
        + rng.normal(0, 5, (1, seeds))
        + rng.normal(0, 1, (draws, seeds))
    )
    draw, seed = (np.broadcast_to(k, effect.shape) for k in np.ogrid[:draws, :seeds])
    a = np.full(effect.size, 100.0)
    crossed = estimate(a, a + effect.ravel(), draw.ravel(), seed.ravel())
    assert crossed.mc_error == pytest.approx(stats.sem(effect.mean(axis=0)))
    nested = estimate(a, a + effect.ravel(), draw.ravel(), np.arange(effect.size))
    within = effect.var(axis=1, ddof=1) / seeds
    assert nested.mc_error == pytest.approx(math.sqrt(within.sum()) / draws)
    assert crossed.mc_error > 1.5 * nested.mc_error
    assert crossed.seed_share == pytest.approx(within.mean() / effect.mean(axis=1).var(ddof=1))


def test_draws_of_one_seed_have_no_monte_carlo_error() -> None:
    found = of(A, B, draw=np.arange(5), seed=np.ones(5, np.int64))
    assert math.isnan(found.mc_error)
    assert found.draws == found.pairs == 5
    assert found.method == PREDICTED
    half = stats.t.ppf(0.95, 4) * (B - A).std(ddof=1) * math.sqrt(1.2)
    assert (found.low, found.high) == pytest.approx(((B - A).mean() - half, (B - A).mean() + half))


def test_from_nineteen_draws_on_the_interval_is_of_ranks() -> None:
    values = np.arange(1.0, FEWEST_RANKED + 1)
    assert over_draws(values) == (1.0, 19.0)
    assert over_draws(np.arange(1.0, 40.0)) == (2.0, 38.0)
    found = of(np.full(19, 10.0), 10.0 + values, draw=values)
    assert found.method == RANKS
    assert (found.relative_low, found.relative_high) == pytest.approx((0.1, 1.9))


TRIALS = 4000
LUCKY = 1e-6
"""Chance that a test of coverage fails though the coverage is .90."""


def covered(hits: int) -> bool:
    """Whether so many hits of ``TRIALS`` are what a coverage of .90 gives."""
    low, high = stats.binom.ppf([LUCKY / 2, 1 - LUCKY / 2], TRIALS, 0.90)
    return bool(low <= hits <= high)


def test_nine_of_ten_intervals_over_seeds_hold_the_mean_effect_and_the_ratio() -> None:
    rng = np.random.default_rng(2)
    cov = np.array([[100.0, 80.0], [80.0, 120.0]])
    effects = ratios = 0
    for _ in range(TRIALS):
        a, b = rng.multivariate_normal([200.0, 230.0], cov, size=5).T
        found = of(a, b)
        effects += found.low <= 30.0 <= found.high
        ratios += found.relative_low <= 0.15 <= found.relative_high
    assert covered(effects), effects
    assert covered(ratios), ratios
    assert not covered(int(0.97 * effects))


@pytest.mark.parametrize(
    ("draws", "law"),
    [(6, "normal"), (FEWEST_RANKED, "normal"), (FEWEST_RANKED, "exponential")],
)
def test_nine_of_ten_intervals_over_draws_hold_a_new_draw(draws: int, law: str) -> None:
    rng = np.random.default_rng(3)
    sample = {"normal": rng.normal, "exponential": rng.exponential}[law]
    hits = 0
    for _ in range(TRIALS):
        *values, new = sample(size=draws + 1)
        low, high = over_draws(np.array(values))
        hits += bool(low <= new <= high)
    assert covered(hits), hits


def test_the_variance_that_pairing_saves_is_found() -> None:
    """Correlation r and equal variances: 1 / (1 - r)."""
    rng = np.random.default_rng(4)
    a, b = rng.multivariate_normal([50, 60], [[9.0, 7.2], [7.2, 9.0]], size=20_000).T
    assert of(a, b).variance_reduction == pytest.approx(1 / (1 - 0.8), rel=0.05)


@pytest.mark.parametrize("half_width", [0.5, 3.0, 8.0, 40.0])
def test_as_many_pairs_as_needed_and_not_one_more(half_width: float) -> None:
    found = of(A, B)
    n = found.pairs_needed(half_width)
    spread = (B - A).std(ddof=1)

    def half(pairs: int) -> float:
        return float(stats.t.ppf(0.95, pairs - 1) * spread / math.sqrt(pairs))

    assert n is not None
    assert half(n) <= half_width
    assert n == 2 or half(n - 1) > half_width


def test_a_precision_is_a_share_or_a_number() -> None:
    assert read_precision("5%") == (0.05, True)
    assert read_precision(" 20 ") == (20.0, False)
    assert read_precision(3.5) == (3.5, False)
    for wrong in ("", "x", "-5%", "0", "nan", "inf"):
        with pytest.raises(ScenarioError, match="write"):
            read_precision(wrong)

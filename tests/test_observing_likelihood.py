"""Likelihoods against closed forms and integrals, in far tails, and reports replicated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from bordersim.errors import BordersimError
from bordersim.observing import (
    MISSING,
    Target,
    Targets,
    log_likelihood,
    log_likelihood_terms,
    log_predictive_terms,
    natural_scale,
    nuisance_defaults,
    nuisance_draws,
    nuisance_priors,
    predict,
    targets,
    working_scale,
)
from bordersim.observing.forms import log_interval_mass, log_negative_binomial
from bordersim.observing.nuisances import Nuisance

REPORTS = targets()
MIDDLE = nuisance_defaults()
BOUNDED = np.isfinite(REPORTS.reported_low)
LOWER = np.where(BOUNDED, REPORTS.reported_low, REPORTS.reported_high)
REPORTED = natural_scale((LOWER + REPORTS.reported_high) / 2, REPORTS)

positive = st.floats(1e-3, 1e6)
sds = st.floats(0.02, 2.0)


def target(name: str) -> Target:
    return REPORTS[REPORTS.ids.index(name)]


def term(one: Target, figure: float, variance: float = 0.0, **changed: float) -> float:
    return float(log_likelihood_terms([figure], [one], MIDDLE | changed, variance)[0, 0])


@settings(deadline=None)
@given(st.integers(0, 5000), st.floats(0.5, 5000), st.floats(0.01, 1.0))
def test_negative_binomial_is_scipys(count: int, mean: float, tau: float) -> None:
    size = 1 / tau**2
    expected = stats.nbinom.logpmf(count, size, size / (size + mean))
    assert log_negative_binomial(count, mean, tau**2) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_negative_binomial_has_its_variance_and_adds_up() -> None:
    counts = np.arange(0, 4000)
    mass = np.exp(log_negative_binomial(counts, 600.0, 0.1**2))
    assert mass.sum() == pytest.approx(1)
    assert mass @ counts == pytest.approx(600)
    assert mass @ (counts - 600.0) ** 2 == pytest.approx(600 + 60**2)


def test_without_dispersion_a_count_is_poisson() -> None:
    counts = np.arange(50, 150)
    poisson = stats.poisson.logpmf(counts, 100)
    np.testing.assert_allclose(log_negative_binomial(counts, 100.0, 1e-12), poisson, atol=1e-4)


def test_a_count_of_arrivals_has_the_variance_of_the_emulator_too() -> None:
    size = 1 / (0.1**2 + 0.02)
    expected = stats.nbinom.logpmf(1502, size, size / (size + 1700))
    got = term(target("arrivals.2012"), 1700, variance=0.02, **{"arrivals.discrepancy": 0.1})
    assert got == pytest.approx(expected)


@settings(deadline=None)
@given(st.floats(-8, 8), st.floats(0.01, 4), st.floats(-8, 8), sds)
def test_interval_mass_is_scipys(low: float, width: float, mean: float, sd: float) -> None:
    high = low + width
    a, b = (low - mean) / sd, (high - mean) / sd
    if min(abs(a), abs(b)) > 30 and a * b > 0:
        return  # scipy's difference of probabilities has nothing left there
    lower_tail = stats.norm.cdf(b) - stats.norm.cdf(a)
    upper_tail = stats.norm.sf(a) - stats.norm.sf(b)
    expected = np.log(lower_tail if a + b < 0 else upper_tail)
    assert log_interval_mass(low, high, mean, sd) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_interval_mass_is_an_integral() -> None:
    whole, _ = integrate.quad(lambda x: stats.norm.pdf(x, 1.4, 0.35), np.log(4), np.log(5))
    assert np.exp(log_interval_mass(np.log(4), np.log(5), 1.4, 0.35)) == pytest.approx(whole)


def test_open_sides_are_tails() -> None:
    assert log_interval_mass(-np.inf, 0.3, 1.0, 0.5) == pytest.approx(stats.norm.logcdf(-1.4))
    assert log_interval_mass(0.3, np.inf, 1.0, 0.5) == pytest.approx(stats.norm.logsf(-1.4))
    assert log_interval_mass(-np.inf, np.inf, 1.0, 0.5) == 0


def test_narrow_intervals_are_densities() -> None:
    log_mass = log_interval_mass(0.2, 0.2 + 1e-9, 0.5, 0.3)
    assert log_mass == pytest.approx(stats.norm.logpdf(0.2, 0.5, 0.3) + np.log(1e-9), abs=1e-5)


@settings(deadline=None)
@given(st.floats(-1e7, 1e7), st.floats(1e-3, 10), st.floats(0.02, 2))
def test_far_tails_are_finite_and_fall(mean: float, width: float, sd: float) -> None:
    here = log_interval_mass(0.0, width, mean, sd)
    step = 1.0 if mean > width / 2 else -1.0
    further = log_interval_mass(0.0, width, mean + step, sd)
    assert np.isfinite(here)
    assert here <= 0
    assert further <= here


@pytest.mark.parametrize("mean", [1e7, -1e7])
def test_a_narrow_interval_far_out_keeps_its_width(mean: float) -> None:
    # in standard deviations its ends are the same number
    log_mass = float(log_interval_mass(0.0, 1e-10, mean, 0.1))
    expected = stats.norm.logpdf(0.0, mean, 0.1) + np.log(1e-10)
    assert log_mass == pytest.approx(expected, rel=1e-12)


def test_a_fee_is_an_interval_in_money_of_its_day_with_spread_and_bias() -> None:
    spread, bias = 0.4, 0.15
    got = term(target("S1.fee_2010"), 8.0, 0.01, **{"fees.spread": spread, "fees.bias_river": bias})
    centre, sd = np.log(8.0) + bias, np.hypot(spread, 0.1)
    expected = np.log(stats.norm.cdf(np.log(5), centre, sd) - stats.norm.cdf(np.log(4), centre, sd))
    assert got == pytest.approx(expected)


def test_the_bias_of_a_single_report_is_integrated_out() -> None:
    one, spread = target("fee.2014-07.border"), 0.3
    ends = np.log([one.low, one.high])

    def given_bias(bias: float) -> float:
        centre = np.log(6.0) + bias
        inside = np.diff(stats.norm.cdf(ends, centre, spread))[0]
        return float(inside * stats.norm.pdf(bias, 0, 0.2))

    whole, _ = integrate.quad(given_bias, -2, 2)
    assert term(one, 6.0, **{"fees.spread": spread}) == pytest.approx(np.log(whole), rel=1e-6)


def test_an_upper_end_is_one_sided() -> None:
    one = target("fee.2008-08")
    assert term(one, 0.01) == pytest.approx(0, abs=1e-6)
    assert term(one, one.high) == pytest.approx(np.log(0.5))
    assert term(one, 10 * one.high) < -10


def test_a_share_of_women_has_discrepancy_and_counting_noise() -> None:
    one, share = target("women.2000"), 0.5
    sd = np.sqrt(0.25**2 + 1 / (312 * share * (1 - share)) + 0.03)
    expected = stats.norm.logpdf(special.logit(132 / 312), special.logit(share), sd)
    got = term(one, share, variance=0.03, **{"women.discrepancy": 0.25})
    assert got == pytest.approx(expected)


def test_a_share_of_arrivals_is_not_of_an_exact_expectation() -> None:
    assert term(target("homes.1998-2024"), 26045 / 33821) == pytest.approx(
        stats.norm.logpdf(0, 0, 0.15), abs=1e-6
    )


def test_every_report_is_likeliest_near_itself() -> None:
    best = log_likelihood_terms(REPORTED, REPORTS, MIDDLE)[0]
    for sign in (-1, 1):
        last = best
        for step in (0.4, 0.8, 1.6, 3.2):
            wrong = natural_scale(working_scale(REPORTED, REPORTS) + sign * step, REPORTS)
            worse = log_likelihood_terms(wrong, REPORTS, MIDDLE)[0]
            assert (worse < last)[BOUNDED].all()
            assert ((worse > last) == (sign < 0))[~BOUNDED].all()
            last = worse


def test_terms_add_up_and_rows_do_not_touch_one_another() -> None:
    rng = np.random.default_rng(3)
    working = working_scale(REPORTED, REPORTS) + rng.normal(0, 0.3, (6, len(REPORTS)))
    figures = natural_scale(working, REPORTS)
    nuisances = nuisance_draws(6, rng, REPORTS)
    variance = rng.uniform(0, 0.05, figures.shape)
    terms = log_likelihood_terms(figures, REPORTS, nuisances, variance)
    assert terms.shape == figures.shape
    total = log_likelihood(figures, REPORTS, nuisances, variance)
    np.testing.assert_allclose(total, terms.sum(axis=1))
    row = {name: values[4] for name, values in nuisances.items()}
    alone = log_likelihood_terms(figures[4], REPORTS, row, variance[4])
    np.testing.assert_allclose(alone[0], terms[4])
    for at in (0, 20, 45, 60):
        single = log_likelihood_terms(figures[:, [at]], [REPORTS[at]], nuisances, variance[:, [at]])
        np.testing.assert_allclose(single[:, 0], terms[:, at])
    np.testing.assert_array_equal(
        log_predictive_terms(figures, REPORTS, nuisances, variance), terms
    )


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([0.0, 1e-300, 1e-9, 1.0, 1e9, 1e30]), st.sampled_from([0.0, 1e-6, 10.0]))
def test_any_finite_figure_has_a_finite_likelihood(figure: float, variance: float) -> None:
    figures = np.where(REPORTS.is_logit, min(figure, 1.0), figure)
    terms = log_likelihood_terms(figures, REPORTS, MIDDLE, variance)
    assert np.isfinite(terms).all()


def test_nothing_to_measure_is_unlikely_but_defined() -> None:
    figures = np.full(len(REPORTS), np.nan)
    assert log_likelihood(figures, REPORTS, MIDDLE)[0] == MISSING * len(REPORTS)


@settings(deadline=None)
@given(st.lists(positive, min_size=2, max_size=2))
def test_the_working_scale_is_undone(values: list[float]) -> None:
    some = Targets([target("arrivals.2012"), target("women.2012")])
    figures = np.array([max(values[0], 0.5), min(max(values[1] % 1, 0.001), 0.999)])
    np.testing.assert_allclose(natural_scale(working_scale(figures, some), some), figures)


def test_zero_counts_as_the_floor_and_nan_stays() -> None:
    some = Targets([target("arrivals.1998"), target("women.2012"), target("fee.2006")])
    working = working_scale([[0.0, 0.0, np.nan], [0.2, 1.0, 0.0]], some)
    assert working[0, 0] == working[1, 0] == np.log(0.5)
    assert working[:, 1] == pytest.approx(special.logit([0.001, 0.999]))
    assert np.isnan(working[0, 2])
    assert np.isfinite(working[1, 2])


@pytest.mark.parametrize("prior", nuisance_priors(), ids=lambda prior: prior.name)
def test_priors_of_nuisances_are_distributions(prior: Nuisance) -> None:
    whole, _ = integrate.quad(lambda x: float(np.exp(prior.log_density(x))), prior.low, prior.high)
    assert whole == pytest.approx(1)
    below, _ = integrate.quad(
        lambda x: float(np.exp(prior.log_density(x))), prior.low, float(prior.from_unit(0.3))
    )
    assert below == pytest.approx(0.3)
    assert prior.log_density(prior.high + 0.01) == -np.inf
    assert prior.from_unit([0.0, 1.0]) == pytest.approx([prior.low, prior.high])


def test_mistakes_in_a_call_are_told() -> None:
    fees = Targets([target("S1.fee_2010")])
    with pytest.raises(BordersimError, match="no value for the nuisance fees"):
        log_likelihood([8.0], fees, {"fees.spread": 0.3})
    with pytest.raises(BordersimError, match="one number or 1"):
        log_likelihood([8.0], fees, MIDDLE | {"fees.spread": [0.3, 0.4]})
    with pytest.raises(BordersimError, match=r"shape \(1, 2\) for 1 targets"):
        log_likelihood([8.0, 9.0], fees, MIDDLE)


def test_replicated_reports_have_the_spread_of_the_likelihood() -> None:
    names = (
        "arrivals.2012",
        "women.2012",
        "S1.fee_2010",
        "stock.2010",
        "2012-Q1",
        "homes.1998-2024",
    )
    some = Targets([t for t in REPORTS if t.id.endswith(names)])
    true = np.array([{"count": 900.0, "share": 0.6}.get(t.form, 3.0) for t in some])
    n = 20_000
    figures = np.tile(true, (n, 1))
    reports = predict(figures, some, np.random.default_rng(1), MIDDLE)
    working = working_scale(reports, some)
    for at, one in enumerate(some):
        spread = np.hypot(MIDDLE.get(one.spread, 0.0), one.extra)
        counted = 1 / 900 if one.form == "count" else 0.0
        if one.trials:
            counted = 1 / (one.trials * 0.24)
        assert working[:, at].std() == pytest.approx(np.sqrt(spread**2 + counted), rel=0.04), one.id
        assert np.median(reports[:, at]) == pytest.approx(true[at], rel=0.02), one.id


def test_biases_and_unknown_nuisances_widen_replicated_reports() -> None:
    fees = Targets([target("S1.fee_2010"), target("fee.2015")])
    figures = np.full((4000, 2), 8.0)
    rng = np.random.default_rng(2)
    biased = predict(figures, fees, rng, MIDDLE | {"fees.bias_river": 0.5})
    assert np.median(biased) == pytest.approx(8 * np.exp(0.5), rel=0.03)
    drawn = np.log(predict(figures, fees, rng))
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(0.2**2 + 0.375**2 + 0.0052), rel=0.06)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.2**2 / drawn[:, 0].var(), abs=0.06)


def test_without_report_error_only_counting_is_left() -> None:
    some = Targets([target("arrivals.2012"), target("women.2012"), target("S1.fee_2010")])
    figures = np.tile([400.0, 0.6, 8.0], (5000, 1))
    rng = np.random.default_rng(4)
    counted = predict(figures, some, rng, report_error=False)
    assert counted.std(axis=0)[:2] == pytest.approx([20, np.sqrt(0.24 / 1502)], rel=0.05)
    np.testing.assert_allclose(counted[:, 2], 8.0)
    exact = predict(figures, some, rng, report_error=False, count_noise=False)
    np.testing.assert_allclose(exact, figures)


def test_replicated_reports_are_decided_by_the_generator_and_keep_nan() -> None:
    figures = np.tile(REPORTED, (3, 1))
    figures[1, [0, 30, 50]] = np.nan
    first, again = (predict(figures, REPORTS, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(np.isnan(first), np.isnan(figures))


def test_a_hold_out_is_scored_without_being_fitted() -> None:
    held = targets("validate")
    year = next(t for t in held if t.id == "arrivals.2016")
    same = replace(year, use="calibrate")
    score = log_predictive_terms([1400.0], Targets([year]), MIDDLE)
    assert score == log_likelihood_terms([1400.0], [same], MIDDLE)

"""Each equation against values worked out by hand, and its limits; the findings marked [!].

Equations are called as kernels call them, with floats. Numbers in the expected values
are arithmetic, not output.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_worlds import busy, laws
from scipy import stats

from bordersim._jit import kernel
from bordersim.agents.beliefs import updated_belief
from bordersim.agents.clocks import (
    clock,
    meeting_rate,
    not_settled,
    onward_hazard,
    route_risk,
    still_at_border_probability,
)
from bordersim.agents.custody import death_probability, term_months
from bordersim.agents.guards import (
    accept_utility,
    arrest_utility,
    betray_utility,
    bribes_in_lookback,
    goods_probability,
    has_taken,
    inspection_probability,
    offer_response,
    poisson_from,
    punishment_probability,
    reservation_bribe,
    traded_bribe,
)
from bordersim.agents.informants import (
    help_utility,
    months_of_income,
    report_utility,
    seize_utility,
)
from bordersim.agents.residents import (
    again_effect,
    base_intensity,
    case_intensity,
    hardship_pressure,
    hire_utility,
    kin_effect,
    personal_risk,
    sex_factor,
)
from bordersim.agents.river import (
    border_works,
    detection_exponent,
    drowning_probability,
    guards_effort,
)
from bordersim.agents.south import official_probability
from bordersim.agents.traffickers import (
    chinese_part,
    crossing_cost,
    entry_probability,
    exit_probability,
    income_outside,
    next_markup,
    posted_fee,
    route_opening,
)
from bordersim.agents.traits import tolerance, wealth
from bordersim.bookkeeping import from_grid, thousand, to_grid
from bordersim.codes import Offer
from bordersim.rng import Stream, draw, month_key
from bordersim.state import LOG_MONTHS

LAWS = laws()
ALARM = 1e-5


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-12)


# ---------------------------------------------------------------- residents


def test_hardship() -> None:
    assert hardship_pressure(1.0, 1.0, 1.0, 0.8, 0.0) == 1.0
    assert hardship_pressure(0.5, 0.8, 0.45, 0.8, 0.5) == close(0.5 * 0.8 * 0.45 * 0.6)
    assert hardship_pressure(1.0, 1.0, 1.0, 0.8, 1.5) == 0.0  # never below nothing


def test_women_against_men() -> None:
    assert sex_factor(-0.8, 3.0, 0.3, 0.0) == close(math.exp(-0.8))
    assert sex_factor(-0.8, 3.0, 0.3, 0.3) == close(math.exp(-0.8 + 1.5))
    assert sex_factor(-0.8, 3.0, 0.3, 1e9) == pytest.approx(math.exp(2.2))
    assert sex_factor(0.0, 0.0, 0.3, 0.5) == 1.0


def test_intensity_of_considering() -> None:
    assert base_intensity(-9.0, 6.0, 0.5, 1.3, 0.8) == close(math.exp(-9.0 + 3.0) * 1.3 * 0.8)
    # factors are exponentials of the effects that the parameters give in logs
    one = base_intensity(-9.0, 6.0, 0.5, math.exp(0.3), math.exp(-0.2))
    assert one == close(math.exp(-9.0 + 3.0 + 0.3 - 0.2))
    assert case_intensity(0.001, 0.15, 0.1) == close(0.001 * 0.15 * 0.1)
    assert official_probability(0.0011, 0.1) == close(0.00011)


def test_kin_in_the_south_and_earlier_attempts() -> None:
    for effect in (kin_effect, again_effect):
        assert effect(2.0, 144.0, 0.0) == 2.0
        assert effect(2.0, 144.0, 144.0) == close(1.0)  # a half-life later
        assert effect(2.0, 144.0, 432.0) == close(0.25)
        assert effect(0.0, 144.0, 12.0) == 0.0


def test_own_experience_counts_beside_hearsay() -> None:
    assert personal_risk(0.1, 20.0, 3.0, 0.0, 0.0) == close(0.1)
    assert personal_risk(0.1, 20.0, 3.0, 1.0, 1.0) == close((2.0 + 3.0) / 23.0)
    assert personal_risk(0.1, 20.0, 3.0, 2.0, 0.0) == close(2.0 / 26.0)
    assert personal_risk(0.1, 20.0, 3.0, 250.0, 250.0) < 1.0


def test_utility_of_an_offer() -> None:
    assert hire_utility(1.0, 2.0, 5.0, 10.0, 0.3) == close(1.0 + 2.0 * math.log(0.5) - 0.3)
    # [!] a fee that reaches the budget is infeasible, not merely unpleasant
    near = [hire_utility(1.0, 1.0, 10.0 * (1.0 - e), 10.0, 0.0) for e in (1e-3, 1e-6, 1e-12)]
    assert near[0] > near[1] > near[2]
    assert near[2] < -25.0


def test_wealth_and_tolerance() -> None:
    assert wealth(0.5, 1.0, 1.8, 1.0, 0.0, 0.0) == close(0.5)
    assert wealth(0.5, 1.0, 1.8, 0.0, 0.1, 2.0) == close(0.5 * math.exp(0.1 - 1.8 + 2.0))
    assert tolerance(0.3, 0.0) == 1.0
    assert tolerance(0.3, -1.0) == close(math.exp(-0.3))


# ---------------------------------------------------------------- beliefs


def test_a_belief_follows_what_becomes_known() -> None:
    pull = 1.0 - 2.0 ** (-1.0 / 9.0)
    assert updated_belief(0.2, 0, 0, 9.0, 20.0) == 0.2
    assert updated_belief(0.2, 20, 10, 9.0, 20.0) == close(0.2 + pull * 0.3)
    assert updated_belief(0.2, 5, 0, 9.0, 20.0) == close(0.2 - pull * 0.25 * 0.2)


def test_beliefs_do_not_learn_faster_in_a_bigger_nation() -> None:
    # [!] the same share caught, known from 20 outcomes or from 20 million
    assert updated_belief(0.1, 20, 8, 9.0, 20.0) == updated_belief(
        0.1, 20_000_000, 8_000_000, 9.0, 20.0
    )
    # after nine months of certainty half the way is gone, however many are seen
    belief = 0.0
    for _ in range(9):
        belief = updated_belief(belief, 10_000, 10_000, 9.0, 20.0)
    assert belief == close(0.5)


# ---------------------------------------------------------------- traffickers


def test_cost_and_fee() -> None:
    assert chinese_part(0.02, 110.0, 0.3, 0.5, 0.01, 1.0) == close(0.02)
    assert chinese_part(0.02, 110.0, 0.3, 0.5, 0.01, 0.5) == close(0.02 + 0.5 * (1.1 + 0.15))
    assert crossing_cost(1.0, 0.5, 0.1, 0.02, 6.0, 0.0) == close(1.72)
    assert crossing_cost(1.0, 0.5, 0.1, 0.02, 6.0, 0.7) == close(1.72 + 1.05)
    assert posted_fee(2.0, 0.0) == 2.0
    assert posted_fee(2.0, 0.5) == close(2.0 * math.exp(0.5))


def test_markups_stay_within_their_bounds() -> None:
    # [!] without bounds and pull-back the markup ran to 15
    law = LAWS.trafficker
    for crowding, limit in ((2.0, law.markup_high), (0.0, law.markup_low)):
        markup = 0.5
        for _ in range(1000):
            markup = next_markup(markup, crowding, law)
            assert law.markup_low <= markup <= law.markup_high
        centre = law.markup_centre + (law.markup_gain / law.markup_pull) * (
            crowding - law.markup_target
        )
        assert markup == close(min(max(centre, law.markup_low), law.markup_high))
        assert abs(markup - limit) < 0.35
    assert next_markup(0.5, law.markup_target, law._replace(markup_centre=0.5)) == close(0.5)


def test_entry_and_exit_are_soft() -> None:
    # [!] with hard thresholds the market collapsed to one seller a sector
    assert entry_probability(0.03, 0.4, 0.4, 0.5) == close(0.015)
    assert exit_probability(0.10, 0.4, 0.4, 0.5) == close(0.05)
    assert entry_probability(0.03, 0.8, 0.4, 0.5) == close(0.03 / (1.0 + math.exp(-2.0)))
    assert exit_probability(0.10, 0.0, 0.4, 0.5) == close(0.10 / (1.0 + math.exp(-2.0)))
    assert 0.0 < entry_probability(0.03, -2.0, 0.4, 0.5) < 0.03 / 1000
    assert 0.0 < exit_probability(0.10, 3.0, 0.4, 0.5) < 0.10 / 1000
    assert income_outside(0.4, 1.8, 1.0) == close(0.4)
    assert income_outside(0.4, 1.8, 0.5) == close(0.4 * math.exp(-0.9))


# ---------------------------------------------------------------- guards


def test_reservation_and_trade() -> None:
    assert reservation_bribe(0.05 * 30.0, 0.3 * 1.5, -0.4) == close(1.5 + 0.45 - 0.4)
    assert traded_bribe(1.0, 3.0, 0.25, 0.01) == close(0.75 + 0.75)
    assert traded_bribe(-1.0, 0.5, 0.25, 0.01) == 0.01  # a keen guard still gets the least
    assert traded_bribe(3.0, 3.0, 0.25, 0.01) == close(3.0)
    for reservation in (0.0, 0.5, 2.0):
        paid = traded_bribe(reservation, 2.0, 0.3, 0.01)
        assert reservation <= paid <= 2.0


def test_each_further_bribe_adds_risk() -> None:
    assert punishment_probability(0.15, 0) == 0.0
    assert punishment_probability(0.15, 1) == close(0.15)
    assert punishment_probability(0.15, 3) == close(1.0 - 0.85**3)
    chances = [punishment_probability(0.15, n) for n in range(60)]
    assert (np.diff(chances) > 0).all()
    assert chances[-1] < 1.0


def test_inspections() -> None:
    assert inspection_probability(0.02, 0.5, 1.55, 0.0) == close(0.0155)
    assert inspection_probability(0.02, 0.5, 1.55, 2.0) == close(0.0465)
    assert inspection_probability(0.5, 1.0, 1.55, 2.0) == 1.0
    assert inspection_probability(0.5, 0.0, 1.55, 2.0) == 0.0


def test_bribes_are_remembered_by_month() -> None:
    taken = np.zeros((2, LOG_MONTHS), np.uint8)
    for month, bribes in ((50, 1), (60, 2), (99, 4), (100, 8)):
        taken[1, month % LOG_MONTHS] = bribes
    # the month itself does not count, twelve months before it do, and the other guard's never
    assert bribes_in_lookback(taken, 1, 100, 1) == 4
    assert bribes_in_lookback(taken, 1, 100, 39) == 4
    assert bribes_in_lookback(taken, 1, 100, 40) == 6
    assert bribes_in_lookback(taken, 1, 100, 50) == 7
    assert bribes_in_lookback(taken, 0, 100, 50) == 0


def test_a_taker_is_one_with_any_bribe_in_the_lookback() -> None:
    rng = np.random.default_rng(1)
    taken = (rng.random((40, LOG_MONTHS)) < 0.03).astype(np.uint8)
    found = []
    for g in range(40):
        for month in (0, 1, 5, 63, 64, 200):
            for lookback in (1, 6, 24, 60, LOG_MONTHS):  # the lever goes to 60
                one = has_taken(taken, g, month, lookback)
                assert one == (bribes_in_lookback(taken, g, month, lookback) > 0)
                found.append(one)
    assert 0.2 < np.mean(found) < 0.8


def test_the_log_of_bribes_is_longer_than_any_lookback() -> None:
    assert busy().catalogue["guards.lookback_months"].high <= LOG_MONTHS - 1


def test_goods_and_their_number() -> None:
    assert goods_probability(0.5, 0.3, 0.2, 0.3) == close(0.5)
    assert goods_probability(0.05, 3.0, -0.4, 0.3) < 0.001
    counts = np.array([poisson_from(u, 1.0) for u in (np.arange(20_000) + 0.5) / 20_000])
    assert counts.mean() == pytest.approx(1.0, abs=1e-3)
    assert counts.var() == pytest.approx(1.0, abs=5e-3)
    assert poisson_from(1.0 - 1e-16, 5.0) == 15


@kernel
def count_answers(out, accept, arrest, betray, opened, scale):
    """Answers of as many guards as the total wanted."""
    key = month_key(1, Stream.GUARD_CHOICE, 7)
    for k in range(200_000):
        out[offer_response(accept, arrest, betray, opened, scale, draw(key, k))] += 1


@pytest.mark.parametrize("opened", [True, False])
def test_a_guard_chooses_by_the_logit(opened: bool) -> None:
    utilities = {Offer.REFUSE: 0.0, Offer.ACCEPT: 0.4, Offer.ARREST: -0.3, Offer.BETRAY: 0.1}
    out = np.zeros(len(Offer), np.int64)
    count_answers(out, 0.4, -0.3, 0.1, opened, 0.3)
    weights = np.array([math.exp(utilities[offer] / 0.3) for offer in Offer])
    if not opened:
        assert out[Offer.BETRAY] == 0
        weights = np.delete(weights, Offer.BETRAY)
        out = np.delete(out, Offer.BETRAY)
    assert stats.chisquare(out, weights / weights.sum() * out.sum()).pvalue > ALARM


def test_betrayal_does_not_dominate() -> None:
    assert accept_utility(1.5, 0.6, -0.4) == close(1.3)
    assert arrest_utility(1.5, -0.4, 0.6) == close(0.5)
    assert betray_utility(0.5, 2.0, 1.5, -0.4, 1.8, 0.5, 0.6) == close(1.0 + 1.5 - 0.4 - 2.9)
    # [!] with a reward like that of 2013 at the going bribe of the time, the link's worth
    # and the chance of exposure keep most guards from it; without them nearly all betray
    bribe, reward, loss = 3.0, 1.5, 30.0
    law = LAWS.guard._replace(prepaid=0.5, exposure=0.05, link_crossings=0.9, arrest_effort=0.6)
    accept = accept_utility(bribe, 0.07 * loss, -0.4)
    share = {}
    for name, worth, exposure in (
        ("stated", bribe * law.link_crossings, law.exposure * loss), ("careless", 0.0, 0.0)
    ):  # fmt: skip
        betray = betray_utility(
            law.prepaid, bribe, reward, -0.4, worth, exposure, law.arrest_effort
        )
        out = np.zeros(len(Offer), np.int64)
        count_answers(
            out, accept, arrest_utility(reward, -0.4, law.arrest_effort), betray, True, 0.3
        )
        share[name] = out[Offer.BETRAY] / out.sum()
    assert share["stated"] < 0.01
    assert share["careless"] > 0.6


# ---------------------------------------------------------------- the river


def test_the_watch_on_the_river() -> None:
    law = LAWS.river._replace(camera_effect=3.0, wire_effect=1.0, closure_effect=10.0)
    assert border_works(law, 0.0, 0.0, 0.0) == 1.0
    assert border_works(law, 0.5, 0.2, 0.1) == close(1.0 + 1.5 + 0.2 + 1.0)
    assert guards_effort(0.3, 1.5, 8.0, 0.05) == close(1.85)
    assert detection_exponent(0.12, 1.5, 1.85, 3.7, 1.1) == close(0.12 * 1.5 * 1.85 * 3.7 * 1.1)
    assert drowning_probability(0.0015, 2.0, 1.9, 0.3) == close(0.0015 * 2.0 * 1.9 * 0.3)
    assert drowning_probability(0.9, 2.0, 1.9, 1.0) == 1.0


# ---------------------------------------------------------------- China


def test_the_way_onward() -> None:
    # C4 at the middle of the opening, with the elasticity on settlement cash
    assert onward_hazard(0.0001, 0.0241, 0.5, 1.0, 0.7, 1.0, 1.0) == close(0.0121)
    assert onward_hazard(0.0, 0.02, 1.0, 2.0, 0.7, 0.5, 1.1) == close(0.02 * 2**0.7 * 0.5 * 1.1)
    assert onward_hazard(0.0, 0.02, 1.0, 0.0, 0.7, 1.0, 1.0) == 0.0
    law = LAWS.onward._replace(onward_middle=125.0, onward_width=17.0, onward_flat_after=372.0)
    assert route_opening(law, 125) == close(0.5)
    assert route_opening(law, 142) == close(1.0 / (1.0 + math.exp(-1.0)))
    flat = law._replace(onward_flat_after=156.0)
    assert route_opening(flat, 300) == route_opening(flat, 156) == route_opening(law, 156)


def test_life_in_china() -> None:
    assert meeting_rate(0.35, 1.8, 0.35, 0.5, 1.2) == close(0.35 * 1.8 * 0.35 * 0.5 * 1.2)
    assert route_risk(0.01, 3.0) == close(1.0 - math.exp(-0.03))
    assert still_at_border_probability(14.0, 14.0) == close(math.exp(-1.0))
    assert not_settled(0.0, 24.0) == 1.0
    assert not_settled(24.0, 24.0) == close(0.5)


@kernel
def fill_clocks(out, rate):
    """Clocks of many people."""
    key = month_key(1, Stream.HAZARD, 9)
    for k in range(out.shape[0]):
        out[k] = clock(draw(key, k), rate)


@pytest.mark.parametrize("rate", [0.02, 0.4, 3.0])
def test_a_clock_is_exponential_within_the_month(rate: float) -> None:
    n = 200_000
    out = np.zeros(n)
    fill_clocks(out, rate)
    rang = out < 1.0
    chance = 1.0 - math.exp(-rate)
    assert abs(rang.mean() - chance) < 5 * math.sqrt(chance * (1 - chance) / n)
    # the date within the month: exponential, given that it is this month
    cut = stats.truncexpon(b=rate, scale=1.0 / rate)
    assert stats.kstest(out[rang], cut.cdf).pvalue > ALARM
    assert (out[~rang] == 2.0).all()


def test_informants_weigh_months_of_income() -> None:
    assert months_of_income(0.8, 0.15, 0.3) == close(0.4)
    assert help_utility(-0.6, 1.0, 0.1, 0.3) == close(0.2)
    assert report_utility(-3.2, 0.5, 0.4, 1.0) == close(-3.3)
    assert seize_utility(-6.0, 0.5, 0.4, -1.0) == close(-4.1)


# ---------------------------------------------------------------- custody, money, layers


def test_terms_and_deaths() -> None:
    assert term_months(9.0, 1.0, 0.0) == 1
    assert term_months(9.0, 2.0, 1.0) == 19
    assert death_probability(0.006, 1.0) == close(1.0 - math.exp(-0.006))
    assert death_probability(0.006, 0.0) == 0.0


def test_money_is_rounded_to_the_nearest_thousand_and_shares_to_the_grid() -> None:
    assert [thousand(m) for m in (0.0004, 0.0005, 1.2345, -0.0005, -0.0006)] == [0, 1, 1235, 0, -1]
    assert from_grid(to_grid(0.25)) == 0.25
    assert abs(from_grid(to_grid(0.3)) - 0.3) <= 2.0**-21

"""Structural alternatives: sellers who act as one (T7), guards who look ahead (G6)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from engine_worlds import advanced, busy, laws, mean_level, policy, same_books, total

from bordersim._jit import plain
from bordersim.agents.guards import foreseen_risk
from bordersim.agents.traffickers import (
    agreed_markup,
    in_league,
    next_markup,
    resting_crowding,
)
from bordersim.bookkeeping import from_grid
from bordersim.codes import TraffickerStatus
from bordersim.dates import month_label
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

close = pytest.approx
LAW = laws().trafficker
SCALE, END, CHANGE = 0.1, "2001-12", 48
SAME_SELLERS = {
    "traffickers.start_active": 300,
    "traffickers.entry_rate": 0.001,
    "traffickers.exit_rate": 0.01,
    "traffickers.jail_interception": 0.0,
    "traffickers.jail_betrayal": 0.0,
}
"""As textbooks have it: the number of sellers hardly answers to what they earn."""


@lru_cache(maxsize=8)
def run_of(cartel: float = 0.0, foresight: float = 0.0, lookback: float = 0.0) -> Run:
    """The busy world; ``lookback`` months from the fifth year on, if given."""
    scenario = busy(SCALE, END)
    switched = {"traffickers.cartel": cartel, "guards.foresight": foresight}
    scenario = scenario.with_parameters({**switched, **SAME_SELLERS})
    return simulate(looking_back(scenario, lookback) if lookback else scenario, 1)


def looking_back(scenario: Scenario, months: float) -> Scenario:
    """The same with inspections that look back so far, from the month CHANGE on."""
    return scenario.add(policy("guards.lookback_months", months, month_label(CHANGE)))


# Equations --------------------------------------------------------------------------------


@pytest.mark.parametrize("cartel", [0.0, 0.5, 1.0])
def test_markup_of_a_cartel(cartel: float) -> None:
    law = LAW._replace(cartel=cartel)
    rest = (1.0 - cartel) * law.markup_target + cartel * law.cartel_target
    assert resting_crowding(law) == close(rest)
    assert next_markup(law.markup_centre, rest, law) == close(law.markup_centre)
    highest = (1.0 - cartel) * law.markup_high + cartel * law.cartel_high
    assert next_markup(5.0, 2.0, law) == close(highest)
    assert in_league(0.3, 1.1, cartel) == close(0.3 + cartel * 0.8)
    assert plain(in_league)(0.3, 1.1, 0.0) == 0.3  # to the last bit


def test_what_is_agreed_is_the_mean_of_those_in_business_in_any_order() -> None:
    _, world = advanced(busy(0.05, "1999-12"), 2, 40)
    sellers = world.traffickers.copy().view(type(world.traffickers))
    active = sellers.status == TraffickerStatus.ACTIVE
    assert 5 < active.sum() < len(sellers)
    mean = float(np.mean([from_grid(int(m)) for m in sellers.markup[active]]))
    agreed = agreed_markup(sellers, 0, len(sellers), LAW)
    assert agreed == close(mean, rel=1e-12)
    shuffled = sellers[np.random.default_rng(1).permutation(len(sellers))]
    assert agreed_markup(shuffled.view(type(sellers)), 0, len(sellers), LAW) == agreed
    sellers.status[:] = TraffickerStatus.JAILED
    assert agreed_markup(sellers, 0, len(sellers), LAW) == LAW.markup_start


def test_chance_of_punishment_over_the_life_of_a_record() -> None:
    risk = plain(foreseen_risk)
    assert risk(0.1, 60, 0.0) == 0.1
    assert risk(0.1, 60, 1.0) == close(1.0 - 0.9**5)
    assert risk(0.1, 60, 0.5) == close(0.5 * 0.1 + 0.5 * (1.0 - 0.9**5))
    assert risk(0.1, 12, 1.0) == close(0.1)
    assert risk(0.1, 6, 1.0) < 0.1 / 2 * 1.1  # half the time, hardly more than half the risk
    for certain in (0.0, 1.0):
        assert risk(certain, 60, 1.0) == certain
    assert risk(np.nextafter(1.0, 2.0), 30, 1.0) <= 1.0  # beliefs may be rounded past 1


# What theory says ---------------------------------------------------------------------------


def test_a_cartel_is_dearer_and_sells_less() -> None:
    """Sellers as many as before: each step towards a cartel raises fees and costs crossings."""
    runs = [run_of(cartel=cartel) for cartel in (0.0, 0.5, 1.0)]
    fees = [total(run, "fee_sum", 24) / total(run, "deals", 24) for run in runs]
    asked = [mean_level(run, "posted_fee", 24) for run in runs]
    deals = [total(run, "deals", 24) for run in runs]
    used = [total(run, "requests", 24) / total(run, "places_offered", 24) for run in runs]
    assert 1.2 * fees[0] < fees[1] < fees[2] / 1.2
    assert asked[0] < asked[1] < asked[2]
    assert 0.9 * deals[0] > deals[2] > 0.0
    assert deals[0] > deals[1] > deals[2]
    assert 1.0 > used[0] > used[1] > used[2]  # places are held back


def test_guards_who_look_ahead_fear_a_longer_record() -> None:
    runs = run_of(lookback=60), run_of(foresight=1.0, lookback=60)
    late = CHANGE + 12
    asked = [mean_level(run, "reservation_bribe", late) for run in runs]
    fees = [total(run, "fee_sum", late) / total(run, "deals", late) for run in runs]
    deals = [total(run, "deals", late) for run in runs]
    assert asked[1] > 1.2 * asked[0] > 0.0
    assert fees[1] > 1.1 * fees[0]
    assert 0.0 < deals[1] < 0.9 * deals[0]
    # what is believed of a year is learnt as before
    believed = [mean_level(run, "perceived_punishment", CHANGE) for run in runs]
    assert believed[1] == close(believed[0], rel=0.2)


def test_looking_ahead_is_not_knowing_what_comes() -> None:
    same_books(run_of(foresight=1.0), run_of(foresight=1.0, lookback=60), CHANGE)


def test_a_lookback_of_a_year_leaves_nothing_to_foresee() -> None:
    same_books(run_of(), run_of(foresight=1.0), CHANGE)

"""Every lever, moved to either end of its range, changes the world, and as theory says.

A busy world runs to 2010-12; in 2006-01 one lever is set. Runs share their luck, and
directions compare the low end with the high end over the sixty months after.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pytest
from engine_worlds import busy, busy_run, mean_level, policy, same_books, total

from bordersim.codes import LEVER_KEYS, OBSERVABLES, Lever
from bordersim.frozen import FrozenMap
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

START = "2006-01"
MONTH = 12 * 11

UP, DOWN = 1, -1

DIRECTIONS: dict[str, dict[str, int]] = {
    "guards.inspection_rate": {
        "inspections": UP, "punishments": UP, "reservation_bribe": UP, "fee_median": UP,
        "crossings": DOWN, "crossings_paid": DOWN,
    },
    "guards.lookback_months": {"punishments": UP, "reservation_bribe": UP, "fee_median": UP},
    "guards.punishment_loss": {"reservation_bribe": UP, "fee_median": UP, "crossings_paid": DOWN},
    "guards.capture_reward": {
        "crossings": DOWN, "crossings_paid": DOWN, "reservation_bribe": UP, "interceptions": UP,
    },
    "guards.betrayal_rewarded": {"betrayals": UP, "crossings_paid": DOWN},
    "guards.rotation_months": {"rotations": DOWN, "crossings_paid": UP},
    "guards.links_broken": {"crossings_paid": DOWN, "turned_back": UP},
    "guards.per_km": {"guards": UP, "interceptions": UP, "crossings": DOWN},
    "guards.inspection_honesty": {"inspections": UP, "punishments": UP, "fee_median": UP},
    "border.camera_coverage": {"crossings": DOWN, "inspections": UP, "interceptions": UP},
    "border.wire_coverage": {"crossings": DOWN, "turned_back": UP},
    "border.pursuit_rate": {"arrests_pursuit": UP, "repatriations": UP},
    "border.shoot_order": {"deaths_shot_river": UP},
    "border.closure": {"crossings": DOWN, "crossings_paid": DOWN, "arrivals": DOWN},
    "custody.severity": {"deaths_custody": UP, "stock_custody": UP},
    "china.patrol_rate": {"arrests_patrol": UP, "chinese_cost_sum": UP, "repatriations": UP},
    "china.bounty_report": {"reports": UP, "arrests_report": UP, "bounty_sum": UP},
    "china.bounty_capture": {"seizures": UP, "arrests_seizure": UP, "bounty_sum": UP},
    "china.helper_fine": {"helps": DOWN, "chinese_cost_sum": UP, "fee_median": UP},
    "china.shoot_on_resist": {"deaths_shot_china": UP},
    "china.tip_response": {"tips_acted_on": UP, "arrests_report": UP},
    "china.local_tolerance": {
        "arrests_report": DOWN, "chinese_cost_sum": DOWN, "fine_sum": DOWN, "fee_median": DOWN,
    },
    "china.refoulement": {"repatriations": UP, "protected": DOWN, "arrivals": DOWN},
    "economy.food_shortage": {"considerers": UP, "attempts_food": UP, "crossings": UP},
    "economy.market_index": {},  # acts both ways: tests of its own below
    "economy.corruption_case_rate": {"arrivals_official": UP, "considerers": UP},
    "economy.exchange_rate": {"bounty_sum": UP, "reports": UP, "helps": DOWN},
    "south.settlement_cash": {"onward_departures": UP, "arrivals": UP},
    "south.onward_capacity": {"onward_departures": UP, "arrivals": UP},
    "south.remittance_allowed": {"remittances": UP},  # what it buys: a test of its own below
    "north.security_budget": {
        "inspections": UP, "punishments": UP, "fee_median": UP, "arrests_pursuit": UP,
        "crossings": DOWN,
    },
    "north.kin_surveillance": {"remittances": DOWN, "considerers": DOWN, "arrivals_with_kin": DOWN},
}  # fmt: skip
"""What rises (UP) or falls (DOWN) when the lever rises, all else equal."""


@lru_cache(maxsize=80)
def moved(key: str, value: float) -> Run:
    """The busy world with one lever set from 2006-01 on."""
    return simulate(busy().add(policy(key, value, START)), 1)


def ends(key: str) -> tuple[float, float]:
    spec = busy().catalogue[key]
    return spec.low, spec.high


def measure(run: Run, observable: str) -> float:
    """Sum over the months after the move, or the mean of a level."""
    level = OBSERVABLES[observable].kind == "level"
    return (mean_level if level else total)(run, observable, MONTH)


def assert_moves(low: float, high: float, sign: int, observable: str, per_agent: float) -> None:
    """A change of a twentieth at least and, for counts, beyond four deviations of their noise."""
    label = f"{observable}: {low:g} at the low end, {high:g} at the high end"
    assert sign * (high - low) > 0.05 * max(abs(low), abs(high)), label
    flow = OBSERVABLES[observable].kind == "flow"
    if flow and OBSERVABLES[observable].unit in ("people", "events"):
        agents = (abs(low) + abs(high)) / per_agent
        assert sign * (high - low) / per_agent > 4.0 * np.sqrt(agents), label


def test_every_lever_has_a_direction_or_says_why_not() -> None:
    assert tuple(DIRECTIONS) == LEVER_KEYS
    assert [key for key, claims in DIRECTIONS.items() if not claims] == ["economy.market_index"]


@pytest.mark.parametrize("key", LEVER_KEYS)
def test_a_lever_at_either_end_changes_what_is_observed(key: str) -> None:
    base, paths = busy_run(), busy().lever_paths()
    for value in ends(key):
        run = moved(key, value)
        same_books(base, run, MONTH)
        there = busy().catalogue[key].slots(busy().places)
        as_before = (paths[MONTH : 12 * 16, LEVER_KEYS.index(key), there] == value).all()
        assert np.array_equal(base.record, run.record) == as_before


@pytest.mark.parametrize("key", [key for key, claims in DIRECTIONS.items() if claims])
def test_a_lever_acts_in_the_direction_of_theory(key: str) -> None:
    low, high = (moved(key, value) for value in ends(key))
    for observable, sign in DIRECTIONS[key].items():
        values = [measure(run, observable) for run in (low, high)]
        assert_moves(*values, sign, observable, 1.0 / busy().scale)


@pytest.mark.parametrize(
    ("key", "ends"),
    [
        # the upper half of a range must matter too: nothing saturates silently
        ("guards.lookback_months", (30.0, 60.0)),
        ("guards.per_km", (12.0, 24.0)),
        ("guards.inspection_rate", (0.1, 0.5)),
        ("border.closure", (0.5, 1.0)),
        ("custody.severity", (2.0, 4.0)),
        ("south.onward_capacity", (1.0, 4.0)),
    ],
)
def test_the_upper_half_of_a_range_matters(key: str, ends: tuple[float, float]) -> None:
    runs = [moved(key, value) for value in ends]
    assert not np.array_equal(runs[0].record, runs[1].record)


def with_markets(index: float, changes: Mapping[str, float], hunger: float) -> Run:
    """The busy world with one level of markets from 2006-01 on, and other laws."""
    scenario = busy().with_parameters(changes).with_settings({"economy.food_shortage": hunger})
    return simulate(scenario.add(policy("economy.market_index", index, START)), 1)


def test_markets_feed_the_poor_so_that_fewer_consider_leaving() -> None:
    # hunger alone: no effect on women's mobility, none on wealth
    alone = {"residents.sex_market": 0.0, "population.wealth_market_slope": 0.0}
    scarce, full = (with_markets(index, alone, 0.8) for index in (0.0, 1.0))
    values = [total(run, "considerers", MONTH) for run in (scarce, full)]
    assert_moves(*values, DOWN, "considerers", 1.0 / busy().scale)
    poor = [run.value("considerers")[MONTH:, :, 1, 0].sum() for run in (scarce, full)]
    assert poor[1] < 0.6 * poor[0]


def test_markets_set_women_moving_so_that_more_consider_leaving() -> None:
    alone = {"residents.buffer": 0.0, "population.wealth_market_slope": 0.0}
    scarce, full = (with_markets(index, alone, 0.3) for index in (0.0, 1.0))
    women, men = (
        [run.value("considerers")[MONTH:, :, sex].sum() for run in (scarce, full)] for sex in (0, 1)
    )
    assert women[1] > 3.0 * women[0]
    assert men[1] < 1.5 * men[0]  # men follow only as kin


def test_markets_make_fees_affordable() -> None:
    # wealth alone: no credit and hardly any money from kin, and the trade's own costs held down
    alone = {
        "residents.buffer": 0.0, "residents.sex_market": 0.0, "population.wealth_market_slope": 2.0,
        "residents.credit_share": 0.0, "residents.kin_money": 1.0,
        "traffickers.operating_cost": 0.0,
    }  # fmt: skip
    scarce, full = (with_markets(index, alone, 0.3) for index in (0.3, 1.0))
    share = [
        total(run, "priced_out", MONTH) / total(run, "considerers", MONTH) for run in (scarce, full)
    ]
    paid = [total(run, "crossings_paid", MONTH) for run in (scarce, full)]
    assert share[1] < 0.85 * share[0]
    assert paid[1] > 1.15 * paid[0]


def test_money_from_kin_pays_for_crossings() -> None:
    # in the busy world most clients find no trafficker with a place, so that more money only
    # raises fees: here fewer consider leaving, those with kin most, and nobody lends
    keen_kin = {"residents.k0_log": -9.0, "residents.k_kin": 2.5, "residents.credit_share": 0.0}
    scenario = busy(0.1).with_parameters(keen_kin)
    barred, free = (
        simulate(scenario.add(policy("south.remittance_allowed", value, START)), 1)
        for value in ends("south.remittance_allowed")
    )
    assert total(free, "unserved", MONTH) < 0.05 * total(free, "attempts_hire", MONTH)
    for name in ("crossings_paid", "arrivals_with_kin"):
        values = [total(run, name, MONTH) for run in (barred, free)]
        assert_moves(*values, UP, name, 1.0 / scenario.scale)


def test_the_data_decide_the_sum() -> None:
    # with hunger at its worst markets keep people at home; without hunger they set people moving
    hungry = {"residents.k_hardship": 7.0, "residents.k0_log": -8.0}
    starving = [with_markets(index, hungry, 1.0) for index in (0.0, 1.0)]
    fed = [with_markets(index, {}, 0.0) for index in (0.0, 1.0)]
    considerers = [[total(run, "considerers", MONTH) for run in pair] for pair in (starving, fed)]
    assert considerers[0][1] < considerers[0][0]
    assert considerers[1][1] > considerers[1][0]


def test_a_lever_of_one_place_moves_that_place_first() -> None:
    run = simulate(
        busy().add(policy("guards.inspection_rate", 0.5, START, places=["tumen_musan"])), 1
    )
    here = run.sectors.index("tumen_musan")
    inspections = run.value("inspections")[MONTH:].sum(axis=0)
    before = busy_run().value("inspections")[MONTH:].sum(axis=0)
    assert inspections[here] > 10 * before[here]
    others = np.arange(len(run.sectors)) != here
    assert inspections[others].sum() < 1.5 * before[others].sum()


def test_the_security_budget_moves_the_levers_it_pays_for_and_no_others() -> None:
    paths = [
        busy().lever_paths(),
        busy().add(policy("north.security_budget", 2, START)).lever_paths(),
    ]
    rose = {
        LEVER_KEYS[lever]
        for lever in range(len(LEVER_KEYS))
        if not np.array_equal(paths[0][:, lever], paths[1][:, lever])
    }
    assert rose == {
        "guards.inspection_rate", "guards.capture_reward", "border.pursuit_rate",
        "north.security_budget",
    }  # fmt: skip  # no cameras stand in this world
    after = paths[1][MONTH, Lever.GUARDS_INSPECTION_RATE]
    np.testing.assert_allclose(after, 2 * paths[0][MONTH, Lever.GUARDS_INSPECTION_RATE])


def test_catalogue_and_scenario_agree_on_what_a_lever_is(  # the claims above rest on it
) -> None:
    scenario: Scenario = busy()
    assert isinstance(scenario.catalogue, FrozenMap)
    for key, spec in scenario.catalogue.items():
        assert spec.direction, key
        assert spec.low < spec.high, key

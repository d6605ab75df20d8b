"""Common luck: scenarios with one seed are equal to the bit until they differ."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from engine_worlds import SHIPPED, busy, busy_run, policy, same_books, shipped

from bordersim.codes import LEVER_KEYS, Event, Obs
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate, simulate_world

SCALE = 0.02
LATE = "2012-06"
LATE_MONTH = 12 * 17 + 5

POLICIES = {
    # a famine: layers of thinning that were never needed before
    "more-layers": policy("economy.food_shortage", 1.0, LATE),
    # another number of guards: places taken or left empty
    "more-guards": policy("guards.per_km", 24, LATE),
    "fewer-guards": policy("guards.per_km", 2, LATE),
    "links-broken": policy("guards.links_broken", 1.0, LATE, until=LATE),
    "fewer-returns": policy("china.refoulement", 0.5, LATE),
    "no-onward-route": policy("south.onward_capacity", 0.0, LATE),
    "more-cases": policy("economy.corruption_case_rate", 0.05, LATE),
    "ramped-closure": policy("border.closure", 1.0, LATE, ramp="24 months"),
}


@lru_cache(maxsize=8)
def history(name: str) -> Run:
    """A shipped scenario, small."""
    return simulate(small(name), 1)


@lru_cache(maxsize=8)
def small(name: str) -> Scenario:
    return shipped(name).scaled(SCALE)


def first_difference(one: Run, other: Run) -> int:
    """First month in which two records or ledgers differ; the shorter span if none."""
    months = min(one.n_months, other.n_months)
    for month in range(months):
        if not np.array_equal(one.record[month], other.record[month]):
            return month
        if not np.array_equal(one.ledger[month], other.ledger[month]):
            return month
    return months


@pytest.mark.parametrize("change", POLICIES)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_policy_leaves_every_month_before_it_as_it_was(name: str, change: str) -> None:
    before, after = history(name), simulate(small(name).add(POLICIES[change]), 1)
    same_books(before, after, LATE_MONTH)
    # so few are left who hire in this small nation that a month without links may change nothing
    assert first_difference(before, after) < before.n_months or change == "links-broken"


def test_a_famine_that_needs_more_layers_leaves_what_was_before() -> None:
    # nobody hungry for years, in the lowest layers; then intensities near the highest
    calm = (
        small("base")
        .with_parameters(
            {
                "residents.k0_log": -10.8,
                "residents.k_hardship": 8.0,
                "residents.buffer": 0.0,
                "residents.sex_base": -0.8,
                "residents.sex_market": 3.0,
            }
        )
        .with_settings({"economy.food_shortage": 0.0})
    )
    before = simulate(calm, 1)
    after = simulate(calm.add(policy("economy.food_shortage", 1.0, LATE)), 1)
    same_books(before, after, LATE_MONTH)
    points = after.record[:, Obs.CANDIDATES].sum(axis=(1, 2, 3))
    # each layer is two to three times as high as the one below
    assert points[LATE_MONTH:].min() > 20 * points[:LATE_MONTH].max()


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in ("base", "historical")])
def test_shipped_scenarios_equal_history_until_they_leave_it(name: str) -> None:
    paths = [small(scenario).lever_paths() for scenario in ("historical", name)]
    differs = int(np.argmax((paths[0] != paths[1]).any(axis=(1, 2))))
    assert differs > 0
    found = first_difference(history("historical"), history(name))
    # the lever moves first, the books follow in the same month or soon after
    last = min(history("historical").n_months, history(name).n_months)
    assert min(differs, last) <= found
    assert found < last or differs >= last


@pytest.mark.parametrize("key", LEVER_KEYS)
def test_an_inert_policy_changes_nothing(key: str) -> None:
    # scaling by one, adding nothing, and a closure that ends before it begins to count
    scenario = busy(0.01, "2000-12")
    inert = scenario.add(
        {"id": "one", "lever": key, "op": "scale", "value": 1, "from": "1996-01"},
        {"id": "two", "lever": key, "op": "add", "value": 0, "from": "1997-01", "ramp": "6 months"},
    )
    run = simulate(inert, 1)
    assert run.digests == busy_run(0.01, "2000-12").digests


def test_a_policy_in_one_sector_reaches_the_other_river_through_people_only() -> None:
    # people who never meet the changed sector keep their luck in the month it changes
    scenario = busy(0.05, "2005-01")
    run = busy_run(0.05, "2005-01")
    changed = simulate(
        scenario.add(policy("border.wire_coverage", 1.0, "2005-01", places=["tumen_onsong"])), 1
    )
    sectors = run.record[120, Obs.SECTOR_CROSSINGS, :, 0, 0]
    after = changed.record[120, Obs.SECTOR_CROSSINGS, :, 0, 0]
    place = run.sectors.index("tumen_onsong")
    assert after[place] < sectors[place]
    rest = np.arange(len(sectors)) != place
    np.testing.assert_array_equal(after[rest], sectors[rest])
    np.testing.assert_array_equal(
        changed.record[120, Obs.CONSIDERERS], run.record[120, Obs.CONSIDERERS]
    )


def test_worsening_one_option_moves_only_those_who_had_chosen_it() -> None:
    # model.md R5: food trips made worse in the last month; nobody else moves
    scenario = busy(0.05, "1999-01")
    before = simulate(scenario, 1, events=True)
    until = simulate_world(scenario, 1, until="1998-12")[1]
    worse = scenario.with_parameters({"residents.gain_food": -2.0})
    after = simulate(worse, 1, from_world=until, events=True)

    def modes(run: Run) -> dict[int, int]:
        assert run.events is not None
        log = run.events
        kinds = (Event.STAYED, Event.WENT_UNAIDED, Event.WENT_FOR_FOOD, Event.HIRED, Event.UNSERVED)
        keep = (log["month"] == 48) & np.isin(log["event"], kinds)
        chosen: dict[int, int] = {}
        for uid, event in zip(log["uid"][keep], log["event"][keep], strict=True):
            # the first event of a client refused by all is what they chose
            chosen.setdefault(int(uid), int(event))
        return chosen

    one, two = modes(before), modes(after)
    assert one.keys() == two.keys()
    moved = {uid for uid in one if one[uid] != two[uid]}
    assert len(moved) > 20
    unserved = {uid for uid in one if Event.UNSERVED in (one[uid], two[uid])}
    assert all(one[uid] == Event.WENT_FOR_FOOD for uid in moved - unserved)

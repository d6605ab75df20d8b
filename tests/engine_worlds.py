"""Small worlds that the tests of the engine share, and what they ask of a run.

``busy`` is a world in which everything happens often: its parameters are pinned
here, so that a new fit of ``parameters.yaml`` moves no threshold of a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bordersim.codes import Status
from bordersim.data_files import scenarios_folder
from bordersim.laws import laws_from
from bordersim.population import World, land_of
from bordersim.results import Run
from bordersim.scenario import Scenario, load
from bordersim.simulation import Engine, simulate
from bordersim.state import (
    Land,
    Month,
    new_heard,
    new_purses,
    new_stock,
    new_tally,
)

SHIPPED = (
    "base",
    "historical",
    "no-crackdown",
    "no-markets",
    "bounty-2016",
    "no-refoulement",
    "closure-2020",
)
"""Every scenario file of the package."""

BUSY_PARAMETERS: dict[str, float] = {
    "residents.k0_log": -7.0,
    "residents.k_hardship": 4.5,
    "residents.k_kin": 1.5,
    "residents.gain": -0.5,
    "residents.gain_food": -0.5,
    "residents.gain_south": 1.0,
    "residents.gain_hire": 3.0,
    "residents.a_fee": 1.0,
    "residents.a_risk": 3.0,
    "residents.case_response": 0.5,
    "residents.sex_base": -0.8,
    "residents.sex_market": 3.0,
    "residents.buffer": 0.8,
    "population.wealth_market_slope": 1.0,
    "river.detection": 0.15,
    "river.inspection_effect": 8.0,
    "river.paid_share": 0.15,
    "river.drowning": 0.005,
    "china.encounter_rate": 0.5,
    "china.return_rate": 0.006,
    "china.trip_stay": 0.1,
    "china.onward_early": 0.00012,
    "china.settle_half_life": 60.0,
    "china.marriage_factor": 0.5,
    "china.package_share": 0.8,
    "china.onward_late": 0.05,
    "china.onward_middle": 100.0,
    "china.onward_width": 12.0,
    "informants.report_base": -3.0,
    "informants.seize_base": -4.0,
    "informants.fine_probability": 0.3,
    "custody.death_rate": 0.01,
    "guards.link_crossings": 0.5,
    "guards.exposure": 0.02,
    "guards.detection_per_bribe": 0.15,
    "traffickers.capacity": 10,
    "traffickers.entry_rate": 0.15,
    "traffickers.jail_months": 6,
    "traffickers.markup_gain": 0.05,
    "traffickers.operating_cost": 0.12,
    "traffickers.penalty": 6.0,
    "traffickers.outside_income": 0.4,
    "traffickers.chinese_loss": 10.0,
    "officials.response": 1.0,
    "china.inland_months": 14,
    "china.onward_kin": 1.0,
    "china.settlement_elasticity": 0.7,
    "guards.announced_weight": 0.5,
    "guards.belief_half_life": 8,
    "guards.camera_inspection": 2.0,
    "residents.belief_half_life": 9,
    "river.reward_effect": 0.3,
    "river.wire_block": 0.35,
}

BUSY_LEVERS: dict[str, float] = {
    "guards.inspection_rate": 0.01,
    "guards.lookback_months": 12,
    "guards.punishment_loss": 10,
    "guards.capture_reward": 1,
    "guards.betrayal_rewarded": 0.5,
    "guards.inspection_honesty": 0.5,
    "border.shoot_order": 0.2,
    "border.pursuit_rate": 0.002,
    "china.patrol_rate": 0.02,
    "china.bounty_report": 500,
    "china.bounty_capture": 500,
    "china.helper_fine": 2000,
    "china.shoot_on_resist": 0.2,
    "china.tip_response": 0.5,
    "china.local_tolerance": 0.4,
    "china.refoulement": 0.7,
    "economy.corruption_case_rate": 0.002,
    "economy.food_shortage": 0.3,
    "north.kin_surveillance": 0.2,
}


def shipped(name: str) -> Scenario:
    """A scenario of the package by name."""
    return load(scenarios_folder() / f"{name}.yaml")


@lru_cache(maxsize=4)
def busy(scale: float = 0.05, end: str = "2010-12") -> Scenario:
    """No history, no drivers worth speaking of, and plenty of everything."""
    settings = {**BUSY_LEVERS, "population.scale": scale, "time.end": end}
    return shipped("base").with_parameters(BUSY_PARAMETERS).with_settings(settings)


@lru_cache(maxsize=4)
def busy_run(scale: float = 0.05, end: str = "2010-12", seed: int = 1) -> Run:
    """The busy world left alone."""
    return simulate(busy(scale, end), seed)


def policy(lever: str, value: float, start: str, **more: object) -> dict[str, object]:
    """A policy that sets a lever from a month on, as a scenario file would say it."""
    return {"id": "moved", "lever": lever, "op": "set", "value": value, "from": start, **more}


def total(run: Run, observable: str, start_month: int = 0) -> float:
    """Sum of an observable over places, people and the months from ``start_month`` on."""
    return float(run.value(observable)[start_month - run.start_month :].sum())


def mean_level(run: Run, observable: str, start_month: int = 0) -> float:
    """Mean over months and the places where there is something to measure."""
    values = run.by_place(observable)[start_month - run.start_month :]
    return float(values[values != 0].mean())


def same_books(one: Run, other: Run, months: int) -> None:
    """Assert that the first ``months`` months of two runs are equal to the bit."""
    np.testing.assert_array_equal(one.record[:months], other.record[:months])
    np.testing.assert_array_equal(one.ledger[:months], other.ledger[:months])


def month_of(
    scenario: Scenario,
    number: int = 0,
    seed: int = 1,
    levers: npt.NDArray[np.float64] | None = None,
) -> Month:
    """An empty month of a scenario, for calling a single kernel."""
    homes = len(scenario.places.homes)
    places = max(homes, len(scenario.places.sectors))
    path = np.ascontiguousarray(scenario.lever_paths())[number] if levers is None else levers
    engine = Engine(scenario, seed)
    record, ledger = engine.blank_books(1)
    assert new_tally(places).shape == record[0].shape
    return Month(
        month=number,
        seed=seed,
        world_seed=scenario.world_seed,
        levers=path,
        tally=record[0],
        heard=new_heard(homes),
        stock=new_stock(homes),
        ledger=ledger[0],
        purses=new_purses(places),
        events=np.zeros((0, 8), np.int64),
        n_events=np.zeros(1, np.int64),
    )


def land(scenario: Scenario) -> Land:
    """Places of a scenario as the kernels see them."""
    return land_of(scenario)


def advanced(scenario: Scenario, seed: int, months: int) -> tuple[Engine, World]:
    """An engine and its world after some months."""
    engine = Engine(scenario, seed, check=True)
    world = engine.first_world()
    for _ in range(months):
        record, ledger = engine.blank_books(1)
        world, _ = engine.step(world, record, ledger)
    return engine, world


def uids_with_status(world: World, *statuses: Status) -> npt.NDArray[np.int64]:
    """Who is in one of the statuses."""
    n = int(world.roster.rows[0])
    wanted = np.isin(world.rows.status[:n], [int(status) for status in statuses])
    return world.rows.uid[:n][wanted]


def laws(changes: Mapping[str, float] | None = None):  # type: ignore[no-untyped-def]
    """Laws of the busy world, with some parameters changed."""
    return laws_from(busy().with_parameters(dict(changes or {})).parameters)

"""Guards of whole runs: how many are inspected, who is willing, what their record says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_worlds import advanced, busy, laws
from scipy import stats

from bordersim.agents.guards import reservation_bribe
from bordersim.bookkeeping import from_grid, thousand
from bordersim.codes import Lever, Obs
from bordersim.scenario import Scenario
from bordersim.simulation import simulate, state_digest
from bordersim.state import LOG_MONTHS

ALARM = 1e-5


def watched(coverage: float) -> Scenario:
    """The busy world with cameras from the first month on."""
    levers = {"border.camera_coverage": coverage, "guards.inspection_rate": 0.05}
    return busy(0.05, "2004-12").with_settings(levers)


@pytest.mark.parametrize("coverage", [0.0, 0.3, 1.0])
def test_posts_under_cameras_are_inspected_more_often(coverage: float) -> None:
    # G3: a covered post multiplies the chance; some ten thousand inspections in ten years
    scenario = watched(coverage)
    run = simulate(scenario, 1)
    value = scenario.parameters.value
    levers = scenario.lever_paths()[0]
    rise = 1.0 + value("guards.camera_inspection") * coverage
    chance = (
        levers[Lever.GUARDS_INSPECTION_RATE][: len(run.sectors)]
        * levers[Lever.GUARDS_INSPECTION_HONESTY][: len(run.sectors)]
        * scenario.places.sector["guard_pressure"]
        * rise
    )
    assert (chance < 1.0).all()
    guards = run.record[:, Obs.GUARDS, : len(run.sectors), 0, 0].sum(axis=0)
    inspections = run.record[:, Obs.INSPECTIONS, : len(run.sectors), 0, 0].sum(axis=0)
    mean = float((guards * chance).sum())
    # posts keep their cameras, so that inspections of a guard are not independent of his last
    spread = math.sqrt(mean * (1.0 + value("guards.camera_inspection")))
    assert abs(inspections.sum() - mean) < stats.norm.isf(ALARM / 2) * spread
    assert mean > 1000


def test_the_willing_are_those_who_ask_no_more_than_the_going_bribe() -> None:
    engine, world = advanced(busy(0.05), 3, 140)
    law, land, month = laws().guard, engine.land, world.month
    going = world.sectors.bribe.copy()
    record, ledger = engine.blank_books(1)
    world, _ = engine.step(world, record, ledger)
    guards, counted = world.guards, record[0, Obs.WILLING_GUARDS, :, 0, 0]
    on_duty = record[0, Obs.GUARDS, :, 0, 0]
    levers = engine.levers[month]
    for s in range(len(going)):
        asked = []
        for g in range(land.sector.guard_start[s], land.sector.guard_start[s] + on_duty[s]):
            fear = from_grid(guards.belief[g]) * levers[Lever.GUARDS_PUNISHMENT_LOSS, s]
            reward = law.reward_weight * levers[Lever.GUARDS_CAPTURE_REWARD, s]
            asked.append(
                thousand(
                    reservation_bribe(fear, reward * guards.ambition[g], guards.inclination[g])
                )
            )
        # belief is kept on a grid: who asks the going bribe to the last thousand may be either
        close = sum(abs(bribe - going[s]) <= 1 for bribe in asked)
        assert abs(counted[s] - sum(bribe <= going[s] for bribe in asked)) <= close
    assert 0 < counted.sum() < on_duty.sum()


def test_the_corrupt_are_those_with_a_bribe_in_the_lookback() -> None:
    engine, world = advanced(busy(0.05), 3, 140)
    taken = world.guards.taken.copy()
    stands = world.guards.generation > 0
    record, ledger = engine.blank_books(1)
    month = world.month
    world, _ = engine.step(world, record, ledger)
    lookback = int(engine.levers[month][Lever.GUARDS_LOOKBACK_MONTHS, 0])
    assert lookback == 12
    columns = [(month - back) % LOG_MONTHS for back in range(1, lookback + 1)]
    taker = (taken[:, columns] > 0).any(axis=1) & stands
    corrupt = record[0, Obs.CORRUPT_GUARDS, :, 0, 0]
    for s, start in enumerate(engine.land.sector.guard_start):
        on_duty = int(record[0, Obs.GUARDS, s, 0, 0])
        assert corrupt[s] == taker[start : start + on_duty].sum()
    assert 0 < corrupt.sum() < record[0, Obs.GUARDS, :, 0, 0].sum()


def test_the_digest_sees_which_guard_took_a_bribe_and_when() -> None:
    _, world = advanced(busy(0.02), 3, 60)
    before = state_digest(world)
    taken = world.guards.taken
    (one, *_) = np.argwhere(taken > 0)
    month, guard = np.array([0, 1]), np.array([1, 0])
    for shift in (month, 8 * month, guard):  # another month of the same guard, or another guard
        other = one + shift
        while taken[tuple(other % taken.shape)] == taken[tuple(one)]:
            other = other + shift
        cells = tuple(one), tuple(other % taken.shape)
        taken[cells[0]], taken[cells[1]] = taken[cells[1]], taken[cells[0]]
        assert state_digest(world) != before
        taken[cells[0]], taken[cells[1]] = taken[cells[1]], taken[cells[0]]
    assert state_digest(world) == before

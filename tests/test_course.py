"""Scenarios that share a past share it to the bit, and imposed prices impose themselves."""

from __future__ import annotations

import numpy as np
import pytest

from bordersim.engine import Engine
from bordersim.errors import BordersimError
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate, simulate_alike, simulate_imposed
from tests.engine_worlds import busy, policy, same_books, shipped

SCALE = 0.002


def family() -> list[Scenario]:
    """One past, and ways that part in 1996 and 1997, one of which ends early."""
    base = busy(SCALE, "1998-12").named("base")
    hunt = policy("china.patrol_rate", 0.2, "1997-01")
    return [
        base,
        base.add(hunt).named("hunt"),
        base.add(hunt, {**policy("guards.per_km", 20, "1997-07"), "id": "b"}).named("both"),
        base.add(policy("border.closure", 0.5, "1996-02")).named("closed"),
        base.until("1997-03").named("short"),
        base.named("base-again"),
    ]


def alone_equals(one: Run, scenario: Scenario, seed: int) -> None:
    alone = simulate(scenario, seed, events=True)
    same_books(one, alone, alone.n_months)
    assert one.digests == alone.digests
    assert one.run_id == alone.run_id
    assert one.scenario_name == scenario.name
    assert one.events is not None
    assert alone.events is not None
    for name, column in alone.events.items():
        np.testing.assert_array_equal(one.events[name], column)


def test_a_shared_past_changes_nothing() -> None:
    scenarios = family()
    runs = dict(simulate_alike(scenarios, 3, events=True))
    assert sorted(runs) == list(range(len(scenarios)))
    for position, run in runs.items():
        alone_equals(run, scenarios[position], 3)


def test_shipped_scenarios_share_theirs() -> None:
    names = ("historical", "no-crackdown", "bounty-2016", "closure-2020")
    scenarios = [shipped(name).scaled(0.001).until("2013-06") for name in names]
    for position, run in simulate_alike(scenarios, 1, events=True):
        alone_equals(run, scenarios[position], 1)


def test_the_past_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    step = Engine.step

    def counted(self: Engine, world, record, ledger):  # type: ignore[no-untyped-def]
        steps.append(world.month)
        return step(self, world, record, ledger)

    monkeypatch.setattr(Engine, "step", counted)
    runs = list(simulate_alike(family(), 3))
    # base 48; hunt from month 24, both from 30, closed from 13; short its last month only
    assert len(steps) == 48 + 24 + 18 + 35 + 1
    assert len(runs) == 6


def test_other_laws_or_people_share_nothing() -> None:
    base = busy(SCALE, "1996-06")
    others = [base.with_parameters({"residents.a_risk": 2.0}), base.scaled(0.001)]
    scenarios = [base, *others]
    for position, run in simulate_alike(scenarios, 1, events=True):
        alone_equals(run, scenarios[position], 1)


def test_imposing_a_scenario_on_itself_changes_nothing() -> None:
    base = busy(SCALE, "1998-12")
    own, imposed = simulate(base, 2), simulate_imposed(base, base, 2, check=True)
    assert imposed.digests == own.digests
    assert imposed.run_id != own.run_id


def test_imposed_prices_and_beliefs_are_those_of_the_other() -> None:
    base = busy(SCALE, "1998-12")
    dear = base.add(policy("china.patrol_rate", 0.3, "1996-01"))
    a, b = simulate(base, 2), simulate(dear, 2)
    imposed = simulate_imposed(dear, base, 2, check=True)
    same_books(imposed, a, 12)
    np.testing.assert_array_equal(imposed.value("posted_fee"), a.value("posted_fee"))
    assert not np.array_equal(b.value("posted_fee"), a.value("posted_fee"))
    # the patrols themselves still act
    patrol = "arrests_patrol"
    assert imposed.value(patrol).sum() > 2 * a.value(patrol).sum()
    assert not np.array_equal(imposed.record, b.record)


def test_prices_of_another_nation_cannot_be_imposed() -> None:
    base = busy(SCALE, "1996-12")
    with pytest.raises(BordersimError, match="places, people or scale"):
        simulate_imposed(base, base.scaled(0.001), 1)

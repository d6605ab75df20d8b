"""Nobody is lost and no money appears, in any month of any world; and the audit would notice."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from engine_worlds import SHIPPED, advanced, busy, policy, shipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bordersim.audit import AuditError, balances, check_money, check_people
from bordersim.codes import LEVER_KEYS, OBSERVABLES, Account, Event, Obs, Status
from bordersim.population import World, block_sizes
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, simulate
from bordersim.state import I64


@lru_cache(maxsize=1)
def checked_run() -> Run:
    """The busy world with its events, audited month by month."""
    return simulate(busy(0.02), 5, events=True, check=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_balances(name: str) -> None:
    run = simulate(shipped(name).scaled(0.02), 11, check=True)
    assert_people_add_up(run, shipped(name).scaled(0.02))


def assert_people_add_up(run: Run, scenario: Scenario) -> None:
    """Stocks add up to the population, and change by the flows between them."""
    stocks = [f"STOCK_{name}" for name in Status.__members__]
    stock = run.record[:, [Obs[name] for name in stocks]]
    population = int(block_sizes(scenario).sum())
    assert (stock.sum(axis=(1, 2, 3, 4)) == population).all()
    assert stock.min() >= 0

    def flow(*names: str) -> np.ndarray:
        return sum(run.record[1:, Obs[name.upper()]] for name in names)  # type: ignore[return-value]

    change = dict(zip(Status.__members__, np.diff(stock, axis=0).swapaxes(0, 1), strict=True))
    deaths = ("deaths_drowned", "deaths_shot_river", "deaths_shot_china", "deaths_custody")
    np.testing.assert_array_equal(change["ARRIVED"], flow("arrivals"))
    np.testing.assert_array_equal(change["DEAD"], flow(*deaths))
    np.testing.assert_array_equal(
        change["CUSTODY"], flow("custody_entries") - flow("deaths_custody", "releases")
    )
    np.testing.assert_array_equal(
        change["TRANSIT"],
        flow("onward_departures") - flow("arrivals") + flow("arrivals_official"),
    )
    np.testing.assert_array_equal(
        change["CHINA"],
        flow("crossings")
        - flow("repatriations", "deaths_shot_china", "returns_voluntary", "onward_departures"),
    )


def test_flows_explain_stocks_in_a_busy_world() -> None:
    run = checked_run()
    assert_people_add_up(run, busy(0.02))
    moved = [name for name in OBSERVABLES if run.record[:, Obs[name.upper()]].any()]
    assert set(OBSERVABLES) - set(moved) <= {"exits", "intensity_clipped"}


def test_counts_by_sector_and_by_home_agree() -> None:
    record = checked_run().record

    def national(name: str) -> np.ndarray:
        return record[:, Obs[name.upper()]].sum(axis=(1, 2, 3))

    pairs = {
        "sector_attempts": ("attempts_unaided", "attempts_food", "attempts_hire"),
        "sector_crossings": ("crossings",),
        "sector_interceptions": ("interceptions",),
        "sector_stock_china": ("stock_china",),
        "deals": ("crossings_paid",),
        "betrayals": ("betrayed",),
    }
    for whole, parts in pairs.items():
        np.testing.assert_array_equal(national(whole), sum(national(part) for part in parts))
    deals, fees = national("deals"), national("fee_sum")
    np.testing.assert_array_equal(deals, national("deals_border") + national("deals_interior"))
    np.testing.assert_array_equal(fees, national("fee_sum_border") + national("fee_sum_interior"))
    ages = sum(national(name) for name in OBSERVABLES if name.startswith("arrivals_age_"))
    np.testing.assert_array_equal(ages, national("arrivals"))
    ended = ("crossings", "interceptions", "turned_back", "deaths_drowned", "deaths_shot_river")
    np.testing.assert_array_equal(national("sector_attempts"), sum(map(national, ended)))


def test_the_event_log_tells_the_same_story_as_the_record() -> None:
    run = checked_run()
    assert run.events is not None
    for event, names in {
        Event.CONSIDERED: ("considerers",),
        Event.CROSSED: ("crossings",),
        Event.DROWNED: ("deaths_drowned",),
        Event.SHOT_RIVER: ("deaths_shot_river",),
        Event.BETRAYED: ("betrayals",),
        Event.REPORTED: ("reports",),
        Event.HELPED: ("helps",),
        Event.SEIZED: ("seizures",),
        Event.MET: ("encounters",),
        Event.REPATRIATED: ("repatriations",),
        Event.PROTECTED: ("protected",),
        Event.SHOT_CHINA: ("deaths_shot_china",),
        Event.WENT_ONWARD: ("onward_departures",),
        Event.RELEASED: ("releases",),
        Event.DIED_CUSTODY: ("deaths_custody",),
        Event.GUARD_PUNISHED: ("punishments",),
        Event.GUARD_INSPECTED: ("inspections",),
        Event.GUARD_ROTATED: ("rotations",),
        Event.TRAFFICKER_JAILED: ("jailings",),
        Event.TRAFFICKER_ENTERED: ("entries",),
        Event.TRAFFICKER_EXITED: ("exits",),
        Event.UNSERVED: ("unserved",),
        Event.ARRIVED: ("arrivals",),
    }.items():
        counted = sum(run.record[:, Obs[name.upper()]].sum(axis=(1, 2, 3)) for name in names)
        months = run.events["month"][run.events["event"] == event]
        np.testing.assert_array_equal(
            np.bincount(months, minlength=run.n_months), counted, event.name
        )
    # a guard who betrays keeps the first part: another bribe, under an event of its own
    paid = np.isin(run.events["event"], (Event.BRIBED, Event.BETRAYED))
    bribes = run.record[:, [Obs.BRIBES, Obs.OTHER_BRIBES]].sum(axis=(1, 2, 3, 4))
    months = run.events["month"][paid]
    np.testing.assert_array_equal(np.bincount(months, minlength=run.n_months), bribes)
    remitted = run.events["amount"][run.events["event"] == Event.REMITTED].sum()
    assert remitted == run.record[:, Obs.REMITTANCES].sum()


def test_payments_in_the_ledger_are_those_observed() -> None:
    run = checked_run()

    def observed(name: str) -> np.ndarray:
        return run.record[:, Obs[name.upper()]].sum(axis=(1, 2, 3))

    ledger = run.ledger
    crossing_bribes = (
        ledger[:, Account.TRAFFICKERS, Account.GUARDS]
        + ledger[:, Account.RESIDENTS, Account.GUARDS]
    )
    np.testing.assert_array_equal(
        crossing_bribes, observed("bribe_sum") + observed("other_bribe_sum")
    )
    np.testing.assert_array_equal(
        ledger[:, Account.CHINA, Account.INFORMANTS], observed("bounty_sum")
    )
    fines = ledger[:, Account.INFORMANTS, Account.CHINA] + ledger[:, Account.HELPERS, Account.CHINA]
    np.testing.assert_array_equal(fines, observed("fine_sum"))
    np.testing.assert_array_equal(
        ledger[:, Account.TRAFFICKERS, Account.HELPERS], observed("chinese_cost_sum")
    )
    np.testing.assert_array_equal(
        ledger[:, Account.KIN_ABROAD, Account.RESIDENTS], observed("remittances")
    )
    assert ledger.min() >= 0
    assert (np.diagonal(ledger, axis1=1, axis2=2) == 0).all()


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_world_balances(data: st.DataObject) -> None:
    catalogue, parameters = busy().catalogue, busy().parameters
    scenario = busy(0.01, "2005-12")
    policies = []
    for number, key in enumerate(
        data.draw(st.lists(st.sampled_from(LEVER_KEYS), min_size=1, max_size=6, unique=True))
    ):
        spec = catalogue[key]
        share = data.draw(st.floats(0, 1, width=16))
        year = data.draw(st.integers(1995, 2005))
        value = spec.low + share * (spec.high - spec.low)
        policies.append(policy(key, value, f"{year}-03", ramp="9 months") | {"id": f"p{number}"})
    changed = {}
    scalar = sorted(
        key
        for key in parameters
        if isinstance(parameters[key].value, float | int)
        and key.split(".")[0] in ("residents", "traffickers", "guards", "river", "china", "custody")
    )
    for key in data.draw(st.lists(st.sampled_from(scalar), max_size=6, unique=True)):
        share = data.draw(st.floats(0, 1, width=16))
        changed[key] = parameters[key].low + share * (parameters[key].high - parameters[key].low)
    changed["residents.k0_log"] = -8.0  # room for a few months, not for a nation on the move
    world = scenario.add(*policies).with_parameters(changed)
    run = simulate(world, data.draw(st.integers(0, 2**62)), check=True)
    assert_people_add_up(run, world)


Books = tuple[I64, World, I64, int]


@pytest.fixture
def books() -> Books:
    """Balances before a month, the world after it, the month's ledger, and the population."""
    engine, world = advanced(busy(0.01), 3, 150)
    before = balances(world)
    record, ledger = Engine(busy(0.01), 3).blank_books(1)
    world, _ = engine.step(world, record, ledger)
    return before, world, ledger[0], int(block_sizes(busy(0.01)).sum())


def test_sound_books_pass(books: Books) -> None:
    before, world, ledger, population = books
    check_people(world, population)
    check_money(before, world, ledger)
    assert (ledger > 0).sum() >= 10


def test_a_person_lost_is_noticed(books: Books) -> None:
    _, world, _, population = books
    world.stock[Status.HOME, 0, 0, 0] -= 1
    with pytest.raises(AuditError, match="people"):
        check_people(world, population)


@pytest.mark.parametrize("status", [Status.CHINA, Status.CUSTODY, Status.ARRIVED, Status.DEAD])
def test_a_person_in_two_places_is_noticed(books: Books, status: Status) -> None:
    _, world, _, population = books
    cell = np.argwhere(world.stock[status] > 0)[0]
    world.stock[(status, *cell)] -= 1
    world.stock[(Status.HOME, *cell)] += 1
    with pytest.raises(AuditError, match=f"recount of {status.name.lower()} differs"):
        check_people(world, population)


def test_a_person_under_the_wrong_sector_is_noticed(books: Books) -> None:
    _, world, _, population = books
    world.sectors.stock[0] += 1
    world.sectors.stock[1] -= 1
    with pytest.raises(AuditError, match="by sector"):
        check_people(world, population)


def test_a_resident_twice_is_noticed(books: Books) -> None:
    _, world, _, population = books
    home = np.flatnonzero(world.rows.status[: int(world.roster.rows[0])] == Status.HOME)
    world.rows.uid[home[0]] = world.rows.uid[home[1]]
    with pytest.raises(AuditError, match="two rows"):
        check_people(world, population)


@pytest.mark.parametrize("account", list(Account), ids=[a.name.lower() for a in Account])
def test_money_out_of_nothing_is_noticed(books: Books, account: Account) -> None:
    before, world, ledger, _ = books
    own = {
        Account.RESIDENTS: world.rows.balance,
        Account.TRAFFICKERS: world.traffickers.cash,
        Account.GUARDS: world.guards.cash,
    }
    if account in own:
        own[account][0] += 1
    else:
        world.purses[account, 0] += 1
    with pytest.raises(AuditError, match=account.name.lower()):
        check_money(before, world, ledger)


def test_a_payment_that_nobody_made_is_noticed(books: Books) -> None:
    before, world, ledger, _ = books
    ledger[Account.GUARDS, Account.NORTH] += 1
    with pytest.raises(AuditError, match="guards"):
        check_money(before, world, ledger)


def test_a_run_that_loses_a_person_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(busy(0.01), 3, check=True)
    world = engine.first_world()
    world.stock[Status.HOME, 0, 0, 0] -= 1
    record, ledger = engine.blank_books(1)
    with pytest.raises(AuditError, match="month 0"):
        engine.step(world, record, ledger)
    unchecked = Engine(busy(0.01), 3)
    unchecked.step(replace(world, month=1), record, ledger)

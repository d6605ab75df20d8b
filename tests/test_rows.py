"""What rows remember from month to month: who is away, and who waits for a trafficker."""

from __future__ import annotations

import numpy as np
import pytest
from engine_worlds import advanced, busy, policy, total, uids_with_status

from bordersim.agents.thinning import BY_WAITING
from bordersim.codes import Event, Status
from bordersim.population import World
from bordersim.results import Run
from bordersim.simulation import Engine, simulate, state_digest
from bordersim.state import WAITING

AWAY = (Status.CHINA, Status.CUSTODY, Status.TRANSIT)


def assert_away_is_who_is_away(world: World) -> None:
    """The lists hold exactly the rows in China, custody, transit and those who wait, each once."""
    roster, n = world.roster, int(world.roster.rows[0])
    rows = world.rows[:n]
    wanted = {status: rows.status == status for status in AWAY} | {WAITING: rows.waits > 0}
    for listed, who in wanted.items():
        found = roster.listed[listed, : roster.used[listed]]
        np.testing.assert_array_equal(np.sort(found), np.flatnonzero(who))
    np.testing.assert_array_equal(roster.uid[:n], rows.uid)


def test_the_list_of_those_away_is_exact_at_the_end_of_every_month() -> None:
    engine = Engine(busy(0.02), 3, check=True)
    world = engine.first_world()
    assert_away_is_who_is_away(world)
    seen = set()
    for number in range(100):
        if number == 50:  # the list moves with its rows to a bigger room
            world = world.with_room(len(world.rows) + 1)
            assert_away_is_who_is_away(world)
        record, ledger = engine.blank_books(1)
        world, _ = engine.step(world, record, ledger)
        assert_away_is_who_is_away(world)
        seen |= {status for status in Status if len(uids_with_status(world, status))}
    assert seen == set(Status)  # people went and returned every way there is


def test_the_order_of_those_away_decides_nothing() -> None:
    engine, world = advanced(busy(0.02), 3, 100)
    other = world.copy()
    roster, luck = other.roster, np.random.default_rng(1)
    for listed in (WAITING, *AWAY):
        n = roster.used[listed]
        assert n > 1
        roster.listed[listed, :n] = luck.permutation(roster.listed[listed, :n])
    for _ in range(12):
        books = [engine.blank_books(1) for _ in range(2)]
        world, _ = engine.step(world, *books[0])
        other, _ = engine.step(other, *books[1])
        for one, two in zip(*books, strict=True):
            np.testing.assert_array_equal(one, two)
    assert state_digest(world) == state_digest(other)


WENT_ALONE = {int(Event.WENT_UNAIDED), int(Event.WENT_FOR_FOOD)}


def by_month(run: Run) -> list[dict[int, dict[int, int]]]:
    """What the log says of each client: month by month, uid -> event -> counterpart."""
    assert run.events is not None
    log = run.events
    kinds = (Event.CONSIDERED, Event.STAYED, Event.UNSERVED, Event.REFUSED, *WENT_ALONE)
    keep = np.isin(log["event"], kinds)
    months: list[dict[int, dict[int, int]]] = [{} for _ in range(run.n_months)]
    columns = (log[name][keep].tolist() for name in ("month", "uid", "event", "counterpart"))
    for month, uid, event, counterpart in zip(*columns, strict=True):
        months[month].setdefault(uid, {})[event] = counterpart
    return months


def waits_of(run: Run, longest: int) -> tuple[int, int]:
    """Longest wait in a run, and how many clients gave up after ``longest`` months.

    Follows everyone through the log: whoever is refused by all traffickers or by the guard
    is asked in the next month, for certain, until ``longest`` months have been waited;
    and nobody is asked for having waited who does not wait.
    """
    waits: dict[int, int] = {}
    most = given_up = 0
    for today in by_month(run):
        assert waits.keys() <= today.keys(), "a client who waits was not asked"
        still: dict[int, int] = {}
        for uid, events in today.items():
            waited = waits.get(uid, 0)
            if events[Event.CONSIDERED] == BY_WAITING:
                assert waited > 0, "a client was asked who waits no more"
            alone = bool(events.keys() & WENT_ALONE)
            if Event.REFUSED not in events and (Event.UNSERVED not in events or alone):
                continue
            if waited < longest:
                still[uid] = waited + 1
                most = max(most, waited + 1)
            else:
                given_up += 1
        waits = still
    return most, given_up


@pytest.mark.parametrize("longest", [0, 1, 4])
def test_a_client_refused_month_after_month_is_asked_no_more(longest: int) -> None:
    # a sealed river: no guard can be approached, and many clients do not lose heart
    scenario = busy(0.02, "1998-12").with_parameters(
        {"residents.wait_months": longest, "river.closure_consent": 1.0, "residents.gain_hire": 4.0}
    )
    sealed = scenario.add(policy("border.closure", 1.0, "1995-01"))
    run = simulate(sealed, 2, events=True)
    assert total(run, "attempts_hire") == total(run, "turned_back") > 0
    most, given_up = waits_of(run, longest)
    assert most == longest
    assert given_up > 100


def test_clients_wait_as_long_in_a_world_where_some_are_served() -> None:
    longest = 3
    scenario = busy(0.02, "2000-12").with_parameters(
        {"residents.wait_months": longest, "traffickers.capacity": 1}
    )
    run = simulate(scenario, 2, events=True)
    assert total(run, "unserved") > 0
    assert total(run, "turned_back") > 0
    assert total(run, "crossings_paid") > 0
    most, given_up = waits_of(run, longest)
    assert most == longest
    assert given_up > 0

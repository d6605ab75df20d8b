"""Making one option worse moves only those who had chosen it, or whose market it touched.

Two worlds are one until a month in which a single thing differs: the fee at one stretch
of the river, or what one option is worth. Who would do what is read between deciding and
acting, so that first choices are seen apart from who finds a trafficker with room.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pytest
from engine_worlds import busy, policy

from bordersim.codes import Event, Mode
from bordersim.population import World
from bordersim.scenario import Scenario
from bordersim.scratch import Scratch
from bordersim.simulation import Engine, simulate_world, sorted_events
from bordersim.state import Month, Scene

MONTH = "1998-01"
SCALE = 0.05

Choice = tuple[int, ...]
"""Mode; of those who would hire, the trafficker and whether with the way onward."""


@dataclass(frozen=True)
class Decided:
    """What one month's people want, and what becomes of them.

    ``first`` holds the first choice of everyone who does not stay, ``options`` the
    traffickers each would hire, the best first, ``sector_of`` the stretch of each
    trafficker, ``fees`` what it asks, ``lives`` what each who acts lives through.
    """

    first: dict[int, Choice]
    options: dict[int, tuple[int, ...]]
    sector_of: tuple[int, ...]
    fees: tuple[int, ...]
    considered: frozenset[int]
    priced_out: frozenset[int]
    lives: dict[int, tuple[tuple[int, ...], ...]]


@lru_cache(maxsize=1)
def until() -> World:
    return simulate_world(busy(SCALE, MONTH), 1, until="1997-12")[1]


def decided(scenario: Scenario) -> Decided:
    """The month of a scenario in which all before was the same."""
    seen: list[tuple[dict[int, Choice], dict[int, tuple[int, ...]], Scene]] = []

    def watch(_: Month, scene: Scene, scratch: Scratch, n: int) -> None:
        first: dict[int, Choice] = {}
        options: dict[int, tuple[int, ...]] = {}
        for actor in scratch.actors[:n]:
            uid, offers = int(actor.uid), int(actor.offers)
            options[uid] = tuple(int(j) for j in actor.seller[:offers])
            hires = actor.mode == Mode.HIRE
            best = (int(actor.seller[0]), int(actor.package[0])) if hires else ()
            first[uid] = (int(actor.mode), *best)
        seen.append((first, options, scene))

    engine = Engine(scenario, 1, events=True, observer=watch)
    record, ledger = engine.blank_books(1)
    world, happened = engine.step(until().copy(), record, ledger)
    (first, options, _), log = seen[0], sorted_events([happened])
    lives: dict[int, list[tuple[int, ...]]] = {}
    acted = (log["event"] < Event.NEWS) & (log["phase"] > 4)
    names = ("uid", "phase", "event", "place", "counterpart", "amount")
    for row in zip(*(log[name][acted].tolist() for name in names), strict=True):
        lives.setdefault(row[0], []).append(row[1:])
    thought = (
        frozenset(log["uid"][log["event"] == kind].tolist())
        for kind in (Event.CONSIDERED, Event.PRICED_OUT)
    )
    return Decided(
        first,
        options,
        tuple(world.traffickers.sector.tolist()),
        tuple(world.traffickers.fee_border.tolist()),
        *thought,
        {uid: tuple(rows) for uid, rows in lives.items()},
    )


@lru_cache(maxsize=1)
def before() -> Decided:
    return decided(busy(SCALE, MONTH))


def moved(one: Decided, two: Decided) -> set[int]:
    """Whose first choice is another."""
    everyone = one.first.keys() | two.first.keys()
    stays = (int(Mode.STAY),)
    return {uid for uid in everyone if one.first.get(uid, stays) != two.first.get(uid, stays)}


def hires_at(decision: Decided, sector: int) -> set[int]:
    """Whose first choice is a trafficker of a sector."""
    return {
        uid
        for uid, choice in decision.first.items()
        if choice[0] == Mode.HIRE and decision.sector_of[choice[1]] == sector
    }


def with_lever(key: str, value: float, places: list[str] | None = None) -> Decided:
    """The month with a lever moved in that month alone, everywhere or at some places."""
    where = {} if places is None else {"places": places}
    return decided(busy(SCALE, MONTH).add(policy(key, value, MONTH, **where)))


@lru_cache(maxsize=4)
def dear_at(sector: str) -> Decided:
    """The fine on helpers raised in one sector: its guides, and no others, ask for more."""
    return with_lever("china.helper_fine", 50_000, [sector])


SECTORS = ["yalu_upper", "tumen_musan", "tumen_hoeryong", "tumen_onsong"]


@pytest.mark.parametrize("sector", SECTORS)
def test_a_dearer_place_moves_only_those_who_would_have_hired_there(sector: str) -> None:
    dear = dear_at(sector)
    number = busy().places.sectors.index(sector)
    raised = [
        j for j, (old, new) in enumerate(zip(before().fees, dear.fees, strict=True)) if old != new
    ]
    assert raised
    assert {before().sector_of[j] for j in raised} == {number}
    assert all(dear.fees[j] > before().fees[j] for j in raised)
    assert dear.considered == before().considered
    assert dear.priced_out >= before().priced_out
    leavers = moved(before(), dear)
    assert leavers
    assert leavers <= hires_at(before(), number)
    # the other direction: a place that becomes cheaper again draws people to itself alone
    joiners = moved(dear, before())
    assert joiners == leavers
    assert hires_at(dear, number) <= hires_at(before(), number)


@pytest.mark.parametrize("sector", SECTORS)
def test_others_are_moved_by_the_market_alone(sector: str) -> None:
    # whose first choice is as it was, but whose month is another, had asked a trafficker
    # who also had a request from somebody that was moved, directly or through others
    dear = dear_at(sector)
    touched = {
        j
        for uid in moved(before(), dear)
        for decision in (before(), dear)
        for j in decision.options.get(uid, ())
    }
    lives = before().lives.keys() | dear.lives.keys()
    number = busy().places.sectors.index(sector)
    differing = {
        uid for uid in lives
        if before().lives.get(uid) != dear.lives.get(uid) and uid not in moved(before(), dear)
    }  # fmt: skip
    wanting = {uid for uid in differing if before().options.get(uid)}
    grown = True
    while grown:
        linked = {uid for uid in wanting if touched & set(before().options[uid])}
        reached = touched.union(*(before().options[uid] for uid in linked))
        grown, touched = reached != touched, reached
    at_place = {
        uid for uid in differing
        if any(row[2] == number for row in (*before().lives.get(uid, ()), *dear.lives.get(uid, ())))
    }  # fmt: skip
    assert differing
    # at the place itself the fine also changes what informants do, in the same month
    assert differing - at_place <= linked


def test_a_worse_option_for_all_moves_those_who_had_chosen_it() -> None:
    worse = {
        Mode.FOOD: {"residents.gain_food": -1.0},
        Mode.HIRE: {"residents.gain_hire": 2.0},
    }
    for mode, parameters in worse.items():
        after = decided(busy(SCALE, MONTH).with_parameters(parameters))
        assert after.considered == before().considered
        leavers = moved(before(), after)
        assert len(leavers) > 5
        assert all(before().first[uid][0] == mode for uid in leavers)


def test_going_alone_made_better_draws_people_to_it_alone() -> None:
    # gain counts for those who go alone, and gain_hire makes up for it in those who hire
    more = {"residents.gain": 0.5, "residents.gain_hire": 2.0}
    after = decided(busy(SCALE, MONTH).with_parameters(more))
    joiners = moved(before(), after)
    assert len(joiners) > 5
    assert all(after.first[uid][0] == Mode.UNAIDED for uid in joiners)

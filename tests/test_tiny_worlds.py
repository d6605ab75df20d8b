"""What must hold in every world, in one so small that it runs without the compiler.

``NUMBA_DISABLE_JIT=1 pytest tests/test_tiny_worlds.py`` takes seconds: the mutation trial
and the coverage of the kernels rest on it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache

import numpy as np
import pytest

from bordersim.agents.guards import inspect_and_learn, strength
from bordersim.agents.traffickers import SLOTS
from bordersim.audit import balances, check_money
from bordersim.codes import Account, Cause, Event, Lever
from bordersim.laws import laws_from, packed
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, simulate
from bordersim.state import EVENT_FIELDS, FLAG_PAID, GUARD, LOG_MONTHS, records
from tests.engine_worlds import busy, land, month_of, same_books

SCALE, END = 0.0008, "1998-12"
MONTHS = 48
LIVELY = {
    "residents.k0_log": -6.0,
    "residents.k_hardship": 8.0,
    "traffickers.jail_interception": 0.3,
    "residents.buffer": 0.3,
    "residents.sex_market": 1.0,
    "custody.death_rate": 0.03,
    "river.drowning": 0.02,
    "china.onward_early": 0.001,
    "china.onward_middle": 96.0,
    "china.onward_width": 48.0,
    "officials.response": 1.0,
}
ALSO = {"guards.inspection_rate": 0.05, "economy.market_index": 1.2}


def tiny(**levers: float) -> Scenario:
    """Nineteen thousand residents who consider leaving often."""
    changes = {key.replace("__", "."): value for key, value in levers.items()}
    world = busy(SCALE, END).with_parameters(LIVELY).with_settings(ALSO)
    return world.with_settings(changes) if changes else world


@lru_cache(maxsize=1)
def tiny_run() -> Run:
    return simulate(tiny(), 1, events=True, check=True)


def rows_of(run: Run, *events: Event) -> list[dict[str, int]]:
    """Events of some kinds, in canonical order."""
    assert run.events is not None
    log = run.events
    wanted = np.flatnonzero(np.isin(log["event"], [int(event) for event in events]))
    return [{name: int(column[k]) for name, column in log.items()} for k in wanted]


def test_people_and_money_add_up_every_month() -> None:
    # the run itself is checked after every month; here, that it was worth checking
    run = tiny_run()
    assert (run.ledger.sum(axis=(1, 2)) > 0).all()
    assert len(rows_of(run, Event.BRIBED)) > 50


def test_the_audit_of_money_notices_a_thousand_won() -> None:
    engine = Engine(tiny(), 1)
    world = engine.first_world()
    before = balances(world)
    record, ledger = engine.blank_books(1)
    world, _ = engine.step(world, record, ledger)
    check_money(before, world, ledger[0])
    world.guards.cash[0] += 1
    with pytest.raises(Exception, match="guards"):
        check_money(before, world, ledger[0])


def test_fee_quantiles_are_nearest_ranks_of_the_fees_paid() -> None:
    run = tiny_run()
    asked = {(e["month"], e["uid"]): e["amount"] for e in rows_of(run, Event.HIRED)}
    paid: dict[tuple[int, int], list[int]] = defaultdict(list)
    for crossed in rows_of(run, Event.CROSSED):
        if crossed["amount"] & FLAG_PAID:
            key = (crossed["month"], crossed["place"])
            paid[key].append(asked[crossed["month"], crossed["uid"]])
    assert sum(len(fees) > 2 for fees in paid.values()) > 10
    for name, share in (("fee_p10", 10), ("fee_median", 50), ("fee_p90", 90)):
        values = run.by_place(name)
        for (month, sector), fees in paid.items():
            rank = -(-share * len(fees) // 100)
            assert round(values[month, sector] * 1000) == sorted(fees)[rank - 1], name


def test_a_report_and_a_capture_earn_their_own_bounty() -> None:
    scenario = tiny(china__bounty_report=300.0, china__bounty_capture=900.0).until("1997-12")
    run = simulate(scenario, 1, events=True)
    won = scenario.lever_paths()[:, Lever.ECONOMY_EXCHANGE_RATE]
    paid, causes = np.zeros(run.n_months, np.int64), set()
    for one in rows_of(run, Event.ARRESTED_CHINA):
        yuan = {Cause.REPORT: 300.0, Cause.SEIZURE: 900.0}.get(Cause(one["counterpart"]), 0.0)
        paid[one["month"]] += math.floor(yuan * won[one["month"], one["place"]] + 0.5)
        causes.add(one["counterpart"])
    assert {Cause.REPORT, Cause.SEIZURE, Cause.PATROL} <= causes
    np.testing.assert_array_equal(run.ledger[:, Account.CHINA, Account.INFORMANTS], paid)


def test_jail_lasts_its_months() -> None:
    run = tiny_run()
    months = int(tiny().parameters["traffickers.jail_months"].values()[0])
    jailed = {e["counterpart"]: e["month"] for e in rows_of(run, Event.TRAFFICKER_JAILED)}
    freed = rows_of(run, Event.TRAFFICKER_FREED)
    assert len(freed) >= 3
    for one in freed:
        assert one["month"] - jailed[one["counterpart"]] == months
    still = {key for key, month in jailed.items() if month + months < MONTHS}
    assert still == {one["counterpart"] for one in freed}


def test_nobody_leaves_custody_in_the_month_of_being_taken() -> None:
    run = tiny_run()
    taken: dict[int, int] = {}
    left = 0
    for event in rows_of(
        run, Event.ARRESTED_BY_GUARD, Event.BETRAYED, Event.REPATRIATED, Event.DIED_CUSTODY,
        Event.RELEASED,
    ):  # fmt: skip
        if event["event"] in (Event.DIED_CUSTODY, Event.RELEASED):
            left += 1
            assert event["month"] > taken.get(event["uid"], -1)
        else:
            taken[event["uid"]] = event["month"]
    assert left > 30


def test_nobody_is_told_of_their_own_arrival() -> None:
    news = rows_of(tiny_run(), Event.NEWS)
    assert len(news) > 100
    assert all(one["uid"] != one["counterpart"] for one in news)


def test_money_comes_on_anniversaries_of_the_last_news() -> None:
    run = tiny_run()
    heard: dict[int, list[int]] = defaultdict(list)
    for news in rows_of(run, Event.NEWS):
        heard[news["uid"]].append(news["month"])
    sent = rows_of(run, Event.REMITTED)
    assert len(sent) > 20
    for one in sent:
        last = max(month for month in heard[one["uid"]] if month <= one["month"])
        assert (one["month"] - last) % 12 == 0
        assert one["month"] > last


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_refoulement_at_its_ends(share: float) -> None:
    quiet = {"border__pursuit_rate": 0.0, "china__patrol_rate": 0.1}
    run = simulate(tiny(china__refoulement=share, **quiet).until("1995-10"), 1, events=True)
    back, kept = rows_of(run, Event.REPATRIATED), rows_of(run, Event.PROTECTED)
    assert len(back) + len(kept) > 10
    assert not (back if share == 0.0 else kept)


def test_a_policy_leaves_the_months_before_it_alone() -> None:
    policy = {"id": "later", "lever": "china.patrol_rate", "op": "scale", "value": 5.0,
              "from": "1995-09"}  # fmt: skip
    left = tiny().until("1995-12")
    moved = left.add(policy)
    one, other = simulate(left, 1), simulate(moved, 1)
    same_books(one, other, 8)
    assert not np.array_equal(one.record[8:], other.record[8:])


def test_a_guard_serves_only_who_still_knows_him() -> None:
    """A bribe a trafficker pays goes to a guard on duty under his present identity."""
    run = tiny_run()
    last: dict[tuple[int, int], int] = {}
    for event in rows_of(run, Event.GUARD_PUNISHED, Event.BRIBED):
        guard = event["counterpart"]
        place, generation = guard >> 20, guard & ((1 << 20) - 1)
        if event["event"] == Event.GUARD_PUNISHED:
            last[event["place"], place] = generation
        else:
            assert generation > last.get((event["place"], place), 0)


def test_trafficker_identities_never_come_back() -> None:
    entered = [e["counterpart"] for e in rows_of(tiny_run(), Event.TRAFFICKER_ENTERED)]
    assert len(entered) == len(set(entered)) > 10
    generations: dict[int, int] = {}
    for identity in entered:
        slot, generation = identity % SLOTS, identity // SLOTS
        assert generation > generations.get(slot, 0)
        generations[slot] = generation


def test_fear_follows_the_punished_among_those_who_take() -> None:
    """G4, company by company: comrades count the punished over takers, not over everybody."""
    settings = {"guards.inspection_rate": 0.02, "border.camera_coverage": 0.0}
    changes = {
        "guards.company": 40,
        "guards.smuggling_rate": 0.3,
        "guards.detection_per_bribe": 0.3,
    }
    scenario = busy(0.05, END).with_parameters(changes).with_settings(settings)
    places, law = land(scenario), packed(laws_from(scenario.parameters)).guard
    sectors = places.sector
    guards = records(GUARD, int(sectors.guard_size.sum()))
    told = 0
    for t in range(8):
        month = month_of(scenario, t)
        month = month._replace(events=np.zeros((4096, len(EVENT_FIELDS)), np.int64))
        was, new = guards.belief / 2**20, guards.generation == 0
        lookback = int(month.levers[Lever.GUARDS_LOOKBACK_MONTHS, 0] + 0.5)
        took = guards.taken[:, [(t - k) % LOG_MONTHS for k in range(1, min(lookback, t) + 1)]].any(
            1
        )
        inspect_and_learn(month, places, law, guards, np.zeros(len(sectors), np.int64))
        happened = month.events[: month.n_events[0]]
        caught = happened[happened[:, 3] == Event.GUARD_PUNISHED][:, 5]
        number = sectors.guard_start[caught >> 40] + ((caught >> 20) & 0xFFFFF)
        for s, sector in enumerate(sectors):
            chance = month.levers[Lever.GUARDS_INSPECTION_RATE, s] * sector.pressure
            chance *= month.levers[Lever.GUARDS_INSPECTION_HONESTY, s]
            bribes = 1.0 - (1.0 - law.detection_per_bribe) ** (law.smuggling_rate * lookback)
            announced = min(1.0, 12.0 * min(1.0, chance) * bribes)
            for first in range(0, strength(month, places, s) - 39, 40):
                company = sector.guard_start + first + np.arange(40)
                takers, punished = took[company].sum(), np.isin(number, company).sum()
                if new[company].any() or takers == 0:
                    continue
                seen = min(1.0, 12.0 * punished / takers)
                target = law.announced_weight * announced + (1.0 - law.announced_weight) * seen
                pull = 1.0 - 2.0 ** (-1.0 / law.belief_half_life)
                expected = was[company] + pull * (target - was[company])
                assert np.abs(guards.belief[company] / 2**20 - expected).max() < 2.0**-20
                told += 0.0 < seen < 1.0 and takers < 40
    assert told > 5

"""One more resident in a block: nobody else's life changes before it meets somebody's.

The newcomer is added to the land itself, with the chances of kin ties left as they were:
a scenario with another population keeps the mean number of ties by changing their chance,
which is no effect of the newcomer on anybody (``docs/reproducibility.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest
from engine_worlds import busy

from bordersim.codes import Class, Event, Obs
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, sorted_events
from bordersim.state import BLOCK_BITS

I64 = npt.NDArray[np.int64]

MONTHS = 40

ALONE = (Event.CONSIDERED, Event.STAYED, Event.PRICED_OUT, Event.NEWS)
"""What happens to one person without touching anybody: a thought, and what others tell."""

OWN = (Obs.CONSIDERERS, Obs.PRICED_OUT, Obs.STOCK_HOME, Obs.INTENSITY_CLIPPED)
"""What the record counts of it."""


@dataclass(frozen=True)
class Told:
    """What months leave behind."""

    record: I64
    ledger: I64
    events: dict[str, I64]


@lru_cache(maxsize=8)
def keen(seed: int) -> Scenario:
    """A small nation in which most people think of leaving within a year or two.

    Nobody is in China at the start: those who are drawn for it are drawn by their number.
    """
    parameters = {
        "residents.k0_log": -6.0,
        "residents.k_hardship": 8.0,
        "residents.class_exposure": [1.0, 1.0, 1.0],
        "china.start_stock": 0,
    }
    settings = {
        "guards.per_km": 8,
        "economy.food_shortage": 0.6,
        "population.world_seed": seed,
    }
    return busy(0.002, "1999-12").with_parameters(parameters).with_settings(settings)


@lru_cache(maxsize=40)
def told(seed: int, block: int) -> Told:
    """The nation with one more resident in a block; as it is for -1."""
    engine = Engine(keen(seed), seed, events=True)
    if block >= 0:
        engine.land.block.people[block] += 1
    world = engine.first_world()
    record, ledger = engine.blank_books(MONTHS)
    log = []
    for t in range(MONTHS):
        world, happened = engine.step(world, record[t:], ledger[t:])
        log.append(happened)
    return Told(record, ledger, sorted_events(log))


def newcomer_of(seed: int, block: int) -> int:
    people = Engine(keen(seed), seed).land.block.people
    return (block << BLOCK_BITS) + int(people[block])


def contact(events: dict[str, I64], uid: int) -> int:
    """First month in which the newcomer does more than think; ``MONTHS`` if none."""
    own = (events["uid"] == uid) & ~np.isin(events["event"], ALONE)
    return int(events["month"][own].min(initial=MONTHS))


def without(events: dict[str, I64], uid: int, months: I64) -> I64:
    """Events of all others in the given months, a row each."""
    keep = (events["uid"] != uid) & np.isin(events["month"], months)
    return np.stack([column[keep] for column in events.values()])


CASES = [
    (seed, 3 * home + cls)
    for seed in range(1, 9)
    for home in (0, 1)
    for cls in (Class.POOR, Class.TRADER)
]
"""Seeds, and blocks of the poor and of traders from where the river is near."""


def of_interest(seed: int, block: int) -> tuple[Told, Told, int, int]:
    """The nation without and with its newcomer; who that is, and the month of contact."""
    before, after = told(seed, -1), told(seed, block)
    uid = newcomer_of(seed, block)
    return before, after, uid, contact(after.events, uid)


def test_there_are_newcomers_of_every_kind() -> None:
    # else the tests below would say little
    met = [of_interest(*case) for case in CASES]
    assert sum(3 < month < MONTHS for *_, month in met) >= 6
    thought = sum(
        bool(((after.events["uid"] == uid) & (after.events["month"] < month)).any())
        for _, after, uid, month in met
    )
    assert thought >= 6


@pytest.mark.parametrize(("seed", "block"), CASES)
def test_a_newcomer_changes_nobody_before_contact(seed: int, block: int) -> None:
    before, after, uid, month = of_interest(seed, block)
    months = np.arange(month)
    np.testing.assert_array_equal(
        without(after.events, uid, months), without(before.events, uid, months)
    )
    np.testing.assert_array_equal(after.ledger[:month], before.ledger[:month])
    others = np.setdiff1d(np.arange(after.record.shape[1]), OWN)
    np.testing.assert_array_equal(after.record[:month, others], before.record[:month, others])
    # and in the record of its own block it is one person, sitting at home
    more = after.record[:month, Obs.STOCK_HOME] - before.record[:month, Obs.STOCK_HOME]
    assert (more.sum(axis=(1, 2, 3)) == 1).all()
    assert (more[:, block // 3, :, block % 3].sum(axis=1) == 1).all()
    for observable, event in (
        (Obs.CONSIDERERS, Event.CONSIDERED),
        (Obs.PRICED_OUT, Event.PRICED_OUT),
    ):
        counted = after.record[:month, observable] - before.record[:month, observable]
        own = (after.events["uid"] == uid) & (after.events["event"] == event)
        when = after.events["month"][own & (after.events["month"] < month)]
        np.testing.assert_array_equal(
            counted.sum(axis=(1, 2, 3)), np.bincount(when, minlength=month)
        )
        assert counted.sum() == counted[:, block // 3, :, block % 3].sum()


@pytest.mark.parametrize(("seed", "block"), CASES)
def test_contact_begins_with_a_market_or_with_nobody(seed: int, block: int) -> None:
    # the month of contact: all decide as before; those who act otherwise are clients
    before, after, uid, month = of_interest(seed, block)
    if month == MONTHS:
        return
    one, two = (
        {name: column[run.events["month"] == month] for name, column in run.events.items()}
        for run in (before, after)
    )
    decided = np.array([*ALONE[:3]])
    for kind in decided:
        chosen = [
            set(log["uid"][(log["event"] == kind) & (log["phase"] == 4)].tolist()) - {uid}
            for log in (one, two)
        ]
        assert chosen[0] == chosen[1]
    own = set(two["event"][two["uid"] == uid].tolist())
    lives = [lives_of(log, uid) for log in (one, two)]
    changed = {
        person for person in lives[0].keys() | lives[1].keys()
        if lives[0].get(person) != lives[1].get(person)
    }  # fmt: skip
    if not own & {Event.HIRED, Event.UNSERVED}:
        assert not changed
    market = {Event.HIRED, Event.UNSERVED}
    for person in changed:
        kinds = {row[2] for life in lives for row in life.get(person, ())}
        assert kinds & market


FIELDS = ("uid", "phase", "event", "place", "counterpart", "amount")


def lives_of(log: dict[str, I64], newcomer: int) -> dict[int, list[tuple[int, ...]]]:
    """What each resident but the newcomer lives through, guards and traffickers left out."""
    people = log["event"] < Event.NEWS
    lives: dict[int, list[tuple[int, ...]]] = {}
    for row in zip(*(log[name][people].tolist() for name in FIELDS), strict=True):
        if row[0] != newcomer:
            lives.setdefault(row[0], []).append(row)
    return lives

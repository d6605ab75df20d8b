"""A scenario made ready for one seed: what advances a world by a month (model.md 3)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bordersim._jit import kernel, plain
from bordersim.agents.clocks import not_settled, still_at_border_probability
from bordersim.agents.residents import again_effect, kin_effect
from bordersim.agents.south import KIN_ROOM
from bordersim.agents.thinning import CHUNK, RANK_BINS, thinning_tables
from bordersim.audit import balances, check_money, check_people
from bordersim.codes import LAST_MONTH, OBSERVABLES, Account, Class, Sex, Status
from bordersim.errors import BordersimError
from bordersim.laws import laws_from, packed
from bordersim.month import act, decide, outlook, prepare
from bordersim.population import World, first_world, land_of
from bordersim.rng import GOLDEN, ONE, mix
from bordersim.scenario import Scenario
from bordersim.scratch import ACTOR, CALL, FOUND, OFFERS, SPELL, Scratch
from bordersim.state import (
    AHEAD,
    EVENT_FIELDS,
    F64,
    I64,
    LINKS,
    NEVER,
    WATCH,
    Land,
    Made,
    Month,
    Records,
    Scene,
    new_heard,
    new_purses,
    new_stock,
    records,
)

Observer = Callable[[Month, Scene, Scratch, int], None]
"""Called every month when people have decided and nothing has happened yet: with the
month, what everyone acts on, who decided what, and how many. It must change none of it."""


Imposer = Callable[[Month, Scene], None]
"""Called every month when prices are posted and nobody has decided yet: it may change
what people act on."""


class Engine:
    """A scenario made ready for one seed; ``step`` advances a world by a month.

    ``like`` is an engine of the same laws and land (see :func:`shared_ground`) whose tables
    need not be built again.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        *,
        events: bool = False,
        check: bool = False,
        observer: Observer | None = None,
        like: Engine | None = None,
    ):
        self.scenario = scenario
        self.seed = seed
        self.keep_events = events
        self.check = check
        self.observer = observer
        self.imposer: Imposer | None = None
        self.laws: Any = packed(laws_from(scenario.parameters)) if like is None else like.laws
        self.land: Land = land_of(scenario) if like is None else like.land
        self.levers: F64 = np.ascontiguousarray(scenario.lever_paths())
        self.places = max(len(scenario.places.homes), len(scenario.places.sectors))
        self._watch = records(WATCH, len(scenario.places.sectors))
        self._scratch: Scratch = self._new_scratch() if like is None else like._scratch
        self._no_events = np.zeros((0, len(EVENT_FIELDS)), np.int64)

    def _new_scratch(self) -> Scratch:
        pieces, counts = thinning_tables()
        most = int(pieces.max()) * counts.shape[1]
        return Scratch(
            found=records(FOUND, 0),
            actors=records(ACTOR, 0),
            calls=records(CALL, 0),
            tags=np.zeros(AHEAD, np.uint8),
            left=np.zeros(AHEAD, np.int16),
            arrived=np.zeros(0, np.int32),
            points=np.zeros(max(CHUNK, most), np.int32),
            heights=np.zeros(max(CHUNK, most)),
            bounds=np.zeros((len(Sex), RANK_BINS)),
            edges=np.zeros(len(self.land.block)),
            marked=np.zeros(CHUNK, np.uint8),
            marks=np.zeros(CHUNK, np.int64),
            counts=counts,
            pieces=pieces,
            age_factor=np.array([math.exp(effect) for effect in self.laws.intensity.age_effect]),
            spells=self._spells(),
            utility=np.zeros(OFFERS),
            seller=np.zeros(OFFERS, np.int64),
            package=np.zeros(OFFERS, np.uint8),
            kin=np.zeros(KIN_ROOM, np.int64),
        )

    def _spells(self) -> Records:
        intensity, mean = self.laws.intensity, float(self.laws.china.inland_months)
        half_life = float(self.laws.onward.settle_half_life)
        k_kin, kin_half_life = float(intensity.k_kin), float(intensity.kin_half_life)
        k_again, again_half_life = float(intensity.k_again), float(intensity.again_half_life)
        spells = records(SPELL, LAST_MONTH + 3)
        for months in range(LAST_MONTH + 2):
            spell = spells[months]
            spell.kin_log = plain(kin_effect)(k_kin, kin_half_life, float(months))
            spell.again_log = plain(again_effect)(k_again, again_half_life, float(months))
            spell.still_at_border = plain(still_at_border_probability)(float(months), mean)
            spell.not_settled = plain(not_settled)(float(months), half_life)
        spells.kin_most = [math.exp(effect) for effect in spells.kin_log]
        spells.again_most = [math.exp(effect) for effect in spells.again_log]
        return spells

    def first_world(self) -> World:
        """The world at the start of 1995-01."""
        homes = len(self.scenario.places.homes)
        stock, purses = new_stock(homes), new_purses(self.places)
        month = self._month(0, stock, purses, *self.blank_books(1), 0)
        return first_world(self.scenario, self.land, self.laws, month)

    def blank_books(self, months: int) -> tuple[I64, I64]:
        """Zero record and ledger for a number of months."""
        shape = (months, len(OBSERVABLES), self.places, len(Sex), len(Class))
        return np.zeros(shape, np.int64), np.zeros((months, len(Account), len(Account)), np.int64)

    def _month(
        self, month: int, stock: I64, purses: I64, record: I64, ledger: I64, room: int
    ) -> Month:
        width = len(EVENT_FIELDS)
        return Month(
            month=month,
            seed=self.seed,
            world_seed=self.scenario.world_seed,
            levers=self.levers[month],
            tally=record[0],
            heard=new_heard(stock.shape[1]),
            stock=stock,
            ledger=ledger[0],
            purses=purses,
            events=np.zeros((room, width), np.int64) if room else self._no_events,
            n_events=np.zeros(1, np.int64),
        )

    def step(self, world: World, record: I64, ledger: I64) -> tuple[World, I64]:
        """Advance ``world`` (in place) by a month, writing ``record[0]`` and ``ledger[0]``.

        Returns the world at the start of the next month and the month's events.
        """
        before = balances(world) if self.check else None
        month = self._month(world.month, world.stock, world.purses, record, ledger, 0)
        conditions, points, due = outlook(month, self.land, self.laws, world.rows, world.roster)
        # a Poisson count exceeds its mean by twelve deviations less than once in 10**30
        standing = int(world.roster.rows[0])
        room = int(points + 12.0 * math.sqrt(points) + 64) + standing
        self._make_room(room)
        if self.keep_events:
            abroad = int(world.stock[Status.CHINA].sum())
            wanted = 4 * room + 16 * abroad + 40 * due + 4 * len(world.guards.cash) + 4096
            month = month._replace(events=np.zeros((wanted, len(EVENT_FIELDS)), np.int64))
        scene = Scene(
            self.land, self.laws, world.sectors, world.rows, world.roster, world.guards,
            world.traffickers, world.links, self._watch, world.beliefs,
        )  # fmt: skip
        prepare(month, scene)
        if self.imposer is not None:
            self.imposer(month, scene)
        n_actors = decide(month, scene, conditions, self._scratch)
        if self.observer is not None:
            self.observer(month, scene, self._scratch, n_actors)
        officials = int(self.land.officials[1])
        world = world.with_room(standing + n_actors + due * KIN_ROOM + officials)
        made = Made(
            np.zeros((n_actors, 2), np.int64), np.zeros(1, np.int64),
            np.zeros((n_actors, 2), np.int64), np.zeros(1, np.int64),
        )  # fmt: skip
        scene = scene._replace(rows=world.rows, roster=world.roster)
        self._make_room_abroad(n_actors + int(world.roster.used.sum()))
        act(month, scene, n_actors, made, self._scratch)
        logged = int(month.n_events[0])
        if self.keep_events and logged > len(month.events):
            raise BordersimError(f"month {world.month}: event log overflowed; please report this")
        world = replace(world, month=world.month + 1)
        if before is not None:
            check_people(world, int(self.land.block.people.sum()))
            check_money(before, world, ledger[0])
        return world, month.events[: logged if self.keep_events else 0].copy()

    def _make_room(self, wanted: int) -> None:
        if wanted > len(self._scratch.found):
            size = 1 << (wanted - 1).bit_length()
            self._scratch = self._scratch._replace(
                found=records(FOUND, size), actors=records(ACTOR, size)
            )

    def _make_room_abroad(self, wanted: int) -> None:
        if wanted > len(self._scratch.calls):
            size = 1 << (wanted - 1).bit_length()
            self._scratch = self._scratch._replace(
                calls=records(CALL, size), arrived=np.zeros(size, np.int32)
            )


@kernel
def sum_of_rows(words, kin_month, released, count):  # type: ignore[no-untyped-def]
    """Sum of the hashes of rows of words: the order of rows does not enter it."""
    total = np.uint64(0)
    for r in range(count):
        hashed = np.uint64((np.int64(kin_month[r]) + 1) * 65536 + np.int64(released[r]) + 1)
        for k in range(words.shape[1]):
            hashed = (hashed ^ words[r, k]) * GOLDEN
        total += mix(hashed)
    return np.int64(total >> np.uint64(1))


@kernel
def checksum(words):  # type: ignore[no-untyped-def]
    """Hash of an array of 64-bit words in which every position counts."""
    total = np.uint64(0)
    for i in range(words.shape[0]):
        total += mix(words[i] ^ mix(np.uint64(i) + ONE))
    return np.int64(total >> np.uint64(1))


def state_digest(world: World) -> bytes:
    """Digest of a world's whole state; the order of rows and lists does not enter it."""
    roster = world.roster
    rows = sum_of_rows(_words(world.rows), roster.kin_month, roster.released, int(roster.rows[0]))
    guards = checksum(_words(world.guards).reshape(-1))
    digest = hashlib.blake2b(digest_size=16)
    for part in (rows, guards):
        digest.update(int(part).to_bytes(8, "little"))
    links = world.links.copy()
    held = np.maximum(links.guard, 0)
    links[(links.guard < 0) | (world.guards.stamp[held] != links.stamp)] = (NEVER, 0)
    digest.update(np.sort(links.view(np.int64).reshape(-1, LINKS), axis=1).tobytes())
    for kind in (world.traffickers, world.sectors, world.beliefs, world.stock, world.purses):
        digest.update(kind.tobytes())
    return digest.digest()


def _words(kind: Records) -> NDArray[np.uint64]:
    """Records as rows of 64-bit words."""
    words: NDArray[np.uint64] = kind.view(np.ndarray).view(np.uint64)
    return words.reshape(len(kind), -1)

"""From a scenario to the world at month 0: places, people, guards, traffickers (model.md 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bordersim._jit import kernel, plain
from bordersim.agents.guards import strength
from bordersim.agents.south import open_row
from bordersim.agents.traffickers import income_outside, start_trade
from bordersim.agents.traits import (
    ROUNDS,
    TIES_ACROSS,
    TIES_WITHIN,
    fill_tie_rounds,
    mate_of,
    sex_of,
)
from bordersim.bookkeeping import move, rebuild_table, thousand, to_grid
from bordersim.codes import Class, Lever, Risk, Status
from bordersim.rng import Stream, draw, draw2, index_below, stream_key, uniform
from bordersim.scenario import Scenario
from bordersim.state import (
    BANK,
    BLOCK,
    BLOCK_BITS,
    F64,
    GUARD,
    HOME,
    I32,
    I64,
    ROUND,
    SECTOR,
    Land,
    Month,
    Records,
    Roster,
    grown_roster,
    new_links,
    new_roster,
    new_rows,
    new_traffickers,
    records,
)

FIRST_ROWS = 1 << 12
PEOPLE_A_ROW = 56
"""A run of history ends with about a row for so many people: room for it from the start."""


@dataclass(frozen=True)
class World:
    """Everything that changes, at the start of ``month``: a value to copy, save and continue."""

    month: int
    rows: Records
    roster: Roster
    guards: Records
    traffickers: Records
    links: Records
    sectors: Records
    beliefs: I32
    stock: I64
    purses: I64

    def copy(self) -> World:
        """Deep copy; continuing one leaves the other as it was."""
        parts: dict[str, Any] = {
            name: Roster._make(a.copy() for a in value) if name == "roster" else value.copy()
            for name, value in vars(self).items()
            if name != "month"
        }
        return replace(self, **parts)

    def with_room(self, wanted: int) -> World:
        """The same world with room for at least ``wanted`` rows."""
        capacity = len(self.rows)
        if wanted <= capacity:
            return self
        while capacity < wanted:
            capacity *= 2
        rows, roster = new_rows(capacity), grown_roster(self.roster, capacity)
        rows[: len(self.rows)] = self.rows
        rebuild_table(roster.table, roster.uid, int(roster.rows[0]))
        return replace(self, rows=rows, roster=roster)


def block_sizes(scenario: Scenario) -> I64:
    """Residents by block (home * 3 + class) at the scenario's scale."""
    home = scenario.places.home
    sizes = np.zeros((len(scenario.places.homes), len(Class)), np.int64)
    people = np.floor(home["population"] * scenario.scale + 0.5).astype(np.int64)
    sizes[:, Class.TRADER] = np.floor(people * home["trader_share"] + 0.5)
    sizes[:, Class.ELITE] = np.floor(people * home["elite_share"] + 0.5)
    sizes[:, Class.POOR] = people - sizes[:, Class.TRADER] - sizes[:, Class.ELITE]
    return sizes.reshape(-1)


def _bits_for(size: int) -> int:
    return max(1, int(size - 1).bit_length())


def _blocks(sizes: I64, within: float) -> Records:
    """Blocks with the domains of kin ties and the chance that keeps their mean (model.md R6)."""
    blocks = records(BLOCK, len(sizes))
    blocks["people"] = sizes
    blocks["tie_bits"] = [_bits_for(int(n)) for n in sizes]
    valid = np.maximum(sizes - 1, 1) / (2.0 ** blocks["tie_bits"] - 1)
    blocks["kept_within"] = np.minimum(1.0, within / (TIES_WITHIN * valid))
    return blocks


def _kept_across(blocks: Records, across: float) -> F64:
    """Chance by class that keeps the mean number of ties between homes (model.md R6)."""
    sizes = blocks["people"].reshape(-1, len(Class)).tolist()
    bits = blocks["tie_bits"].reshape(-1, len(Class)).tolist()
    homes = len(sizes)
    kept = np.zeros(len(Class))
    for cls in range(len(Class)):
        ends = 0.0
        for slot in range(TIES_ACROSS):
            for home in range(homes):
                mate = plain(mate_of)(home, slot, homes)
                if mate >= 0:
                    domain = 2.0 ** max(bits[home][cls], bits[mate][cls])
                    ends += float(sizes[home][cls]) * float(sizes[mate][cls]) / domain
        people = sum(size[cls] for size in sizes)
        kept[cls] = min(1.0, across * people / max(ends, 1e-9))
    return kept


def _rounds(world_seed: int, blocks: int, homes: int) -> Records:
    rounds = records(ROUND, (blocks * TIES_WITHIN + homes * TIES_ACROSS) * ROUNDS)
    fill_tie_rounds(rounds, world_seed, blocks, homes)
    return rounds


def _starts(sizes: I64) -> I64:
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)


def land_of(scenario: Scenario) -> Land:
    """Places of a scenario as arrays."""
    places, scale = scenario.places, scenario.scale
    home, sector, value = places.home, places.sector, scenario.parameters.value
    sizes = block_sizes(scenario)
    pool = np.maximum(1, np.floor(sector["pool"] * scale + 0.5)).astype(np.int64)
    length = sector["length_km"] * scale
    guards = np.floor(length * value("guards.places_per_km")).astype(np.int64)
    crowd = sector["length_km"] * sector["far_bank"]
    crowd = crowd / crowd.sum() * value("informants.number") * scale
    capital = places.homes.index("pyongyang") * len(Class) + Class.ELITE
    officials = min(int(value("population.officials_abroad") * scale + 0.5), int(sizes[capital]))
    blocks = _blocks(sizes, value("population.ties_within"))
    homes = _filled(
        HOME, hunger=home["hunger_exposure"], wealth_shift=home["wealth_shift"],
        border=home["border"],
    )  # fmt: skip
    banks = _filled(
        BANK, difficulty=sector["river_difficulty"], pressure=sector["guard_pressure"],
        chinese_cost=sector["chinese_cost"], far_bank=sector["far_bank"], length=length,
        near_bank=[places.homes.index(name) for name in places.sector_homes],
        pool_start=_starts(pool), pool_size=pool, guard_start=_starts(guards),
        guard_size=guards, informants=np.maximum(1, crowd),
    )  # fmt: skip
    return Land(
        block=blocks,
        home=homes,
        sector=banks,
        reach=np.cumsum(places.reach, axis=1),
        kept_across=_kept_across(blocks, value("population.ties_across")),
        officials=np.array([capital, officials], np.int64),
        ties=_rounds(scenario.world_seed, len(blocks), len(homes)),
    )


def _filled(dtype: np.dtype[Any], **columns: Any) -> Records:
    """Records made of columns of one length."""
    filled = records(dtype, len(next(iter(columns.values()))))
    for name in dtype.names or ():
        filled[name] = columns[name]
    return filled


@kernel(allocates=True)
def count_sexes(sizes, world_seed, female_share):
    """Women in each block."""
    key = stream_key(world_seed, Stream.SEX)
    women = np.zeros(sizes.shape[0], np.int64)
    for b in range(sizes.shape[0]):
        first = np.int64(b) << BLOCK_BITS
        total = 0
        for i in range(sizes[b]):
            total += 1 - sex_of(key, first + i, female_share)
        women[b] = total
    return women


@lru_cache(maxsize=8)
def _women(sizes: tuple[int, ...], world_seed: int, female_share: float) -> I64:
    women: I64 = count_sexes(np.array(sizes, np.int64), world_seed, female_share)
    return women


@kernel(allocates=True)
def place_in_china(month, land, laws, rows, roster, sectors, number):
    """C6: people already in China at the start, from the homes that reach the river.

    Draws: START. Writes: rows, roster, stock, sectors.stock.
    """
    key = stream_key(month.seed, Stream.START)
    homes, n_sectors = land.home.shape[0], land.sector.shape[0]
    weight = np.zeros(homes)
    for h in range(homes):
        weight[h] = land.reach[h, n_sectors - 1] * land.block.people[3 * h]
    weight = np.cumsum(weight)
    for k in range(number):
        bits = draw2(key, 1, k)
        pick = uniform(draw(bits, 1)) * weight[homes - 1]
        h = 0
        while weight[h] <= pick:
            h += 1
        b = 3 * h
        uid = (np.int64(b) << BLOCK_BITS) | index_below(draw(bits, 2), land.block.people[b])
        row = open_row(month, land, laws.population, rows, roster, uid)
        if rows.status[row] != Status.HOME:
            continue  # drawn twice
        pick = uniform(draw(bits, 3)) * land.reach[h, n_sectors - 1]
        s = 0
        while land.reach[h, s] <= pick:
            s += 1
        rows.sector[row] = s
        rows.left[row] = 0
        sectors.stock[s] += 1
        who = (np.int64(h), np.int64(rows.sex[row]), np.int64(rows.cls[row]))
        move(month.stock, rows, roster, row, who, np.int64(Status.CHINA), 0)


@kernel
def open_trade(month, land, law, traffickers, links, chance, known_share):
    """C6: traffickers of the first month, each place taken with the same chance. Draws: START."""
    key = stream_key(month.seed, Stream.START)
    for s in range(land.sector.shape[0]):
        for j in range(
            land.sector.pool_start[s], land.sector.pool_start[s] + land.sector.pool_size[s]
        ):
            if uniform(draw2(key, 2, j)) < chance:
                guards = (land.sector.guard_start[s], strength(month, land, s))
                start_trade(month, law, traffickers, links, j, known_share, guards)


def first_world(scenario: Scenario, land: Land, laws: Any, month: Month) -> World:
    """The world at the start of 1995-01; ``month`` carries the seeds and empty books."""
    value = scenario.parameters.value
    sizes = land.block.people
    homes, n_sectors = len(land.home), len(land.sector)
    women = _women(tuple(int(n) for n in sizes), scenario.world_seed, laws.population.female_share)
    month.stock[Status.HOME, :, 0, :] = women.reshape(homes, len(Class))
    month.stock[Status.HOME, :, 1, :] = (sizes - women).reshape(homes, len(Class))
    sectors = records(SECTOR, n_sectors)
    sectors.bribe[:] = plain(thousand)(laws.guard.minimum_bribe)
    for s in range(n_sectors):
        markets = month.levers[
            Lever.ECONOMY_MARKET_INDEX, n_sectors + int(land.sector[s].near_bank)
        ]
        sectors.profit[s] = plain(thousand)(
            plain(income_outside)(
                laws.trafficker.outside_income, laws.population.wealth_market_slope, markets
            )
        )
    sectors.danger[:] = plain(to_grid)(value("traffickers.belief_start"))
    sectors.norm[:] = plain(to_grid)(value("informants.norm_start"))
    sectors.aware[:] = plain(to_grid)(value("informants.aware_start"))
    beliefs = np.zeros((homes, len(Risk)), np.int32)
    beliefs[:] = [plain(to_grid)(b) for b in scenario.parameters.values("residents.belief_start")]
    guards = records(GUARD, int(land.sector.guard_size.sum()))
    guards.belief[:] = plain(to_grid)(value("guards.belief_start"))
    traffickers = new_traffickers(np.repeat(np.arange(n_sectors), land.sector.pool_size))
    links = new_links(len(traffickers))
    chance = value("traffickers.start_active") * scenario.scale / land.sector.pool_size.sum()
    known = value("traffickers.start_links")
    open_trade(month, land, laws.trafficker, traffickers, links, chance, known)
    active = traffickers.status > 0
    traffickers.belief[active] = sectors.danger[0]
    traffickers.profit[active] = sectors.profit[traffickers.sector[active]]
    in_china = int(value("china.start_stock") * scenario.scale + 0.5)
    rows = new_rows(max(FIRST_ROWS, 2 * in_china, int(sizes.sum()) // PEOPLE_A_ROW))
    roster = new_roster(sizes, len(rows))
    place_in_china(month, land, laws, rows, roster, sectors, in_china)
    return World(
        month=0, rows=rows, roster=roster, guards=guards, traffickers=traffickers,
        links=links, sectors=sectors, beliefs=beliefs, stock=month.stock, purses=month.purses,
    )  # fmt: skip

"""From a scenario to the world at month 0: places, people, guards, traffickers (model.md 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.guards import strength
from bordersim.agents.south import open_row
from bordersim.agents.traffickers import bank_markets, income_outside, start_trade
from bordersim.agents.traits import TIES_ACROSS, TIES_WITHIN, mate_of, sex_of
from bordersim.bookkeeping import move, rebuild_table, thousand, to_grid
from bordersim.codes import Class, Risk, Status
from bordersim.laws import Laws
from bordersim.rng import Stream, draw, draw2, index_below, stream_key, uniform
from bordersim.scenario import Scenario
from bordersim.state import (
    BLOCK_BITS,
    F64,
    I32,
    I64,
    Guards,
    Index,
    Land,
    Month,
    Rows,
    Sectors,
    Traffickers,
    grown_rows,
    new_guards,
    new_index,
    new_rows,
    new_sectors,
    new_traffickers,
)

FIRST_ROWS = 1 << 12
PEOPLE_A_ROW = 56
"""A run of history ends with about a row for so many people: room for it from the start."""


@dataclass(frozen=True)
class World:
    """Everything that changes, at the start of ``month``: a value to copy, save and continue."""

    month: int
    rows: Rows
    index: Index
    guards: Guards
    traffickers: Traffickers
    sectors: Sectors
    beliefs: I32
    stock: I64
    purses: I64

    def copy(self) -> World:
        """Deep copy; continuing one leaves the other as it was."""

        def copied(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                return value.copy()
            return type(value)(*(array.copy() for array in value))

        parts = {name: copied(value) for name, value in vars(self).items() if name != "month"}
        return replace(self, **parts)

    def with_room(self, wanted: int) -> World:
        """The same world with room for at least ``wanted`` rows."""
        capacity = len(self.rows.uid)
        if wanted <= capacity:
            return self
        while capacity < wanted:
            capacity *= 2
        rows = grown_rows(self.rows, capacity)
        slots = 1 << int(2 * capacity - 1).bit_length()
        table = np.zeros(slots, np.int32)
        rebuild_table(table, rows.uid, rows.used[0])
        return replace(self, rows=rows, index=self.index._replace(table=table))


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


def _ties(sizes: I64, within: float, across: float) -> dict[str, I64 | F64]:
    """Domains of kin ties and the chances that keep the stated means (model.md R6)."""
    tie_bits = np.array([_bits_for(int(n)) for n in sizes], np.int64)
    valid = np.maximum(sizes - 1, 1) / (2.0**tie_bits - 1)
    by_class = sizes.reshape(-1, len(Class))
    homes = len(by_class)
    kept_across = np.zeros(len(Class))
    for cls in range(len(Class)):
        ends = 0.0
        for slot in range(TIES_ACROSS):
            for home in range(homes):
                mate = mate_of(home, slot, homes)
                if mate >= 0:
                    bits = max(tie_bits[home * len(Class) + cls], tie_bits[mate * len(Class) + cls])
                    ends += float(by_class[home, cls]) * float(by_class[mate, cls]) / 2.0**bits
        kept_across[cls] = min(1.0, across * by_class[:, cls].sum() / max(ends, 1e-9))
    return {
        "tie_bits": tie_bits,
        "kept_within": np.minimum(1.0, within / (TIES_WITHIN * valid)),
        "kept_across": kept_across,
    }


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
    return Land(
        block_size=sizes,
        **_ties(sizes, value("population.ties_within"), value("population.ties_across")),  # type: ignore[arg-type]
        hunger=np.ascontiguousarray(home["hunger_exposure"]),
        wealth_shift=np.ascontiguousarray(home["wealth_shift"]),
        border=home["border"].astype(np.uint8),
        reach=np.cumsum(places.reach, axis=1),
        difficulty=np.ascontiguousarray(sector["river_difficulty"]),
        pressure=np.ascontiguousarray(sector["guard_pressure"]),
        chinese_cost=np.ascontiguousarray(sector["chinese_cost"]),
        far_bank=np.ascontiguousarray(sector["far_bank"]),
        near_bank=np.array([places.homes.index(name) for name in places.sector_homes], np.int64),
        length=length,
        pool_start=_starts(pool),
        pool_size=pool,
        guard_start=_starts(guards),
        guard_size=guards,
        officials=np.array([capital, officials], np.int64),
        informants=np.maximum(1, crowd).astype(np.int64),
    )


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
def place_in_china(month, land, laws, rows, index, sectors, number):
    """C6: people already in China at the start, from the homes that reach the river.

    Draws: START. Writes: rows, index, stock, sectors.stock.
    """
    key = stream_key(month.seed, Stream.START)
    homes, n_sectors = land.hunger.shape[0], land.pool_size.shape[0]
    weight = np.zeros(homes)
    for h in range(homes):
        weight[h] = land.reach[h, n_sectors - 1] * land.block_size[3 * h]
    weight = np.cumsum(weight)
    for k in range(number):
        bits = draw2(key, 1, k)
        pick = uniform(draw(bits, 1)) * weight[homes - 1]
        h = 0
        while weight[h] <= pick:
            h += 1
        b = 3 * h
        uid = (np.int64(b) << BLOCK_BITS) | index_below(draw(bits, 2), land.block_size[b])
        row = open_row(month, land, laws.population, rows, index, uid)
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
        move(month.stock, rows, row, who, np.int64(Status.CHINA), 0)


@kernel
def open_trade(month, land, law, traffickers, chance, known_share):
    """C6: traffickers of the first month, each place taken with the same chance. Draws: START."""
    key = stream_key(month.seed, Stream.START)
    for s in range(land.pool_size.shape[0]):
        for j in range(land.pool_start[s], land.pool_start[s] + land.pool_size[s]):
            if uniform(draw2(key, 2, j)) < chance:
                on_duty = strength(month, land, s)
                start_trade(month, law, traffickers, j, known_share, land.guard_start[s], on_duty)


def first_world(scenario: Scenario, land: Land, laws: Laws, month: Month) -> World:
    """The world at the start of 1995-01; ``month`` carries the seeds and empty books."""
    value = scenario.parameters.value
    sizes = land.block_size
    homes, n_sectors = len(scenario.places.homes), len(scenario.places.sectors)
    women = _women(tuple(int(n) for n in sizes), scenario.world_seed, laws.population.female_share)
    month.stock[Status.HOME, :, 0, :] = women.reshape(homes, len(Class))
    month.stock[Status.HOME, :, 1, :] = (sizes - women).reshape(homes, len(Class))
    sectors = new_sectors(n_sectors)
    sectors.bribe[:] = thousand(laws.guard.minimum_bribe)
    for s in range(n_sectors):
        sectors.profit[s] = thousand(
            income_outside(
                laws.trafficker.outside_income,
                laws.population.wealth_market_slope,
                bank_markets(month, land, s),
            )
        )
    sectors.danger[:] = to_grid(value("traffickers.belief_start"))
    sectors.norm[:] = to_grid(value("informants.norm_start"))
    sectors.aware[:] = to_grid(value("informants.aware_start"))
    beliefs = np.zeros((homes, len(Risk)), np.int32)
    beliefs[:] = [to_grid(b) for b in scenario.parameters.values("residents.belief_start")]
    guards = new_guards(int(land.guard_size.sum()))
    guards.belief[:] = to_grid(value("guards.belief_start"))
    traffickers = new_traffickers(np.repeat(np.arange(n_sectors), land.pool_size).astype(np.uint8))
    chance = value("traffickers.start_active") * scenario.scale / land.pool_size.sum()
    open_trade(month, land, laws.trafficker, traffickers, chance, value("traffickers.start_links"))
    active = traffickers.status > 0
    traffickers.belief[active] = sectors.danger[0]
    traffickers.profit[active] = sectors.profit[traffickers.sector[active]]
    in_china = int(value("china.start_stock") * scenario.scale + 0.5)
    rows = new_rows(max(FIRST_ROWS, 2 * in_china, int(sizes.sum()) // PEOPLE_A_ROW))
    index = new_index(sizes, len(rows.uid))
    place_in_china(month, land, laws, rows, index, sectors, in_china)
    return World(
        month=0, rows=rows, index=index, guards=guards, traffickers=traffickers,
        sectors=sectors, beliefs=beliefs, stock=month.stock, purses=month.purses,
    )  # fmt: skip

"""State of the world as tuples of one-dimensional arrays, one tuple per kind of agent.

A tuple of arrays compiles fast, caches, pickles and is plain Python with the
compiler off. One constructor per kind fixes dtype and layout.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bordersim.codes import OBSERVABLES, Account, Risk, Status

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]
U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

NEVER = -1
"""Month of what has not happened."""

LOG_MONTHS = 64
"""Months of bribes a guard's record holds (a ring; the longest lookback is 60)."""

LINKS = 8
"""Guards a trafficker can know at once."""

BLOCK_BITS = 25
"""A uid is block << 25 | index in the block; a block is home * 3 + class."""

FLAG_PAID = 1
FLAG_PACKAGE = 2
FLAG_TRIP = 4
FLAG_KIN = 8
FLAG_HELPED = 16
FLAG_CONTACT = 32
FLAG_HISTORY = 64
"""Kin abroad, an earlier return, or a wait: leaving is on such a person's mind."""
KEPT_AT_HOME = FLAG_KIN | FLAG_HISTORY
"""What a person remains after a journey ends at home."""


class Rows(NamedTuple):
    """Residents with a history; everyone else is a function of seed and uid."""

    used: I64  # (2,) rows in use, entries of ``away`` in use
    away: I32  # rows in China, custody or transit, and those who left them this month
    uid: I64
    status: U8
    home: U8
    sex: U8
    cls: U8
    age: U8
    sector: U8  # where the river was crossed last
    flags: U8
    waits: U8  # months spent waiting for a trafficker
    known_total: U8  # own and kin's outcomes known
    known_caught: U8  # of these, caught
    stamp: I16  # last month in which leaving was considered
    since: I16  # month in which the status began
    left: I16  # month of the last crossing
    term: I16  # month in which custody or transit ends
    kin_month: I16  # month of the last arrival of kin
    released: I16  # month of the last release
    seller: I32  # identity of the trafficker to whom money is owed
    owed: I64  # KRW thousand due on arrival
    balance: I64  # KRW thousand against procedural wealth


def new_rows(capacity: int) -> Rows:
    """Empty table of ``capacity`` rows."""

    def column(dtype: type, fill: int = 0) -> NDArray[Any]:
        return np.full(capacity, fill, dtype=dtype)

    return Rows(
        used=np.zeros(2, np.int64),
        away=column(np.int32),
        uid=column(np.int64),
        **{name: column(np.uint8) for name in Rows._fields[3:13]},
        stamp=column(np.int16, NEVER),
        since=column(np.int16),
        left=column(np.int16, NEVER),
        term=column(np.int16),
        kin_month=column(np.int16, NEVER),
        released=column(np.int16, NEVER),
        seller=column(np.int32, NEVER),
        owed=column(np.int64),
        balance=column(np.int64),
    )


def grown_rows(rows: Rows, capacity: int) -> Rows:
    """Copy of ``rows`` with room for ``capacity`` rows."""
    wide = new_rows(capacity)
    n = int(rows.used[0])
    wide.used[:] = rows.used
    for name in Rows._fields[1:]:
        getattr(wide, name)[:n] = getattr(rows, name)[:n]
    return wide


class Index(NamedTuple):
    """From uid to row: one bit per resident, then an open-addressing table."""

    bits: NDArray[np.uint64]  # who has a row, by block offset + index
    offset: I64  # (blocks,) first bit of a block
    table: I32  # row + 1, or 0; a power of two, at most half full


def new_index(block_sizes: I64, capacity: int) -> Index:
    """Empty index for blocks of the given sizes and at most ``capacity`` rows."""
    words = (block_sizes + 63) // 64
    offset = np.zeros(len(block_sizes), np.int64)
    offset[1:] = np.cumsum(words)[:-1] * 64
    slots = 1 << max(10, int(2 * capacity - 1).bit_length())
    return Index(np.zeros(int(words.sum()), np.uint64), offset, np.zeros(slots, np.int32))


class Guards(NamedTuple):
    """Border guards; slots are fixed, those beyond the current strength are idle."""

    generation: I32  # rises when a punished guard is replaced
    stamp: I32  # rises when rotation or a transfer breaks all links
    belief: I32  # perceived chance of punishment in a year, on the grid
    since: I16  # month of arrival at the post
    captures: I32
    cash: I64
    inclination: F64  # loyalty less taste for money, KRW million
    ambition: F64  # worth of a reward against its stated worth
    taken: U8  # (slots * LOG_MONTHS,) bribes by month, a ring


def new_guards(slots: int) -> Guards:
    """Idle guards in ``slots`` places."""
    return Guards(
        generation=np.zeros(slots, np.int32),
        stamp=np.zeros(slots, np.int32),
        belief=np.zeros(slots, np.int32),
        since=np.zeros(slots, np.int16),
        captures=np.zeros(slots, np.int32),
        cash=np.zeros(slots, np.int64),
        inclination=np.zeros(slots, np.float64),
        ambition=np.zeros(slots, np.float64),
        taken=np.zeros(slots * LOG_MONTHS, np.uint8),
    )


class Traffickers(NamedTuple):
    """Traffickers; a slot's occupant is (slot, generation)."""

    status: U8
    generation: I32
    sector: U8
    markup: I32  # log markup, on the grid
    belief: I32  # perceived chance of own arrest per crossing, on the grid
    crowding: I32  # average requests per place, on the grid
    profit: I64  # average monthly profit, KRW thousand
    cash: I64  # KRW thousand
    until: I16  # month in which jail ends
    operating: I64  # own cost of a crossing, KRW thousand
    fee_border: I64  # posted fee, KRW thousand
    fee_interior: I64
    package: U8  # can arrange the way onward this month
    requests: I32  # this month
    clients: I32  # this month
    earned: I64  # this month, KRW thousand
    arrested: U8  # this month
    link_guard: I32  # (slots * LINKS,) guard slot or -1
    link_stamp: I32  # (slots * LINKS,) the guard's stamp when the link was made


def new_traffickers(sector: U8) -> Traffickers:
    """Empty places, one for each entry of ``sector``."""
    n = len(sector)
    kinds = {
        "markup": np.int32, "belief": np.int32, "crowding": np.int32, "profit": np.int64,
        "cash": np.int64, "until": np.int16, "operating": np.int64, "fee_border": np.int64,
        "fee_interior": np.int64, "package": np.uint8, "requests": np.int32,
        "clients": np.int32, "earned": np.int64, "arrested": np.uint8,
    }  # fmt: skip
    return Traffickers(
        status=np.zeros(n, np.uint8),
        generation=np.zeros(n, np.int32),
        sector=np.ascontiguousarray(sector, dtype=np.uint8),
        **{name: np.zeros(n, dtype) for name, dtype in kinds.items()},
        link_guard=np.full(n * LINKS, NEVER, np.int32),
        link_stamp=np.zeros(n * LINKS, np.int32),
    )


OFFERS = 6
"""Room for offers in one decision (upper end of residents.offers_met)."""


class Actors(NamedTuple):
    """This month's residents who do not stay, in no order that matters."""

    uid: I64
    row: I64
    mode: U8
    sector: U8  # where they would cross unaided
    fallback: U8  # best option that needs no trafficker
    offers: U8  # offers better than the fallback
    served: I32  # trafficker who takes them, or -1
    seller: I32  # (n, OFFERS) best first
    package: U8  # (n, OFFERS) 1 with the way onward


def new_actors(n: int) -> Actors:
    """Room for ``n`` actors."""
    return Actors(
        uid=np.zeros(n, np.int64),
        row=np.zeros(n, np.int64),
        mode=np.zeros(n, np.uint8),
        sector=np.zeros(n, np.uint8),
        fallback=np.zeros(n, np.uint8),
        offers=np.zeros(n, np.uint8),
        served=np.full(n, NEVER, np.int32),
        seller=np.zeros((n, OFFERS), np.int32),
        package=np.zeros((n, OFFERS), np.uint8),
    )


class Scratch(NamedTuple):
    """Room that kernels use within a month; nothing in it outlives the month."""

    found_uid: I64  # who considers leaving
    found_reason: U8
    marked: U8  # (chunk,) already found in this chunk
    marks: I64  # (chunk,)
    counts: F64  # (layers, n) distribution of the number of points
    pieces: I64  # (layers,)
    age_factor: F64  # (age bands,) on the intensity of considering
    kin_log: F64  # (months + 1,) log factor since kin arrived; 0 in the last place
    again_log: F64  # (months + 1,) the same since release
    kin_most: F64  # (months + 1,) their exponentials
    again_most: F64
    utility: F64  # (OFFERS,)
    seller: I64  # (OFFERS,)
    package: U8  # (OFFERS,)
    still_at_border: F64  # (months,) chance of not having moved inland
    not_settled: F64  # (months,) onward hazard against that of newcomers
    kin: I64  # uids of one person's kin


class Sectors(NamedTuple):
    """What a sector of the river remembers."""

    bribe: I64  # going bribe, KRW thousand
    profit: I64  # profit a newcomer expects, KRW thousand
    danger: I32  # chance that a crossing leads to a trafficker's arrest, on the grid
    norm: I32  # informants' norm of reporting, on the grid
    aware: I32  # informants' awareness of bounty and fine, on the grid
    stock: I64  # people in China who crossed here


def new_sectors(n: int) -> Sectors:
    """Blank memory of ``n`` sectors."""
    return Sectors(
        bribe=np.zeros(n, np.int64),
        profit=np.zeros(n, np.int64),
        danger=np.zeros(n, np.int32),
        norm=np.zeros(n, np.int32),
        aware=np.zeros(n, np.int32),
        stock=np.zeros(n, np.int64),
    )


class Land(NamedTuple):
    """Places as arrays; fixed for a run."""

    block_size: I64  # (blocks,) residents
    tie_bits: I64  # (blocks,) log2 of the domain of kin ties
    kept_within: F64  # (blocks,) chance that a tie within the block is kept
    kept_across: F64  # (classes,) chance that such a tie is kept
    hunger: F64  # (homes,) exposure to hunger
    wealth_shift: F64  # (homes,)
    border: U8  # (homes,) 1 on the rivers
    reach: F64  # (homes, sectors) cumulated
    difficulty: F64  # (sectors,) of the river
    pressure: F64  # (sectors,) of inspections
    chinese_cost: F64  # (sectors,)
    far_bank: F64  # (sectors,)
    near_bank: I64  # (sectors,) home on the Northern bank
    length: F64  # (sectors,) km, times the scale
    pool_start: I64  # (sectors,) first trafficker place
    pool_size: I64
    guard_start: I64  # (sectors,) first guard place
    guard_size: I64
    officials: I64  # (2,) block of the officials abroad, their number
    informants: I64  # (sectors,) people who may be met


class Month(NamedTuple):
    """What every kernel of one month shares: the date, the seeds and the books."""

    month: int
    seed: int
    world_seed: int
    levers: F64  # (levers, sectors + homes)
    tally: I64  # (observables, places, 2, 3) this month's record
    heard: I64  # (homes, risks, 2) outcomes that became known: all, caught
    stock: I64  # (statuses, homes, 2, 3)
    ledger: I64  # (accounts, accounts) KRW thousand, from, to
    purses: I64  # (accounts, places) balances of kinds without rows of their own
    events: I64  # (room, 8) event log, room 0 when off
    n_events: I64  # (1,)


EVENT_FIELDS = ("month", "phase", "uid", "event", "place", "counterpart", "amount", "sequence")


def new_tally(places: int) -> I64:
    """Zero record of one month for ``places`` places."""
    return np.zeros((len(OBSERVABLES), places, 2, 3), np.int64)


def new_heard(homes: int) -> I64:
    """Zero outcomes known, by home and belief."""
    return np.zeros((homes, len(Risk), 2), np.int64)


def new_stock(homes: int) -> I64:
    """Zero people by status, home, sex, class."""
    return np.zeros((len(Status), homes, 2, 3), np.int64)


def new_purses(places: int) -> I64:
    """Zero balances by account and place."""
    return np.zeros((len(Account), places), np.int64)

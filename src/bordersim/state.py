"""State of the world: one array of records per kind of agent.

A column is read as ``guards.cash[g]``, compiled or not. Whoever is met by chance, in no
order, costs one line of memory, and a kernel is handed one array instead of twenty
(docs/decisions/0011). One constructor per kind fixes its layout.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import from_dtype, types
from numba.extending import typeof_impl
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


class Records(np.recarray[Any, Any]):
    """Records of one kind; their fields are attributes no type checker can see."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


@typeof_impl.register(Records)
def _type_of_records(array: Records, _: object) -> Any:
    return type_of_records(array.dtype)


@lru_cache(maxsize=64)
def type_of_records(dtype: np.dtype[Any]) -> Any:
    """Numba's type of a kind of records; it would be made anew for every call of a kernel."""
    return types.Array(from_dtype(dtype), 1, "C")


def records(dtype: np.dtype[Any], count: int) -> Records:
    """``count`` zero records whose fields are read as columns, ``agents.field[i]``.

    Those of a world name even their spare bytes: a digest reads them all, and a copy of
    an array need not copy what has no name.
    """
    return np.zeros(count, dtype).view(Records)


ROW = np.dtype(
    [
        ("uid", np.int64),
        ("status", np.uint8),
        ("home", np.uint8),
        ("sex", np.uint8),
        ("cls", np.uint8),
        ("age", np.uint8),
        ("sector", np.uint8),  # where the river was crossed last
        ("tags", np.uint8),  # FLAG_*
        ("waits", np.uint8),  # months spent waiting for a trafficker
        ("known_total", np.uint8),  # own and kin's outcomes known
        ("known_caught", np.uint8),  # of these, caught
        ("stamp", np.int16),  # last month in which leaving was considered
        ("since", np.int16),  # month in which the status began
        ("left", np.int16),  # month of the last crossing
        ("term", np.int16),  # month in which custody or transit ends
        ("spare", np.int16),
        ("seller", np.int32),  # identity of the trafficker to whom money is owed
        ("owed", np.int64),  # KRW thousand due on arrival
        ("balance", np.int64),  # KRW thousand against procedural wealth
    ],
    align=True,
)
"""A resident with a history; everyone else is a function of seed and uid."""

WAITING = 0
"""List of the clients who wait for a trafficker, in place of all those at home."""
LISTED = (WAITING, Status.CHINA, Status.CUSTODY, Status.TRANSIT)
"""Whose people are listed, so that a month visits them and nobody else."""

AHEAD = 64
"""People whose records are asked for at once, before the first of them is needed."""


def new_rows(capacity: int) -> Records:
    """Room for ``capacity`` residents with a history."""
    rows = records(ROW, capacity)
    for name in ("stamp", "left", "seller"):
        rows[name] = NEVER
    return rows


class Roster(NamedTuple):
    """Who has a row, and who is where: an index, lists, and the columns a month scans."""

    rows: I64  # (1,) rows in use
    used: I64  # (lists,) people listed
    listed: I32  # (lists, rows) rows of clients who wait; of those in China, custody, transit
    uid: I64  # (rows,) the rows' uids once more, apart
    kin_month: I16  # (rows,) month of the last arrival of kin
    released: I16  # (rows,) month of the last release from custody
    bits: NDArray[np.uint64]  # who has a row, by block offset + index
    offset: I64  # (blocks,) first bit of a block
    table: I32  # row + 1, or 0; a power of two, at most half full


def new_roster(block_sizes: I64, capacity: int) -> Roster:
    """Empty roster for blocks of the given sizes and at most ``capacity`` rows."""
    words = (block_sizes + 63) // 64
    offset = np.zeros(len(block_sizes), np.int64)
    offset[1:] = np.cumsum(words)[:-1] * 64
    return Roster(
        rows=np.zeros(1, np.int64),
        used=np.zeros(len(LISTED), np.int64),
        listed=np.zeros((len(LISTED), capacity), np.int32),
        uid=np.zeros(capacity, np.int64),
        kin_month=np.full(capacity, NEVER, np.int16),
        released=np.full(capacity, NEVER, np.int16),
        bits=np.zeros(int(words.sum()), np.uint64),
        offset=offset,
        table=np.zeros(1 << max(10, int(2 * capacity - 1).bit_length()), np.int32),
    )


def grown_roster(roster: Roster, capacity: int) -> Roster:
    """Copy of ``roster`` with room for ``capacity`` rows; its table is empty."""
    wide = new_roster(np.zeros(len(roster.offset), np.int64), capacity)
    n = len(roster.uid)
    wide.listed[:, :n] = roster.listed
    wide.uid[:n] = roster.uid
    wide.kin_month[:n] = roster.kin_month
    wide.released[:n] = roster.released
    return wide._replace(rows=roster.rows, used=roster.used, bits=roster.bits, offset=roster.offset)


GUARD = np.dtype(
    [
        ("cash", np.int64),
        ("inclination", np.float64),  # loyalty less taste for money, KRW million
        ("ambition", np.float64),  # worth of a reward against its stated worth
        ("generation", np.int32),  # rises when a punished guard is replaced
        ("stamp", np.int32),  # rises when rotation or a transfer breaks all links
        ("belief", np.int32),  # perceived chance of punishment in a year, on the grid
        ("captures", np.int32),
        ("taken", np.uint8, (LOG_MONTHS,)),  # bribes by month, a ring
        ("since", np.int16),  # month of arrival at the post
        ("spare", np.uint8, (6,)),
    ],
    align=True,
)
"""A border guard; places are fixed, those beyond the current strength are idle."""

TRAFFICKER = np.dtype(
    [
        ("profit", np.int64),  # average monthly profit, KRW thousand
        ("cash", np.int64),  # KRW thousand
        ("operating", np.int64),  # own cost of a crossing, KRW thousand
        ("fee_border", np.int64),  # posted fee, KRW thousand
        ("fee_interior", np.int64),
        ("earned", np.int64),  # this month, KRW thousand
        ("generation", np.int32),
        ("markup", np.int32),  # log markup, on the grid
        ("belief", np.int32),  # perceived chance of own arrest per crossing, on the grid
        ("crowding", np.int32),  # average requests per place, on the grid
        ("requests", np.int32),  # this month
        ("clients", np.int32),  # this month
        ("until", np.int16),  # month in which jail ends
        ("status", np.uint8),
        ("sector", np.uint8),
        ("package", np.uint8),  # can arrange the way onward this month
        ("arrested", np.uint8),  # this month
        ("spare", np.uint8, (2,)),
    ],
    align=True,
)
"""A trafficker; a place's occupant is (place, generation)."""

LINK = np.dtype([("guard", np.int32), ("stamp", np.int32)])
"""A guard a trafficker knows, by place or -1, and the guard's stamp when the link was made."""


def new_traffickers(sector: U8) -> Records:
    """Empty places, one for each entry of ``sector``."""
    traffickers = records(TRAFFICKER, len(sector))
    traffickers["sector"] = sector
    return traffickers


def new_links(places: int) -> Records:
    """Nobody knows anybody: LINKS empty links for each of ``places`` traffickers."""
    links = records(LINK, places * LINKS)
    links["guard"] = NEVER
    return links


SECTOR = np.dtype(
    [
        ("bribe", np.int64),  # going bribe, KRW thousand
        ("profit", np.int64),  # profit a newcomer expects, KRW thousand
        ("stock", np.int64),  # people in China who crossed here
        ("danger", np.int32),  # chance that a crossing leads to a trafficker's arrest, grid
        ("norm", np.int32),  # informants' norm of reporting, on the grid
        ("aware", np.int32),  # informants' awareness of bounty and fine, on the grid
        ("spare", np.int32),
    ]
)
"""What a sector of the river remembers."""

WATCH = np.dtype(
    [
        ("on_duty", np.int64),  # guards
        ("exponent", np.float64),  # of detection, unaided
        ("drowning", np.float64),  # probability, unaided
        ("chinese", np.int64),  # the Chinese side's part, KRW thousand
    ]
)
"""This month's river in a sector."""

BLOCK = np.dtype(
    [
        ("people", np.int64),
        ("tie_bits", np.int64),  # log2 of the domain of kin ties
        ("kept_within", np.float64),  # chance that a tie within the block is kept
    ]
)
"""A home and class."""

HOME = np.dtype(
    [
        ("hunger", np.float64),  # exposure
        ("wealth_shift", np.float64),
        ("border", np.int64),  # 1 on the rivers
    ]
)

BANK = np.dtype(
    [
        ("difficulty", np.float64),  # of the river
        ("pressure", np.float64),  # of inspections
        ("chinese_cost", np.float64),
        ("far_bank", np.float64),
        ("length", np.float64),  # km, times the scale
        ("near_bank", np.int64),  # home on the Northern bank
        ("pool_start", np.int64),  # first trafficker place
        ("pool_size", np.int64),
        ("guard_start", np.int64),  # first guard place
        ("guard_size", np.int64),
        ("informants", np.int64),  # people who may be met
    ]
)
"""A sector of the river as it lies there."""

ROUND = np.dtype([("odd", np.uint64), ("shift", np.uint64), ("inverse", np.uint64)])
"""One invertible round of a keyed bijection: times ``odd``, plus ``shift``."""


class Land(NamedTuple):
    """Places; fixed for a run."""

    block: Records  # BLOCK, (blocks,)
    home: Records  # HOME, (homes,)
    sector: Records  # BANK, (sectors,)
    reach: F64  # (homes, sectors) cumulated
    kept_across: F64  # (classes,) chance that a tie between homes is kept
    officials: I64  # (2,) block of the officials abroad, their number
    ties: Records  # ROUND, (tie slots of every block and home, rounds)


class Scene(NamedTuple):
    """Everyone and everything of one month."""

    land: Land
    laws: Any  # laws.Laws, as one record
    sectors: Records
    rows: Records
    roster: Roster
    guards: Records
    traffickers: Records
    links: Records
    watch: Records
    beliefs: I32  # (homes, risks) on the grid


class Made(NamedTuple):
    """What the month's crossings leave behind for its end."""

    links: I64  # (n, 2) trafficker, guard
    n_links: I64  # (1,)
    deals: I64  # (n, 2) sector, fee
    n_deals: I64  # (1,)


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

"""How kernels read and write state: rows by uid, moves, events, money and the grid."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.codes import Status
from bordersim.state import BLOCK_BITS


@kernel
def emit(events, n_events, fields, amount, sequence):
    """Append one event; ``fields`` is (month, phase, uid, event, place, counterpart)."""
    n = n_events[0]
    if n < events.shape[0]:
        for k in range(6):
            events[n, k] = fields[k]
        events[n, 6] = amount
        events[n, 7] = sequence
    n_events[0] = n + 1


@kernel
def has_row(bits, offset, uid):
    """Whether ``uid`` has a row."""
    bit = offset[uid >> BLOCK_BITS] + (uid & ((1 << BLOCK_BITS) - 1))
    return (bits[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1) != np.uint64(0)


@kernel
def find_row(bits, offset, table, uids, uid):
    """Row of ``uid``, or -1."""
    if not has_row(bits, offset, uid):
        return np.int64(-1)
    mask = table.shape[0] - 1
    slot = hash_uid(uid) & mask
    while table[slot] != 0:
        row = np.int64(table[slot]) - 1
        if uids[row] == uid:
            return row
        slot = (slot + 1) & mask
    return np.int64(-1)


@kernel
def hash_uid(uid):
    """Spread a uid over the table; decides nothing but a position."""
    x = (uid ^ (uid >> 17)) * 0x9E3779B1
    return (x ^ (x >> 15)) & 0x7FFFFFFF


@kernel
def enter_row(bits, offset, table, uid, row):
    """Record that ``uid`` now has ``row``."""
    block = uid >> BLOCK_BITS
    bit = offset[block] + (uid & ((1 << BLOCK_BITS) - 1))
    bits[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
    mask = table.shape[0] - 1
    slot = hash_uid(uid) & mask
    while table[slot] != 0:
        slot = (slot + 1) & mask
    table[slot] = row + 1


@kernel
def rebuild_table(table, uids, count):
    """Fill a fresh table from the rows."""
    mask = table.shape[0] - 1
    for row in range(count):
        slot = hash_uid(uids[row]) & mask
        while table[slot] != 0:
            slot = (slot + 1) & mask
        table[slot] = row + 1


@kernel
def move(stock, rows, roster, row, who, to, month):
    """Move a row to status ``to``; ``who`` is (home, sex, class).

    Whoever enters China, custody or transit is listed there; the kernel that visits a
    list drops those who have left it.
    """
    if Status.CHINA <= to <= Status.TRANSIT:
        roster.listed[to, roster.used[to]] = row
        roster.used[to] += 1
    stock[rows.status[row], who[0], who[1], who[2]] -= 1
    stock[to, who[0], who[1], who[2]] += 1
    rows.status[row] = to
    rows.since[row] = month


@kernel
def thousand(million):
    """Money in whole KRW thousand from KRW million, nearest, halves up."""
    return np.int64(math.floor(million * 1000.0 + 0.5))


@kernel
def to_grid(value):
    """Share on the grid of 2**-20, nearest."""
    return np.int64(math.floor(value * 1048576.0 + 0.5))


@kernel
def from_grid(steps):
    """Share from the grid."""
    return np.float64(steps) * 9.5367431640625e-07

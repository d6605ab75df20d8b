"""Fixed traits of residents: pure functions of the world seed and the uid.

Nobody's traits are stored before something happens to them; whoever needs a
trait computes it. Keys: ``docs/draws.md``, streams SEX to TIE_KEPT.
"""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.codes import Sex
from bordersim.rng import Stream, draw, draw2, normal, stream_key, uniform
from bordersim.state import BLOCK_BITS

_INDEX = (1 << BLOCK_BITS) - 1
TIES_WITHIN = 10
"""Tie slots within a block; each is kept with the probability that gives the mean."""
TIES_ACROSS = 4
"""Tie slots to other homes."""


@kernel
def home_of(uid):
    """Home of a resident."""
    return (uid >> BLOCK_BITS) // 3


@kernel
def class_of(uid):
    """Economic class of a resident."""
    return (uid >> BLOCK_BITS) % 3


@kernel
def sex_of(sex_key, uid, female_share):
    """Sex: female with probability ``female_share``."""
    return (
        np.int64(Sex.FEMALE) if uniform(draw(sex_key, uid)) < female_share else np.int64(Sex.MALE)
    )


@kernel
def age_of(age_key, uid, age_shares):
    """Age band, 0 (0-9) to 6 (60+), with the given shares."""
    u = uniform(draw(age_key, uid))
    total = 0.0
    age = np.int64(0)
    for band in range(age_shares.shape[0] - 1):
        total += age_shares[band]
        age += np.int64(u >= total)
    return age


@kernel
def rank_of(hardship_key, uid):
    """Personal hardship rank, uniform on (0, 1)."""
    return uniform(draw(hardship_key, uid))


@kernel
def wealth(median, sigma, slope, markets, shift, z):
    """R2: liquid wealth, KRW million of 2015, of a person at quantile z of the class."""
    return math.exp(math.log(median) + shift + slope * (markets - 1.0) + sigma * z)


@kernel
def tolerance(sigma, z):
    """R5: personal weight on risk, median one."""
    return math.exp(sigma * z)


ROUNDS = 3
"""Rounds of a keyed bijection."""


@kernel
def fill_rounds(rounds, first, key):
    """Constants of a keyed bijection, into ROUNDS places from ``first``."""
    for r in range(ROUNDS):
        k = draw(key, r)
        odd = k | np.uint64(1)
        inverse = odd  # Newton: each step doubles the correct bits, from 3 to 48
        for _ in range(4):
            inverse = inverse * (np.uint64(2) - odd * inverse)
        rounds.odd[first + r], rounds.inverse[first + r] = odd, inverse
        rounds.shift[first + r] = k >> np.uint64(32)


@kernel
def permute(index, bits, rounds, first):
    """Keyed bijection of [0, 2**bits): three rounds, each invertible."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    half = np.uint64((bits + 1) // 2)
    x = np.uint64(index)
    for r in range(first, first + ROUNDS):
        x = (x * rounds.odd[r] + rounds.shift[r]) & mask
        x = x ^ (x >> half)
    return x


@kernel
def unpermute(x, bits, rounds, first):
    """Inverse of :func:`permute`."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    half = np.uint64((bits + 1) // 2)
    for s in range(ROUNDS):
        r = first + ROUNDS - 1 - s
        x = x ^ (x >> half)
        x = ((x - rounds.shift[r]) * rounds.inverse[r]) & mask
    return np.int64(x)


@kernel
def partner(index, bits, rounds, first):
    """Partner of ``index`` under a keyed involution of [0, 2**bits); never itself."""
    if bits < 1:
        return np.int64(index)
    image = permute(index, bits, rounds, first) ^ np.uint64(1)
    return unpermute(image, bits, rounds, first)


@kernel
def fill_tie_rounds(rounds, world_seed, blocks, homes):
    """Constants of every tie slot: of each block first, then of each home. Draws: TIE."""
    key = stream_key(world_seed, Stream.TIE)
    for block in range(blocks):
        for slot in range(TIES_WITHIN):
            fill_rounds(rounds, first_within(block, slot), draw2(key, block, slot))
    for home in range(homes):
        for slot in range(TIES_ACROSS):
            fill_rounds(rounds, first_across(blocks, home, slot), draw2(key, 1000 + home, slot))


@kernel
def first_within(block, slot):
    """Place of the constants of a tie slot within a block."""
    return (block * TIES_WITHIN + slot) * ROUNDS


@kernel
def first_across(blocks, low, slot):
    """Place of the constants of a tie slot between homes, the lower of which is ``low``."""
    return (blocks * TIES_WITHIN + low * TIES_ACROSS + slot) * ROUNDS


@kernel
def tie_kept(kept_key, uid, other, slot, probability):
    """Whether a tie exists: a draw keyed on the unordered pair."""
    low = min(uid, other)
    high = max(uid, other)
    return uniform(draw2(draw(kept_key, low), high, slot)) < probability


@kernel
def tie_within(rounds, uid, slot, bits):
    """Uid at the other end of tie ``slot`` in the same block; it may be out of range."""
    block = uid >> BLOCK_BITS
    other = partner(uid & _INDEX, bits, rounds, first_within(block, slot))
    return (block << BLOCK_BITS) | other


@kernel
def mate_of(home, slot, homes):
    """Home with which a home shares tie ``slot``: homes meet as in the rounds of a tournament.

    With an odd number of homes the last (the military camps) has no ties to others: -1.
    """
    even = homes - homes % 2
    if home >= even:
        return np.int64(-1)
    turn = np.int64(slot) % (even - 1)
    if home == even - 1:
        return turn
    mate = (2 * turn - home) % (even - 1)
    return np.int64(even - 1) if mate == home else np.int64(mate)


@kernel
def tie_across(rounds, uid, slot, homes, tie_bits):
    """Uid at the other end of tie ``slot`` in another home; it may be out of range, or -1.

    A keyed bijection from the lower home's indices to the other's, or its inverse.
    """
    block = uid >> BLOCK_BITS
    home = block // 3
    mate = mate_of(home, slot, homes)
    if mate < 0:
        return np.int64(-1)
    mate_block = mate * 3 + block % 3
    bits = max(tie_bits[block], tie_bits[mate_block])
    first = first_across(tie_bits.shape[0], min(home, mate), slot)
    if home < mate:
        other = np.int64(permute(uid & _INDEX, bits, rounds, first))
    else:
        other = unpermute(np.uint64(uid & _INDEX), bits, rounds, first)
    return (mate_block << BLOCK_BITS) | other


@kernel
def z_of(key, uid):
    """Standard normal trait of a resident."""
    return normal(draw(key, uid))

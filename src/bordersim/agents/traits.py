"""Fixed traits of residents: pure functions of the world seed and the uid.

Nobody's traits are stored before something happens to them; whoever needs a
trait computes it. Keys: ``docs/draws.md``, streams SEX to TIE_KEPT.
"""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.codes import Sex
from bordersim.rng import draw, draw2, normal, uniform
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


@kernel
def permute(index, bits, key):
    """Keyed bijection of [0, 2**bits): three rounds, each invertible."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    half = np.uint64((bits + 1) // 2)
    x = np.uint64(index)
    for r in range(3):
        k = draw(key, r)
        x = (x * (k | np.uint64(1)) + (k >> np.uint64(32))) & mask
        x = x ^ (x >> half)
    return x


@kernel
def unpermute(x, bits, key):
    """Inverse of :func:`permute`."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    half = np.uint64((bits + 1) // 2)
    for s in range(3):
        k = draw(key, 2 - s)
        x = x ^ (x >> half)
        odd = k | np.uint64(1)
        inverse = odd  # Newton: each step doubles the correct bits, from 3 to 48
        for _ in range(4):
            inverse = inverse * (np.uint64(2) - odd * inverse)
        x = ((x - (k >> np.uint64(32))) * inverse) & mask
    return np.int64(x)


@kernel
def partner(index, bits, key):
    """Partner of ``index`` under a keyed involution of [0, 2**bits); never itself."""
    if bits < 1:
        return np.int64(index)
    return unpermute(permute(index, bits, key) ^ np.uint64(1), bits, key)


@kernel
def tie_kept(kept_key, uid, other, slot, probability):
    """Whether a tie exists: a draw keyed on the unordered pair."""
    low = min(uid, other)
    high = max(uid, other)
    return uniform(draw2(draw(kept_key, low), high, slot)) < probability


@kernel
def tie_within(tie_key, uid, slot, bits):
    """Uid at the other end of tie ``slot`` in the same block; it may be out of range."""
    block = uid >> BLOCK_BITS
    other = partner(uid & _INDEX, bits, draw2(tie_key, block, slot))
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
def tie_across(tie_key, uid, slot, homes, tie_bits):
    """Uid at the other end of tie ``slot`` in another home; it may be out of range, or -1."""
    block = uid >> BLOCK_BITS
    home = block // 3
    mate = mate_of(home, slot, homes)
    if mate < 0:
        return np.int64(-1)
    low = min(home, mate)
    bits = max(tie_bits[block], tie_bits[mate * 3 + block % 3])
    other = partner_across(uid & _INDEX, bits, draw2(tie_key, 1000 + low, slot), home == low)
    return ((mate * 3 + block % 3) << BLOCK_BITS) | other


@kernel
def partner_across(index, bits, key, forward):
    """Bijection between two homes' indices, or its inverse."""
    if forward:
        return np.int64(permute(index, bits, key))
    return unpermute(np.uint64(index), bits, key)


@kernel
def z_of(key, uid):
    """Standard normal trait of a resident."""
    return normal(draw(key, uid))

"""Counter-based random numbers: a draw is a pure function of what it decides.

A draw is keyed by (seed, stream, who, when, which), never by how many draws came
before it. Two scenarios with one seed therefore share every draw that both make,
and no order of evaluation, thread or process can change a result. The registry of
streams, keys and users is ``docs/draws.md``.

The mixer is the SplitMix64 finaliser (Steele, Lea & Flood 2014) over a Weyl
counter, applied once per key field.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from bordersim._jit import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S12 = np.uint64(12)
ONE = np.uint64(1)
_UNIT = 2.0**-52


class Stream(IntEnum):
    """What a draw decides; the second field of every key."""

    # world seed: who people are
    SEX = 1
    AGE = 2
    WEALTH = 3
    HARDSHIP = 4
    TOLERANCE = 5
    TIE = 6
    TIE_KEPT = 7
    GUARD_TRAITS = 8
    TRAFFICKER_TRAITS = 9
    INFORMANT_TRAITS = 10
    PACKAGE = 11
    POST = 12
    # dynamics seed: what happens
    THIN_COUNT = 32
    THIN_KEEP = 33
    CASE = 34
    HISTORY = 35
    CHOICE = 36
    NEST = 37
    REACH = 38
    OFFER = 39
    LOTTERY = 41
    KNOWN_GUARD = 42
    NEW_GUARD = 43
    GUARD_CHOICE = 44
    DETECTION = 45
    RIVER = 46
    KNOWN_OUTCOME = 47
    JAIL = 48
    ENTRY = 49
    EXIT = 50
    LINK = 51
    SMUGGLING = 52
    INSPECTION = 53
    ROTATION = 54
    MEETING_GAP = 56
    MEETING_WHO = 57
    MEETING_CHOICE = 58
    MEETING_OUTCOME = 59
    HAZARD = 60
    ARREST = 61
    MARRIAGE = 62
    INLAND = 63
    TRANSIT = 64
    CUSTODY = 65
    OFFICIAL = 66
    START = 67
    THIN_PLACE = 68


@kernel
def mix(x):
    """Scramble 64 bits, bijectively (SplitMix64 finaliser)."""
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    return x ^ (x >> _S31)


@kernel
def stream_key(seed, stream):
    """Key of one stream of one seed; stays inside kernels as uint64."""
    return mix(mix(np.uint64(seed) * GOLDEN + ONE) + np.uint64(stream) * GOLDEN)


@kernel
def month_key(seed, stream, month):
    """Key of one stream of one seed in one month."""
    return draw(stream_key(seed, stream), month)


@kernel
def draw(key, a):
    """64 random bits for (key, a)."""
    return mix(key + (np.uint64(a) + ONE) * GOLDEN)


@kernel
def draw2(key, a, b):
    """64 random bits for (key, a, b)."""
    return draw(draw(key, a), b)


@kernel
def draw3(key, a, b, c):
    """64 random bits for (key, a, b, c)."""
    return draw(draw(draw(key, a), b), c)


@kernel
def uniform(bits):
    """Uniform on the open interval (0, 1), 52 bits (one more would round to 1)."""
    return (np.float64(np.int64(bits >> _S12)) + 0.5) * _UNIT


@kernel
def exponential(bits):
    """Exponential with mean one."""
    return -math.log(uniform(bits))


@kernel
def gumbel(bits):
    """Standard Gumbel (location 0, scale 1)."""
    return -math.log(-math.log(uniform(bits)))


@kernel
def with_gumbel(value, best, bits):
    """``value`` plus a Gumbel error, or something below ``best`` when it cannot win.

    An error exceeds x with u > exp(-exp(-x)) > 1 - 1/(1 + x + x**2/2 + x**3/6): below
    that no logarithm is needed. The draw is the same, only its price differs.
    """
    u = uniform(bits)
    x = best - value
    if x > 0.0 and u < 1.0 - 1.0 / (1.0 + x * (1.0 + x * (0.5 + x * 0.16666666666666))):
        return best - 1.0
    return value - math.log(-math.log(u))


@kernel
def normal(bits):
    """Standard normal: Box-Muller on the bits and their successor."""
    radius = math.sqrt(-2.0 * math.log(uniform(bits)))
    return radius * math.cos(2.0 * math.pi * uniform(mix(bits + GOLDEN)))


@kernel
def index_below(bits, n):
    """Integer in [0, n) for n well below 2**32."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@kernel
def nest_error(key_bits, alpha):
    """Nest error that makes nest error + alpha Gumbel again a standard Gumbel.

    It is alpha ln S with S positive stable of index alpha (Kanter 1975), so that
    explicit additive errors give the nested logit exactly (Cardell 1997). At alpha one
    offers share nothing, and the error is zero.
    """
    if alpha >= 1.0:
        return 0.0
    theta = math.pi * uniform(key_bits)
    waiting = exponential(mix(key_bits + GOLDEN))
    log_a = (
        math.log(math.sin((1.0 - alpha) * theta))
        + alpha / (1.0 - alpha) * math.log(math.sin(alpha * theta))
        - 1.0 / (1.0 - alpha) * math.log(math.sin(theta))
    )
    return (1.0 - alpha) * (log_a - math.log(waiting))

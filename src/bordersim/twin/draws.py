"""Keyed draws in plain Python integers (``docs/draws.md``).

A draw is a pure function of what it decides: of a seed, a stream, perhaps the month,
and whom it concerns. Nothing is remembered between two draws but the keys of streams.
"""

from __future__ import annotations

import math

from bordersim.rng import Stream

GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def mix(bits: int) -> int:
    """Scramble 64 bits (SplitMix64 finaliser)."""
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def draw(key: int, field: int) -> int:
    """64 random bits for a key and one more field."""
    return mix((key + (field + 1) * GOLDEN) & _MASK)


def stream_key(seed: int, stream: int) -> int:
    """Key of one stream of one seed."""
    start = mix((seed * GOLDEN + 1) & _MASK)
    return mix((start + stream * GOLDEN) & _MASK)


def uniform(bits: int) -> float:
    """Uniform in (0, 1), never 0 or 1."""
    return ((bits >> 12) + 0.5) * 2.0**-52


def exponential(bits: int) -> float:
    """Exponential with mean one."""
    return -math.log(uniform(bits))


def gumbel(bits: int) -> float:
    """Standard Gumbel: the error of an alternative in a logit choice."""
    return -math.log(-math.log(uniform(bits)))


def normal(bits: int) -> float:
    """Standard normal (Box and Muller)."""
    radius = math.sqrt(-2.0 * math.log(uniform(bits)))
    return radius * math.cos(2.0 * math.pi * uniform(mix((bits + GOLDEN) & _MASK)))


def index_below(bits: int, number: int) -> int:
    """Whole number in [0, ``number``)."""
    return ((bits >> 32) * number) >> 32


def nest_error(bits: int, alpha: float) -> float:
    """Error shared by the offers of a nest of dissimilarity ``alpha``.

    Nest error + alpha x Gumbel is a standard Gumbel again: alpha ln S with S positive
    stable of index alpha, by Kanter's formula; 0 in the limit alpha = 1.
    """
    if alpha >= 1.0:
        return 0.0
    angle = math.pi * uniform(bits)
    waiting = exponential(mix((bits + GOLDEN) & _MASK))
    rest = 1.0 - alpha
    return rest * (
        math.log(math.sin(rest * angle))
        + alpha / rest * math.log(math.sin(alpha * angle))
        - 1.0 / rest * math.log(math.sin(angle))
        - math.log(waiting)
    )


class Luck:
    """All the luck of a world: every draw by what it decides.

    Parameters
    ----------
    world_seed
        Decides who people are.
    seed
        Decides what happens to them.
    """

    def __init__(self, world_seed: int, seed: int) -> None:
        self._world = {stream: stream_key(world_seed, stream) for stream in Stream}
        self._lasting = {stream: stream_key(seed, stream) for stream in Stream}
        self._monthly: dict[Stream, int] = {}
        self.month = 0

    def turn_to(self, month: int) -> None:
        """Begin a month: from now on ``monthly`` draws are this month's."""
        self.month = month
        self._monthly = {stream: draw(key, month) for stream, key in self._lasting.items()}

    def world(self, stream: Stream, *fields: int) -> int:
        """Bits that say who somebody is; the same in every month and scenario."""
        bits = self._world[stream]
        for field in fields:
            bits = draw(bits, field)
        return bits

    def lasting(self, stream: Stream, *fields: int) -> int:
        """Bits that say what happens to somebody, once for all."""
        bits = self._lasting[stream]
        for field in fields:
            bits = draw(bits, field)
        return bits

    def monthly(self, stream: Stream, *fields: int) -> int:
        """Bits that say what happens to somebody this month."""
        bits = self._monthly[stream]
        for field in fields:
            bits = draw(bits, field)
        return bits

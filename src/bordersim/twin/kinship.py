"""Who is kin to whom, computed from identities alone (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bordersim.codes import Class
from bordersim.rng import Stream
from bordersim.twin.draws import draw, uniform

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel

SLOTS_WITHIN = 10
SLOTS_ACROSS = 4
_ROUNDS = 3


class Permutation:
    """A keyed bijection of [0, 2^bits) and its inverse."""

    def __init__(self, key: int, bits: int) -> None:
        self._mask, self._shift = (1 << bits) - 1, (bits + 1) // 2
        rounds = [draw(key, r) for r in range(_ROUNDS)]
        self._rounds = [(number | 1, number >> 32) for number in rounds]

    def __call__(self, x: int) -> int:
        """Where ``x`` goes."""
        for factor, shift in self._rounds:
            x = (x * factor + shift) & self._mask
            x ^= x >> self._shift
        return x

    def inverse(self, x: int) -> int:
        """What goes to ``x``."""
        for factor, shift in reversed(self._rounds):
            x ^= x >> self._shift
            x = (x - shift) * pow(factor, -1, self._mask + 1) & self._mask
        return x


def bits_for(size: int) -> int:
    """Bits of the smallest power of two that holds ``size`` indices, at least one."""
    return max(1, (size - 1).bit_length())


class Kinship:
    """Ties of a world: in the household, within the block, and across homes."""

    def __init__(self, model: TwinModel) -> None:
        self._luck, self._law = model.luck, model.laws.population
        self._people = [home.people for home in model.homes]
        self._paired = len(self._people) - len(self._people) % 2
        self._within: dict[tuple[int, int], Permutation] = {}
        self._across: dict[tuple[int, int, Class], Permutation] = {}
        self._share_across = {class_: self._kept_across(class_) for class_ in Class}

    def of(self, uid: int) -> Iterator[int]:
        """Kin of a resident; who is kin twice comes twice."""
        block, index = uid >> 25, uid & ((1 << 25) - 1)
        home, class_ = block // 3, Class(block % 3)
        size = self._people[home][class_]
        first = index - index % int(self._law.household_size)
        for other in range(first, min(first + int(self._law.household_size), size)):
            if other != index:
                yield block << 25 | other
        for slot in range(SLOTS_WITHIN):
            other = self._partner(block, slot, index, size)
            if other < size and self._is_kept(uid, block << 25 | other, slot, self._share(size)):
                yield block << 25 | other
        if home < self._paired:
            yield from self._kin_across(uid, home, class_, index)

    def _kin_across(self, uid: int, home: int, class_: Class, index: int) -> Iterator[int]:
        for slot in range(SLOTS_ACROSS):
            there = opponent(home, slot, self._paired)
            permutation = self._bridge(home, there, slot, class_)
            other = permutation(index) if home < there else permutation.inverse(index)
            kin = (there * 3 + class_) << 25 | other
            in_range = other < self._people[there][class_]
            share = self._share_across[class_]
            if in_range and self._is_kept(uid, kin, SLOTS_WITHIN + slot, share):
                yield kin

    def _partner(self, block: int, slot: int, index: int, size: int) -> int:
        if (block, slot) not in self._within:
            key = self._luck.world(Stream.TIE, block, slot)
            self._within[block, slot] = Permutation(key, bits_for(size))
        permutation = self._within[block, slot]
        return permutation.inverse(permutation(index) ^ 1)

    def _bridge(self, home: int, there: int, slot: int, class_: Class) -> Permutation:
        lower = min(home, there)
        if (lower, slot, class_) not in self._across:
            key = self._luck.world(Stream.TIE, 1000 + lower, slot)
            bits = self._bits_across(home, there, class_)
            self._across[lower, slot, class_] = Permutation(key, bits)
        return self._across[lower, slot, class_]

    def _is_kept(self, one: int, other: int, slot: int, share: float) -> bool:
        lower, higher = min(one, other), max(one, other)
        return uniform(self._luck.world(Stream.TIE_KEPT, lower, higher, slot)) < share

    def _share(self, size: int) -> float:
        """Chance that a tie within a block is kept."""
        met = max(size - 1, 1) / ((1 << bits_for(size)) - 1)
        return float(min(1.0, self._law.ties_within / (SLOTS_WITHIN * met)))

    def _bits_across(self, home: int, there: int, class_: Class) -> int:
        return max(bits_for(self._people[h][class_]) for h in (home, there))

    def _kept_across(self, class_: Class) -> float:
        """Chance that a tie across is kept: it makes the mean number what it should be."""
        ends = 0.0
        for slot in range(SLOTS_ACROSS):
            for home in range(self._paired):
                there = opponent(home, slot, self._paired)
                pairs = self._people[home][class_] * self._people[there][class_]
                ends += pairs / (1 << self._bits_across(home, there, class_))
        everyone = sum(people[class_] for people in self._people)
        return float(min(1.0, self._law.ties_across * everyone / ends)) if ends > 0.0 else 0.0


def opponent(home: int, slot: int, homes: int) -> int:
    """Home that ``home`` is tied to in a slot: as in the rounds of a tournament."""
    last = homes - 1
    turn = slot % last
    if home == last:
        return turn
    other = (2 * turn - home) % last
    return last if other == home else other

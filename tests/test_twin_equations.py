"""Each equation of the twin against the engine's, over the ranges of parameters and levers.

The twin's were written from the documents, the engine's are what runs. They may differ in
the order of operations: 4 units in the last place are allowed, on the largest term where
terms cancel.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bordersim._jit import plain
from bordersim.agents import guards, thinning
from bordersim.twin.candidates import CHUNK, EDGES
from bordersim.twin.equations import numbers
from bordersim.twin.equations import traffickers as twin_traffickers
from tests import twin_pairs_people, twin_pairs_river

ULPS = 4
PAIRS = twin_pairs_people.PAIRS | twin_pairs_river.PAIRS


def apart(one: float, other: float, largest: float) -> float:
    """Difference in units in the last place of the largest number that took part."""
    return abs(one - other) / math.ulp(max(abs(one), abs(other), largest))


ADDS = ("utility", "R5 hire", "T2 markup", "G1", "G2", "C2 help", "C2 report", "C2 seize")
"""Equations whose terms may cancel: these are measured against their largest term."""


@pytest.mark.parametrize("name", PAIRS)
@settings(max_examples=60, deadline=None, database=None)
@given(data=st.data())
def test_equation_of_twin_and_engine(name: str, data: st.DataObject) -> None:
    twin, engine, ranges = PAIRS[name]
    arguments = [data.draw(st.floats(*bounds)) for bounds in ranges]
    largest = max(map(abs, arguments)) if name.startswith(ADDS) else 0.0
    one, other = float(twin(*arguments)), float(engine(*arguments))
    assert apart(one, other, largest) <= ULPS, (arguments, one, other)


def test_a_changed_equation_is_noticed() -> None:
    """The comparison sees one part in 10^14."""
    value = twin_traffickers.posted_fee(3.0, 0.5)
    assert apart(value * (1 + 1e-14), value, 0.0) > ULPS
    assert apart(value, value, 0.0) == 0.0


def test_poisson_numbers_are_those_of_the_engine() -> None:
    pieces, counts = thinning.thinning_tables()
    for layer, (low, high) in enumerate(pairwise(EDGES)):
        mean = CHUNK * (high - low) / pieces[layer]
        for step in range(1, 200):
            u = step / 200
            mine = numbers.poisson(u, mean, counts.shape[1])
            assert mine == plain(thinning.count_from)(u, counts[layer])
    for step in range(1, 400):
        u = step / 400
        assert numbers.poisson(u, 1.3, 15) == plain(guards.poisson_from)(u, 1.3)

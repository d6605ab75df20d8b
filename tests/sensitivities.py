"""What the tests of sensitivity share: functions whose indices are known, as simulators."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from conftest import make_run

from bordersim.codes import Obs
from bordersim.results import FloatArray, Run, run_id
from bordersim.scenario import Scenario

KEYS = ("residents.buffer", "river.paid_share", "residents.gain_south", "china.inland_months")
"""Parameters that stand for x1, x2, x3 and an input that does nothing."""

FILE = """\
schema: bordersim/sweep@1
name: ishigami
title: A function with known indices
scenarios: [base.yaml]
seeds: {{count: {seeds}}}
scale: 1
until: 1995-01
design:
  kind: {kind}
  n: {n}
  parameters:
    residents.buffer:
    river.paid_share: {{}}
    residents.gain_south:
    china.inland_months: {{log: true, range: [6, 24]}}
observables: [stock_china]
"""

UNIT = 1e6
"""People that stand for 1 of a function's value."""


def ishigami(shares: FloatArray) -> FloatArray:
    """Value at shares of the ranges, shape (points, at least 3)."""
    x = math.pi * (2 * shares - 1)
    return np.asarray(
        np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )


FIRST = (0.3139, 0.4424, 0.0, 0.0)
TOTAL = (0.5576, 0.4424, 0.2437, 0.0)
"""Indices of ``ishigami``, in closed form."""


def shares_of(scenario: Scenario) -> FloatArray:
    """Where along their ranges the parameters of a scenario are, shape (1, 4)."""
    parameters = [scenario.parameters[key] for key in KEYS]
    shares = [(one.values()[0] - one.low) / (one.high - one.low) for one in parameters[:3]]
    inland = math.log(parameters[3].values()[0] / 6) / math.log(4)
    return np.array([[*shares, inland]])


def luck(shares: FloatArray, seed: int) -> float:
    """A number of the point and the seed, of standard deviation 1."""
    place = zlib.crc32(np.round(shares, 6).tobytes())
    return float(np.random.default_rng([seed, place]).standard_normal())


Alike = Callable[..., Iterator[tuple[int, Run]]]


def simulator(spread: float) -> Alike:
    """Stand in for the engine: arrivals are the function plus luck of some spread."""

    def simulate_alike(
        scenarios: Sequence[Scenario], seed: int, **_: Any
    ) -> Iterator[tuple[int, Run]]:
        for position, scenario in enumerate(scenarios):
            shares = shares_of(scenario)
            value = 20 + ishigami(shares)[0] + spread * luck(shares, seed)
            run = make_run(
                scenario_name=scenario.name,
                seed=seed,
                world_seed=scenario.world_seed,
                run_id=run_id(scenario, seed),
                end_month=0,
            )
            run.record[:] = 0
            run.record[0, int(Obs.ARRIVALS), 0, 0, 0] = round(UNIT * value)
            yield position, run

    return simulate_alike

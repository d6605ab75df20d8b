"""A small world in which every kind of decision is taken, and lives from it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from engine_worlds import busy

from bordersim.codes import Event
from bordersim.explain import Life, Row, explain_life
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

LIVES_OF_A_KIND = 2

MORE = {"border.wire_coverage": 0.15, "border.closure": 0.1, "china.shoot_on_resist": 0.7}
"""So that people are stopped by the wire, traffickers find nobody to ask, and police shoot."""


@lru_cache(maxsize=1)
def world() -> Scenario:
    """The busy world of 48,000, with a wire and a closed border, for ten years."""
    scenario = busy(0.002, "2004-12").with_settings(MORE)
    return scenario.with_parameters(
        {
            "traffickers.capacity": 2,
            "china.onward_middle": 96.0,
            "china.resist": 0.4,
            "population.officials_abroad": 6000,
        }
    )


@lru_cache(maxsize=1)
def logged_run() -> Run:
    """Its run with the event log."""
    return simulate(world(), 1, events=True)


def uids_of(event: Event, number: int = LIVES_OF_A_KIND) -> list[int]:
    """Some of those to whom an event happened: the first, the last, and between."""
    log = logged_run().events
    assert log is not None
    uids = np.unique(log["uid"][log["event"] == event])
    uids = uids[uids >= 0]
    at = np.unique(np.linspace(0, len(uids) - 1, min(number, len(uids))).astype(np.int64))
    return [int(uid) for uid in uids[at]]


@lru_cache(maxsize=400)
def life_of(uid: int) -> Life:
    """The explained life of somebody in this world."""
    return explain_life(logged_run(), uid, scenario=world())


def rows_of_log(run: Run, uid: int) -> dict[int, list[Row]]:
    """What the run's own log says of somebody, by month."""
    assert run.events is not None
    own = run.events["uid"] == uid
    names = ("month", "phase", "event", "place", "counterpart", "amount", "sequence")
    columns = [run.events[name][own].tolist() for name in names]
    found: dict[int, list[Row]] = {}
    for month, *row in zip(*columns, strict=True):
        found.setdefault(month, []).append(Row(*row))
    return found

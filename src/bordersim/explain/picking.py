"""A person with a story: drawn among those to whom a kind of event happened."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bordersim.errors import BordersimError, ScenarioError
from bordersim.explain.engine import rng
from bordersim.explain.kinds import KINDS, kind_problem
from bordersim.results import Run, RunResults
from bordersim.scenario import Scenario
from bordersim.simulation import Engine
from bordersim.state import EVENT_FIELDS, I64

_PICK = 7919
"""Key of the draw: no stream of the engine, whose numbers are below 1,000."""


def pick_uids(run: RunResults, kind: str, scenario: Scenario, number: int = 1) -> tuple[int, ...]:
    """Draw people to whom something happened; the same run gives the same people.

    Parameters
    ----------
    run
        With an event log in memory, or it is simulated once more.
    kind
        A key of ``KINDS``.
    scenario
        What the run was made from.
    number
        How many people, at least one.

    Returns
    -------
    tuple of int
        Uids in the order of their draws; fewer where fewer there are.

    Raises
    ------
    ScenarioError
        When there is no such kind.
    BordersimError
        When it happened to nobody.
    """
    problem = kind_problem(kind)
    if problem is not None:
        raise ScenarioError([problem])
    wanted = [int(event) for event in KINDS[kind]]
    found = _of_log(run, wanted)
    if found is None:
        found = _of_replay(scenario, run.seed, wanted)
    uids = np.unique(found)
    uids = uids[uids >= 0]
    if not len(uids):
        raise BordersimError(
            f'run {run.run_id}: nobody was ever "{kind}"; others to ask for: {", ".join(KINDS)}'
        )
    with np.errstate(over="ignore"):
        bits = rng.draw(rng.stream_key(run.seed, _PICK), uids)
    return tuple(int(uid) for uid in uids[np.argsort(bits, kind="stable")][:number])


def _of_log(run: RunResults, wanted: Iterable[int]) -> I64 | None:
    if not isinstance(run, Run) or run.events is None:
        return None
    uids: I64 = run.events["uid"][np.isin(run.events["event"], list(wanted))]
    return uids


def _of_replay(scenario: Scenario, seed: int, wanted: list[int]) -> I64:
    """Uids of all to whom one of the events happens."""
    uid, event = EVENT_FIELDS.index("uid"), EVENT_FIELDS.index("event")
    engine = Engine(scenario, seed, events=True)
    world = engine.first_world()
    record, ledger = engine.blank_books(1)
    found = [np.zeros(0, np.int64)]
    while world.month <= scenario.end_month:
        record.fill(0)
        ledger.fill(0)
        recorded = world.month >= scenario.start_month
        world, log = engine.step(world, record, ledger)
        if recorded:
            found.append(log[np.isin(log[:, event], wanted), uid])
    return np.concatenate(found)

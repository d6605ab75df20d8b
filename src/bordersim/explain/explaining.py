"""From a run and a uid to a life."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bordersim.dates import month_label, parse_month
from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.explain.life import Life, explain_month
from bordersim.explain.parting import parting_of
from bordersim.explain.person import (
    check_uid,
    endowment,
    yearly_chances,
)
from bordersim.explain.replay import Replay
from bordersim.population import block_sizes
from bordersim.results import Run, RunResults, run_id
from bordersim.scenario import Scenario
from bordersim.state import I64


def explain_life(
    run: RunResults,
    uid: int,
    *,
    at: str | None = None,
    versus: RunResults | None = None,
    scenario: Scenario | None = None,
    versus_scenario: Scenario | None = None,
) -> Life:
    """Tell one simulated life by simulating the run again: every decision and its terms.

    Nothing need have been logged. What is explained is held against the events that the
    engine logs on the way.

    Parameters
    ----------
    run
        Stored or in memory, simulated from 1995 on by this version of the engine.
    uid
        Whose life: block << 25 | index in the block, a block being home * 3 + class.
    at
        Only this month, ``"2011-05"``, even if nothing happened in it.
    versus
        Another run of the same people and scale, to find where the two lives part.
    scenario, versus_scenario
        What the runs were made from; looked for among the shipped scenarios when None.

    Returns
    -------
    Life
        Prints as text, shows itself in a notebook; ``document()`` is plain data.

    Raises
    ------
    ScenarioError
        When nobody has that uid, or the month lies outside the run.
    BordersimError
        When the run cannot be made again.
    ExplanationMismatchError
        When the explanation is not what the log says.
    """
    asked = None if at is None else _month_of(at, run)
    source = _source(run, scenario, "scenario")
    if versus is None:
        return _told(run, source, uid, asked)
    other = _source(versus, versus_scenario, "versus_scenario")
    _comparable(source, other, run, versus)
    check_uid(uid, source, block_sizes(source))
    with ThreadPoolExecutor(1) as pool:  # kernels let go of the interpreter
        future = pool.submit(_told, versus, other, uid, None)
        life = _told(run, source, uid, None)
        counterpart = future.result()
    parting = parting_of(life, counterpart, source, other)
    months = life.months if asked is None else tuple(m for m in life.months if m.month == asked)
    return Life(**{**vars(life), "months": months, "asked": asked, "parting": parting})


def _month_of(at: str, run: RunResults) -> int:
    try:
        month = parse_month(at)
    except ValueError as error:
        raise ScenarioError([Problem("--at", "", str(error))]) from None
    if month > run.end_month:
        message = (
            f"got {at}; run {run.run_id} was simulated from {month_label(0)} to "
            f"{month_label(run.end_month)}"
        )
        raise ScenarioError([Problem("--at", "", message)])
    return month


def _source(run: RunResults, scenario: Scenario | None, name: str) -> Scenario:
    """The scenario of a run, whose id proves that a replay gives the same numbers."""
    if scenario is None:
        from bordersim.rerun import scenario_of

        scenario = scenario_of(run)
    if run_id(scenario, run.seed) == run.run_id:
        return scenario
    from bordersim.rerun import scenario_of

    same = scenario_of(run, [scenario])  # span, scale and parameters are the run's
    if run_id(same, run.seed) != run.run_id:
        raise BordersimError(
            f'run {run.run_id} ("{run.scenario_name}", seed {run.seed}) was simulated by another '
            "version of the engine, which this one cannot replay; simulate it again with "
            "`bordersim run` and ask about the new run"
        )
    return same


def _comparable(one: Scenario, other: Scenario, run: RunResults, versus: RunResults) -> None:
    """Refuse two runs in which a uid is not the same person."""
    differs = [
        f"{what} {a:g} and {b:g}"
        for what, a, b in (
            ("scale", one.scale, other.scale),
            ("world seed", one.world_seed, other.world_seed),
        )
        if a != b
    ]
    if differs:
        message = (
            f"runs {run.run_id} and {versus.run_id} are not of the same people "
            f"({', '.join(differs)}): a uid names one person only under one scale and world seed"
        )
        raise ScenarioError([Problem("--vs", "", message)])


def _told(run: RunResults, scenario: Scenario, uid: int, asked: int | None) -> Life:
    """Simulate again and explain; NumPy's overflow is part of the draws."""
    check_uid(uid, scenario, block_sizes(scenario))
    with np.errstate(over="ignore"):
        replay = Replay(scenario, run.seed, uid, wanted=asked, seen=_checking(run))
        engine, who = replay.engine, replay.who
        months = tuple(
            explain_month(who, moment, scenario.places.sectors)
            for moment in replay.moments()
            if asked is None or moment.month == asked
        )
        assert replay.ending is not None
        last = scenario.end_month
        return Life(
            run=_run_document(run),
            who=who,
            home=scenario.places.homes[who.home],
            wealth=(
                endowment(who, engine.levers[0], engine.land, engine.laws),
                endowment(who, engine.levers[last], engine.land, engine.laws),
            ),
            kin=replay.kin,
            chances=yearly_chances(who, engine.levers, engine.land, engine.laws, 0, last),
            months=months,
            status=replay.ending.status,
            asked=asked,
        )


def _checking(run: RunResults) -> Any:
    """What compares every month simulated again with a run that is in memory."""
    if not isinstance(run, Run):
        return None

    def compare(month: int, record: I64, ledger: I64) -> None:
        at = month - run.start_month
        if at < 0:
            return
        if np.array_equal(record, run.record[at]) and np.array_equal(ledger, run.ledger[at]):
            return
        raise BordersimError(
            f"run {run.run_id}: simulated again, {month_label(month)} is not what the run says; "
            "was it continued from a world that another scenario made?"
        )

    return compare


def _run_document(run: RunResults) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "scenario": run.scenario_name,
        "seed": run.seed,
        "world_seed": run.world_seed,
        "scale": run.scale,
        "start": month_label(run.start_month),
        "end": month_label(run.end_month),
    }

"""An attribution as sweeps: one for each set of draws, scenario by coalition.

A worker takes all coalitions of a draw and a seed at once, simulates what they share, the
years before levers are held, once, and stores them as one part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bordersim.attributing.coalitions import coalitions
from bordersim.attributing.reading import kept_by
from bordersim.attributing.spec import DrawSet, Question
from bordersim.batch import Progress
from bordersim.errors import Problem, ScenarioError
from bordersim.remote_place import Place
from bordersim.sweeping.api import hindrances
from bordersim.sweeping.carrying_out import Account, Manner, carry_out, failures, missing
from bordersim.sweeping.cost import cost_of, seconds_a_run
from bordersim.sweeping.plan import Plan
from bordersim.sweeping.planned_before import foreseen, plan_for
from bordersim.sweeping.spec import Sweep, kept_observables


@dataclass(frozen=True)
class How:
    """How an attribution is carried out; none of it changes a result.

    Attributes
    ----------
    folder
        Of the study; each set has a folder in it.
    n_workers
        Processes on this machine.
    scheduler
        Address of a Dask scheduler, whose workers simulate instead.
    retry
        Also runs that failed before.
    """

    folder: Place
    n_workers: int
    scheduler: str | None = None
    retry: bool = False

    def manner(self, part: DrawSet) -> Manner:
        """How the sweep of one set is carried out."""
        return Manner(
            folder=self.folder / part.name,
            n_workers=self.n_workers,
            scheduler=self.scheduler,
            retry=self.retry,
            together=True,
        )


@dataclass(frozen=True)
class Planned:
    """One set of draws, and the sweep that it takes."""

    part: DrawSet
    manner: Manner
    plan: Plan


def sweep_of(question: Question, part: DrawSet) -> Sweep:
    """Give the sweep of a set of draws.

    Raises
    ------
    ScenarioError
        When a structure takes a lever out of its range.
    """
    scenario = question.scenario
    if part.values:
        scenario = scenario.with_parameters(part.values)
    return Sweep(
        name=part.name,
        title=f"{question.title}: {part.title}",
        scenarios=tuple(coalitions(question, scenario)),
        first_seed=question.first_seed,
        n_seeds=question.n_seeds,
        draws=part.draws,
        observables=kept_observables(kept_by(question)),
    )


def planned(question: Question, how: How, *, roughly: bool = False) -> list[Planned]:
    """Plan all sets of a question; ``roughly`` only to count runs, see ``foreseen``.

    Raises
    ------
    ScenarioError
        With everything that keeps any of them from being carried out.
    """
    found: list[Planned] = []
    problems: list[Problem] = []
    for part in question.sets:
        manner = how.manner(part)
        try:
            sweep = sweep_of(question, part)
            clashes = [Problem(part.name, key, what) for key, what in sweep.conflicts()]
            if stopping := [*clashes, *hindrances(sweep, manner)]:
                problems += stopping
                continue
            plan = foreseen if roughly else plan_for
            found.append(Planned(part, manner, plan(sweep, manner.folder)))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    return found


def carried_out(
    plans: list[Planned], progress: Callable[[Planned], Progress | None]
) -> list[Account]:
    """Have every run that is not stored yet; ``progress`` gives whom to tell of a set."""
    return [carry_out(one.plan, one.manner, progress(one)) for one in plans]


def overview(question: Question, plans: list[Planned], how: How) -> dict[str, Any]:
    """Give what is planned, what of it is there, and what the rest takes, as plain data."""
    sets, seconds, n_bytes, measured = [], 0.0, 0.0, False
    for one in plans:
        lacking = missing(one.plan, one.manner)
        n_todo = len(lacking.todo) + len(lacking.again)
        cost = cost_of(one.plan.sweep, one.manner.folder)
        measured = measured or cost.measured
        seconds += n_todo * cost.seconds * _share_of_a_run(question)
        n_bytes += n_todo * cost.n_bytes
        sets.append(
            {
                "set": one.part.name,
                "role": one.part.role,
                "draws": one.part.n_draws,
                "cells": len(one.plan.cells),
                "runs": lacking.n_runs,
                "stored": len(lacking.stored),
                "failed": failures(one.manner.folder, lacking.failed),
                "missing": n_todo,
            }
        )
    workers = 1 if how.scheduler else how.n_workers
    return {
        "folder": str(how.folder),
        "question": question.plain(),
        "coalitions": question.n_coalitions,
        "sets": sets,
        "workers": how.n_workers,
        "cost": {"seconds": seconds / workers, "bytes": n_bytes, "measured": measured},
    }


def _share_of_a_run(question: Question) -> float:
    """Part of a whole run's time that a coalition takes: the past is simulated once for all."""
    whole = question.last.last + 1
    own = whole - question.held_from
    return (question.held_from / question.n_coalitions + own) / whole


def seconds_at_once(question: Question) -> float:
    """Seconds of work, by rule of thumb, that a worker stores at once."""
    scenario = question.scenario
    return seconds_a_run(scenario) * _share_of_a_run(question) * question.n_coalitions

"""The runs of a file of questions, as sweeps of posterior and of prior draws.

A worker takes all scenarios of a draw and a seed at once and simulates what they share of
the past once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bordersim.answering.spec import Asked
from bordersim.errors import Problem, ScenarioError
from bordersim.sweeping.api import hindrances
from bordersim.sweeping.carrying_out import Manner
from bordersim.sweeping.plan import Plan
from bordersim.sweeping.planned_before import foreseen, plan_for


@dataclass(frozen=True)
class How:
    """Where and by how many processes runs are simulated; none of it changes a result."""

    results: Path
    n_workers: int
    retry: bool = False


@dataclass(frozen=True)
class Planned:
    """One sweep, and how it is carried out."""

    plan: Plan
    manner: Manner


def planned(asked: Asked, how: How, *, roughly: bool = False) -> list[Planned]:
    """Plan the sweep of posterior draws and, if there is one, that of prior draws.

    ``roughly`` does so only to count runs, see ``foreseen``.

    Raises
    ------
    ScenarioError
        With everything that keeps either from being carried out.
    """
    found: list[Planned] = []
    problems: list[Problem] = []
    for sweep in asked.sweeps:
        manner = Manner(how.results / sweep.name, how.n_workers, retry=how.retry, together=True)
        try:
            stopping = [Problem(sweep.name, key, what) for key, what in sweep.conflicts()]
            if stopping := [*stopping, *hindrances(sweep, manner)]:
                problems += stopping
            else:
                plan = foreseen if roughly else plan_for
                found.append(Planned(plan(sweep, manner.folder), manner))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(list(dict.fromkeys(problems)))
    return found

"""The runs that valuing facts takes: those of the attribution, and history once a draw and seed.

An attribution keeps what it divides, from its first period to its last. Facts are of other
series and other years, so history is simulated again for them, with the same draws and seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bordersim.attributing.carrying import How, Planned, planned
from bordersim.attributing.carrying import overview as attribution_overview
from bordersim.batch import Progress
from bordersim.errors import Problem, ScenarioError
from bordersim.remote_place import Place
from bordersim.sweeping.api import hindrances
from bordersim.sweeping.carrying_out import Account, Manner, carry_out, missing
from bordersim.sweeping.cost import cost_of
from bordersim.sweeping.plan import Plan, make_plan
from bordersim.sweeping.spec import Sweep, kept_observables
from bordersim.valuing.spec import Asked


@dataclass(frozen=True)
class Doing:
    """How facts are valued; none of it changes a result.

    Attributes
    ----------
    results
        Folder that holds studies: the attribution's and this one.
    n_workers
        Processes on this machine.
    retry
        Also runs that failed before.
    """

    results: Place
    n_workers: int
    retry: bool = False


@dataclass(frozen=True)
class Plans:
    """The attribution's sweep, and that of the facts."""

    attribution: Planned
    how: How
    facts: Plan
    manner: Manner

    def sweeps(self) -> tuple[tuple[Plan, Manner], ...]:
        """Both, in the order in which they are carried out."""
        return (self.facts, self.manner), (self.attribution.plan, self.attribution.manner)

    def lacking(self) -> tuple[tuple[Plan, Manner], ...]:
        """Those of which a run is to be had; what is whole is not written to."""
        return tuple((plan, manner) for plan, manner in self.sweeps() if _lacks(plan, manner))


def _lacks(plan: Plan, manner: Manner) -> bool:
    lacking = missing(plan, manner)
    return bool(lacking.todo or lacking.again)


def plans_of(asked: Asked, doing: Doing) -> Plans:
    """Plan both sweeps.

    Raises
    ------
    ScenarioError
        With everything that keeps either from being carried out.
    """
    how = How(doing.results / asked.question.name, doing.n_workers, retry=doing.retry)
    (attribution,) = planned(asked.question, how)
    series = (name for fact in asked.facts for name in fact.measure.observables)
    sweep = Sweep(
        name=asked.name,
        title=asked.title,
        scenarios=(asked.scenario,),
        first_seed=asked.question.first_seed,
        n_seeds=asked.question.n_seeds,
        draws=asked.question.sets[0].draws,
        observables=kept_observables(tuple(dict.fromkeys(series))),
    )
    manner = Manner(doing.results / asked.name, doing.n_workers, retry=doing.retry)
    clashes = [Problem(asked.name, key, what) for key, what in sweep.conflicts()]
    if stopping := [*clashes, *hindrances(sweep, manner)]:
        raise ScenarioError(stopping)
    return Plans(attribution, how, make_plan(sweep), manner)


def carried_out(plans: Plans, progress: Progress | None) -> list[Account]:
    """Have every run that is not stored yet."""
    return [carry_out(plan, manner, progress) for plan, manner in plans.lacking()]


def overview(asked: Asked, plans: Plans) -> dict[str, Any]:
    """Give what is planned, what of it is there, and what the rest takes, as plain data."""
    told = attribution_overview(asked.question, [plans.attribution], plans.how)
    lacking = missing(plans.facts, plans.manner)
    n_todo = len(lacking.todo) + len(lacking.again)
    cost = cost_of(plans.facts.sweep, plans.manner.folder)
    row = {
        "study": asked.name,
        "folder": str(plans.manner.folder),
        "draws": plans.facts.sweep.n_draws,
        "seeds": plans.facts.sweep.n_seeds,
        "runs": lacking.n_runs,
        "stored": len(lacking.stored),
        "failed": len(lacking.failed),
        "missing": n_todo,
        "seconds": n_todo * cost.seconds / plans.manner.n_workers,
        "bytes": n_todo * cost.n_bytes,
    }
    other = told["sets"][0]
    divided = {
        "study": asked.question.name,
        "folder": told["folder"],
        "draws": other["draws"],
        "seeds": asked.question.n_seeds,
        "runs": other["runs"],
        "stored": other["stored"],
        "failed": len(other["failed"]),
        "missing": other["missing"],
        "seconds": told["cost"]["seconds"],
        "bytes": told["cost"]["bytes"],
    }
    return {
        "name": asked.name,
        "title": asked.title,
        "observable": asked.observable,
        "facts": [fact.plain() for fact in asked.facts],
        "studies": [row, divided],
        "workers": plans.manner.n_workers,
        "seconds": row["seconds"] + divided["seconds"],
        "bytes": row["bytes"] + divided["bytes"],
    }

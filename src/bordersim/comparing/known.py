"""Scenarios at hand, from which the runs of a comparison can be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bordersim.data_files import shipped_scenarios
from bordersim.errors import ScenarioError
from bordersim.rerun import scenario_of
from bordersim.results import RunResults
from bordersim.scenario import Scenario, load


@dataclass(frozen=True)
class Known:
    """Where to look for what was simulated.

    Attributes
    ----------
    scenarios
        Given by whoever compares; those that ship with the package come after them.
    policies
        What the design of a sweep adds at each of its points.
    """

    scenarios: Sequence[Scenario] = ()
    policies: Mapping[int, Sequence[Any]] = field(default_factory=dict)

    def scenario_of(self, run: RunResults, point: int) -> Scenario:
        """Find the scenario of a run at a point of the design.

        Raises
        ------
        NoScenarioError
            When none gives the run's inputs, to the bit.
        """
        added = self.policies.get(point, ())
        if not added:
            return scenario_of(run, self.scenarios)
        shipped = [load(path) for path in shipped_scenarios() if path.stem == run.scenario_name]
        candidates: list[Scenario] = []
        for scenario in (*self.scenarios, *shipped):
            try:
                candidates.append(scenario.add(*added))
            except ScenarioError:
                continue  # not this one: a lever would leave its range
        return scenario_of(run, candidates)

"""The dated policies behind a run, so that causes stand above curves.

A run stores a hash of its lever paths, not the policies that made them. A scenario is
taken for a run's own only when it gives the same hash; otherwise nothing is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.policies import Policy
from bordersim.reports import Period
from bordersim.results import RunResults
from bordersim.scenario import Scenario, load

FACTOR_TITLES = {
    "guards": "Guards",
    "barriers": "Barriers",
    "china": "China",
    "markets": "Economy",
    "south": "Way South",
}
"""Rows of the lane, in order, by the factor of a policy."""

_YEAR_IN_ID = re.compile(r"-(?:19|20)\d{2}(?:-\d{2})?(?=-|$)")
_SPELT_OUT = {"ssd": "State Security", "olympics": "Olympics", "china": "China"}


def scenario_of(run: RunResults, scenario: Scenario | str | Path | None = None) -> Scenario | None:
    """Scenario that a run was simulated under.

    Parameters
    ----------
    run
        Its inputs are compared.
    scenario
        The scenario it was made from, or its file; the shipped scenarios are tried when
        None.

    Returns
    -------
    Scenario or None
        With the run's span and parameters; None when no shipped scenario gives its levers.

    Raises
    ------
    BordersimError
        When a scenario is given and it is not the run's.
    """
    if scenario is not None:
        given = scenario if isinstance(scenario, Scenario) else load(scenario)
        found = _match(run, given)
        if found is None:
            raise BordersimError(
                f'scenario "{given.name}" does not give the levers of run {run.run_id} '
                f'("{run.scenario_name}"); give the scenario the run was made from, or none'
            )
        return found
    for candidate in _shipped(run.scenario_name):
        found = _match(run, candidate)
        if found is not None:
            return found
    return None


def marked(policies: Sequence[Policy], span: Period) -> list[Policy]:
    """Policies that begin within a span, but not with it: those set the scene."""
    within = [policy for policy in policies if span.first < policy.start <= span.last]
    return sorted(within, key=lambda policy: (policy.start, policy.id))


def label_of(policy: Policy) -> str:
    """Id of a policy as words, without the year that its place on the axis shows."""
    words = _YEAR_IN_ID.sub("", policy.id).replace("_", "-").split("-")
    return " ".join(_SPELT_OUT.get(word, word) for word in words if word)


def _shipped(name: str) -> Iterator[Scenario]:
    """Scenarios that ship with the package, the one of the same name first."""
    paths = sorted(scenarios_folder().glob("*.yaml"), key=lambda path: (path.stem != name, path))
    for path in paths:
        if path.read_text("utf-8").find("schema: bordersim/scenario@") >= 0:
            yield load(path)


def _match(run: RunResults, scenario: Scenario) -> Scenario | None:
    """The scenario with the run's span and parameters, if its levers are the run's."""
    wanted = run.inputs.get("lever_paths")
    if wanted is None or not scenario.start_month <= run.end_month:
        return None
    try:
        changed = _parameters_of(run, scenario)
        same = scenario.until(month_label(run.end_month))
        same = same.with_parameters(changed) if changed else same
    except BordersimError:
        return None
    return same if same.resolved()["lever_paths"] == wanted else None


def _parameters_of(run: RunResults, scenario: Scenario) -> Mapping[str, Any]:
    """Values of parameters in which a run differs from a scenario."""
    stored: Mapping[str, str] = run.inputs.get("parameters", {})
    values = {
        key: [float.fromhex(word) for word in text.split()]
        for key, text in stored.items()
        if key in scenario.parameters
    }
    return {
        key: value if isinstance(scenario.parameters[key].value, tuple) else value[0]
        for key, value in values.items()
        if not np.array_equal(value, scenario.parameters.values(key))
    }

"""From a run back to the scenario it was made from, so that it can be made again.

A run keeps its parameters and places as numbers, its dated policies as a file writes them,
and a hash of its levers: a scenario is taken for the run's own when it gives every one of
these, to the bit. Runs of earlier versions lack the policies; a scenario is looked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from bordersim.data_files import scenarios_folder, shipped_scenarios
from bordersim.errors import BordersimError, ScenarioError
from bordersim.results import RunResults
from bordersim.run_catalogue import Entry
from bordersim.scenario import Scenario, load

_TOLD = 6
"""Inputs that a message names at most."""


class NoScenarioError(BordersimError):
    """No scenario at hand gives the inputs of a run."""


def scenario_of(
    run: Entry | RunResults,
    files: Sequence[Scenario | str | Path] = (),
    settings: Mapping[str, Any] | None = None,
) -> Scenario:
    """Find the scenario that a run was made from.

    Parameters
    ----------
    run
        Stored, or in memory.
    files
        Scenarios or their files to try first. Then comes the scenario of the run's name that
        ships with the package, then the run's own policies, then all others that ship.
    settings
        Settings of levers the run may have been made with on top of its file, as of
        ``--set``; each scenario is tried with and without them. Parameters, span, scale
        and the seed of the world are taken from the run itself.

    Returns
    -------
    Scenario
        With the run's name; its resolved inputs are the run's, to the bit.

    Raises
    ------
    ScenarioError
        When a file or a setting is invalid.
    NoScenarioError
        When none gives the run's inputs; the message says what to do.
    """
    name, run_id, inputs, policies = _record(run)
    if not inputs.get("lever_paths"):
        raise NoScenarioError(f'run {run_id} ("{name}") does not say what it was made from')
    failures: dict[str, list[str]] = {}
    namesake, others = _shipped(name)
    own = _own(policies, failures)
    at_hand = chain(
        map(_loaded, files), _each(namesake, failures), own, _each(others, failures)
    )  # fmt: skip
    for candidate in at_hand:
        laid = [candidate.with_settings(settings)] if settings else []
        for one in (*laid, candidate):
            try:
                same = _with_inputs(one, inputs)
            except ScenarioError as error:
                failures.setdefault(str(error.problems[0]), []).append(candidate.name)
                continue
            differs = _differing(same, inputs)
            if not differs:
                return replace(same, name=name)
            failures.setdefault(f"other {differs}", []).append(candidate.name)
    raise NoScenarioError(_message(name, run_id, failures))


def _record(run: Entry | RunResults) -> tuple[str, str, Mapping[str, Any], str]:
    """Scenario's name, id, resolved inputs and policies of a run."""
    if isinstance(run, RunResults):
        return run.scenario_name, run.run_id, run.inputs, getattr(run, "policies", "")
    columns = run.columns
    return columns["scenario"], run.run_id, json.loads(columns["inputs"]), columns["policies"]


def _own(policies: str, failures: dict[str, list[str]]) -> Iterator[Scenario]:
    """The scenario of a run's own policies on the drivers and places of this version."""
    if not policies:
        return
    try:
        base = load(scenarios_folder() / "base.yaml")
        yield base.drop(*(policy.id for policy in base.policies)).add(*json.loads(policies))
    except ScenarioError as error:
        failures.setdefault(str(error.problems[0]), []).append("its own policies")


def _loaded(scenario: Scenario | str | Path) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def _shipped(name: str) -> tuple[list[Path], list[Path]]:
    """Files of shipped scenarios: the one of a name, and the others."""
    paths = shipped_scenarios()
    return [p for p in paths if p.stem == name], [p for p in paths if p.stem != name]


def _each(paths: Sequence[Path], failures: dict[str, list[str]]) -> Iterator[Scenario]:
    for path in paths:
        try:
            yield load(path)
        except ScenarioError as error:
            failures.setdefault(str(error.problems[0]), []).append(path.stem)


def _with_inputs(scenario: Scenario, inputs: Mapping[str, Any]) -> Scenario:
    """Scenario with everything of a run's inputs but places and levers."""
    stored: Mapping[str, str] = inputs.get("parameters", {})
    values = {
        key: [float.fromhex(word) for word in text.split()]
        for key, text in stored.items()
        if key in scenario.parameters
    }
    changed = {
        key: value if isinstance(scenario.parameters[key].value, tuple) else value[0]
        for key, value in values.items()
        if value != list(scenario.parameters[key].values())
    }
    same = scenario.with_parameters(changed) if changed else scenario
    return replace(
        same,
        start_month=int(inputs["start_month"]),
        end_month=int(inputs["end_month"]),
        scale=float.fromhex(inputs["scale"]),
        world_seed=int(inputs["world_seed"]),
    )


def _differing(scenario: Scenario, inputs: Mapping[str, Any]) -> str:
    """Inputs in which a scenario differs from a run, in words; empty when in none."""
    here = scenario.resolved()
    found = [key for key in here if key != "parameters" and here[key] != inputs.get(key)]
    stored, today = inputs.get("parameters", {}), here["parameters"]
    found += sorted(key for key in {*stored, *today} if stored.get(key) != today.get(key))
    words = [key.replace("_", " ") if "." not in key else key for key in found]
    more = len(words) - _TOLD
    return ", ".join(words[:_TOLD]) + (f" and {more} more" if more > 0 else "")


def _message(name: str, run_id: str, failures: Mapping[str, Sequence[str]]) -> str:
    tried = "; ".join(
        f"{', '.join(dict.fromkeys(names))}: {what}" for what, names in failures.items()
    )
    return (
        f'run {run_id} ("{name}") was made from none of the scenarios at hand ({tried}). Name '
        "the file it was made from, as it was then, with --scenario FILE (scenario= in Python), "
        "and the levers that were set on top of it with --set KEY=VALUE"
    )

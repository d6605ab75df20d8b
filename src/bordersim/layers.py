"""What a scenario is made of, as rows: its summary, its policies, who set which value.

Every function gives plain dicts of text, numbers, lists and None, so that a terminal, a
JSON document and a data frame are made from the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from bordersim.dates import month_label
from bordersim.lever_changes import lever_table
from bordersim.lever_history import IN_FORCE, OVERRIDDEN, POLICIES, LeverStep, LeverTracer
from bordersim.levers import LeverSpec
from bordersim.parameters import Parameters
from bordersim.policies import HOLD, SCALE_UNIT, Policy
from bordersim.provenance import EXTENDED, OWN, PACKAGE, POLICY, SETTING, SetBy
from bordersim.scenario_views import ScenarioViews

Row = dict[str, Any]

DROPPED = "dropped"
"""Status of a policy that a later file or call leaves out."""

SECTIONS = ("time.start", "time.end", "population.scale", "population.world_seed")
"""Keys that are neither parameter nor lever; no package default gives them."""


def summary(scenario: ScenarioViews) -> Row:
    """Say in short what a scenario is.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    dict
        Name, title, files, span, population, and how it differs from what it extends.
    """
    residents = int(scenario.places.home["population"].sum())
    dropped, added = _against_parent(scenario)
    own = (OWN, SETTING)
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "files": list(scenario.files),
        "start": month_label(scenario.start_month),
        "end": month_label(scenario.end_month),
        "months": scenario.end_month - scenario.start_month + 1,
        "residents": residents,
        "scale": scenario.scale,
        "world_seed": scenario.world_seed,
        "parameters": len(scenario.parameters),
        "parameters_set": [key for key in scenario.parameters if len(scenario.history[key]) > 1],
        "set_here": [
            key
            for key, entries in scenario.history.items()
            if not key.startswith(POLICY) and any(entry.layer in own for entry in entries)
        ],
        "policies": len(scenario.policies),
        "policies_dropped": dropped,
        "policies_added": added,
    }


def _against_parent(scenario: ScenarioViews) -> tuple[list[str], list[str]]:
    """Ids of policies left out of, and put into, what the extended files give."""
    dropped: list[str] = []
    added: list[str] = []
    for key, entries in scenario.history.items():
        if not key.startswith(POLICY):
            continue
        inherited = [entry.value for entry in entries if entry.layer == EXTENDED]
        before = inherited[-1] if inherited else None
        after = entries[-1].value
        if before is not None and before is not after:
            dropped.append(key.removeprefix(POLICY))
        if after is not None and before is not after:
            added.append(key.removeprefix(POLICY))
    return dropped, added


def policy_rows(scenario: ScenarioViews) -> list[Row]:
    """List the policies in the order in which they act.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    list of dict
        Everything a policy says, its value in the unit it acts in, its status, and where
        it is written.
    """
    keys = dict.fromkeys(policy.lever for policy in scenario.policies)
    tracer = LeverTracer(scenario)
    steps = {step.source: step for key in keys for step in tracer.steps(key)}
    return [
        policy_row(policy, scenario.catalogue[policy.lever], scenario.parameters)
        | {"status": steps[policy.id].status}
        for policy in scenario.policies
    ]


def policy_row(policy: Policy, spec: LeverSpec, parameters: Parameters) -> Row:
    """Give everything a policy says.

    Parameters
    ----------
    policy
        The policy.
    spec
        Its lever.
    parameters
        Where its value may be looked up.

    Returns
    -------
    dict
        Months as text; ``until`` is None for good, ``places`` empty for everywhere.
    """
    return {
        "id": policy.id,
        "title": policy.title,
        "lever": policy.lever,
        "op": policy.op,
        "value": None if policy.op == HOLD else policy.amount(parameters, spec.unit),
        "unit": SCALE_UNIT if policy.op == "scale" else spec.unit,
        "parameter": policy.parameter,
        "from": month_label(policy.start),
        "until": None if policy.until is None else month_label(policy.until),
        "ramp": policy.ramp,
        "places": list(policy.places),
        "factor": policy.factor,
        "evidence": list(policy.evidence),
        "where": policy.where,
    }


def layer_rows(scenario: ScenarioViews, *, every: bool = False) -> list[Row]:
    """Tell which layer set each value.

    Parameters
    ----------
    scenario
        The scenario.
    every
        Also values that nobody changed.

    Returns
    -------
    list of dict
        For every key its layers from the lowest to the highest: ``key``, ``kind``,
        ``unit``, ``layer``, ``where``, ``value``, ``policy`` (for a lever: what the
        policy says), ``status`` and ``dropped_at``. The last one of a parameter is in
        force; a lever is what its layers make of it one after the other. Policies that
        were dropped stand after them.
    """
    rows: list[Row] = []
    dropped, tracer = _dropped(scenario), LeverTracer(scenario)
    for key in (*SECTIONS, *scenario.parameters):
        entries = scenario.history.get(key, ())
        if every or len(entries) > 1 or key in SECTIONS:
            rows += _value_rows(scenario, key, entries)
    for key, spec in scenario.catalogue.items():
        steps = tracer.steps(key)
        left_out = [(policy, where) for policy, where in dropped if policy.lever == key]
        if every or len(steps) > 1 or left_out:
            rows += [_step_row(scenario, spec, step) for step in steps]
            rows += [_dropped_row(scenario, spec, *one) for one in left_out]
    return rows


def _dropped(scenario: ScenarioViews) -> list[tuple[Policy, str]]:
    """Policies left out, and where."""
    return [
        (before.value, entry.where)
        for key, entries in scenario.history.items()
        if key.startswith(POLICY)
        for before, entry in pairwise(entries)
        if entry.value is None and before.value is not None
    ]


def _value_rows(scenario: ScenarioViews, key: str, entries: tuple[SetBy, ...]) -> list[Row]:
    known = key in scenario.parameters
    return [
        {
            "key": key,
            "kind": "parameter" if known else "setting",
            "unit": scenario.parameters[key].unit if known else "",
            "layer": entry.layer,
            "where": entry.where,
            "value": list(entry.value) if isinstance(entry.value, tuple) else entry.value,
            "policy": None,
            "status": IN_FORCE if entry is entries[-1] else OVERRIDDEN,
            "dropped_at": None,
        }
        for entry in entries
    ]


def _step_row(scenario: ScenarioViews, spec: LeverSpec, step: LeverStep) -> Row:
    policy = step.policy
    value: object = step.amount
    if step.layer == PACKAGE:
        value = f"driver {step.source}" if step.source else spec.default
    elif policy is not None and policy.op == HOLD:
        value = None
    return {
        "key": spec.key,
        "kind": "lever",
        "unit": spec.unit if policy is None or policy.op != "scale" else SCALE_UNIT,
        "layer": step.layer,
        "where": step.where,
        "value": value,
        "policy": None if policy is None else policy_row(policy, spec, scenario.parameters),
        "status": step.status,
        "dropped_at": None,
    }


def _dropped_row(scenario: ScenarioViews, spec: LeverSpec, policy: Policy, where: str) -> Row:
    said = policy_row(policy, spec, scenario.parameters)
    return {
        "key": spec.key,
        "kind": "lever",
        "unit": said["unit"],
        "layer": POLICIES,
        "where": policy.where,
        "value": said["value"],
        "policy": said,
        "status": DROPPED,
        "dropped_at": where,
    }


def lever_document(scenario: ScenarioViews, key: str) -> Row:
    """Give a lever over time and place, and every layer that acts on it.

    Parameters
    ----------
    scenario
        The scenario.
    key
        Key of one of its levers.

    Returns
    -------
    dict
        ``groups`` of places with the same monthly ``path`` over the span; ``rows``, one
        for each change, with a value for each group; ``layers`` as in ``layer_rows``.
    """
    table = lever_table(scenario, key)
    spec = table.spec
    return {
        "key": key,
        "title": spec.title,
        "unit": spec.unit,
        "low": spec.low,
        "high": spec.high,
        "start": month_label(table.start),
        "end": month_label(table.end),
        "groups": [
            {"label": group.label, "places": list(group.places), "path": group.path.tolist()}
            for group in table.groups
        ],
        "rows": list(table.rows),
        "layers": [_step_row(scenario, spec, step) for step in table.steps],
    }


def catalogue_rows(catalogue: Mapping[str, LeverSpec]) -> list[Row]:
    """Describe every lever.

    Parameters
    ----------
    catalogue
        The levers.

    Returns
    -------
    list of dict
        What the file of levers says of each, in its order.
    """
    return [
        {
            "key": spec.key,
            "title": spec.title,
            "unit": spec.unit,
            "low": spec.low,
            "high": spec.high,
            "default": spec.default,
            "driver": spec.driver,
            "by_place": dict(spec.by_place),
            "places": spec.places,
            "factor": spec.factor,
            "budgeted": spec.budgeted,
            "mechanisms": list(spec.mechanisms),
            "evidence": list(spec.evidence),
            "direction": spec.direction,
            "where": spec.where,
        }
        for spec in catalogue.values()
    ]

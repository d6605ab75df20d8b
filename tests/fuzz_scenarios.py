"""Random scenarios that are valid: over the whole closed schema, within every bound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from bordersim.codes import LAST_MONTH, LEVER_KEYS
from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.errors import ScenarioError
from bordersim.parameters import Parameter
from bordersim.policies import SCALE_UNIT
from bordersim.scenario import Scenario, load
from bordersim.units import unit_factor, units_like
from bordersim.yaml_source import write_yaml

HISTORY = load(scenarios_folder() / "historical.yaml")
PARENTS = {"historical.yaml": HISTORY, "base.yaml": load(scenarios_folder() / "base.yaml")}
SHARE = st.floats(0.0, 1.0)
TEXT = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)


def between(share: float, low: float, high: float) -> float:
    return float(min(max(low + share * (high - low), low), high))


@st.composite
def parameter_values(draw: st.DrawFn, parameter: Parameter) -> float | list[float]:
    n_values = len(parameter.values())
    shares = draw(st.lists(SHARE, min_size=n_values, max_size=n_values))
    values = [between(share, parameter.low, parameter.high) for share in shares]
    if parameter.sum is not None:
        assume(sum(values) > 0.1)
        values = [parameter.sum * value / sum(values) for value in values]
    return values if isinstance(parameter.value, tuple) else values[0]


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(list(HISTORY.parameters)), unique=True, max_size=6))
    return {key: draw(parameter_values(HISTORY.parameters[key])) for key in keys}


def written(draw: st.DrawFn, value: float, unit: str) -> float | str:
    """The value as a number, or as text in a unit of the same dimension."""
    if not draw(st.booleans()):
        return value
    other = draw(st.sampled_from(sorted(units_like(unit))))
    text = f"{value / unit_factor(other, unit):.6f} {other}"
    return text if "e" not in text.split(maxsplit=1)[0] else value


@st.composite
def policies(draw: st.DrawFn, scenario: Scenario, name: str) -> dict[str, Any]:
    """A policy that leaves its lever in its range, given what the scenario holds before it."""
    spec = scenario.catalogue[draw(st.sampled_from(LEVER_KEYS))]
    op = draw(st.sampled_from(("set", "scale", "add")))
    start = draw(st.integers(0, LAST_MONTH))
    path = scenario.lever_paths()[start:, LEVER_KEYS.index(spec.key), spec.slots(scenario.places)]
    least, most = float(path.min()), float(path.max())
    share = draw(SHARE)
    if op == "set":
        value = between(share, spec.low, spec.high)
    elif op == "add":
        value = between(share, spec.low - least, spec.high - most) * 0.999
    else:
        low = 0.0 if least <= 0.0 else max(0.0, spec.low / least)
        value = between(share, low, 4.0 if most <= 0.0 else spec.high / most) * 0.999
        value = max(value, low)
    policy: dict[str, Any] = {"id": name, "lever": spec.key, "op": op}
    policy["value"] = written(draw, value, SCALE_UNIT if op == "scale" else spec.unit)
    policy["from"] = month_label(start)
    if draw(st.booleans()):
        policy["until"] = month_label(draw(st.integers(start, LAST_MONTH)))
    if draw(st.booleans()):
        policy["ramp"] = draw(st.sampled_from((0, 1, "6 months", "2 years", 372)))
    names = spec.place_names(scenario.places)
    if names and draw(st.booleans()):
        policy["places"] = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    if draw(st.booleans()):
        policy["title"] = draw(TEXT)
        policy["factor"] = draw(st.sampled_from(("guards", "barriers", "china", "south")))
        policy["evidence"] = draw(st.lists(st.sampled_from(("M1", "S1.fee_2010")), unique=True))
    return policy


@st.composite
def scenario_files(draw: st.DrawFn, folder: Path) -> Path:
    """A scenario file that the loader accepts, in a folder."""
    extended = draw(st.sampled_from(sorted(PARENTS)))
    parent = PARENTS[extended]
    changed = draw(parameters())
    ids = [policy.id for policy in parent.policies]
    dropped = draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    added: list[dict[str, Any]] = []
    try:
        scenario = parent.drop(*dropped).with_parameters(changed)
        for number in range(draw(st.integers(0, 4))):
            added.append(draw(policies(scenario, f"policy-{number}")))
            scenario = scenario.add(added[-1])
        end = draw(st.integers(0, LAST_MONTH))
        start = draw(st.integers(0, end))
        scale = draw(st.sampled_from((0.0003, 0.0005, 0.001, 0.002)))
        scenario.scaled(scale)
    except ScenarioError:
        # Rounding, or two changes that do not go together: a valid answer, but no run.
        assume(False)
    content = {
        "schema": "bordersim/scenario@1",
        "name": draw(st.from_regex(r"[a-z][a-z0-9_.-]{0,20}[a-z0-9]", fullmatch=True)),
        "title": draw(TEXT),
        "extends": extended,
        "time": {"start": month_label(start), "end": month_label(end)},
        "population": {"scale": scale, "world_seed": draw(st.integers(0, 2**63 - 1))},
        "parameters": changed,
        "policies": {"drop": dropped, "add": added},
    }
    path = folder / "random.yaml"
    write_yaml(content, path)
    return path


def same_paths(first: Scenario, second: Scenario) -> bool:
    return bool(np.array_equal(first.lever_paths(), second.lever_paths()))

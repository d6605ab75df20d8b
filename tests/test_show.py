"""``bordersim show`` and its Python faces: who set what, levers over time and place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from policy_lists import EMPTY, HISTORY, QUICK, SETTINGS, lists, path_of
from typer.testing import CliRunner

from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.layers import DROPPED, SECTIONS, layer_rows, policy_rows, summary
from bordersim.lever_history import (
    IN_FORCE,
    OUTSIDE,
    OVERRIDDEN,
    REPEATS,
    LeverTracer,
    lever_steps,
)
from bordersim.scenario import Scenario, load
from bordersim.schema import PolicyEntry, ScenarioFile

Invoke = Callable[..., Any]
Policies = list[dict[str, Any]]


@pytest.fixture
def historical() -> Scenario:
    return load(HISTORY)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> Any:
        return CliRunner().invoke(app, ["show", *map(str, arguments)], catch_exceptions=False)

    return call


def last_rows(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Key to its uppermost layer."""
    rows = [row for row in layer_rows(scenario, every=True) if row["status"] != DROPPED]
    return {key: list(group)[-1] for key, group in groupby(rows, key=lambda row: row["key"])}


@QUICK
@given(lists(), SETTINGS)
def test_the_last_layer_is_the_resolved_value_of_every_key(
    written: Policies, changes: dict[str, Any]
) -> None:
    scenario = EMPTY.add(*written).with_settings(changes)
    last = last_rows(scenario)
    assert list(last) == [*SECTIONS, *scenario.parameters, *scenario.catalogue]
    for key in scenario.parameters:
        value = scenario.parameters[key].value
        assert last[key]["value"] == (list(value) if isinstance(value, tuple) else value), key
        assert last[key]["status"] == IN_FORCE
    assert last["time.start"]["value"] == month_label(scenario.start_month)
    assert last["time.end"]["value"] == month_label(scenario.end_month)
    assert last["population.scale"]["value"] == scenario.scale
    assert last["population.world_seed"]["value"] == scenario.world_seed
    tracer = LeverTracer(scenario)
    for key in scenario.catalogue:
        final = tracer.steps(key)[-1].path[scenario.start_month : scenario.end_month + 1]
        assert np.array_equal(final, path_of(scenario, key)), key
    for key in changes:
        assert last[key]["layer"] == "--set", key


@QUICK
@given(lists())
def test_a_policy_is_in_force_if_and_only_if_the_levers_need_it(written: Policies) -> None:
    scenario = EMPTY.add(*written)
    months = slice(scenario.start_month, scenario.end_month + 1)
    for row in policy_rows(scenario):
        without = scenario.drop(row["id"])
        same = np.array_equal(scenario.lever_paths()[months], without.lever_paths()[months])
        assert (row["status"] == IN_FORCE) != same, row
        outside = row["from"] > "2003-12" or (row["until"] or "2025-12") < "1999-06"
        assert (row["status"] == OUTSIDE) == outside, row


def test_what_a_later_policy_hides_and_what_repeats_are_told_apart() -> None:
    lever = {"lever": "border.wire_coverage", "op": "set"}
    scenario = EMPTY.add(
        {"id": "hidden", "value": 0.2, "from": "2000-01", **lever},
        {"id": "shown", "value": 0.4, "from": "2000-01", **lever},
        {"id": "again", "value": 0.4, "from": "2001-01", **lever},
    )
    assert {row["id"]: row["status"] for row in policy_rows(scenario)} == {
        "hidden": OVERRIDDEN,
        "shown": IN_FORCE,
        "again": REPEATS,
    }
    assert lever_steps(scenario, "border.wire_coverage")[0].status == IN_FORCE
    everywhere = scenario.with_settings({"border.wire_coverage": 0.1})
    assert lever_steps(everywhere, "border.wire_coverage")[0].status == OVERRIDDEN


def test_the_security_budget_is_a_layer_of_the_levers_it_scales(historical: Scenario) -> None:
    steps = lever_steps(historical.with_settings({"north.security_budget": 0.5}), "border.closure")
    assert "budget" not in [step.layer for step in steps]
    key = "guards.inspection_rate"
    *before, budget = lever_steps(historical.with_settings({"north.security_budget": 0.5}), key)
    assert (budget.layer, budget.source) == ("budget", "north.security_budget")
    assert np.array_equal(budget.path, before[-1].path / 2)


def test_every_file_and_line_is_where_the_key_stands(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "schema: bordersim/scenario@1\nname: mine\nextends: historical.yaml\n"
        "time:\n  end: 2010-12\nparameters:\n  residents.k_kin: 1.0\n"
        "policies:\n  drop: [ssd-command]\n  add:\n    - id: wires\n"
        "      lever: border.wire_coverage\n      op: set\n      value: 5 %\n      from: 2003-01\n"
    )
    scenario = load(mine).with_settings({"guards.per_km": 12})
    rows = layer_rows(scenario, every=True)
    checked = 0
    for row in rows:
        policy, where = row["policy"], row["where"]
        for place, name in ((where, policy and policy["id"]), (row["dropped_at"], "ssd-command")):
            if place is None or place == "--set":
                continue
            file, _, line = place.rpartition(":")
            text = Path(file).read_text("utf-8").splitlines()[int(line) - 1]
            assert (name or row["key"].rpartition(".")[2]) in text, row
            checked += 1
    assert checked > 200
    layers = {(row["key"], row["layer"]) for row in rows}
    assert layers >= {
        ("time.end", "extends"),
        ("time.end", "scenario"),
        ("residents.k_kin", "package"),
        ("residents.k_kin", "scenario"),
        ("guards.per_km", "package"),
        ("guards.per_km", "policies"),
        ("guards.per_km", "--set"),
    }
    shown = summary(scenario)
    assert shown["policies_dropped"] == ["ssd-command"]
    assert shown["policies_added"] == ["wires", "set-guards.per_km"]
    assert [Path(file).name for file in shown["files"]] == [
        "base.yaml",
        "historical.yaml",
        "mine.yaml",
    ]


OTHER_POLICY = {
    "lever": "border.closure",
    "op": "scale",
    "value": 0.25,
    "from": "2000-02",
    "until": "2001-01",
    "ramp": "6 months",
    "places": ["yalu_lower"],
}
"""Keys of a policy that decide what it does, each with another value."""

DESCRIPTIVE = {"id": "q", "title": "x", "factor": "china", "evidence": ["M4"]}
"""Keys of a policy that change nothing that is simulated."""


def test_every_documented_key_of_a_policy_changes_what_is_simulated_or_describes() -> None:
    policy = {"id": "p", "lever": "border.wire_coverage", "op": "set", "value": 0.5}
    policy["from"] = "2000-01"
    documented = {field.alias or name for name, field in PolicyEntry.model_fields.items()}
    assert documented == {*OTHER_POLICY, *DESCRIPTIVE, "parameter"}
    plain = EMPTY.add({"id": "first", **{**policy, "id": "first"}, "value": 0.1}).add(policy)
    for key, value in OTHER_POLICY.items():
        changed = plain.drop("p").add({**policy, key: value})
        assert changed.resolved() != plain.resolved(), key
    for key, value in DESCRIPTIVE.items():
        changed = plain.drop("p").add({**policy, key: value})
        assert changed.resolved() == plain.resolved(), key
    by_parameter = {key: value for key, value in policy.items() if key != "value"}
    named = plain.drop("p").add({**by_parameter, "parameter": "history.closure_2011"})
    assert named.resolved() != plain.resolved()


def test_every_documented_key_of_a_scenario_changes_the_resolved_scenario() -> None:
    documented = {field.alias or name for name, field in ScenarioFile.model_fields.items()}
    says_nothing = {"schema", "name", "title", "description", "extends"}
    assert documented == {*says_nothing, "time", "population", "parameters", "policies"}
    changes: dict[str, Any] = {
        "time.start": "2000-01",
        "time.end": "2002-12",
        "population.scale": 0.5,
        "population.world_seed": 7,
    }
    assert tuple(changes) == SECTIONS
    for key in EMPTY.parameters:
        parameter = EMPTY.parameters[key]
        low, high = parameter.low, parameter.high
        other = [high if value == low else low for value in parameter.values()]
        # A list may have to keep its sum: the same numbers in another order do.
        backwards = list(parameter.values())[::-1]
        other = other if backwards == list(parameter.values()) else backwards
        changes[key] = other if isinstance(parameter.value, tuple) else other[0]
    for key, spec in EMPTY.catalogue.items():
        changes[key] = spec.low if spec.default != spec.low else spec.high
    plain = EMPTY.resolved()
    for key, value in changes.items():
        resolved = EMPTY.with_settings({key: value}).resolved()
        assert resolved != plain, key
        if key in EMPTY.parameters:
            assert resolved["parameters"][key] != plain["parameters"][key], key
        elif key in EMPTY.catalogue:
            assert resolved["lever_paths"] != plain["lever_paths"], key
        else:
            name = key.partition(".")[2] + ("_month" if key.startswith("time.") else "")
            assert resolved[name] != plain[name], key


def test_the_summary_says_what_the_scenario_is(invoke: Invoke) -> None:
    result = invoke(scenarios_folder() / "no-crackdown.yaml")
    assert result.exit_code == 0
    for words in (
        "The crackdown on the Northern side",
        "1995-01 to 2016-12, 264 months",
        "24,052,231 residents; scale 1, world seed 2008",
        "dropped   sealing-2011, cameras-2012",
        "bounty-2013",
        "china.bounty_report: set to 1,000 CNY",
        "changes nothing",
        "T.2013-03.bounty_report, M10",
    ):
        assert words in result.stdout, words
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "options",
    [[], ["--layers"], ["--lever", "border.wire_coverage"], ["--levers"], ["--layers", "--all"]],
)
def test_eighty_columns_are_enough_and_json_is_one_document(
    invoke: Invoke, options: list[str], tmp_path: Path
) -> None:
    shown = invoke(HISTORY, *options, "--set", "guards.per_km=12")
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert max(map(len, shown.stdout.splitlines())) <= 80
    document = json.loads(invoke(HISTORY, *options, "--set", "guards.per_km=12", "--json").stdout)
    assert document["status"] == "ok"
    assert document["scenario"]["name"] == "historical"


def test_layers_show_what_was_overridden_and_by_whom(invoke: Invoke) -> None:
    arguments = [HISTORY, "--layers", "--set", "guards.per_km=12", "--set", "residents.k_kin=1.5"]
    text = invoke(*arguments).stdout
    lines = text[text.index("guards.per_km") :].splitlines()[1:5]
    assert "8 guards per km (overridden)" in lines[0]
    assert "patrols-2010" in lines[1]
    assert "set-guards.per_km: set to 12 guards" in "".join(lines[2:])
    kin = text[text.index("residents.k_kin") :].splitlines()[1:3]
    assert "(overridden)" in kin[0]
    assert kin[1].split()[:2] == ["--set", "1.5"]
    rows = json.loads(invoke(*arguments, "--json").stdout)["layers"]
    assert {row["status"] for row in rows if row["key"] == "guards.per_km"} == {
        IN_FORCE,
        OVERRIDDEN,
    }
    assert "residents.gain" not in {row["key"] for row in rows}
    whole = json.loads(invoke(*arguments, "--all", "--json").stdout)["layers"]
    assert {row["key"] for row in whole} > {row["key"] for row in rows} | {"residents.gain"}


def test_the_catalogue_is_that_of_the_file(invoke: Invoke, historical: Scenario) -> None:
    text = invoke("--levers").stdout
    document = json.loads(invoke("--levers", "--json").stdout)
    assert [row["key"] for row in document["catalogue"]] == list(historical.catalogue)
    flat = " ".join(text.split())
    for key, spec in historical.catalogue.items():
        assert f"{key} {spec.factor}: {', '.join(spec.mechanisms)}" in flat, key
        assert f"{spec.title} theory: {spec.direction}" in flat, key
        assert f" {spec.unit}; " in flat, key


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([HISTORY, "--lever", "border.closre"], 'did you mean "border.closure"'),
        ([HISTORY, "--lever", "residents.k_kin"], "is a parameter, not a lever"),
        ([HISTORY, "--set", "guards.perkm=1"], 'did you mean "guards.per_km"'),
        ([HISTORY, "--set", "nonsense"], "write KEY=VALUE"),
        (["nowhere.yaml"], "no such file"),
        (["--layers"], "name a scenario file"),
        ([], "name a scenario file"),
    ],
)
def test_what_cannot_be_shown_is_invalid_input(
    invoke: Invoke, arguments: list[Any], words: str
) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    document = json.loads(invoke(*arguments, "--json").stdout)
    assert words in document["problems"][0]["message"]


def test_brackets_in_a_title_are_text(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(
        "schema: bordersim/scenario@1\nname: odd\ntitle: '[/b] [red]'\nextends: base.yaml\n"
    )
    assert "odd: [/b] [red]" in invoke(file).stdout


def test_no_number_is_cut_where_every_place_goes_its_own_way(
    invoke: Invoke, tmp_path: Path
) -> None:
    homes = EMPTY.places.homes
    added = "".join(
        f"    - {{id: h{i}, lever: north.kin_surveillance, op: set, value: {0.0123 + i / 20:.4f}, "
        f"from: 20{i:02d}-01, places: [{home}]}}\n"
        for i, home in enumerate(homes)
    )
    file = tmp_path / "wild.yaml"
    file.write_text(
        "schema: bordersim/scenario@1\nname: wild\nextends: historical.yaml\n"
        f"policies:\n  add:\n{added}"
    )
    text = invoke(file, "--lever", "north.kin_surveillance").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    rows = [line.split() for line in text.splitlines() if line.strip().startswith("20")]
    for i in range(len(homes)):
        (row,) = (row for row in rows if row[-1] == f"h{i}")
        assert row[0] == f"20{i:02d}-01"
        assert f"{0.0123 + i / 20:.4f}" in row[1:-1]


@pytest.mark.parametrize("command", ["show", "diff"])
def test_help_needs_nothing_heavy(command: str) -> None:
    code = (
        "import sys\n"
        "from bordersim.cli.app import app\n"
        f"try: app(['{command}', '--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'numba', 'pandas', 'pyarrow', 'matplotlib', 'yaml'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert "loaded: []" in done.stdout


def test_a_terminal_without_unicode_gets_ascii(tmp_path: Path) -> None:
    file = tmp_path / "korean.yaml"
    file.write_text(
        "schema: bordersim/scenario@1\nname: k\ntitle: 국경\nextends: historical.yaml\n", "utf-8"
    )
    for options in (["--lever", "border.wire_coverage"], ["--layers"], []):
        done = subprocess.run(
            [sys.executable, "-m", "bordersim", "show", str(file), *options],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )
        assert done.stdout.isascii()
        assert done.stdout.startswith(b"k: ??")
        assert done.stderr == b""

"""The JSON Schema for editors: it says what the loader says, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from bordersim.cli.app import app
from bordersim.codes import LAST_MONTH
from bordersim.data_files import editor_schema_file, shipped_scenarios
from bordersim.dates import month_label
from bordersim.editor_schema import schema_text
from bordersim.errors import ScenarioError
from bordersim.scenario import load
from bordersim.units import units_like
from bordersim.vocabulary import read_vocabulary
from bordersim.yaml_source import read_yaml, write_yaml

KNOWN = read_vocabulary()
SCHEMA: dict[str, Any] = json.loads(schema_text())
VALIDATOR = Draft202012Validator(SCHEMA)

POLICY = {"id": "p", "lever": "china.patrol_rate", "op": "set", "value": 0.1, "from": "2010-01"}
ALONE = {
    "time": {"start": "1995-01", "end": "2016-12"},
    "population": {"scale": 0.1, "world_seed": 1},
}

BEYOND = (
    "is before",
    "no such file",
    "circle",
    "to drop",
    "is dropped twice",
    "is there already",
    "(in ",  # a lever out of its range because of several policies, or of a parameter
)
"""Words of the loader's messages about what ``editor_schema.LIMITS`` leaves to it."""


def scenario(**keys: Any) -> dict[str, Any]:
    head = {"schema": "bordersim/scenario@1", "name": "x", "extends": "base.yaml"}
    return {key: value for key, value in (head | keys).items() if value != "absent"}


def with_policy(**keys: Any) -> dict[str, Any]:
    policy = {key: value for key, value in (POLICY | keys).items() if value != "absent"}
    return scenario(policies={"add": [policy]})


def loader_says(content: dict[str, Any], folder: Path) -> list[str]:
    """Problems of the loader but those that no schema could find."""
    path = folder / "sample.yaml"
    write_yaml(json.loads(json.dumps(content)), path)  # no object stands at two places of it
    try:
        load(path)
    except ScenarioError as error:
        messages = [str(problem) for problem in error.problems]
        return [text for text in messages if not any(words in text for words in BEYOND)]
    return []


def refused(path: Path) -> bool:
    """Whether the loader finds anything wrong, whatever it is."""
    try:
        load(path)
    except ScenarioError:
        return True
    return False


def schema_says(content: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(content)]


def test_it_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_the_shipped_file_is_current() -> None:
    text = editor_schema_file().read_text("utf-8")
    assert text == schema_text(), "run: bordersim schema -o scenarios/schema.json"


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_valid(path: Path) -> None:
    document = read_yaml(path, [])
    assert document is not None
    assert schema_says(document.data) == []


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_shipped_scenarios_point_editors_to_it(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={editor_schema_file().name}"


def test_names_come_with_meaning_unit_and_range() -> None:
    lever = SCHEMA["$defs"]["PolicyEntry"]["properties"]["lever"]
    described = {entry["const"]: entry["description"] for entry in lever["anyOf"]}
    assert list(described) == list(KNOWN.catalogue)
    spec = KNOWN.catalogue["china.bounty_report"]
    for words in (spec.title, spec.unit, f"{spec.high:g}", spec.direction[1:]):
        assert words in described["china.bounty_report"]
    parameters = SCHEMA["properties"]["parameters"]["properties"]
    assert list(parameters) == list(KNOWN.parameters)
    for key, entry in parameters.items():
        assert KNOWN.parameters[key].unit in entry["description"]
    facts = {entry["const"]: entry["description"] for entry in SCHEMA["$defs"]["evidence"]["anyOf"]}
    assert set(facts) == KNOWN.evidence_ids
    assert all(facts.values())


def test_every_key_is_described() -> None:
    keys = [
        (place, name, entry)
        for place, model in {"": SCHEMA, **SCHEMA["$defs"]}.items()
        for name, entry in model.get("properties", {}).items()
    ]
    assert len(keys) > 25
    silent = [f"{place}.{name}" for place, name, entry in keys if not _says(entry)]
    assert silent == []


def _says(entry: dict[str, Any]) -> bool:
    target = SCHEMA["$defs"].get(entry.get("$ref", "").rpartition("/")[2], {})
    return bool(entry.get("description") or target.get("description"))


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": (scenario(titel="x"), "titel"),
    "no name": (scenario(name="absent"), "name"),
    "name with a path": (scenario(name="../x"), "name"),
    "name with a line break": (scenario(name="x\n"), "name"),
    "other schema": (scenario(schema="bordersim/sweep@1"), "schema"),
    "month 13": (scenario(time={"end": "2010-13"}), "end"),
    "before the data": (scenario(time={"start": "1994-12"}), "start"),
    "after the data": (scenario(time={"end": "2026-01"}), "end"),
    "a year": (scenario(time={"end": 2010}), "end"),
    "scale nought": (scenario(population={"scale": 0}), "scale"),
    "scale above one": (scenario(population={"scale": 1.5}), "scale"),
    "negative seed": (scenario(population={"world_seed": -1}), "world_seed"),
    "text for a number": (scenario(population={"scale": "0.1"}), "scale"),
    "unknown parameter": (scenario(parameters={"residents.kin": 1}), "residents.kin"),
    "parameter out of bounds": (scenario(parameters={"residents.k_kin": 99}), "k_kin"),
    "list too short": (scenario(parameters={"residents.age_effect": [0.0]}), "age_effect"),
    "list for a number": (scenario(parameters={"residents.k_kin": [1.0]}), "k_kin"),
    "alone without a span": (scenario(extends="absent"), "time"),
    "unknown lever": (with_policy(lever="china.patrols"), "lever"),
    "unknown op": (with_policy(op="multiply"), "op"),
    "value out of range": (with_policy(value=7), "value"),
    "no value": (with_policy(value="absent"), "value"),
    "value and parameter": (with_policy(parameter="history.patrol_start"), "add"),
    "number as text": (with_policy(value="0.1"), "value"),
    "unit of another kind": (with_policy(value="3 CNY"), "value"),
    "negative multiplier": (with_policy(op="scale", value=-1), "value"),
    "parameter of another kind": (
        with_policy(value="absent", parameter="population.household_size"),
        "parameter",
    ),
    "half a month": (with_policy(ramp=0.5), "ramp"),
    "ramp in money": (with_policy(ramp="3 CNY"), "ramp"),
    "unknown place": (with_policy(places=["seoul"]), "places"),
    "a home for a sector": (with_policy(places=["ryanggang"]), "places"),
    "a place for the nation": (
        with_policy(lever="south.settlement_cash", value=10, places=["tumen_musan"]),
        "places",
    ),
    "no places": (with_policy(places=[]), "places"),
    "a place twice": (with_policy(places=["tumen_musan"] * 2), "places"),
    "unknown factor": (with_policy(factor="weather"), "factor"),
    "unknown evidence": (with_policy(evidence=["S9.rumour"]), "evidence"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_invalid(case: str, tmp_path: Path) -> None:
    content, where = BROKEN[case]
    found = schema_says(content)
    assert found
    assert any(where in message for message in found), found
    assert loader_says(content, tmp_path)


@pytest.mark.parametrize("key", list(KNOWN.catalogue))
def test_every_unit_of_a_levers_kind_is_valid_and_no_other(key: str, tmp_path: Path) -> None:
    spec = KNOWN.catalogue[key]
    units = {*units_like("share"), *units_like("CNY"), *units_like("months"), *units_like("index")}
    for unit in sorted({*units_like(spec.unit), *units}):
        content = with_policy(lever=key, op="add", value=f"0 {unit}", places="absent")
        assert bool(schema_says(content)) == (unit not in units_like(spec.unit)), unit


ODD: tuple[Any, ...] = (None, True, -1, 0, 1, 0.5, 2.5, 10**30, "", "x", "5 %", [], ["x"], {})
MONTHS = ("2010-01", "2012-4", month_label(0), month_label(LAST_MONTH), "2010-13", "1994-12", 2010)
SOME_LEVERS = ("china.patrol_rate", "south.settlement_cash", "custody.severity", "guards.per_km")
QUANTITIES = ("0.1 per month", "1.2 a year", "2 months", "5 KRW million", "3 CNY", "2 times", "7%")
PLACES = ("tumen_musan", "yalu_lower", "ryanggang", "nowhere", 3)


def mostly(*likely: Any) -> st.SearchStrategy[Any]:
    """Values that are likely to be right, and now and then something odd."""
    return st.sampled_from((*likely * (2 * len(ODD) // len(likely) + 1), *ODD))


def lists_of(*items: Any) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(items), max_size=3)
    return st.one_of(some, some, st.sampled_from(ODD))


POLICY_KEYS: dict[str, st.SearchStrategy[Any]] = {
    "id": mostly("q", "q.r-s_1", "a b", ".x", "con.x"),
    "title": mostly("T", ""),
    "lever": mostly(*SOME_LEVERS),
    "op": mostly("set", "scale", "add"),
    "value": st.one_of(st.floats(-1, 40), mostly(*QUANTITIES, "absent")),
    "parameter": mostly("history.patrol_start", "history.patrol_2008", "residents.age_effect"),
    "from": mostly(*MONTHS),
    "until": mostly(*MONTHS),
    "ramp": mostly("6 months", "1 year", 12, 3.0, 372, 373, "6"),
    "places": lists_of(*PLACES),
    "factor": mostly("china", "guards"),
    "evidence": lists_of("M9", "S1.fee_2010", "T.2012-04.command", "M99", 4),
    "colour": st.sampled_from(ODD),
}
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "schema": mostly("bordersim/scenario@1"),
    "name": mostly("y", "Y", "a/b", "n" * 80, "n" * 81, "aux"),
    "title": mostly("T", ""),
    "extends": st.sampled_from(("base.yaml", "historical.yaml", None, "absent")),
    "time": st.one_of(
        st.dictionaries(st.sampled_from(("start", "end")), mostly("2010-01", "2012-4")),
        st.dictionaries(st.sampled_from(("start", "end", "when")), mostly(*MONTHS)),
        st.sampled_from(ODD),
    ),
    "population": st.one_of(
        st.fixed_dictionaries({"scale": mostly(0.5, 1), "world_seed": mostly(0, 7)}),
        st.dictionaries(st.sampled_from(("scale", "world_seed", "size")), mostly(1)),
        st.sampled_from(ODD),
    ),
    "parameters": st.one_of(
        st.dictionaries(st.just("residents.k_kin"), st.floats(-0.5, 3.5)),
        st.dictionaries(st.just("residents.belief_start"), st.lists(st.floats(0, 1.1), max_size=4)),
        st.dictionaries(st.sampled_from(("residents.k_kin", "residents.kin")), mostly(1, 2.5)),
        st.sampled_from(ODD),
    ),
    "policies": st.sampled_from((*ODD, {"drop": ["x", 3]}, {"drop": "x"}, {"add": [1]})),
    "colour": st.sampled_from(ODD),
}


def changed(base: dict[str, Any], keys: dict[str, st.SearchStrategy[Any]]) -> Any:
    """A valid mapping of which up to three keys are given other values."""
    some = st.lists(st.sampled_from(sorted(keys)), max_size=2, unique=True)
    chosen = some.flatmap(lambda names: st.fixed_dictionaries({key: keys[key] for key in names}))
    return chosen.map(
        lambda new: {key: value for key, value in (base | new).items() if value != "absent"}
    )


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        changed(POLICY, POLICY_KEYS).map(lambda policy: scenario(policies={"add": [policy]})),
        changed(scenario(), KEYS),
        changed(scenario(extends="absent") | ALONE, KEYS),
    )
)
def test_the_schema_and_the_loader_agree(tmp_path: Path, content: dict[str, Any]) -> None:
    of_schema, of_loader = schema_says(content), loader_says(content, tmp_path)
    assert of_schema or not of_loader, (content, of_schema, of_loader)
    # a span that ends before it starts is told before what is missing beside it
    assert refused(tmp_path / "sample.yaml") or not of_schema, (content, of_schema)


def test_the_command_prints_it_and_writes_it(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["schema"], catch_exceptions=False)
    assert printed.stdout == schema_text()
    file = tmp_path / "s.json"
    written = CliRunner().invoke(app, ["schema", "-o", str(file)], catch_exceptions=False)
    assert written.exit_code == 0
    assert file.read_text("utf-8") == schema_text()
    assert written.stdout == "# yaml-language-server: $schema=s.json\n"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "-o", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 2
    assert "cannot write" in result.stderr

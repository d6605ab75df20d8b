"""JSON Schema of a scenario file, for editors.

The shape comes from the models of ``schema``; this module adds what those models leave
to the data files: which levers, parameters, places and evidence there are, in what unit
and range. An editor can then complete names, show what they mean and underline most
mistakes while typing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

from pydantic import PlainValidator
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import (
    BeforeValidatorFunctionSchema,
    PlainValidatorFunctionSchema,
)

from bordersim.closed_schema import Month, NumberOrList, Quantity
from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.data_files import evidence_folder, shipped_scenarios
from bordersim.evidence import read_evidence
from bordersim.levers import FACTORS, LeverSpec
from bordersim.parameters import Parameter
from bordersim.policies import HOLD, SCALE_UNIT
from bordersim.schema import NAME_PATTERN, SCENARIO_SCHEMA, Given, Name, ScenarioFile
from bordersim.units import unit_factor, units_like
from bordersim.vocabulary import Vocabulary, read_vocabulary
from bordersim.yaml_source import read_yaml

Words = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

LIMITS = (
    "whether `extends` names a file that is there, and what that file holds",
    "whether a policy to drop is inherited, and whether an id is given twice",
    "that an end comes before its start, and that a scale leaves parts of the river no guard",
    "the range of a quantity written as text with a unit, and that it makes whole months",
    "whether policies that add, scale or take their value from a parameter, or several "
    "policies together, keep a lever in its range",
    "that the shares of a list add up to one",
    "a key given twice, anchors, tags and not-a-number: no part of JSON",
    "that 1.0 is no whole number",
)
"""What only ``bordersim check`` can tell, because no JSON Schema can."""

_END = r"(?![\s\S])"  # `$` would let a last line break pass in some languages
_NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"


def scenario_schema(vocabulary: Vocabulary | None = None) -> Words:
    """Give the schema of a scenario file.

    Parameters
    ----------
    vocabulary
        What names mean; what ships by default.

    Returns
    -------
    dict
        A JSON Schema, draft 2020-12. A file that ``load`` accepts is valid; of what
        ``load`` refuses, ``LIMITS`` lists what is valid nonetheless.

    Raises
    ------
    ScenarioError
        If the data files cannot be read.
    """
    known = read_vocabulary() if vocabulary is None else vocabulary
    derived = ScenarioFile.model_json_schema(schema_generator=_Shapes)
    _strip(derived)
    parts: Words = derived.pop("$defs")
    policy, section = parts["PolicyEntry"], parts["PoliciesSection"]
    _name_things(policy["properties"], known)
    policy["allOf"] = [_value_or_parameter(), *_place_rules(known), *_value_rules(known)]
    keys = derived["properties"]
    keys["parameters"] |= {
        "properties": {key: _parameter(known.parameters[key]) for key in known.parameters},
        "additionalProperties": False,
    }
    shipped = shipped_scenarios()
    keys["extends"]["anyOf"].insert(0, {"enum": [file.name for file in shipped]})
    dropped = section["properties"]["drop"]
    dropped["items"] = {"anyOf": [{"enum": _policies_of(shipped)}, dropped["items"]]}
    return {
        "$schema": DIALECT,
        "$id": "urn:" + SCENARIO_SCHEMA.replace("/", ":").replace("@", ":"),
        "title": SCENARIO_SCHEMA,
        "$comment": "Written by `bordersim schema`. Beyond it: " + "; ".join(LIMITS) + ".",
        **derived,
        **_whole_when_alone(),
        "$defs": parts | {"evidence": _any_of(read_evidence(evidence_folder()))},
    }


def schema_text() -> str:
    """Give the schema as the text of a file.

    Returns
    -------
    str
        JSON, ending with a line break.

    Raises
    ------
    ScenarioError
        If the data files cannot be read.
    """
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _reader(annotated: Any) -> Any:
    """Function that reads a value written in the house's own way."""
    found = (part for part in get_args(annotated) if isinstance(part, PlainValidator))
    return next(found).func


class _Shapes(GenerateJsonSchema):
    """pydantic's own derivation, told what the house's readers accept."""

    def function_plain_schema(self, schema: PlainValidatorFunctionSchema) -> Words:
        return deepcopy(_READ[schema["function"]["function"]])

    def function_before_schema(self, schema: BeforeValidatorFunctionSchema) -> Words:
        words = super().function_before_schema(schema)
        if schema["function"]["function"] is Given.func:
            (given,) = (way for way in words["anyOf"] if way != {"type": "null"})
            return dict(given)
        return words


def _months() -> str:
    years = [str(EPOCH_YEAR + offset) for offset in range((LAST_MONTH + 1) // 12)]
    return f"^({'|'.join(years)})-(0?[1-9]|1[0-2]){_END}"


def _pattern(pattern: str, says: str) -> Words:
    return {"pattern": pattern, "patternErrorMessage": f"expected {says}"}


_READ: dict[Any, Words] = {
    _reader(Name): {"type": "string"}
    | _pattern(NAME_PATTERN + _END, "a-z 0-9 . _ - , not starting with a dot or a dash"),
    _reader(Month): {"type": "string"} | _pattern(_months(), "a month such as 2012-04"),
    _reader(Quantity): {"type": ["number", "string"]},
    _reader(NumberOrList): {
        "anyOf": [
            {"type": "number"},
            {"type": "array", "items": {"type": "number"}, "minItems": 1},
        ]
    },
}


def _strip(node: Any) -> None:
    """Drop, in place, pydantic's titles and those defaults that cannot be written."""
    if isinstance(node, list):
        for item in node:
            _strip(item)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("title"), str):
        del node["title"]
    if node.get("default", "") in (None, "", {}) or isinstance(node.get("default"), dict):
        node.pop("default", None)
    for item in node.values():
        _strip(item)


def _any_of(described: dict[str, str]) -> Words:
    """One of several names, each with what it stands for."""
    return {"anyOf": [{"const": name, "description": said} for name, said in described.items()]}


def _name_things(keys: Words, known: Vocabulary) -> None:
    """Say, in place, which names the keys of a policy take."""
    catalogue, parameters = known.catalogue, known.parameters
    keys["lever"] |= _any_of({key: _lever(catalogue[key]) for key in catalogue})
    numbers = [key for key in parameters if isinstance(parameters[key].value, float)]
    told = _any_of({key: parameters[key].title for key in numbers})
    keys["parameter"] |= told
    by_factor = {
        factor: ", ".join(key for key in catalogue if catalogue[key].factor == factor)
        for factor in FACTORS
    }
    keys["factor"] |= _any_of(by_factor)
    keys["evidence"]["items"] = {"$ref": "#/$defs/evidence"}
    keys["ramp"] |= _quantity("months") | {
        "minimum": 0,
        "maximum": LAST_MONTH + 1,
        "multipleOf": 1,
    }


def _policies_of(files: Iterable[Path]) -> list[str]:
    """Ids of the policies that scenario files add, each once."""
    ids: dict[str, None] = {}
    for file in files:
        document = read_yaml(file, [])
        added = document.mapping("policies").get("add", []) if document is not None else []
        ids.update(dict.fromkeys(policy["id"] for policy in added))
    return list(ids)


def _lever(spec: LeverSpec) -> str:
    start = f"driver {spec.driver}" if spec.default is None else f"{spec.default:g}"
    axis = "national" if spec.places == "nation" else f"by {spec.places}"
    return (
        f"{spec.title}. {spec.low:g} to {spec.high:g} {spec.unit}, {axis}, in 1995: {start}. "
        f"{spec.direction[:1].upper()}{spec.direction[1:]}."
    )


def _parameter(parameter: Parameter) -> Words:
    origin = parameter.reason if parameter.kind == "assumption" else parameter.source
    described: Words = {
        "title": parameter.title,
        "description": f"{parameter.title} ({parameter.unit}; {parameter.kind}: {origin})",
    }
    number = {"type": "number", "minimum": parameter.low, "maximum": parameter.high}
    if isinstance(parameter.value, float):
        return described | {"default": parameter.value} | number
    length = len(parameter.value)
    if parameter.labels:
        described["description"] += f": {', '.join(parameter.labels)}"
    return described | {
        "default": list(parameter.value),
        "type": "array",
        "items": number,
        "minItems": length,
        "maxItems": length,
    }


def _quantity(unit: str) -> Words:
    """A number in a unit, or text with a unit of the same dimension.

    Text has to match the pattern, which says nothing about numbers; bounds beside it
    hold numbers, and say nothing about text.
    """
    units = "|".join(units_like(unit))  # no unit holds a sign that a pattern would read
    says = f"a number in {unit}, or text with a unit"
    return {"type": ["number", "string"]} | _pattern(rf"^\s*{_NUMBER}\s*({units})\s*{_END}", says)


def _value_or_parameter() -> Words:
    """Exactly one of the two keys that hold a policy's number; neither to hold a lever."""
    given = {"properties": {"parameter": {"type": "string"}}, "required": ["parameter"]}
    either = {
        "if": given,
        "then": {"not": {"required": ["value"]}},
        "else": {"required": ["value"]},
    }
    holds = {"properties": {"op": {"const": HOLD}}, "required": ["op"]}
    none = {"not": {"anyOf": [given, {"required": ["value"]}]}}
    return {"if": holds, "then": none, "else": either}


def _when(then: Words, **keys: list[str]) -> Words:
    """Rule for policies some of whose keys hold one of the given names."""
    tested = {key: {"enum": names} for key, names in keys.items()}
    return {"if": {"properties": tested, "required": [*keys]}, "then": {"properties": then}}


def _place_rules(known: Vocabulary) -> list[Words]:
    """Which places a policy may name, by the kind of its lever."""
    places = known.places
    titles = {
        "sector": dict(zip(places.sectors, places.sector_titles, strict=True)),
        "home": dict(zip(places.homes, places.home_titles, strict=True)),
    }
    rules = []
    for kind in ("sector", "home", "nation"):
        levers = [key for key, spec in known.catalogue.items() if spec.places == kind]
        named: Words = {"type": "null"}
        if kind in titles:
            named = {"items": _any_of(titles[kind]), "minItems": 1, "uniqueItems": True}
        rules.append(_when({"places": named}, lever=levers))
    return rules


def _value_rules(known: Vocabulary) -> list[Words]:
    """What a policy's value may be, by lever and op."""
    catalogue = known.catalogue
    rules = [
        _when(_amount(known, SCALE_UNIT), op=["scale"]),
        _when({"value": {"minimum": 0}}, op=["scale"]),
    ]
    for unit in dict.fromkeys(spec.unit for spec in catalogue.values()):
        levers = [key for key, spec in catalogue.items() if spec.unit == unit]
        rules.append(_when(_amount(known, unit), lever=levers, op=["set", "add"]))
    for key, spec in catalogue.items():
        bounds = {"minimum": spec.low, "maximum": spec.high}  # of numbers: text has none
        rules.append(_when({"value": bounds}, lever=[key], op=["set"]))
    return rules


def _amount(known: Vocabulary, unit: str) -> Words:
    return {
        "value": _quantity(unit),
        "parameter": {"enum": [*_parameters_in(known, unit), None]},
    }


def _parameters_in(known: Vocabulary, unit: str) -> list[str]:
    """Parameters that hold one number in a unit of the same dimension."""
    found = []
    for key in known.parameters:
        parameter = known.parameters[key]
        try:
            unit_factor(parameter.unit, unit)
        except ValueError:
            continue
        if isinstance(parameter.value, float):
            found.append(key)
    return found


def _whole_when_alone() -> Words:
    """A scenario that extends nothing sets its span and its people itself."""
    sections: Words = {
        "time": {"required": ["start", "end"]},
        "population": {
            "required": ["scale", "world_seed"],
            "properties": {"scale": {"type": "number"}, "world_seed": {"type": "integer"}},
        },
    }
    return {
        "if": {"properties": {"extends": {"type": "string"}}, "required": ["extends"]},
        "else": {"required": [*sections], "properties": sections},
    }

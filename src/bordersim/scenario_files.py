"""Scenario files and the files they extend, checked together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bordersim.closed_schema import validate
from bordersim.dates import month_label, parse_month
from bordersim.errors import MOST_PROBLEMS, Problem
from bordersim.parameters import Parameters
from bordersim.policies import Policy
from bordersim.policy_list import PolicyList
from bordersim.provenance import EXTENDED, OWN, PACKAGE, POLICY, SETTING, SetBy, note
from bordersim.scenario_chain import Layer
from bordersim.scenario_checks import scale_mistake
from bordersim.schema import ScenarioFile
from bordersim.vocabulary import Vocabulary
from bordersim.yaml_source import YamlDocument


@dataclass
class Inherited:
    """What a chain of layers has settled so far.

    Attributes
    ----------
    policies
        In the order in which they act.
    span
        ``start`` and ``end`` to months, as far as they are set.
    people
        ``scale`` and ``world_seed``, as far as they are set.
    parameters
        With the values set so far.
    history
        Key to every layer that set it.
    """

    policies: tuple[Policy, ...]
    span: dict[str, int]
    people: dict[str, Any]
    parameters: Parameters
    history: dict[str, tuple[SetBy, ...]]


def nothing_inherited(vocabulary: Vocabulary) -> Inherited:
    """Give what is settled before the first file.

    Parameters
    ----------
    vocabulary
        Parameters as shipped.

    Returns
    -------
    Inherited
        No policies, no span, no people.
    """
    parameters = vocabulary.parameters
    history: dict[str, tuple[SetBy, ...]] = {
        key: (SetBy(PACKAGE, parameters[key].where, parameters[key].value),) for key in parameters
    }
    return Inherited((), {}, {}, parameters, history)


def layer_from_call(content: dict[str, Any], label: str, problems: list[Problem]) -> Layer:
    """Treat the arguments of a call as a scenario file.

    Parameters
    ----------
    content
        As in a file.
    label
        How messages name the call.
    problems
        Receives what the schema finds.

    Returns
    -------
    Layer
        Without lines.
    """
    document = YamlDocument(label, content)
    return Layer(document, validate(ScenarioFile, document, problems))


def merge_layers(
    layers: list[Layer], inherited: Inherited, vocabulary: Vocabulary, problems: list[Problem]
) -> Inherited:
    """Check layers beyond the shape of each, and overlay them.

    Parameters
    ----------
    layers
        From the root to the leaf.
    inherited
        What they start from; left as it is.
    vocabulary
        What names mean.
    problems
        Receives what is wrong. The result only means something if it stays empty.

    Returns
    -------
    Inherited
        What the layers settle.
    """
    merged = Inherited(
        inherited.policies,
        dict(inherited.span),
        dict(inherited.people),
        inherited.parameters,
        dict(inherited.history),
    )
    policies = PolicyList(inherited.policies, vocabulary, problems)
    complete = bool(layers) and layers[0].document.mapping().get("extends") is None
    for layer in layers:
        name = _layer_name(layer, layers[-1])
        _overlay_parameters(layer.document, name, merged, vocabulary, problems)
        _check_span(layer.document, dict(merged.span), problems)
        before = tuple(policies.policies)
        policies.change(layer.document, complete)
        _note_policies(layer.document, name, before, tuple(policies.policies), merged)
        if layer.file is not None:
            _overlay_sections(layer.document, layer.file, name, merged)
    problems.extend(policies.range_problems(merged.parameters))
    problems.extend(_scale_problems(layers, merged, vocabulary))
    if layers and not problems:
        problems.extend(_unset(layers[-1].document, merged))
    merged.policies = tuple(policies.policies)
    return merged


def _layer_name(layer: Layer, leaf: Layer) -> str:
    if layer.document.label == SETTING:
        return SETTING
    return OWN if layer is leaf else EXTENDED


def _note_policies(
    document: YamlDocument,
    name: str,
    before: tuple[Policy, ...],
    after: tuple[Policy, ...],
    merged: Inherited,
) -> None:
    dropped = document.mapping("policies").get("drop")
    known = {policy.id for policy in before}
    for position, policy_id in enumerate(dropped if isinstance(dropped, list) else ()):
        if isinstance(policy_id, str) and policy_id in known:
            where = document.where(("policies", "drop", position))
            note(merged.history, POLICY + policy_id, SetBy(name, where, None))
    for policy in after:
        if not any(policy is other for other in before):
            note(merged.history, POLICY + policy.id, SetBy(name, policy.where, policy))


def in_order(problems: list[Problem]) -> list[Problem]:
    """Sort problems by file and line, and say each once.

    Parameters
    ----------
    problems
        From several checks.

    Returns
    -------
    list of Problem
        Files in the order in which they first appear.
    """
    files = list(dict.fromkeys(_file_and_line(problem)[0] for problem in problems))

    def place(problem: Problem) -> tuple[int, int]:
        file, line = _file_and_line(problem)
        return files.index(file), line

    return sorted(dict.fromkeys(problems), key=place)


def _file_and_line(problem: Problem) -> tuple[str, int]:
    file, _, line = problem.where.rpartition(":")
    return (file, int(line)) if line.isdigit() else (problem.where, 0)


def _overlay_sections(
    document: YamlDocument, file: ScenarioFile, name: str, merged: Inherited
) -> None:
    for key, month in (("start", file.time.start), ("end", file.time.end)):
        if month is not None:
            merged.span[key] = month
            entry = SetBy(name, document.where(("time", key)), month_label(month))
            note(merged.history, f"time.{key}", entry)
    for key in ("scale", "world_seed"):
        value = getattr(file.population, key)
        if value is not None:
            merged.people[key] = value
            entry = SetBy(name, document.where(("population", key)), value)
            note(merged.history, f"population.{key}", entry)


def _scale_problems(
    layers: list[Layer], merged: Inherited, vocabulary: Vocabulary
) -> list[Problem]:
    if "scale" not in merged.people:
        return []
    message = scale_mistake(merged.people["scale"], vocabulary.places, merged.parameters)
    # The file that set it is to blame, or the one that left too few guards for it.
    setters = [
        layer.document for layer in layers if "scale" in layer.document.mapping("population")
    ]
    document = setters[-1] if setters else layers[-1].document
    return [] if message is None else [document.problem(("population", "scale"), message)]


def _unset(document: YamlDocument, merged: Inherited) -> list[Problem]:
    wanted = [("time", "start", merged.span), ("time", "end", merged.span)]
    people = [("population", "scale", merged.people), ("population", "world_seed", merged.people)]
    return [
        document.problem((section, key), "required, but not given; set it or extend base.yaml")
        for section, key, values in (*wanted, *people)
        if key not in values
    ]


def _overlay_parameters(
    document: YamlDocument,
    name: str,
    merged: Inherited,
    vocabulary: Vocabulary,
    problems: list[Problem],
) -> None:
    valid: dict[str, Any] = {}
    most = len(problems) + MOST_PROBLEMS
    for key, value in document.mapping("parameters").items():
        if len(problems) >= most:
            too_many = "too many mistakes; the rest is not judged"
            problems.append(document.problem(("parameters", key), too_many))
            break
        message = _parameter_mistake(key, value, vocabulary)
        if message is None:
            valid[key] = value
        elif _is_number_or_list(value) or key not in vocabulary.parameters:
            problems.append(document.problem(("parameters", key), message))
    merged.parameters = merged.parameters.replace(valid)
    for key in valid:
        where = document.where(("parameters", key))
        note(merged.history, key, SetBy(name, where, merged.parameters[key].value))


def _parameter_mistake(key: str, value: object, vocabulary: Vocabulary) -> str | None:
    if key in vocabulary.catalogue:
        return f'"{key}" is a lever; move it with a policy, or with --set'
    return vocabulary.parameters.mistake(key, value)


def _is_number_or_list(value: object) -> bool:
    # Anything else is reported by the schema already.
    items = value if isinstance(value, list) and value else [value]
    return all(isinstance(item, (int, float)) and abs(item) < math.inf for item in items)


def _check_span(document: YamlDocument, span: dict[str, int], problems: list[Problem]) -> None:
    time = document.mapping("time")
    for key in ("start", "end"):
        if key in time:
            try:
                span[key] = parse_month(time[key])
            except ValueError:
                # The schema reports it; the span cannot be judged.
                span.pop(key, None)
    if time and "start" in span and "end" in span and span["end"] < span["start"]:
        start, end = month_label(span["start"]), month_label(span["end"])
        problems.append(document.problem(("time", "end"), f"{end} is before the start, {start}"))

"""``bordersim show``: what a scenario is, who set what, levers over time and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems
from bordersim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.scenario import Scenario


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    scenario: Path | None
    settings: tuple[str, ...]
    layers: bool
    every: bool
    levers: tuple[str, ...]
    catalogue: bool
    as_json: bool


def show(request: Request) -> ExitCode:
    """Print what was asked for; the summary when nothing was."""
    try:
        document = _document(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    if request.as_json:
        print_json(document)
    else:
        from bordersim.cli.show_text import print_sections

        print_sections(document)
    return ExitCode.OK


def _document(request: Request) -> dict[str, Any]:
    from bordersim.layers import catalogue_rows, layer_rows, policy_rows, summary

    document: dict[str, Any] = {"status": "ok"}
    if request.scenario is None:
        document["catalogue"] = catalogue_rows(_shipped_catalogue(request))
        return document
    scenario = _prepared(request)
    tables = _tables(scenario, request.levers)
    document["scenario"] = summary(scenario)
    if not (request.layers or request.levers or request.catalogue):
        document["policies"] = policy_rows(scenario)
    if request.layers:
        document["layers"] = layer_rows(scenario, every=request.every)
    if tables:
        document["levers"] = tables
    if request.catalogue:
        document["catalogue"] = catalogue_rows(scenario.catalogue)
    return document


def _shipped_catalogue(request: Request) -> Any:
    """Levers of no scenario in particular; everything else needs one."""
    if request.layers or request.levers or request.settings or not request.catalogue:
        message = "name a scenario file, for example scenarios/historical.yaml"
        raise ScenarioError([Problem("show", "SCENARIO", message)])
    from bordersim.vocabulary import read_vocabulary

    return read_vocabulary().catalogue


def _prepared(request: Request) -> Scenario:
    from bordersim.cli.run import parse_setting
    from bordersim.scenario import load

    problems: list[Problem] = []
    settings: dict[str, float | int | str] = {}
    for text in request.settings:
        try:
            key, value = parse_setting(text)
        except ScenarioError as error:
            problems.extend(error.problems)
        else:
            settings[key] = value
    try:
        scenario = load(str(request.scenario))
        if settings:
            scenario = scenario.with_settings(settings)
    except ScenarioError as error:
        problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return scenario


def _tables(scenario: Scenario, keys: Sequence[str]) -> list[dict[str, Any]]:
    from bordersim.layers import lever_document
    from bordersim.lever_history import find_lever

    problems: list[Problem] = []
    for key in keys:
        try:
            find_lever(scenario, key, "--lever")
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return [lever_document(scenario, key) for key in dict.fromkeys(keys)]

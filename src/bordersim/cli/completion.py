"""What a shell offers while a command is being typed. Imports nothing heavy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from bordersim.data_files import editor_schema_file
from bordersim.errors import BordersimError

_SECTION_KEYS = ("time.start", "time.end", "population.scale", "population.world_seed")
_HEAD = 4096
"""Bytes of a file in which its schema must be named for it to be offered as a scenario."""


def scenario_files(incomplete: str) -> list[str]:
    """Scenario files whose path begins as typed, here or one folder down."""
    typed = Path(incomplete)
    folder = typed if incomplete.endswith("/") else typed.parent
    if not folder.is_dir():
        return []
    found = sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml")))
    return [str(path) for path in found if str(path).startswith(incomplete) and _is_scenario(path)]


def lever_keys(incomplete: str) -> list[tuple[str, str]]:
    """Levers, each with what it is."""
    return [entry for entry in _levers() if entry[0].startswith(incomplete)]


def setting_keys(incomplete: str) -> list[tuple[str, str]]:
    """What ``--set`` takes: levers, parameters, span and population, up to the equals sign."""
    parameters = _schema().get("properties", {}).get("parameters", {}).get("properties", {})
    entries = [
        *_levers(),
        *((key, entry.get("title", "")) for key, entry in parameters.items()),
        *((key, "") for key in _SECTION_KEYS),
    ]
    return [(f"{key}=", said) for key, said in entries if key.startswith(incomplete)]


def run_keys(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids of the runs in the folder of results, each with scenario and seed."""
    entries = [
        (run["run_id"], f"{run['scenario']}, seed {run['seed']}, scale {run['scale']:g}")
        for _, manifest in _manifests(context)
        for run in manifest["runs"]
    ]
    return [entry for entry in entries if entry[0].startswith(incomplete)]


def run_and_study_keys(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Names of studies, and ids of runs."""
    studies = [
        (name, f"{len(manifest['runs'])} runs")
        for name, manifest in _manifests(context)
        if name.startswith(incomplete)
    ]
    return [*studies, *run_keys(context, incomplete)]


def export_formats() -> list[str]:
    """Formats that ``runs export`` writes."""
    return ["csv", "parquet", "feather"]


def pick_kinds(incomplete: str) -> list[str]:
    """Kinds of lives that ``why --pick`` knows."""
    from bordersim.explain.kinds import KINDS

    return [kind for kind in KINDS if kind.startswith(incomplete)]


def _is_scenario(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"bordersim/scenario@" in file.read(_HEAD)
    except OSError:
        return False


def _schema() -> dict[str, Any]:
    """The shipped schema for editors: names and meanings without reading YAML."""
    try:
        schema: dict[str, Any] = json.loads(editor_schema_file().read_text("utf-8"))
    except (BordersimError, OSError, ValueError):
        return {}  # nothing to offer is no reason to disturb somebody who types
    return schema


def _levers() -> list[tuple[str, str]]:
    policy = _schema().get("$defs", {}).get("PolicyEntry", {}).get("properties", {})
    entries = policy.get("lever", {}).get("anyOf", [])
    return [(entry["const"], entry["description"]) for entry in entries]


def _manifests(context: typer.Context) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and manifest of every study; the views may lag behind the store by a moment."""
    folder = Path(context.params.get("results") or "results")
    for path in sorted((*folder.glob("manifest.json"), *folder.glob("*/manifest.json"))):
        try:
            manifest = json.loads(path.read_text("utf-8"))
            manifest["runs"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield path.parent.name, manifest

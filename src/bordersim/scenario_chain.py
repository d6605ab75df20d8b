"""A scenario file and the files it extends, one after the other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bordersim.closed_schema import validate
from bordersim.data_files import scenarios_folder, shipped_scenarios
from bordersim.errors import Problem, shortened, suggestion
from bordersim.schema import ScenarioFile
from bordersim.yaml_source import YamlDocument, read_yaml

_LONGEST_CHAIN = 20
_LONGEST_FILE_NAME = 255
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Layer:
    """One scenario file.

    Attributes
    ----------
    document
        Raw content with lines.
    file
        The same, validated; None if the schema found a mistake.
    """

    document: YamlDocument
    file: ScenarioFile | None


def read_chain(path: Path, problems: list[Problem]) -> list[Layer]:
    """Read a scenario file and everything it extends.

    Parameters
    ----------
    path
        The scenario file.
    problems
        Receives what is wrong with any of the files as such.

    Returns
    -------
    list of Layer
        From the root of the chain to the file asked for.
    """
    layers: list[Layer] = []
    visited: list[str] = []
    current: Path | None = path
    while current is not None:
        document = read_yaml(current, problems)
        if document is None:
            break
        layers.append(Layer(document, validate(ScenarioFile, document, problems)))
        visited.append(os.path.realpath(current))
        current = _parent(document, current, visited, problems)
    return layers[::-1]


def _parent(
    document: YamlDocument, path: Path, visited: list[str], problems: list[Problem]
) -> Path | None:
    named = document.mapping().get("extends")
    if not isinstance(named, str):
        return None
    try:
        return _find(named, path.parent, visited)
    except _NotExtendedError as error:
        message = str(error)
    except OSError as error:
        message = f'"{shortened(named)}" cannot be read ({error.strerror})'
    problems.append(document.problem(("extends",), message))
    return None


def _scenario_names(folder: Path) -> list[str]:
    beside = (file.name for file in folder.glob("*.yaml") if file.is_file())
    return sorted({*beside, *(file.name for file in shipped_scenarios())})


class _NotExtendedError(Exception):
    """What is named cannot be extended; the message says why."""


def _find(named: str, folder: Path, visited: list[str]) -> Path:
    """Give the file a name means: beside the one that names it, else among the shipped."""
    if "\0" in named or len(max(named.split("/"), key=len)) > _LONGEST_FILE_NAME:
        raise _NotExtendedError(f'"{shortened(named)}" cannot be a file name')
    if Path(named).is_absolute():
        raise _NotExtendedError(
            f'got "{shortened(named)}"; name a file relative to this one, so that both can move'
        )
    beside = folder / named
    shipped = scenarios_folder() / named
    parent = shipped if not beside.exists() and shipped.exists() else beside
    if parent.is_dir():
        raise _NotExtendedError(f'"{named}" is a folder, expected a scenario file')
    if not named.endswith(_SUFFIXES):
        raise _NotExtendedError(
            f'got "{shortened(named)}", expected a scenario file, which ends in .yaml'
        )
    if not parent.exists():
        close = suggestion(Path(named).name, _scenario_names(folder))
        raise _NotExtendedError(
            f'no such file "{shortened(named)}" beside this one or among the shipped{close}'
        )
    if os.path.realpath(parent) in visited:
        raise _NotExtendedError(f'"{named}" extends this file in turn: a circle')
    if len(visited) >= _LONGEST_CHAIN:
        raise _NotExtendedError(f"more than {_LONGEST_CHAIN} files extend one another")
    return parent

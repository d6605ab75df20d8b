"""Scenarios that another file names: beside it, or shipped."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bordersim.data_files import scenarios_folder, shipped_scenarios
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.scenario import Scenario, load
from bordersim.yaml_source import KeyPath, YamlDocument


def file_named(
    named: str, folder: Path, other: Callable[[Path], bool] | None = None
) -> tuple[Path, str | None]:
    """Find the scenario file that a file in a folder names.

    Parameters
    ----------
    named
        Path from the folder, or name of one that ships.
    folder
        Where the naming file is.
    other
        Says of a file whether it is of another kind, and not meant.

    Returns
    -------
    path, mistake
        What is wrong with the name; None if nothing is.
    """
    beside = folder / named
    for path in (beside, scenarios_folder() / named):
        try:
            if path.is_file() and not (other and other(path)):
                return path, None
        except (OSError, ValueError):
            return path, f'"{shortened(named)}" cannot be a file name'
    known = sorted({p.name for p in (*folder.glob("*.yaml"), *shipped_scenarios())})
    close = suggestion(os.path.basename(named), known)
    return beside, f'no such file "{shortened(named)}" beside this one or shipped{close}'


def scenario_named(
    named: str,
    source: tuple[YamlDocument, KeyPath, Path],
    problems: list[Problem],
    other: Callable[[Path], bool] | None = None,
) -> Scenario | None:
    """Load the scenario that a file names.

    Parameters
    ----------
    named, other
        See ``file_named``.
    source
        The naming file, the key in it, and its folder.
    problems
        Receives what is wrong with the name, or in the file.
    """
    document, inside, folder = source
    path, mistake = file_named(named, folder, other)
    if mistake is not None:
        problems.append(document.problem(inside, mistake))
        return None
    try:
        return load(path)
    except ScenarioError as error:
        problems.extend(error.problems)
        return None

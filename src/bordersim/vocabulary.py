"""Everything a scenario file may refer to: levers, parameters, places, drivers, evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.drivers import Drivers, read_drivers
from bordersim.errors import Problem, ScenarioError
from bordersim.evidence import read_evidence_ids
from bordersim.levers import LeverCatalogue, read_levers
from bordersim.parameters import Parameters, read_parameters
from bordersim.places import Places, read_places

Part = TypeVar("Part")


@dataclass(frozen=True)
class Vocabulary:
    """What names mean in a scenario.

    Attributes
    ----------
    catalogue, parameters, places, drivers
        As shipped, before any scenario.
    evidence_ids
        Ids that a policy may cite.
    """

    catalogue: LeverCatalogue
    parameters: Parameters
    places: Places
    drivers: Drivers
    evidence_ids: frozenset[str]


def read_vocabulary(scenarios: Path | None = None, evidence: Path | None = None) -> Vocabulary:
    """Read the shipped data that scenarios are written in.

    Parameters
    ----------
    scenarios, evidence
        Folders; the shipped ones by default.

    Returns
    -------
    Vocabulary
        Remembered until one of the files changes.

    Raises
    ------
    ScenarioError
        With every mistake in every file.
    """
    scenarios = scenarios_folder() if scenarios is None else scenarios
    evidence = evidence_folder() if evidence is None else evidence
    files = [
        *sorted(scenarios.glob("data/*.csv")),
        scenarios / "parameters.yaml",
        scenarios / "levers.yaml",
        evidence / "reported.md",
        evidence / "timeline.csv",
    ]
    states = [path.stat() for path in files if path.exists()]
    stamps = tuple((state.st_mtime_ns, state.st_size) for state in states)
    return _read(scenarios, evidence, stamps)


@lru_cache(maxsize=4)
def _read(scenarios: Path, evidence: Path, stamps: tuple[tuple[int, int], ...]) -> Vocabulary:
    # The stamps are only part of the cache's key.
    problems: list[Problem] = []
    parameters = _attempt(lambda: read_parameters(scenarios / "parameters.yaml"), problems)
    places = _attempt(lambda: read_places(scenarios / "data"), problems)
    drivers = _attempt(lambda: read_drivers(scenarios / "data"), problems)
    ids = _attempt(lambda: read_evidence_ids(evidence), problems)
    if parameters is None or places is None or drivers is None or ids is None:
        raise ScenarioError(problems)
    catalogue = read_levers(scenarios / "levers.yaml", places, ids)
    shared = sorted(set(catalogue) & set(parameters))
    if shared:
        message = f"names used for a lever and a parameter: {', '.join(shared)}"
        raise ScenarioError([Problem("scenarios/levers.yaml", "", message)])
    return Vocabulary(catalogue, parameters, places, drivers, ids)


def _attempt(read: Callable[[], Part], problems: list[Problem]) -> Part | None:
    try:
        return read()
    except ScenarioError as error:
        problems.extend(error.problems)
        return None

"""Everything a scenario file may refer to: levers, parameters, places, drivers, evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from bordersim.codes import Class, Risk
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.drivers import Drivers, read_drivers
from bordersim.errors import Problem, ScenarioError
from bordersim.evidence import read_evidence_ids
from bordersim.levers import LeverCatalogue, read_levers
from bordersim.parameters import MissingParameterError, Parameters, read_parameters
from bordersim.places import Places, read_places
from bordersim.text_files import label_of

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
    if parameters is not None and drivers is not None:
        problems.extend(_gaps(parameters, drivers, scenarios / "parameters.yaml"))
    if problems or parameters is None or places is None or drivers is None or ids is None:
        raise ScenarioError(problems)
    catalogue = read_levers(scenarios / "levers.yaml", places, ids)
    shared = sorted(set(catalogue) & set(parameters))
    if shared:
        message = f"names used for a lever and a parameter: {', '.join(shared)}"
        raise ScenarioError([Problem(label_of(scenarios / "levers.yaml"), "", message)])
    return Vocabulary(catalogue, parameters, places, drivers, ids)


_AGE_BANDS = 7
_LENGTHS = {
    "population.age_shares": _AGE_BANDS,
    "residents.age_effect": _AGE_BANDS,
    "population.wealth_median": len(Class),
    "population.wealth_sigma": len(Class),
    "residents.class_exposure": len(Class),
    "residents.case_exposure": len(Class),
    "residents.belief_start": len(Risk),
    "river.flood_season": 12,
    "river.watch_season": 12,
    "south.arrival_season": 12,
}


def _gaps(parameters: Parameters, drivers: Drivers, path: Path) -> list[Problem]:
    """Find lists of a length that compiled code would not notice, and constants of drivers.

    What the laws miss is found before a run (``run_limits``): they bring the compiler along.
    """
    found: list[Problem] = []
    for key, length in _LENGTHS.items():
        if key in parameters and len(parameters[key].values()) != length:
            got = len(parameters[key].values())
            message = f"got {got} numbers, expected {length}"
            found.append(Problem(parameters[key].where, key, message))
    try:
        drivers.lever_defaults(parameters)
    except (MissingParameterError, TypeError) as error:
        found.append(Problem(label_of(path), "", str(error)))
    return found


def _attempt(read: Callable[[], Part], problems: list[Problem]) -> Part | None:
    try:
        return read()
    except ScenarioError as error:
        problems.extend(error.problems)
        return None

"""Levers moved while a scenario is played, as the dated policies they are."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.scenario import Scenario
from bordersim.schema import SCENARIO_SCHEMA
from bordersim.yaml_source import write_yaml

SUFFIX = "-played"


@dataclass(frozen=True)
class Move:
    """A lever set to a value everywhere.

    Attributes
    ----------
    lever
        Its key.
    value
        In the lever's unit.
    start, until
        First and last month since 1995-01; until None means for good.
    """

    lever: str
    value: float
    start: int
    until: int | None = None


@dataclass(frozen=True)
class Moves:
    """Every move of a played scenario, in the order in which they were made."""

    made: tuple[Move, ...] = ()

    def moved(self, lever: str, value: float, month: int) -> Moves:
        """Set a lever from a month on that is not simulated yet.

        Parameters
        ----------
        lever, value
            Key, and value in its unit.
        month
            The coming month; the months before keep what they had.

        Returns
        -------
        Moves
            An earlier move of the lever ends with the month before.
        """
        return Moves((*self.released(lever, month).made, Move(lever, value, month)))

    def released(self, lever: str, month: int) -> Moves:
        """Let a lever follow the scenario again, from a month on that is not simulated yet."""
        kept = (one for one in self.made if one.lever != lever or one.start < month)
        ended = (
            replace(one, until=month - 1) if one.lever == lever and one.until is None else one
            for one in kept
        )
        return Moves(tuple(ended))

    def in_force(self, lever: str) -> Move | None:
        """Find the move that a lever follows from now on, or None."""
        return next((m for m in self.made if m.lever == lever and m.until is None), None)

    def policies(self) -> list[dict[str, Any]]:
        """Write them as in a scenario file."""
        return [_policy(number, move) for number, move in enumerate(self.made, start=1)]

    def laid_over(self, scenario: Scenario) -> Scenario:
        """Give the scenario with these moves as its last policies.

        Raises
        ------
        ScenarioError
            When a value is out of its lever's range.
        """
        if not self.made:
            return scenario
        return scenario.named(_played(scenario.name)).add(*self.policies())


def _policy(number: int, move: Move) -> dict[str, Any]:
    words = move.lever.replace(".", "-").replace("_", "-")
    written = {
        "id": f"played-{number}-{words}",
        "title": "Moved in the app",
        "lever": move.lever,
        "op": "set",
        "value": move.value,
        "from": month_label(move.start),
    }
    if move.until is not None:
        written["until"] = month_label(move.until)
    return written


def _played(name: str) -> str:
    return name if name.endswith(SUFFIX) else name + SUFFIX


def scenario_text(scenario: Scenario, moves: Moves, seed: int) -> str:
    """Write what was played as a scenario file.

    Parameters
    ----------
    scenario
        Before any move, at the scale that was played.
    moves
        What was moved.
    seed
        Of the dynamics; it stands in a comment, since a scenario has none.

    Returns
    -------
    str
        YAML. It extends a scenario that ships, and lists all of any other.
    """
    name = _played(scenario.name)
    head = (
        "# Played in `bordersim app`. Each policy below is a lever that was moved there.\n"
        f"#   bordersim run {name}.yaml --seed {seed}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "played.yaml"
        if _ships(scenario):
            write_yaml(_extension(scenario, name, moves), path)
        else:
            moves.laid_over(scenario).named(name).to_yaml(path)
        return head + path.read_text(encoding="utf-8")


def _ships(scenario: Scenario) -> bool:
    path = scenario.path
    return path is not None and path.resolve().parent == scenarios_folder().resolve()


def _extension(scenario: Scenario, name: str, moves: Moves) -> dict[str, Any]:
    assert scenario.path is not None
    return {
        "schema": SCENARIO_SCHEMA,
        "name": name,
        "title": f"{scenario.title}, as played",
        "extends": scenario.path.name,
        "population": {"scale": scenario.scale},
        "policies": {"add": moves.policies()},
    }

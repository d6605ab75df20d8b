"""What a scenario tells of itself: its inputs as numbers, and who set what."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.dates import month_label
from bordersim.drivers import Drivers
from bordersim.levers import LeverCatalogue, LeverPaths
from bordersim.parameters import Parameters
from bordersim.places import Places
from bordersim.policies import Policy
from bordersim.provenance import History, in_force


class ScenarioViews:
    """Views of a ``Scenario``, which describes the attributes."""

    name: str
    title: str
    description: str
    start_month: int
    end_month: int
    scale: float
    world_seed: int
    parameters: Parameters
    places: Places
    policies: tuple[Policy, ...]
    drivers: Drivers
    catalogue: LeverCatalogue
    history: History
    files: tuple[str, ...]

    def __repr__(self) -> str:
        span = f"{month_label(self.start_month)} to {month_label(self.end_month)}"
        return f"Scenario({self.name!r}, {span}, {len(self.policies)} policies, x{self.scale:g})"

    @property
    def layers(self) -> dict[str, str]:
        """Key to the file and line, or the call, that set the value in force."""
        return in_force(self.history)

    def lever_paths(self) -> LeverPaths:
        """See ``Scenario.lever_paths``."""
        raise NotImplementedError

    def resolved(self) -> dict[str, Any]:
        """Give the numeric inputs of a run, and nothing else.

        Returns
        -------
        dict
            Only text, integers and dicts of them: floats as hexadecimal text, lever
            paths up to the last month as a hash. Two scenarios with the same content
            simulate the same; names, titles and evidence are not in it.
        """
        paths = self.lever_paths()[: self.end_month + 1]
        return {
            "start_month": self.start_month,
            "end_month": self.end_month,
            "scale": self.scale.hex(),
            "world_seed": self.world_seed,
            "lever_paths": hashlib.sha256(np.ascontiguousarray(paths).tobytes()).hexdigest(),
            "parameters": {key: _hex(self.parameters.values(key)) for key in self.parameters},
            "homes": {name: _hex(column) for name, column in self.places.home.items()},
            "sectors": {name: _hex(column) for name, column in self.places.sector.items()},
            "home_names": " ".join(self.places.homes),
            "sector_names": " ".join(self.places.sectors),
            "sector_homes": " ".join(self.places.sector_homes),
            "reach": _hex(self.places.reach.ravel()),
        }


def _hex(values: npt.NDArray[np.float64]) -> str:
    return " ".join(float(value).hex() for value in values)

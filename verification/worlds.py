"""Small worlds of the shipped model, and what a single kernel is handed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bordersim.codes import OBSERVABLES, Account, Class, Sex
from bordersim.data_files import scenarios_folder
from bordersim.laws import laws_from, packed
from bordersim.population import World
from bordersim.scenario import Scenario, load
from bordersim.scratch import Scratch
from bordersim.simulation import Engine
from bordersim.state import EVENT_FIELDS, Land, Month, Scene, new_heard, new_purses, new_stock


def shipped(name: str) -> Scenario:
    """A scenario of the package."""
    return load(scenarios_folder() / f"{name}.yaml")


def base(
    scale: float,
    settings: Mapping[str, object] | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Scenario:
    """The base scenario with levers and parameters of one's own."""
    scenario = shipped("base").scaled(scale)
    return scenario.with_settings(dict(settings or {})).with_parameters(dict(parameters or {}))


class Stage:
    """An engine whose kernels are called one by one."""

    def __init__(
        self,
        scenario: Scenario,
        laws: Mapping[str, float] | None = None,
        room: int = 1 << 16,
        seed: int = 1,
    ) -> None:
        """``laws`` changes numbers such as ``guard.company`` beyond their declared range."""
        self.scenario = scenario
        self.seed = seed
        self.engine = Engine(scenario, seed)
        if laws:
            self.engine.laws = packed(changed_laws(scenario, laws))
        self.engine._make_room(room)
        self.engine._make_room_abroad(room)
        self.world: World = self.engine.first_world().with_room(room)

    @property
    def laws(self) -> Any:
        """All laws, as one record."""
        return self.engine.laws

    @property
    def land(self) -> Land:
        """Places."""
        return self.engine.land

    @property
    def scratch(self) -> Scratch:
        """Room and tables."""
        return self.engine._scratch

    def month(
        self, number: int, levers: NDArray[np.float64] | None = None, events: int = 0
    ) -> Month:
        """An empty month; its levers are those of January 1995 unless given."""
        return month_with(
            number, self.engine.levers[0] if levers is None else levers,
            homes=len(self.scenario.places.homes), places=self.engine.places,
            seeds=(self.seed, self.scenario.world_seed), events=events,
        )  # fmt: skip

    def scene(self, land: Land | None = None) -> Scene:
        """Everyone and everything."""
        world = self.world
        return Scene(
            land or self.land, self.laws, world.sectors, world.rows, world.roster, world.guards,
            world.traffickers, world.links, self.engine._watch, world.beliefs,
        )  # fmt: skip

    def levers(self, changes: Mapping[int, float]) -> NDArray[np.float64]:
        """Levers of January 1995 with some set everywhere."""
        levers = self.engine.levers[0].copy()
        for lever, value in changes.items():
            levers[lever] = value
        return levers


def month_with(
    number: int,
    levers: NDArray[np.float64],
    *,
    homes: int,
    places: int,
    seeds: tuple[int, int] = (1, 2008),
    events: int = 0,
) -> Month:
    """An empty month with books for so many homes and places."""
    return Month(
        month=number,
        seed=seeds[0],
        world_seed=seeds[1],
        levers=np.ascontiguousarray(levers),
        tally=np.zeros((len(OBSERVABLES), places, len(Sex), len(Class)), np.int64),
        heard=new_heard(homes),
        stock=new_stock(homes),
        ledger=np.zeros((len(Account), len(Account)), np.int64),
        purses=new_purses(places),
        events=np.zeros((events, len(EVENT_FIELDS)), np.int64),
        n_events=np.zeros(1, np.int64),
    )


def changed_laws(scenario: Scenario, changes: Mapping[str, float]) -> Any:
    """Laws of a scenario with numbers such as ``guard.company`` set to any value."""
    laws = laws_from(scenario.parameters)
    for name, value in changes.items():
        group, field = name.split(".")
        if np.ndim(getattr(getattr(laws, group), field)):
            raise ValueError(f"{name} is a list; set it in the scenario")
        laws = laws._replace(**{group: getattr(laws, group)._replace(**{field: value})})
    return laws

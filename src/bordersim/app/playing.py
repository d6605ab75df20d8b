"""The Mesa model that is played: a scenario, and beside it what it is compared with.

Both have the same seed, so both have the same people and the same luck. A lever that is
moved is a policy from the coming month on: the engine is made anew for the scenario with
that policy and goes on from the world as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from bordersim.app.moves import Moves, scenario_text
from bordersim.codes import LEVER_KEYS
from bordersim.dates import month_label
from bordersim.engine import Engine
from bordersim.errors import BordersimError
from bordersim.mesa_model import BorderModel
from bordersim.results import FloatArray
from bordersim.running import prepare
from bordersim.scenario import Scenario

READ = (
    "arrivals", "stock_china", "interceptions", "repatriations", "custody_entries",
    "deaths_drowned", "deaths_shot_river", "deaths_shot_china", "deaths_custody",
    "fee_sum", "deals", "sector_crossings", "sector_interceptions", "sector_stock_china",
)  # fmt: skip
"""Observables that the page tells."""


class ReadModel(BorderModel):
    """A model that keeps, month by month and place by place, what the page tells of it.

    Parameters
    ----------
    scenario
        What to simulate, span and scale included.
    seed
        Of the dynamics.
    """

    # Mesa's collector would ask a hundred observables a month, longer than the month takes.
    REPORTERS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, scenario: Scenario, seed: int = 1) -> None:
        super().__init__(scenario, seed)
        months = self.scenario.end_month + 1 - self.scenario.start_month
        places = max(len(self.scenario.places.homes), len(self.scenario.places.sectors))
        self._kept = {name: np.zeros((months, places)) for name in READ}

    @property
    def months_done(self) -> int:
        """Months simulated so far."""
        return self.world.month - self.scenario.start_month

    def step(self) -> None:
        """Simulate a month; see :meth:`BorderModel.step`."""
        super().step()
        assert self._latest is not None
        for name, kept in self._kept.items():
            values = self._latest.by_place(name)[0]
            kept[self.months_done - 1, : len(values)] = values

    def read(self, observable: str) -> FloatArray:
        """Values so far at full population, shape (months done, places)."""
        kept: FloatArray = self._kept[observable][: self.months_done]
        return kept

    def lever(self, key: str, month: int | None = None) -> FloatArray:
        """Value of a lever at every place where it is defined.

        Parameters
        ----------
        key
            Of the lever.
        month
            Since 1995-01; the coming month, or the last of the span after it, when None.

        Returns
        -------
        ndarray
            Shape (sectors,), (homes,) or, for a national lever, (sectors + homes,).
        """
        coming = min(self.world.month, self.scenario.end_month)
        where = self.scenario.catalogue[key].slots(self.scenario.places)
        row = self.engine.levers[coming if month is None else month]
        values: FloatArray = row[LEVER_KEYS.index(key), where]
        return values


class PlayedModel(ReadModel):
    """A scenario whose levers can be moved, and a baseline that goes along.

    Parameters
    ----------
    scenario, baseline
        Names of ``OFFERED``; the same name twice means the scenario with no lever moved.
    scale
        Share of the population of both.
    seed
        Of both.

    Attributes
    ----------
    chosen
        The scenario before any move.
    moves
        What was moved.
    beside
        The baseline.

    Raises
    ------
    ScenarioError
        When a scenario cannot be simulated at this scale.
    """

    OFFERED: ClassVar[Mapping[str, Scenario]] = {}
    """Scenarios by name; Mesa makes models of names, which is what a list on a page has."""

    def __init__(self, scenario: str, baseline: str, scale: float, seed: int = 1) -> None:
        self.chosen = prepare(self.OFFERED[scenario], scale=scale)
        super().__init__(self.chosen, seed)
        self.moves = Moves()
        self.beside = ReadModel(alongside(self.OFFERED[baseline], self.chosen), seed)
        self._lock = threading.RLock()

    def step(self) -> None:
        """Simulate a month of both; a lever is moved between months, never within."""
        with self._lock:
            super().step()
            self.beside.step()

    def advance(self, month: int, told: Callable[[], None] | None = None) -> None:
        """Simulate up to the start of a month, telling after each year."""
        while self.running and self.world.month < month:
            self.step()
            if told is not None and self.world.month % 12 == 0:
                told()

    def move(self, lever: str, value: float) -> None:
        """Set a lever everywhere from the coming month on; the run so far stays.

        Parameters
        ----------
        lever
            Its key.
        value
            In its unit.

        Raises
        ------
        ScenarioError
            When the lever is unknown or the value out of range; nothing changes then.
        BordersimError
            When the span is over.
        """
        with self._lock:
            self._follow(self.moves.moved(lever, value, self._coming()))

    def release(self, lever: str) -> None:
        """Let a lever follow the scenario again from the coming month on."""
        with self._lock:
            self._follow(self.moves.released(lever, self._coming()))

    def to_yaml(self) -> str:
        """Write what was played as a scenario file, for ``bordersim run``."""
        return scenario_text(self.chosen, self.moves, self.engine.seed)

    def _coming(self) -> int:
        if not self.running:
            raise BordersimError(
                f"the span is over: {month_label(self.scenario.end_month)} is simulated. "
                "Reset, then move levers on the way"
            )
        return int(self.world.month)

    def _follow(self, moves: Moves) -> None:
        scenario = moves.laid_over(self.chosen)
        self.engine = Engine(scenario, self.engine.seed, like=self.engine)
        self.scenario, self.moves = scenario, moves


def alongside(scenario: Scenario, other: Scenario) -> Scenario:
    """Give a scenario the span, scale and people of another, so that both can be paired."""
    return scenario.with_settings(
        {
            "time.start": month_label(other.start_month),
            "time.end": month_label(other.end_month),
            "population.scale": other.scale,
            "population.world_seed": other.world_seed,
        }
    )

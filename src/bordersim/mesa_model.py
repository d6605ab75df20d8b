"""The engine as a Mesa model: one step is a month, the observables are what it reports.

Nothing is computed here: the arrays are those of :func:`bordersim.run`, and so are the
numbers, to the bit. Mesa is imported with this module and with nothing else.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

import mesa
import numpy as np
from mesa.agent import AgentSet

from bordersim.codes import EPOCH_YEAR, OBSERVABLES, Lever, Status, TraffickerStatus
from bordersim.data_files import shipped_scenarios
from bordersim.dates import month_label
from bordersim.errors import BordersimError, ScenarioError
from bordersim.mesa_sets import ViewSet
from bordersim.mesa_views import KINDS, Guard, IntArray, Resident, Trafficker, View
from bordersim.population import World
from bordersim.results import Run, measure_of, run_id
from bordersim.running import Options, prepare, request_problems
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, sorted_events, state_digest

_STOCKS = {f"stock_{status.name.lower()}": status for status in Status}


class BorderModel(mesa.Model):  # type: ignore[misc]
    """bordersim as Mesa knows a model.

    Every observable is an attribute, the nation's value of the last month: flows and
    stocks added over places and people and scaled up, levels as means over the places
    that have one. Before the first month only the stocks of people have values.

    Parameters
    ----------
    scenario
        A scenario, its file, or the name of one that ships: ``historical``.
    seed
        Seed of the dynamics, and of Mesa's own ``random``, which no result depends on.
    scale
        Share of the population, in (0, 1]; the scenario's own when None.
    until
        Last month, such as ``2012-06``; the scenario's own when None.
    events, check
        Keep the event log; verify people and money after every month.
    **settings
        Levers and parameters by key, as of ``--set``: ``**{"china.bounty_report": 500}``,
        a key of ``parameters`` in ``mesa.batch_run``.

    Attributes
    ----------
    scenario, engine, world
        What is simulated, by what, and the arrays at the start of the coming month.
    datacollector
        Collects ``month`` and every observable in ``REPORTERS`` after each step.

    Raises
    ------
    ScenarioError
        When the scenario or a setting is invalid.
    """

    REPORTERS: ClassVar[tuple[str, ...]] = tuple(OBSERVABLES)
    """Observables of the default data collector; a subclass may choose its own."""

    running: bool

    def __init__(
        self,
        scenario: Scenario | str | Path = "historical",
        seed: int = 1,
        *,
        scale: float | None = None,
        until: str | None = None,
        events: bool = False,
        check: bool = False,
        **settings: Any,
    ) -> None:
        found = prepare(_known(scenario), settings=settings, scale=scale, until=until)
        problems = request_problems([found], Options(events=events, check=check), seed, 1)
        if problems:
            raise ScenarioError(problems)
        super().__init__(seed=seed)
        self.scenario = found
        self.engine = Engine(found, seed, events=events, check=check)
        self.world: World = self.engine.first_world()
        while self.world.month < found.start_month:
            self.world, _ = self.engine.step(self.world, *self.engine.blank_books(1))
        self._record, self._ledger = self.engine.blank_books(found.end_month + 1 - self._first)
        self._log: list[IntArray] = []
        self._chained = hashlib.blake2b(digest_size=16)
        self._digests: dict[int, str] = {}
        self._latest: Run | None = None
        self.datacollector = mesa.DataCollector(
            {"month": "month"} | {name: name for name in self.REPORTERS}
        )

    def step(self) -> None:
        """Simulate a month and collect it; after the last one ``running`` is False.

        Raises
        ------
        BordersimError
            When the span is over.
        """
        if not self.running:
            self.steps -= 1  # Mesa has counted it already
            raise BordersimError(
                f"the span is over: {month_label(self.scenario.end_month)} is simulated. Stop "
                "when model.running is False, or give a later last month with until="
            )
        t = self.world.month - self._first
        self.world, happened = self.engine.step(self.world, self._record[t:], self._ledger[t:])
        self._log.append(happened)
        for books in (self._record, self._ledger):
            self._chained.update(books[t].tobytes())
        over = self.world.month > self.scenario.end_month
        if self.world.month % 12 == 0 or over:
            self._chained.update(state_digest(self.world))
            self._digests[self._year] = self._chained.hexdigest()
        self._latest = self._run(t, t + 1)
        self.running = not over
        self.datacollector.collect(self)

    @property
    def month(self) -> str:
        """Month simulated last, ``YYYY-MM``; the one before the first before that."""
        return month_label(self.world.month - 1)

    @property
    def results(self) -> Run:
        """The run so far, as ``bordersim.run`` gives it: tables, figures, digests.

        Raises
        ------
        BordersimError
            Before the first step.
        """
        months = self.world.month - self._first
        if not months:
            raise BordersimError("nothing is simulated yet; call step() first")
        return self._run(0, months)

    @property
    def agents(self) -> ViewSet:
        """Everyone with a row: residents with a history, traffickers, guards on duty."""
        return self._set_of(*KINDS)

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("the engine alone makes agents; levers and parameters can be set")

    @property
    def agent_types(self) -> list[type[View]]:
        """Kinds of agents that have rows."""
        return list(KINDS)

    @property
    def agents_by_type(self) -> dict[type[View], AgentSet]:
        """Sets of views by kind."""
        return {kind: self._set_of(kind) for kind in KINDS}

    def resident(self, uid: int) -> Resident:
        """Look up a resident who has a history.

        Parameters
        ----------
        uid
            As in the event log.

        Returns
        -------
        Resident
            A view.

        Raises
        ------
        KeyError
            When nothing has happened to that resident so far, or there is none.
        """
        rows = np.flatnonzero(self.world.rows.uid[: int(self.world.roster.rows[0])] == uid)
        if not len(rows):
            raise KeyError(f"resident {uid} has no history by {self.month}")
        return Resident(self, int(rows[0]))

    def observe(self, observable: str) -> float:
        """Value of an observable in the last month, for the nation.

        Parameters
        ----------
        observable
            A key of ``bordersim.codes.OBSERVABLES``.

        Returns
        -------
        float
            NaN where there is nothing to measure.

        Raises
        ------
        KeyError
            When no observable has that name; the message offers the nearest.
        """
        measure = measure_of(observable)
        if self._latest is None:
            if observable not in _STOCKS:
                return float("nan")
            return float(self.world.stock[_STOCKS[observable]].sum() / self.scenario.scale)
        values = self._latest.by_place(observable)
        if measure.kind != "level":
            return float(values.sum(axis=1)[0])
        count = np.count_nonzero(values)
        return float(values.sum(axis=1)[0] / count) if count else float("nan")

    def __getattr__(self, name: str) -> Any:
        if name in OBSERVABLES and "scenario" in vars(self):
            return self.observe(name)
        raise AttributeError(f'a BorderModel has no attribute or observable "{name}"')

    @property
    def _first(self) -> int:
        return self.scenario.start_month

    @property
    def _year(self) -> int:
        return EPOCH_YEAR + (self.world.month - 1) // 12

    def _run(self, start: int, stop: int) -> Run:
        """Months from ``start`` to before ``stop``, counted from the first of the span."""
        scenario, last = self.scenario, self._first + stop - 1
        whole = start == 0
        digests = dict(self._digests)
        if whole and self._year not in digests:
            so_far = self._chained.copy()
            so_far.update(state_digest(self.world))
            digests[self._year] = so_far.hexdigest()
        named = scenario
        if whole and last < scenario.end_month:
            named = scenario.until(month_label(last))
        return Run(
            scenario_name=scenario.name,
            run_id=run_id(named, self.engine.seed) if whole else "",
            seed=self.engine.seed,
            world_seed=scenario.world_seed,
            scale=scenario.scale,
            start_month=self._first + start,
            end_month=last,
            homes=scenario.places.homes,
            sectors=scenario.places.sectors,
            record=self._record[start:stop],
            ledger=self._ledger[start:stop],
            digests=digests if whole else {},
            events=sorted_events(self._log) if whole and self.engine.keep_events else None,
            inputs=named.resolved() if whole else {},
        )

    def _set_of(self, *kinds: type[View]) -> ViewSet:
        return ViewSet(self, [(kind, self._rows_of(kind)) for kind in kinds], self.random)

    def _rows_of(self, kind: type[View]) -> IntArray:
        """Row numbers of a kind that are in use."""
        world = self.world
        if kind is Resident:
            return np.arange(int(world.roster.rows[0]))
        if kind is Trafficker:
            return np.flatnonzero(world.traffickers.status != TraffickerStatus.EMPTY)
        assert kind is Guard
        return self._guards_on_duty()

    def _guards_on_duty(self) -> IntArray:
        banks = self.engine.land.sector
        levers = self.engine.levers[max(self.world.month - 1, 0)]
        wanted = np.floor(banks.length * levers[Lever.GUARDS_PER_KM, : len(banks)] + 0.5)
        on_duty = np.minimum(wanted.astype(np.int64), banks.guard_size)
        starts = zip(banks.guard_start.tolist(), on_duty.tolist(), strict=True)
        return np.concatenate([np.arange(start, start + number) for start, number in starts])


def _known(scenario: Scenario | str | Path) -> Scenario | str | Path:
    """File of a shipped scenario that is given by name."""
    if not isinstance(scenario, str):
        return scenario
    by_name = {path.stem: path for path in shipped_scenarios()}
    return by_name.get(scenario, scenario)

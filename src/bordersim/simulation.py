"""From a scenario and a seed to a run: month after month (model.md 3).

A course is a scenario under way. Two scenarios that are alike up to some month have one
past: it is simulated once, and the course branches where they part.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bordersim.codes import EPOCH_YEAR, Obs
from bordersim.engine import Engine, Observer, state_digest
from bordersim.errors import BordersimError
from bordersim.population import World
from bordersim.results import Run, run_id
from bordersim.scenario import Scenario
from bordersim.state import EVENT_FIELDS, I32, I64, Month, Records, Scene

__all__ = [
    "Course", "Engine", "MonthDone", "Observer", "Posted",
    "impose", "posted_of", "shared_ground",
    "simulate", "simulate_alike", "simulate_imposed", "simulate_world",
    "sorted_events", "state_digest",
]  # fmt: skip

MonthDone = Callable[[int, int], None]
"""Called after every month with months done and months in all."""


class Course:
    """A scenario under way: the world, and what has been recorded of it so far.

    Parameters
    ----------
    engine
        The scenario and the seed.
    from_world
        World to continue from, left unchanged; the record starts with its month. Without
        one, January 1995, and the record starts with the scenario's span.

    Raises
    ------
    BordersimError
        When the span is empty.
    """

    def __init__(self, engine: Engine, from_world: World | None = None) -> None:
        scenario = engine.scenario
        self.engine = engine
        self.world = engine.first_world() if from_world is None else from_world.copy()
        self.first = scenario.start_month if from_world is None else self.world.month
        if self.first > scenario.end_month:
            raise BordersimError("the span is empty: the world is already past its last month")
        self._record, self._ledger = engine.blank_books(scenario.end_month + 1 - self.first)
        self._log: list[I64] = []
        self._digests: dict[int, str] = {}
        self._chained = hashlib.blake2b(digest_size=16)
        self._wall_s = 0.0

    @property
    def months(self) -> int:
        """Months that will have been recorded."""
        return len(self._record)

    @property
    def months_done(self) -> int:
        """Months recorded so far; 0 before the span."""
        return max(self.world.month - self.first, 0)

    def advance(self, month: int | None = None, progress: MonthDone | None = None) -> None:
        """Simulate up to the start of a month, or to the end of the span."""
        began = time.perf_counter()
        end = self.engine.scenario.end_month + 1
        while self.world.month < (end if month is None else min(month, end)):
            self._advance_a_month()
            if progress is not None:
                progress(self.months_done, self.months)
        self._wall_s += time.perf_counter() - began

    def _advance_a_month(self) -> None:
        engine, t = self.engine, self.world.month - self.first
        books = (self._record[t:], self._ledger[t:]) if t >= 0 else engine.blank_books(1)
        self.world, happened = engine.step(self.world, *books)
        if t < 0:
            return
        self._chained.update(self._record[t].tobytes())
        self._chained.update(self._ledger[t].tobytes())
        self._log.append(happened)
        month = self.world.month
        if month % 12 == 0 or month > engine.scenario.end_month:
            self._chained.update(state_digest(self.world))
            self._digests[EPOCH_YEAR + (month - 1) // 12] = self._chained.hexdigest()

    def branch(self, scenario: Scenario) -> Course:
        """The same past under another scenario, to go on from here; both can go on.

        The scenarios must have the same :func:`shared_ground` and the same levers in every
        month so far; it is not checked.
        """
        other = object.__new__(Course)
        mine = self.engine
        other.engine = Engine(
            scenario, mine.seed, events=mine.keep_events, check=mine.check, like=mine
        )
        other.world, other.first = self.world.copy(), self.first
        other._record, other._ledger = other.engine.blank_books(scenario.end_month + 1 - self.first)
        done = self.months_done
        other._record[:done], other._ledger[:done] = self._record[:done], self._ledger[:done]
        other._log, other._digests = list(self._log), dict(self._digests)
        other._chained = self._chained.copy()
        other._wall_s = self._wall_s
        return other

    def run(self, scenario: Scenario | None = None) -> Run:
        """The record, once the course has come to its end; of a scenario with equal levers."""
        scenario = self.engine.scenario if scenario is None else scenario
        assert self.world.month > scenario.end_month
        return Run(
            scenario_name=scenario.name,
            run_id=run_id(scenario, self.engine.seed),
            seed=self.engine.seed,
            world_seed=scenario.world_seed,
            scale=scenario.scale,
            start_month=self.first,
            end_month=scenario.end_month,
            homes=scenario.places.homes,
            sectors=scenario.places.sectors,
            record=self._record,
            ledger=self._ledger,
            digests=self._digests,
            events=sorted_events(self._log) if self.engine.keep_events else None,
            inputs=scenario.resolved(),
            wall_s=self._wall_s,
        )


def simulate(
    scenario: Scenario,
    seed: int = 1,
    *,
    until: str | None = None,
    from_world: World | None = None,
    events: bool = False,
    check: bool = False,
    progress: MonthDone | None = None,
) -> Run:
    """Simulate a scenario; see :func:`simulate_world`, whose run this returns."""
    return simulate_world(
        scenario, seed, until=until, from_world=from_world, events=events, check=check,
        progress=progress,
    )[0]  # fmt: skip


def simulate_world(
    scenario: Scenario,
    seed: int = 1,
    *,
    until: str | None = None,
    from_world: World | None = None,
    events: bool = False,
    check: bool = False,
    progress: MonthDone | None = None,
) -> tuple[Run, World]:
    """Simulate a scenario and keep the world it ends in.

    Parameters
    ----------
    scenario
        What to simulate; its span is recorded, and what comes before it is simulated too.
    seed
        Seed of the dynamics, 0 to 2**63 - 1. The same seed means the same luck in every
        scenario.
    until
        Last month instead of the scenario's own, ``"2016-12"``.
    from_world
        World to continue from, left unchanged; the record starts with its month.
    events
        Keep the event log.
    check
        Verify after every month that people and money are conserved.
    progress
        Called after every month with months done and months in all.

    Returns
    -------
    run, world
        The record, and the world at the start of the month after the last.

    Raises
    ------
    BordersimError
        When the span is empty, or ``check`` finds books that do not balance.
    """
    if until is not None:
        scenario = scenario.until(until)
    course = Course(Engine(scenario, seed, events=events, check=check), from_world)
    course.advance(progress=progress)
    return course.run(), course.world


def shared_ground(engine: Engine) -> bytes:
    """What two scenarios must have in common to share a past, besides their levers.

    Laws, places and people, as the kernels see them, and the first month of the record.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in (engine.laws, *engine.land):
        digest.update(part.tobytes())
    scenario = engine.scenario
    named = (scenario.world_seed, scenario.start_month, scenario.scale.hex())
    digest.update(repr(named).encode())
    return digest.digest()


def simulate_alike(
    scenarios: Sequence[Scenario],
    seed: int = 1,
    *,
    events: bool = False,
    check: bool = False,
    progress: MonthDone | None = None,
) -> Iterator[tuple[int, Run]]:
    """Simulate scenarios with one seed; what they share of the past, once.

    Parameters
    ----------
    scenarios
        Any scenarios; those of the same laws, places and people share the months before
        the first in which any lever differs.
    seed, events, check, progress
        As for :func:`simulate_world`; a month that several share is told once.

    Yields
    ------
    position, run
        Position of the scenario, and its run: the same as if simulated alone, but for
        ``wall_s``, which counts a shared past for each.
    """
    groups: dict[bytes, list[tuple[int, Engine]]] = {}
    for position, scenario in enumerate(scenarios):
        engine = Engine(scenario, seed, events=events, check=check)
        groups.setdefault(shared_ground(engine), []).append((position, engine))
    for group in groups.values():
        yield from _grow(Course(group[0][1]), group, progress)


def _grow(
    course: Course, members: list[tuple[int, Engine]], progress: MonthDone | None
) -> Iterator[tuple[int, Run]]:
    """Take a course to the end of each member, branching where their levers part."""
    fork = _fork([engine for _, engine in members])
    if fork is None:
        course.advance(progress=progress)
        for position, engine in members:
            yield position, course.run(engine.scenario)
        return
    course.advance(fork, progress)
    parts: dict[tuple[bytes, bool], list[tuple[int, Engine]]] = {}
    for position, engine in members:
        ways = engine.levers[fork].tobytes(), engine.scenario.end_month == fork
        parts.setdefault(ways, []).append((position, engine))
    own, *others = parts.values()  # the course is that of the first member
    for part in others:
        yield from _grow(course.branch(part[0][1].scenario), part, progress)
    yield from _grow(course, own, progress)


def _fork(engines: Sequence[Engine]) -> int | None:
    """First month in which levers differ, or which is the last of some only; else None."""
    ends = {engine.scenario.end_month for engine in engines}
    until = min(ends) + 1
    months = [min(ends)] if len(ends) > 1 else []
    for engine in engines[1:]:
        apart = (engine.levers[:until] != engines[0].levers[:until]).any(axis=(1, 2))
        months += np.flatnonzero(apart)[:1].tolist()
    return min(months, default=None)


def simulate_imposed(
    scenario: Scenario,
    prices_and_beliefs_from: Scenario,
    seed: int = 1,
    *,
    events: bool = False,
    check: bool = False,
) -> Run:
    """Simulate a scenario in which prices and beliefs are those of another.

    Every month, fees, who sells crossings, the going bribe, and what homes believe about
    risks are set to what they are in the other scenario with the same seed, which is
    simulated beside it. What still differs is what a policy does directly; the rest of
    its effect goes through the market. Imposing a scenario's own changes nothing.

    Parameters
    ----------
    scenario
        What to simulate.
    prices_and_beliefs_from
        Where prices and beliefs come from; the same places, people and scale.
    seed
        Of both.
    events, check
        As for :func:`simulate_world`.

    Returns
    -------
    Run
        Of an id of its own: it is no run of either scenario.

    Raises
    ------
    BordersimError
        When the scenarios do not describe the same places and people.
    """
    source = Engine(prices_and_beliefs_from, seed)
    engine = Engine(scenario, seed, events=events, check=check)
    if any(not np.array_equal(a, b) for a, b in zip(source.land, engine.land, strict=True)):
        raise BordersimError(
            f"{scenario.name} and {prices_and_beliefs_from.name} differ in places, people or "
            "scale: prices of one cannot be imposed on the other"
        )
    posted: list[Posted] = []
    source.imposer = lambda month, scene: posted.append(posted_of(month, scene))
    engine.imposer = lambda month, scene: impose(month, scene, posted.pop())
    course, other = Course(engine), source.first_world()
    blank = source.blank_books(1)
    while course.world.month <= scenario.end_month:
        for book in blank:
            book[:] = 0
        other, _ = source.step(other, *blank)
        course.advance(course.world.month + 1)
    run = course.run()
    ids = f"{run.run_id} imposed {run_id(prices_and_beliefs_from, seed)}"
    return replace(run, run_id=hashlib.sha256(ids.encode()).hexdigest()[:16])


IMPOSED_ON_TRAFFICKERS = (
    "status", "generation", "until", "operating", "package", "fee_border", "fee_interior",
)  # fmt: skip
"""What of a trafficker makes the offers that residents meet."""


@dataclass(frozen=True)
class Posted:
    """Prices and beliefs of a month, as residents meet them."""

    traffickers: Records
    bribe: I64
    beliefs: I32
    posted_fee: I64


def posted_of(month: Month, scene: Scene) -> Posted:
    """Prices and beliefs of the month at hand: an engine's imposer may take them."""
    return Posted(
        traffickers=scene.traffickers.copy(),
        bribe=scene.sectors["bribe"].copy(),
        beliefs=scene.beliefs.copy(),
        posted_fee=month.tally[Obs.POSTED_FEE].copy(),
    )


def impose(month: Month, scene: Scene, posted: Posted) -> None:
    """Set prices and beliefs of the month at hand to those of another scenario."""
    for name in IMPOSED_ON_TRAFFICKERS:
        scene.traffickers[name] = posted.traffickers[name]
    scene.sectors["bribe"] = posted.bribe
    scene.beliefs[:] = posted.beliefs
    month.tally[Obs.POSTED_FEE] = posted.posted_fee


def sorted_events(parts: list[I64]) -> dict[str, I64]:
    """Event log in its canonical order (``docs/events.md``), by column."""
    log = np.concatenate(parts)
    names = dict(zip(EVENT_FIELDS, log.T, strict=True))
    keys = ("month", "phase", "uid", "event", "counterpart", "sequence")
    order = np.lexsort([names[key] for key in reversed(keys)])
    return {name: np.ascontiguousarray(column[order]) for name, column in names.items()}

"""The run once more, month by month, watching one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bordersim import bookkeeping
from bordersim.codes import Status
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.explain.person import intensity_of, kin_of, traits_of
from bordersim.explain.plainly import plainly
from bordersim.explain.points import thinned
from bordersim.explain.told import Row
from bordersim.population import World
from bordersim.scenario import Scenario
from bordersim.scratch import Scratch
from bordersim.simulation import Engine
from bordersim.state import BLOCK_BITS, I64, NEVER, Land, Month, Records, Scene, new_rows

_PHASE = 1
_UID = 2


@dataclass(frozen=True)
class Person:
    """One resident at one time.

    Attributes
    ----------
    row
        One record of the state's layout; that of somebody to whom nothing happened
        yet where ``known`` is False.
    known
        Whether the engine has a row for the person.
    kin_month, released
        Month of the last arrival of kin and of the last release, or NEVER.
    """

    row: Records
    known: bool
    kin_month: int = NEVER
    released: int = NEVER

    @property
    def status(self) -> Status:
        """Where the person is."""
        return Status(int(self.row.status[0]))


@dataclass(frozen=True)
class Moment:
    """A month of one life.

    Attributes
    ----------
    uid
        Whose.
    act
        Date, seeds and levers, as kernels get them.
    land, laws
        Places and parameters, as kernels get them.
    scene
        What everyone acted on, copied when people had decided and before anything
        happened; its only row is that of the person. None where nothing was to be decided.
    before, after
        The person then, and at the end of the month.
    actors
        Who set out this month and with whom, after matching; None like ``scene``.
    rows
        What the event log says.
    """

    uid: int
    act: Month
    land: Land
    laws: Any
    scene: Scene | None
    before: Person
    after: Person
    actors: Records | None
    rows: tuple[Row, ...]

    @property
    def month(self) -> int:
        """Months since 1995-01."""
        return int(self.act.month)

    def logged(self, *phases: int) -> tuple[Row, ...]:
        """Rows of some phases."""
        return tuple(row for row in self.rows if row.phase in phases)


MonthSeen = Callable[[int, I64, I64], None]
"""Called after every month with the month, its record and its ledger."""


class Replay:
    """Simulate a scenario again and keep what concerns one person.

    Parameters
    ----------
    scenario
        What was simulated.
    seed
        Seed of the dynamics.
    uid
        Whom to watch; must exist.
    wanted
        A month to give even if nothing happened in it.
    seen
        Called after every month.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        uid: int,
        *,
        wanted: int | None = None,
        seen: MonthSeen | None = None,
    ) -> None:
        self.uid = uid
        self.wanted = wanted
        self.scenario = scenario
        self.engine = Engine(scenario, seed, events=True, observer=self._watch)
        engine = self.engine
        self.who = traits_of(uid, scenario.world_seed, engine.laws, engine.land)
        self.kin = kin_of(self.who, scenario.world_seed, engine.land, engine.laws)
        self._seen = seen
        self._row = -1
        self._waits = 0
        self._actors: Any = None
        self._held: tuple[Month, Scene | None, Person] | None = None
        self.ending: Person | None = None
        """The person after the last month simulated."""

    def moments(self) -> Iterator[Moment]:
        """Months in which anything happened to the person, in order, and the wanted one."""
        engine, last = self.engine, self.scenario.end_month
        if self.wanted is not None:
            last = min(last, self.wanted)
        world = engine.first_world()
        self._person(world.rows, world.roster)  # who is in China already has a row
        record, ledger = engine.blank_books(1)
        while world.month <= last:
            month = world.month
            record.fill(0)
            ledger.fill(0)
            engine.keep_events = self._may_be_logged(world)
            world, log = engine.step(world, record, ledger)
            if self._seen is not None:
                self._seen(month, record[0], ledger[0])
            rows = log[log[:, _UID] == self.uid]
            after = self._person(world.rows, world.roster)
            if after.known and not engine.keep_events:
                raise BordersimError(
                    f"uid {self.uid}, {month_label(month)}: something happened that nobody "
                    "foresaw; please report this"
                )
            self._waits = int(after.row.waits[0])
            if len(rows) or month == self.wanted:
                yield self._moment(rows, after)
        self.ending = self._person(world.rows, world.roster)

    def _may_be_logged(self, world: World) -> bool:
        """Whether this month's log may name the person; to keep it costs an eighth of a run.

        Somebody without a row is named only if the luck that everyone shares makes them
        consider leaving, if kin arrive in the South, or if an official abroad leaves.
        """
        if self._row >= 0 or self.who.official or world.month == self.wanted:
            return True
        roster = world.roster
        if any(plainly(bookkeeping.has_row)(roster.bits, roster.offset, uid) for uid in self.kin):
            return True
        engine = self.engine
        levers = engine.levers[world.month]
        rate = intensity_of(self.who, levers, engine.land, engine.laws).rate
        return thinned(self.uid, engine.seed, world.month, rate)

    def _watch(self, month: Month, scene: Scene, scratch: Scratch, n_actors: int) -> None:
        """Copy what the person acts on, if there is anything to act on."""
        person = self._person(scene.rows, scene.roster)
        person.row.waits[0] = self._waits  # who stays has stopped waiting by now
        asked = person.status == Status.CHINA or month.month == self.wanted
        possible = self.engine.keep_events
        # among those found are left some of other months, too
        if asked or (possible and (scratch.found.uid == self.uid).any()):
            held = scene._replace(
                sectors=scene.sectors.copy(),
                rows=person.row,
                guards=scene.guards.copy(),
                traffickers=scene.traffickers.copy(),
                links=scene.links.copy(),
                beliefs=scene.beliefs.copy(),
            )
            self._held = month, held, person
        else:
            self._held = month, None, person
        self._actors = scratch.actors[:n_actors]  # matched by the end of the month

    def _moment(self, log: I64, after: Person) -> Moment:
        assert self._held is not None
        month, scene, before = self._held
        actors: Records | None = None
        if scene is not None:
            scene = scene._replace(watch=scene.watch.copy())
            actors = self._actors.copy().view(Records)
        rows = tuple(sorted(row_of((one[_PHASE], *one[_UID + 1 :])) for one in log))
        land, laws = self.engine.land, self.engine.laws
        return Moment(self.uid, month, land, laws, scene, before, after, actors, rows)

    def _person(self, rows: Records, roster: Any) -> Person:
        if self._row < 0:
            self._row = int(
                plainly(bookkeeping.find_row)(
                    roster.bits, roster.offset, roster.table, rows.uid, self.uid
                )
            )
        at = self._row
        if at < 0:
            return Person(self._nobody(), known=False)
        return Person(
            rows[at : at + 1].copy().view(Records),
            True,
            int(roster.kin_month[at]),
            int(roster.released[at]),
        )

    def _nobody(self) -> Records:
        row = new_rows(1)
        row.uid[0] = self.uid
        row.home[0], row.cls[0] = divmod(self.uid >> BLOCK_BITS, 3)
        return row


def row_of(values: Any) -> Row:
    """A row of the log from (phase, event, place, counterpart, amount, sequence)."""
    return Row(*map(int, values))

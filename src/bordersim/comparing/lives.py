"""A run made again, its event log read month by month and dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bordersim.codes import HARMS, Obs, Status
from bordersim.comparing.fates import Chronicle, Fate, Lives
from bordersim.engine import Engine
from bordersim.errors import BordersimError, StoreError
from bordersim.reports import Period
from bordersim.results import RunResults
from bordersim.scenario import Scenario

DEATHS = tuple(harm for harm in HARMS if harm.startswith("deaths_"))

STOCKS = {
    "stock_china": Status.CHINA,
    "stock_custody": Status.CUSTODY,
    "stock_transit": Status.TRANSIT,
    "stock_home": Status.HOME,
}


@dataclass(frozen=True)
class Books:
    """Agents a record counts, for the fates to agree with.

    Attributes
    ----------
    arrivals, deaths
        In the window.
    stocks
        At its end, by observable.
    """

    arrivals: int
    deaths: int
    stocks: dict[str, int]


class Followed:
    """A scenario under way month by month, everybody followed through its event log.

    Parameters
    ----------
    scenario
        From January 1995, whatever its span.
    seed
        Of the dynamics.
    window
        Months; the end may not lie beyond the data.

    Notes
    -----
    The log of a month is dropped before the next: beyond the engine's own, memory is four
    bytes a resident and one month's events.
    """

    def __init__(self, scenario: Scenario, seed: int, window: Period) -> None:
        whole = replace(scenario, start_month=0, end_month=window.last)
        self.engine = Engine(whole, seed, events=True)
        self._window = window
        self._world = self.engine.first_world()
        rows = self._world.rows[: int(self._world.roster.rows[0])]
        in_china = np.array(rows["uid"][rows["status"] == Status.CHINA], np.int64)
        self._chronicle = Chronicle(self.engine.land.block.people, window, in_china)
        self._record, self._ledger = self.engine.blank_books(1)
        self._arrivals = self._deaths = 0

    @property
    def done(self) -> bool:
        """Whether the window has ended."""
        return self._world.month > self._window.last

    def advance(self) -> None:
        """Simulate a month and read its log."""
        month, record = self._world.month, self._record
        record[:], self._ledger[:] = 0, 0
        self._world, log = self.engine.step(self._world, record, self._ledger)
        self._chronicle.take(month, log)
        if month >= self._window.first:
            self._arrivals += int(record[0, Obs.ARRIVALS].sum())
            self._deaths += sum(int(record[0, Obs[name.upper()]].sum()) for name in DEATHS)

    def end(self) -> tuple[Lives, Books]:
        """Fates, and what the record counts; call it once, when it is done.

        Raises
        ------
        BordersimError
            When events and record disagree, which would be a fault of the engine.
        """
        stocks = {name: int(self._record[0, Obs[name.upper()]].sum()) for name in STOCKS}
        return _agreeing(self._chronicle.lives(), Books(self._arrivals, self._deaths, stocks))


def lives_of(scenario: Scenario, seed: int, window: Period) -> tuple[Lives, Books]:
    """Simulate, and follow every resident to the end of a window; see ``Followed``."""
    followed = Followed(scenario, seed, window)
    while not followed.done:
        followed.advance()
    return followed.end()


def books_of(run: RunResults, window: Period) -> Books:
    """Agents that a run's own record counts."""

    def agents(name: str, first: int) -> int:
        people = run.between(name, first, window.last).sum()
        return round(float(people) * run.scale)

    return Books(
        arrivals=agents("arrivals", window.first),
        deaths=sum(agents(name, window.first) for name in DEATHS),
        stocks={name: agents(name, window.last) for name in STOCKS},
    )


def _agreeing(lives: Lives, books: Books) -> tuple[Lives, Books]:
    """Refuse fates that differ from the record in any count."""
    told = Books(
        arrivals=_count(lives, Fate.ARRIVED),
        deaths=_count(lives, Fate.DIED),
        stocks={name: int((lives.status == status).sum()) for name, status in STOCKS.items()},
    )
    if told != books:
        raise BordersimError(
            f"the event log tells of {told}, the record of {books}; please report this"
        )
    return lives, books


def _count(lives: Lives, *fates: Fate) -> int:
    return int(np.isin(lives.fate, fates).sum())


def same_books(found: Books, run: RunResults, window: Period) -> None:
    """Refuse a run made again that is not the one that was stored.

    A run stored without some of the observables is taken at its word.

    Raises
    ------
    BordersimError
        When a count differs: the run was made by other code.
    """
    try:
        stored = books_of(run, window)
    except StoreError:
        return
    if stored != found:
        raise BordersimError(
            f"run {run.run_id} made again gives other numbers than are stored; it was made "
            "by other code. Simulate it again into another folder and compare those runs"
        )

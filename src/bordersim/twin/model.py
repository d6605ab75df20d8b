"""The whole model, month by month, as objects that act (``docs/model.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

import mesa

from bordersim.codes import Class, Lever, Sex, Status
from bordersim.rng import Stream
from bordersim.scenario import Scenario
from bordersim.twin.beginning import (
    create_informant_crowds,
    create_residents,
    official_uids,
    place_in_china,
    start_river_and_trade,
)
from bordersim.twin.candidates import Point, points_of_block
from bordersim.twin.china import live_in_china, onward_of_month
from bordersim.twin.choice import Plan
from bordersim.twin.custody import serve
from bordersim.twin.draws import Luck
from bordersim.twin.equations import residents as r
from bordersim.twin.events import EventLog, Row
from bordersim.twin.guards import inspect_and_learn
from bordersim.twin.informants import Informant
from bordersim.twin.kinship import Kinship
from bordersim.twin.laws import Laws
from bordersim.twin.money import Accounts
from bordersim.twin.places import Home, Sector
from bordersim.twin.recorder import Recorder
from bordersim.twin.residents import Resident
from bordersim.twin.river import cross
from bordersim.twin.south import officials_leave, receive, send_money
from bordersim.twin.traffickers import Trafficker, close_trade

Choice = TypeVar("Choice", bound=IntEnum)


class TwinModel(mesa.Model):  # type: ignore[misc]
    """A world of residents, traffickers, guards and informants.

    Parameters
    ----------
    scenario
        What to simulate, from 1995-01 on whatever its span.
    seed
        Seed of the dynamics; with the same one the engine has the same luck.
    recorder
        Keeps the decisions of the month at hand and their margins; none by default.

    Attributes
    ----------
    month
        The month to be simulated next, 0 for 1995-01.
    residents
        Everybody, by uid.
    accounts
        The ledger of the last month.
    """

    def __init__(self, scenario: Scenario, seed: int, recorder: Recorder | None = None) -> None:
        super().__init__(seed=0)  # Mesa's own generators are not used
        self.scenario, self.laws, self.recorder = scenario, Laws(scenario.parameters), recorder
        self.luck = Luck(scenario.world_seed, seed)
        self._paths = scenario.lever_paths()
        self.levers: list[list[float]] = self._paths[0].tolist()
        self.month, self.log, self.accounts = 0, EventLog(), Accounts()
        self.sectors = [Sector(self, i) for i in range(len(scenario.places.sectors))]
        self.homes = [Home(self, i) for i in range(len(scenario.places.homes))]
        self.kinship = Kinship(self)
        self.residents: dict[int, Resident] = create_residents(self)
        self.officials = official_uids(self)
        self._away: dict[Status, dict[int, Resident]] = {status: {} for status in Status}
        self._informants: dict[tuple[int, int], Informant] = {}
        self.families: set[Resident] = set()
        self.caught: list[Resident] = []
        self.plans: dict[Resident, Plan] = {}
        self.points: dict[int, list[Point]] = {}
        self.national_onward = 0.0
        start_river_and_trade(self)
        create_informant_crowds(self)
        place_in_china(self)

    # The month ------------------------------------------------------------------------

    def step(self) -> None:
        """Advance by a month: the table of model.md 3."""
        self.begin_month()  # 1
        for sector in self.sectors:  # 2
            inspect_and_learn(sector)
        for sector in self.sectors:  # 3
            sector.agree()
        self.agents_by_type[Trafficker].do("set_prices")
        self.agents_by_type[Resident].do("consider")  # 4
        for sector in self.sectors:  # 5
            sector.watch()
        cross(self)
        for resident in self.people(Status.CHINA):  # 6
            live_in_china(resident)
        for resident in self.people(Status.CUSTODY):  # 7
            serve(resident)
        receive(self)  # 8
        officials_leave(self)
        send_money(self)
        self.end_month()  # 9

    def begin_month(self) -> None:
        """Step 1: levers of the month, and on whom points of considering fall."""
        self.levers = self._paths[self.month].tolist()
        self.luck.turn_to(self.month)
        self.accounts.open_month()
        if self.recorder is not None:
            self.recorder.clear()
        for sector in self.sectors:
            sector.open_month()
        self.plans, self.points = {}, self._points()
        self.national_onward = onward_of_month(self)

    def end_month(self) -> None:
        """Step 9: links, beliefs, norms, the going bribe; then profits, markups, jail."""
        for trafficker in self.agents_by_type[Trafficker]:
            trafficker.remember_guards()
        in_china = list(self.people(Status.CHINA))
        for home in self.homes:
            home.learn(sum(resident.home is home for resident in in_china))
        for sector in self.sectors:
            sector.learn_norm(sum(resident.sector is sector for resident in in_china))
            sector.update_going_bribe()
            close_trade(sector)
        self.log.close_month()
        self.month += 1

    def run(self) -> list[Row]:
        """Simulate to the end of the scenario's span; gives every event."""
        while self.month <= self.scenario.end_month:
            self.step()
        return self.events

    @property
    def events(self) -> list[Row]:
        """Events so far in canonical order; columns as in ``docs/events.md``."""
        return self.log.rows

    # What everybody may ask -------------------------------------------------------------

    def lever(self, lever: Lever) -> float:
        """Value of a lever that holds for the nation this month."""
        return self.levers[lever][0]

    def informant(self, sector: Sector, index: int) -> Informant:
        """One of the crowd of a sector, made when first met."""
        key = (sector.index, index)
        if key not in self._informants:
            self._informants[key] = Informant(self, sector, index)
        return self._informants[key]

    def people(self, status: Status) -> list[Resident]:
        """Everybody with a status other than HOME, by uid."""
        return [person for _, person in sorted(self._away[status].items())]

    def change_status(self, resident: Resident, status: Status) -> None:
        """Keep the lists of who is away."""
        self._away[resident.status].pop(resident.uid, None)
        if status != Status.HOME:
            self._away[status][resident.uid] = resident

    def stock(self) -> dict[Status, list[int]]:
        """People by status and home."""
        count = {status: [0] * len(self.homes) for status in Status}
        for home in self.homes:
            count[Status.HOME][home.index] = sum(home.people.values())
        for status, people in self._away.items():
            for person in people.values():
                count[status][person.home.index] += 1
                count[Status.HOME][person.home.index] -= 1
        return count

    # Decisions ------------------------------------------------------------------------

    def happens(self, what: str, who: int, u: float, p: float) -> bool:
        """Whether an event of probability ``p`` happens: u < p."""
        if self.recorder is not None:
            self.recorder.note(what, who, p - u, u=u, p=p)
        return u < p

    def rings(self, what: str, who: int, waiting: float, rate: float) -> bool:
        """Whether a clock rings: an exponential time of mean one is below the rate."""
        if self.recorder is not None:
            self.recorder.note(what, who, rate - waiting, waiting=waiting, rate=rate)
        return waiting < rate

    def best_of(self, what: str, who: int, utility: Mapping[Choice, float]) -> Choice:
        """The alternative of highest utility; the earlier wins a tie."""
        best = max(utility, key=lambda alternative: utility[alternative])
        if self.recorder is not None:
            others = [value for key, value in utility.items() if key != best]
            margin = utility[best] - max(others, default=float("-inf"))
            terms = {key.name.lower(): value for key, value in utility.items()}
            self.recorder.note(f"{what}: {best.name.lower()}", who, margin, **terms)
        return best

    def note(self, what: str, who: int, margin: float, **terms: float) -> None:
        """Tell the recorder, if there is one, how narrow a decision was."""
        if self.recorder is not None:
            self.recorder.note(what, who, margin, **terms)

    def _points(self) -> dict[int, list[Point]]:
        """Points of this month by uid."""
        streams = (Stream.THIN_COUNT, Stream.THIN_PLACE, Stream.THIN_KEEP)
        keys = {stream: self.luck.monthly(stream) for stream in streams}
        found: dict[int, list[Point]] = {}
        for home in self.homes:
            for class_ in Class:
                block = home.index * 3 + class_
                points = points_of_block(
                    keys, block, home.people[class_], self._highest_intensity(home, class_)
                )
                for index, on_one in points.items():
                    found[block << 25 | index] = on_one
        return found

    def _highest_intensity(self, home: Home, class_: Class) -> float:
        """Highest intensity anybody of a home and class can have this month."""
        law = self.laws.residents
        sex = max(r.sex_factor(sex, home.markets, law) for sex in Sex)
        base = r.base_intensity(home.pressure(class_), max(law.age_effect), sex, law)
        rate = self.lever(Lever.ECONOMY_CORRUPTION_CASE_RATE)
        return base + r.case_intensity(rate, law.case_exposure[class_], law)

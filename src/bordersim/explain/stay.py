"""C1 to C5: a month in China by its clocks, its meetings, and what each led to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from bordersim.agents.clocks import ONWARD, PATROL, PURSUIT, RETURN, STAY
from bordersim.codes import Cause, Class, Event, Lever, Meeting, Sex
from bordersim.explain.engine import bookkeeping, clocks, rng, traffickers
from bordersim.explain.meeting import SAID, Informant
from bordersim.explain.person import Traits
from bordersim.explain.replay import Moment
from bordersim.explain.told import NO_CLOCK, Chance, Decision, Fact, Row
from bordersim.rng import Stream
from bordersim.state import FLAG_HELPED, FLAG_KIN, FLAG_PACKAGE, FLAG_TRIP, NEVER, Scene

CLOCKS = {
    PATROL: "patrol or raid",
    PURSUIT: "officers from the North",
    ONWARD: "goes on to the South",
    RETURN: "goes home",
    STAY: "settles for long",
}
"""What rings each clock."""

CAUSES = {
    Cause.REPORT: "a report",
    Cause.SEIZURE: "a seizure",
    Cause.PATROL: "a patrol",
    Cause.PURSUIT: "officers from the North",
    Cause.ROUTE: "a checkpoint on the way",
}
"""What leads to each arrest."""


@dataclass(frozen=True)
class Stay:
    """Somebody in China as a month begins for them.

    Attributes
    ----------
    sector, left, flags
        Where and when the river was crossed, and what is known of the person.
    """

    sector: int
    left: int
    flags: int


def stay_of(moment: Moment) -> Stay | None:
    """Where somebody stays in China this month; None for who does not."""
    for row in moment.logged(5):
        if row.event == Event.CROSSED:
            return Stay(row.place, moment.month, row.amount)
    person = moment.before.row
    if moment.before.status.name != "CHINA":
        return None
    return Stay(int(person.sector[0]), int(person.left[0]), int(person.tags[0]))


@dataclass(frozen=True)
class Rates:
    """C1, C4: what can happen, times a month.

    Attributes
    ----------
    clocks
        Rate of each clock that runs.
    meetings
        Rate of meetings.
    facts
        What they are made of.
    """

    clocks: dict[int, float]
    meetings: float
    facts: tuple[Fact, ...]


def rates_of(who: Traits, moment: Moment, stay: Stay) -> Rates:
    """Work out the rates of a month in China."""
    act, law, onward, levers = moment.act, moment.laws.china, moment.laws.onward, moment.act.levers
    s, stayed, trip = stay.sector, act.month - stay.left, bool(stay.flags & FLAG_TRIP)

    def lasting(stream: Stream) -> float:
        return float(rng.uniform(rng.draw2(rng.stream_key(act.seed, stream), who.uid, stay.left)))

    still = clocks.still_at_border_probability(float(stayed), float(law.inland_months))
    inland = not trip and lasting(Stream.INLAND) > still
    zone = float(law.inland_factor) if inland else 1.0
    married = (
        who.sex == Sex.FEMALE
        and law.early_months <= stayed < law.early_months + law.marriage_months
        and lasting(Stream.MARRIAGE) < law.marriage_share
    )
    household = float(law.marriage_factor) if married else 1.0
    base = clocks.onward_hazard(
        onward.onward_early, onward.onward_late, traffickers.route_opening(onward, act.month),
        levers[Lever.SOUTH_SETTLEMENT_CASH, 0] / onward.settlement_reference,
        onward.settlement_elasticity, levers[Lever.SOUTH_ONWARD_CAPACITY, 0],
        moment.laws.arrival_season[act.month % 12],
    )  # fmt: skip
    go_on = base * household * clocks.not_settled(float(stayed), float(onward.settle_half_life))
    if stay.flags & FLAG_KIN:
        go_on *= math.exp(onward.onward_kin)
    if stay.flags & FLAG_HELPED:
        go_on *= law.helped_onward
    elite = who.cls == Class.ELITE
    running = {
        PATROL: levers[Lever.CHINA_PATROL_RATE, s] * zone * (law.patrol_class if elite else 1.0),
        PURSUIT: levers[Lever.BORDER_PURSUIT_RATE, s]
        * zone
        * (law.pursuit_elite if elite else 1.0),
        ONWARD: 0.0 if trip else go_on,
        RETURN: law.trip_return if trip else law.return_rate,
    }
    if trip:
        running[STAY] = law.trip_stay
    early = law.early_factor if stayed < law.early_months else 1.0
    meetings = clocks.meeting_rate(
        law.encounter_rate, early, zone, household, moment.land.sector.far_bank[s]
    )
    where = "inland" if inland else "at the border"
    facts = (
        Fact("stayed", "months in China", str(stayed)),
        Fact("where", "where", f"{where}{', in a Chinese household' if married else ''}"),
        Fact("for", "came", "for food" if trip else "to stay"),
        Fact("helped", "met with help before", "yes" if stay.flags & FLAG_HELPED else "no"),
    )
    return Rates({k: float(rate) for k, rate in running.items()}, float(meetings), facts)


@dataclass
class MonthInChina:
    """A month in China, told as it is worked out."""

    who: Traits
    moment: Moment
    scene: Scene
    stay: Stay
    told: list[Decision] = field(default_factory=list)

    def explain(self) -> tuple[Decision, ...]:
        """Every decision of the month."""
        if self.stay.flags & FLAG_PACKAGE:
            self._go_onward(package=True)
            return tuple(self.told)
        rates = rates_of(self.who, self.moment, self.stay)
        cause, at = self._first_clock(rates)
        if not self._meetings(rates, at):
            self._ring(cause)
        return tuple(self.told)

    def _bits(self, stream: Stream) -> Any:
        act = self.moment.act
        return rng.draw(rng.month_key(act.seed, stream, act.month), self.who.uid)

    def _first_clock(self, rates: Rates) -> tuple[int, float]:
        """The earliest clock within the month; 0 and 1.0 if none rings."""
        bits = self._bits(Stream.HAZARD)
        first, cause = 1.0, 0
        chances = []
        for clock, rate in rates.clocks.items():
            own = rng.draw(bits, clock)
            at = float(clocks.clock(own, rate))
            if at < first:
                first, cause = at, clock
            draw = 1.0 - float(rng.uniform(own))
            chances.append(Chance(CLOCKS[clock], -math.expm1(-rate), draw))
        when = f" on day {int(first * 30) + 1}" if cause else ""
        choice = f"{CLOCKS[cause]}{when}" if cause else NO_CLOCK
        meetings = Fact("meetings", "meetings a month, on average", rates.meetings)
        question = "A month in China: which clock rings first"
        facts = (*rates.facts, meetings)
        self.told.append(Decision("clocks", question, choice, (), facts, (), tuple(chances)))
        return cause, first

    def _meetings(self, rates: Rates, until: float) -> bool:
        """Meetings, one after the other; whether one of them ended the stay."""
        if rates.meetings <= 0.0:
            return False
        gaps = self._bits(Stream.MEETING_GAP)
        encounter = 0
        at = float(clocks.clock(rng.draw(gaps, 0), rates.meetings))
        while at < until:
            if self._meet(encounter):
                return True
            encounter += 1
            at += float(rng.exponential(rng.draw(gaps, encounter))) / rates.meetings
        return False

    def _meet(self, encounter: int) -> bool:
        moment, s = self.moment, self.stay.sector
        levers, law = moment.act.levers, moment.laws.informant
        met = Informant.met(moment, self.scene, s, encounter)
        deed = met.deed()
        bits = rng.draw(self._bits(Stream.MEETING_OUTCOME), encounter)

        def chance(what: str, probability: float, number: int) -> Chance:
            return Chance(what, float(probability), float(rng.uniform(rng.draw(bits, number))))

        rows = [Row(6, Event.MET, s, met.number, int(deed), encounter)]
        chances: list[Chance] = []
        cause: Cause | None = None
        if deed == Meeting.HELP:
            fined = chance("the helper is fined", law.fine_probability * (1.0 - met.tolerance), 1)
            chances.append(fined)
            yuan = levers[Lever.CHINA_HELPER_FINE, s] * levers[Lever.ECONOMY_EXCHANGE_RATE, s]
            fine = int(bookkeeping.thousand(yuan * 1e-3)) if fined.happened else 0
            rows.append(Row(6, Event.HELPED, s, met.number, fine, encounter))
        elif deed == Meeting.REPORT:
            response = levers[Lever.CHINA_TIP_RESPONSE, s] * (1.0 - met.tolerance)
            acted = chance("the report is acted on", response, 2)
            chances.append(acted)
            rows.append(Row(6, Event.REPORTED, s, met.number, int(acted.happened), encounter))
            if acted.happened:
                found = chance("the person is found", moment.laws.china.action_success, 3)
                chances.append(found)
                cause = Cause.REPORT if found.happened else None
        elif deed == Meeting.SEIZE:
            holds = chance("the seizure holds", law.seize_success, 4)
            chances.append(holds)
            rows.append(Row(6, Event.SEIZED, s, met.number, int(holds.happened), encounter))
            cause = Cause.SEIZURE if holds.happened else None
        self.told.append(
            Decision(
                "meeting", "Meets a Chinese resident", SAID[deed], tuple(rows), met.facts(),
                met.alternatives(), tuple(chances), met.flips(),
            )
        )  # fmt: skip
        return cause is not None and self._arrest(cause, encounter)

    def _ring(self, cause: int) -> None:
        """What the first clock brings."""
        s = self.stay.sector
        if cause in (PATROL, PURSUIT):
            self._arrest(Cause.PATROL if cause == PATROL else Cause.PURSUIT, 0)
        elif cause == ONWARD:
            self._go_onward(package=False)
        elif cause in (RETURN, STAY):
            event = Event.RETURNED_HOME if cause == RETURN else Event.SETTLED_LONG
            row = Row(6, event, s, NEVER, 0, 0)
            self.told[0] = replace(self.told[0], rows=(row,))  # the clocks', told first

    def _arrest(self, cause: Cause, encounter: int) -> bool:
        """C3, C5: obeyed or resisted, returned or let go; whether the stay ended."""
        moment, s, law = self.moment, self.stay.sector, self.moment.laws.china
        levers = moment.act.levers
        bits = rng.draw(self._bits(Stream.ARREST), encounter * 8 + cause)
        chances: list[Chance] = []

        def happens(what: str, probability: float, number: int) -> bool:
            draw = float(rng.uniform(rng.draw(bits, number)))
            chances.append(Chance(what, float(probability), draw))
            return chances[-1].happened

        def row(event: Event) -> Row:
            return Row(6, event, s, int(cause), 0, encounter)

        def tell(choice: str, *events: Event) -> None:
            rows = tuple(row(event) for event in events)
            question = f"An arrest, after {CAUSES[cause]}"
            self.told.append(Decision("arrest", question, choice, rows, (), (), tuple(chances)))

        if happens("resists", law.resist, 1):
            if happens("shot at", levers[Lever.CHINA_SHOOT_ON_RESIST, s], 2):
                if happens("shot dead", law.shot_death, 3):
                    tell("shot dead", Event.SHOT_CHINA)
                    return True
            elif happens("escapes", law.resist_escape, 4):
                tell("escapes", Event.ESCAPED)
                return False
        if cause != Cause.PURSUIT:
            refoulement = float(levers[Lever.CHINA_REFOULEMENT, s])
            if not happens("returned to the North", refoulement, 5):
                tell("arrested and let go", Event.ARRESTED_CHINA, Event.PROTECTED)
                return False
        tell("arrested and returned to the North", Event.ARRESTED_CHINA, Event.REPATRIATED)
        return True

    def _go_onward(self, *, package: bool) -> None:
        """C4, T6: the way to the South and its checkpoints."""
        moment, s, onward = self.moment, self.stay.sector, self.moment.laws.onward
        bits = self._bits(Stream.TRANSIT)
        risk = clocks.route_risk(
            moment.act.levers[Lever.CHINA_PATROL_RATE, s], moment.laws.china.route_exposure
        )
        caught = Chance("arrested on the way", float(risk), float(rng.uniform(rng.draw(bits, 1))))
        question = "The way onward, bought with the crossing" if package else "The way onward"
        if caught.happened:
            self.told.append(
                Decision("onward", question, "stopped on the way", (), (), (), (caught,))
            )
            self._arrest(Cause.ROUTE, 0)
            return
        pick = rng.draw(bits, 2)
        if package:
            months = int(onward.transit_direct) + int(rng.index_below(pick, 2))
        else:
            spread = int(onward.transit_spread) + 1
            months = int(onward.transit_later) + int(rng.index_below(pick, spread))
        facts = (Fact("months", "months on the way", str(months)),)
        row = Row(6, Event.WENT_ONWARD, s, NEVER, months, 0)
        self.told.append(
            Decision("onward", question, "leaves for the South", (row,), facts, (), (caught,))
        )

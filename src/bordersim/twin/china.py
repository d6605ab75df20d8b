"""A month in China: meetings, arrests, and ways on or back (C1, C3-C5)."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING

from bordersim.codes import Account, Cause, Class, Event, Lever, Meeting, Sex, Status
from bordersim.rng import Stream
from bordersim.twin.custody import take_into_custody
from bordersim.twin.draws import draw, exponential, index_below, uniform
from bordersim.twin.equations import china as c
from bordersim.twin.equations import traffickers as tr
from bordersim.twin.equations.numbers import thousand
from bordersim.twin.labels import Flag

if TYPE_CHECKING:
    from bordersim.twin.informants import Informant
    from bordersim.twin.model import TwinModel
    from bordersim.twin.residents import Resident

_END_OF_MONTH = 1.0


class Clock(IntEnum):
    """What may end a stay; the number is the field of the draw."""

    PATROL = 1
    PURSUIT = 2
    ONWARD = 3
    RETURN = 4
    SETTLING = 5


def onward_of_month(model: TwinModel) -> float:
    """C4: the nation's part of the onward hazard this month."""
    law, month = model.laws.china, model.month
    return c.onward_capacity(
        tr.route_opening(month, law), model.lever(Lever.SOUTH_SETTLEMENT_CASH),
        model.lever(Lever.SOUTH_ONWARD_CAPACITY), model.laws.south.arrival_season[month % 12], law,
    )  # fmt: skip


def live_in_china(resident: Resident) -> None:
    """Step 6: meetings until a clock rings or the month ends, then what the clock brings."""
    if resident.flags & Flag.PACKAGE:
        go_onward(resident)
        return
    stay = Stay(resident)
    clock, rings = stay.first_clock()
    encounter, when = 0, stay.gap(0)
    while when < rings:
        meet(resident, encounter)
        if resident.status != Status.CHINA:
            return
        encounter += 1
        when += stay.gap(encounter)
    if clock is not None:
        follow(resident, clock)


class Stay:
    """What decides somebody's month in China: zone, household, and the rates they give."""

    def __init__(self, resident: Resident) -> None:
        self.resident, self.model = resident, resident.model
        self.law = resident.model.laws.china
        self.months = resident.model.month - resident.left
        self.is_trip = bool(resident.flags & Flag.TRIP)
        self.is_elite = resident.class_ == Class.ELITE
        self.zone = self.law.inland_factor if self._is_inland() else 1.0
        self.household = self.law.marriage_factor if self._is_married() else 1.0
        early = self.law.early_factor if self.months < self.law.early_months else 1.0
        self.meetings = c.meeting_rate(
            early, self.zone, self.household, resident.sector.far_bank, self.law
        )

    def _is_inland(self) -> bool:
        if self.is_trip:
            return False
        bits = self.model.luck.lasting(Stream.INLAND, self.resident.uid, self.resident.left)
        return uniform(bits) > c.still_at_border_probability(self.months, self.law)

    def _is_married(self) -> bool:
        law, resident = self.law, self.resident
        last = law.early_months + law.marriage_months
        if resident.sex != Sex.FEMALE or not law.early_months <= self.months < last:
            return False
        bits = self.model.luck.lasting(Stream.MARRIAGE, resident.uid, resident.left)
        return uniform(bits) < float(law.marriage_share)

    def gap(self, encounter: int) -> float:
        """Months before the next meeting."""
        if self.meetings <= 0.0:
            return math.inf
        bits = self.model.luck.monthly(Stream.MEETING_GAP, self.resident.uid)
        return exponential(draw(bits, encounter)) / self.meetings

    def rates(self) -> dict[Clock, float]:
        """Rates a month of everything that may end the stay, or a food trip."""
        law, resident, sector = self.law, self.resident, self.resident.sector
        patrol = sector.lever(Lever.CHINA_PATROL_RATE) * self.zone
        pursuit = sector.lever(Lever.BORDER_PURSUIT_RATE) * self.zone
        found = {
            Clock.PATROL: patrol * (law.patrol_class if self.is_elite else 1.0),
            Clock.PURSUIT: pursuit * (law.pursuit_elite if self.is_elite else 1.0),
        }
        if self.is_trip:
            return found | {Clock.RETURN: law.trip_return, Clock.SETTLING: law.trip_stay}
        ties = math.exp(law.onward_kin) if resident.flags & Flag.KIN else 1.0
        ties *= law.helped_onward if resident.flags & Flag.HELPED else 1.0
        onward = c.onward_hazard(self.model.national_onward, self.household, self.months, ties, law)
        return found | {Clock.ONWARD: onward, Clock.RETURN: law.return_rate}

    def first_clock(self) -> tuple[Clock | None, float]:
        """The clock that rings first this month and when; none, and its end, otherwise."""
        bits = self.model.luck.monthly(Stream.HAZARD, self.resident.uid)
        first, when = None, _END_OF_MONTH
        for clock, rate in self.rates().items():
            if rate <= 0.0:
                continue
            rings = exponential(draw(bits, clock)) / rate
            self.model.note(
                f"clock {clock.name.lower()}", self.resident.uid, when - rings, rate=rate
            )
            if rings < when:
                first, when = clock, rings
        return first, when


def follow(resident: Resident, clock: Clock) -> None:
    """What a clock brings that rings within the month."""
    model = resident.model
    if clock == Clock.PATROL:
        arrest(resident, Cause.PATROL)
    elif clock == Clock.PURSUIT:
        arrest(resident, Cause.PURSUIT)
    elif clock == Clock.ONWARD:
        go_onward(resident)
    elif clock == Clock.SETTLING:
        model.log.add(Event.SETTLED_LONG, resident.uid, resident.sector.index)
        resident.flags &= ~Flag.TRIP
    else:
        model.log.add(Event.RETURNED_HOME, resident.uid, resident.sector.index)
        resident.debt = 0
        resident.experience(caught=False)
        resident.return_home()


def meet(resident: Resident, encounter: int) -> None:
    """C2, C3: a meeting and what follows from it."""
    model, sector, law = resident.model, resident.sector, resident.model.laws.informants
    bits = model.luck.monthly(Stream.MEETING_WHO, resident.uid, encounter)
    informant = model.informant(sector, index_below(bits, sector.informants))
    choice = informant.meets(resident.uid, encounter)
    _log(resident, Event.MET, informant.index, choice, encounter)
    bits = model.luck.monthly(Stream.MEETING_OUTCOME, resident.uid, encounter)
    if choice == Meeting.HELP:
        resident.flags |= Flag.HELPED
        resident.spend(Account.INFORMANTS, thousand(law.payment))
        p, fine = law.fine_probability * sector.enforcement, 0
        if model.happens("helper fined", resident.uid, uniform(draw(bits, 1)), p):
            fine = thousand(sector.yuan(Lever.CHINA_HELPER_FINE))
            model.accounts.pay(Account.INFORMANTS, Account.CHINA, fine)
        _log(resident, Event.HELPED, informant.index, fine, encounter)
    elif choice == Meeting.REPORT:
        p = sector.lever(Lever.CHINA_TIP_RESPONSE) * sector.enforcement
        acted = model.happens("report acted on", resident.uid, uniform(draw(bits, 2)), p)
        _log(resident, Event.REPORTED, informant.index, int(acted), encounter)
        sector.reports_acted_on += acted
        success = model.laws.china.action_success
        if acted and model.happens("found", resident.uid, uniform(draw(bits, 3)), success):
            arrest(resident, Cause.REPORT, encounter, informant)
    elif choice == Meeting.SEIZE:
        u = uniform(draw(bits, 4))
        holds = model.happens("seizure holds", resident.uid, u, law.seize_success)
        _log(resident, Event.SEIZED, informant.index, int(holds), encounter)
        if holds:
            arrest(resident, Cause.SEIZURE, encounter, informant)


def arrest(
    resident: Resident, cause: Cause, encounter: int = 0, informant: Informant | None = None
) -> None:
    """C3: an arrest, resisted or not; ``encounter`` is 0 where no meeting led to it."""
    model, law = resident.model, resident.model.laws.china
    bits = model.luck.monthly(Stream.ARREST, resident.uid, encounter * 8 + cause)
    if model.happens("resists arrest", resident.uid, uniform(draw(bits, 1)), law.resist):
        p = resident.sector.lever(Lever.CHINA_SHOOT_ON_RESIST)
        if model.happens("shot at in China", resident.uid, uniform(draw(bits, 2)), p):
            u = uniform(draw(bits, 3))
            if model.happens("shot dead in China", resident.uid, u, law.shot_death):
                _log(resident, Event.SHOT_CHINA, cause, 0, encounter)
                resident.move_to(Status.DEAD)
                return
        elif model.happens(
            "escapes arrest", resident.uid, uniform(draw(bits, 4)), law.resist_escape
        ):
            _log(resident, Event.ESCAPED, cause, 0, encounter)
            return
    hand_over(resident, cause, encounter, informant)


def hand_over(
    resident: Resident, cause: Cause, encounter: int, informant: Informant | None
) -> None:
    """C5: returned to the North, or let go; bounties are paid either way."""
    model, sector = resident.model, resident.sector
    _log(resident, Event.ARRESTED_CHINA, cause, 0, encounter)
    if informant is not None:
        by_report = cause == Cause.REPORT
        lever = Lever.CHINA_BOUNTY_REPORT if by_report else Lever.CHINA_BOUNTY_CAPTURE
        model.accounts.pay(Account.CHINA, Account.INFORMANTS, thousand(sector.yuan(lever)))
    bits = model.luck.monthly(Stream.ARREST, resident.uid, encounter * 8 + cause)
    p = 1.0 if cause == Cause.PURSUIT else model.lever(Lever.CHINA_REFOULEMENT)
    if model.happens("returned", resident.uid, uniform(draw(bits, 5)), p):
        _log(resident, Event.REPATRIATED, cause, 0, encounter)
        resident.home.returned += 1
        take_into_custody(resident)
    else:
        _log(resident, Event.PROTECTED, cause, 0, encounter)


def go_onward(resident: Resident) -> None:
    """C4, T6: towards the South, past the checkpoints."""
    model, law = resident.model, resident.model.laws.china
    had_package = bool(resident.flags & Flag.PACKAGE)
    resident.flags |= Flag.CONTACT
    bits = model.luck.monthly(Stream.TRANSIT, resident.uid)
    p = c.route_risk(resident.sector.lever(Lever.CHINA_PATROL_RATE), law)
    if model.happens("arrested on the way", resident.uid, uniform(draw(bits, 1)), p):
        resident.flags &= ~Flag.PACKAGE
        arrest(resident, Cause.ROUTE)
        return
    if had_package:
        months = int(law.transit_direct) + index_below(draw(bits, 2), 2)
        resident.debt += thousand(law.onward_fee)
    else:
        months = int(law.transit_later)
        months += index_below(draw(bits, 2), int(law.transit_spread) + 1)
        u = uniform(draw(bits, 3))
        if model.happens("takes a guide", resident.uid, u, law.guide_share):
            resident.flags |= Flag.PAID
            resident.debt += thousand(law.onward_fee)
    resident.ends = model.month + months
    model.log.add(Event.WENT_ONWARD, resident.uid, resident.sector.index, amount=months)
    resident.move_to(Status.TRANSIT)


def _log(resident: Resident, event: Event, counterpart: int, amount: int, encounter: int) -> None:
    resident.model.log.add(
        event, resident.uid, resident.sector.index, counterpart=counterpart, amount=amount,
        sequence=encounter,
    )  # fmt: skip

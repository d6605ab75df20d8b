"""Custody in the North (K1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.codes import Account, Event, Lever, Status
from bordersim.rng import Stream
from bordersim.twin.draws import draw, exponential, uniform
from bordersim.twin.equations import china as c
from bordersim.twin.equations.numbers import thousand
from bordersim.twin.labels import Flag

if TYPE_CHECKING:
    from bordersim.twin.residents import Resident


def take_into_custody(resident: Resident) -> None:
    """Begin a term whose length depends on what the person is accused of; take a fine."""
    model, law = resident.model, resident.model.laws.custody
    if resident.flags & Flag.CONTACT:
        mean = law.months_contact
    elif resident.flags & Flag.TRIP:
        mean = law.months_trip
    else:
        mean = law.months_long
    waiting = exponential(model.luck.monthly(Stream.CUSTODY, resident.uid))
    term = c.term_months(waiting, mean, model.lever(Lever.CUSTODY_SEVERITY))
    resident.ends = model.month + term
    resident.spend(Account.NORTH, thousand(min(law.fine, resident.wealth)))
    resident.debt = resident.waits = 0
    resident.experience(caught=True)
    resident.move_to(Status.CUSTODY)
    model.caught.append(resident)


def serve(resident: Resident) -> None:
    """A month in custody: death, release, or neither; not in the month of entry."""
    model = resident.model
    if resident.since == model.month:
        return
    bits = draw(model.luck.monthly(Stream.CUSTODY, resident.uid), 1)
    p = c.death_probability(model.lever(Lever.CUSTODY_SEVERITY), model.laws.custody)
    if model.happens("dies in custody", resident.uid, uniform(bits), p):
        model.log.add(Event.DIED_CUSTODY, resident.uid, resident.home.index)
        resident.move_to(Status.DEAD)
    elif model.month >= resident.ends:
        model.log.add(Event.RELEASED, resident.uid, resident.home.index)
        resident.flags |= Flag.HISTORY
        resident.released = model.month
        resident.return_home()

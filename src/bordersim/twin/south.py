"""The South: arrivals, their debts and their kin; officials; remittances (S1, R7, E1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.codes import Account, Event, Lever, Status
from bordersim.rng import Stream
from bordersim.twin.draws import uniform
from bordersim.twin.equations import residents as r
from bordersim.twin.equations.numbers import million, thousand
from bordersim.twin.labels import Flag

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel
    from bordersim.twin.residents import Resident


def receive(model: TwinModel) -> None:
    """Step 8: arrivals, then news of the caught and of the arrived."""
    arrived = [person for person in model.people(Status.TRANSIT) if model.month >= person.ends]
    for person in arrived:
        arrive(person)
        settle_debts(person)
    for person in model.caught:
        for kin in kin_of(person):
            if kin.has_row:
                kin.experience(caught=True)
    for person in arrived:
        for kin in kin_of(person):
            hear_of_arrival(kin, person)
    model.caught = []


def arrive(person: Resident) -> None:
    """Debriefed in the South."""
    model = person.model
    delay = model.month - person.left
    model.log.add(Event.ARRIVED, person.uid, person.home.index, amount=delay, sequence=1)
    person.move_to(Status.ARRIVED)


def settle_debts(person: Resident) -> None:
    """Settlement cash comes in, and what is owed is paid to whoever sold the crossing."""
    model = person.model
    cash = thousand(model.lever(Lever.SOUTH_SETTLEMENT_CASH))
    model.accounts.pay(Account.WORLD, Account.KIN_ABROAD, cash)
    creditor = Account.WORLD
    if person.seller is not None:
        trafficker, identity = person.seller
        if trafficker.holds(identity):
            creditor = Account.TRAFFICKERS
            trafficker.cash += person.debt
    model.accounts.pay(Account.KIN_ABROAD, creditor, person.debt)
    person.debt = 0


def kin_of(person: Resident) -> list[Resident]:
    """Kin of a person; who is kin twice comes twice."""
    return [person.model.residents[uid] for uid in person.model.kinship.of(person.uid)]


def hear_of_arrival(kin: Resident, person: Resident) -> None:
    """R7: news of an arrival reaches kin, wherever they are, but not officials abroad."""
    model = kin.model
    if kin.uid in model.officials:
        return
    model.log.add(Event.NEWS, kin.uid, kin.home.index, counterpart=person.uid, sequence=2)
    kin.has_row = True
    kin.flags |= Flag.KIN | Flag.HISTORY
    kin.kin_month = model.month
    kin.experience(caught=False)
    model.families.add(kin)


def officials_leave(model: TwinModel) -> None:
    """E1: officials posted abroad leave and arrive in the same month."""
    rate = model.lever(Lever.ECONOMY_CORRUPTION_CASE_RATE)
    p = rate * model.laws.officials.response
    for uid in sorted(model.officials):
        person = model.residents[uid]
        u = uniform(model.luck.monthly(Stream.OFFICIAL, uid))
        if person.status == Status.HOME and model.happens("official leaves", uid, u, p):
            model.log.add(Event.OFFICIAL_LEFT, uid, person.home.index)
            person.left = model.month
            arrive(person)


def send_money(model: TwinModel) -> None:
    """R7: once a year after news of an arrival, kin at home receive money."""
    law = model.laws.residents
    last = 12 * int(law.remittance_years)
    for kin in sorted(model.families, key=lambda kin: kin.uid):
        months = model.month - (kin.kin_month or 0)
        if kin.status != Status.HOME or months % 12 != 0 or not 0 < months <= last:
            continue
        watched = kin.home.lever(Lever.NORTH_KIN_SURVEILLANCE)
        allowed = model.lever(Lever.SOUTH_REMITTANCE_ALLOWED)
        sent = thousand(law.remittance * allowed * r.unwatched(watched, law))
        if sent <= 0:
            continue
        model.log.add(Event.REMITTED, kin.uid, kin.home.index, amount=sent, sequence=3)
        model.accounts.pay(Account.KIN_ABROAD, Account.RESIDENTS, sent)
        kin.balance += sent
        kin.spend(Account.WORLD, sent - thousand(million(sent) * law.remittance_saved))

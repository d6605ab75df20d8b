"""At the river: consent, watch, water (submodels.md, The river)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.codes import Account, Event, Lever, Mode, Offer, Risk, Status
from bordersim.rng import Stream
from bordersim.twin.custody import take_into_custody
from bordersim.twin.draws import draw, index_below, uniform
from bordersim.twin.equations import guards as g
from bordersim.twin.equations import river as w
from bordersim.twin.equations import traffickers as tr
from bordersim.twin.equations.numbers import million, thousand
from bordersim.twin.labels import LASTING, Flag
from bordersim.twin.market import match

if TYPE_CHECKING:
    from bordersim.twin.choice import Offer as TraffickersOffer
    from bordersim.twin.choice import Plan
    from bordersim.twin.guards import Guard
    from bordersim.twin.model import TwinModel
    from bordersim.twin.places import Sector
    from bordersim.twin.residents import Resident
    from bordersim.twin.traffickers import Trafficker


def cross(model: TwinModel) -> None:
    """Step 5: everyone who has a plan acts on it."""
    served = match(model, {who: plan for who, plan in model.plans.items() if plan.offers})
    for resident, plan in model.plans.items():
        waited = resident.waits
        resident.waits = 0  # whoever sets out stops waiting
        if resident in served:
            Crossing(resident, plan.offers[served[resident]], waited).go()
            continue
        if plan.offers:
            refused = len(plan.offers)
            model.log.add(Event.UNSERVED, resident.uid, resident.home.index, amount=refused)
        if plan.fallback == Mode.STAY:
            resident.wait_or_give_up(waited)
        else:
            go_unaided(resident, plan)


class Crossing:
    """One crossing with a trafficker."""

    def __init__(self, client: Resident, offer: TraffickersOffer, waited: int) -> None:
        self.client, self.offer, self.waited = client, offer, waited
        self.model = client.model
        self.trafficker: Trafficker = offer.trafficker
        self.sector: Sector = offer.trafficker.sector
        self.chinese_part = thousand(self.sector.chinese_part)
        self.costs = self.trafficker.cost_of_operating
        if not client.home.border:
            both = self.sector.going_bribe + self.chinese_part
            self.costs += thousand(tr.surcharge(both, self.model.laws.traffickers) * 1e-3)

    @property
    def room(self) -> float:
        """What a bribe may be at most, KRW million."""
        return million(self.offer.fee - self.chinese_part - self.costs)

    def go(self) -> None:
        """Consent, then watch, then water, then the far bank."""
        client, model = self.client, self.model
        model.log.add(
            Event.HIRED, client.uid, self.sector.index, counterpart=self.trafficker.identity,
            amount=self.offer.fee, sequence=int(self.offer.with_package),
        )  # fmt: skip
        answer, guard, bribe = self.seek_consent()
        if answer == Offer.REFUSE or guard is None:
            log_river(client, Event.REFUSED, guard, sector=self.sector)
            client.wait_or_give_up(self.waited)
        elif answer == Offer.ACCEPT:
            self.pay_bribe(guard, thousand(bribe))
            self.face_river()
        else:
            self.meet_arrest(guard, answer, bribe)

    def seek_consent(self) -> tuple[Offer, Guard | None, float]:
        """Ask a known guard, else a stranger. Gives answer, guard and KRW million offered."""
        client, model = self.client, self.model
        bits = draw(model.luck.monthly(Stream.RIVER, client.uid), 5)
        closed = self.sector.lever(Lever.BORDER_CLOSURE) * model.laws.river.closure_consent
        if model.happens("nobody can be asked", client.uid, uniform(bits), closed):
            return Offer.REFUSE, None, 0.0
        known = self.known_guard()
        if known is not None:
            asked = known.asked_bribe(client.uid)
            model.note("known guard trades", client.uid, self.room - asked, asked=asked)
            if self.room >= asked and self.room > 0.0:
                return Offer.ACCEPT, known, g.traded_bribe(asked, self.room, model.laws.guards)
        stranger = find_guard(client, self.sector)
        if stranger is None:
            return Offer.REFUSE, None, 0.0
        bribe = min(million(self.sector.going_bribe), max(self.room, 0.0))
        answer = stranger.answer(client.uid, bribe)
        if answer == Offer.ACCEPT:
            self.trafficker.met.append(stranger)
        return answer, stranger, bribe

    def known_guard(self) -> Guard | None:
        """Of the guards the trafficker knows, on duty, the one the lot falls on."""
        on_duty = set(self.sector.on_duty)
        known = [
            link.guard for link in self.trafficker.links if link.is_valid and link.guard in on_duty
        ]
        luck, uid = self.model.luck, self.client.uid
        return min(
            known,
            key=lambda guard: luck.monthly(Stream.KNOWN_GUARD, uid, guard.number),
            default=None,
        )

    def pay_bribe(self, guard: Guard, amount: int) -> None:
        """A bribe buys consent: it sets the going rate and enters the guard's record."""
        log_river(self.client, Event.BRIBED, guard, amount)
        guard.record_bribe(amount)
        self.sector.bribes.append(amount)
        self.pay(Account.GUARDS, amount)

    def pay(self, payee: Account, amount: int) -> None:
        """The trafficker pays whole KRW thousand."""
        self.trafficker.cash -= amount
        self.trafficker.earned -= amount
        self.model.accounts.pay(Account.TRAFFICKERS, payee, amount)

    def meet_arrest(self, guard: Guard, answer: Offer, bribe: float) -> None:
        """The guard arrests the client, perhaps after taking the prepaid part."""
        law = self.model.laws
        if answer == Offer.BETRAY:
            prepaid = thousand(law.guards.prepaid * bribe)
            log_river(self.client, Event.BETRAYED, guard, prepaid)
            guard.record_bribe(prepaid)
            self.pay(Account.GUARDS, prepaid)
            guard.is_rewarded(self.sector.lever(Lever.GUARDS_BETRAYAL_REWARDED))
            self.may_be_jailed(law.traffickers.jail_betrayal)
        else:
            log_river(self.client, Event.ARRESTED_BY_GUARD, guard)
            guard.is_rewarded()
            self.may_be_jailed(law.traffickers.jail_interception)
        caught_at_river(self.client, Risk.RIVER_HIRE)

    def may_be_jailed(self, probability: float) -> None:
        """A caught client may lead to the trafficker."""
        u = uniform(self.model.luck.monthly(Stream.JAIL, self.client.uid))
        if self.model.happens("trafficker arrested", self.client.uid, u, probability):
            self.trafficker.is_arrested = True

    def face_river(self) -> None:
        """Seen by others, drowned, or across."""
        client, model, law = self.client, self.model, self.model.laws.river
        client_bits = model.luck.monthly(Stream.RIVER, client.uid)
        u = uniform(model.luck.monthly(Stream.DETECTION, client.uid))
        p = w.seen_probability(self.sector.exponent, law.paid_share)
        if model.happens("seen by others", client.uid, u, p):
            log_river(client, Event.DETECTED, None, sequence=1, sector=self.sector)
            self.may_be_jailed(model.laws.traffickers.jail_interception)
            caught_at_river(client, Risk.RIVER_HIRE)
            return
        u = uniform(draw(client_bits, 1))
        if model.happens("drowns", client.uid, u, self.sector.water * law.drowning_paid):
            die_at_river(client, Event.DROWNED, Risk.RIVER_HIRE, self.sector)
            return
        self.arrive()

    def arrive(self) -> None:
        """On the far bank: the fee is paid, and from it the Chinese part and the costs."""
        client, model = self.client, self.model
        client.pay_fee(self.trafficker, self.offer.fee)
        self.trafficker.earned += self.offer.fee
        self.pay(Account.WORLD, self.costs)
        self.pay(Account.HELPERS, self.chinese_part)
        self.sector.deals.append(self.offer.fee)
        u = uniform(draw(model.luck.monthly(Stream.RIVER, client.uid), 2))
        p = model.laws.traffickers.fine_exposure * self.sector.enforcement
        if model.happens("helper fined", client.uid, u, p):
            fine = thousand(self.sector.yuan(Lever.CHINA_HELPER_FINE))
            model.accounts.pay(Account.HELPERS, Account.CHINA, fine)
        client.flags = client.flags & LASTING | Flag.PAID
        if self.offer.with_package:
            client.flags |= Flag.PACKAGE | Flag.CONTACT
        arrive_in_china(client, self.sector, Risk.RIVER_HIRE)


def go_unaided(resident: Resident, plan: Plan) -> None:
    """Set out alone, to stay or for food."""
    model, sector = resident.model, plan.sector
    assert sector is not None  # going alone is weighed only with a sector
    for_food = plan.fallback == Mode.FOOD
    event = Event.WENT_FOR_FOOD if for_food else Event.WENT_UNAIDED
    model.log.add(event, resident.uid, sector.index)
    bits = model.luck.monthly(Stream.RIVER, resident.uid)
    wire = model.laws.river.wire_block * sector.lever(Lever.BORDER_WIRE_COVERAGE)
    if model.happens("stopped by the wire", resident.uid, uniform(draw(bits, 3)), wire):
        log_river(resident, Event.REFUSED, None, sequence=1, sector=sector)
        return
    resident.flags = resident.flags & LASTING | (Flag.TRIP if for_food else 0)
    resident.seller = None
    u = uniform(model.luck.monthly(Stream.DETECTION, resident.uid))
    seen = model.happens("seen alone", resident.uid, u, w.seen_probability(sector.exponent))
    if seen and not gets_away(resident, sector):
        return
    if model.happens("drowns", resident.uid, uniform(draw(bits, 1)), sector.water):
        die_at_river(resident, Event.DROWNED, Risk.RIVER_UNAIDED, sector)
    else:
        arrive_in_china(resident, sector, Risk.RIVER_UNAIDED)


def gets_away(resident: Resident, sector: Sector) -> bool:
    """Seen alone: let go for a bribe, or else shot dead or caught."""
    model, laws = resident.model, resident.model.laws
    guard = find_guard(resident, sector)
    log_river(resident, Event.DETECTED, guard, sector=sector)
    if guard is not None:
        carried = laws.residents.carried * resident.wealth
        asked = guard.asked_bribe(resident.uid)
        bribe = thousand(min(carried, max(laws.guards.minimum_bribe, asked)))
        model.note("bought off", resident.uid, carried - asked, carried=carried, asked=asked)
        if carried >= asked and bribe > 0:
            log_river(resident, Event.BRIBED, guard, bribe, sequence=1)
            guard.record_bribe(bribe)
            resident.spend(Account.GUARDS, bribe)
            return True
    bits = model.luck.monthly(Stream.RIVER, resident.uid)
    order = sector.lever(Lever.BORDER_SHOOT_ORDER)
    shot = model.happens("shot at", resident.uid, uniform(draw(bits, 4)), order)
    if shot and model.happens(
        "shot dead", resident.uid, uniform(draw(bits, 6)), laws.china.shot_death
    ):
        die_at_river(resident, Event.SHOT_RIVER, Risk.RIVER_UNAIDED, sector)
        return False
    if guard is not None:
        guard.is_rewarded()
    caught_at_river(resident, Risk.RIVER_UNAIDED)
    return False


def find_guard(resident: Resident, sector: Sector) -> Guard | None:
    """A guard on duty met by chance, or none."""
    model, on_duty = resident.model, set(sector.on_duty)
    bits = model.luck.monthly(Stream.NEW_GUARD, resident.uid)
    for probe in range(int(model.laws.guards.probes)):
        guard = sector.guards[index_below(draw(bits, probe), len(sector.guards))]
        if guard in on_duty:
            return guard
    return None


def caught_at_river(resident: Resident, risk: Risk) -> None:
    """Caught: perhaps heard of at home, then custody."""
    hear(resident, risk, bad=True)
    take_into_custody(resident)


def die_at_river(resident: Resident, event: Event, risk: Risk, sector: Sector) -> None:
    """Dead at the river."""
    resident.model.log.add(event, resident.uid, sector.index, sequence=2)
    hear(resident, risk, bad=True)
    resident.move_to(Status.DEAD)


def arrive_in_china(resident: Resident, sector: Sector, risk: Risk) -> None:
    """On the far bank."""
    model = resident.model
    hear(resident, risk, bad=False)
    resident.sector, resident.left = sector, model.month
    model.log.add(Event.CROSSED, resident.uid, sector.index, amount=resident.flags, sequence=3)
    resident.move_to(Status.CHINA)


def hear(resident: Resident, risk: Risk, *, bad: bool) -> None:
    """R4: an outcome at the river becomes known at home, or does not."""
    model = resident.model
    u = uniform(model.luck.monthly(Stream.KNOWN_OUTCOME, resident.uid))
    if model.happens("heard of at home", resident.uid, u, model.laws.residents.awareness):
        resident.home.hear(risk, bad)


def log_river(
    resident: Resident,
    event: Event,
    guard: Guard | None,
    amount: int = 0,
    *,
    sequence: int = 0,
    sector: Sector | None = None,
) -> None:
    """Log something at the river; the guard is -1 where none was met."""
    if guard is not None:
        sector = guard.sector
    assert sector is not None
    resident.model.log.add(
        event, resident.uid, sector.index, amount=amount, sequence=sequence,
        counterpart=-1 if guard is None else guard.identity,
    )  # fmt: skip

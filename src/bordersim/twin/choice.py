"""R5: what somebody who considers leaving chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bordersim.codes import Event, Lever, Mode, Risk
from bordersim.rng import Stream
from bordersim.twin.draws import draw, gumbel, index_below, nest_error, uniform
from bordersim.twin.equations import residents as r
from bordersim.twin.equations.numbers import first_above, million
from bordersim.twin.labels import Reason

if TYPE_CHECKING:
    from bordersim.twin.places import Sector
    from bordersim.twin.residents import Resident
    from bordersim.twin.traffickers import Trafficker


@dataclass(frozen=True)
class Offer:
    """An offer worth more than every way without a trafficker."""

    trafficker: Trafficker
    fee: int
    with_package: bool
    utility: float


@dataclass(frozen=True)
class Plan:
    """What a resident has decided: offers, best first, and what is done without them."""

    offers: list[Offer]
    fallback: Mode
    sector: Sector | None


class Prospects(NamedTuple):
    """What a resident believes and can pay; money in KRW million."""

    dread: float
    unaided: float
    hired: float
    china: float
    budget: float
    credit: float


def choose(resident: Resident, reason: Reason) -> Plan | None:
    """Weigh staying, going alone, a food trip and the offers met.

    Returns
    -------
    Plan or None
        None to stay.
    """
    model = resident.model
    met = traffickers_met(resident)
    see = prospects(resident)
    model.log.add(
        Event.CONSIDERED, resident.uid, resident.home.index, counterpart=reason, amount=len(met)
    )
    sector = sector_alone(resident)
    tried = without_trafficker(resident, see, sector, reason == Reason.CASE)
    fallback = model.best_of("with no trafficker", resident.uid, tried)
    weighed = [offer for trafficker in met if (offer := weigh(resident, see, trafficker))]
    if met and not weighed:
        model.log.add(Event.PRICED_OUT, resident.uid, resident.home.index, counterpart=len(met))
    for offer in weighed:
        model.note(
            "offer against fallback", resident.uid, offer.utility - tried[fallback],
            utility=offer.utility, fee=million(offer.fee), package=offer.with_package,
        )  # fmt: skip
    kept = [offer for offer in weighed if offer.utility > tried[fallback]]
    kept.sort(key=lambda offer: -offer.utility)
    if not kept and fallback == Mode.STAY:
        model.log.add(Event.STAYED, resident.uid, resident.home.index)
        return None
    return Plan(kept, fallback, sector)


def prospects(resident: Resident) -> Prospects:
    """Risks as this person sees them, and means."""
    model, law = resident.model, resident.model.laws.residents
    belief = resident.home.belief
    return Prospects(
        dread=r.dread(resident.tolerance, law, model.laws.population.risk_tolerance_sigma),
        unaided=r.personal_risk(belief[Risk.RIVER_UNAIDED], resident.known, resident.caught, law),
        hired=r.personal_risk(belief[Risk.RIVER_HIRE], resident.known, resident.caught, law),
        china=belief[Risk.CHINA],
        budget=resident.wealth + resident.kin_money,
        credit=law.credit_share * model.lever(Lever.SOUTH_SETTLEMENT_CASH),
    )


def sector_alone(resident: Resident) -> Sector | None:
    """Sector that can be reached without a trafficker, or none."""
    model = resident.model
    u = uniform(model.luck.monthly(Stream.REACH, resident.uid))
    index = first_above(u, resident.home.reach)
    return None if index is None else model.sectors[index]


def traffickers_met(resident: Resident) -> list[Trafficker]:
    """Active traffickers who make an offer this month, each once."""
    model, met = resident.model, []
    for number in range(int(model.laws.residents.offers_met)):
        bits = model.luck.monthly(Stream.OFFER, resident.uid, number)
        index = first_above(uniform(bits), resident.home.reach)
        if index is None:
            continue
        pool = model.sectors[index].traffickers
        for probe in range(int(model.laws.traffickers.probes)):
            trafficker = pool[index_below(draw(bits, probe), len(pool))]
            if trafficker.is_active:
                if trafficker not in met:
                    met.append(trafficker)
                break
    return met


def without_trafficker(
    resident: Resident, see: Prospects, sector: Sector | None, is_case: bool
) -> dict[Mode, float]:
    """Utilities, errors included, of staying and, with a sector, of going alone."""
    law = resident.model.laws.residents
    bits = resident.model.luck.monthly(Stream.CHOICE, resident.uid)
    tried: dict[Mode, float] = {
        Mode.STAY: gumbel(draw(bits, 0)) - (law.case_push if is_case else 0.0)
    }
    if sector is not None:
        alone = law.gain - see.dread * r.perceived_harm(see.unaided, see.china, law)
        food = law.gain_food - see.dread * r.perceived_harm(see.unaided, 0.0, law)
        tried[Mode.UNAIDED] = alone + gumbel(draw(bits, 1))
        tried[Mode.FOOD] = food + gumbel(draw(bits, 2))
    return tried


def weigh(resident: Resident, see: Prospects, trafficker: Trafficker) -> Offer | None:
    """The better of an offer without and with the way onward; None if neither can be paid."""
    model, laws = resident.model, resident.model.laws
    law, whom = laws.residents, trafficker.identity
    bits = model.luck.monthly(Stream.CHOICE, resident.uid)
    nest = nest_error(model.luck.monthly(Stream.NEST, resident.uid), law.nest_scale)
    posted = trafficker.fee_for(resident)
    fee = million(posted)
    found: list[Offer] = []
    if fee < see.budget:
        fear = see.dread * r.perceived_harm(see.hired, see.china, law)
        utility = r.hire_utility(law.gain, fee, see.budget, fear, law)
        error = law.nest_scale * gumbel(draw(bits, 16 + 2 * whom)) + nest
        found.append(Offer(trafficker, posted, False, utility + error))
    further, means = fee + laws.china.onward_fee, see.budget + see.credit
    if trafficker.arranges_onward and further < means:
        china = see.china * int(laws.china.transit_direct) / 12.0
        fear = see.dread * r.perceived_harm(see.hired, china, law)
        utility = r.hire_utility(law.gain + law.gain_south, further, means, fear, law)
        error = law.nest_scale * gumbel(draw(bits, 17 + 2 * whom)) + nest
        found.append(Offer(trafficker, posted, True, utility + error))
    return max(found, key=lambda offer: offer.utility, default=None)

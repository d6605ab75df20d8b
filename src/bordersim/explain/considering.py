"""R5 and T3: from a month to the choice made in it, and who took the client."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bordersim.agents.residents import BY_CASE
from bordersim.agents.traffickers import SLOTS
from bordersim.codes import Event, Lever, Mode, Risk, TraffickerStatus
from bordersim.explain.choosing import (
    SAID,
    Answer,
    Choosing,
    Met,
    alternatives,
    answer,
    flips,
)
from bordersim.explain.engine import bookkeeping, residents, rng
from bordersim.explain.person import Traits, endowment
from bordersim.explain.reasons import REASONS, Reason, history_factor
from bordersim.explain.replay import Moment
from bordersim.explain.told import Decision, Fact, Row
from bordersim.rng import Stream
from bordersim.state import FLAG_KIN, NEVER, Scene


def met_offers(who: Traits, moment: Moment, scene: Scene) -> tuple[int, ...]:
    """T3: places of the traffickers met this month, in the order in which they were met."""
    act, land, laws = moment.act, moment.land, moment.laws
    key = rng.month_key(act.seed, Stream.OFFER, act.month)
    met: list[int] = []
    for offer in range(int(laws.choice.offers_met)):
        bits = rng.draw2(key, who.uid, offer)
        s = _sector_of(land.reach[who.home], rng.uniform(bits))
        if s is None:
            continue
        pool = land.sector[s]
        for probe in range(int(laws.trafficker.probes)):
            j = int(pool.pool_start + rng.index_below(rng.draw(bits, probe), pool.pool_size))
            if scene.traffickers.status[j] == TraffickerStatus.ACTIVE:
                if j not in met:
                    met.append(j)
                break
    return tuple(met)


def _sector_of(reach: Any, u: float) -> int | None:
    """First sector whose cumulated reach exceeds a draw."""
    return next((s for s, limit in enumerate(reach) if u < limit), None)


def own_wealth(who: Traits, moment: Moment) -> float:
    """R2: wealth with what was received and spent, KRW million, at least 0."""
    own = endowment(who, moment.act.levers, moment.land, moment.laws)
    return max(0.0, own + int(moment.before.row.balance[0]) * 1e-3)


def choosing_of(who: Traits, moment: Moment, scene: Scene, by_case: bool) -> Choosing:
    """Gather everything that a choice rests on."""
    act, land, laws, person = moment.act, moment.land, moment.laws, moment.before.row
    law, place = laws.choice, len(land.sector) + who.home
    errors = rng.draw(rng.month_key(act.seed, Stream.CHOICE, act.month), who.uid)
    reach = rng.uniform(rng.draw(rng.month_key(act.seed, Stream.REACH, act.month), who.uid))
    nest = rng.draw(rng.month_key(act.seed, Stream.NEST, act.month), who.uid)
    known, caught = float(person.known_total[0]), float(person.known_caught[0])
    beliefs = [bookkeeping.from_grid(scene.beliefs[who.home, risk]) for risk in Risk]
    at_river = [
        residents.personal_risk(belief, law.belief_sample, law.experience_weight, known, caught)
        for belief in beliefs[:2]
    ]
    from_kin = 0.0
    if int(person.tags[0]) & FLAG_KIN:
        from_kin = law.kin_money * act.levers[Lever.SOUTH_REMITTANCE_ALLOWED, place]

    def error(at: int) -> float:
        return float(rng.gumbel(rng.draw(errors, at)))

    offers = []
    for j in met_offers(who, moment, scene):
        trader = scene.traffickers[j]
        fee = trader.fee_border if land.home.border[who.home] else trader.fee_interior
        identity = int(trader.generation) * SLOTS + j
        luck = error(16 + 2 * identity), error(17 + 2 * identity)
        offers.append(
            Met(j, identity, int(trader.sector), float(fee * 1e-3), bool(trader.package), luck)
        )
    return Choosing(
        law=law,
        onward_fee=float(laws.onward.onward_fee),
        package_years=float(laws.onward.transit_direct / 12.0),
        sector=_sector_of(land.reach[who.home], reach),
        offers=tuple(offers),
        own=own_wealth(who, moment),
        from_kin=float(from_kin),
        credit=float(law.credit_share * act.levers[Lever.SOUTH_SETTLEMENT_CASH, 0]),
        dread=float(law.a_risk * who.tolerance),
        risks=(float(at_river[0]), float(at_river[1]), float(beliefs[2])),
        by_case=by_case,
        errors=(error(Mode.STAY), error(Mode.UNAIDED), error(Mode.FOOD)),
        nest=float(rng.nest_error(nest, law.nest_scale)) if offers else 0.0,
    )


@dataclass(frozen=True)
class Chosen:
    """A choice, explained, and what it set out with.

    Attributes
    ----------
    case, answer
        What it rests on, and what is chosen.
    served
        The way of the trafficker who takes the client, or None.
    mode
        With which the river is met, after matching.
    decisions
        For the reader.
    """

    case: Choosing
    answer: Answer
    served: Any
    mode: Mode
    decisions: tuple[Decision, ...]


def explain_choice(
    who: Traits, moment: Moment, scene: Scene, why: Reason, sectors: tuple[str, ...]
) -> Chosen:
    """Explain the choice of a month in which leaving was considered.

    Parameters
    ----------
    who, moment, scene
        The resident, the month, and what stood when it was decided.
    why
        The reason; its code is not None.
    sectors
        Names of the sectors.
    """
    assert why.code is not None
    case = choosing_of(who, moment, scene, bool(why.code & BY_CASE))
    given = answer(case)
    names = {offer.identity: number_of(offer.identity) for offer in case.offers}
    priced_out = bool(case.offers) and not any(
        offer.fee < case.money
        or (offer.package and offer.fee + case.onward_fee < case.money + case.credit)
        for offer in case.offers
    )
    met = len(case.offers)
    rows = [Row(4, Event.CONSIDERED, who.home, why.code, met, 0)]
    if priced_out:
        rows.append(Row(4, Event.PRICED_OUT, who.home, met, 0, 0))
    if given.mode == Mode.STAY:
        rows.append(Row(4, Event.STAYED, who.home, NEVER, 0, 0))
    choice = SAID[given.mode]
    if given.mode == Mode.HIRE:
        best = given.asked[0]
        offer = case.offers[best.offer]
        choice = f"turns to {trafficker_name(offer.identity, sectors[offer.sector])}"
        choice += ", the way onward included" if best.package else ""
    elif priced_out:
        choice += ": no offer met could be paid"
    decision = Decision(
        kind="choice",
        question=f"Considers leaving, because of {REASONS[why.code]}",
        choice=choice,
        rows=tuple(rows),
        facts=_facts(who, moment, why, case, sectors),
        alternatives=alternatives(case, names),
        chances=why.chances,
        flips=flips(case),
    )
    served, matching = _matched(who, moment, case, given, names)
    mode = given.mode if served is not None or given.mode != Mode.HIRE else given.fallback
    return Chosen(case, given, served, mode, (decision, *matching))


def number_of(identity: int) -> str:
    """Number of a trafficker: place in the trade, and which occupant of it."""
    generation, slot = divmod(identity, SLOTS)
    return f"{slot}.{generation}"


def trafficker_name(identity: int, sector: str) -> str:
    """What a trafficker is called."""
    return f"trafficker {number_of(identity)} ({sector.replace('_', ' ')})"


def _facts(
    who: Traits, moment: Moment, why: Reason, case: Choosing, sectors: tuple[str, ...]
) -> tuple[Fact, ...]:
    rate, factor = why.intensity, history_factor(who, moment)
    facts = [
        Fact("chance", "chance this month, without history", -math.expm1(-rate.rate), "chance"),
        Fact("hardship", "hardship, 0 to 1", rate.hardship),
        Fact("markets", "market index at home", rate.markets),
        Fact("age_factor", "age, factor on the chance", rate.age, "times"),
        Fact("sex_factor", "sex, factor", rate.sex, "times"),
        Fact("case_rate", "corruption cases, adds a month", rate.case),
    ]
    if factor != 1.0:
        facts.append(Fact("history_factor", "kin or release, factor", factor, "times"))
    facts += [
        Fact("own", "own money", case.own, "KRW million"),
        Fact("from_kin", "money of kin in the South", case.from_kin, "KRW million"),
        Fact("credit", "credit on the settlement cash", case.credit, "KRW million"),
        Fact("dread", "weight on risk", case.dread),
        Fact("risk_alone", "perceived risk, river alone", case.risks[0], "chance"),
        Fact("risk_hired", "perceived risk, river hired", case.risks[1], "chance"),
        Fact("risk_china", "perceived risk, China a year", case.risks[2], "chance"),
    ]
    person = moment.before.row
    known, caught = int(person.known_total[0]), int(person.known_caught[0])
    if known:
        told = f"{caught} caught of {known}"
        facts.append(Fact("experience", "outcomes known, own and of kin", told))
    for number, offer in enumerate(case.offers, start=1):
        name = trafficker_name(offer.identity, sectors[offer.sector])
        with_onward = f", + {case.onward_fee:g} M onward" if offer.package else ""
        facts.append(Fact(f"fee_{number}", f"{name} asks", offer.fee, f"KRW million{with_onward}"))
    return tuple(facts)


def _matched(
    who: Traits, moment: Moment, case: Choosing, given: Answer, names: dict[int, str]
) -> tuple[Any, tuple[Decision, ...]]:
    """T3: the first offer of the list whose trafficker had room for this lottery number."""
    if given.mode != Mode.HIRE:
        return None, ()
    assert moment.actors is not None
    key = rng.month_key(moment.act.seed, Stream.LOTTERY, moment.act.month)
    capacity = int(moment.laws.trafficker.capacity + 0.5)
    facts: list[Fact] = []
    for way in given.asked:
        offer = case.offers[way.offer]
        others = moment.actors.uid[
            (moment.actors.served == offer.slot)
            & (moment.actors.mode == Mode.HIRE)
            & (moment.actors.uid != who.uid)
        ]
        own = rng.draw2(key, who.uid, offer.identity)
        bits = [rng.draw2(key, int(uid), offer.identity) for uid in others]
        ahead = sum(bool(other < own) for other in bits)
        name = f"trafficker {names[offer.identity]}"
        if ahead < capacity:
            if not facts:
                return way, ()
            facts.append(Fact("served", name, f"takes the client, {ahead} of {capacity} ahead"))
            question = "Looks for a trafficker with room"
            return way, (Decision("matching", question, f"served by {name}", (), tuple(facts)),)
        facts.append(
            Fact("full", name, f"full: {ahead} better lottery numbers for {capacity} places")
        )
    row = Row(5, Event.UNSERVED, who.home, NEVER, len(given.asked), 0)
    outcome = "waits" if given.fallback == Mode.STAY else SAID[given.fallback]
    choice = f"all are full: {outcome}"
    return None, (
        Decision("matching", "Looks for a trafficker with room", choice, (row,), tuple(facts)),
    )

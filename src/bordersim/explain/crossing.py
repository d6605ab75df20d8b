"""The river: one attempt, with a trafficker or alone (T1, G1, G2, and group river)."""

from __future__ import annotations

from collections.abc import Sequence

from bordersim.codes import Event, Lever, Mode, Offer
from bordersim.explain.choosing import Way
from bordersim.explain.consenting import (
    ANSWERS,
    asked_by,
    closed,
    facts_of,
    guard_at,
    seek_consent,
    seen_chance,
)
from bordersim.explain.considering import Chosen, own_wealth, trafficker_name
from bordersim.explain.engine import bookkeeping, crossings, rng, traffickers
from bordersim.explain.person import Traits
from bordersim.explain.replay import Moment
from bordersim.explain.told import Alternative, Chance, Decision, Fact, Flip, Row
from bordersim.rng import Stream
from bordersim.state import (
    FLAG_CONTACT,
    FLAG_PACKAGE,
    FLAG_PAID,
    FLAG_TRIP,
    KEPT_AT_HOME,
    NEVER,
    Scene,
)

_ACROSS = Event.CROSSED


def explain_crossing(
    who: Traits, moment: Moment, scene: Scene, chosen: Chosen, sectors: Sequence[str]
) -> tuple[Decision, ...]:
    """Explain what the river did to somebody who set out."""
    if chosen.mode == Mode.STAY:
        return ()
    if chosen.mode == Mode.HIRE:
        return _hired(who, moment, scene, chosen, sectors)
    assert chosen.case.sector is not None
    return _alone(who, moment, scene, chosen.case.sector, chosen.mode == Mode.FOOD)


def _river(moment: Moment, number: int) -> float:
    key = rng.month_key(moment.act.seed, Stream.RIVER, moment.act.month)
    return float(rng.uniform(rng.draw(rng.draw(key, moment.uid), number)))


def _seen(moment: Moment, chance: float) -> Chance:
    key = rng.month_key(moment.act.seed, Stream.DETECTION, moment.act.month)
    return Chance("seen at the river", chance, float(rng.uniform(rng.draw(key, moment.uid))))


def _kept(moment: Moment) -> int:
    return int(moment.before.row.tags[0]) & KEPT_AT_HOME


def _hired(
    who: Traits, moment: Moment, scene: Scene, chosen: Chosen, sectors: Sequence[str]
) -> tuple[Decision, ...]:
    way: Way = chosen.served
    offer = chosen.case.offers[way.offer]
    s, j, law = offer.sector, offer.slot, moment.laws
    fee = int(bookkeeping.thousand(offer.fee))
    chinese = int(scene.watch.chinese[s])
    costs = int(traffickers.operating_cost(moment.act, moment.land, law, scene.traffickers, j))
    if not moment.land.home.border[who.home]:
        going = int(scene.sectors.bribe[s])
        costs += int(
            bookkeeping.thousand(law.trafficker.interior_surcharge * (going + chinese) * 1e-3)
        )
    room = (fee - chinese - costs) * 1e-3
    facts = (
        Fact("fee", "fee", offer.fee, "KRW million"),
        Fact("chinese_part", "part of the Chinese side", chinese * 1e-3, "KRW million"),
        Fact("costs", "trafficker's costs", costs * 1e-3, "KRW million"),
        Fact("room", "left for a bribe", room, "KRW million"),
        Fact("going_bribe", "going bribe", float(scene.sectors.bribe[s]) * 1e-3, "KRW million"),
    )
    rows = [Row(5, Event.HIRED, s, offer.identity, fee, int(way.package))]
    chances, told = [], list[Decision]()
    if moment.act.levers[Lever.BORDER_CLOSURE, s] > 0.0:
        chances.append(Chance("the border is closed to consent", *closed(moment, s)))
    if chances and chances[0].happened:
        rows.append(Row(5, Event.REFUSED, s, NEVER, 0, 0))
        choice = "turned back: nobody can be asked"
    else:
        consent = seek_consent(moment, scene, j, s, room)
        told += consent.decisions
        met = {
            Offer.REFUSE: (Event.REFUSED, 0, "turned back"),
            Offer.ACCEPT: (Event.BRIBED, consent.bribe, "let through"),
            Offer.ARREST: (Event.ARRESTED_BY_GUARD, 0, "arrested by the guard"),
            Offer.BETRAY: (Event.BETRAYED, consent.bribe, "betrayed by the guard"),
        }
        event, amount, choice = met[consent.answer]
        rows.append(Row(5, event, s, consent.guard, amount, 0))
        if consent.answer == Offer.ACCEPT:
            flags = _kept(moment) | FLAG_PAID
            flags |= (FLAG_PACKAGE | FLAG_CONTACT) if way.package else 0
            exponent = float(scene.watch.exponent[s]) * float(law.river.paid_share)
            water = float(scene.watch.drowning[s]) * float(law.river.drowning_paid)
            seen = _seen(moment, seen_chance(exponent))
            chances.append(seen)
            if seen.happened:
                rows.append(Row(5, Event.DETECTED, s, NEVER, 0, 1))
                choice = "let through, but seen by others and caught"
            else:
                choice = _into_the_water(moment, s, water, flags, chances, rows)
    name = trafficker_name(offer.identity, sectors[s])
    question = f"At the river with {name}{', onward included' if way.package else ''}"
    crossing = Decision("crossing", question, choice, tuple(rows), facts, (), tuple(chances))
    return (*told, crossing)


def _into_the_water(
    moment: Moment, s: int, water: float, flags: int, chances: list[Chance], rows: list[Row]
) -> str:
    """The last of an attempt: drowned, or across."""
    drowns = Chance("drowns or freezes", water, _river(moment, 1))
    chances.append(drowns)
    if drowns.happened:
        rows.append(Row(5, Event.DROWNED, s, NEVER, 0, 2))
        return "drowns or freezes"
    rows.append(Row(5, Event.CROSSED, s, NEVER, flags, 3))
    return "crosses into China"


def _alone(who: Traits, moment: Moment, scene: Scene, s: int, trip: bool) -> tuple[Decision, ...]:
    law, levers = moment.laws, moment.act.levers
    rows = [Row(5, Event.WENT_FOR_FOOD if trip else Event.WENT_UNAIDED, s, NEVER, 0, 0)]
    chances: list[Chance] = []
    told: list[Decision] = []
    wire = float(law.river.wire_block * levers[Lever.BORDER_WIRE_COVERAGE, s])
    blocked = Chance("stopped by the wire", wire, _river(moment, 3))
    if wire > 0.0:
        chances.append(blocked)
    if blocked.happened:
        rows.append(Row(5, Event.REFUSED, s, NEVER, 0, 1))
        choice = "turned back by the wire"
    else:
        seen = _seen(moment, seen_chance(float(scene.watch.exponent[s])))
        chances.append(seen)
        free = not seen.happened
        choice = ""
        if seen.happened:
            free, choice = _when_seen(who, moment, scene, s, chances, rows, told)
        if free:
            flags = _kept(moment) | (FLAG_TRIP if trip else 0)
            water = float(scene.watch.drowning[s])
            choice = _into_the_water(moment, s, water, flags, chances, rows)
    question = "At the river alone, for food" if trip else "At the river alone"
    return (*told, Decision("crossing", question, choice, tuple(rows), (), (), tuple(chances)))


def _when_seen(
    who: Traits,
    moment: Moment,
    scene: Scene,
    s: int,
    chances: list[Chance],
    rows: list[Row],
    told: list[Decision],
) -> tuple[bool, str]:
    """Seen alone: a guard may take what is carried, or shoot, or arrest."""
    levers, laws = moment.act.levers, moment.laws
    key = rng.month_key(moment.act.seed, Stream.NEW_GUARD, moment.act.month)
    slot = int(
        crossings.find_guard(
            rng.draw(key, moment.uid), moment.land.sector.guard_size[s],
            scene.watch.on_duty[s], int(laws.guard.probes),
        )
    )  # fmt: skip
    guard = guard_at(moment, scene, s, slot) if slot >= 0 else None
    identity = NEVER if guard is None else guard.identity
    rows.append(Row(5, Event.DETECTED, s, identity, 0, 0))
    if guard is not None:
        carried = float(laws.choice.carried * own_wealth(who, moment))
        asked, error = asked_by(moment, guard)
        asking = max(float(laws.guard.minimum_bribe), asked)
        bribe = min(int(bookkeeping.thousand(carried)), int(bookkeeping.thousand(asking)))
        bought = carried >= asked and bribe > 0
        terms = {
            "fear": guard.fear,
            "reward": float(laws.guard.reward_weight) * guard.reward,
            "inclination": guard.inclination,
        }
        least = max(asked, 0.0005)  # what rounds to nothing buys nothing
        turn = Flip("money carried", "KRW million", carried, least,
                    ANSWERS[Offer.REFUSE if bought else Offer.ACCEPT])  # fmt: skip
        told.append(
            Decision(
                "guard_who_saw", "The guard who sees a person alone may take what is carried",
                f"accept: KRW {bribe / 1000:,.3f} M are paid" if bought else ANSWERS[Offer.REFUSE],
                (), facts_of(guard),
                (
                    Alternative("asks at least", "refuse", terms, error, asked),
                    Alternative("is carried", "accept", {}, None, carried),
                ),
                (), (turn,),
            )
        )  # fmt: skip
        if bought:
            rows.append(Row(5, Event.BRIBED, s, identity, bribe, 1))
            return True, ""
    shot = Chance("shot at", float(levers[Lever.BORDER_SHOOT_ORDER, s]), _river(moment, 4))
    if shot.probability > 0.0:
        chances.append(shot)
    if shot.happened:
        dead = Chance("shot dead", float(laws.china.shot_death), _river(moment, 6))
        chances.append(dead)
        if dead.happened:
            rows.append(Row(5, Event.SHOT_RIVER, s, NEVER, 0, 2))
            return False, "shot dead"
    return False, "caught"

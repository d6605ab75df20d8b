"""G1 and G2: what guards are offered, what they answer, and what would change the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bordersim.codes import Lever, Offer
from bordersim.explain.engine import bookkeeping, crossings, guards, rng
from bordersim.explain.flips import Line, nearest_turn
from bordersim.explain.replay import Moment
from bordersim.explain.told import Alternative, Decision, Fact, Flip
from bordersim.rng import Stream
from bordersim.state import NEVER, Scene

ANSWERS = {
    Offer.REFUSE: "refuse",
    Offer.ACCEPT: "accept",
    Offer.ARREST: "arrest",
    Offer.BETRAY: "betray",
}
"""What each answer is called."""


@dataclass(frozen=True)
class Guard:
    """A guard as an offer finds them.

    Attributes
    ----------
    place, slot, sector, identity
        Where; ``place`` counts through all sectors.
    belief, risk
        Perceived chance of punishment in a year, and what of it is weighed (G6).
    fear, reward, inclination, ambition
        Terms of G1 and G2, KRW million; ``reward`` is what a capture is worth to them.
    """

    place: int
    slot: int
    sector: int
    identity: int
    belief: float
    risk: float
    fear: float
    reward: float
    inclination: float
    ambition: float


@dataclass(frozen=True)
class Consent:
    """How a guard answered.

    Attributes
    ----------
    answer
        Of the guard asked last, or a refusal where nobody could be asked.
    bribe
        Paid, KRW thousand.
    guard
        Identity, or -1.
    decisions
        For the reader: known guard, then stranger.
    """

    answer: Offer
    bribe: int
    guard: int
    decisions: tuple[Decision, ...]


def guard_at(moment: Moment, scene: Scene, sector: int, slot: int) -> Guard:
    """The guard in a place of a sector."""
    place = int(moment.land.sector.guard_start[sector]) + slot
    record, levers = scene.guards[place], moment.act.levers
    belief = float(bookkeeping.from_grid(record.belief))
    risk = float(guards.weighed_risk(moment.act, moment.laws.guard, belief, sector))
    return Guard(
        place=place,
        slot=slot,
        sector=sector,
        identity=int(guards.guard_identity(sector, slot, record.generation)),
        belief=belief,
        risk=risk,
        fear=float(risk * levers[Lever.GUARDS_PUNISHMENT_LOSS, sector]),
        reward=float(levers[Lever.GUARDS_CAPTURE_REWARD, sector] * record.ambition),
        inclination=float(record.inclination),
        ambition=float(record.ambition),
    )


def asked_by(moment: Moment, guard: Guard) -> tuple[float, float]:
    """G1: what a guard asks this person this month, and the error in it; KRW million."""
    law = moment.laws.guard
    key = rng.month_key(moment.act.seed, Stream.GUARD_CHOICE, moment.act.month)
    error = law.choice_scale * rng.gumbel(rng.draw2(key, moment.uid, guard.identity))
    weighted = law.reward_weight * guard.reward
    least = guards.reservation_bribe(guard.fear, weighted, guard.inclination)
    return float(least + error), float(error)


def facts_of(guard: Guard) -> tuple[Fact, ...]:
    """Who the guard is."""
    ahead = "over the time a bribe can be found out, weighs a chance of"
    weighed = (Fact("risk", ahead, guard.risk, "chance"),) if guard.risk != guard.belief else ()
    return (
        Fact("belief", "sees a chance of punishment a year of", guard.belief, "chance"),
        *weighed,
        Fact("fear", "fear: that chance times the loss", guard.fear, "KRW million"),
        Fact("inclination", "loyalty less taste for money", guard.inclination, "KRW million"),
        Fact("reward", "what a capture is worth to them", guard.reward, "KRW million"),
    )


def seek_consent(moment: Moment, scene: Scene, j: int, sector: int, room: float) -> Consent:
    """A known guard first, then a stranger, as the trafficker asks them; not while closed.

    Parameters
    ----------
    moment, scene
        The month and what stood then.
    j, sector
        Place of the trafficker, and where the river is crossed.
    room
        What can be paid, KRW million.
    """
    told: list[Decision] = []
    place = int(crossings.known_guard(moment.act, scene, j, sector, moment.uid))
    start = int(moment.land.sector.guard_start[sector])
    if place >= 0:
        guard = guard_at(moment, scene, sector, place - start)
        decision, bribe = trade(moment, guard, room)
        told.append(decision)
        if bribe is not None:
            return Consent(Offer.ACCEPT, bribe, guard.identity, tuple(told))
    key = rng.month_key(moment.act.seed, Stream.NEW_GUARD, moment.act.month)
    slot = crossings.find_guard(
        rng.draw(key, moment.uid), moment.land.sector.guard_size[sector],
        scene.watch.on_duty[sector], int(moment.laws.guard.probes),
    )  # fmt: skip
    if slot < 0:
        told.append(Decision("consent", "Looks for a guard to ask", "nobody is found"))
        return Consent(Offer.REFUSE, 0, NEVER, tuple(told))
    guard = guard_at(moment, scene, sector, int(slot))
    offered = min(float(scene.sectors.bribe[sector] * 1e-3), max(room, 0.0))
    stranger = Stranger.of(moment, guard, offered)
    answer = stranger.answer()
    told.append(stranger.decision(room))
    share = {Offer.ACCEPT: 1.0, Offer.BETRAY: float(moment.laws.guard.prepaid)}.get(answer, 0.0)
    bribe = int(bookkeeping.thousand(share * offered))
    return Consent(answer, bribe, guard.identity, tuple(told))


def trade(moment: Moment, guard: Guard, room: float) -> tuple[Decision, int | None]:
    """G1: a guard whom the trafficker knows trades if the room covers what is asked.

    Returns
    -------
    decision, bribe
        The bribe in KRW thousand; None if they do not trade.
    """
    law = moment.laws.guard
    asked, error = asked_by(moment, guard)
    agreed = room >= asked and room > 0.0
    bribe = None
    if agreed:
        bribe = int(
            bookkeeping.thousand(
                guards.traded_bribe(asked, room, law.trade_share, law.minimum_bribe)
            )
        )
    terms = {
        "fear": guard.fear,
        "reward": law.reward_weight * guard.reward,
        "inclination": guard.inclination,
    }
    asks = Alternative("asks at least", "refuse", terms, error, asked)
    paid = Alternative("can be paid", "accept", {}, None, room)
    needed = max(asked, 0.0)
    flip = Flip(
        "what the trafficker can pay", "KRW million", room, needed,
        ANSWERS[Offer.REFUSE if agreed else Offer.ACCEPT],
    )  # fmt: skip
    choice = f"accept: KRW {bribe / 1000:,.3f} M are paid" if bribe is not None else "refuse"
    question = "A guard the trafficker knows is asked"
    return (
        Decision("known_guard", question, choice, (), facts_of(guard), (asks, paid), (), (flip,)),
        bribe,
    )


@dataclass(frozen=True)
class Stranger:
    """G2: a guard met by chance and one offer.

    Attributes
    ----------
    law
        Parameters of group guards.
    guard
        Who is asked.
    offered
        The bribe, KRW million.
    loss, rewarded
        Levers: loss of a punishment, KRW million; part of the reward paid for betrayal.
    errors
        One for each answer, KRW million.
    """

    law: Any
    guard: Guard
    offered: float
    loss: float
    rewarded: float
    errors: tuple[float, float, float, float]

    @classmethod
    def of(cls, moment: Moment, guard: Guard, offered: float) -> Stranger:
        """The meeting of a month."""
        law, levers = moment.laws.guard, moment.act.levers
        key = rng.month_key(moment.act.seed, Stream.GUARD_CHOICE, moment.act.month)
        bits = rng.draw2(key, moment.uid, guard.identity)
        errors = [float(law.choice_scale * rng.gumbel(rng.draw(bits, k))) for k in Offer]
        return cls(
            law, guard, offered,
            float(levers[Lever.GUARDS_PUNISHMENT_LOSS, guard.sector]),
            float(levers[Lever.GUARDS_BETRAYAL_REWARDED, guard.sector]),
            (errors[0], errors[1], errors[2], errors[3]),
        )  # fmt: skip

    def utilities(self, offered: float) -> dict[Offer, float]:
        """Utility of each answer that is open, errors included, at some offer."""
        law, guard = self.law, self.guard
        values = {
            Offer.REFUSE: 0.0,
            Offer.ACCEPT: guards.accept_utility(offered, guard.fear, guard.inclination),
            Offer.ARREST: guards.arrest_utility(guard.reward, guard.inclination, law.arrest_effort),
        }
        if self.rewarded > 0.0:
            values[Offer.BETRAY] = guards.betray_utility(
                law.prepaid, offered, self.rewarded * guard.reward, guard.inclination,
                offered * law.link_crossings, law.exposure * self.loss, law.arrest_effort,
            )  # fmt: skip
        return {kind: float(value + self.errors[kind]) for kind, value in values.items()}

    def answer(self, offered: float | None = None) -> Offer:
        """What the guard does; of equals the earlier."""
        values = self.utilities(self.offered if offered is None else offered)
        return max(values, key=lambda kind: values[kind])

    def flips(self) -> tuple[Flip, ...]:
        """The offer, and the reward of a capture, at which the answer changes."""
        nothing, one = self.utilities(0.0), self.utilities(1.0)
        by_offer = [Line(ANSWERS[k], nothing[k], one[k] - nothing[k]) for k in nothing]
        slopes = {Offer.ARREST: 1.0, Offer.BETRAY: self.rewarded}
        worth = self.guard.reward
        now = self.utilities(self.offered)
        by_reward = [
            Line(ANSWERS[k], value - slopes.get(k, 0.0) * worth, slopes.get(k, 0.0))
            for k, value in now.items()
        ]
        answer = ANSWERS[self.answer()]
        found = []
        for what, at, lines in (
            ("bribe offered", self.offered, by_offer),
            ("worth of a capture to the guard", worth, by_reward),
        ):
            turn = nearest_turn(lines, at)
            then, outcome = turn if turn is not None else (None, f"{answer} at any")
            found.append(Flip(what, "KRW million", at, then, outcome))
        return tuple(found)

    def decision(self, room: float) -> Decision:
        """For the reader."""
        law, guard = self.law, self.guard
        terms = {
            Offer.REFUSE: {},
            Offer.ACCEPT: {
                "bribe": self.offered, "fear": -guard.fear, "inclination": -guard.inclination,
            },
            Offer.ARREST: {
                "reward": guard.reward, "inclination": guard.inclination,
                "effort": -law.arrest_effort,
            },
            Offer.BETRAY: {
                "bribe": law.prepaid * self.offered - law.link_crossings * self.offered,
                "fear": -law.exposure * self.loss, "reward": self.rewarded * guard.reward,
                "inclination": guard.inclination, "effort": -law.arrest_effort,
            },
        }  # fmt: skip
        values = self.utilities(self.offered)
        told = [
            Alternative(
                ANSWERS[kind], ANSWERS[kind],
                {name: float(value) for name, value in terms[kind].items()},
                self.errors[kind] if kind in values else None, values.get(kind),
                "" if kind in values else "betrayal is not rewarded",
            )
            for kind in Offer
        ]  # fmt: skip
        facts = (Fact("room", "left of the fee for a bribe", room, "KRW million"), *facts_of(guard))
        return Decision(
            "new_guard", "A guard met for the first time is offered the going bribe",
            ANSWERS[self.answer()], (), facts, tuple(told), (), self.flips(),
        )  # fmt: skip


def closed(moment: Moment, sector: int) -> tuple[float, float]:
    """Chance that nobody can be asked, and the draw."""
    river = rng.draw(rng.month_key(moment.act.seed, Stream.RIVER, moment.act.month), moment.uid)
    shut = moment.act.levers[Lever.BORDER_CLOSURE, sector] * moment.laws.river.closure_consent
    return float(shut), float(rng.uniform(rng.draw(river, 5)))


def seen_chance(exponent: float) -> float:
    """Chance of being seen, of the exponent of the watch."""
    return 1.0 - math.exp(-exponent)

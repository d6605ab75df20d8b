"""Guards: whom they fear, what they ask, and what they do with a stranger's money (G1-G6)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from bordersim.codes import Account, Event, Lever, Offer
from bordersim.rng import Stream
from bordersim.twin.draws import draw, gumbel, normal, uniform
from bordersim.twin.equations import guards as g
from bordersim.twin.equations.numbers import on_grid, poisson, thousand

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel
    from bordersim.twin.places import Sector

_MOST_GOODS = 15
_MOST_RECORDED = 255


class Guard(mesa.Agent):  # type: ignore[misc]
    """A post on the river and whoever holds it.

    ``fear`` is the believed chance of punishment in a year, on the grid; ``stamp`` rises
    whenever links to this guard break; ``taken`` counts bribes by month; ``cash`` is in
    KRW thousand; ``inclination`` is loyalty less taste for money, KRW million.
    """

    model: TwinModel

    def __init__(self, model: TwinModel, sector: Sector, place: int, number: int) -> None:
        super().__init__(model)
        self.sector, self.place, self.number = sector, place, number
        self.generation = self.stamp = self.cash = 0
        self.fear = on_grid(model.laws.guards.belief_start)
        self.taken: dict[int, int] = {}
        self.inclination = self.ambition = 0.0

    @property
    def identity(self) -> int:
        """Sector, place and generation in one number."""
        return self.sector.index << 40 | self.place << 20 | self.generation

    @property
    def loss(self) -> float:
        """What punishment would cost, KRW million."""
        return self.sector.lever(Lever.GUARDS_PUNISHMENT_LOSS)

    def weighed(self, fear: float) -> float:
        """G6: chance of punishment weighed against money, by the rules of this month."""
        return g.weighed_fear(fear, self.sector.lookback, self.model.laws.guards)

    @property
    def reward(self) -> float:
        """Reward for a capture, KRW million."""
        return self.sector.lever(Lever.GUARDS_CAPTURE_REWARD)

    # Step 2: looking back -------------------------------------------------------------

    def recruit(self) -> None:
        """A new identity takes the post, with traits of its own and no record."""
        law, self.generation = self.model.laws.guards, self.generation + 1
        bits = self.model.luck.world(Stream.GUARD_TRAITS, self.identity)
        loyalty = law.loyalty_mean + law.loyalty_sigma * normal(draw(bits, 1))
        taste = law.taste_mean + law.taste_sigma * normal(draw(bits, 2))
        self.inclination = on_grid(loyalty - taste)
        self.ambition = on_grid(math.exp(law.ambition_sigma * normal(draw(bits, 3))))
        self.taken = {}

    def join(self) -> None:
        """On duty for the first time: a recruit believes what the post before believes."""
        self.recruit()
        if self.model.month > 0 and self.place > 0:
            self.fear = self.sector.guards[self.place - 1].fear

    def bribes_in_lookback(self) -> int:
        """Bribes taken in the months an inspection looks back on, this month excluded."""
        month = self.model.month
        first = month - min(self.sector.lookback, month)
        return sum(number for when, number in self.taken.items() if first <= when < month)

    def is_covered(self) -> bool:
        """Whether cameras watch the post."""
        bits = self.model.luck.world(Stream.POST, self.identity, self.stamp)
        return uniform(bits) < self.sector.lever(Lever.BORDER_CAMERA_COVERAGE)

    def face_inspection(self, bribes: int) -> bool:
        """G3: perhaps inspected, perhaps punished. Says whether punished."""
        model, law = self.model, self.model.laws.guards
        bits = model.luck.monthly(Stream.INSPECTION, self.identity)
        cameras = 1.0 + law.camera_inspection if self.is_covered() else 1.0
        p = self.sector.inspection_probability(cameras)
        if not model.happens("guard inspected", self.identity, uniform(bits), p):
            return False
        self._log(Event.GUARD_INSPECTED, bribes)
        p = g.punishment_probability(bribes, law)
        if bribes == 0 or not model.happens(
            "guard punished", self.identity, uniform(draw(bits, 1)), p
        ):
            return False
        self._log(Event.GUARD_PUNISHED, self.cash)
        model.accounts.pay(Account.GUARDS, Account.NORTH, self.cash)
        self.cash = 0
        self.stamp += 1
        self.recruit()
        return True

    def perhaps_move(self) -> None:
        """G5: rotation to another post, or a transfer that only breaks links."""
        bits = self.model.luck.monthly(Stream.ROTATION, self.identity)
        p = 1.0 / max(1.0, self.sector.lever(Lever.GUARDS_ROTATION_MONTHS))
        if self.model.happens("guard rotated", self.identity, uniform(bits), p):
            self._log(Event.GUARD_ROTATED, 0)
            self.stamp += 1
            return
        p = self.sector.lever(Lever.GUARDS_LINKS_BROKEN)
        if self.model.happens("guard's links broken", self.identity, uniform(draw(bits, 1)), p):
            self.stamp += 1

    def learn(self, announced: float, seen: float) -> int:
        """G4, G6: fear moves; bribes for goods. Gives the reservation bribe, KRW thousand."""
        law = self.model.laws.guards
        fear = g.next_fear(self.fear, announced, seen, law)
        self.fear = on_grid(fear)
        weighed = self.weighed(fear)
        self.take_goods_bribes(weighed)
        least = g.reservation_bribe(
            weighed, self.loss, self.reward, self.ambition, self.inclination, law
        )
        return thousand(least)

    def take_goods_bribes(self, fear: float) -> None:
        """G3: small bribes for goods, from those who are willing this month."""
        law = self.model.laws.guards
        bits = self.model.luck.monthly(Stream.SMUGGLING, self.identity)
        p = g.goods_probability(fear, self.loss, self.inclination, law)
        if not self.model.happens("guard lets goods pass", self.identity, uniform(bits), p):
            return
        number = poisson(uniform(draw(bits, 1)), law.smuggling_rate, _MOST_GOODS)
        if number:
            each = thousand(law.smuggling_worth / law.smuggling_rate)
            self.record_bribe(each, number)
            self.model.accounts.pay(Account.WORLD, Account.GUARDS, number * each)

    # Step 5: at the river -------------------------------------------------------------

    def asked_bribe(self, uid: int) -> float:
        """G1: least bribe this guard takes from this client, KRW million."""
        law = self.model.laws.guards
        bits = self.model.luck.monthly(Stream.GUARD_CHOICE, uid, self.identity)
        least = g.reservation_bribe(
            self.weighed(self.fear), self.loss, self.reward, self.ambition, self.inclination, law
        )
        return float(least + law.choice_scale * gumbel(bits))

    def answer(self, uid: int, bribe: float) -> Offer:
        """G2: what the guard does when a stranger offers ``bribe`` KRW million."""
        law = self.model.laws.guards
        bits = self.model.luck.monthly(Stream.GUARD_CHOICE, uid, self.identity)
        utility = {
            Offer.REFUSE: 0.0,
            Offer.ACCEPT: g.accept_utility(
                bribe, self.weighed(self.fear), self.loss, self.inclination
            ),
            Offer.ARREST: g.arrest_utility(self.reward, self.ambition, self.inclination, law),
        }
        rewarded = self.sector.lever(Lever.GUARDS_BETRAYAL_REWARDED)
        if rewarded > 0.0:
            utility[Offer.BETRAY] = g.betray_utility(
                bribe, rewarded * self.reward * self.ambition, self.inclination, self.loss, law
            )
        tried = {
            offer: value + law.choice_scale * gumbel(draw(bits, offer))
            for offer, value in utility.items()
        }
        return self.model.best_of("guard's answer", uid, tried)

    def record_bribe(self, amount: int, number: int = 1) -> None:
        """Put bribes of ``amount`` KRW thousand each into purse and record."""
        self.cash += amount * number
        number += self.taken.get(self.model.month, 0)
        self.taken[self.model.month] = min(number, _MOST_RECORDED)

    def is_rewarded(self, share: float = 1.0) -> None:
        """The state pays for a capture; ``share`` of it after a betrayal."""
        amount = thousand(share * self.reward)
        self.cash += amount
        self.model.accounts.pay(Account.NORTH, Account.GUARDS, amount)

    def _log(self, event: Event, amount: int) -> None:
        place = self.sector.index
        self.model.log.add(event, -1, place, counterpart=self.identity, amount=amount)


def inspect_and_learn(sector: Sector) -> None:
    """Step 2 in one sector: company by company, each post in turn."""
    law, on_duty = sector.model.laws.guards, sector.on_duty
    company, coverage = int(law.company), sector.lever(Lever.BORDER_CAMERA_COVERAGE)
    inspection = sector.inspection_probability(1.0 + law.camera_inspection * coverage)
    announced = g.announced_risk(inspection, sector.lookback, law)
    reservation = 0
    for first in range(0, len(on_duty), company):
        members = on_duty[first : first + company]
        takers = punished = 0
        for guard in members:
            if guard.generation == 0:
                guard.join()
            bribes = guard.bribes_in_lookback()
            takers += bribes > 0
            punished += guard.face_inspection(bribes)
            guard.perhaps_move()
        seen = min(1.0, 12.0 * punished / takers) if takers else announced
        reservation += sum(guard.learn(announced, seen) for guard in members)
    sector.mean_reservation = reservation // max(len(on_duty), 1)


def start_posts(sector: Sector, first_number: int) -> None:
    """Every post the sector can ever have, before the first month."""
    model = sector.model
    per_km = model.laws.guards.places_per_km
    places = math.floor(sector.length * model.scenario.scale * per_km)
    sector.guards = [Guard(model, sector, place, first_number + place) for place in range(places)]

"""Traffickers: who is in the trade, what they ask, whom they serve and trust (T1-T7)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import mesa

from bordersim.codes import Account, Event, Lever, TraffickerStatus
from bordersim.rng import Stream
from bordersim.twin.draws import draw, normal, uniform
from bordersim.twin.equations import traffickers as tr
from bordersim.twin.equations.numbers import grid_mean, million, on_grid, thousand

if TYPE_CHECKING:
    from bordersim.twin.guards import Guard
    from bordersim.twin.model import TwinModel
    from bordersim.twin.places import Sector
    from bordersim.twin.residents import Resident

_LINKS = 8
_SLOTS = 4096
_LATER = 1 << 40


class Link(NamedTuple):
    """A guard a trafficker knows, and the guard's stamp when they met."""

    guard: Guard
    stamp: int

    @property
    def is_valid(self) -> bool:
        """Whether the guard still has the post in which they met."""
        return self.guard.stamp == self.stamp


class Trafficker(mesa.Agent):  # type: ignore[misc]
    """A place in the trade and whoever holds it.

    Money is whole KRW thousand: ``cash``, ``profit`` (a running average a month),
    ``operating_cost``, ``fee_border`` and ``fee_interior`` (posted), ``earned`` (this
    month). ``markup``, ``crowding`` and ``danger`` are on the grid. ``links`` are the
    guards known; one drawn twice in January 1995 takes two of the eight places.
    """

    model: TwinModel

    def __init__(self, model: TwinModel, sector: Sector, slot: int) -> None:
        super().__init__(model)
        self.sector, self.slot = sector, slot
        self.status = TraffickerStatus.EMPTY
        self.generation = self.cash = self.profit = self.operating_cost = 0
        self.freed_from = 0
        self.markup = self.crowding = self.danger = 0.0
        self.links: list[Link] = []
        self.fee_border = self.fee_interior = 0
        self.arranges_onward = False
        self.open_month()

    def open_month(self) -> None:
        """Forget last month's clients."""
        self.earned = self.requests = 0
        self.clients: list[Resident] = []
        self.is_arrested = False
        self.met: list[Guard] = []

    @property
    def identity(self) -> int:
        """Generation and slot in one number."""
        return self.generation * _SLOTS + self.slot

    @property
    def is_active(self) -> bool:
        """Whether the trafficker is in business."""
        return self.status == TraffickerStatus.ACTIVE

    def holds(self, identity: int) -> bool:
        """Whether this identity still has the place, jailed or not."""
        return identity == self.identity and self.status != TraffickerStatus.EMPTY

    # Step 3: in and out of the trade, prices ------------------------------------------

    def set_prices(self) -> None:
        """One of: freed, giving up, entering, staying. Whoever is active then posts fees."""
        self.open_month()
        law, luck = self.model.laws.traffickers, self.model.luck
        slope = self.model.laws.population.wealth_market_slope
        income = tr.outside_income(self.sector.markets, law, slope)
        if self.status == TraffickerStatus.JAILED:
            if self.model.month >= self.freed_from:
                self._log(Event.TRAFFICKER_FREED)
                self.leave()
        elif self.is_active:
            u = uniform(luck.monthly(Stream.EXIT, self.identity))
            p = tr.exit_probability(million(self.profit), income, law)
            if self.model.happens("trafficker gives up", self.identity, u, p):
                self._log(Event.TRAFFICKER_EXITED)
                self.leave()
        else:
            u = uniform(luck.monthly(Stream.ENTRY, self.slot))
            p = tr.entry_probability(million(self.sector.expected_profit), income, law)
            if self.model.happens("trafficker enters", self.slot, u, p):
                self.start_trade()
                joined = tr.collude(law.markup_start, self.sector.agreed_markup, law)
                self.markup = on_grid(joined)
                self._log(Event.TRAFFICKER_ENTERED)
        if self.is_active:
            self.post()

    def leave(self) -> None:
        """Leave the trade with the cash, or the debt; the place falls empty."""
        if self.cash >= 0:
            self.model.accounts.pay(Account.TRAFFICKERS, Account.WORLD, self.cash)
        else:
            self.model.accounts.pay(Account.WORLD, Account.TRAFFICKERS, -self.cash)
        self.cash = self.profit = 0
        self.links = []
        self.status = TraffickerStatus.EMPTY

    def start_trade(self) -> None:
        """Take an empty place under a new identity, knowing no guard."""
        law = self.model.laws.traffickers
        self.generation += 1
        self.status = TraffickerStatus.ACTIVE
        z = normal(self.model.luck.world(Stream.TRAFFICKER_TRAITS, self.identity))
        self.operating_cost = thousand(law.operating_cost * math.exp(law.operating_sigma * z))
        self.markup = on_grid(law.markup_start)
        self.crowding = on_grid(tr.crowding_at_rest(law))
        self.profit = self.sector.expected_profit
        self.danger = self.sector.danger
        self.links = []

    def know_guards_of_1995(self) -> None:
        """C6: links a trafficker of January 1995 begins with."""
        law, on_duty = self.model.laws.traffickers, self.sector.on_duty
        for k in range(_LINKS):
            if not (k < law.start_guards and on_duty):
                break
            bits = self.model.luck.lasting(Stream.LINK, self.identity, k)
            if uniform(bits) < law.start_links:
                guard = on_duty[(draw(bits, 1) >> 32) % len(on_duty)]
                self.links.append(Link(guard, guard.stamp))

    @property
    def cost_of_operating(self) -> int:
        """T1: operating cost of a crossing at this month's markets, KRW thousand."""
        slope = self.model.laws.population.wealth_market_slope
        stored = million(self.operating_cost)
        return thousand(tr.operating_cost(stored, self.sector.markets, slope))

    def post(self) -> None:
        """T1, T2, T6, T7: fees of the month, and whether the way onward can be arranged."""
        laws, sector = self.model.laws, self.sector
        bribe, chinese = million(sector.going_bribe), sector.chinese_part
        cost = tr.crossing_cost(
            bribe, chinese, million(self.cost_of_operating), self.danger, laws.traffickers
        )
        further = tr.surcharge(bribe + chinese, laws.traffickers)
        markup = tr.collude(self.markup, sector.agreed_markup, laws.traffickers)
        self.fee_border = thousand(tr.posted_fee(cost, markup))
        self.fee_interior = thousand(tr.posted_fee(cost + further, markup))
        opening = tr.route_opening(self.model.month, laws.china)
        share = laws.china.package_share * opening * self.model.lever(Lever.SOUTH_ONWARD_CAPACITY)
        self.arranges_onward = uniform(self.model.luck.world(Stream.PACKAGE, self.identity)) < share

    def fee_for(self, resident: Resident) -> int:
        """Fee for a client from this home, KRW thousand."""
        return self.fee_border if resident.home.border else self.fee_interior

    # Step 9: what the month taught ------------------------------------------------------

    def remember_guards(self) -> None:
        """T5: strangers who took a bribe become known; eight valid links are kept."""
        kept = [link for link in self.links if link.is_valid]
        known = {link.guard for link in kept}
        kept += [
            Link(guard, guard.stamp) for guard in dict.fromkeys(self.met) if guard not in known
        ]
        kept.sort(key=self._hash)
        self.links = kept[:_LINKS]

    def _hash(self, link: Link) -> int:
        return self.model.luck.lasting(Stream.LINK, self.slot + _LATER, link.guard.number)

    def crowding_now(self) -> float:
        """T2: average of requests per place, this month's included; before rounding."""
        law = self.model.laws.traffickers
        filled = min(self.requests / self.capacity, law.crowding_most)
        return float(self.crowding + 1.0 / law.average_months * (filled - self.crowding))

    def close_month(self, of_all: float) -> None:
        """T2: profit, crowding, markup and danger after a month in business.

        Parameters
        ----------
        of_all
            T7: mean crowding of the sellers of the sector.
        """
        law = self.model.laws.traffickers
        share = 1.0 / law.average_months
        profit = million(self.profit)
        self.profit = thousand(profit + share * (million(self.earned) - profit))
        crowding = self.crowding_now()
        felt = tr.collude(crowding, of_all, law)
        self.markup = on_grid(tr.next_markup(self.markup, felt, law))
        self.crowding = on_grid(crowding)
        self.danger = on_grid(self.danger + share * (self.sector.danger - self.danger))

    @property
    def capacity(self) -> int:
        """Clients that can be taken in a month."""
        return int(self.model.laws.traffickers.capacity + 0.5)

    def go_to_jail(self) -> None:
        """An arrest of the month leads to jail at its end."""
        self.status = TraffickerStatus.JAILED
        self.freed_from = self.model.month + int(self.model.laws.traffickers.jail_months)
        self._log(Event.TRAFFICKER_JAILED)

    def _log(self, event: Event) -> None:
        self.model.log.add(event, -1, self.sector.index, counterpart=self.identity)


def close_trade(sector: Sector) -> None:
    """Step 9 for the trade of a sector: danger, everybody's profit and markup, jail."""
    sector.learn_danger()
    active = sector.active
    of_all = grid_mean([on_grid(trafficker.crowding_now()) for trafficker in active])
    of_all = max(of_all, sector.model.laws.traffickers.cartel_target)
    for trafficker in active:
        trafficker.close_month(of_all)
    sector.learn_profit([trafficker.profit for trafficker in active])
    for trafficker in active:
        if trafficker.is_arrested:
            trafficker.go_to_jail()


def start_trade_of_1995(sector: Sector, share: float) -> None:
    """C6: each place is taken with probability ``share`` in January 1995."""
    law, slope = sector.model.laws.traffickers, sector.model.laws.population.wealth_market_slope
    sector.expected_profit = thousand(tr.outside_income(sector.markets, law, slope))
    for trafficker in sector.traffickers:
        u = uniform(sector.model.luck.lasting(Stream.START, 2, trafficker.slot))
        if u < share:
            trafficker.start_trade()
            trafficker.know_guards_of_1995()

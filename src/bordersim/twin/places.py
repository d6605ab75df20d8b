"""Homes and sectors: what is known, paid and believed there. They decide nothing."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

from bordersim.codes import Class, Lever, Risk
from bordersim.twin.equations import guards as g
from bordersim.twin.equations import residents as r
from bordersim.twin.equations import river as w
from bordersim.twin.equations import traffickers as tr
from bordersim.twin.equations.numbers import grid_mean, million, on_grid, pull, thousand, whole

if TYPE_CHECKING:
    from bordersim.twin.guards import Guard
    from bordersim.twin.model import TwinModel
    from bordersim.twin.traffickers import Trafficker


class Home:
    """A province or the military camps: where residents live and what they believe.

    Beliefs are probabilities on the grid; ``heard`` counts this month's outcomes at the
    river that became known, all and bad, by belief.
    """

    def __init__(self, model: TwinModel, index: int) -> None:
        places, law = model.scenario.places, model.laws.residents
        column = {name: float(values[index]) for name, values in places.home.items()}
        self.model, self.index, self.name = model, index, places.homes[index]
        self.border = column["border"] == 1.0
        self.hunger_exposure = column["hunger_exposure"]
        self.wealth_shift = column["wealth_shift"]
        self.reach = [float(share) for share in places.reach[index]]
        self.cumulated_reach = list(accumulate(self.reach))
        people = math.floor(column["population"] * model.scenario.scale + 0.5)
        traders = math.floor(people * column["trader_share"] + 0.5)
        elites = math.floor(people * column["elite_share"] + 0.5)
        self.people = {
            Class.POOR: people - traders - elites,
            Class.TRADER: traders,
            Class.ELITE: elites,
        }
        self.belief = {risk: on_grid(law.belief_start[risk]) for risk in Risk}
        self.heard = {risk: [0, 0] for risk in Risk}
        self.returned = 0

    def lever(self, lever: Lever) -> float:
        """Value of a lever here this month."""
        return self.model.levers[lever][len(self.model.sectors) + self.index]

    def pressure(self, class_: Class) -> float:
        """R1: hardship of the neediest of a class this month."""
        law = self.model.laws.residents
        shortage = self.lever(Lever.ECONOMY_FOOD_SHORTAGE)
        exposure = self.hunger_exposure * law.class_exposure[class_]
        return r.hardship_pressure(shortage, exposure, self.markets, law)

    @property
    def markets(self) -> float:
        """Market index here this month."""
        return self.lever(Lever.ECONOMY_MARKET_INDEX)

    def hear(self, risk: Risk, bad: bool) -> None:
        """An outcome at the river becomes known (R4)."""
        self.heard[risk][0] += 1
        self.heard[risk][1] += bad

    def learn(self, in_china: int) -> None:
        """R4: beliefs at the end of the month, with so many of the home's people in China."""
        law = self.model.laws.residents
        for risk in (Risk.RIVER_UNAIDED, Risk.RIVER_HIRE):
            known, bad = self.heard[risk]
            self.belief[risk] = on_grid(r.updated_belief(self.belief[risk], known, bad, law))
            self.heard[risk] = [0, 0]
        known_abroad = law.awareness * in_china
        bad_abroad = law.awareness * min(in_china, 12 * self.returned)
        belief = r.updated_belief(self.belief[Risk.CHINA], known_abroad, bad_abroad, law)
        self.belief[Risk.CHINA] = on_grid(belief)
        self.returned = 0


class Sector:
    """A stretch of the river: its market for consent, its trade, and its far bank.

    Money kept here is whole KRW thousand: ``going_bribe``, ``expected_profit``. ``danger``,
    ``norm`` and ``awareness`` are on the grid.
    """

    guards: list[Guard]
    traffickers: list[Trafficker]

    def __init__(self, model: TwinModel, index: int) -> None:
        places, laws = model.scenario.places, model.laws
        column = {name: float(values[index]) for name, values in places.sector.items()}
        self.model, self.index, self.name = model, index, places.sectors[index]
        self.bank = places.homes.index(places.sector_homes[index])
        self.length = column["length_km"]
        self.difficulty = column["river_difficulty"]
        self.chinese_cost = column["chinese_cost"]
        self.guard_pressure = column["guard_pressure"]
        self.far_bank = column["far_bank"]
        self.pool = max(1, whole(column["pool"] * model.scenario.scale))
        self.informants = 1
        self.guards, self.traffickers = [], []
        self.going_bribe = thousand(laws.guards.minimum_bribe)
        self.expected_profit = 0
        self.danger = on_grid(laws.traffickers.belief_start)
        self.norm = on_grid(laws.informants.norm_start)
        self.awareness = on_grid(laws.informants.aware_start)
        self.exponent = self.water = 0.0
        self.agreed_markup = 0.0
        self.mean_reservation = 0
        self.open_month()

    def open_month(self) -> None:
        """Forget what happened here last month."""
        self.bribes: list[int] = []
        self.deals: list[int] = []
        self.reports_acted_on = 0

    def lever(self, lever: Lever) -> float:
        """Value of a lever here this month."""
        return self.model.levers[lever][self.index]

    @property
    def markets(self) -> float:
        """Market index of the home on the Northern bank."""
        return self.model.homes[self.bank].markets

    @property
    def enforcement(self) -> float:
        """Share of cases that local government in China does not let slide."""
        return 1.0 - self.lever(Lever.CHINA_LOCAL_TOLERANCE)

    def yuan(self, lever: Lever) -> float:
        """A bounty or fine of China in KRW million."""
        return self.lever(lever) * self.model.lever(Lever.ECONOMY_EXCHANGE_RATE) * 1e-3

    @property
    def chinese_part(self) -> float:
        """T1: what the Chinese side takes this month, KRW million."""
        return tr.chinese_part(
            self.chinese_cost, self.enforcement, self.lever(Lever.CHINA_PATROL_RATE),
            self.yuan(Lever.CHINA_HELPER_FINE), self.model.laws.traffickers,
        )  # fmt: skip

    @property
    def on_duty(self) -> list[Guard]:
        """Guards on the river this month: the first of the sector's places."""
        wanted = self.length * self.model.scenario.scale * self.lever(Lever.GUARDS_PER_KM)
        return self.guards[: min(math.floor(wanted + 0.5), len(self.guards))]

    @property
    def active(self) -> list[Trafficker]:
        """Traffickers in business."""
        return [trafficker for trafficker in self.traffickers if trafficker.is_active]

    def agree(self) -> None:
        """T7: the markup sellers would post by if they acted as one, before any move of step 3."""
        markups = [trafficker.markup for trafficker in self.active]
        start = self.model.laws.traffickers.markup_start
        self.agreed_markup = grid_mean(markups) if markups else start

    def watch(self) -> None:
        """How closely the river is watched this month, and how dangerous the water is."""
        law, of_year = self.model.laws.river, self.model.month % 12
        works = w.border_works(
            self.lever(Lever.BORDER_CAMERA_COVERAGE), self.lever(Lever.BORDER_WIRE_COVERAGE),
            self.lever(Lever.BORDER_CLOSURE), law,
        )  # fmt: skip
        on_duty = self.on_duty
        scaled = sum(whole(guard.fear * 2**20) for guard in on_duty)
        fear = scaled // max(len(on_duty), 1) * 2.0**-20
        effort = w.guards_effort(self.lever(Lever.GUARDS_CAPTURE_REWARD), fear, law)
        per_km = self.lever(Lever.GUARDS_PER_KM)
        season = law.watch_season[of_year]
        self.exponent = w.detection_exponent(per_km, effort, works, season, law)
        self.water = w.drowning_probability(self.difficulty, law.flood_season[of_year], law)

    def learn_norm(self, in_china: int) -> None:
        """Norm of reporting and awareness of bounties, at the end of the month."""
        law = self.model.laws.informants
        share = 12.0 * self.reports_acted_on / max(in_china, 1)
        target = min(1.0, share / law.norm_span)
        self.norm = on_grid(self.norm + pull(law.norm_half_life) * (target - self.norm))
        offered = max(
            self.lever(Lever.CHINA_BOUNTY_REPORT),
            self.lever(Lever.CHINA_BOUNTY_CAPTURE),
            self.lever(Lever.CHINA_HELPER_FINE),
        )
        target = min(1.0, offered / law.aware_reference)
        moved = pull(law.aware_half_life) * (target - self.awareness)
        self.awareness = on_grid(self.awareness + moved)

    def update_going_bribe(self) -> None:
        """The going bribe follows what bought consent to a sold crossing this month."""
        if self.bribes:
            seen = sum(self.bribes) / len(self.bribes)
        else:
            seen = max(0.0, float(self.mean_reservation))
        share = pull(self.model.laws.traffickers.bribe_half_life)
        self.going_bribe = whole(self.going_bribe + share * (seen - self.going_bribe))

    def learn_danger(self) -> None:
        """T1: arrests of traffickers as the trade of the sector hears of them."""
        law = self.model.laws.traffickers
        arrested = sum(trafficker.is_arrested for trafficker in self.active)
        known = len(self.deals) + arrested
        if known > 0:
            share = min(known, law.danger_sample) / law.danger_sample / law.average_months
            self.danger = on_grid(self.danger + share * (arrested / known - self.danger))

    def learn_profit(self, profits: list[int]) -> None:
        """T4: profit expected in the sector, from those of the traffickers active this month."""
        law = self.model.laws.traffickers
        if profits:
            seen = sum(profits) / len(profits)
        else:
            bribe = million(self.going_bribe)
            capacity = int(law.capacity + 0.5)
            seen = 1000.0 * tr.expected_if_nobody_sells(bribe, self.chinese_part, capacity, law)
        moved = 1.0 / law.average_months * (seen - self.expected_profit)
        self.expected_profit = thousand((self.expected_profit + moved) * 1e-3)

    @property
    def lookback(self) -> int:
        """Whole months an inspection of guards looks back on."""
        return whole(self.lever(Lever.GUARDS_LOOKBACK_MONTHS))

    def inspection_probability(self, cameras: float) -> float:
        """G3: chance that a guard is honestly inspected; ``cameras`` as in the equation."""
        return g.inspection_probability(
            self.lever(Lever.GUARDS_INSPECTION_RATE), self.lever(Lever.GUARDS_INSPECTION_HONESTY),
            self.guard_pressure, cameras,
        )  # fmt: skip

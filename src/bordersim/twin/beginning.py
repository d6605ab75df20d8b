"""January 1995: who is where, who trades, and which guards they know (C6)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bordersim.codes import Class, Status
from bordersim.rng import Stream
from bordersim.twin.draws import draw, index_below, uniform
from bordersim.twin.equations.numbers import first_above, whole
from bordersim.twin.guards import start_posts
from bordersim.twin.residents import Resident
from bordersim.twin.traffickers import Trafficker, start_trade_of_1995

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel

_CAPITAL = "pyongyang"


def create_residents(model: TwinModel) -> dict[int, Resident]:
    """Everybody, by uid: block << 25 | index, block = 3 home + class."""
    found = {}
    for home in model.homes:
        for class_ in Class:
            block = home.index * 3 + class_
            for index in range(home.people[class_]):
                uid = block << 25 | index
                found[uid] = Resident(model, uid)
    return found


def official_uids(model: TwinModel) -> frozenset[int]:
    """E1: officials abroad are the first of the capital's elite."""
    capital = next(home for home in model.homes if home.name == _CAPITAL)
    wanted = whole(model.laws.population.officials_abroad * model.scenario.scale)
    number = min(wanted, capital.people[Class.ELITE])
    block = capital.index * 3 + Class.ELITE
    return frozenset(block << 25 | index for index in range(number))


def start_river_and_trade(model: TwinModel) -> None:
    """Posts of guards, places of the trade, and the traffickers of January 1995."""
    first_number = slot = 0
    for sector in model.sectors:
        start_posts(sector, first_number)
        first_number += len(sector.guards)
        sector.traffickers = [Trafficker(model, sector, slot + i) for i in range(sector.pool)]
        slot += sector.pool
    share = model.laws.traffickers.start_active * model.scenario.scale / slot
    for sector in model.sectors:
        start_trade_of_1995(sector, share)


def create_informant_crowds(model: TwinModel) -> None:
    """Sizes of the crowds on the far bank, by length and how many may be met there."""
    weights = [sector.length * sector.far_bank for sector in model.sectors]
    number = model.laws.informants.number * model.scenario.scale
    for sector, weight in zip(model.sectors, weights, strict=True):
        sector.informants = max(1, math.floor(number * weight / sum(weights)))


def place_in_china(model: TwinModel) -> None:
    """The poor who are in China when the run begins."""
    people = [home.people[Class.POOR] * sum(home.reach) for home in model.homes]
    homes = [number / sum(people) for number in people]
    for k in range(whole(model.laws.china.start_stock * model.scenario.scale)):
        bits = model.luck.lasting(Stream.START, 1, k)
        home_index = first_above(uniform(draw(bits, 1)), homes)
        home = model.homes[len(homes) - 1 if home_index is None else home_index]
        index = index_below(draw(bits, 2), home.people[Class.POOR])
        reach = [share / sum(home.reach) for share in home.reach]
        sector_index = first_above(uniform(draw(bits, 3)), reach)
        resident = model.residents[(home.index * 3 + Class.POOR) << 25 | index]
        if resident.status != Status.HOME:
            continue
        resident.sector = model.sectors[len(reach) - 1 if sector_index is None else sector_index]
        resident.left = 0
        resident.move_to(Status.CHINA)

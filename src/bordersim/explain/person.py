"""Who a resident is: traits, means, and how likely leaving is considered (R1-R3, R6)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from bordersim.agents.south import KIN_ROOM
from bordersim.codes import EPOCH_YEAR, Class, Lever, Sex
from bordersim.errors import Problem, ScenarioError
from bordersim.explain.engine import residents, rng, south, traits
from bordersim.rng import Stream
from bordersim.scenario import Scenario
from bordersim.state import BLOCK_BITS, I64, Land

_CLASSES = len(Class)


@dataclass(frozen=True)
class Traits:
    """What never changes about a resident.

    Attributes
    ----------
    uid, home, cls, sex, age_band
        Codes; ``age_band`` 0 to 6.
    hardship_rank
        0 to 1; 1 is worst off in home and class.
    wealth_z
        Quantile of wealth within the class, as a standard normal.
    tolerance
        Personal weight on risk; the median is 1.
    official
        Whether posted abroad in January 1995 (E1).
    """

    uid: int
    home: int
    cls: int
    sex: int
    age_band: int
    hardship_rank: float
    wealth_z: float
    tolerance: float
    official: bool


def check_uid(uid: int, scenario: Scenario, people: I64) -> None:
    """Refuse a uid that nobody has.

    Parameters
    ----------
    uid
        As asked for.
    scenario
        Names of the homes.
    people
        Residents by block.

    Raises
    ------
    ScenarioError
        With the uids there are.
    """
    block = uid >> BLOCK_BITS
    if 0 <= block < len(people) and (uid & ((1 << BLOCK_BITS) - 1)) < people[block]:
        return
    ranges = "; ".join(
        f"{home.replace('_', ' ')} "
        + ", ".join(
            f"{first << BLOCK_BITS}-{(first << BLOCK_BITS) + int(people[first]) - 1} {kind}"
            for kind, first in zip(
                ("poor", "trader", "elite"), range(3 * h, 3 * h + 3), strict=True
            )
            if people[first] > 0
        )
        for h, home in enumerate(scenario.places.homes)
    )
    message = (
        f"nobody has uid {uid} at scale {scenario.scale:g}. Uids by home and class: {ranges}. "
        "`bordersim why RUN --pick arrived` finds somebody with a story"
    )
    raise ScenarioError([Problem("UID", str(uid), message)])


def traits_of(uid: int, world_seed: int, laws: Any, land: Land) -> Traits:
    """Traits of a resident who exists."""
    people = laws.population

    def key(stream: Stream) -> Any:
        return rng.stream_key(world_seed, stream)

    block, index = uid >> BLOCK_BITS, uid & ((1 << BLOCK_BITS) - 1)
    return Traits(
        uid=uid,
        home=block // _CLASSES,
        cls=block % _CLASSES,
        sex=int(traits.sex_of(key(Stream.SEX), uid, people.female_share)),
        age_band=int(traits.age_of(key(Stream.AGE), uid, people.age_shares)),
        hardship_rank=float(traits.rank_of(key(Stream.HARDSHIP), uid)),
        wealth_z=float(traits.z_of(key(Stream.WEALTH), uid)),
        tolerance=float(
            traits.tolerance(people.risk_tolerance_sigma, traits.z_of(key(Stream.TOLERANCE), uid))
        ),
        official=bool(block == land.officials[0] and index < land.officials[1]),
    )


def endowment(who: Traits, levers: Any, land: Land, laws: Any) -> float:
    """R2: wealth without what was received or spent, KRW million, under a month's levers."""
    people, cls = laws.population, who.cls
    return float(
        traits.wealth(
            people.wealth_median[cls],
            people.wealth_sigma[cls],
            people.wealth_market_slope,
            levers[Lever.ECONOMY_MARKET_INDEX, len(land.sector) + who.home],
            land.home.wealth_shift[who.home],
            who.wealth_z,
        )
    )


@dataclass(frozen=True)
class Intensity:
    """R1 and R3 in one month: how keenly a resident at home considers leaving.

    Attributes
    ----------
    markets, hardship
        Market index of the home; hardship of the person, 0 to 1.
    age, sex
        Factors on the base.
    base, case
        Considerations a month, and those that corruption cases add.
    """

    markets: float
    hardship: float
    age: float
    sex: float
    base: float
    case: float

    @property
    def rate(self) -> float:
        """Considerations a month, history left out."""
        return self.case + self.base


def intensity_of(who: Traits, levers: Any, land: Land, laws: Any) -> Intensity:
    """R1 and R3 of a resident under the levers of one month, (levers, places)."""
    law, place = laws.intensity, len(land.sector) + who.home
    markets = float(levers[Lever.ECONOMY_MARKET_INDEX, place])
    pressure = residents.hardship_pressure(
        levers[Lever.ECONOMY_FOOD_SHORTAGE, place], land.home.hunger[who.home],
        law.class_exposure[who.cls], law.buffer, markets,
    )  # fmt: skip
    hardship = float(pressure * who.hardship_rank)
    age = math.exp(law.age_effect[who.age_band])
    sex = 1.0
    if who.sex == Sex.FEMALE:
        sex = residents.sex_factor(law.sex_base, law.sex_market, law.sex_market_half, markets)
    return Intensity(
        markets=markets,
        hardship=hardship,
        age=age,
        sex=float(sex),
        base=float(residents.base_intensity(law.k0_log, law.k_hardship, hardship, age, sex)),
        case=float(
            residents.case_intensity(
                levers[Lever.ECONOMY_CORRUPTION_CASE_RATE, place],
                law.case_exposure[who.cls],
                law.case_response,
            )
        ),
    )


def yearly_chances(
    who: Traits, paths: Any, land: Land, laws: Any, first: int, last: int
) -> dict[int, float]:
    """Chance of considering leaving at least once, by calendar year, at home without history.

    Parameters
    ----------
    who, land, laws
        The resident, the places and the parameters.
    paths
        Levers by month, shape (months, levers, places).
    first, last
        Months, inclusive.

    Returns
    -------
    dict
        Year to chance; zero for officials abroad, who are asked otherwise (E1).
    """
    total: dict[int, float] = {}
    for month in range(first, last + 1):
        rate = 0.0 if who.official else intensity_of(who, paths[month], land, laws).rate
        year = EPOCH_YEAR + month // 12
        total[year] = total.get(year, 0.0) + rate
    return {year: -math.expm1(-rate) for year, rate in total.items()}


def kin_of(who: Traits, world_seed: int, land: Land, laws: Any) -> tuple[int, ...]:
    """R6: uids of kin; somebody may be there twice."""
    room = np.zeros(KIN_ROOM, np.int64)
    act = SimpleNamespace(world_seed=world_seed)
    found = south.kin_of(act, land, laws.population, None, who.uid, room, True)
    return tuple(int(uid) for uid in room[: int(found)])

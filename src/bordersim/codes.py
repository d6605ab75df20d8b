"""Codes shared by every floor: what a number in an array means.

Each enumeration is the single definition of its codes. Kernels use the members
as array indices; files and tables use the lower-case names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

EPOCH_YEAR = 1995
"""Month 0 is January of this year; every ``month`` in the package counts from it."""

LAST_MONTH = 12 * (2025 - EPOCH_YEAR) + 11
"""2025-12, the last month the data reach."""


class Sex(IntEnum):
    """Sex of a resident."""

    FEMALE = 0
    MALE = 1


class Class(IntEnum):
    """Economic class of a resident."""

    POOR = 0
    TRADER = 1
    ELITE = 2


class Status(IntEnum):
    """Where a resident is; the six add up to the population in every month."""

    HOME = 0
    CHINA = 1
    CUSTODY = 2
    TRANSIT = 3
    ARRIVED = 4
    DEAD = 5


class Mode(IntEnum):
    """What a resident who considers leaving chooses."""

    STAY = 0
    UNAIDED = 1
    FOOD = 2
    HIRE = 3


class Risk(IntEnum):
    """Beliefs a home holds (model.md R4)."""

    RIVER_UNAIDED = 0
    RIVER_HIRE = 1
    CHINA = 2


class TraffickerStatus(IntEnum):
    """State of a trafficker's slot."""

    EMPTY = 0
    ACTIVE = 1
    JAILED = 2


class Meeting(IntEnum):
    """What an informant does at a meeting (model.md C2)."""

    IGNORE = 0
    HELP = 1
    REPORT = 2
    SEIZE = 3


class Offer(IntEnum):
    """What a guard does with an offer (model.md G1, G2)."""

    REFUSE = 0
    ACCEPT = 1
    ARREST = 2
    BETRAY = 3


class Cause(IntEnum):
    """Cause of an arrest in China."""

    REPORT = 0
    SEIZURE = 1
    PATROL = 2
    PURSUIT = 3
    ROUTE = 4


class Account(IntEnum):
    """Kinds of account holder; every payment moves money from one to another."""

    RESIDENTS = 0
    KIN_ABROAD = 1
    TRAFFICKERS = 2
    GUARDS = 3
    INFORMANTS = 4
    HELPERS = 5
    CHINA = 6
    NORTH = 7
    WORLD = 8


class Lever(IntEnum):
    """Levers a policy can move; the key is ``group.name`` (see ``LEVER_KEYS``)."""

    GUARDS_INSPECTION_RATE = 0
    GUARDS_LOOKBACK_MONTHS = 1
    GUARDS_PUNISHMENT_LOSS = 2
    GUARDS_CAPTURE_REWARD = 3
    GUARDS_BETRAYAL_REWARDED = 4
    GUARDS_ROTATION_MONTHS = 5
    GUARDS_LINKS_BROKEN = 6
    GUARDS_PER_KM = 7
    GUARDS_INSPECTION_HONESTY = 8
    BORDER_CAMERA_COVERAGE = 9
    BORDER_WIRE_COVERAGE = 10
    BORDER_PURSUIT_RATE = 11
    BORDER_SHOOT_ORDER = 12
    BORDER_CLOSURE = 13
    CUSTODY_SEVERITY = 14
    CHINA_PATROL_RATE = 15
    CHINA_BOUNTY_REPORT = 16
    CHINA_BOUNTY_CAPTURE = 17
    CHINA_HELPER_FINE = 18
    CHINA_SHOOT_ON_RESIST = 19
    CHINA_TIP_RESPONSE = 20
    CHINA_LOCAL_TOLERANCE = 21
    CHINA_REFOULEMENT = 22
    ECONOMY_FOOD_SHORTAGE = 23
    ECONOMY_MARKET_INDEX = 24
    ECONOMY_CORRUPTION_CASE_RATE = 25
    ECONOMY_EXCHANGE_RATE = 26
    SOUTH_SETTLEMENT_CASH = 27
    SOUTH_ONWARD_CAPACITY = 28
    SOUTH_REMITTANCE_ALLOWED = 29
    NORTH_SECURITY_BUDGET = 30
    NORTH_KIN_SURVEILLANCE = 31


LEVER_KEYS: tuple[str, ...] = tuple(
    "{}.{}".format(*member.name.lower().split("_", 1)) for member in Lever
)
"""Public key of every lever, in the order of ``Lever``."""


@dataclass(frozen=True)
class Measure:
    """What one observable means.

    ``places`` says which place the first axis counts ("home", "sector" or
    "nation"); ``by_person`` whether it is broken down by sex and class. ``kind``
    is "flow" (adds up over months and places, grows with population), "stock"
    (adds up over places, grows with population) or "level" (neither). A stored
    integer times ``unit_per_count`` is the value in ``unit``.
    """

    places: str
    unit: str
    kind: str
    by_person: bool
    unit_per_count: float
    title: str


GRID = 2.0**-20
"""Beliefs, markups and averages live on this grid, so that nothing accumulates."""


def _person(title: str, unit: str = "people", scale: float = 1.0, kind: str = "flow") -> Measure:
    return Measure("home", unit, kind, True, scale, title)


def _sector(title: str, unit: str = "events", scale: float = 1.0, kind: str = "flow") -> Measure:
    return Measure("sector", unit, kind, False, scale, title)


_MONEY = "KRW million of 2015"

_MEASURES: dict[str, Measure] = {
    # decisions, by home, sex, class
    "considerers": _person("residents who consider leaving"),
    "attempts_unaided": _person("attempts without a trafficker"),
    "attempts_food": _person("attempted food trips"),
    "attempts_hire": _person("attempts with a trafficker (served)"),
    "priced_out": _person("considerers who met offers and could afford none"),
    "unserved": _person("would-be clients refused by every trafficker for lack of room"),
    # the river
    "crossings": _person("crossings into China"),
    "crossings_paid": _person("crossings with a trafficker"),
    "turned_back": _person("attempts that ended in a return home unharmed"),
    "interceptions": _person("people caught at the river"),
    "betrayed": _person("people handed over by a guard who had been offered a bribe"),
    "deaths_drowned": _person("deaths by drowning or cold at the river"),
    "deaths_shot_river": _person("deaths by shooting at the river"),
    # China
    "arrests_report": _person("arrests in China after a report"),
    "arrests_seizure": _person("arrests in China by seizure"),
    "arrests_patrol": _person("arrests in China by patrol or raid"),
    "arrests_pursuit": _person("arrests in China by officers from the North"),
    "arrests_route": _person("arrests in China on the way onward"),
    "deaths_shot_china": _person("deaths by shooting while resisting arrest in China"),
    "repatriations": _person("people returned by China"),
    "protected": _person("people arrested in China and not returned"),
    "returns_voluntary": _person("people who went home of their own will"),
    "onward_departures": _person("departures from China towards the South"),
    # custody
    "custody_entries": _person("people taken into custody in the North"),
    "deaths_custody": _person("deaths in custody"),
    "releases": _person("releases from custody"),
    # the South
    "arrivals": _person("arrivals in the South, in the month of debriefing"),
    "arrivals_paid": _person("arrivals who had paid a trafficker"),
    "arrivals_direct": _person("arrivals within three months of leaving"),
    "arrivals_under_year": _person("arrivals within a year of leaving"),
    "arrivals_delay": _person("months since leaving, added over arrivals", "person-months"),
    "arrivals_with_kin": _person("arrivals who had kin in the South"),
    "arrivals_official": _person("arrivals of officials posted abroad"),
    "arrivals_age_0_9": _person("arrivals aged 0-9"),
    "arrivals_age_10_19": _person("arrivals aged 10-19"),
    "arrivals_age_20_29": _person("arrivals aged 20-29"),
    "arrivals_age_30_39": _person("arrivals aged 30-39"),
    "arrivals_age_40_49": _person("arrivals aged 40-49"),
    "arrivals_age_50_59": _person("arrivals aged 50-59"),
    "arrivals_age_60_up": _person("arrivals aged 60 and over"),
    "remittances": _person("money received from kin in the South", _MONEY, 1e-3),
    # stocks at the end of the month
    "stock_home": _person("people at home", kind="stock"),
    "stock_china": _person("people in China", kind="stock"),
    "stock_custody": _person("people in custody", kind="stock"),
    "stock_transit": _person("people on the way from China to the South", kind="stock"),
    "stock_arrived": _person("people in the South", kind="stock"),
    "stock_dead": _person("people who died leaving or in custody", kind="stock"),
    # guards, by sector
    "bribes": _sector("bribes taken for crossings"),
    "bribe_sum": _sector("bribes taken for crossings", _MONEY, 1e-3),
    "other_bribes": _sector("bribes from people seen alone, and from clients then betrayed"),
    "other_bribe_sum": _sector(
        "bribes from people seen alone, and from clients then betrayed", _MONEY, 1e-3
    ),
    "smuggling_bribes": _sector("bribes taken for goods"),
    "betrayals": _sector("clients handed over by a guard who took or was offered money"),
    "inspections": _sector("guards inspected"),
    "punishments": _sector("guards punished"),
    "rotations": _sector("guards moved to another post"),
    "guards": _sector("guards on the border", "guards", kind="stock"),
    "corrupt_guards": _sector("guards who took a bribe in the lookback", "guards", kind="stock"),
    "willing_guards": _sector(
        "guards whose reservation bribe is at or below the going bribe", "guards", kind="stock"
    ),
    "perceived_punishment": _sector(
        "guards' mean perceived chance of punishment in a year", "share", GRID, "level"
    ),
    "reservation_bribe": _sector("guards' mean reservation bribe", _MONEY, 1e-3, "level"),
    "going_bribe": _sector("going bribe", _MONEY, 1e-3, "level"),
    # traffickers, by sector
    "traffickers": _sector("active traffickers", "traffickers", kind="stock"),
    "traffickers_jailed": _sector("traffickers in jail", "traffickers", kind="stock"),
    "entries": _sector("traffickers entering"),
    "exits": _sector("traffickers leaving the trade"),
    "jailings": _sector("traffickers jailed"),
    "requests": _sector("requests put to traffickers"),
    "places_offered": _sector("clients the active traffickers could take"),
    "deals": _sector("crossings sold and paid"),
    "fee_sum": _sector("fees paid for crossings", _MONEY, 1e-3),
    "fee_median": _sector("median fee of the month's deals", _MONEY, 1e-3, "level"),
    "fee_p10": _sector("tenth percentile of fees", _MONEY, 1e-3, "level"),
    "fee_p90": _sector("ninetieth percentile of fees", _MONEY, 1e-3, "level"),
    "deals_border": _sector("deals with clients from border provinces"),
    "fee_sum_border": _sector("fees of clients from border provinces", _MONEY, 1e-3),
    "deals_interior": _sector("deals with clients from interior provinces"),
    "fee_sum_interior": _sector("fees of clients from interior provinces", _MONEY, 1e-3),
    "posted_fee": _sector("mean fee posted by active traffickers", _MONEY, 1e-3, "level"),
    "chinese_cost_sum": _sector("fees passed on to the Chinese side", _MONEY, 1e-3),
    # the river and China, by sector
    "sector_attempts": _sector("attempts at the river"),
    "sector_crossings": _sector("crossings into China"),
    "sector_interceptions": _sector("people caught at the river"),
    "sector_stock_china": _sector("people in China who crossed here", "people", kind="stock"),
    "encounters": _sector("meetings with Chinese residents"),
    "helps": _sector("meetings that ended in help"),
    "reports": _sector("meetings that ended in a report"),
    "seizures": _sector("attempted seizures by residents"),
    "tips_acted_on": _sector("reports the authorities acted on"),
    "bounty_sum": _sector("bounties paid", _MONEY, 1e-3),
    "fine_sum": _sector("fines paid by helpers", _MONEY, 1e-3),
    # beliefs, by home
    "perceived_risk_unaided": Measure(
        "home", "share", "level", False, GRID, "perceived risk at the river, unaided"
    ),
    "perceived_risk_hire": Measure(
        "home", "share", "level", False, GRID, "perceived risk at the river, with a trafficker"
    ),
    "perceived_risk_china": Measure(
        "home", "share", "level", False, GRID, "perceived chance of arrest in China in a year"
    ),
    # the engine's own books
    "candidates": Measure("nation", "points", "flow", False, 1.0, "points drawn by thinning"),
    "intensity_clipped": Measure(
        "nation", "people", "flow", False, 1.0, "considerers above the highest thinning layer"
    ),
}

if TYPE_CHECKING:
    Obs: Any
else:
    Obs = IntEnum("Obs", {name.upper(): i for i, name in enumerate(_MEASURES)})
"""Index of each observable in the record array."""

OBSERVABLES: dict[str, Measure] = dict(_MEASURES)
"""Every observable by name, in the order of ``Obs``."""

HARMS: tuple[str, ...] = (
    "interceptions",
    "repatriations",
    "custody_entries",
    "deaths_custody",
    "deaths_drowned",
    "deaths_shot_river",
    "deaths_shot_china",
)
"""Observables shown beside every count of arrivals."""


class Event(IntEnum):
    """Rows of the event log; ``docs/events.md`` gives their fields."""

    CONSIDERED = 0
    STAYED = 1
    PRICED_OUT = 2
    WENT_UNAIDED = 3
    WENT_FOR_FOOD = 4
    HIRED = 5
    UNSERVED = 6
    BRIBED = 7
    REFUSED = 8
    ARRESTED_BY_GUARD = 9
    BETRAYED = 10
    DETECTED = 11
    SHOT_RIVER = 12
    DROWNED = 13
    CROSSED = 14
    MET = 15
    HELPED = 16
    REPORTED = 17
    SEIZED = 18
    ARRESTED_CHINA = 19
    ESCAPED = 20
    SHOT_CHINA = 21
    REPATRIATED = 22
    PROTECTED = 23
    RETURNED_HOME = 24
    SETTLED_LONG = 25
    WENT_ONWARD = 26
    DIED_CUSTODY = 27
    RELEASED = 28
    ARRIVED = 29
    OFFICIAL_LEFT = 30
    NEWS = 31
    REMITTED = 32
    GUARD_INSPECTED = 33
    GUARD_PUNISHED = 34
    GUARD_ROTATED = 35
    TRAFFICKER_ENTERED = 36
    TRAFFICKER_EXITED = 37
    TRAFFICKER_JAILED = 38
    TRAFFICKER_FREED = 39

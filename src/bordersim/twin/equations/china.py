"""C1, C2, C4, K1: clocks of a month in China, what informants weigh, and custody."""

from __future__ import annotations

import math
from typing import Any

from bordersim.twin.equations.numbers import chance


def still_at_border_probability(stayed: int, law: Any) -> float:
    """C1: chance of not having moved inland after so many months."""
    return math.exp(-stayed / law.inland_months)


def meeting_rate(early: float, zone: float, household: float, far_bank: float, law: Any) -> float:
    """C1: meetings a month with people of the far bank."""
    return float(law.encounter_rate * early * zone * household * far_bank)


def onward_capacity(opening: float, cash: float, capacity: float, season: float, law: Any) -> float:
    """C4: onward hazard a month of somebody who has just crossed, for the whole nation."""
    open_ = law.onward_early + (law.onward_late - law.onward_early) * opening
    support = (cash / law.settlement_reference) ** law.settlement_elasticity
    return float(open_ * support * capacity * season)


def not_settled(stayed: int, law: Any) -> float:
    """C4: share of the onward hazard that settling in China leaves."""
    return float(2.0 ** (-stayed / law.settle_half_life))


def onward_hazard(national: float, household: float, stayed: int, ties: float, law: Any) -> float:
    """C4: onward hazard a month of one person; ``ties`` is what kin and help multiply."""
    return national * household * not_settled(stayed, law) * ties


def route_risk(patrol: float, law: Any) -> float:
    """C4: chance of arrest on the way onward."""
    return chance(patrol * law.route_exposure)


def months_of_income(money: float, income: float, law: Any) -> float:
    """C2: what money means to an informant, in utility."""
    return float(law.sensitivity * money / income)


def help_utility(sympathy: float, paid: float, fine: float, law: Any) -> float:
    """C2: worth of helping; ``paid`` and ``fine`` are months_of_income."""
    return float(law.help_base + sympathy + paid - fine)


def report_utility(norm: float, bounty: float, sympathy: float, law: Any) -> float:
    """C2: worth of reporting; ``bounty`` is months_of_income."""
    return float(law.report_base + law.norm_effect * norm + bounty - sympathy)


def seize_utility(norm: float, bounty: float, sympathy: float, law: Any) -> float:
    """C2: worth of seizing; ``bounty`` is months_of_income."""
    return float(law.seize_base + law.norm_effect * norm + bounty - sympathy)


def term_months(waiting: float, mean: float, severity: float) -> int:
    """K1: months in custody; ``waiting`` is exponential with mean one."""
    return 1 + math.floor(waiting * mean * severity)


def death_probability(severity: float, law: Any) -> float:
    """K1: chance to die in a month of custody; ``law`` is the group custody."""
    return chance(law.death_rate * severity)

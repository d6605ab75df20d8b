"""G1 to G6: fear, inspections, and a guard's answer to money."""

from __future__ import annotations

from typing import Any

from bordersim.twin.equations.numbers import logistic


def inspection_probability(rate: float, honesty: float, pressure: float, cameras: float) -> float:
    """G3: chance of an honest inspection in a month.

    Parameters
    ----------
    rate, honesty
        Levers ``guards.inspection_rate`` and ``guards.inspection_honesty``.
    pressure
        Of the sector.
    cameras
        1 + camera_inspection at a covered post, 1 elsewhere; in between for a mean.
    """
    return min(1.0, rate * honesty * pressure * cameras)


def punishment_probability(bribes: float, law: Any) -> float:
    """G3: chance that an inspection finds one of so many bribes."""
    return float(1.0 - (1.0 - law.detection_per_bribe) ** bribes)


def announced_risk(inspection: float, lookback: int, law: Any) -> float:
    """G4: yearly chance of punishment of a guard who takes what goods bring."""
    found = punishment_probability(law.smuggling_rate * lookback, law)
    return min(1.0, 12.0 * inspection * found)


def next_fear(fear: float, announced: float, seen: float, law: Any) -> float:
    """G4: belief of punishment in a year after a month; before rounding."""
    target = law.announced_weight * announced + (1.0 - law.announced_weight) * seen
    pull = 1.0 - 2.0 ** (-1.0 / law.belief_half_life)
    return float(fear + pull * (target - fear))


def weighed_fear(fear: float, lookback: int, law: Any) -> float:
    """G6: chance of punishment a guard weighs, of a year (0) up to a record's life (1).

    Parameters
    ----------
    fear
        Believed chance of punishment in a year.
    lookback
        Months for which a bribe taken now can be found.
    law
        Group guards.
    """
    unpunished_for_life = max(0.0, 1.0 - fear) ** (lookback / 12.0)
    ahead = law.foresight
    return float((1.0 - ahead) * fear + ahead * (1.0 - unpunished_for_life))


def reservation_bribe(
    fear: float, loss: float, reward: float, ambition: float, inclination: float, law: Any
) -> float:
    """G1: least bribe a guard takes from somebody known, without the error."""
    return float(fear * loss + law.reward_weight * reward * ambition + inclination)


def goods_probability(fear: float, loss: float, inclination: float, law: Any) -> float:
    """G3: chance that a guard takes bribes for goods this month."""
    worth = law.smuggling_worth - fear * loss * law.smuggling_loss - inclination
    return logistic(worth / law.choice_scale)


def traded_bribe(asked: float, room: float, law: Any) -> float:
    """G1: bribe paid to a known guard when room >= asked and room > 0."""
    shared = (1.0 - law.trade_share) * asked + law.trade_share * room
    return float(min(room, max(law.minimum_bribe, shared)))


def accept_utility(bribe: float, fear: float, loss: float, inclination: float) -> float:
    """G2: worth of taking a stranger's bribe."""
    return bribe - fear * loss - inclination


def arrest_utility(reward: float, ambition: float, inclination: float, law: Any) -> float:
    """G2: worth of arresting a stranger who offers a bribe."""
    return float(reward * ambition + inclination - law.arrest_effort)


def betray_utility(bribe: float, reward: float, inclination: float, loss: float, law: Any) -> float:
    """G2: worth of taking the prepaid part and then arresting.

    ``reward`` is the reward after betrayal times the guard's ambition.
    """
    gained = law.prepaid * bribe + reward + inclination
    return float(gained - bribe * law.link_crossings - law.exposure * loss - law.arrest_effort)

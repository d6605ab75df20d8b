"""R1 to R5: how often residents consider leaving, and what each way out is worth."""

from __future__ import annotations

import math
from typing import Any

from bordersim.codes import Class, Sex


def hardship_pressure(shortage: float, exposure: float, markets: float, law: Any) -> float:
    """R1: hardship of the neediest resident of a home and class, before class exposure.

    Parameters
    ----------
    shortage
        ``economy.food_shortage``, 0 to 1.
    exposure
        Hunger exposure of the home times that of the class.
    markets
        ``economy.market_index``.
    law
        Group residents.
    """
    return float(shortage * exposure * max(0.0, 1.0 - law.buffer * markets))


def wealth(class_: Class, shift: float, markets: float, z: float, law: Any) -> float:
    """R2: what a resident owns, KRW million; ``z`` is the standard normal of the person."""
    log = math.log(law.wealth_median[class_]) + shift
    log += law.wealth_market_slope * (markets - 1.0)
    return math.exp(log + law.wealth_sigma[class_] * z)


def sex_factor(sex: Sex, markets: float, law: Any) -> float:
    """R3: women consider leaving more often as markets grow; men's factor is one."""
    if sex == Sex.MALE:
        return 1.0
    rise = law.sex_market * markets / (markets + law.sex_market_half)
    return math.exp(law.sex_base + rise)


def base_intensity(hardship: float, age_effect: float, sex: float, law: Any) -> float:
    """R3: considerations a month that hardship, age and sex explain."""
    return float(math.exp(law.k0_log + law.k_hardship * hardship) * math.exp(age_effect) * sex)


def case_intensity(case_rate: float, exposure: float, law: Any) -> float:
    """R3, M8: considerations a month brought by corruption and business cases."""
    return float(case_rate * exposure * law.case_response)


def kin_effect(months: int, law: Any) -> float:
    """R3: log effect of kin who arrived ``months`` ago, before surveillance."""
    return float(law.k_kin * 2.0 ** (-months / law.kin_half_life))


def again_effect(months: int, law: Any) -> float:
    """R3: log effect of a release from custody ``months`` ago."""
    return float(law.k_again * 2.0 ** (-months / law.again_half_life))


def unwatched(surveillance: float, law: Any) -> float:
    """R3, R7: share of what kin mean that surveillance of families leaves."""
    return float(1.0 - law.surveillance_effect * surveillance)


def updated_belief(belief: float, known: float, bad: float, law: Any) -> float:
    """R4: belief of a home after ``known`` outcomes, ``bad`` of them; before rounding."""
    if known <= 0.0:
        return belief
    share_heard = min(known, law.belief_sample) / law.belief_sample
    pull = 1.0 - 2.0 ** (-1.0 / law.belief_half_life)
    return float(belief + pull * share_heard * (bad / known - belief))


def personal_risk(belief: float, known: int, caught: int, law: Any) -> float:
    """R4: a person's risk at the river, from the home's belief and own experience."""
    weight = law.experience_weight
    return float(
        (belief * law.belief_sample + weight * caught) / (law.belief_sample + weight * known)
    )


def dread(tolerance: float, law: Any, sigma: float) -> float:
    """R5: personal weight on risk; ``tolerance`` is the standard normal of the person."""
    return float(law.a_risk * math.exp(sigma * tolerance))


def perceived_harm(river: float, china: float, law: Any) -> float:
    """R5: risks times severities; multiplied by dread it is what a crossing costs."""
    return float(law.severity_river * river + law.severity_china * china)


def hire_utility(gain: float, fee: float, means: float, fear: float, law: Any) -> float:
    """R5: utility of an offer without its errors.

    Parameters
    ----------
    gain
        Utility of where it leads.
    fee, means
        What it costs and what can be paid, KRW million; fee < means.
    fear
        Dread times perceived harm.
    law
        Group residents.
    """
    return float(gain + law.gain_hire + law.a_fee * math.log(1.0 - fee / means) - fear)

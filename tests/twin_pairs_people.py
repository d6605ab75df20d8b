"""What twin and engine both compute, side by side: residents and traffickers.

Name to the twin's equation, the engine's, and the ranges of the arguments they share.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bordersim._jit import plain
from bordersim.agents import beliefs, residents, traffickers, traits
from bordersim.codes import Class, Sex
from bordersim.twin.equations import residents as twin_residents
from bordersim.twin.equations import traffickers as twin_traffickers
from tests.twin_ranges import MONEY, MONTHS, NORMAL, SHARE, Law, Pair, of

PAIRS: dict[str, Pair] = {
    "R1 hardship": (
        lambda s, e, c, b, m: twin_residents.hardship_pressure(s, e * c, m, Law(buffer=b)),
        plain(residents.hardship_pressure),
        (SHARE, SHARE, SHARE, of("residents.buffer"), (0.0, 1.5)),
    ),
    "R2 wealth": (
        lambda med, sig, slope, m, shift, z: twin_residents.wealth(
            Class.TRADER, shift, m, z,
            Law(wealth_median=(0, med), wealth_sigma=(0, sig), wealth_market_slope=slope),
        ),
        plain(traits.wealth),
        (
            of("population.wealth_median"), of("population.wealth_sigma"),
            of("population.wealth_market_slope"), (0.0, 1.5), (-1.0, 1.0), NORMAL,
        ),
    ),
    "R3 sex": (
        lambda b, rise, half, m: twin_residents.sex_factor(
            Sex.FEMALE, m, Law(sex_base=b, sex_market=rise, sex_market_half=half)
        ),
        plain(residents.sex_factor),
        (
            of("residents.sex_base"), of("residents.sex_market"),
            of("residents.sex_market_half"), (0.0, 1.5),
        ),
    ),
    "R3 base": (
        lambda k0, k, h, age, sex: twin_residents.base_intensity(
            h, age, sex, Law(k0_log=k0, k_hardship=k)
        ),
        lambda k0, k, h, age, sex: plain(residents.base_intensity)(k0, k, h, math.exp(age), sex),
        (
            of("residents.k0_log"), of("residents.k_hardship"), SHARE,
            of("residents.age_effect"), (0.1, 20.0),
        ),
    ),
    "R3 cases": (
        lambda rate, e, resp: twin_residents.case_intensity(rate, e, Law(case_response=resp)),
        plain(residents.case_intensity),
        (of("economy.corruption_case_rate"), SHARE, of("residents.case_response")),
    ),
    "R3 kin": (
        lambda k, half, m: twin_residents.kin_effect(m, Law(k_kin=k, kin_half_life=half)),
        plain(residents.kin_effect),
        (of("residents.k_kin"), of("residents.kin_half_life"), MONTHS),
    ),
    "R3 again": (
        lambda k, half, m: twin_residents.again_effect(m, Law(k_again=k, again_half_life=half)),
        plain(residents.again_effect),
        (of("residents.k_again"), of("residents.again_half_life"), MONTHS),
    ),
    "R4 home": (
        lambda p, n, share, half, cap: twin_residents.updated_belief(
            p, n, n * share, Law(belief_half_life=half, belief_sample=cap)
        ),
        lambda p, n, share, half, cap: plain(beliefs.updated_belief)(p, n, n * share, half, cap),
        (
            SHARE, (0.0, 5000.0), SHARE, of("residents.belief_half_life"),
            of("residents.belief_sample"),
        ),
    ),
    "R4 person": (
        lambda p, sample, w, known, caught: twin_residents.personal_risk(
            p, known, caught, Law(belief_sample=sample, experience_weight=w)
        ),
        plain(residents.personal_risk),
        (
            SHARE, of("residents.belief_sample"), of("residents.experience_weight"),
            (0.0, 250.0), (0.0, 250.0),
        ),
    ),
    "R5 dread": (
        lambda a, sigma, z: twin_residents.dread(z, Law(a_risk=a), sigma),
        lambda a, sigma, z: a * plain(traits.tolerance)(sigma, z),
        (of("residents.a_risk"), of("population.risk_tolerance_sigma"), NORMAL),
    ),
    "R5 hire": (
        lambda g, h, a, share, means, fear: twin_residents.hire_utility(
            g, share * means, means, fear, Law(gain_hire=h, a_fee=a)
        ),
        lambda g, h, a, share, means, fear: plain(residents.hire_utility)(
            g + h, a, share * means, means, fear
        ),
        (
            of("residents.gain"), of("residents.gain_hire"), of("residents.a_fee"),
            (0.0, 0.99), (0.01, 100.0), (0.0, 30.0),
        ),
    ),
    "T1 Chinese part": (
        lambda cost, base, loss, e, fine, patrol, tol: twin_traffickers.chinese_part(
            cost, 1.0 - tol, patrol, fine,
            Law(chinese_base=base, chinese_loss=loss, fine_exposure=e),
        ),
        lambda cost, base, loss, e, fine, patrol, tol: (
            cost * plain(traffickers.chinese_part)(base, loss, e, fine, patrol, tol)
        ),
        (
            (0.5, 2.0), of("traffickers.chinese_base"), of("traffickers.chinese_loss"),
            of("traffickers.fine_exposure"), (0.0, 10.0), of("china.patrol_rate"), SHARE,
        ),
    ),
    "T1 cost, border": (
        lambda b, c, o, d, x: twin_traffickers.crossing_cost(b, c, o, d, Law(penalty=x)),
        lambda b, c, o, d, penalty: plain(traffickers.crossing_cost)(b, c, o, d, penalty, 0.0),
        (MONEY, MONEY, (0.0, 2.0), SHARE, of("traffickers.penalty")),
    ),
    "T1 cost, interior": (
        lambda b, c, o, d, penalty, x: (
            twin_traffickers.crossing_cost(b, c, o, d, Law(penalty=penalty))
            + twin_traffickers.surcharge(b + c, Law(interior_surcharge=x))
        ),
        plain(traffickers.crossing_cost),
        (
            MONEY, MONEY, (0.0, 2.0), SHARE, of("traffickers.penalty"),
            of("traffickers.interior_surcharge"),
        ),
    ),
    "T1 operating": (
        lambda full, slope, m: twin_traffickers.operating_cost(full, m, slope),
        plain(traffickers.income_outside),
        ((0.0, 2.0), of("population.wealth_market_slope"), (0.0, 1.5)),
    ),
    "T2 fee": (
        twin_traffickers.posted_fee, plain(traffickers.posted_fee),
        (MONEY, of("traffickers.markup_high")),
    ),
    "T2 markup": (
        lambda *x: twin_traffickers.next_markup(x[0], x[1], MarkupLaw(*x[2:])),
        lambda *x: traffickers.next_markup(x[0], x[1], MarkupLaw(*x[2:])),
        (
            (0.1, 0.9), (0.0, 2.0), of("traffickers.markup_gain"), of("traffickers.markup_target"),
            of("traffickers.markup_pull"), of("traffickers.markup_centre"),
            of("traffickers.cartel"), of("traffickers.cartel_target"),
            of("traffickers.cartel_high"),
        ),
    ),
    "T7 cartel": (
        lambda own, agreed, c: twin_traffickers.collude(own, agreed, Law(cartel=c)),
        plain(traffickers.in_league),
        ((0.0, 2.5), (0.0, 2.5), of("traffickers.cartel")),
    ),
    "T4 exit": (
        lambda rate, profit, w, width: twin_traffickers.exit_probability(
            profit, w, Law(exit_rate=rate, income_width=width)
        ),
        plain(traffickers.exit_probability),
        (of("traffickers.exit_rate"), (-5.0, 20.0), (0.5, 5.0), of("traffickers.income_width")),
    ),
    "T4 entry": (
        lambda rate, profit, w, width: twin_traffickers.entry_probability(
            profit, w, Law(entry_rate=rate, income_width=width)
        ),
        plain(traffickers.entry_probability),
        (of("traffickers.entry_rate"), (-5.0, 20.0), (0.5, 5.0), of("traffickers.income_width")),
    ),
    "T4 outside income": (
        lambda full, slope, m: twin_traffickers.outside_income(m, Law(outside_income=full), slope),
        plain(traffickers.income_outside),
        (of("traffickers.outside_income"), of("population.wealth_market_slope"), (0.0, 1.5)),
    ),
    "C4 opening": (
        lambda month, *x: twin_traffickers.route_opening(month, opening_law(*x)),
        lambda month, *x: plain(traffickers.route_opening)(opening_law(*x), month),
        (
            MONTHS, of("china.onward_middle"), of("china.onward_width"),
            of("china.onward_flat_after"),
        ),
    ),
}  # fmt: skip


class MarkupLaw(NamedTuple):
    """What T2 and T7 read; compiled kernels take it, too, as they call one another."""

    markup_gain: float
    markup_target: float
    markup_pull: float
    markup_centre: float
    cartel: float
    cartel_target: float
    cartel_high: float
    markup_low: float = 0.1
    markup_high: float = 0.9


def opening_law(middle: float, width: float, flat_after: float) -> Law:
    return Law(onward_middle=middle, onward_width=width, onward_flat_after=flat_after)

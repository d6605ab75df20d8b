"""Informants: what a Chinese border resident does at a meeting (C2)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.bookkeeping import from_grid, to_grid
from bordersim.codes import Lever, Meeting, Obs
from bordersim.rng import (
    Stream,
    draw,
    draw2,
    gumbel,
    index_below,
    month_key,
    normal,
    stream_key,
    uniform,
    with_gumbel,
)


@kernel
def months_of_income(sensitivity, money, income):
    """C2: utility of money for a person with a monthly income; both KRW million."""
    return sensitivity * money / income


@kernel
def help_utility(base, sympathy, payment, expected_fine):
    """C2: shelter, food or a ride; payment and fine in utility."""
    return base + sympathy + payment - expected_fine


@kernel
def report_utility(base, norm, bounty, sympathy):
    """C2: a call to the police; norm and bounty in utility."""
    return base + norm + bounty - sympathy


@kernel
def seize_utility(base, norm, bounty, sympathy):
    """C2: holding the person and handing them over; ``bounty`` times the chance of success."""
    return base + norm + bounty - sympathy


@kernel
def meet(month, land, law, sectors, uid, s, encounter):
    """What the resident met does; everyone met is one person of a fixed crowd.

    Reads: levers china.*, sectors (norm, awareness). Draws: MEETING_WHO,
    INFORMANT_TRAITS, MEETING_CHOICE. Returns (choice, informant).
    """
    lv = month.levers
    who_key = month_key(month.seed, Stream.MEETING_WHO, month.month)
    traits_key = stream_key(month.world_seed, Stream.INFORMANT_TRAITS)
    choice_key = month_key(month.seed, Stream.MEETING_CHOICE, month.month)
    informant = index_below(draw2(who_key, uid, encounter), land.sector.informants[s])
    traits = draw2(traits_key, s, informant)
    income = law.income_median * math.exp(law.income_sigma * normal(draw(traits, 1)))
    sympathy = law.sympathy_sigma * normal(draw(traits, 2))
    if uniform(draw(traits, 3)) < law.kin_share:
        sympathy += law.kin_sympathy
    rate = lv[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3
    aware = from_grid(sectors.aware[s])
    enforced = aware * (1.0 - lv[Lever.CHINA_LOCAL_TOLERANCE, s])
    norm = law.norm_effect * from_grid(sectors.norm[s])
    k = law.sensitivity
    bits = draw2(choice_key, uid, encounter)
    best = gumbel(draw(bits, Meeting.IGNORE))
    choice = np.int64(Meeting.IGNORE)
    fine = enforced * law.fine_probability * lv[Lever.CHINA_HELPER_FINE, s] * rate
    value = help_utility(
        law.help_base, sympathy, months_of_income(k, law.payment, income),
        months_of_income(k, fine, income),
    )  # fmt: skip
    value = with_gumbel(value, best, draw(bits, Meeting.HELP))
    if value > best:
        best, choice = value, np.int64(Meeting.HELP)
    bounty = months_of_income(k, aware * lv[Lever.CHINA_BOUNTY_REPORT, s] * rate, income)
    value = report_utility(law.report_base, norm, bounty, sympathy)
    value = with_gumbel(value, best, draw(bits, Meeting.REPORT))
    if value > best:
        best, choice = value, np.int64(Meeting.REPORT)
    bounty = months_of_income(
        k, aware * law.seize_success * lv[Lever.CHINA_BOUNTY_CAPTURE, s] * rate, income
    )
    value = seize_utility(law.seize_base, norm, bounty, sympathy)
    value = with_gumbel(value, best, draw(bits, Meeting.SEIZE))
    if value > best:
        choice = np.int64(Meeting.SEIZE)
    return choice, informant


@kernel
def learn_in_china(month, law, sectors):
    """The norm of reporting follows arrests of the month, awareness follows the bounties."""
    lv, tally = month.levers, month.tally
    norm_pull = 1.0 - 2.0 ** (-1.0 / law.norm_half_life)
    aware_pull = 1.0 - 2.0 ** (-1.0 / law.aware_half_life)
    for s in range(sectors.shape[0]):
        acted = tally[Obs.TIPS_ACTED_ON, s, 0, 0]
        people = max(sectors.stock[s], 1)
        seen = min(1.0, 12.0 * acted / people / law.norm_span)
        norm = from_grid(sectors.norm[s])
        sectors.norm[s] = to_grid(norm + norm_pull * (seen - norm))
        offered = max(lv[Lever.CHINA_BOUNTY_REPORT, s], lv[Lever.CHINA_BOUNTY_CAPTURE, s])
        offered = max(offered, lv[Lever.CHINA_HELPER_FINE, s])
        aware = from_grid(sectors.aware[s])
        target = min(1.0, offered / law.aware_reference)
        sectors.aware[s] = to_grid(aware + aware_pull * (target - aware))

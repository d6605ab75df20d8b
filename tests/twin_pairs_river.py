"""What twin and engine both compute, side by side: guards, the river, China, custody.

Name to the twin's equation, the engine's, and the ranges of the arguments they share.
"""

from __future__ import annotations

from bordersim._jit import plain
from bordersim.agents import clocks, custody, guards, informants, river
from bordersim.bookkeeping import thousand, to_grid
from bordersim.twin.equations import china as twin_china
from bordersim.twin.equations import guards as twin_guards
from bordersim.twin.equations import numbers
from bordersim.twin.equations import river as twin_river
from tests.twin_ranges import MONEY, MONTHS, NORMAL, SHARE, Law, Pair, of

PAIRS: dict[str, Pair] = {
    "G1 reservation": (
        lambda f, loss, w, reward, amb, i: twin_guards.reservation_bribe(
            f, loss, reward, amb, i, Law(reward_weight=w)
        ),
        lambda f, loss, w, reward, amb, i: plain(guards.reservation_bribe)(
            f * loss, w * reward * amb, i
        ),
        (
            SHARE, of("guards.punishment_loss"), of("guards.reward_weight"),
            of("guards.capture_reward"), (0.05, 20.0), (-4.0, 4.0),
        ),
    ),
    "G1 traded": (
        lambda asked, room, share, least: twin_guards.traded_bribe(
            asked, room, Law(trade_share=share, minimum_bribe=least)
        ),
        plain(guards.traded_bribe),
        ((-4.0, 40.0), MONEY, of("guards.trade_share"), of("guards.minimum_bribe")),
    ),
    "G2 accept": (
        twin_guards.accept_utility,
        lambda b, f, loss, i: plain(guards.accept_utility)(b, f * loss, i),
        (MONEY, SHARE, of("guards.punishment_loss"), (-4.0, 4.0)),
    ),
    "G2 arrest": (
        lambda r, a, i, e: twin_guards.arrest_utility(r, a, i, Law(arrest_effort=e)),
        lambda r, a, i, e: plain(guards.arrest_utility)(r * a, i, e),
        (of("guards.capture_reward"), (0.05, 20.0), (-4.0, 4.0), of("guards.arrest_effort")),
    ),
    "G2 betray": (
        lambda b, r, i, loss, pre, link, expo, e: twin_guards.betray_utility(
            b, r, i, loss, Law(prepaid=pre, link_crossings=link, exposure=expo, arrest_effort=e)
        ),
        lambda b, r, i, loss, pre, link, expo, e: plain(guards.betray_utility)(
            pre, b, r, i, b * link, expo * loss, e
        ),
        (
            MONEY, (0.0, 100.0), (-4.0, 4.0), of("guards.punishment_loss"), of("guards.prepaid"),
            of("guards.link_crossings"), of("guards.exposure"), of("guards.arrest_effort"),
        ),
    ),
    "G3 inspection": (
        lambda rate, honesty, p, rise: twin_guards.inspection_probability(
            rate, honesty, p, 1.0 + rise
        ),
        plain(guards.inspection_probability),
        (of("guards.inspection_rate"), SHARE, (0.5, 2.0), of("guards.camera_inspection")),
    ),
    "G3 punishment": (
        lambda d, n: twin_guards.punishment_probability(n, Law(detection_per_bribe=d)),
        plain(guards.punishment_probability),
        (of("guards.detection_per_bribe"), (0.0, 300.0)),
    ),
    "G3 goods": (
        lambda f, loss, share, worth, i, scale: twin_guards.goods_probability(
            f, loss, i, Law(smuggling_worth=worth, smuggling_loss=share, choice_scale=scale)
        ),
        lambda f, loss, share, worth, i, scale: plain(guards.goods_probability)(
            worth, f * loss * share, i, scale
        ),
        (
            SHARE, (0.0, 30.0), of("guards.smuggling_loss"), of("guards.smuggling_worth"),
            (-4.0, 4.0), (0.1, 2.0),
        ),
    ),
    "G4 fear": (
        lambda p, a, seen, w, half: twin_guards.next_fear(
            p, a, seen, Law(announced_weight=w, belief_half_life=half)
        ),
        lambda p, a, seen, w, half: plain(guards.next_fear)(p, w * a + (1.0 - w) * seen, half),
        (SHARE, SHARE, SHARE, of("guards.announced_weight"), of("guards.belief_half_life")),
    ),
    "G6 foresight": (
        lambda p, months, f: twin_guards.weighed_fear(p, int(months), Law(foresight=f)),
        lambda p, months, f: plain(guards.foreseen_risk)(p, int(months), f),
        (SHARE, of("guards.lookback_months"), of("guards.foresight")),
    ),
    "river works": (
        lambda c, w, x, *y: twin_river.border_works(c, w, x, works_law(*y)),
        lambda c, w, x, *y: plain(river.border_works)(works_law(*y), c, w, x),
        (
            SHARE, SHARE, SHARE, of("river.camera_effect"), of("river.wire_effect"),
            of("river.closure_effect"),
        ),
    ),
    "river effort": (
        lambda e, reward, i, fear: twin_river.guards_effort(
            reward, fear, Law(reward_effect=e, inspection_effect=i)
        ),
        plain(river.guards_effort),
        (
            of("river.reward_effect"), of("guards.capture_reward"),
            of("river.inspection_effect"), SHARE,
        ),
    ),
    "river detection": (
        lambda d, km, ref, effort, works, season: twin_river.detection_exponent(
            km, effort, works, season, Law(detection=d, reference_per_km=ref)
        ),
        lambda d, km, ref, effort, works, season: plain(river.detection_exponent)(
            d, km / ref, effort, works, season
        ),
        (
            of("river.detection"), of("guards.per_km"), of("river.reference_per_km"),
            (1.0, 50.0), (1.0, 60.0), of("river.watch_season"),
        ),
    ),
    "river water": (
        lambda d, x, season: twin_river.drowning_probability(x, season, Law(drowning=d)),
        lambda d, x, season: plain(river.drowning_probability)(d, x, season, 1.0),
        (of("river.drowning"), (0.5, 5.0), of("river.flood_season")),
    ),
    "C1 border": (
        lambda stayed, mean: twin_china.still_at_border_probability(
            stayed, Law(inland_months=mean)
        ),
        plain(clocks.still_at_border_probability),
        (MONTHS, of("china.inland_months")),
    ),
    "C1 meetings": (
        lambda base, *x: twin_china.meeting_rate(*x, Law(encounter_rate=base)),
        plain(clocks.meeting_rate),
        (of("china.encounter_rate"), of("china.early_factor"), SHARE, SHARE, (0.1, 2.0)),
    ),
    "C2 money": (
        lambda s, money, income: twin_china.months_of_income(money, income, Law(sensitivity=s)),
        plain(informants.months_of_income),
        (of("informants.sensitivity"), MONEY, (0.01, 5.0)),
    ),
    "C2 help": (
        lambda base, s, p, f: twin_china.help_utility(s, p, f, Law(help_base=base)),
        plain(informants.help_utility),
        (of("informants.help_base"), NORMAL, (0.0, 3.0), (0.0, 30.0)),
    ),
    "C2 report": (
        lambda base, e, norm, b, s: twin_china.report_utility(
            norm, b, s, Law(report_base=base, norm_effect=e)
        ),
        lambda base, e, norm, b, s: plain(informants.report_utility)(base, e * norm, b, s),
        (of("informants.report_base"), of("informants.norm_effect"), SHARE, (0.0, 50.0), NORMAL),
    ),
    "C2 seize": (
        lambda base, e, norm, b, s: twin_china.seize_utility(
            norm, b, s, Law(seize_base=base, norm_effect=e)
        ),
        lambda base, e, norm, b, s: plain(informants.seize_utility)(base, e * norm, b, s),
        (of("informants.seize_base"), of("informants.norm_effect"), SHARE, (0.0, 50.0), NORMAL),
    ),
    "C4 nation": (
        lambda early, late, opening, cash, ref, el, cap, season: twin_china.onward_capacity(
            opening, cash, cap, season,
            Law(
                onward_early=early, onward_late=late, settlement_reference=ref,
                settlement_elasticity=el,
            ),
        ),
        lambda early, late, opening, cash, ref, el, cap, season: plain(clocks.onward_hazard)(
            early, late, opening, cash / ref, el, cap, season
        ),
        (
            of("china.onward_early"), of("china.onward_late"), SHARE, (0.01, 100.0),
            of("china.settlement_reference"), of("china.settlement_elasticity"), (0.0, 4.0),
            of("south.arrival_season"),
        ),
    ),
    "C4 settled": (
        lambda m, half: twin_china.not_settled(m, Law(settle_half_life=half)),
        plain(clocks.not_settled),
        (MONTHS, of("china.settle_half_life")),
    ),
    "C4 route": (
        lambda rate, e: twin_china.route_risk(rate, Law(route_exposure=e)),
        plain(clocks.route_risk),
        (of("china.patrol_rate"), of("china.route_exposure")),
    ),
    "K1 term": (
        lambda mean, severity, waiting: twin_china.term_months(waiting, mean, severity),
        plain(custody.term_months),
        (of("custody.months_contact"), of("custody.severity"), (1e-9, 36.0)),
    ),
    "K1 death": (
        lambda rate, severity: twin_china.death_probability(severity, Law(death_rate=rate)),
        plain(custody.death_probability),
        (of("custody.death_rate"), of("custody.severity")),
    ),
    "money": (numbers.thousand, plain(thousand), ((-2000.0, 2000.0),)),
    "grid": (lambda x: numbers.on_grid(x) * 2**20, plain(to_grid), ((-2.0, 4.0),)),
}  # fmt: skip


def works_law(camera: float, wire: float, closure: float) -> Law:
    return Law(camera_effect=camera, wire_effect=wire, closure_effect=closure)

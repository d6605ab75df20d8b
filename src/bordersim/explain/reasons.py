"""R3: why leaving was considered this month, by the clocks that could have rung."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bordersim.agents.residents import BY_CASE
from bordersim.agents.thinning import BY_HISTORY, BY_WAITING
from bordersim.codes import Lever, Status
from bordersim.explain.engine import residents, rng
from bordersim.explain.person import Intensity, Traits, intensity_of
from bordersim.explain.points import thinned
from bordersim.explain.replay import Moment
from bordersim.explain.told import Chance
from bordersim.rng import Stream
from bordersim.state import FLAG_HISTORY, NEVER

REASONS = {
    0: "the general wish to leave",
    BY_CASE: "a corruption case",
    BY_WAITING: "an earlier wait for a trafficker",
    BY_HISTORY: "kin in the South or an earlier release",
}
"""Why leaving is considered."""


@dataclass(frozen=True)
class Reason:
    """Whether and why leaving was considered.

    Attributes
    ----------
    code
        As in the log; None if it was not considered.
    intensity
        Of the wish without history.
    chances
        Draws that decided, besides those that everybody shares.
    """

    code: int | None
    intensity: Intensity
    chances: tuple[Chance, ...] = ()


def reason_of(who: Traits, moment: Moment) -> Reason:
    """Find what made somebody consider leaving in a month, if anything did."""
    act, before = moment.act, moment.before
    rate = intensity_of(who, act.levers, moment.land, moment.laws)
    if before.status != Status.HOME or who.official:
        return Reason(None, rate)
    if thinned(who.uid, act.seed, act.month, rate.rate):
        if rate.case == 0.0:
            return Reason(0, rate)
        key = rng.month_key(act.seed, Stream.CASE, act.month)
        draw = float(rng.uniform(rng.draw(key, who.uid)))
        case = Chance("a corruption case is the reason", rate.case / rate.rate, draw)
        return Reason(BY_CASE if draw * rate.rate < rate.case else 0, rate, (case,))
    if before.row.waits[0] > 0:
        return Reason(BY_WAITING, rate)
    clock = history_chance(who, moment, rate)
    if clock is None:
        return Reason(None, rate)
    return Reason(BY_HISTORY if clock.happened else None, rate, (clock,))


def history_factor(who: Traits, moment: Moment) -> float:
    """R3: what kin in the South and a release do to the intensity; 1 without either."""
    person, law, act = moment.before, moment.laws.intensity, moment.act
    effect = 0.0
    if person.kin_month != NEVER:
        place = len(moment.land.sector) + who.home
        watched = law.surveillance_effect * act.levers[Lever.NORTH_KIN_SURVEILLANCE, place]
        months = float(act.month - person.kin_month)
        effect += residents.kin_effect(law.k_kin, law.kin_half_life, months) * (1.0 - watched)
    if person.released != NEVER:
        months = float(act.month - person.released)
        effect += residents.again_effect(law.k_again, law.again_half_life, months)
    return math.exp(effect)


def history_chance(who: Traits, moment: Moment, rate: Intensity) -> Chance | None:
    """R3: the second clock, of kin in the South and of a release; None without either."""
    if not int(moment.before.row.tags[0]) & FLAG_HISTORY:
        return None
    more = rate.base * (history_factor(who, moment) - 1.0)
    key = rng.month_key(moment.act.seed, Stream.HISTORY, moment.act.month)
    waiting = -math.log(rng.uniform(rng.draw(key, who.uid)))
    # it rings if waiting < more: the same, told as a chance and a draw
    return Chance("considers because of history", -math.expm1(-more), -math.expm1(-waiting))

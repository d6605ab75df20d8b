"""China: whose clock rings this month, and whose alone it is (C1, C4)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.traffickers import route_opening
from bordersim.codes import Class, Lever, Sex, Status
from bordersim.rng import Stream, draw, draw2, month_key, stream_key, uniform
from bordersim.state import AHEAD, FLAG_HELPED, FLAG_KIN, FLAG_PACKAGE, FLAG_TRIP

PATROL, PURSUIT, ONWARD, RETURN, STAY = 1, 2, 3, 4, 5
"""Causes with a clock of their own; meetings have one clock per meeting."""
PACKAGE = 6
"""The way onward was bought together with the crossing: no clock decides."""


@kernel
def onward_hazard(early, late, opening, settlement, elasticity, capacity, season):
    """C4: monthly hazard of going on to the South, before personal factors.

    settlement: settlement cash over its reference amount.
    """
    base = early + (late - early) * opening
    return base * settlement**elasticity * capacity * season


@kernel
def meeting_rate(base, early, zone, household, far_bank):
    """C1: meetings with residents a month."""
    return base * early * zone * household * far_bank


@kernel
def route_risk(patrol_rate, exposure):
    """C1: chance of arrest on the way from the border to the South."""
    return 1.0 - math.exp(-patrol_rate * exposure)


@kernel
def still_at_border_probability(stayed, mean):
    """C1: chance of not having moved inland after so many months."""
    return math.exp(-stayed / mean)


@kernel
def not_settled(stayed, half_life):
    """C4: onward hazard after so many months against that of a newcomer; the rest have settled."""
    return 2.0 ** (-stayed / half_life)


@kernel
def clock(bits, rate):
    """Months until an event of this rate; 2.0 stands for 'not this month'."""
    u = uniform(bits)
    if u < 1.0 - rate:  # exp(-x) >= 1 - x
        return 2.0
    waiting = -math.log(u)
    return waiting / rate if waiting < rate else 2.0


@kernel
def clocks_in_china(month, scene, scratch):
    """Whose clock rings in China this month: the earliest of competing clocks (C1-C5).

    Reads: levers china.*, south.*, rows. Writes: calls, and the list of those in China,
    which keeps whoever is not called. Returns the number of calls.
    Draws: HAZARD, MEETING_GAP, INLAND, MARRIAGE.
    """
    t, lv = month.month, month.levers
    rows, land, laws = scene.rows, scene.land, scene.laws
    law, onward = laws.china, laws.onward
    hazard_key = month_key(month.seed, Stream.HAZARD, month.month)
    gap_key = month_key(month.seed, Stream.MEETING_GAP, month.month)
    inland_key = stream_key(month.seed, Stream.INLAND)
    marriage_key = stream_key(month.seed, Stream.MARRIAGE)
    base_onward = onward_hazard(
        onward.onward_early, onward.onward_late, route_opening(onward, t),
        lv[Lever.SOUTH_SETTLEMENT_CASH, 0] / onward.settlement_reference,
        onward.settlement_elasticity, lv[Lever.SOUTH_ONWARD_CAPACITY, 0],
        laws.arrival_season[t % 12],
    )  # fmt: skip
    kin_factor = math.exp(onward.onward_kin)
    inland_factor = law.inland_factor
    early_months, early_factor = law.early_months, law.early_factor
    encounter_rate = law.encounter_rate
    married_until = early_months + law.marriage_months
    marriage_share, marriage_factor = law.marriage_share, law.marriage_factor
    patrol_class, pursuit_elite = law.patrol_class, law.pursuit_elite
    trip_return, return_rate, trip_stay = law.trip_return, law.return_rate, law.trip_stay
    helped_onward = law.helped_onward
    sectors = land.sector
    listed, n_listed = scene.roster.listed[Status.CHINA], scene.roster.used[Status.CHINA]
    calls, spells = scratch.calls, scratch.spells
    all_tags, all_left = scratch.tags, scratch.left
    n, kept = 0, 0
    for k in range(n_listed):
        if k % AHEAD == 0:
            for ahead in range(min(AHEAD, n_listed - k)):
                all_tags[ahead] = rows.tags[listed[k + ahead]]
                all_left[ahead] = rows.left[listed[k + ahead]]
        row = listed[k]
        person = rows[row]
        uid = person.uid
        s = person.sector
        tags = all_tags[k % AHEAD]
        if tags & FLAG_PACKAGE:
            calls[n].row, calls[n].cause, calls[n].at = row, PACKAGE, 0.0
            n += 1
            continue
        left = np.int64(all_left[k % AHEAD])
        stayed = t - left
        trip = (tags & FLAG_TRIP) != 0
        elite = person.cls == Class.ELITE
        zone = 1.0
        if not trip and uniform(draw2(inland_key, uid, left)) > spells[stayed].still_at_border:
            zone = inland_factor
        household = 1.0
        if person.sex == Sex.FEMALE and early_months <= stayed < married_until:
            if uniform(draw2(marriage_key, uid, left)) < marriage_share:
                household = marriage_factor
        rate_patrol = lv[Lever.CHINA_PATROL_RATE, s] * zone * (patrol_class if elite else 1.0)
        rate_pursuit = lv[Lever.BORDER_PURSUIT_RATE, s] * zone * (pursuit_elite if elite else 1.0)
        rate_onward = base_onward * household * spells[stayed].not_settled
        if tags & FLAG_KIN:
            rate_onward *= kin_factor
        if tags & FLAG_HELPED:
            rate_onward *= helped_onward
        if trip:
            rate_onward = 0.0
        bits = draw(hazard_key, uid)
        first = 1.0
        cause = 0
        at = clock(draw(bits, PATROL), rate_patrol)
        if at < first:
            first, cause = at, PATROL
        at = clock(draw(bits, PURSUIT), rate_pursuit)
        if at < first:
            first, cause = at, PURSUIT
        at = clock(draw(bits, ONWARD), rate_onward)
        if at < first:
            first, cause = at, ONWARD
        at = clock(draw(bits, RETURN), trip_return if trip else return_rate)
        if at < first:
            first, cause = at, RETURN
        if trip:
            at = clock(draw(bits, STAY), trip_stay)
            if at < first:
                first, cause = at, STAY
        # meetings, one gap each, until something else happens first
        rate = meeting_rate(
            encounter_rate, early_factor if stayed < early_months else 1.0,
            zone, household, sectors[s].far_bank,
        )  # fmt: skip
        at = clock(draw(draw(gap_key, uid), 0), rate)
        if cause == 0 and at >= first:
            listed[kept] = row
            kept += 1
            continue
        call = calls[n]
        call.row, call.cause, call.at = row, cause, first
        call.first_meeting, call.rate = at, rate
        n += 1
    scene.roster.used[Status.CHINA] = kept
    return n

"""China: meetings, patrols, pursuit, going home, going on (C1-C5)."""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.clocks import ONWARD, PACKAGE, PATROL, PURSUIT, RETURN, STAY, route_risk
from bordersim.agents.custody import take_into_custody
from bordersim.agents.informants import meet
from bordersim.agents.river import own_wealth
from bordersim.bookkeeping import emit, move, thousand
from bordersim.codes import Account, Cause, Event, Lever, Meeting, Obs, Status
from bordersim.rng import (
    Stream,
    draw,
    draw2,
    exponential,
    index_below,
    month_key,
    uniform,
)
from bordersim.state import (
    FLAG_CONTACT,
    FLAG_HELPED,
    FLAG_PACKAGE,
    FLAG_PAID,
    FLAG_TRIP,
    KEPT_AT_HOME,
    NEVER,
)


@kernel
def live_in_china(month, scene, calls, n_calls):
    """One month of everyone in China whose clock rings (C1-C5).

    Reads: calls, levers china.*. Writes: rows, roster, stock, sectors.stock, purses.
    Draws: MEETING_GAP and those of :func:`meet`, :func:`resisted_arrest`,
    :func:`hand_over`, :func:`go_onward`.
    """
    rows, roster = scene.rows, scene.roster
    gap_key = month_key(month.seed, Stream.MEETING_GAP, month.month)
    for k in range(n_calls):
        call = calls[k]
        row, cause = call.row, call.cause
        s = np.int64(rows.sector[row])
        uid = rows.uid[row]
        ended = False
        if cause != PACKAGE:
            at, encounter = call.first_meeting, np.int64(0)
            gaps = draw(gap_key, uid)
            while at < call.at:
                ended = meeting(month, scene, row, s, encounter)
                if ended:
                    break
                encounter += 1
                at += exponential(draw(gaps, encounter)) / call.rate
        if not ended:
            if cause == PATROL or cause == PURSUIT:
                arrest = np.int64(Cause.PATROL) if cause == PATROL else np.int64(Cause.PURSUIT)
                resisted_arrest(month, scene, row, s, arrest, np.int64(0))
            elif cause == ONWARD or cause == PACKAGE:
                go_onward(month, scene, row, s, cause == PACKAGE)
            elif cause == RETURN:
                go_home(month, scene, row, s)
            elif cause == STAY:
                rows.tags[row] &= ~np.uint8(FLAG_TRIP)
                log(month, uid, Event.SETTLED_LONG, s, NEVER, 0, 0)
        if rows.status[row] == Status.CHINA:
            roster.listed[Status.CHINA, roster.used[Status.CHINA]] = row
            roster.used[Status.CHINA] += 1


@kernel
def log(month, uid, event, place, counterpart, amount, sequence):
    """One event of phase 6, if a log is kept."""
    if month.events.shape[0] > 0:
        emit(
            month.events, month.n_events,
            (month.month, 6, uid, np.int64(event), np.int64(place), np.int64(counterpart)),
            np.int64(amount), sequence,
        )  # fmt: skip


@kernel
def person(rows, row):
    """Home, sex and class of a row: where it is counted."""
    return np.int64(rows.home[row]), np.int64(rows.sex[row]), np.int64(rows.cls[row])


@kernel
def meeting(month, scene, row, s, encounter):
    """C2, C3: one meeting. Returns whether it ended the stay in China.

    Draws: those of :func:`meet`, MEETING_OUTCOME.
    """
    lv, tally, rows, laws = month.levers, month.tally, scene.rows, scene.laws
    law, uid = laws.informant, rows.uid[row]
    tolerance = lv[Lever.CHINA_LOCAL_TOLERANCE, s]
    choice, informant = meet(month, scene.land, law, scene.sectors, uid, s, encounter)
    outcome = draw2(month_key(month.seed, Stream.MEETING_OUTCOME, month.month), uid, encounter)
    tally[Obs.ENCOUNTERS, s, 0, 0] += 1
    log(month, uid, Event.MET, s, informant, choice, encounter)
    if choice == Meeting.HELP:
        tally[Obs.HELPS, s, 0, 0] += 1
        rows.tags[row] |= FLAG_HELPED
        paid = thousand(law.payment)
        rows.balance[row] -= paid
        month.ledger[Account.RESIDENTS, Account.INFORMANTS] += paid
        month.purses[Account.INFORMANTS, s] += paid
        fine = np.int64(0)
        if uniform(draw(outcome, 1)) < law.fine_probability * (1.0 - tolerance):
            fine = thousand(
                lv[Lever.CHINA_HELPER_FINE, s] * lv[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3
            )
            transfer(month, Account.INFORMANTS, s, Account.CHINA, np.int64(0), fine)
            tally[Obs.FINE_SUM, s, 0, 0] += fine
        log(month, uid, Event.HELPED, s, informant, fine, encounter)
        return False
    if choice == Meeting.REPORT:
        tally[Obs.REPORTS, s, 0, 0] += 1
        acted = uniform(draw(outcome, 2)) < lv[Lever.CHINA_TIP_RESPONSE, s] * (1.0 - tolerance)
        log(month, uid, Event.REPORTED, s, informant, 1 if acted else 0, encounter)
        if not acted:
            return False
        tally[Obs.TIPS_ACTED_ON, s, 0, 0] += 1
        if uniform(draw(outcome, 3)) >= laws.china.action_success:
            return False
        ended, held = resisted_arrest(month, scene, row, s, np.int64(Cause.REPORT), encounter)
        if held:
            pay_bounty(month, s, lv[Lever.CHINA_BOUNTY_REPORT, s])
        return ended
    if choice == Meeting.SEIZE:
        tally[Obs.SEIZURES, s, 0, 0] += 1
        holds = uniform(draw(outcome, 4)) < law.seize_success
        log(month, uid, Event.SEIZED, s, informant, 1 if holds else 0, encounter)
        if not holds:
            return False
        ended, held = resisted_arrest(month, scene, row, s, np.int64(Cause.SEIZURE), encounter)
        if held:
            pay_bounty(month, s, lv[Lever.CHINA_BOUNTY_CAPTURE, s])
        return ended
    return False


@kernel
def transfer(month, giver, giver_place, taker, taker_place, amount):
    """Move money between kinds whose members are places."""
    month.ledger[giver, taker] += amount
    month.purses[giver, giver_place] -= amount
    month.purses[taker, taker_place] += amount


@kernel
def pay_bounty(month, s, yuan):
    """M10, M11: the Chinese state pays an informant."""
    amount = thousand(yuan * month.levers[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3)
    transfer(month, Account.CHINA, np.int64(0), Account.INFORMANTS, s, amount)
    month.tally[Obs.BOUNTY_SUM, s, 0, 0] += amount


@kernel
def resisted_arrest(month, scene, row, s, cause, encounter):
    """C3: an arrest is obeyed, resisted with or without success, or shot at.

    Draws: ARREST. Returns (stay in China ended, person held).
    """
    law, lv, rows = scene.laws.china, month.levers, scene.rows
    uid = rows.uid[row]
    bits = draw2(month_key(month.seed, Stream.ARREST, month.month), uid, encounter * 8 + cause)
    if uniform(draw(bits, 1)) < law.resist:
        if uniform(draw(bits, 2)) < lv[Lever.CHINA_SHOOT_ON_RESIST, s]:
            if uniform(draw(bits, 3)) < law.shot_death:
                who = person(rows, row)
                month.tally[Obs.DEATHS_SHOT_CHINA, who[0], who[1], who[2]] += 1
                log(month, uid, Event.SHOT_CHINA, s, cause, 0, encounter)
                scene.sectors.stock[s] -= 1
                move(month.stock, rows, scene.roster, row, who, np.int64(Status.DEAD), month.month)
                return True, False
        elif uniform(draw(bits, 4)) < law.resist_escape:
            log(month, uid, Event.ESCAPED, s, cause, 0, encounter)
            return False, False
    return hand_over(month, scene, row, s, cause, draw(bits, 5), encounter), True


@kernel
def hand_over(month, scene, row, s, cause, bits, encounter):
    """C5: an arrested person is returned to the North, or let go. Returns whether returned."""
    tally, rows = month.tally, scene.rows
    who = person(rows, row)
    log(month, rows.uid[row], Event.ARRESTED_CHINA, s, cause, 0, encounter)
    if cause == Cause.REPORT:
        tally[Obs.ARRESTS_REPORT, who[0], who[1], who[2]] += 1
    elif cause == Cause.SEIZURE:
        tally[Obs.ARRESTS_SEIZURE, who[0], who[1], who[2]] += 1
    elif cause == Cause.PATROL:
        tally[Obs.ARRESTS_PATROL, who[0], who[1], who[2]] += 1
    elif cause == Cause.PURSUIT:
        tally[Obs.ARRESTS_PURSUIT, who[0], who[1], who[2]] += 1
    else:
        tally[Obs.ARRESTS_ROUTE, who[0], who[1], who[2]] += 1
    # officers from the North ask nobody
    if cause != Cause.PURSUIT and uniform(bits) >= month.levers[Lever.CHINA_REFOULEMENT, s]:
        tally[Obs.PROTECTED, who[0], who[1], who[2]] += 1
        log(month, rows.uid[row], Event.PROTECTED, s, cause, 0, encounter)
        return False
    tally[Obs.REPATRIATIONS, who[0], who[1], who[2]] += 1
    log(month, rows.uid[row], Event.REPATRIATED, s, cause, 0, encounter)
    scene.sectors.stock[s] -= 1
    own = own_wealth(month, scene.land, scene.laws.population, rows, row, who)
    take_into_custody(month, rows, scene.roster, scene.laws.custody, row, who, own)
    return True


@kernel
def go_home(month, scene, row, s):
    """Back over the river of their own will."""
    rows = scene.rows
    who = person(rows, row)
    month.tally[Obs.RETURNS_VOLUNTARY, who[0], who[1], who[2]] += 1
    log(month, rows.uid[row], Event.RETURNED_HOME, s, NEVER, 0, 0)
    rows.tags[row] &= KEPT_AT_HOME
    rows.owed[row] = 0
    rows.known_total[row] = min(rows.known_total[row] + 1, 250)
    scene.sectors.stock[s] -= 1
    move(month.stock, rows, scene.roster, row, who, np.int64(Status.HOME), month.month)


@kernel
def go_onward(month, scene, row, s, package):
    """C4, T6: leave for the South; the road has checkpoints of its own.

    Draws: TRANSIT. Who goes later may hire a guide, paid on arrival.
    """
    t, rows, laws = month.month, scene.rows, scene.laws
    onward = laws.onward
    who = person(rows, row)
    uid = rows.uid[row]
    bits = draw(month_key(month.seed, Stream.TRANSIT, month.month), uid)
    rows.tags[row] |= FLAG_CONTACT
    risk = route_risk(month.levers[Lever.CHINA_PATROL_RATE, s], laws.china.route_exposure)
    if uniform(draw(bits, 1)) < risk:
        rows.tags[row] &= ~np.uint8(FLAG_PACKAGE)
        resisted_arrest(month, scene, row, s, np.int64(Cause.ROUTE), np.int64(0))
        return
    if package:
        rows.owed[row] += thousand(onward.onward_fee)
        months = np.int64(onward.transit_direct) + index_below(draw(bits, 2), 2)
    else:
        months = np.int64(onward.transit_later) + index_below(
            draw(bits, 2), np.int64(onward.transit_spread) + 1
        )
        if uniform(draw(bits, 3)) < onward.guide_share:
            rows.tags[row] |= FLAG_PAID
            rows.owed[row] += thousand(onward.onward_fee)
    month.tally[Obs.ONWARD_DEPARTURES, who[0], who[1], who[2]] += 1
    log(month, uid, Event.WENT_ONWARD, s, NEVER, months, 0)
    rows.term[row] = t + months
    scene.sectors.stock[s] -= 1
    move(month.stock, rows, scene.roster, row, who, np.int64(Status.TRANSIT), t)

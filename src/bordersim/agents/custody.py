"""Custody in the North: terms, deaths, releases (K1)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.bookkeeping import emit, move, thousand
from bordersim.codes import Account, Event, Lever, Obs, Status
from bordersim.rng import Stream, draw, month_key, uniform
from bordersim.state import FLAG_CONTACT, FLAG_HISTORY, FLAG_TRIP, KEPT_AT_HOME, NEVER


@kernel
def term_months(mean, severity, waiting):
    """K1: whole months to serve, at least one; ``waiting`` is a standard exponential."""
    return 1 + np.int64(waiting * mean * severity)


@kernel
def death_probability(rate, severity):
    """K1: chance of dying in custody in a month."""
    return 1.0 - math.exp(-rate * severity)


@kernel
def take_into_custody(month, rows, roster, law, row, who, own):
    """K1: a caught person enters custody; the term depends on what is held against them.

    Draws: CUSTODY. Writes: rows, stock, ledger.
    """
    t = month.month
    flags = rows.tags[row]
    if flags & FLAG_CONTACT:
        mean = law.months_contact
    elif flags & FLAG_TRIP:
        mean = law.months_trip
    else:
        mean = law.months_long
    severity = month.levers[Lever.CUSTODY_SEVERITY, 0]
    key = month_key(month.seed, Stream.CUSTODY, month.month)
    waiting = -math.log(uniform(draw(key, rows.uid[row])))
    rows.term[row] = min(t + term_months(mean, severity, waiting), 32000)
    taken = min(thousand(law.fine), max(0, thousand(own)))
    rows.balance[row] -= taken
    month.ledger[Account.RESIDENTS, Account.NORTH] += taken
    month.purses[Account.NORTH, 0] += taken
    rows.known_total[row] = min(rows.known_total[row] + 1, 250)
    rows.known_caught[row] = min(rows.known_caught[row] + 1, 250)
    rows.owed[row] = 0
    rows.waits[row] = 0
    month.tally[Obs.CUSTODY_ENTRIES, who[0], who[1], who[2]] += 1
    move(month.stock, rows, roster, row, who, np.int64(Status.CUSTODY), t)


@kernel
def serve(month, law, rows, roster):
    """One month in custody: death, or release at the end of the term.

    Reads: custody.severity, rows. Writes: rows, stock, tally. Draws: CUSTODY.
    """
    t = month.month
    tally, stock = month.tally, month.stock
    key = month_key(month.seed, Stream.CUSTODY, month.month)
    chance = death_probability(law.death_rate, month.levers[Lever.CUSTODY_SEVERITY, 0])
    logging = month.events.shape[0] > 0
    listed, kept = roster.listed[Status.CUSTODY], 0
    for k in range(roster.used[Status.CUSTODY]):
        i = np.int64(listed[k])
        listed[kept] = i
        kept += 1
        if rows.since[i] == t:
            continue
        who = (np.int64(rows.home[i]), np.int64(rows.sex[i]), np.int64(rows.cls[i]))
        event = np.int64(NEVER)
        if uniform(draw(draw(key, rows.uid[i]), 1)) < chance:
            event = np.int64(Event.DIED_CUSTODY)
            tally[Obs.DEATHS_CUSTODY, who[0], who[1], who[2]] += 1
            move(stock, rows, roster, i, who, np.int64(Status.DEAD), t)
            kept -= 1
        elif t >= rows.term[i]:
            event = np.int64(Event.RELEASED)
            tally[Obs.RELEASES, who[0], who[1], who[2]] += 1
            roster.released[i] = t
            rows.tags[i] = (rows.tags[i] & KEPT_AT_HOME) | FLAG_HISTORY
            move(stock, rows, roster, i, who, np.int64(Status.HOME), t)
            kept -= 1
        if logging and event != NEVER:
            emit(
                month.events,
                month.n_events,
                (t, 7, rows.uid[i], event, who[0], np.int64(NEVER)),
                0,
                0,
            )
    roster.used[Status.CUSTODY] = kept

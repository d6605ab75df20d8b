"""Custody, arrival, news and money: what comes to somebody without a choice (K1, S1, E1, R7)."""

from __future__ import annotations

from bordersim.codes import Event, Lever, Status
from bordersim.dates import month_label
from bordersim.explain.engine import bookkeeping, custody, rng, south
from bordersim.explain.person import Traits
from bordersim.explain.replay import Moment
from bordersim.explain.told import Chance, Decision, Fact, Row
from bordersim.rng import Stream
from bordersim.state import NEVER


def serve(who: Traits, moment: Moment) -> tuple[Decision, ...]:
    """K1: a month in custody, for who was there when it began."""
    if moment.before.status != Status.CUSTODY:
        return ()
    act, person = moment.act, moment.before.row
    key = rng.month_key(act.seed, Stream.CUSTODY, act.month)
    severity = act.levers[Lever.CUSTODY_SEVERITY, 0]
    risk = custody.death_probability(moment.laws.custody.death_rate, severity)
    draw = float(rng.uniform(rng.draw(rng.draw(key, who.uid), 1)))
    dies = Chance("dies in custody this month", float(risk), draw)
    ends = int(person.term[0])
    facts = (Fact("term", "term ends", month_label(ends)),)
    rows: tuple[Row, ...] = ()
    choice = "stays in custody"
    if dies.happened:
        rows, choice = (Row(7, Event.DIED_CUSTODY, who.home, NEVER, 0, 0),), "dies in custody"
    elif act.month >= ends:
        rows, choice = (Row(7, Event.RELEASED, who.home, NEVER, 0, 0),), "released: term served"
    return (Decision("custody", "A month in custody", choice, rows, facts, (), (dies,)),)


def begin_term(who: Traits, moment: Moment) -> tuple[Decision, ...]:
    """K1: how long the term will be, for who is taken this month."""
    if moment.after.status != Status.CUSTODY or moment.before.status == Status.CUSTODY:
        return ()
    ends = int(moment.after.row.term[0])
    facts = (
        Fact("term", "term ends", month_label(ends)),
        Fact("months", "months", str(ends - moment.month)),
    )
    return (Decision("custody", "Taken into custody", "a term begins", (), facts),)


def arrive(who: Traits, moment: Moment) -> tuple[Decision, ...]:
    """S1: the end of the way to the South, foretold when it began."""
    person = moment.before.row
    ends, left = int(person.term[0]), int(person.left[0])
    on_the_way = moment.before.status == Status.TRANSIT
    for row in moment.logged(5, 6):
        if row.event == Event.CROSSED:
            left = moment.month
        elif row.event == Event.WENT_ONWARD:
            ends, on_the_way = moment.month + row.amount, True
    if not on_the_way or ends > moment.month:
        return ()
    months = moment.month - left
    row = Row(8, Event.ARRIVED, who.home, NEVER, months, 1)
    facts = [Fact("months", "months since leaving", str(months))]
    owed = int(person.owed[0])
    if owed > 0:
        facts.append(Fact("owed", "debt paid from the settlement cash", owed * 1e-3, "KRW million"))
    return (Decision("arrival", "The journey ends", "arrives in the South", (row,), tuple(facts)),)


def leave_post(who: Traits, moment: Moment) -> tuple[Decision, ...]:
    """E1: an official abroad leaves, or not."""
    if not who.official or moment.before.known:
        return ()
    act = moment.act
    place = len(moment.land.sector) + who.home
    rate = act.levers[Lever.ECONOMY_CORRUPTION_CASE_RATE, place]
    chance = south.official_probability(rate, moment.laws.official_response)
    key = rng.month_key(act.seed, Stream.OFFICIAL, act.month)
    leaves = Chance("leaves the post", float(chance), float(rng.uniform(rng.draw(key, who.uid))))
    rows: tuple[Row, ...] = ()
    if leaves.happened:
        rows = (
            Row(8, Event.OFFICIAL_LEFT, who.home, NEVER, 0, 0),
            Row(8, Event.ARRIVED, who.home, NEVER, 0, 1),
        )
    choice = "leaves, and arrives in the South" if rows else "stays"
    return (Decision("official", "An official posted abroad", choice, rows, (), (), (leaves,)),)


def hear_and_receive(who: Traits, moment: Moment) -> tuple[Decision, ...]:
    """R7: news of kin who arrived, and the money they send; the news is another's story."""
    told = []
    news = tuple(row for row in moment.logged(8) if row.event == Event.NEWS)
    for row in dict.fromkeys(news):
        ties = news.count(row)
        facts = (
            Fact("kin", "who arrived", f"uid {row.counterpart}"),
            Fact("ties", "ties", str(ties)),
        )
        told.append(
            Decision("news", "News of kin", "kin arrived in the South", (row,) * ties, facts)
        )
    sent = remitted(who, moment)
    if sent:
        rows = (Row(8, Event.REMITTED, who.home, NEVER, sent, 3),)
        since = moment.month - moment.after.kin_month
        facts = (
            Fact("sent", "money sent", sent * 1e-3, "KRW million"),
            Fact("months", "months since kin last arrived", str(since)),
        )
        told.append(Decision("money", "Kin in the South", "kin send money", rows, facts))
    return tuple(told)


def remitted(who: Traits, moment: Moment) -> int:
    """R7: money that kin abroad send this month, KRW thousand."""
    law, levers, kin_month = moment.laws.choice, moment.act.levers, moment.after.kin_month
    since = moment.month - kin_month
    last = int(law.remittance_years) * 12
    if kin_month == NEVER or since == 0 or since % 12 or since > last:
        return 0
    if moment.after.status != Status.HOME:
        return 0
    place = len(moment.land.sector) + who.home
    effect = moment.laws.intensity.surveillance_effect
    watched = 1.0 - effect * levers[Lever.NORTH_KIN_SURVEILLANCE, place]
    allowed = levers[Lever.SOUTH_REMITTANCE_ALLOWED, place]
    return max(0, int(bookkeeping.thousand(law.remittance * allowed * watched)))

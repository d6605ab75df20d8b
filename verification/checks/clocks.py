"""Life in China: competing clocks and meetings, against exponential competition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bordersim.agents.china import live_in_china
from bordersim.agents.clocks import clocks_in_china
from bordersim.codes import Class, Event, Lever, Sex, Status
from bordersim.rng import Stream
from bordersim.state import BLOCK_BITS, FLAG_HELPED, FLAG_KIN, FLAG_TRIP
from verification.battery import Battery
from verification.kernels import give_rows
from verification.keyed import draw, stream_key, uniform
from verification.picture import COLOURS, GREY, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MONTH = 200
CAUSES = ("patrol", "pursuit", "onward", "return", "settling")
BUSY = {"china.encounter_rate": 1.5, "china.return_rate": 0.05, "china.trip_return": 0.6,
        "china.trip_stay": 0.3, "china.onward_late": 0.08, "china.pursuit_elite": 6.0,
        "china.patrol_class": 2.0, "china.start_stock": 0, "informants.payment": 0.0}  # fmt: skip
LEVERS = {Lever.CHINA_PATROL_RATE: 0.2, Lever.BORDER_PURSUIT_RATE: 0.03,
          Lever.SOUTH_SETTLEMENT_CASH: 20.0, Lever.CHINA_REFOULEMENT: 0.0,
          Lever.SOUTH_ONWARD_CAPACITY: 1.3}  # fmt: skip


@dataclass
class Month:
    """What a month did to many people in China.

    ``rates`` are those of the five clocks by C1 to C4, ``meeting`` that of meetings, all a
    month; ``cause`` is 0 to 4, or 5 for none; ``at`` when it rang, ``first`` when the first
    meeting came; ``met`` how many meetings there were.
    """

    rates: F64
    meeting: F64
    cause: I64
    at: F64
    first: F64
    met: I64
    trip: NDArray[np.bool_]
    elite: NDArray[np.bool_]
    stayed: I64


def lived(number: int) -> Month:
    """One month of so many people, no meeting of whom ends the stay."""
    harmless = {"china.action_success", "informant.seize_success", "china.route_exposure"}
    stage = Stage(base(0.25, None, BUSY), dict.fromkeys(harmless, 0.0), room=number)
    rng = np.random.default_rng(3)
    block = np.where(np.arange(number) % 4 == 0, 17, 3)  # the elite of the capital, and poor
    uids = (block << BLOCK_BITS) + np.arange(number)
    world = stage.world
    give_rows(stage.month(0), stage.land, stage.laws.population, world.rows, world.roster, uids)
    rows = world.rows[:number]
    rows.status[:] = Status.CHINA
    rows.sector[:] = rng.integers(0, len(stage.land.sector), number)
    rows.left[:] = MONTH - rng.integers(0, 90, number)
    kin, helped = rng.random(number) < 0.3, rng.random(number) < 0.3
    trip = rng.random(number) < 0.3
    rows.tags[:] = FLAG_KIN * kin + FLAG_HELPED * helped + FLAG_TRIP * trip
    world.roster.listed[Status.CHINA, :number] = np.arange(number)
    world.roster.used[Status.CHINA] = number
    levers = stage.levers(LEVERS)
    rates, meeting = _rates(stage, levers, uids, (trip, kin, helped))
    month = stage.month(MONTH, levers, events=int(6 * number + 4 * meeting.sum()))
    month.stock[Status.CHINA] = number  # whoever leaves is booked out of something
    n = clocks_in_china(month, stage.scene(), stage.scratch)
    calls = stage.scratch.calls[:n].copy()
    stayed = (MONTH - rows.left).astype(np.int64)
    live_in_china(month, stage.scene(), stage.scratch.calls, n)
    log = month.events[: int(month.n_events[0])]
    met = log[log[:, 3] == Event.MET]
    at, first = np.ones(number), np.full(number, 2.0)
    cause = np.full(number, 5)
    at[calls.row], first[calls.row] = calls.at, calls.first_meeting
    cause[calls.row] = np.where(calls.cause > 0, calls.cause - 1, 5)
    row_of = np.full(number, -1)
    row_of[:] = np.argsort(uids)
    who = row_of[np.searchsorted(np.sort(uids), met[:, 2])]
    return Month(rates, meeting, cause, at, first, np.bincount(who, minlength=number), trip,
                 block == 17, stayed)  # fmt: skip


def _rates(stage: Stage, levers: F64, uids: I64, flags: tuple[NDArray[np.bool_], ...]):  # type: ignore[no-untyped-def]
    """Clocks and meetings of each person, from docs/submodels.md alone."""
    trip, kin, helped = flags
    p = stage.scenario.parameters.value
    rows = stage.world.rows[: len(uids)]
    left = rows.left.astype(np.int64)
    stayed = MONTH - left
    elite, woman = rows.cls == Class.ELITE, rows.sex == Sex.FEMALE
    u = uniform(draw(stream_key(stage.seed, Stream.INLAND), uids, left))
    inland = ~trip & (u > np.exp(-stayed / p("china.inland_months")))
    zone = np.where(inland, p("china.inland_factor"), 1.0)
    u = uniform(draw(stream_key(stage.seed, Stream.MARRIAGE), uids, left))
    early = p("china.early_months")
    married = woman & (stayed >= early) & (stayed < early + p("china.marriage_months"))
    married &= u < p("china.marriage_share")
    household = np.where(married, p("china.marriage_factor"), 1.0)
    at = min(MONTH, p("china.onward_flat_after"))
    opening = 1.0 / (1.0 + np.exp(-(at - p("china.onward_middle")) / p("china.onward_width")))
    early_rate, late_rate = p("china.onward_early"), p("china.onward_late")
    cash = levers[Lever.SOUTH_SETTLEMENT_CASH, 0] / p("china.settlement_reference")
    season = stage.scenario.parameters.values("south.arrival_season")[MONTH % 12]
    onward = (early_rate + (late_rate - early_rate) * opening) * season
    onward *= cash ** p("china.settlement_elasticity") * levers[Lever.SOUTH_ONWARD_CAPACITY, 0]
    onward = onward * household * 2.0 ** (-stayed / p("china.settle_half_life"))
    onward *= np.where(kin, np.exp(p("china.onward_kin")), 1.0)
    onward *= np.where(helped, p("china.helped_onward"), 1.0)
    rates = np.stack([
        levers[Lever.CHINA_PATROL_RATE, 0] * zone * np.where(elite, p("china.patrol_class"), 1.0),
        levers[Lever.BORDER_PURSUIT_RATE, 0] * zone * np.where(elite, p("china.pursuit_elite"), 1),
        np.where(trip, 0.0, onward),
        np.where(trip, p("china.trip_return"), p("china.return_rate")),
        np.where(trip, p("china.trip_stay"), 0.0),
    ], axis=1)  # fmt: skip
    meeting = p("china.encounter_rate") * zone * household
    meeting *= np.where(stayed < early, p("china.early_factor"), 1.0)
    return rates, meeting * stage.land.sector.far_bank[rows.sector]


def competition(seen: Month, rates: F64) -> Verdict:
    """Which clock rings first, how often, and when."""
    total = rates.sum(axis=1)
    rings = -np.expm1(-total)
    chance = np.concatenate([rates * (rings / total)[:, None], (1 - rings)[:, None]], axis=1)
    battery = Battery()
    groups = {
        "kind of person": seen.trip * 2 + seen.elite,
        "months in China": seen.stayed // 3,
        "all rates together": np.argsort(np.argsort(total)) * 50 // len(total),
    }
    for what, group in groups.items():
        for k, name in enumerate((*CAUSES, "none")):
            q = chance[:, k]
            battery.sums(f"{name} by {what}", np.bincount(group, seen.cause == k),
                         np.bincount(group, q), np.bincount(group, q * (1 - q)))  # fmt: skip
    # given that something rang, the time says nothing about what it was
    rang = seen.cause < 5
    u = np.expm1(-total[rang] * seen.at[rang]) / np.expm1(-total[rang])
    battery.law("time of the first clock", u, stats.uniform)
    for k, name in enumerate(CAUSES):
        battery.law(f"time of the first clock, if {name}", u[seen.cause[rang] == k], stats.uniform)
    return battery.verdict(
        "Do the clocks of a month in China compete as exponentials do: which comes first, how "
        "often, and when?",
        f"{len(total):,} person-months, {int(rang.sum()):,} clocks rang",
        "clocks.png",
    )


def meetings(seen: Month, meeting: F64) -> Verdict:
    """Meetings until the first clock are a Poisson process."""
    battery = Battery()
    exposed = meeting * seen.at
    group = np.argsort(np.argsort(meeting)) * 40 // len(meeting)
    battery.sums("meetings by their rate", np.bincount(group, seen.met),
                 np.bincount(group, exposed), np.bincount(group, exposed))  # fmt: skip
    by_cause = [np.bincount(seen.cause, w, 6) for w in (seen.met, exposed, exposed)]
    battery.sums("meetings by what ended the month", *by_cause)
    battery.shares("how many meetings a person has", np.bincount(np.minimum(seen.met, 7),
                   minlength=8), _poisson_table(exposed))  # fmt: skip
    none = np.exp(-exposed)
    battery.z("nobody met", float((seen.met == 0).sum()), float(none.sum()),
              float((none * (1 - none)).sum()))  # fmt: skip
    early = (seen.met > 0) & (seen.first < seen.at)
    u = np.expm1(-meeting[early] * seen.first[early]) / np.expm1(-exposed[early])
    battery.law("time of the first meeting", u, stats.uniform)
    return battery.verdict(
        "Are meetings with residents a Poisson process until something ends the month?",
        f"{len(meeting):,} person-months, {int(seen.met.sum()):,} meetings",
        "clocks.png",
    )


def _poisson_table(exposed: F64) -> F64:
    law = np.array([stats.poisson.pmf(k, exposed).sum() for k in range(7)])
    return np.append(law, len(exposed) - law.sum())


def _draw(out: Path, seen: Month) -> None:
    total = seen.rates.sum(axis=1)
    with panels(out / "clocks.png", 3) as (left, middle, right):
        who = (seen.trip * 2 + seen.elite) * 100 + seen.stayed // 6
        for k, name in enumerate(CAUSES):
            share = seen.rates[:, k] * -np.expm1(-total) / total
            size = np.maximum(np.bincount(who), 1)
            law = np.bincount(who, share) / size
            first = np.bincount(who, seen.cause == k) / size
            some = law * size > 25
            left.loglog(law[some], first[some], "o", ms=3, color=COLOURS[k], label=name)
        left.plot([1e-3, 0.5], [1e-3, 0.5], "-", lw=1, color=GREY)
        label(left, "First to ring, by kind and stay", "share by the law", "share of person-months")
        rang = seen.cause < 5
        edges = np.linspace(0, 1, 21)
        for k, trip in enumerate((False, True)):
            who = rang & (seen.trip == trip)
            density = np.histogram(seen.at[who], edges)[0] / who.sum() * 20
            t = edges[:-1] + 0.025
            law = [(total[who] * np.exp(-total[who] * s) / -np.expm1(-total[who])).mean()
                   for s in t]  # fmt: skip
            middle.plot(t, law, "-", lw=1, color=COLOURS[k])
            middle.plot(t, density, "o", ms=3, color=COLOURS[k],
                        label="food trips" if trip else "long stays")  # fmt: skip
        middle.set_ylim(0)
        label(middle, "When it rings", "part of the month passed", "density")
        law = _poisson_table(seen.meeting * seen.at)
        right.bar(range(8), law, color="none", edgecolor=GREY, label="Poisson")
        right.plot(range(8), np.bincount(np.minimum(seen.met, 7), minlength=8), "o", ms=4,
                   color=COLOURS[0], label="engine")  # fmt: skip
        right.set_yscale("log")
        label(right, "Meetings in a month", "meetings (7: or more)", "person-months")


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    seen = lived(40_000 if quick else 500_000)
    _draw(out, seen)
    yield competition(seen, seen.rates)
    yield meetings(seen, seen.meeting)


def _planted(clock: int, factor: float) -> list[Verdict]:
    seen = lived(40_000)
    rates = seen.rates.copy()
    rates[:, clock] *= factor
    return [competition(seen, rates)]


def _meetings(factor: float) -> list[Verdict]:
    seen = lived(40_000)
    return [meetings(seen, seen.meeting * factor)]


PLANTED = {
    "patrols a fifth more frequent": lambda: _planted(0, 1.2),
    "no settling of food trips": lambda: _planted(4, 1e-9),
    "meetings a twentieth rarer": lambda: _meetings(0.95),
}

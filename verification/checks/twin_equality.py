"""Engine against twin: two programs, one model, the same events.

The twin (``bordersim.twin``) is the whole model again in plain Mesa, written from the
documents. It shares keyed draws, levers, parameters and codes with the engine, and nothing
else. Every event, payment and stock of every month must be equal, and once a year and at
the end everything that anybody remembers.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from benchmarks.markdown import table
from bordersim.codes import Event
from bordersim.twin import china, custody, river, south, traffickers
from bordersim.twin.compare import compare
from bordersim.twin.equations import guards as guard_equations
from bordersim.twin.equations import residents as resident_equations
from bordersim.twin.guards import Guard
from bordersim.twin.kinship import Kinship
from bordersim.twin.residents import Resident
from tests.twin_worlds import FEWEST, MONTHS, SEEDS, WORLDS, world
from verification.many import in_processes
from verification.picture import BLUE, ORANGE, label, panels
from verification.verdict import Verdict

QUICK_MONTHS = 36
PLANTED_MONTHS = 72


class Job(NamedTuple):
    """One run to compare."""

    world: str
    seed: int
    months: int


class Found(NamedTuple):
    """What came of it; ``mismatch`` is empty when all was equal."""

    job: Job
    mismatch: str
    months: int
    counts: dict[Event, int]
    seconds: float

    @property
    def events(self) -> int:
        """Equal events."""
        return sum(self.counts.values())


def one(job: Job) -> Found:
    """Run engine and twin side by side."""
    begun = time.perf_counter()
    result = compare(world(job.world, job.months), job.seed)
    told = "" if result.mismatch is None else str(result.mismatch)
    return Found(job, told, result.months, result.counts, time.perf_counter() - begun)


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """Five seeds of six worlds for 120 months; quick: two short runs."""
    if quick:
        jobs = [Job(name, 1, QUICK_MONTHS) for name in ("every-lever", "closure-2020")]
    else:
        jobs = [Job(name, seed, MONTHS) for name in WORLDS for seed in SEEDS]
    found = in_processes(one, jobs)
    for name in dict.fromkeys(job.world for job in jobs):
        yield equality(name, [result for result in found if result.job.world == name])
    counts = by_world(found)
    if not quick:
        figure = "twin_equality.png"
        draw(out / figure, counts)
        yield often_enough(counts, figure)
    out.mkdir(parents=True, exist_ok=True)
    (out / "twin_equality.md").write_text(counts_table(counts))


def equality(name: str, found: list[Found]) -> Verdict:
    """Whether all runs of a world are equal."""
    unequal = [result for result in found if result.mismatch]
    months, events = sum(r.months for r in found), sum(r.events for r in found)
    wanted = sum(r.job.months for r in found)
    detail = "\n".join(f"seed {r.job.seed}: {r.mismatch}" for r in unequal)
    first = f"; first difference: {detail.splitlines()[0]}" if unequal else ""
    return Verdict(
        f"Do engine and twin tell the same story of the world {name}?",
        not unequal and months == wanted,
        f"{events:,} events of {months} months equal{first}",
        "every event, payment and stock; every agent each December",
        f"{len(found)} seeds, 20,000 residents",
        detail=detail,
    )


def by_world(found: list[Found]) -> dict[str, Counter[Event]]:
    """Events by world and kind, all seeds together."""
    counts: dict[str, Counter[Event]] = {}
    for result in found:
        counts.setdefault(result.job.world, Counter()).update(result.counts)
    return counts


def often_enough(counts: dict[str, Counter[Event]], figure: str) -> Verdict:
    """Whether every kind of event occurs often enough in every world to mean something."""
    number, event, name = min(
        (count[event], event, name) for name, count in counts.items() for event in Event
    )
    return Verdict(
        "Does every kind of event occur in every world?",
        number >= FEWEST,
        f"least: {event.name} {number} times in {name}",
        f"at least {FEWEST} times each",
        f"{len(Event)} kinds in {len(counts)} worlds of {len(SEEDS)} seeds",
        figure,
    )


def counts_table(counts: dict[str, Counter[Event]]) -> str:
    """Events by kind and world, as a table of the page."""
    rows = [(event.name, *(f"{count[event]:,}" for count in counts.values())) for event in Event]
    return "Events that engine and twin log alike:\n\n" + table(("event", *counts), rows) + "\n"


def draw(path: Path, counts: dict[str, Counter[Event]]) -> None:
    """Events by kind, one dot a world, against the fewest allowed."""
    with panels(path, 1, height=6.2) as (ax,):
        for position, event in enumerate(Event):
            numbers = [count[event] for count in counts.values()]
            ax.plot(numbers, [position] * len(numbers), "o", color=BLUE, ms=3.5, alpha=0.6)
        ax.axvline(FEWEST, color=ORANGE, lw=1.2)
        ax.text(
            FEWEST * 1.1, 1, f"fewest allowed: {FEWEST}", color=ORANGE, fontsize=7.5, va="center"
        )
        ax.set_xscale("log")
        ax.set_yticks(range(len(Event)), [event.name for event in Event], fontsize=6.5)
        ax.set_ylim(len(Event), -1)
        title = "Events equal in engine and twin, one dot a world"
        label(ax, title, "events, all seeds", "", legend=False)


# Faults planted in the twin ------------------------------------------------------------


def planted(target: Any, name: str, wrong: Callable[..., Any]) -> Iterator[Verdict]:
    """Compare a world with one thing of the twin replaced by something wrong."""
    with mock.patch.object(target, name, wrong):
        yield equality("every-lever", [one(Job("every-lever", 1, PLANTED_MONTHS))])


def _fault(target: Any, name: str, wrong: Callable[..., Any]) -> Callable[[], Iterable[Verdict]]:
    return partial(planted, target, name, wrong)


_TRUE_LOOKBACK = Guard.bribes_in_lookback
_TRUE_KIN = Kinship.of
_TRUE_SPEND = Resident.spend


def _one_month_too_many(guard: Guard) -> int:
    return _TRUE_LOOKBACK(guard) + guard.taken.get(guard.model.month, 0) + (
        guard.model.month > guard.sector.lookback
        and guard.taken.get(guard.model.month - guard.sector.lookback - 1, 0)
    )  # fmt: skip


def _first_kin_forgotten(kinship: Kinship, uid: int) -> Iterator[int]:
    kin = _TRUE_KIN(kinship, uid)
    next(kin, None)
    return kin


def _one_won_lost(resident: Resident, payee: Any, amount: int) -> None:
    _TRUE_SPEND(resident, payee, max(0, amount - 1))


PLANTED: dict[str, Callable[[], Iterable[Verdict]]] = {
    "G2: accepting a bribe costs no fear": _fault(
        guard_equations, "accept_utility", lambda b, fear, loss, i: b - i
    ),
    "R4: own experience counts for nothing": _fault(
        resident_equations, "personal_risk", lambda belief, known, caught, law: belief
    ),
    "M2: the lookback is a month too long": _fault(
        Guard, "bribes_in_lookback", _one_month_too_many
    ),
    "R6: one of one's kin is forgotten": _fault(Kinship, "of", _first_kin_forgotten),
    "K1: death in custody draws the number of the term": _fault(
        custody, "draw", lambda bits, field: bits
    ),
    "T5: the guards longest known are kept, not those of lowest hash": _fault(
        traffickers.Trafficker, "_hash", lambda self, link: 0
    ),
    "money: a thousand won of every payment is lost": _fault(Resident, "spend", _one_won_lost),
    "R4: nothing of the river is heard of at home": _fault(
        river, "hear", lambda resident, risk, *, bad: None
    ),
    "C4: nobody settles in China": _fault(china.c, "not_settled", lambda stayed, law: 1.0),
    "S1: debts are forgiven": _fault(south, "settle_debts", lambda person: None),
}
"""Faults that the comparison must notice, one at a time."""

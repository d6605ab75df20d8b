"""Engine against twin, event for event, payment for payment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from bordersim.codes import Account, Event, Obs, Status
from bordersim.dates import month_label
from bordersim.population import World
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, sorted_events
from bordersim.twin.events import FIELDS, Row
from bordersim.twin.model import TwinModel
from bordersim.twin.recorder import Decision, Recorder
from bordersim.twin.state_compare import state_differences

_STOCK = {status: Obs[f"STOCK_{status.name}"] for status in Status}


@dataclass(frozen=True)
class Mismatch:
    """The first difference between engine and twin.

    Attributes
    ----------
    month
        Since 1995-01.
    what
        Which book differs: "events", "payments from ... to ...", "people home", "states".
    engine, twin
        What either says there, as text.
    decisions
        What the twin decided about those concerned this month, with margins.
    """

    month: int
    what: str
    engine: str
    twin: str
    decisions: tuple[Decision, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{month_label(self.month)}: {self.what} differ",
            f"  engine: {self.engine}",
            f"  twin:   {self.twin}",
        ]
        if self.decisions:
            lines.append("  decisions of the twin this month about those concerned:")
            lines += [f"    {decision}" for decision in self.decisions]
        return "\n".join(lines)


@dataclass(frozen=True)
class Comparison:
    """What came of comparing a run with its twin.

    Attributes
    ----------
    mismatch
        The first difference, or None if the two are equal.
    months, events
        How many of each were equal.
    counts
        Events by kind.
    """

    mismatch: Mismatch | None
    months: int
    events: int
    counts: dict[Event, int]


def compare(scenario: Scenario, seed: int, every: int = 12) -> Comparison:
    """Run engine and twin side by side until a first difference.

    Parameters
    ----------
    scenario
        What to simulate, from 1995-01 to the end of its span.
    seed
        Seed of the dynamics.
    every
        Months after which the whole state is compared too, and at the end.

    Returns
    -------
    Comparison
        Events are compared first, then the ledger and the stocks of the same month.
    """
    engine, twin = Engine(scenario, seed, events=True), TwinModel(scenario, seed, Recorder())
    world, counts = engine.first_world(), dict.fromkeys(Event, 0)
    found: Mismatch | None = None
    while found is None and twin.month <= scenario.end_month:
        record, ledger = engine.blank_books(1)
        world, happened = engine.step(world, record, ledger)
        before = len(twin.events)
        twin.step()
        mine = twin.events[before:]
        found = events_differ(in_order(happened), mine, twin) or books_differ(
            record[0], ledger[0], twin
        )
        if found is None and (twin.month % every == 0 or twin.month > scenario.end_month):
            found = state_differs(world, twin)
        for row in mine if found is None else ():
            counts[Event(row[3])] += 1
    months = twin.month - (found is not None)
    forget(twin)
    return Comparison(found, months, sum(counts.values()), counts)


def in_order(happened: NDArray[np.int64]) -> list[Row]:
    """The engine's events of a month, in canonical order."""
    columns = sorted_events([happened])
    return list(zip(*(columns[name].tolist() for name in FIELDS), strict=True))


def state_differs(world: World, twin: TwinModel) -> Mismatch | None:
    """The first differences in what engine and twin remember, or None."""
    found = list(islice(state_differences(world, twin), 5))
    if not found:
        return None
    return Mismatch(twin.month - 1, "states", "\n          ".join(found), "as said there")


def events_differ(logged: list[Row], mine: list[Row], twin: TwinModel) -> Mismatch | None:
    """The first event of a month that is not the same in both logs."""
    for engine_row, twin_row in zip_longest(logged, mine):
        if engine_row == twin_row:
            continue
        concerned = [row[2] if row[2] >= 0 else row[5] for row in (engine_row, twin_row) if row]
        decisions = tuple(twin.recorder.of(*concerned)) if twin.recorder is not None else ()
        month = twin.month - 1
        return Mismatch(month, "events", row_text(engine_row), row_text(twin_row), decisions)
    return None


def books_differ(
    record: NDArray[np.int64], ledger: NDArray[np.int64], twin: TwinModel
) -> Mismatch | None:
    """The first difference between the ledgers or the stocks of a month."""
    month = twin.month - 1
    for payer in Account:
        for payee in Account:
            one, other = int(ledger[payer, payee]), twin.accounts.ledger[payer][payee]
            if one != other:
                name = f"payments from {payer.name.lower()} to {payee.name.lower()}"
                return Mismatch(month, name, f"{one} thousand", f"{other} thousand")
    for status, by_home in twin.stock().items():
        engine = record[_STOCK[status], : len(by_home)].sum(axis=(1, 2)).tolist()
        if engine != by_home:
            return Mismatch(month, f"people {status.name.lower()}", str(engine), str(by_home))
    return None


def row_text(row: Row | None) -> str:
    """An event in words; nothing if a log ends before the other."""
    if row is None:
        return "no further event"
    fields = dict(zip(FIELDS, row, strict=True))
    fields.pop("month")
    name = Event(fields.pop("event")).name
    return f"{name} " + ", ".join(f"{key} {value}" for key, value in fields.items())


def forget(twin: TwinModel) -> None:
    """Let a finished world go: Mesa counts agents by model, and keeps every model for it."""
    import mesa

    mesa.Agent._ids.pop(twin, None)

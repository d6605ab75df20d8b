"""Engine against twin, event for event, payment for payment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np

from bordersim.codes import Account, Event, Obs, Risk, Status
from bordersim.dates import month_label
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate
from bordersim.twin.events import FIELDS, Row
from bordersim.twin.model import TwinModel
from bordersim.twin.recorder import Decision, Recorder

_STOCK = {status: Obs[f"STOCK_{status.name}"] for status in Status}


@dataclass(frozen=True)
class Mismatch:
    """The first difference between engine and twin.

    Attributes
    ----------
    month
        Since 1995-01.
    what
        Which book differs: "events", "ledger", "stock", "beliefs", "going bribe".
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


def compare(scenario: Scenario, seed: int, run: Run | None = None) -> Comparison:
    """Run the twin beside the engine until a first difference.

    Parameters
    ----------
    scenario
        Its span must begin in 1995-01, where the twin begins.
    seed
        Seed of the dynamics.
    run
        The engine's run with its events, if there is one already.

    Returns
    -------
    Comparison
        Events are compared first, then the ledger, stocks, beliefs and going bribes of
        the same month.
    """
    if run is None:
        run = simulate(scenario, seed, events=True)
    if run.events is None or run.start_month != 0:
        raise ValueError("the run must begin in 1995-01 and keep its events")
    twin = TwinModel(scenario, seed, Recorder())
    counts = dict.fromkeys(Event, 0)
    found: Mismatch | None = None
    for logged in rows_by_month(run):
        before = len(twin.events)
        twin.step()
        mine = twin.events[before:]
        found = events_differ(logged, mine, twin) or books_differ(run, twin)
        if found is not None:
            break
        for row in mine:
            counts[Event(row[3])] += 1
    months = twin.month - (found is not None)
    forget(twin)
    return Comparison(found, months, sum(counts.values()), counts)


def rows_by_month(run: Run) -> Iterator[list[Row]]:
    """The engine's events of each month of the run, in canonical order."""
    assert run.events is not None
    columns = np.stack([run.events[name] for name in FIELDS], axis=1)
    starts = np.searchsorted(columns[:, 0], np.arange(run.end_month + 2))
    for first, last in pairwise(starts):
        yield [tuple(row) for row in columns[first:last].tolist()]


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


def books_differ(run: Run, twin: TwinModel) -> Mismatch | None:
    """The first difference in ledger, stocks, beliefs or going bribes at a month's end."""
    month = twin.month - 1
    for payer in Account:
        for payee in Account:
            one, other = int(run.ledger[month, payer, payee]), twin.accounts.ledger[payer][payee]
            if one != other:
                name = f"payments from {payer.name.lower()} to {payee.name.lower()}"
                return Mismatch(month, name, f"{one} thousand", f"{other} thousand")
    record = run.record[month]
    for status, by_home in twin.stock().items():
        engine = record[_STOCK[status], : len(by_home)].sum(axis=(1, 2)).tolist()
        if engine != by_home:
            return Mismatch(month, f"people {status.name.lower()}", str(engine), str(by_home))
    for risk in Risk:
        name = f"PERCEIVED_RISK_{risk.name.removeprefix('RIVER_')}"
        engine = record[Obs[name], : len(twin.homes), 0, 0].tolist()
        mine = [round(home.belief[risk] * 2**20) for home in twin.homes]
        if engine != mine:
            return Mismatch(month, f"beliefs {risk.name.lower()}", str(engine), str(mine))
    engine = record[Obs.GOING_BRIBE, : len(twin.sectors), 0, 0].tolist()
    mine = [sector.going_bribe for sector in twin.sectors]
    if engine != mine:
        return Mismatch(month, "going bribes", str(engine), str(mine))
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

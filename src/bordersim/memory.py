"""How much memory a run will take, told before any of it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bordersim.codes import OBSERVABLES, Account, Class, Sex
from bordersim.machine import memory, resident
from bordersim.scratch import ACTOR, CALL, FOUND
from bordersim.state import (
    EVENT_FIELDS,
    GUARD,
    LINK,
    LINKS,
    LISTED,
    ROW,
    TRAFFICKER,
)

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

PROGRAM_BYTES = 300_000_000
"""A process that simulates hardly anybody: libraries, kernels and tables."""

FIRST_ROWS = 1 << 12
PEOPLE_A_ROW = 56
"""Rows a world starts with, as ``population`` gives them room."""

EVENTS_A_PERSON_MONTH = 1e-3
"""History ends with nine events in ten thousand months of a resident."""

_COPIES_OF_EVENTS = 3
"""Month by month, in one piece, and sorted by column."""

_ROOM_TO_GROW = 3
"""A table that has doubled, beside the one it was copied from."""

_MOST_SLOTS_A_ROW = 12
"""Of a table of a power of two that is half full at most, and of the one it replaces."""

_SMALLEST_STEP = 0.001


@dataclass(frozen=True)
class Need:
    """Bytes that runs will take at their peak.

    Attributes
    ----------
    program
        Libraries and kernels of every process.
    fixed
        Record and ledger of every run.
    people
        What grows with the people simulated: residents, guards, traffickers, events.
    """

    program: int
    fixed: int
    people: int

    @property
    def total(self) -> int:
        """Everything."""
        return self.program + self.fixed + self.people


def needed(scenario: Scenario, n_runs: int = 1, n_processes: int = 1, *, events: bool) -> Need:
    """Estimate the memory of runs of a scenario.

    Parameters
    ----------
    scenario
        What is to be simulated.
    n_runs
        Runs in all; the results of each stay in memory.
    n_processes
        Runs at once.
    events
        Whether the event log is kept.

    Returns
    -------
    Need
        From the sizes of the model's own records, for as many rows as history
        needs; a scenario in which far more people leave may take more.
    """
    months = scenario.end_month + 1
    places = max(len(scenario.places.homes), len(scenario.places.sectors))
    record = len(OBSERVABLES) * places * len(Sex) * len(Class) + len(Account) ** 2
    people = _world_bytes(scenario) + _event_bytes(scenario, months) * events
    parent = PROGRAM_BYTES if n_processes > 1 else 0
    return Need(
        program=n_processes * PROGRAM_BYTES + parent,
        fixed=(n_runs + n_processes) * months * record * 8,
        people=n_processes * people,
    )


def _residents(scenario: Scenario) -> int:
    return int(scenario.places.home["population"].sum() * scenario.scale)


def _world_bytes(scenario: Scenario) -> int:
    value, sector = scenario.parameters.value, scenario.places.sector
    residents = _residents(scenario)
    in_china = int(value("china.start_stock") * scenario.scale)
    rows = max(FIRST_ROWS, 2 * in_china, residents // PEOPLE_A_ROW)
    guards = sector["length_km"].sum() * scenario.scale * value("guards.places_per_km")
    pool = np.maximum(1.0, sector["pool"] * scenario.scale).sum()
    columns = 4 * len(LISTED) + 8 + 2 + 2  # of the roster: lists, uid, months
    return (
        residents // 8
        + 4 * _MOST_SLOTS_A_ROW * rows
        + _ROOM_TO_GROW * rows * (ROW.itemsize + columns)
        + 2 * rows * (ACTOR.itemsize + FOUND.itemsize)
        + rows // 2 * CALL.itemsize
        + int(guards) * GUARD.itemsize
        + int(pool) * (TRAFFICKER.itemsize + LINKS * LINK.itemsize)
    )


def _event_bytes(scenario: Scenario, months: int) -> int:
    events = _residents(scenario) * months * EVENTS_A_PERSON_MONTH
    return int(events) * len(EVENT_FIELDS) * 8 * _COPIES_OF_EVENTS


def memory_mistake(need: Need, scale: float, available: int | None) -> str | None:
    """Say that runs would not fit into memory; None if they would.

    Parameters
    ----------
    need
        From ``needed``, at the scale asked for.
    scale
        Share of the nation.
    available
        Bytes that may be had; None when the system does not tell.

    Returns
    -------
    str or None
        The message of a ``Problem``: need, have, and the scale that would fit.
    """
    if available is None or need.total <= available:
        return None
    left = available - need.program - need.fixed
    fits = scale * left / need.people
    fits -= fits % _SMALLEST_STEP
    message = f"{size(need.total)} of memory are needed, {size(available)} can be had"
    if fits >= _SMALLEST_STEP:
        return f"{message}; scale {fits:.3f} would fit"
    return f"{message}; the program alone takes {size(need.program + need.fixed)}"


def available_memory() -> int | None:
    """Measure how much memory may be had without swapping.

    Returns
    -------
    int or None
        Bytes, within the limit of the container or batch job, with those that this
        process has already; None when unknown.
    """
    free = memory().free
    return None if free is None else free + resident()


def size(n_bytes: int) -> str:
    """Write a number of bytes for people.

    Parameters
    ----------
    n_bytes
        Any number.

    Returns
    -------
    str
        Such as ``320 MB`` or ``1.4 GB``.
    """
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:,.1f} GB"
    return f"{n_bytes / 1e6:,.0f} MB"

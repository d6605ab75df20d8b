"""What has happened to a resident, and why one considers leaving, as numbers in the log."""

from __future__ import annotations

from enum import IntEnum


class Flag(IntEnum):
    """What has happened to a resident (submodels.md, Conventions)."""

    PAID = 1
    PACKAGE = 2
    TRIP = 4
    KIN = 8
    HELPED = 16
    CONTACT = 32
    HISTORY = 64


LASTING: int = Flag.KIN | Flag.HISTORY
"""Flags that outlive a return home."""


class Reason(IntEnum):
    """Why somebody considers leaving (events.md, CONSIDERED)."""

    HARDSHIP = 0
    CASE = 1
    WAITING = 2
    HISTORY = 4

"""What an explanation is made of: decisions, alternatives, chances, and what would flip them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from bordersim.codes import Event

NO_CLOCK = "no clock rings"
"""What is said of a month in China in which nothing happens of itself."""


class Row(NamedTuple):
    """One row of the event log, without month and uid."""

    phase: int
    event: int
    place: int
    counterpart: int
    amount: int
    sequence: int

    @property
    def name(self) -> str:
        """The event in lower case."""
        return Event(self.event).name.lower()


@dataclass(frozen=True)
class Fact:
    """One number, or word, on which a decision rests.

    Attributes
    ----------
    what, value, unit
        In words a reader knows; ``unit`` is "chance" for a probability.
    key
        Name in the JSON document.
    """

    key: str
    what: str
    value: float | str
    unit: str = ""


@dataclass(frozen=True)
class Alternative:
    """Something that could have been chosen.

    Attributes
    ----------
    name
        In words; unique within the decision.
    outcome
        What it comes down to; several alternatives may share one.
    terms
        Parts of the utility by name, without the error.
    error
        Its random part, nest error included; None where it could not be had.
    utility
        Sum of both; None where it could not be had.
    obstacle
        Why it could not be had; empty where it could.
    """

    name: str
    outcome: str
    terms: Mapping[str, float] = field(default_factory=dict)
    error: float | None = None
    utility: float | None = None
    obstacle: str = ""


@dataclass(frozen=True)
class Chance:
    """Something that luck decided: it happens when ``draw`` lies below ``probability``."""

    what: str
    probability: float
    draw: float

    @property
    def happened(self) -> bool:
        """Whether it did."""
        return self.draw < self.probability


@dataclass(frozen=True)
class Flip:
    """The change of one number, all else being equal, that turns a decision.

    Attributes
    ----------
    what, unit
        Which number.
    now
        What it was.
    then
        Where the decision turns: just beyond, ``outcome`` is chosen. None if it never does.
    outcome
        What would be chosen instead; for None, why not.
    """

    what: str
    unit: str
    now: float
    then: float | None
    outcome: str

    @property
    def relative(self) -> float:
        """Change against what it was; infinite from zero, and where nothing turns it."""
        if self.then is None:
            return math.inf
        return abs(self.then - self.now) / abs(self.now) if self.now else math.inf

    @property
    def size(self) -> tuple[float, float]:
        """To order flips by: relative change, then absolute."""
        return self.relative, math.inf if self.then is None else abs(self.then - self.now)


@dataclass(frozen=True)
class Decision:
    """One step of a life: who decides, between what, and what came of it.

    Attributes
    ----------
    kind
        Such as ``choice``, ``consent``, ``meeting``, ``luck``.
    question
        What is decided, in words.
    choice
        What was chosen or happened, as worked out here.
    rows
        Rows that the event log must therefore hold.
    facts, alternatives, chances, flips
        What it rests on.
    """

    kind: str
    question: str
    choice: str
    rows: tuple[Row, ...] = ()
    facts: tuple[Fact, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    chances: tuple[Chance, ...] = ()
    flips: tuple[Flip, ...] = ()

    @property
    def smallest_flip(self) -> Flip | None:
        """The least relative change that would have turned it, or None."""
        turning = [flip for flip in self.flips if flip.then is not None]
        return min(turning, key=lambda flip: flip.size, default=None)

    def document(self) -> dict[str, Any]:
        """Everything as plain data."""
        document = asdict(self)
        document["rows"] = [row_document(row) for row in self.rows]
        document["chances"] = [
            asdict(chance) | {"happened": chance.happened} for chance in self.chances
        ]
        document["alternatives"] = [dict(asdict(one)) for one in self.alternatives]
        document["flips"] = [
            asdict(flip) | {"relative": flip.relative if flip.relative < math.inf else None}
            for flip in sorted(self.flips, key=lambda flip: flip.size)
        ]
        return document


def row_document(row: Row) -> dict[str, Any]:
    """A row of the log with the event's name."""
    return row._asdict() | {"event": row.name}

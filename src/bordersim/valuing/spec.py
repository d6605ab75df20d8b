"""What is asked: which report that could be made narrows which attribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bordersim.attributing.spec import Question, period_text
from bordersim.comparing.quantities import Cut, Quantity
from bordersim.periods import Period
from bordersim.scenario import Scenario

LOG, LOGIT = "log", "logit"


@dataclass(frozen=True)
class Part:
    """A figure of some people or places over some months."""

    period: Period
    cut: Cut


@dataclass(frozen=True)
class Measure:
    """How a fact is read from a run.

    Attributes
    ----------
    of, per
        Quantities that are added up, and those by which the sum is divided, if any.
    here
        Where and when.
    against
        Where and when the same figure is taken that the first is divided by; None for none.
    """

    of: tuple[Quantity, ...]
    per: tuple[Quantity, ...]
    here: Part
    against: Part | None

    @property
    def periods(self) -> tuple[Period, ...]:
        """All spans it needs."""
        return (self.here.period, *((self.against.period,) if self.against else ()))

    @property
    def observables(self) -> tuple[str, ...]:
        """All series it needs."""
        return tuple(dict.fromkeys(part for one in (*self.of, *self.per) for part in one.parts))


@dataclass(frozen=True)
class Fact:
    """A report that could be made.

    Attributes
    ----------
    id, title
        Its name, and what it would say.
    measure
        How it is read from a run.
    scale
        ``LOG`` or ``LOGIT``.
    error
        Standard deviation of the report on that scale.
    reason, supplier, harm
        Why it errs by as much, who could report it, whom that could hurt.
    """

    id: str
    title: str
    measure: Measure
    scale: str
    error: float
    reason: str
    supplier: str
    harm: str

    def plain(self) -> dict[str, Any]:
        """The fact as plain data."""
        here = self.measure.here
        return {
            "fact": self.id,
            "title": self.title,
            "period": period_text(here.period),
            "place": here.cut.place,
            "scale": self.scale,
            "error": self.error,
            "reason": self.reason,
            "supplier": self.supplier,
            "harm": self.harm,
        }


@dataclass(frozen=True)
class Asked:
    """A file of facts, checked, with the attribution that they are to narrow.

    Attributes
    ----------
    name, title
        Of the study.
    question
        The attribution, of its main draws and one observable only.
    scenario
        What the facts are read from: what happened, recorded over all their months.
    facts
        In the order of the file.
    together
        How many are judged together at most.
    """

    name: str
    title: str
    question: Question
    scenario: Scenario
    facts: tuple[Fact, ...]
    together: int

    @property
    def observable(self) -> str:
        """Whose division is to be narrowed."""
        return self.question.observables[0]

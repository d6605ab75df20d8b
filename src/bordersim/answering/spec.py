"""Questions that were read: what is compared, over which draws, and what reports claim."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bordersim.comparing.quantities import Cut, Quantity, quantity_of
from bordersim.dates import month_label
from bordersim.periods import Period
from bordersim.sweeping.spec import Sweep

MORE, LESS = "more", "less"

Job = tuple[Quantity, Cut]
"""What is measured of a run, and of whom."""


@dataclass(frozen=True)
class Contrast:
    """A scenario against its baseline over some months."""

    scenario: str
    baseline: str
    window: Period

    def span(self) -> str:
        """The window in words."""
        ends = month_label(self.window.first), month_label(self.window.last)
        if ends[0].endswith("-01") and ends[1].endswith("-12"):
            ends = ends[0][:4], ends[1][:4]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)


@dataclass(frozen=True)
class Claim:
    """What reports say of an effect, and what would have to be seen for it to hold."""

    says: str
    evidence: tuple[str, ...]
    contrast: Contrast
    observable: str
    class_: str | None
    expects: str

    @property
    def job(self) -> Job:
        """What it is about."""
        return quantity_of(self.observable), Cut(class_=self.class_)


@dataclass(frozen=True)
class Question:
    """One question; see ``QuestionEntry``."""

    id: str
    asks: str
    evidence: tuple[str, ...]
    assumed: str
    reading: str
    attribution: Path | None
    elsewhere: str
    contrasts: tuple[Contrast, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Asked:
    """All questions of a file, and the runs that answer them.

    Attributes
    ----------
    title, questions
        In the order of the page.
    observables
        What is compared, harm included.
    study, prior
        Sweeps of posterior draws (or of the parameters as they are) and of prior draws.
    shipped
        Whether the draws are those that ship with the package.
    identified_below
        See ``AnswersFile``.
    ledger_pairs
        Pairs of each comparison that are followed person by person.
    """

    title: str
    questions: tuple[Question, ...]
    observables: tuple[str, ...]
    study: Sweep
    prior: Sweep | None
    shipped: bool
    identified_below: float
    ledger_pairs: int

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Of the posterior and, if there is one, of the prior."""
        return (self.study,) if self.prior is None else (self.study, self.prior)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Everything compared, each once."""
        return tuple(dict.fromkeys(c for question in self.questions for c in question.contrasts))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim."""
        return tuple(claim for question in self.questions for claim in question.claims)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What is measured of every run, each once."""
        whole = [(quantity_of(name), Cut()) for name in self.observables]
        return tuple(dict.fromkeys([*whole, *(claim.job for claim in self.claims)]))

"""Which decisions were taken this month, and how narrowly: for explaining a mismatch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Decision:
    """One decision and the margin by which it was taken.

    Attributes
    ----------
    what
        In words: "seen at the river".
    uid
        Resident concerned; for guards and traffickers their identity.
    margin
        How far the draw was from tipping the decision: probability less uniform, or best
        utility less second best. Positive where it happened or was chosen.
    terms
        What entered it, by name.
    """

    what: str
    uid: int
    margin: float
    terms: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        terms = ", ".join(f"{name} {value:.9g}" for name, value in self.terms.items())
        return f"{self.what}: margin {self.margin:.3e} ({terms})"


class Recorder:
    """Decisions of the month at hand."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def clear(self) -> None:
        """Forget the month before."""
        self.decisions = []

    def note(self, what: str, uid: int, margin: float, **terms: float) -> None:
        """Keep one decision."""
        self.decisions.append(Decision(what, uid, margin, terms))

    def of(self, *who: int) -> list[Decision]:
        """Decisions of this month that concern one of these identities."""
        return [decision for decision in self.decisions if decision.uid in who]

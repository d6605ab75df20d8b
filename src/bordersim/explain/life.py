"""One life, explained month by month, and held against the event log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bordersim.codes import Class, Sex, Status
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.explain.considering import explain_choice
from bordersim.explain.crossing import explain_crossing
from bordersim.explain.later import arrive, begin_term, hear_and_receive, leave_post, serve
from bordersim.explain.person import Traits
from bordersim.explain.reasons import reason_of
from bordersim.explain.replay import Moment
from bordersim.explain.stay import MonthInChina, stay_of
from bordersim.explain.told import Decision, Row, row_document

AGES = ("0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60 and over")
"""Age bands in January 1995 and ever after: nobody ages."""

RESPONSIBLE = (
    "A simulated person, drawn from statistics: nobody in the world has this life, and what "
    "flips it here says nothing about anyone."
)


class ExplanationMismatchError(BordersimError):
    """What was explained is not what the engine did.

    Parameters
    ----------
    month, uid
        When and who.
    explained, logged
        Rows of the event log: as they should be, and as they are.
    """

    def __init__(
        self, month: int, uid: int, explained: tuple[Row, ...], logged: tuple[Row, ...]
    ) -> None:
        self.month, self.uid, self.explained, self.logged = month, uid, explained, logged
        super().__init__(
            f"uid {uid}, {month_label(month)}: the explanation is not what the log says; please "
            f"report this\n  explained: {_listed(explained)}\n  logged:    {_listed(logged)}"
        )


def _listed(rows: tuple[Row, ...]) -> str:
    def told(row: Row) -> str:
        return f"{row.name}(place {row.place}, {row.counterpart}, {row.amount}, {row.sequence})"

    return "; ".join(map(told, rows)) or "nothing"


@dataclass(frozen=True)
class LifeMonth:
    """One month of a life.

    Attributes
    ----------
    month
        Since 1995-01.
    rows
        What the event log says, equal to what the decisions say.
    decisions
        In the order in which they were taken.
    status
        Where the person is at its end.
    """

    month: int
    rows: tuple[Row, ...]
    decisions: tuple[Decision, ...]
    status: Status

    def document(self) -> dict[str, Any]:
        """The month as plain data."""
        return {
            "month": month_label(self.month),
            "status": self.status.name.lower(),
            "events": [row_document(row) for row in self.rows],
            "decisions": [decision.document() for decision in self.decisions],
        }


def explain_month(who: Traits, moment: Moment, sectors: tuple[str, ...]) -> LifeMonth:
    """Explain a month and hold it against the log.

    Parameters
    ----------
    who
        Whose month.
    moment
        What stood, and what the log says.
    sectors
        Names of the sectors.

    Raises
    ------
    ExplanationMismatchError
        If the decisions do not give the rows of the log.
    """
    told: list[Decision] = []
    scene = moment.scene
    why = reason_of(who, moment) if scene is not None else None
    if scene is not None and why is not None and why.code is not None:
        chosen = explain_choice(who, moment, scene, why, sectors)
        told += chosen.decisions
        told += explain_crossing(who, moment, scene, chosen, sectors)
    stay = stay_of(moment)
    if scene is not None and stay is not None:
        told += MonthInChina(who, moment, scene, stay).explain()
    told += begin_term(who, moment)
    told += serve(who, moment)
    told += arrive(who, moment)
    told += leave_post(who, moment)
    told += hear_and_receive(who, moment)
    explained = tuple(sorted(row for decision in told for row in decision.rows))
    if explained != moment.rows:
        raise ExplanationMismatchError(moment.month, who.uid, explained, moment.rows)
    return LifeMonth(moment.month, moment.rows, tuple(told), moment.after.status)


@dataclass(frozen=True)
class Life:
    """One simulated life, explained.

    Attributes
    ----------
    run
        Scenario, seed, scale and span, as plain data.
    who
        Traits that never change.
    home
        Name of the home.
    wealth
        Endowment in the first and in the last month, KRW million of 2015.
    kin
        How many kin; uids are in the document.
    chances
        Chance of considering leaving at least once, by year, while at home without history.
    months
        Those in which something happened, or the one asked for.
    status
        Where the person is in the end.
    asked
        The only month asked for, or None.
    parting
        Where this life and that of another run part, as plain data, or None.
    """

    run: Mapping[str, Any]
    who: Traits
    home: str
    wealth: tuple[float, float]
    kin: tuple[int, ...]
    chances: Mapping[int, float]
    months: tuple[LifeMonth, ...]
    status: Status
    asked: int | None = None
    parting: Mapping[str, Any] | None = None

    @property
    def uid(self) -> int:
        """Whose life."""
        return self.who.uid

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision of every month."""
        return tuple(decision for month in self.months for decision in month.decisions)

    def person(self) -> dict[str, Any]:
        """Traits as plain data."""
        who = asdict(self.who)
        return who | {
            "home": self.home,
            "cls": Class(self.who.cls).name.lower(),
            "sex": Sex(self.who.sex).name.lower(),
            "age_band": AGES[self.who.age_band],
            "wealth": list(self.wealth),
            "kin": list(self.kin),
        }

    def document(self) -> dict[str, Any]:
        """The whole explanation as plain data: what ``why --json`` prints."""
        return {
            "status": "ok",
            "note": RESPONSIBLE,
            "run": dict(self.run),
            "person": self.person(),
            "yearly_chance": {str(year): chance for year, chance in self.chances.items()},
            "asked": None if self.asked is None else month_label(self.asked),
            "months": [month.document() for month in self.months],
            "ends": self.status.name.lower(),
            "parting": None if self.parting is None else dict(self.parting),
        }

    def __str__(self) -> str:
        from bordersim.explain.text import as_text

        return as_text(self)

    def __repr__(self) -> str:
        return f"Life(uid={self.uid}, {len(self.months)} months, ends {self.status.name.lower()})"

    def _repr_html_(self) -> str:
        from bordersim.explain.html import life_html

        return life_html(self)

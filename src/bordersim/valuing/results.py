"""The value of each fact, of the best together, and what a reader has to know beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.errors import Problem, ScenarioError, suggestion
from bordersim.valuing.measuring import Measured
from bordersim.valuing.spec import Asked, Fact
from bordersim.valuing.targets import ALL, SHARE, WEIGHT, Targets
from bordersim.valuing.values import FEWEST_EFFECTIVE, Value, together, value_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Row = dict[str, Any]

DISAGREE = 0.1
"""Of the variance: methods further apart than this, and than twice both errors, disagree."""

_SMALL = 0.5
"""Share of the nation below which luck stands out, and an answer is a trial."""

_FEW = 100
"""Draws below which an answer is a trial."""


@dataclass(frozen=True, eq=False, repr=False)
class NextFacts:
    """What reports that could be made would tell of an attribution.

    Attributes
    ----------
    asked
        The facts, and the attribution they are to narrow.
    measured
        Their figures by draw, and what is not known.
    values
        Of each fact that has figures, in the order of the file.
    combinations
        Of the best two, three and more together.
    """

    asked: Asked
    measured: Measured
    values: tuple[Value, ...]
    combinations: tuple[Value, ...]

    def __repr__(self) -> str:
        best = self.rows()[0]["fact"] if self.values else "nothing"
        return f"NextFacts({self.asked.question.name}: {len(self.values)} facts, best {best})"

    @property
    def targets(self) -> Targets:
        """What is to be narrowed."""
        return self.measured.targets

    @property
    def parts(self) -> tuple[str, ...]:
        """Factors and momentum, then all of them together."""
        return tuple(part for kind, part in self.targets.names if kind == SHARE)

    def facts_of(self, value: Value) -> tuple[Fact, ...]:
        """The facts that a value is of."""
        return tuple(self.measured.there[at] for at in value.facts)

    def rows(self, kind: str = WEIGHT, part: str = ALL) -> list[Row]:
        """One row a fact, the most telling first, then one for each combination.

        Parameters
        ----------
        kind
            ``weight``: of a factor's part in the whole; ``share``: of its number of people.
        part
            A factor, ``momentum``, or ``all``: the sum of their variances.

        Raises
        ------
        ScenarioError
            When there is no such kind or part.
        """
        row = self._row(kind, part)
        listed = sorted(self.values, key=lambda value: -_sortable(value.best(row)))
        return [self._told(value, row) for value in (*listed, *self.combinations)]

    def _row(self, kind: str, part: str) -> int:
        if (kind, part) in self.targets.names:
            return self.targets.row(kind, part)
        kinds = (SHARE, WEIGHT)
        wrong, known = (kind, kinds) if kind not in kinds else (part, self.parts)
        message = f'got "{wrong}"{suggestion(wrong, known)}'
        raise ScenarioError(
            [Problem("next_facts", "kind" if kind not in kinds else "part", message)]
        )

    def _told(self, value: Value, row: int) -> Row:
        kind, part = self.targets.names[row]
        facts = self.facts_of(value)
        return {
            "fact": " + ".join(fact.id for fact in facts),
            "facts": [fact.id for fact in facts],
            "of": kind,
            "part": part,
            "now": float(np.sqrt(self.targets.variance[row])),
            "reduction": float(value.reduction[row]),
            "error": float(value.error[row]),
            "chance": float(value.chance[row]),
            "narrower": float(value.narrower[row]),
            "linear": float(value.linear[row]),
            "linear_error": float(value.linear_error[row]),
            "best": value.best(row),
            "effective": value.effective,
            "judged": value.judged,
            "clear": bool(value.judged and value.reduction[row] > value.chance[row]),
            "disagree": disagree(value, row),
        }

    def table(self, kind: str | None = None) -> pd.DataFrame:
        """Give ``rows`` of every part, and of both kinds when None, as a frame."""
        import pandas as pd

        kinds = (SHARE, WEIGHT) if kind is None else (kind,)
        rows = [row for one in kinds for part in self.parts for row in self.rows(one, part)]
        return pd.DataFrame(rows).drop(columns="facts")

    def figures(self) -> pd.DataFrame:
        """One row a fact: its error, the luck in it, and its spread over draws, on its scale."""
        import pandas as pd

        return pd.DataFrame(self.figure_rows())

    def figure_rows(self) -> list[Row]:
        """What ``figures`` gives, as rows."""
        spread = self.measured.facts.figures.std(axis=0, ddof=1)
        return [
            {**fact.plain(), "luck": float(luck), "spread": float(sd)}
            for fact, luck, sd in zip(self.measured.there, self.measured.luck, spread, strict=True)
        ]

    def trial(self) -> str:
        """Say why this is a trial and no answer; empty where it is one."""
        reasons = []
        if self.asked.scenario.scale < _SMALL:
            reasons.append(f"{100 * self.asked.scenario.scale:g} % of the nation")
        n_draws = len(self.targets.values)
        if n_draws < _FEW:
            reasons.append(f"{n_draws} draws")
        return " and ".join(reasons)

    def notes(self) -> list[str]:
        """What a reader has to know of what is missing."""
        found = []
        whole = self.measured
        if whole.left_out:
            found.append(f"{whole.left_out} of {whole.n_draws} draws left out, a run is missing")
        for name, lost in whole.missing.items():
            found.append(f"{name}: nothing to measure in {lost} runs, not valued")
        if self.asked.question.n_seeds == 1:
            found.append("one seed a draw: the luck of a history is not in the errors of reports")
        few = [self._name(one) for one in (*self.values, *self.combinations) if not one.judged]
        if few:
            found.append(
                f"{'; '.join(few)}: reports leave fewer than {FEWEST_EFFECTIVE:g} draws in the "
                "median, too few to reweight; the linear forecast alone is told"
            )
        row = self.targets.row(WEIGHT)
        apart = [
            self._name(one) for one in (*self.values, *self.combinations) if disagree(one, row)
        ]
        if apart:
            found.append(f"{'; '.join(apart)}: the two methods disagree; believe neither alone")
        return found

    def _name(self, value: Value) -> str:
        return " + ".join(fact.id for fact in self.facts_of(value))

    def document(self) -> Row:
        """Everything but single draws, as plain data."""
        asked = self.asked
        return {
            "name": asked.name,
            "title": asked.title,
            "attribution": asked.question.name,
            "observable": asked.observable,
            "draws": len(self.targets.values),
            "seeds": asked.question.n_seeds,
            "scale": asked.scenario.scale,
            "trial": self.trial(),
            "facts": self.figure_rows(),
            "values": [
                row
                for kind in (WEIGHT, SHARE)
                for part in self.parts
                for row in self.rows(kind, part)
            ],
            "notes": self.notes(),
        }

    def plot(self) -> Figure:
        """Draw the value of every fact for every factor."""
        from bordersim.plot_next_facts import next_facts_figure

        return next_facts_figure(self)

    def page(self, picture: str | None = None) -> str:
        """Write it all as Markdown; ``picture`` is the address of the figure."""
        from bordersim.valuing.page import page_text

        return page_text(self, picture)

    def _repr_html_(self) -> str:
        from bordersim.valuing.showing import next_facts_html

        return next_facts_html(self)


def _sortable(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def disagree(value: Value, row: int) -> bool:
    """Whether the two methods lie further apart than their errors let them."""
    if not value.judged:
        return False
    apart = abs(float(value.reduction[row] - value.linear[row]))
    errors = math.hypot(float(value.error[row]), float(value.linear_error[row]))
    return apart > max(DISAGREE, 2 * errors)


def valued(asked: Asked, found: Measured) -> NextFacts:
    """Value every fact, and the best together."""
    at = range(len(found.there))
    values = tuple(value_of((k,), found.facts, found.targets) for k in at)
    row = found.targets.row(WEIGHT)
    more = together(values, found.facts, found.targets, row, asked.together)
    return NextFacts(asked, found, values, tuple(more))

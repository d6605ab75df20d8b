"""Which runs of a study a figure is made of, and what is wrong with what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.comparing.quantities import Quantity, name_problems, quantity_of, with_harm
from bordersim.errors import Problem, ScenarioError, StoreError, suggestion
from bordersim.parts import OK
from bordersim.wording import number

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.study import Study

_KEYS = 7
"""Columns of a study's cells before those of its design."""

_SHOWN = 8
"""Values named in a message before the rest are counted."""

At = Mapping[str, float]


class Chooser:
    """The finished cells of a study, narrowed step by step; mistakes are told together.

    Attributes
    ----------
    cells
        Finished cells that are left.
    axes
        Levers and parameters that the design varies.
    """

    def __init__(self, study: Study) -> None:
        cells = study.cells
        self.axes: list[str] = list(cells.columns[_KEYS:])
        self.cells: pd.DataFrame = cells[cells["status"] == OK]
        self.problems: list[Problem] = []
        design: Mapping[str, Any] = (study.sweep or {}).get("design") or {}
        self.kind = str(design.get("kind", ""))
        self._plain = {axis["key"]: axis for axis in design.get("axes", ())}
        if self.cells.empty:
            raise StoreError("no finished run to draw")

    @property
    def scenarios(self) -> list[str]:
        """Names, in the order of the plan."""
        return [str(name) for name in self.cells["scenario"].unique()]

    def quantities(self, observable: str | Sequence[str]) -> list[Quantity]:
        """What is asked for, with harm beside arrivals."""
        asked = [observable] if isinstance(observable, str) else list(observable)
        self.problems += [
            Problem("plot", "observable", one.message) for one in name_problems(asked)
        ]
        if not asked:
            self._mistake("observable", "nothing to draw; name an observable")
        return [] if self.problems else [quantity_of(name) for name in with_harm(asked)]

    def only(self, scenarios: Sequence[str]) -> None:
        """Keep some scenarios, in their order; all when there are none."""
        there = self.scenarios
        for name in scenarios:
            if name not in there:
                self._mistake("scenario", f'no finished run of "{name}"{suggestion(name, there)}')
        if scenarios:
            self.cells = self.cells[self.cells["scenario"].isin(list(scenarios))]

    def one(self, scenario: str | None) -> None:
        """Keep the cells of one scenario."""
        if scenario is not None:
            self.only([scenario])
        elif len(self.scenarios) > 1:
            self._mistake("scenario", f"name one of {', '.join(self.scenarios)}")

    def axis(self, key: str) -> None:
        """Check that the design varies a lever or parameter."""
        if key in self.axes:
            return
        there = f"; it varies {', '.join(self.axes)}" if self.axes else ", which varies nothing"
        self._mistake(key, f"not in the design of this study{there}")

    def hold(self, at: At) -> None:
        """Keep the cells with some values of the design."""
        for key, value in at.items():
            self.axis(key)
            if key not in self.axes:
                continue
            there = sorted(set(self.cells[key]))
            if not np.isclose(there, value, rtol=1e-9, atol=0).any():
                known = ", ".join(number(one) for one in there[:_SHOWN])
                more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
                self._mistake(key, f"got {number(value)}; the design has {known}{more}")
                continue
            self.cells = self.cells[np.isclose(self.cells[key], value, rtol=1e-9, atol=0)]

    def one_point(self) -> None:
        """Check that one point of the design is left."""
        if not self.problems and self.cells["point"].nunique() > 1:
            varied = [key for key in self.axes if self.cells[key].nunique() > 1]
            self._mistake(
                "at",
                f"{self.cells['point'].nunique()} points of the design are left; hold "
                f"{', '.join(varied)} at a value each, or draw them all with plot.fan",
            )

    def check(self) -> None:
        """Raise every mistake that was found."""
        if self.problems:
            raise ScenarioError(self.problems)

    def label(self, key: str) -> str:
        """Key of an axis with what its values are measured in."""
        axis = self._plain.get(key, {})
        if axis.get("op") == "scale":
            return f"{key}, times what the scenario has"
        if axis.get("op") == "add":
            return f"{key}, added to the scenario's, {axis['unit']}"
        return f"{key}, {axis['unit']}" if axis.get("unit") else key

    def held(self, at: At, drawn: Sequence[str]) -> str:
        """Say at which values the axes that are not drawn stand."""
        told = [f"{key} at {number(value)}" for key, value in at.items()]
        rest = [
            key
            for key in self.axes
            if key not in drawn and key not in at and self.cells[key].nunique() > 1
        ]
        held = [f"Held: {', '.join(told)}."] if told else []
        return " ".join([*held, *([f"Averaged over: {', '.join(rest)}."] if rest else [])])

    def _mistake(self, key: str, message: str) -> None:
        self.problems.append(Problem("plot", key, message))

"""What differs in effect between two scenarios, and between their stored results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.dates import month_label
from bordersim.errors import Problem, ScenarioError
from bordersim.layers import SECTIONS, summary
from bordersim.lever_differences import LeverGap, lever_gaps
from bordersim.policy_differences import policy_differences
from bordersim.scenario import Scenario, load

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.paired_results import Pairs

Row = dict[str, Any]

_LEVERS = ("lever", "unit", "date", "place", "a", "b", "difference")
_PARAMETERS = ("key", "entry", "title", "unit", "a", "b", "difference", "where_a", "where_b")
_MEANS = ("a", "b", "difference", "a_error", "b_error", "difference_error")
_RESULTS = ("observable", "unit", "year", *_MEANS, "pairs")
_POLICIES = ("id", "lever", "change", "effect", "reason")


@dataclass(frozen=True, eq=False, repr=False)
class Difference:
    """Scenario B against scenario A; every difference is B - A.

    Levers are compared as functions of time and place, so that two ways of writing the
    same path are no difference; months are those of either span. Shows itself as tables
    in Jupyter and as text when printed.

    Attributes
    ----------
    a, b
        The scenarios.
    pairs
        Their stored runs of the same seeds; None if no folder of results was given.
    """

    a: Scenario
    b: Scenario
    pairs: Pairs | None

    @property
    def empty(self) -> bool:
        """Whether nothing differs that a run could tell."""
        rows = self.document()
        return not any(rows[name] for name in ("settings", "parameters", "places", "levers"))

    @property
    def levers(self) -> pd.DataFrame:
        """Months and places in which a lever differs: lever, unit, date, place, a, b, difference.

        Dates are monthly periods.
        """
        import pandas as pd

        rows = [row for gap in self._gaps[0] for row in gap.monthly()]
        dates = pd.PeriodIndex([month_label(row["month"]) for row in rows], freq="M")
        return pd.DataFrame(rows, columns=["month", *_LEVERS]).assign(date=dates)[list(_LEVERS)]

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters that differ, one row an entry: key, entry, title, unit, a, b, difference.

        ``where_a`` and ``where_b`` tell who set them.
        """
        return _frame(self.document()["parameters"], _PARAMETERS)

    @property
    def settings(self) -> pd.DataFrame:
        """Span, scale and world seed where they differ: key, a, b, where_a, where_b."""
        return _frame(self.document()["settings"], ("key", "a", "b", "where_a", "where_b"))

    @property
    def policies(self) -> pd.DataFrame:
        """Policies that are not the same: id, lever, change, effect, reason.

        ``effect`` is false for those that change no lever, and ``reason`` tells why.
        """
        return _frame(self.document()["policies"], _POLICIES).astype({"effect": bool})

    @property
    def results(self) -> pd.DataFrame:
        """Stored results by year: observable, unit, year, a, b, difference, errors, pairs.

        Means over the pairs, and ``a_error``, ``b_error``, ``difference_error``, their
        Monte-Carlo standard errors; one pair has none. Empty without stored runs of the
        same seeds.
        """
        results = self.document()["results"]
        return _frame(results["annual"] if results else [], _RESULTS)

    def document(self) -> Row:
        """Give everything as plain dicts and lists.

        Returns
        -------
        dict
            What ``bordersim diff --json`` prints.
        """
        return self._document

    def __str__(self) -> str:
        from bordersim.difference_text import as_text

        return as_text(self.document())

    def __repr__(self) -> str:
        return f"Difference({self.a.name!r}, {self.b.name!r})"

    def _repr_html_(self) -> str:
        from bordersim.difference_text import as_html

        return as_html(self.document())

    @cached_property
    def _wide(self) -> tuple[Scenario, Scenario]:
        """Both scenarios over the months of either."""
        start = min(self.a.start_month, self.b.start_month)
        end = max(self.a.end_month, self.b.end_month)
        wide = [replace(one, start_month=start, end_month=end) for one in (self.a, self.b)]
        return wide[0], wide[1]

    @cached_property
    def _gaps(self) -> tuple[list[LeverGap], list[str]]:
        return lever_gaps(*self._wide)

    @cached_property
    def _document(self) -> Row:
        gaps, rounded = self._gaps
        moved = {gap.spec.key for gap in gaps}
        policies = policy_differences(*self._wide, moved)
        stretches = [
            row | {"because": _causes(gap.spec.key, policies, self.a)}
            for gap in gaps
            for row in gap.stretches()
        ]
        return {
            "status": "ok",
            "a": summary(self.a),
            "b": summary(self.b),
            "settings": _settings(self.a, self.b),
            "parameters": _parameters(self.a, self.b),
            "places": _places(self.a, self.b),
            "levers": stretches,
            "levers_rounded": rounded,
            "policies": policies,
            "results": None if self.pairs is None else self.pairs.document(),
        }


def diff(
    a: Scenario | str | Path, b: Scenario | str | Path, *, out: str | Path | None = None
) -> Difference:
    """Compare two scenarios in what they do.

    Parameters
    ----------
    a, b
        Scenarios, or paths of scenario files.
    out
        Folder of results, such as ``results``: stored runs of both scenarios with the same
        seeds are compared, too. None compares no results.

    Returns
    -------
    Difference
        Of B against A.

    Raises
    ------
    ScenarioError
        With everything that is wrong with either file.
    StoreError
        If a part of a store cannot be read.
    """
    one, other = _loaded(a, b)
    if one.places.slots() != other.places.slots():
        raise ScenarioError([Problem("diff()", "places", "the scenarios have other places")])
    if out is None:
        return Difference(one, other, None)
    from bordersim.paired_results import find_pairs

    return Difference(one, other, find_pairs(one, other, Path(out)))


def _loaded(*scenarios: Scenario | str | Path) -> list[Scenario]:
    problems: list[Problem] = []
    found: list[Scenario] = []
    for scenario in scenarios:
        try:
            found.append(scenario if isinstance(scenario, Scenario) else load(scenario))
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    return found


def _frame(rows: list[Row], columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))


def _settings(a: Scenario, b: Scenario) -> list[Row]:
    values = [
        (month_label(one.start_month), month_label(one.end_month), one.scale, one.world_seed)
        for one in (a, b)
    ]
    return [
        {"key": key, "a": left, "b": right, "where_a": a.layers[key], "where_b": b.layers[key]}
        for key, left, right in zip(SECTIONS, *values, strict=True)
        if left != right
    ]


def _parameters(a: Scenario, b: Scenario) -> list[Row]:
    rows: list[Row] = []
    for key in a.parameters:
        parameter = a.parameters[key]
        entries = parameter.labels or tuple(str(i) for i in range(len(parameter.values())))
        named = entries if isinstance(parameter.value, tuple) else ("",)
        values = zip(named, parameter.values(), b.parameters[key].values(), strict=True)
        rows += [
            {
                "key": key,
                "entry": entry,
                "title": parameter.title,
                "unit": parameter.unit,
                "a": left,
                "b": right,
                "difference": right - left,
                "where_a": a.layers[key],
                "where_b": b.layers[key],
            }
            for entry, left, right in values
            if left != right
        ]
    return rows


def _places(a: Scenario, b: Scenario) -> list[Row]:
    """Numbers of places that differ: table, column, place, a, b, difference."""
    rows: list[Row] = []
    tables = [
        ("homes", a.places.homes, a.places.home, b.places.home),
        ("sectors", a.places.sectors, a.places.sector, b.places.sector),
        (
            "reach",
            a.places.homes,
            dict(zip(a.places.sectors, a.places.reach.T, strict=True)),
            dict(zip(b.places.sectors, b.places.reach.T, strict=True)),
        ),
    ]
    for table, names, left, right in tables:
        for column in left:
            for i in np.flatnonzero(left[column] != right[column]):
                one, other = float(left[column][i]), float(right[column][i])
                row = {"table": table, "column": column, "place": names[i], "a": one, "b": other}
                rows.append(row | {"difference": other - one})
    return rows


def _causes(key: str, policies: list[Row], a: Scenario) -> list[str]:
    """Policies that make a lever differ; the driver or the budget behind it where none does."""
    spec = a.catalogue[key]
    budget = "north.security_budget"
    levers = (key, budget) if spec.budgeted else (key,)
    found = [
        f"{row['id']} ({row['change']})"
        for row in policies
        if row["effect"] and row["lever"] in levers
    ]
    return found or ([f"driver {spec.driver}"] if spec.driver is not None else [])

"""Where one life and the same person's life in another run part, and by what."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

import numpy as np

from bordersim.codes import LEVER_KEYS
from bordersim.dates import month_label
from bordersim.explain.life import Life, LifeMonth
from bordersim.explain.told import Decision, Row, row_document
from bordersim.scenario import Scenario


def parting_of(
    life: Life, other: Life, scenario: Scenario, other_scenario: Scenario
) -> dict[str, Any]:
    """Find the first month in which two lives differ, and what parted them.

    Parameters
    ----------
    life, other
        Of one uid.
    scenario, other_scenario
        What their runs were made from.

    Returns
    -------
    dict
        ``other``, the second run; ``levers_part``, the first month in which any lever
        differs, with its names; ``month`` or None if the lives never part; then ``here``
        and ``there``, the first rows of the log in which they differ; ``numbers``, what
        the decision before it rested on and differs; and how both lives end.
    """
    document: dict[str, Any] = {
        "other": dict(other.run),
        "same_luck": life.run["seed"] == other.run["seed"],
        "levers_part": _levers_part(scenario, other_scenario),
        "month": None,
        "here": None,
        "there": None,
        "numbers": [],
        "ends": {"here": life.status.name.lower(), "there": other.status.name.lower()},
    }
    both = {month.month: month for month in life.months}
    there = {month.month: month for month in other.months}
    last = min(_end(life), _end(other))
    for month in sorted({*both, *there}):
        a, b = both.get(month), there.get(month)
        if month <= last and _rows(a) != _rows(b):
            return document | _parted(month, a, b)
    return document


def _end(life: Life) -> int:
    year, month = str(life.run["end"]).split("-")
    return 12 * (int(year) - 1995) + int(month) - 1


def _rows(month: LifeMonth | None) -> tuple[Row, ...]:
    return () if month is None else month.rows


def _parted(month: int, here: LifeMonth | None, there: LifeMonth | None) -> dict[str, Any]:
    """The first step that differs, in the order in which steps are taken."""
    told: dict[str, Any] = {"month": month_label(month)}
    for a, b in zip_longest(_steps(here), _steps(there)):
        if a is None or b is None or a.rows != b.rows or a.choice != b.choice:
            told["here"], told["there"] = _step(a), _step(b)
            told["numbers"] = _numbers(a, b)
            return told
    return told  # rows differ, so some step does


def _steps(month: LifeMonth | None) -> tuple[Decision, ...]:
    return () if month is None else month.decisions


def _step(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "kind": decision.kind,
        "question": decision.question,
        "choice": decision.choice,
        "rows": [row_document(row) for row in decision.rows],
    }


def _numbers(here: Decision | None, there: Decision | None) -> list[dict[str, Any]]:
    """Facts, utilities and chances of one decision that differ between the two runs."""
    if here is None or there is None or here.kind != there.kind:
        return []
    pairs: list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]] = [
        (
            "fact", "",
            {fact.what: (fact.value, fact.unit) for fact in here.facts},
            {fact.what: (fact.value, fact.unit) for fact in there.facts},
        ),
        (
            "utility", "utility of: ",
            {one.name: (one.utility, "") for one in here.alternatives},
            {one.name: (one.utility, "") for one in there.alternatives},
        ),
        (
            "chance", "",
            {chance.what: (chance.probability, "chance") for chance in here.chances},
            {chance.what: (chance.probability, "chance") for chance in there.chances},
        ),
    ]  # fmt: skip
    found = []
    for kind, prefix, a, b in pairs:
        for what in dict.fromkeys((*a, *b)):
            one, other = a.get(what), b.get(what)
            if one != other:
                unit = (one or other or ("", ""))[1]
                values = (None if one is None else one[0], None if other is None else other[0])
                found.append(
                    {
                        "kind": kind, "what": f"{prefix}{what}", "unit": unit,
                        "here": values[0], "there": values[1],
                    }
                )  # fmt: skip
    return found


def _levers_part(one: Scenario, other: Scenario) -> dict[str, Any] | None:
    """First month in which a lever differs anywhere, and which ones do in it."""
    a, b = one.lever_paths(), other.lever_paths()
    if a.shape != b.shape:
        return None
    last = min(one.end_month, other.end_month)
    differs = (a != b).any(axis=2)[: last + 1]
    months = np.flatnonzero(differs.any(axis=1))
    if not len(months):
        return None
    first = int(months[0])
    keys = [LEVER_KEYS[lever] for lever in np.flatnonzero(differs[first])]
    return {"month": month_label(first), "levers": keys}

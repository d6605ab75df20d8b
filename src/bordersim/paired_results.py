"""Stored results of two scenarios, seed beside seed, year by year.

The same seed means the same people and the same luck, so that the difference within a
pair varies far less than either result. A mean over pairs comes with its Monte-Carlo
standard error; one pair has none, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bordersim.codes import EPOCH_YEAR
from bordersim.comparing.estimates import estimate
from bordersim.comparing.quantities import Cut, Quantity, monthly, over_window, quantity_of
from bordersim.dates import month_label, parse_month
from bordersim.parts import OK
from bordersim.results import FloatArray, RunResults
from bordersim.scenario import Scenario
from bordersim.stored_runs import Inventory, StoredRow, StoredRuns
from bordersim.study import stored_run
from bordersim.wording import count

Row = dict[str, Any]

FIGURES: dict[str, str] = {
    "arrivals": "people a year",
    "crossings": "people a year",
    "interceptions": "people a year",
    "repatriations": "people a year",
    "deaths": "people a year",
    "fee": "nominal KRW million, mean of all deals",
}
"""What is compared, each with its unit."""


@dataclass(frozen=True)
class Pairs:
    """Runs of two scenarios that share their seed.

    Attributes
    ----------
    a, b
        Runs in order of seed; run i of A and run i of B are a pair.
    note
        What a reader has to know: why there are none, or which of several were taken.
    damaged
        What is wrong with parts of the two stores; their runs are left out.
    """

    a: tuple[RunResults, ...]
    b: tuple[RunResults, ...]
    note: str
    damaged: tuple[str, ...] = ()

    def document(self) -> Row:
        """Give what was paired and the rows of ``annual``, ready for JSON."""
        known = bool(self.a)
        return {
            "pairs": len(self.a),
            "seeds": [run.seed for run in self.a],
            "run_ids": {side: [run.run_id for run in getattr(self, side)] for side in ("a", "b")},
            "scale": self.a[0].scale if known else None,
            "note": self.note,
            "damaged": list(self.damaged),
            "annual": annual(self),
        }


@dataclass(frozen=True)
class _Group:
    """Stored runs of one scenario that differ in their seed alone."""

    scale: float
    end: int
    engine: str
    own: bool
    rows: dict[int, StoredRow]


def find_pairs(a: Scenario, b: Scenario, out: Path) -> Pairs:
    """Find stored runs of two scenarios with the same seeds.

    Runs at another scale or with another last month than the scenario's own count, as long
    as everything else is the scenario's; those at its own are preferred, then the larger
    number of pairs, then the larger scale. A pair has one scale and one engine.

    Parameters
    ----------
    a, b
        The scenarios.
    out
        Folder of results; runs are in ``out/<scenario name>``.

    Returns
    -------
    Pairs
        Without any run, and with the reason, if there are none.

    Raises
    ------
    StoreError
        If a folder cannot be read.
    """
    stores = [StoredRuns(out / scenario.name) for scenario in (a, b)]
    held = [store.inventory() for store in stores]
    damaged = tuple(dict.fromkeys(str(error) for one in held for error in one.damaged))
    groups = [_groups(scenario, one) for scenario, one in zip((a, b), held, strict=True)]
    for name, store, found in zip("AB", stores, groups, strict=True):
        if not found:
            note = f"{store.folder} holds no run of {name}; bordersim run makes them"
            return Pairs((), (), note, damaged)
    matches = [
        (one, other, sorted(one.rows.keys() & other.rows.keys()))
        for one in groups[0]
        for other in groups[1]
        if (one.scale, one.engine) == (other.scale, other.engine)
    ]
    matches = [match for match in matches if match[2]]
    if not matches:
        note = "A and B have stored runs, but none of the same seed and scale"
        return Pairs((), (), note, damaged)
    one, other, seeds = max(matches, key=_worth)
    runs = [
        tuple(stored_run(store, group.rows[seed]) for seed in seeds)
        for store, group in zip(stores, (one, other), strict=True)
    ]
    left = len(matches) - 1
    also = f"; {count(left, 'other set')} of pairs left out" if left else ""
    ends = " and ".join(dict.fromkeys(month_label(group.end) for group in (one, other)))
    note = f"scale {one.scale:g}, to {ends}, engine {one.engine}{also}"
    return Pairs(runs[0], runs[1], note, damaged)


def _worth(match: tuple[_Group, _Group, list[int]]) -> tuple[Any, ...]:
    one, other, seeds = match
    newest = max(row.columns["finished"] for row in one.rows.values())
    return (one.own + other.own, len(seeds), one.scale, newest)


def _groups(scenario: Scenario, held: Inventory) -> list[_Group]:
    """Stored runs of a scenario, by scale, last month and engine."""
    found: dict[tuple[float, int, str], dict[int, StoredRow]] = {}
    expected: dict[tuple[float, int], dict[str, Any]] = {}
    for run_id, row in held.rows.items():
        columns = row.columns
        if columns["status"] != OK or run_id in held.broken:
            continue
        if columns["start"] != month_label(scenario.start_month):
            continue
        scale, end = float(columns["scale"]), parse_month(columns["end"])
        if (scale, end) not in expected:
            changed = replace(scenario, scale=scale, end_month=end)
            expected[scale, end] = changed.resolved()
        if json.loads(columns["inputs"]) == expected[scale, end]:
            found.setdefault((scale, end, columns["engine"]), {})[columns["seed"]] = row
    return [
        _Group(scale, end, engine, (scale, end) == (scenario.scale, scenario.end_month), rows)
        for (scale, end, engine), rows in found.items()
    ]


def annual(pairs: Pairs) -> list[Row]:
    """Compare pairs year by year.

    Parameters
    ----------
    pairs
        From ``find_pairs``.

    Returns
    -------
    list of dict
        For every observable of ``FIGURES`` and every calendar year that all runs cover:
        ``observable``, ``unit``, ``year``, means ``a`` and ``b`` and of the ``difference``
        B - A, the standard error of each (``a_error`` and so on; NaN for one pair), and
        ``pairs``, the number with something to measure on both sides.
    """
    runs = (*pairs.a, *pairs.b)
    years = sorted(set.intersection(*(set(run.full_years()) for run in runs))) if runs else []
    rows: list[Row] = []
    for name, unit in FIGURES.items():
        a, b = (_by_year(side, quantity_of(name), years) for side in (pairs.a, pairs.b))
        rows += [
            {"observable": name, "unit": unit, "year": year, **_compared(a[:, k], b[:, k])}
            for k, year in enumerate(years)
        ]
    return rows


def _compared(a: FloatArray, b: FloatArray) -> Row:
    """Means and standard errors of the pairs with something to measure on both sides."""
    both = np.isfinite(a) & np.isfinite(b)
    row: Row = {"pairs": int(both.sum())}
    nothing = np.zeros(row["pairs"])
    draw, seed = np.zeros(row["pairs"], np.int64), np.arange(row["pairs"])
    for name, values in (("a", a[both]), ("b", b[both]), ("difference", (b - a)[both])):
        found = estimate(nothing, values, draw, seed)
        row[name], row[f"{name}_error"] = found.effect, found.mc_error
    return row


def _by_year(runs: Sequence[RunResults], quantity: Quantity, years: Sequence[int]) -> FloatArray:
    """A quantity of every run and calendar year, shape (runs, years)."""
    values = np.full((len(runs), len(years)), np.nan)
    for k, run in enumerate(runs):
        months = monthly(run, quantity, Cut())
        for j, year in enumerate(years):
            first = 12 * (year - EPOCH_YEAR) - run.start_month
            values[k, j] = over_window(quantity, months[:, first : first + 12])
    return values

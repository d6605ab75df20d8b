"""Which run of A stands beside which run of B, and the comparison of both sides.

Two runs are a pair when they are of the same people and the same luck: one point of the
design, one draw of the parameters, one seed, one world, one scale, one engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bordersim.comparing.comparison import Comparison, Measured
from bordersim.comparing.quantities import (
    Cut,
    cut_problems,
    monthly,
    quantity_of,
    with_harm,
)
from bordersim.dates import month_label
from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.reports import Period, parse_period
from bordersim.results import FloatArray, RunResults
from bordersim.scenario import Scenario
from bordersim.wording import count

Loader = Callable[[], RunResults]
Key = tuple[int, int, int]
"""Point, draw and seed."""

Group = tuple[str, float, int]
"""Engine, scale and seed of the world."""


@dataclass(frozen=True)
class Side:
    """Runs of one scenario.

    Attributes
    ----------
    name
        What the side is called.
    runs
        Rows of a study's table, each with ``point`` and ``draw`` besides.
    loaders
        Run id to what reads the run; whoever reads it need not keep it.
    scenario
        What was simulated, if it is at hand; the ledger of fates looks for it otherwise.
    points
        Levers and parameters at each point of a design.
    policies
        What a design adds to the scenario at each point.
    """

    name: str
    runs: Sequence[Mapping[str, Any]]
    loaders: Mapping[str, Loader]
    scenario: Scenario | None = None
    points: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    policies: Mapping[int, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two runs that share people and luck."""

    point: int
    draw: int
    seed: int
    a: Loader
    b: Loader


Window = str | Sequence[str | int] | None


def compare(a: Side, b: Side, names: Sequence[str], window: Window, cut: Cut) -> Comparison:
    """Compare two sides pair by pair.

    Parameters
    ----------
    a, b
        Baseline and scenario.
    names
        Observables; harm is added where arrivals are among them.
    window
        ``"2012"``, ``"2012:2015"``, ``"2012-04:2015-06"`` or two of these; everything
        that all runs cover when None.
    cut
        Part of the people or places.

    Returns
    -------
    Comparison
        Runs are read one after another and not kept.

    Raises
    ------
    ScenarioError
        When there is no pair, or what is asked for is not there: every mistake at once.
    """
    pairs, note = paired(a, b)
    span, problems = read_window(window)
    if not pairs:
        raise ScenarioError([Problem("compare", f"{a.name}, {b.name}", note), *problems])
    first = pairs[0].a()
    if not names:
        problems.append(Problem("compare", "metric", "nothing to compare; name an observable"))
    problems += cut_problems(names, cut, first.homes, first.sectors)
    if problems:
        raise ScenarioError(problems)
    quantities = [quantity_of(name) for name in with_harm(names)]
    cuts = [cut.of(quantity, first.homes, first.sectors) for quantity in quantities]
    jobs = list(zip(quantities, cuts, strict=True))
    rows: list[tuple[list[FloatArray], list[FloatArray]]] = []
    start, end = first.start_month, first.end_month
    starts: list[int] = []
    for pair in pairs:
        sides = (pair.a(), pair.b())
        starts.append(max(run.start_month for run in sides))
        end = min(end, *(run.end_month for run in sides))
        start = max(start, starts[-1])
        shifts = [starts[-1] - run.start_month for run in sides]
        values = [
            [monthly(run, *job)[:, shift:] for job in jobs]
            for run, shift in zip(sides, shifts, strict=True)
        ]
        rows.append((values[0], values[1]))
    covered = Period(start, end)
    beyond = window_problems(span, covered)
    if beyond:
        raise ScenarioError(beyond)
    span = span or covered
    measured = tuple(
        Measured(quantity, own, *(_cut_to(rows, side, k, starts, covered) for side in (0, 1)))
        for k, (quantity, own) in enumerate(jobs)
    )
    return Comparison(
        names=(a.name, b.name),
        asked=tuple(names),
        pairs=tuple(pairs),
        covered=covered,
        window=span,
        measured=measured,
        scale=first.scale,
        note=note,
        design={**a.points, **b.points},
        policies={**a.policies, **b.policies},
        scenarios=tuple(side.scenario for side in (a, b) if side.scenario is not None),
    )


def _cut_to(
    rows: Sequence[tuple[list[FloatArray], list[FloatArray]]],
    side: int,
    k: int,
    starts: Sequence[int],
    covered: Period,
) -> FloatArray:
    """Values of one quantity on one side, shape (pairs, rows, months covered)."""
    return np.array(
        [
            row[side][k][:, covered.first - start : covered.last - start + 1]
            for row, start in zip(rows, starts, strict=True)
        ]
    )


def paired(a: Side, b: Side) -> tuple[list[Pair], str]:
    """Pair the finished runs of two sides.

    Parameters
    ----------
    a, b
        Baseline and scenario.

    Returns
    -------
    pairs, note
        In order of point, draw and seed; and what a reader has to know of what was left
        out, or why there is no pair.
    """
    sides = [_groups(side) for side in (a, b)]
    for side, groups in zip((a, b), sides, strict=True):
        if not groups:
            return [], f'no finished run of "{side.name}"'
    shared = [
        (group, sorted(sides[0][group].keys() & sides[1][group].keys()))
        for group in sides[0].keys() & sides[1].keys()
    ]
    shared = [(group, keys) for group, keys in shared if keys]
    if not shared:
        return [], (
            "there are runs of both, but no two of the same seed, world, scale and engine; "
            "a sweep over both, or one command for both, makes pairs"
        )
    group, keys = max(shared, key=lambda one: (len(one[1]), one[0][1], one[0]))
    one, other = (side[group] for side in sides)
    pairs = [Pair(*key, a.loaders[one[key]], b.loaders[other[key]]) for key in keys]
    runs = sum(row["run_id"] in side.loaders for side in (a, b) for row in side.runs)
    left = runs - 2 * len(keys)
    note = "of other seeds, inputs, scale, world or engine, or without a partner"
    return pairs, f"left out: {count(left, 'run')}, {note}" if left else ""


def _groups(side: Side) -> dict[Group, dict[Key, str]]:
    """Run ids of a side by engine, scale and world, then by key.

    At one point and draw, runs have the same inputs: of several inputs the one with the
    most seeds counts, then the one that reaches furthest.
    """
    found: dict[Group, dict[tuple[int, int], dict[str, dict[int, tuple[str, str]]]]] = {}
    for row in side.runs:
        if row["run_id"] not in side.loaders:
            continue
        group = (str(row.get("engine", "")), float(row["scale"]), int(row["world_seed"]))
        place = (int(row.get("point") or 0), int(row.get("draw") or 0))
        inputs = str(row.get("inputs", ""))
        seeds = found.setdefault(group, {}).setdefault(place, {}).setdefault(inputs, {})
        seeds[int(row["seed"])] = (str(row["end"]), str(row["run_id"]))
    return {
        group: {
            (*place, seed): run_id
            for place, variants in places.items()
            for seed, (_, run_id) in max(
                variants.values(), key=lambda seeds: (len(seeds), max(seeds.values()))
            ).items()
        }
        for group, places in found.items()
    }


def read_window(window: Window) -> tuple[Period | None, list[Problem]]:
    """Read a window; what is wrong with it otherwise."""
    if window is None:
        return None, []
    ends = window.split(":") if isinstance(window, str) else [str(end) for end in window]
    allowed = 'write "2012", "2012:2015" or "2012-04:2015-06"'
    text = ":".join(ends)
    if not 1 <= len(ends) <= 2:
        return None, [Problem("compare", "window", f'got "{text}"; {allowed}')]
    try:
        spans = [parse_period(end.strip()) for end in ends]
    except BordersimError:
        return None, [Problem("compare", "window", f'got "{text}"; {allowed}')]
    if spans[-1].last < spans[0].first:
        return None, [Problem("compare", "window", f'"{text}" ends before it begins')]
    return Period(spans[0].first, spans[-1].last), []


def window_problems(window: Period | None, covered: Period) -> list[Problem]:
    """Find what is wrong with a window.

    Parameters
    ----------
    window
        What is to be compared; None is all there is.
    covered
        What all runs cover.

    Returns
    -------
    list of Problem
        That it is not covered, or nothing is.
    """
    if covered.first > covered.last:
        return [Problem("compare", "window", "these runs have no month in common")]
    if window is None or covered.first <= window.first <= window.last <= covered.last:
        return []
    span = " to ".join(map(month_label, (covered.first, covered.last)))
    asked = " to ".join(map(month_label, (window.first, window.last)))
    return [Problem("compare", "window", f"{asked} is not in what all runs cover, {span}")]


def with_keys(
    rows: Iterable[Mapping[str, Any]], cells: Iterable[Mapping[Any, Any]]
) -> list[dict[str, Any]]:
    """Rows of a study with the scenario, point and draw of each of its cells.

    Parameters
    ----------
    rows
        Of a study's runs.
    cells
        Of its plan. Cells that mean the same run share it.

    Returns
    -------
    list of dict
        One row a cell whose run is there.
    """
    by_id = {row["run_id"]: row for row in rows}
    own = ("scenario", "point", "draw", "seed")
    return [
        {**by_id[cell["run_id"]], **{name: cell[name] for name in own}}
        for cell in cells
        if cell["run_id"] in by_id
    ]

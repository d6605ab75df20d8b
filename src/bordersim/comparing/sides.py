"""The two sides of a comparison, from a study, from folders, or from runs in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bordersim.comparing.comparison import Comparison
from bordersim.comparing.pairing import Side, Window, compare, with_keys
from bordersim.comparing.quantities import Cut
from bordersim.errors import Problem, ScenarioError, suggestion
from bordersim.parts import OK
from bordersim.scenario import Scenario
from bordersim.study import Study

_KEYS = 7
"""Columns of a study's cells before those of its design."""


def of_study(
    study: Study,
    scenarios: tuple[str | Scenario, str | Scenario],
    observable: str | Sequence[str],
    window: Window,
    cut: tuple[str | None, str | None, str | None],
) -> Comparison:
    """Compare two scenarios of one study.

    Parameters
    ----------
    study
        Its finished runs are paired by point, draw and seed.
    scenarios
        Names of the baseline and of the scenario, or the scenarios themselves: the ledger
        of fates has to simulate them again.
    observable
        One or several; harm is added beside arrivals.
    window
        ``("2012", "2015")`` or ``"2012:2015"``; all months when None.
    cut
        Place, sex and class; None is all of them.

    Returns
    -------
    Comparison
        B against A.

    Raises
    ------
    ScenarioError
        When a scenario has no runs here, or what is asked for is not there.
    """
    names = [one if isinstance(one, str) else one.name for one in scenarios]
    there = sorted(set(study.cells["scenario"]))
    unknown = [
        Problem("compare", "", f'no runs of "{name}" in this study{suggestion(name, there)}')
        for name in dict.fromkeys(names)
        if name not in there
    ]
    if unknown:
        raise ScenarioError(unknown)
    sides = [
        side_of(study, name, None if isinstance(one, str) else one)
        for name, one in zip(names, scenarios, strict=True)
    ]
    asked = [observable] if isinstance(observable, str) else list(observable)
    return compare(sides[0], sides[1], asked, window, Cut(*cut))


def side_of(study: Study, name: str | None = None, scenario: Scenario | None = None) -> Side:
    """Finished runs of one scenario of a study.

    Parameters
    ----------
    study
        Where they are.
    name
        The scenario's; all runs of the study when None.
    scenario
        What was simulated, if at hand.

    Returns
    -------
    Side
        Named after the scenario, or after those of the study.
    """
    cells = study.cells
    rows = with_keys(study.rows(), cells.to_dict("records"))
    chosen = [row for row in rows if name is None or row["scenario"] == name]
    names = dict.fromkeys(str(row["scenario"]) for row in chosen)
    axes = [key for key in cells.columns[_KEYS:] if not key.startswith("draw.")]
    points: dict[Any, Any] = (
        cells.drop_duplicates("point").set_index("point")[axes].to_dict("index")
    )
    return Side(
        name=name or ", ".join(names),
        runs=chosen,
        loaders={row["run_id"]: study.loader(row["run_id"]) for row in chosen if _finished(row)},
        scenario=scenario,
        points={int(point): values for point, values in points.items()},
        policies=_policies(study.sweep, points),
    )


def _policies(sweep: Mapping[str, Any] | None, points: Mapping[Any, Any]) -> dict[int, list[Any]]:
    """Policies that a sweep's design adds at each point, as a scenario file says them."""
    design = (sweep or {}).get("design") or {"axes": ()}
    axes = [axis for axis in design["axes"] if axis["kind"] == "lever"]
    own = ("op", "from", "until", "ramp", "places")
    return {
        int(point): [
            {"id": f"point-{axis['key']}", "lever": axis["key"], "value": values[axis["key"]]}
            | {name: axis[name] for name in own if axis.get(name)}
            for axis in axes
        ]
        for point, values in points.items()
        if axes
    }


def _finished(row: Mapping[str, Any]) -> bool:
    return bool(row["status"] == OK)

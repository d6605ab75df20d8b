"""Runs of a study, each read once, and the comparisons that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.answering.spec import Contrast, Job
from bordersim.comparing.comparison import Comparison, Measured
from bordersim.comparing.pairing import Loader, Pair, window_problems
from bordersim.comparing.quantities import monthly
from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.parts import OK
from bordersim.periods import Period
from bordersim.results import FloatArray, RunResults
from bordersim.study import Study

Key = tuple[int, int]
"""Draw and seed."""

Told = Callable[[int, int], None]
"""Hears how many of how many are done."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a run gave.

    Attributes
    ----------
    span
        Months recorded.
    values
        By job, shape (rows, months) as ``monthly`` gives them.
    load
        Reads the run again.
    """

    span: Period
    values: dict[Job, FloatArray]
    load: Loader


@dataclass(frozen=True, eq=False)
class Readings:
    """Every finished run of a study that is asked about.

    Attributes
    ----------
    of
        By scenario, then by draw and seed.
    n_cells
        Runs that the plan has of these scenarios.
    scale, version, engine
        Of the runs.
    """

    of: dict[str, dict[Key, Reading]]
    n_cells: int
    scale: float
    version: str
    engine: str

    def comparison(self, contrast: Contrast, jobs: Sequence[Job]) -> Comparison:
        """Compare a scenario with its baseline, pair by pair.

        Parameters
        ----------
        contrast
            Both sides and the window.
        jobs
            Among those that were read.

        Raises
        ------
        BordersimError
            When no draw and seed has a run of both.
        """
        a, b = (self.of.get(name, {}) for name in (contrast.baseline, contrast.scenario))
        keys = sorted(a.keys() & b.keys())
        if not keys:
            both = f'"{contrast.baseline}" and "{contrast.scenario}"'
            raise BordersimError(f"{both} share no draw and seed of which both runs are there")
        spans = [side[key].span for side in (a, b) for key in keys]
        covered = Period(max(one.first for one in spans), min(one.last for one in spans))
        if beyond := window_problems(contrast.window, covered):
            raise ScenarioError(beyond)

        def side(of: dict[Key, Reading], job: Job) -> FloatArray:
            return np.array([_within(of[key], job, covered) for key in keys])

        return Comparison(
            names=(contrast.baseline, contrast.scenario),
            asked=tuple(dict.fromkeys(quantity.name for quantity, _ in jobs)),
            pairs=tuple(Pair(0, *key, a[key].load, b[key].load) for key in keys),
            covered=covered,
            window=contrast.window,
            measured=tuple(Measured(*job, side(a, job), side(b, job)) for job in jobs),
            scale=self.scale,
            note="",
        )


def _within(reading: Reading, job: Job, covered: Period) -> FloatArray:
    first = covered.first - reading.span.first
    return reading.values[job][:, first : first + covered.last - covered.first + 1]


def read_study(
    study: Study, scenarios: Collection[str], jobs: Sequence[Job], told: Told | None = None
) -> Readings:
    """Read every run of some scenarios once; none is kept.

    Parameters
    ----------
    study
        That a sweep made.
    scenarios
        Names.
    jobs
        What to measure of each.
    told
        Hears of progress.

    Raises
    ------
    BordersimError
        When there is no finished run, or they are of several engines or scales.
    """
    cells = study.cells
    cells = cells[cells["scenario"].isin(list(scenarios))]
    there = cells[cells["status"] == OK]
    rows = {row["run_id"]: row for row in study.rows()}
    kinds = {(rows[k]["scale"], rows[k]["version"], rows[k]["engine"]) for k in there["run_id"]}
    if not kinds:
        raise BordersimError("no finished run of any scenario that is asked about")
    if len(kinds) > 1:
        message = "runs of several engines or scales are stored here; use another folder"
        raise ScenarioError([Problem("answers", "--out", message)])
    of: dict[str, dict[Key, Reading]] = {}
    read: dict[str, Reading] = {}
    for done, cell in enumerate(there.to_dict("records"), 1):
        run_id = cell["run_id"]
        if run_id not in read:
            load = study.loader(run_id)
            read[run_id] = _read(load(), jobs, load)
        key = int(cell["draw"]), int(cell["seed"])
        of.setdefault(str(cell["scenario"]), {})[key] = read[run_id]
        if told is not None:
            told(done, len(there))
    return Readings(of, len(cells), *kinds.pop())


def _read(run: RunResults, jobs: Sequence[Job], load: Loader) -> Reading:
    values = {job: monthly(run, *job) for job in jobs}
    return Reading(Period(run.start_month, run.end_month), values, load)

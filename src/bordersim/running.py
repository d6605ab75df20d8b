"""Run scenarios: once or over several seeds, in memory or into a store.

A run that is already stored is not simulated again. Several runs go to two
processes with one thread each; a result never depends on where it was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim import batch
from bordersim.batch import Options, Outcome, Progress, Standing, execute
from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.one_run import Job
from bordersim.parts import run_row
from bordersim.results import Run, RunResults, run_id
from bordersim.study import StoredRun, Study, itself

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

__all__ = [
    "Job", "Options", "Outcome", "Progress", "Standing",
    "execute", "jobs_of", "open", "prepare", "request_problems", "run", "study_of",
]  # fmt: skip


def run(  # noqa: PLR0913 - the options of one command, all but three keyword-only
    scenario: Scenario | str | Path,
    seed: int = 1,
    replicates: int = 1,
    *,
    scale: float | None = None,
    until: str | None = None,
    settings: Mapping[str, Any] | None = None,
    events: bool = False,
    check: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> RunResults | Study:
    """Simulate a scenario.

    Parameters
    ----------
    scenario
        A scenario, or the path of a scenario file.
    seed
        First seed of the dynamics; replicate ``i`` uses ``seed + i``.
    replicates
        Number of seeds, at least 1. With more than one, runs go to a pool of
        two processes: a script needs its ``if __name__ == "__main__":`` guard.
    scale
        Share of the population to simulate, in (0, 1]; the scenario's own
        when None.
    until
        Last month, such as "2012-06".
    settings
        Last layer over the scenario: parameter or lever keys to values.
    events
        Keep the event log.
    check
        Verify people and money after every month.
    out
        Folder that holds studies; the run is kept in ``out/<scenario name>``.
        In memory only when None.
    progress
        Called with a ``Standing`` before the first month and after every month.

    Returns
    -------
    RunResults or Study
        One run for one replicate, a study otherwise.

    Raises
    ------
    ScenarioError
        When the scenario or a setting is invalid; nothing is simulated then.
    BordersimError
        When the only run failed. Of several, the failed are rows of the study.
    """
    resolved = prepare(scenario, settings=settings, scale=scale, until=until)
    options = Options(events=events, check=check, out=None if out is None else Path(out))
    problems = request_problems([resolved], options, seed, replicates)
    if problems:
        raise ScenarioError(problems)
    jobs = jobs_of(resolved, seed, replicates)
    outcomes = execute(jobs, options, progress)
    if len(outcomes) > 1:
        return study_of(outcomes)
    (outcome,) = outcomes
    if outcome.results is None:
        error = outcome.failure.error if outcome.failure else ""
        raise BordersimError(f"run {outcome.job.run_id} (seed {seed}) failed: {error}")
    return outcome.results


def prepare(
    scenario: Scenario | str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    scale: float | None = None,
    until: str | None = None,
) -> Scenario:
    """Load a scenario if need be and lay the caller's settings over it.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    from bordersim.scenario import load

    loaded = load(scenario) if isinstance(scenario, str | Path) else scenario
    layer: dict[str, Any] = dict(settings or {})
    if scale is not None:
        layer["population.scale"] = scale
    if until is not None:
        layer["time.end"] = until
    return loaded.with_settings(layer) if layer else loaded


def request_problems(
    scenarios: Sequence[Scenario], options: Options, seed: int, replicates: int
) -> list[Problem]:
    """Find what is wrong with what is asked of valid scenarios, before anything starts.

    Parameters
    ----------
    scenarios
        What is to be simulated.
    options
        How.
    seed, replicates
        First seed, and how many.

    Returns
    -------
    list of Problem
        Wrong options; if there are none, parameters that the model misses, and runs that
        would not fit into memory.
    """
    # Loads the compiler, which opening results has no need of.
    from bordersim.run_limits import Wanted, memory_problem, missing_parameter, option_problems

    wanted = Wanted(seed, replicates, options.events, options.out, batch.MAX_PROCESSES)
    found = option_problems(wanted)
    if found:
        return found
    told = (missing_parameter(one) or memory_problem(one, wanted) for one in scenarios)
    return [problem for problem in told if problem is not None]


def jobs_of(scenario: Scenario, seed: int, replicates: int) -> tuple[Job, ...]:
    """One job for each seed from ``seed`` on."""
    if replicates < 1:
        raise BordersimError(f"replicates is {replicates}; at least 1 is needed")
    return tuple(
        Job(scenario, number, run_id(scenario, number)) for number in range(seed, seed + replicates)
    )


def study_of(outcomes: Sequence[Outcome]) -> Study:
    """Study of outcomes, failures included as rows."""
    rows: list[dict[str, Any]] = []
    loaders: dict[str, Callable[[], RunResults]] = {}
    for outcome in outcomes:
        results = outcome.results
        if outcome.failure is not None:
            rows.append(run_row(outcome.failure) | {"has_events": False})
        elif isinstance(results, StoredRun):
            logged = results.run_id in results.store.with_events()
            rows.append(results.row.columns | {"has_events": logged})
        elif isinstance(results, Run):
            rows.append(run_row(results) | {"has_events": results.events is not None})
        if results is not None:
            loaders[results.run_id] = partial(itself, results)
    return Study(rows, loaders)


def open(folder: str | Path) -> Study:
    """Open a results folder, such as ``results/historical`` or ``s3://bucket/study``.

    Raises
    ------
    StoreError
        When the folder holds no stored runs, or the URL cannot be reached.
    """
    return Study.open(folder)

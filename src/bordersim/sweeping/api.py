"""``bs.sweep``, and what the command line does with a sweep file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bordersim.batch import Progress
from bordersim.errors import Problem, ScenarioError, StoreError
from bordersim.machine import processors
from bordersim.memory import available_memory, memory_mistake, needed
from bordersim.remote import store_at
from bordersim.remote_place import Place, RemotePlace, place_of
from bordersim.run_limits import missing_parameter
from bordersim.scenario import Scenario
from bordersim.study import Study
from bordersim.sweeping.carrying_out import Manner, carry_out
from bordersim.sweeping.designs import EXTENSIBLE
from bordersim.sweeping.plan import Plan, make_plan, stored_plan
from bordersim.sweeping.reading import read_sweep, sweep_of_call, with_draws
from bordersim.sweeping.spec import Sweep

Scenarios = Scenario | str | Path | Sequence[Scenario | str | Path]


def sweep(  # noqa: PLR0913 - what a sweep file says, and how; all but the first keyword-only
    what: Scenarios,
    *,
    seeds: int | range | None = None,
    design: Mapping[str, Any] | None = None,
    draws: Mapping[str, Any] | None = None,
    scale: float | None = None,
    until: str | None = None,
    observables: Sequence[str] | str | None = None,
    events: bool = False,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] = (1, 1),
    retry: bool = False,
    progress: Progress | None = None,
) -> Study:
    """Simulate scenarios over seeds, design points and posterior draws.

    What is stored in ``out`` already is not simulated again: an interrupted sweep goes on
    where it was, and more seeds, points of a Sobol design or draws are added to it.
    Runs go to a pool of processes: a script needs its ``if __name__ == "__main__":`` guard.

    Parameters
    ----------
    what
        A sweep file; or a scenario, or several, or their files.
    seeds
        How many, from 1, or a range. Of a sweep file, only more than it says.
    design, draws, scale, until, observables, events
        As in a sweep file, which they cannot be given with.
    out
        Folder of the study, or a URL such as ``s3://bucket/study``; ``results/<name>`` for a
        sweep file.
    workers
        Processes on this machine; as many as it has processors when None.
    scheduler
        Address of a Dask scheduler, whose workers simulate instead.
    shard
        (i, n): only the i-th of n parts of the plan, from 1.
    retry
        Also runs that failed before.
    progress
        Called with a ``Standing`` as runs end.

    Returns
    -------
    Study
        All that the folder holds; ``study.cells`` maps the design to its runs.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked; nothing is simulated then.
    StoreError
        When the folder cannot be read or written.
    """
    content = {
        "design": None if design is None else dict(design),
        "draws": None if draws is None else dict(draws),
        "scale": scale,
        "until": until,
        "observables": list(observables)
        if observables is not None and not isinstance(observables, str)
        else observables,
        "events": events or None,
    }
    content = {key: value for key, value in content.items() if value is not None}
    asked = _asked(what, seeds, content, out)
    folder = place_of(out) if out is not None else Path("results") / asked.name
    if unusable := url_problem(folder):
        raise ScenarioError([unusable])
    n_workers = processors()[1] if workers is None else workers
    manner = Manner(folder, n_workers, scheduler, shard, retry)
    carry_out(prepared(asked, manner), manner, progress)
    return Study.open(folder)


def _asked(
    what: Scenarios, seeds: int | range | None, content: Mapping[str, Any], out: str | Path | None
) -> Sweep:
    if isinstance(what, str | Path) and _is_sweep_file(Path(what)):
        if content:
            message = f"{', '.join(content)}: say so in the sweep file instead"
            raise ScenarioError([Problem("sweep()", "", message)])
        asked = read_sweep(Path(what))
        if seeds is None:
            return asked
        count = len(seeds) if isinstance(seeds, range) else seeds
        return replace(asked, n_seeds=max(asked.n_seeds, count))
    scenarios = [what] if isinstance(what, Scenario | str | Path) else list(what)
    if out is None:
        message = "required: the folder of the study, such as results/crackdown"
        raise ScenarioError([Problem("sweep()", "out", message)])
    return sweep_of_call(scenarios, {"seeds": _seeds(seeds), **content}, place_of(out).name)


def _seeds(seeds: int | range | None) -> dict[str, Any]:
    if isinstance(seeds, range):
        if seeds.step != 1:
            message = f"got {seeds}; seeds follow one another"
            raise ScenarioError([Problem("sweep()", "seeds", message)])
        return {"first": seeds.start, "count": len(seeds)}
    return {"count": 1 if seeds is None else seeds}


def _is_sweep_file(path: Path) -> bool:
    """Whether a file says of itself that it is a sweep, or what else it is cannot be told."""
    from bordersim.yaml_source import read_yaml

    document = read_yaml(path, [])
    return document is not None and "scenarios" in document.mapping()


def prepared(asked: Sweep, manner: Manner) -> Plan:
    """Plan a sweep, together with what was planned in its folder before.

    A plan never shrinks: seeds, points of a design that can have more, and draws that
    were once added stay, as long as nothing else about the sweep changes.

    Raises
    ------
    ScenarioError
        With everything that keeps it from being carried out.
    """
    if problems := hindrances(asked, manner):
        raise ScenarioError(problems)
    return make_plan(as_large_as_stored(asked, manner.folder))


def hindrances(asked: Sweep, manner: Manner) -> list[Problem]:
    """Say what keeps a sweep from being carried out here, before it is planned."""
    problems = [
        problem for one in asked.scenarios if (problem := missing_parameter(one)) is not None
    ]
    memory = _memory_problem(asked, manner)
    return problems if memory is None else [*problems, memory]


def as_large_as_stored(asked: Sweep, folder: Place) -> Sweep:
    """Give the sweep with as many seeds, points and draws as its folder plans already."""
    before = stored_plan(folder)
    if before is None or before.get("identity") != asked.identity():
        return asked
    larger = replace(asked, n_seeds=max(asked.n_seeds, int(before["n_seeds"])))
    n_points, design = int(before["n_points"]), larger.design
    if design is not None and design.kind in EXTENSIBLE and n_points > larger.n_points:
        larger = replace(larger, design=design.of_size(n_points // design.block))
    return larger if larger.draws is None else with_draws(larger, int(before["n_draws"]))


def url_problem(folder: Place) -> Problem | None:
    """Say why runs cannot be stored at a URL, before anything is asked of it."""
    if not isinstance(folder, RemotePlace):
        return None
    if folder.scheme == "memory":
        message = f'got "{folder}"; what is in memory is not seen by the processes that simulate'
        return Problem("--out", "", message)
    try:
        store_at(folder)
    except StoreError as error:
        return Problem("--out", "", str(error))
    return None


def _memory_problem(asked: Sweep, manner: Manner) -> Problem | None:
    if manner.scheduler is not None:
        return None
    largest = max(asked.scenarios, key=lambda scenario: scenario.scale)
    need = needed(largest, 1, manner.n_workers, events=asked.events)
    message = memory_mistake(need, largest.scale, available_memory())
    if message is None:
        return None
    return Problem(asked.name, "scale", f"{message}; or fewer workers (--workers)")

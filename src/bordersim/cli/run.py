"""``bordersim run``: have the runs, then print them beside the reports."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.progress import Reporter
from bordersim.cli.stopping import Stopped, last_words
from bordersim.errors import BordersimError, Problem, ScenarioError, shortened

if TYPE_CHECKING:
    from bordersim.parts import FailedRun
    from bordersim.running import Job, Options, Outcome
    from bordersim.scenario import Scenario


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    scenarios: tuple[Path, ...]
    seed: int
    replicates: int
    settings: tuple[str, ...]
    scale: float | None
    until: str | None
    events: bool
    check: bool
    out: Path
    as_json: bool
    quiet: bool


def run_scenarios(request: Request) -> ExitCode:
    """Run every scenario asked for; nothing starts unless all are valid."""
    from bordersim.running import Options

    options = Options(events=request.events, check=request.check, out=request.out)
    try:
        scenarios = prepared_scenarios(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    documents: list[dict[str, Any]] = []
    code = ExitCode.OK
    for scenario in scenarios:
        document, result = _run_one(scenario, request, options)
        documents.append(document)
        code = max(code, result)
    if request.as_json:
        status = "ok" if code is ExitCode.OK else "failed"
        print_json({"status": status, "scenarios": documents})
    return code


def parse_setting(text: str) -> tuple[str, float | int | str]:
    """Read one ``KEY=VALUE``; a value that is no number stays text.

    Raises
    ------
    ScenarioError
        When there is no key or no value.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not (key and equals and value):
        message = f'got "{shortened(text)}"; write KEY=VALUE, for example china.refoulement=0'
        raise ScenarioError([Problem("--set", key, message)])
    for read in (int, float):
        try:
            return key, read(value)
        except ValueError:
            continue
    return key, value


def prepared_scenarios(request: Request) -> list[Scenario]:
    """Load every scenario; ScenarioError with all that is wrong, of the options too."""
    from bordersim.running import Options

    options = Options(events=request.events, check=request.check, out=request.out)
    return _prepared(request, options)


def _prepared(request: Request, options: Options) -> list[Scenario]:
    """Load every scenario and gather every problem of all of them, and of the options."""
    from bordersim.running import prepare, request_problems

    settings, problems = _settings(request)
    scenarios: list[Scenario] = []
    for path in request.scenarios:
        try:
            scenarios.append(
                prepare(path, settings=settings, scale=request.scale, until=request.until)
            )
        except ScenarioError as error:
            problems.extend(error.problems)
    if len(scenarios) < len(request.scenarios):
        # A file that cannot be loaded must not hide what is wrong with the settings.
        problems[:0] = _settings_problems(settings, request)
    problems.extend(request_problems(scenarios, options, request.seed, request.replicates))
    problems.extend(_repeated(scenarios))
    if problems:
        told = (_by_option(problem, request) for problem in problems)
        raise ScenarioError(tuple(dict.fromkeys(told)))
    return scenarios


def _settings(request: Request) -> tuple[dict[str, float | int | str], list[Problem]]:
    """Settings by key, and what is wrong with how they were typed."""
    problems: list[Problem] = []
    settings: dict[str, float | int | str] = {}
    options = {"population.scale": request.scale, "time.end": request.until}
    for text in request.settings:
        try:
            key, value = parse_setting(text)
        except ScenarioError as error:
            problems.extend(error.problems)
            continue
        if settings.get(key, options.get(key)) not in (None, value):
            option = "--set" if key in settings else _OPTIONS[key]
            message = f"set to two values, the other with {option}; keep one"
            problems.append(Problem("--set", key, message))
        settings[key] = value
    return settings, problems


def _settings_problems(
    settings: dict[str, float | int | str], request: Request
) -> tuple[Problem, ...]:
    """What is wrong with settings whatever the scenario."""
    from bordersim.settings import read_settings
    from bordersim.vocabulary import read_vocabulary

    options = {"population.scale": request.scale, "time.end": request.until}
    typed = settings | {key: value for key, value in options.items() if value is not None}
    try:
        known = read_vocabulary()
        read_settings(typed, known.parameters, known.catalogue)
    except ScenarioError as error:
        return error.problems
    return ()


_OPTIONS = {"population.scale": "--scale", "time.end": "--until"}


def _by_option(problem: Problem, request: Request) -> Problem:
    """Name the option that was typed instead of the setting it stands for."""
    typed = {"population.scale": request.scale, "time.end": request.until}
    if problem.where == "--set" and typed.get(problem.key) is not None:
        return replace(problem, where=_OPTIONS[problem.key])
    return problem


def _repeated(scenarios: Sequence[Scenario]) -> list[Problem]:
    """Scenarios of one name would share a folder, and be taken for one another."""
    found: list[Problem] = []
    first: dict[str, Path | None] = {}
    for scenario in scenarios:
        if scenario.name in first:
            message = f'"{scenario.name}" is given twice, first by {first[scenario.name]}'
            found.append(Problem(str(scenario.path), "name", message))
        first.setdefault(scenario.name, scenario.path)
    return found


def _code_of(outcomes: Sequence[Outcome]) -> ExitCode:
    if any(outcome.mismatch for outcome in outcomes):
        return ExitCode.MISMATCH
    failed = any(outcome.failure is not None for outcome in outcomes)
    return ExitCode.RUN_FAILED if failed else ExitCode.OK


def _run_one(
    scenario: Scenario, request: Request, options: Options
) -> tuple[dict[str, Any], ExitCode]:
    """Have the runs of one scenario and show them: its part of the document, and the code."""
    from bordersim.running import execute, jobs_of

    folder = request.out / scenario.name
    reporter = Reporter(scenario.name, quiet=request.quiet)
    jobs = jobs_of(scenario, request.seed, request.replicates)

    def kept() -> str:
        had = reporter.standing.had if reporter.standing else 0
        return _kept(had, len(jobs), folder)

    try:
        with noticing(), last_words(kept):
            with reporter:
                outcomes = execute(jobs, options, reporter)
            return _show(scenario, outcomes, request), _code_of(outcomes)
    except BordersimError as error:
        say(f"{scenario.name}: {error}")
        document = {"scenario": scenario.name, "status": "failed", "error": str(error)}
        return document, ExitCode.RUN_FAILED
    except Stopped as stop:
        raise Stopped(stop.number, (_kept(_stored(jobs, folder), len(jobs), folder),)) from None


def _stored(jobs: Sequence[Job], folder: Path) -> int:
    """How many are stored, by the folder itself: one may have been about to be counted."""
    from bordersim.store import Store

    store = Store(folder)
    return sum(store.finished(job.run_id) is not None for job in jobs)


def _kept(had: int, n_runs: int, folder: Path) -> str:
    """What a stopped batch leaves, and how to go on."""
    if had == n_runs:
        return f"all that was asked for is stored in {folder}; the same command shows it"
    if n_runs == 1:
        return (
            f"the run under way is not kept (runs are stored whole, in {folder}); "
            "the same command starts it again"
        )
    if not had:
        return f"none of {n_runs} runs is stored yet; the same command starts again"
    return (
        f"{had} of {n_runs} runs are stored in {folder} and stay there; "
        f"the same command goes on with the other {n_runs - had}"
    )


@contextmanager
def noticing() -> Iterator[None]:
    """Show on stderr what the library warns of in a results folder."""
    from bordersim.part_files import StoreWarning

    def show(message: Warning | str, category: type[Warning], *others: Any, **more: Any) -> None:
        if issubclass(category, StoreWarning):
            say(str(message))
        else:
            usual(message, category, *others, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", StoreWarning)
        usual, warnings.showwarning = warnings.showwarning, show
        yield


def _show(scenario: Scenario, outcomes: Sequence[Outcome], request: Request) -> dict[str, Any]:
    """Print the tables of one scenario; give back its part of the JSON document."""
    from bordersim.reported import tables
    from bordersim.reports import rows_of

    folder = request.out / scenario.name
    stored = sum(outcome.was_stored for outcome in outcomes)
    if stored and not request.quiet:
        say(f"{scenario.name}: {stored} of {len(outcomes)} runs already in {folder}, not simulated")
    for outcome in outcomes:
        if outcome.failure is not None:
            say(f"{scenario.name}, seed {outcome.job.seed} failed: {_told(outcome.failure)}")
    runs = [outcome.results for outcome in outcomes if outcome.results is not None]
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "title": scenario.title,
        "folder": str(folder),
        "runs": [_entry(outcome) for outcome in outcomes],
    }
    if not runs:
        return document | {"tables": {}}
    shown = tables(runs)
    if not request.as_json:
        from bordersim.cli.printing import print_tables

        print_tables(scenario.title or scenario.name, runs, shown)
        if not request.quiet:
            say(f'results in {folder}; in Python: bordersim.open("{folder}")')
    return document | {"tables": {name: rows_of(table) for name, table in shown.items()}}


def _told(failure: FailedRun) -> str:
    """Message of a failed run; a name of the error where it is none of ours."""
    if not failure.unforeseen:
        return failure.error
    return f"{failure.error_type}: {failure.error} (its traceback is in the run's stored row)"


def _entry(outcome: Outcome) -> dict[str, Any]:
    job, results, failure = outcome.job, outcome.results, outcome.failure
    return {
        "run_id": job.run_id,
        "seed": job.seed,
        "scale": job.scenario.scale,
        "status": "failed" if results is None else "ok",
        "was_stored": outcome.was_stored,
        "digest": results.digest if results else None,
        "wall_s": results.wall_s if results else None,
        "error_type": failure.error_type if failure else None,
        "error": failure.error if failure else None,
        "traceback": failure.traceback if failure else None,
    }

"""``bordersim why``: one simulated life, by replay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, ScenarioError, StoreError

if TYPE_CHECKING:
    from bordersim.explain import ExplanationMismatchError, Life
    from bordersim.run_catalogue import Catalogue, Entry
    from bordersim.scenario import Scenario


_MOST_NAMED = 8
"""Runs of a study that an error names at most."""


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    run: str
    uid: int | None
    at: str | None
    versus: str | None
    pick: str | None
    scenarios: tuple[Path, ...]
    settings: tuple[str, ...]
    results: Path
    as_json: bool


def explain(request: Request) -> ExitCode:
    """Print a life, and say on stderr who was picked."""
    try:
        _check(request)
        runs = _entries(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    _announce()
    from bordersim.explain import ExplanationMismatchError

    try:
        life = _life(request, runs)
    except ExplanationMismatchError as mismatch:
        return _mismatch(mismatch, as_json=request.as_json)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    if request.as_json:
        print_json(life.document())
    else:
        from bordersim.cli.console import results_console
        from bordersim.explain.text import print_life

        print_life(results_console(), life)
    return ExitCode.OK


def _check(request: Request) -> None:
    """Find what is wrong with the options before anything is simulated."""
    problems = []
    if (request.uid is None) == (request.pick is None):
        message = "name a UID, or ask for somebody with --pick KIND (such as arrived, died, any)"
        if request.pick is not None:
            message = f"got both a UID and --pick {request.pick}; one of them says whose life"
        problems.append(Problem("UID", "", message))
    if request.at is not None:
        from bordersim.dates import parse_month

        try:
            parse_month(request.at)
        except ValueError as error:
            problems.append(Problem("--at", "", str(error)))
    if request.pick is not None:
        from bordersim.explain.kinds import kind_problem

        problem = kind_problem(request.pick)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise ScenarioError(problems)


def _entries(request: Request) -> list[Entry]:
    """The run, and the one it is compared with."""
    from bordersim.run_catalogue import read_catalogue

    try:
        catalogue = read_catalogue(request.results)
    except StoreError as error:
        raise ScenarioError([Problem("--out", "", str(error))]) from None
    names = [("RUN", request.run)]
    names += [] if request.versus is None else [("--vs", request.versus)]
    found: list[Entry] = []
    problems: list[Problem] = []
    for where, key in names:
        try:
            found.append(_entry(catalogue, key))
        except StoreError as error:
            problems.append(Problem(where, "", str(error)))
    if problems:
        raise ScenarioError(problems)
    return found


def _entry(catalogue: Catalogue, key: str) -> Entry:
    """The only run of a name, which can be made again."""
    from bordersim.parts import OK
    from bordersim.run_catalogue import RunKeyError, find_runs

    found = [entry for entry in find_runs(catalogue, key) if entry.status == OK]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RunKeyError(f'"{key}" has no finished run; `bordersim runs list` shows them', ())
    names = ", ".join(
        f"{entry.full_name} (seed {entry.columns['seed']})" for entry in found[:_MOST_NAMED]
    )
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    raise RunKeyError(f'"{key}" has {len(found)} runs; name one: {names}{more}', ())


def _announce() -> None:
    from bordersim.compiled import compilation_seconds, kernels_are_compiled

    if not kernels_are_compiled():
        seconds = f"about {compilation_seconds():.0f} s, once for this version"
        say(f"compiling the kernels, {seconds}")


def _life(request: Request, entries: list[Entry]) -> Life:
    from bordersim.explain import explain_life
    from bordersim.study import stored_run

    runs = [stored_run(entry.store, entry.row) for entry in entries]
    sources = [_scenario(request, entry) for entry in entries]
    uid = request.uid
    if uid is None:
        from bordersim.explain.picking import pick_uids

        assert request.pick is not None
        (uid,) = pick_uids(runs[0], request.pick, sources[0])
        say(f"picked uid {uid}")
    versus = runs[1] if len(runs) > 1 else None
    return explain_life(
        runs[0],
        uid,
        at=request.at,
        versus=versus,
        scenario=sources[0],
        versus_scenario=sources[1] if versus is not None else None,
    )


def _scenario(request: Request, entry: Entry) -> Scenario:
    """What a run was made from; that no file at hand gives it is a mistake of the caller."""
    from bordersim._jit import engine_hash
    from bordersim.rerun import NoScenarioError, scenario_of

    if entry.columns["engine"] != engine_hash():
        message = (
            f"run {entry.full_name} was simulated by another version of the engine, which this "
            "one cannot replay; simulate it again with `bordersim run` and ask about the new run"
        )
        raise ScenarioError([Problem("RUN", "", message)])
    try:
        return scenario_of(entry, request.scenarios, _settings(request))
    except NoScenarioError as error:
        raise ScenarioError([Problem("--scenario", "", str(error))]) from None


def _settings(request: Request) -> dict[str, Any] | None:
    from bordersim.cli.run import parse_setting

    return dict(parse_setting(text) for text in request.settings) or None


def _mismatch(mismatch: ExplanationMismatchError, *, as_json: bool) -> ExitCode:
    from bordersim.explain.told import row_document

    say(str(mismatch))
    if as_json:
        print_json(
            {
                "status": "mismatch",
                "uid": mismatch.uid,
                "month": mismatch.month,
                "explained": [row_document(row) for row in mismatch.explained],
                "logged": [row_document(row) for row in mismatch.logged],
            }
        )
    return ExitCode.MISMATCH

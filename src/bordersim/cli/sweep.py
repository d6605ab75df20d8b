"""``bordersim sweep``: plan, simulate what is missing, say what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.stopping import Stopped, last_words
from bordersim.errors import BordersimError, Problem, ScenarioError, shortened

if TYPE_CHECKING:
    from bordersim.remote_place import Place
    from bordersim.sweeping.carrying_out import Account, Manner
    from bordersim.sweeping.plan import Plan
    from bordersim.sweeping.spec import Sweep

_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})\Z")
_MOST_WORKERS = 4096


@dataclass(frozen=True)
class Request:
    """Options of the command as typed; ``only`` is ``plan``, ``status`` or empty."""

    file: Path
    seeds: int | None
    points: int | None
    draws: int | None
    out: Place
    workers: int | None
    scheduler: str | None
    shard: str
    retry: bool
    only: str
    as_json: bool
    quiet: bool


def sweep(request: Request) -> ExitCode:
    """Have what a sweep file asks for; nothing starts unless all of it is valid."""
    try:
        manner, plan = prepared_plan(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    try:
        if request.only:
            return tell(plan, manner, request)
        return _show(plan, manner, carried_out(plan, manner, quiet=request.quiet), request)
    except BordersimError as error:
        say(f"{plan.sweep.name}: {error}")
        if request.as_json:
            document = {"sweep": plan.sweep.name, "folder": str(manner.folder)}
            print_json({"status": "failed", **document, "error": str(error)})
        return ExitCode.RUN_FAILED


def prepared_plan(request: Request) -> tuple[Manner, Plan]:
    """Read and plan what is asked for; ScenarioError with all that is wrong."""
    from bordersim.sweeping.api import prepared
    from bordersim.sweeping.reading import read_sweep

    problems = _option_problems(request)
    try:
        asked = read_sweep(request.file)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    problems.extend(_folder_problems(request))
    if problems:
        raise ScenarioError(problems)
    asked = _expanded(asked, request)
    manner = _manner(asked, request)
    return manner, prepared(asked, manner)


def _option_problems(request: Request) -> list[Problem]:
    found: list[Problem] = []
    counts = (("--seeds", request.seeds), ("--points", request.points), ("--draws", request.draws))
    for name, number in counts:
        if number is not None and not 1 <= number <= 1_000_000:
            found.append(Problem(name, "", f"got {number}; allowed: 1 to 1,000,000"))
    if request.workers is not None and not 1 <= request.workers <= _MOST_WORKERS:
        message = f"got {request.workers}; allowed: 1 to {_MOST_WORKERS:,} processes"
        found.append(Problem("--workers", "", message))
    if _shard(request.shard) is None:
        message = f'got "{shortened(request.shard)}"; write I/N, with I from 1 to N, as in 2/8'
        found.append(Problem("--shard", "", message))
    return found


def _folder_problems(request: Request) -> list[Problem]:
    from bordersim.remote_place import RemotePlace
    from bordersim.run_limits import Wanted, option_problems
    from bordersim.sweeping.api import url_problem

    if isinstance(request.out, RemotePlace):
        problem = url_problem(request.out)
        return [] if problem is None else [problem]
    return option_problems(Wanted(1, 1, False, request.out, 1))


def _shard(text: str) -> tuple[int, int] | None:
    match = _SHARD.match(text)
    if match is None:
        return None
    number, n_shards = int(match[1]), int(match[2])
    return (number, n_shards) if 1 <= number <= n_shards else None


def _expanded(asked: Sweep, request: Request) -> Sweep:
    """The sweep with as many seeds, points and draws as the options want, if more."""
    from bordersim.sweeping.designs import EXTENSIBLE
    from bordersim.sweeping.reading import with_draws

    problems: list[Problem] = []
    if request.seeds is not None:
        asked = replace(asked, n_seeds=max(asked.n_seeds, request.seeds))
    if request.points is not None:
        if asked.design is None or asked.design.kind not in EXTENSIBLE:
            message = "only a sobol design, or one of indices, can have more and keep what it has"
            problems.append(Problem("--points", "", message))
        elif request.points > asked.design.n:
            asked = replace(asked, design=asked.design.of_size(request.points))
    if request.draws is not None:
        try:
            asked = with_draws(asked, request.draws)
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        raise ScenarioError(problems)
    return asked


def _manner(asked: Sweep, request: Request) -> Manner:
    from bordersim.machine import processors
    from bordersim.sweeping.carrying_out import Manner

    return Manner(
        folder=request.out / asked.name,
        n_workers=request.workers or processors()[1],
        scheduler=request.scheduler,
        shard=_shard(request.shard) or (1, 1),
        retry=request.retry,
    )


def tell(plan: Plan, manner: Manner, request: Request) -> ExitCode:
    """Say what is there, what is missing, and what that will take; write nothing."""
    from bordersim.cli.sweep_text import print_plan, print_status
    from bordersim.sweeping.carrying_out import missing, overview
    from bordersim.sweeping.cost import cost_of

    lacking = missing(plan, manner)
    cost = cost_of(plan.sweep, manner.folder)
    document = overview(plan, manner, lacking, cost)
    if request.as_json:
        print_json({"status": "ok", **document})
    elif request.only == "plan":
        print_plan(document)
    else:
        print_status(document)
    return ExitCode.OK


def carried_out(plan: Plan, manner: Manner, *, quiet: bool) -> Account:
    """Simulate what is missing, with progress, and last words when stopped."""
    from bordersim.cli.run import noticing
    from bordersim.cli.sweep_progress import SweepReporter
    from bordersim.sweeping.carrying_out import carry_out

    reporter = SweepReporter(plan.sweep.name, quiet=quiet)

    def kept() -> str:
        standing = reporter.standing
        had = standing.had if standing else 0
        n_runs = standing.n_runs if standing else len(plan.cells)
        return (
            f"{had:,} of {n_runs:,} runs are stored in {manner.folder} and stay there; "
            "the same command goes on with the rest"
        )

    try:
        with noticing(), last_words(kept), reporter:
            return carry_out(plan, manner, reporter)
    except Stopped as stop:
        raise Stopped(stop.number, (_stored_words(plan, manner),)) from None


def _stored_words(plan: Plan, manner: Manner) -> str:
    """How many are stored, by the folder itself: workers stored what they had finished."""
    from bordersim.sweeping.carrying_out import missing

    lacking = missing(plan, manner)
    return (
        f"{len(lacking.stored):,} of {lacking.n_runs:,} runs are stored in {manner.folder} and "
        "stay there; the same command goes on with the rest"
    )


def _show(plan: Plan, manner: Manner, account: Account, request: Request) -> ExitCode:
    from bordersim.cli.sweep_text import print_account
    from bordersim.sweeping.carrying_out import failures

    failed = failures(manner.folder, account.failed)
    document: dict[str, Any] = {
        "sweep": plan.sweep.name,
        "title": plan.sweep.title,
        "folder": str(manner.folder),
        "cells": account.n_cells,
        "runs": account.n_runs,
        "shard": list(manner.shard),
        "stored_before": account.stored,
        "simulated": account.simulated,
        "failed": failed,
    }
    code = ExitCode.RUN_FAILED if account.failed else ExitCode.OK
    if request.as_json:
        print_json({"status": "failed" if account.failed else "ok", **document})
    else:
        print_account(document)
    return code

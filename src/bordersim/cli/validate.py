"""``bordersim validate``: have the runs of the draws, judge them, print and write it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.option_checks import MOST_WORKERS, count_problems
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.sweeping.carrying_out import Manner
    from bordersim.sweeping.plan import Plan
    from bordersim.validating import Validation
    from bordersim.validating.bars import Bars
    from bordersim.validating.reading import Told

_MOST = 1_000_000

_SAY_EVERY = 10.0
"""Seconds between two lines of progress while runs are read."""


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    what: str | None
    draws: int | None
    seeds: int | None
    posterior: Path | None
    scale: float | None
    out: Path | None
    results: Path
    workers: int | None
    retry: bool
    dry_run: bool
    as_json: bool
    quiet: bool


def validate(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it can be."""
    folder = _study_folder(request)
    problems = _option_problems(request, of_study=folder is not None)
    try:
        from bordersim.validating.asking import every_report
        from bordersim.validating.bars import read_bars

        bars = read_bars()
        every_report()
        planned = None if folder is not None else _planned(request, bars)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        return report_problems(dict.fromkeys(problems), as_json=request.as_json)
    try:
        return _judge(request, bars, folder, planned)
    except BordersimError as error:
        say(str(error))
        if request.as_json:
            print_json({"status": "failed", "error": str(error)})
        return ExitCode.RUN_FAILED


def _study_folder(request: Request) -> Path | None:
    """Folder of the study that is named; None for a sweep file."""
    if request.what is None:
        return None
    named = Path(request.what)
    if named.is_file():
        return None
    return next((one for one in (named, request.results / named) if one.is_dir()), None)


def _option_problems(request: Request, *, of_study: bool) -> list[Problem]:
    found = count_problems(
        [
            ("--draws", request.draws, 1, _MOST),
            ("--seeds", request.seeds, 1, _MOST),
            ("--workers", request.workers, 1, MOST_WORKERS),
        ]
    )
    if request.out is not None and request.out.exists() and not request.out.is_dir():
        found.append(Problem("--out", "", f"{request.out} is no folder"))
    if not of_study:
        return found
    simulating = (
        ("--seeds", request.seeds),
        ("--posterior", request.posterior),
        ("--scale", request.scale),
        ("--retry", request.retry or None),
    )
    for name, given in simulating:
        if given is not None:
            message = "nothing is simulated of a study; name a sweep file instead"
            found.append(Problem(name, "", message))
    return found


def _planned(request: Request, bars: Bars) -> tuple[Manner, Plan]:
    from bordersim.machine import processors
    from bordersim.sweeping.api import prepared
    from bordersim.sweeping.carrying_out import Manner
    from bordersim.validating.asking import Changes, asked_sweep, validation_file

    if request.posterior is not None and not request.posterior.is_file():
        message = f'no such file "{request.posterior}"'
        raise ScenarioError([Problem("--posterior", "", message)])
    file = validation_file() if request.what is None else Path(request.what)
    changes = Changes(request.draws, request.seeds, request.posterior, request.scale)
    asked = asked_sweep(file, changes, bars)
    manner = Manner(
        folder=request.results / asked.name,
        n_workers=request.workers or processors()[1],
        retry=request.retry,
    )
    return manner, prepared(asked, manner)


def _judge(
    request: Request, bars: Bars, folder: Path | None, planned: tuple[Manner, Plan] | None
) -> ExitCode:
    from bordersim.cli.sweep import carried_out
    from bordersim.study import Study
    from bordersim.validating.asking import judge

    draws, failed = request.draws, 0
    if planned is not None:
        manner, plan = planned
        if request.dry_run:
            return _told(request, manner, plan)
        failed = len(carried_out(plan, manner, quiet=request.quiet).failed)
        folder = Path(str(manner.folder))
        draws = request.draws or plan.sweep.n_draws
    if failed:
        say(
            f"{failed:,} runs failed and are left out; bordersim sweep --status tells why, "
            "--retry tries again"
        )
    if request.dry_run:
        say(f"{folder}: a study; nothing would be simulated")
        return ExitCode.OK
    assert folder is not None
    found = judge(Study.open(folder), bars, draws, None if request.quiet else _reading())
    code = _show(found, request)
    return ExitCode.RUN_FAILED if failed else code


def _reading() -> Told:
    """Say now and then how many runs have been read: a minute for some hundred."""
    import time

    began = last = time.perf_counter()

    def told(done: int, n_runs: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last > _SAY_EVERY or (done == n_runs and now - began > _SAY_EVERY):
            last = now
            say(f"read {done:,} of {n_runs:,} runs")

    return told


def _told(request: Request, manner: Manner, plan: Plan) -> ExitCode:
    """Say what would be simulated; write nothing."""
    from bordersim.cli.sweep_text import print_plan
    from bordersim.sweeping.carrying_out import missing, overview
    from bordersim.sweeping.cost import cost_of

    document = overview(plan, manner, missing(plan, manner), cost_of(plan.sweep, manner.folder))
    if request.as_json:
        print_json({"status": "ok", **document})
    else:
        print_plan(document)
    return ExitCode.OK


def _show(found: Validation, request: Request) -> ExitCode:
    written = [] if request.out is None else found.write(request.out)
    if request.as_json:
        status = "ok" if found.holds else "failed"
        print_json(
            {"status": status, **found.document(), "written": [str(path) for path in written]}
        )
    else:
        from bordersim.cli.validate_text import print_validation

        print_validation(found)
    if written and not request.quiet:
        say(f"written: {written[0]}, with {len(written) - 1} figures and tables beside it")
    return ExitCode.OK if found.holds else ExitCode.RUN_FAILED

"""``bordersim calibrate``: plan, do what is not done, say what the data tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.stopping import last_words
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.calibrating.driver import How
    from bordersim.calibrating.spec import Asked

_MOST_WORKERS = 4096


@dataclass(frozen=True)
class Request:
    """Options of the command as typed; ``only`` is ``plan``, ``status`` or empty."""

    file: Path
    out: Path
    workers: int | None
    keep: bool
    redo: bool
    retry: bool
    alternatives: bool
    ship: Path | None
    only: str
    as_json: bool
    quiet: bool


def calibrate(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it is valid."""
    from bordersim.calibrating.api import read

    problems = _option_problems(request)
    try:
        asked = read(request.file)
    except ScenarioError as error:
        return report_problems([*problems, *error.problems], as_json=request.as_json)
    if problems:
        return report_problems(problems, as_json=request.as_json)
    try:
        return _answer(asked, _how(asked, request), request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    except BordersimError as error:
        say(f"{asked.name}: {error}")
        if request.as_json:
            folder = str(request.out / asked.name)
            document = {"calibration": asked.name, "folder": folder, "error": str(error)}
            print_json({"status": "failed", **document})
        return ExitCode.RUN_FAILED


def _option_problems(request: Request) -> list[Problem]:
    from bordersim.run_limits import Wanted, option_problems

    found: list[Problem] = []
    if request.workers is not None and not 1 <= request.workers <= _MOST_WORKERS:
        message = f"got {request.workers}; allowed: 1 to {_MOST_WORKERS:,} processes"
        found.append(Problem("--workers", "", message))
    if request.keep and request.redo:
        message = "not with --keep: runs are used as they are, or made again"
        found.append(Problem("--redo", "", message))
    if request.ship is not None and request.only:
        message = "not where nothing is done: draws are copied once there are any"
        found.append(Problem("--ship", "", message))
    if request.ship is not None and request.ship.exists() and not request.ship.is_dir():
        found.append(Problem("--ship", "", f"{request.ship} is no folder"))
    return [*found, *option_problems(Wanted(1, 1, False, request.out, 1))]


def _how(asked: Asked, request: Request) -> How:
    from bordersim.calibrating.driver import How
    from bordersim.machine import processors

    return How(
        folder=request.out / asked.name,
        n_workers=request.workers or processors()[1],
        keep=request.keep,
        redo=request.redo,
        retry=request.retry,
        alternatives=request.alternatives,
    )


def _answer(asked: Asked, how: How, request: Request) -> ExitCode:
    from bordersim.calibrating.driver import Driver
    from bordersim.calibrating.overview import overview
    from bordersim.cli.calibrate_text import print_plan, print_results, print_status

    if request.only:
        document = overview(Driver(asked, how))
        if request.as_json:
            print_json({"status": "ok", **document})
        elif request.only == "plan":
            print_plan(document)
        else:
            print_status(document)
        return ExitCode.OK
    document = _carried_out(asked, how, quiet=request.quiet)
    if request.ship is not None:
        document["shipped"] = _shipped(how, request.ship)
    if request.as_json:
        print_json({"status": "ok", **document})
    else:
        print_results(document)
    return ExitCode.OK


def _carried_out(asked: Asked, how: How, *, quiet: bool) -> dict[str, object]:
    from bordersim.calibrating.carrying_out import carry_out
    from bordersim.calibrating.results import Calibration
    from bordersim.cli.calibrate_progress import CalibrationReporter
    from bordersim.cli.run import noticing

    reporter = CalibrationReporter(asked.name, quiet=quiet)

    def kept() -> str:
        return f"what is done stays in {how.folder}; the same command goes on with the rest"

    with noticing(), last_words(kept), reporter:
        carry_out(asked, how, reporter)
    return Calibration.open(how.folder).document()


def _shipped(how: How, into: Path) -> list[str]:
    from bordersim.calibrating.results import Calibration
    from bordersim.calibrating.shipping import ship

    written = ship(Calibration.open(how.folder), into)
    size = sum(path.stat().st_size for path in written)
    say(f"{len(written)} files, {size / 1e6:.1f} MB, copied to {into}")
    return [str(path) for path in written]

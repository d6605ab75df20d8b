"""``bordersim next-facts``: simulate what is missing, value the facts, print them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.option_checks import (
    MOST,
    MOST_WORKERS,
    count_problems,
    figure_problems,
    page_problems,
)
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.valuing.carrying import Plans
    from bordersim.valuing.results import NextFacts
    from bordersim.valuing.spec import Asked


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    file: Path | None
    page: Path | None
    figure: Path | None
    draws: int | None
    seeds: int | None
    out: Path
    workers: int | None
    retry: bool
    dry_run: bool
    as_json: bool
    quiet: bool


def next_facts(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it can be."""
    try:
        asked, plans = _prepared(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    try:
        if request.dry_run:
            return _show_plans(asked, plans, as_json=request.as_json)
        return _valued(asked, plans, request)
    except BordersimError as error:
        say(f"{asked.name}: {error}")
        if request.as_json:
            print_json({"status": "failed", "study": asked.name, "error": str(error)})
        return ExitCode.RUN_FAILED


def _prepared(request: Request) -> tuple[Asked, Plans]:
    """Read and plan what is asked for; ScenarioError with all that is wrong."""
    from bordersim.machine import processors
    from bordersim.run_limits import Wanted, option_problems
    from bordersim.valuing.api import facts_file
    from bordersim.valuing.carrying import Doing, plans_of
    from bordersim.valuing.reading import read_next_facts

    problems = _option_problems(request)
    draws, seeds = (None, None) if problems else (request.draws, request.seeds)
    try:
        asked = read_next_facts(request.file or facts_file(), draws=draws, seeds=seeds)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    problems += option_problems(Wanted(1, 1, False, request.out, 1))
    if problems:
        raise ScenarioError(problems)
    doing = Doing(request.out, request.workers or processors()[1], request.retry)
    return asked, plans_of(asked, doing)


def _option_problems(request: Request) -> list[Problem]:
    limits = (
        ("--draws", request.draws, 1, MOST),
        ("--seeds", request.seeds, 1, MOST),
        ("--workers", request.workers, 1, MOST_WORKERS),
    )
    return [
        *count_problems(limits),
        *figure_problems(request.figure),
        *page_problems(request.page),
    ]


def _valued(asked: Asked, plans: Plans, request: Request) -> ExitCode:
    from bordersim.cli.next_facts_text import print_next_facts
    from bordersim.cli.sweep import carried_out
    from bordersim.valuing.measuring import measured
    from bordersim.valuing.results import valued

    accounts = [carried_out(plan, manner, quiet=request.quiet) for plan, manner in plans.lacking()]
    failed = sum(len(account.failed) for account in accounts)
    if failed:
        say(f"{failed:,} runs failed and are left out; --dry-run counts them, --retry tries again")
    found = valued(asked, measured(asked, plans))
    _draw(found, request)
    if request.as_json:
        simulated = sum(account.simulated for account in accounts)
        first = {"status": "failed" if failed else "ok", "simulated": simulated, "failed": failed}
        print_json({**first, **found.document()})
    else:
        print_next_facts(found)
    return ExitCode.RUN_FAILED if failed else ExitCode.OK


def _draw(found: NextFacts, request: Request) -> None:
    from bordersim.plot import save_page

    if request.figure is not None:
        say(f"drawn: {save_page(found.plot(), request.figure)}")
    if request.page is None:
        return
    page = request.page
    picture = page.parent / "figures" / f"{page.stem}.png"
    save_page(found.plot(), picture)
    try:
        page.write_text(found.page(f"figures/{picture.name}"), "utf-8")
    except OSError as error:
        raise BordersimError(f"{page}: cannot be written: {error.strerror or error}") from error
    say(f"written: {page} and {picture}")


def _show_plans(asked: Asked, plans: Plans, *, as_json: bool) -> ExitCode:
    from bordersim.cli.next_facts_text import print_plans
    from bordersim.valuing.carrying import overview

    document = overview(asked, plans)
    if as_json:
        print_json({"status": "ok", **document})
    else:
        print_plans(document)
    return ExitCode.OK

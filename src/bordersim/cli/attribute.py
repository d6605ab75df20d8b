"""``bordersim attribute``: simulate what is missing, divide the change, print it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.option_checks import MOST, MOST_WORKERS, count_problems, figure_problems
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.stopping import Stopped, last_words
from bordersim.errors import BordersimError, Problem, ScenarioError, suggestion

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution
    from bordersim.attributing.carrying import How, Planned
    from bordersim.attributing.spec import Question
    from bordersim.sweeping.carrying_out import Account

_MANY = 500
"""Runs from which planning takes seconds."""


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    file: Path
    metrics: tuple[str, ...]
    figure: Path | None
    draws: int | None
    seeds: int | None
    out: Path
    workers: int | None
    scheduler: str | None
    retry: bool
    dry_run: bool
    as_json: bool
    quiet: bool


def attribute(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it can be."""
    from bordersim.attributing.carrying import overview
    from bordersim.attributing.stored import keep_question

    try:
        question, how, plans = _prepared(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    try:
        if request.dry_run:
            document = overview(question, plans, how)
            return _show_plan(document, as_json=request.as_json)
        keep_question(question, how.folder)
        accounts = [_carried_out(one, quiet=request.quiet) for one in plans]
        return _answer(question, how, plans, accounts, request)
    except BordersimError as error:
        say(f"{question.name}: {error}")
        if request.as_json:
            document = {"attribution": question.name, "folder": str(how.folder)}
            print_json({"status": "failed", **document, "error": str(error)})
        return ExitCode.RUN_FAILED


def _prepared(request: Request) -> tuple[Question, How, list[Planned]]:
    """Read and plan what is asked for; ScenarioError with all that is wrong."""
    from bordersim.attributing.carrying import How, planned
    from bordersim.attributing.reading import read_attribution
    from bordersim.machine import processors
    from bordersim.run_limits import Wanted, option_problems

    problems = _option_problems(request)
    try:
        draws, seeds = (None if problems else n for n in (request.draws, request.seeds))
        question = read_attribution(request.file, draws=draws, seeds=seeds)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    for name in request.metrics:
        if name not in question.observables:
            close = suggestion(name, question.observables)
            problems.append(Problem("--metric", "", f'"{name}" is not divided{close}'))
    problems += option_problems(Wanted(1, 1, False, request.out, 1))
    if problems:
        raise ScenarioError(problems)
    folder = request.out / question.name
    workers = request.workers or processors()[1]
    drawn = sum(one.n_draws for one in question.sets)
    runs = question.n_coalitions * drawn * question.n_seeds
    if not (request.dry_run or request.quiet) and runs > _MANY:
        say(f"planning {runs:,} runs")
    how = How(folder, workers, request.scheduler, request.retry)
    return question, how, planned(question, how, roughly=request.dry_run)


def _option_problems(request: Request) -> list[Problem]:
    limits = (
        ("--draws", request.draws, 1, MOST),
        ("--seeds", request.seeds, 1, MOST),
        ("--workers", request.workers, 1, MOST_WORKERS),
    )
    return [*count_problems(limits), *figure_problems(request.figure)]


def _carried_out(one: Planned, *, quiet: bool) -> Account:
    """Simulate what one set lacks, with progress, and last words when stopped."""
    from bordersim.cli.run import noticing
    from bordersim.cli.sweep_progress import SweepReporter
    from bordersim.sweeping.carrying_out import carry_out, missing

    reporter = SweepReporter(one.part.name, quiet=quiet)

    def kept(had: int, n_runs: int) -> str:
        return (
            f"{one.part.name}: {had:,} of {n_runs:,} runs are stored in {one.manner.folder} and "
            "stay there; the same command goes on with the rest"
        )

    def foretold() -> str:
        standing = reporter.standing
        return kept(standing.had if standing else 0, len(one.plan.cells))

    try:
        with noticing(), last_words(foretold), reporter:
            return carry_out(one.plan, one.manner, reporter)
    except Stopped as stop:
        lacking = missing(one.plan, one.manner)
        text = kept(len(lacking.stored), lacking.n_runs)
        raise Stopped(stop.number, (text,)) from None


def _answer(
    question: Question,
    how: How,
    plans: list[Planned],
    accounts: list[Account],
    request: Request,
) -> ExitCode:
    from bordersim.attributing.api import answered

    failed = sum(len(account.failed) for account in accounts)
    if failed:
        say(f"{question.name}: {failed:,} runs failed; --dry-run tells why, --retry tries again")
    found = answered(question, plans, how)
    if request.figure is not None:
        from bordersim.plot import save_page

        page = found.waterfall(*request.metrics)
        say(f"drawn: {save_page(page, request.figure)}")
    _show(found, accounts, failed, request)
    return ExitCode.RUN_FAILED if failed else ExitCode.OK


def _show(found: Attribution, accounts: list[Account], failed: int, request: Request) -> None:
    from bordersim.cli.attribute_text import print_attribution

    if request.as_json:
        print_json(
            {
                "status": "failed" if failed else "ok",
                "attribution": found.question.name,
                "title": found.question.title,
                "simulated": sum(account.simulated for account in accounts),
                "failed": failed,
                **found.document(),
            }
        )
        return
    print_attribution(found, request.metrics)


def _show_plan(document: dict[str, object], *, as_json: bool) -> ExitCode:
    from bordersim.cli.attribute_text import print_plan

    if as_json:
        print_json({"status": "ok", **document})
    else:
        print_plan(document)
    return ExitCode.OK

"""``bordersim answers``: simulate what is missing, answer, print and write the page."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.option_checks import MOST, MOST_WORKERS, count_problems, page_problems
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers
    from bordersim.answering.carrying import Planned
    from bordersim.answering.spec import Asked, Contrast


_MANY = 500
"""Runs from which planning takes seconds."""

_SAY_EVERY = 10.0
"""Seconds between two lines of progress."""


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    file: Path | None
    page: Path | None
    posterior: Path | None
    draws: int | None
    seeds: int | None
    scale: float | None
    ledger: int | None
    attribution: Path | None
    out: Path
    workers: int | None
    retry: bool
    dry_run: bool
    as_json: bool
    quiet: bool


def answer(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it can be."""
    try:
        asked, plans = _prepared(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    try:
        if request.dry_run:
            return _show_plans(asked, plans, as_json=request.as_json)
        return _answered(asked, plans, request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    except BordersimError as error:
        say(f"{asked.study.name}: {error}")
        if request.as_json:
            print_json({"status": "failed", "study": asked.study.name, "error": str(error)})
        return ExitCode.RUN_FAILED


def _prepared(request: Request) -> tuple[Asked, list[Planned]]:
    """Read and plan what is asked for; ScenarioError with all that is wrong."""
    from bordersim.answering.api import questions_file
    from bordersim.answering.carrying import How, planned
    from bordersim.answering.reading import Changes, read_answers
    from bordersim.machine import processors
    from bordersim.run_limits import Wanted, option_problems

    problems = _option_problems(request)
    counts = (None, None) if problems else (request.draws, request.seeds)
    scale = None if problems else request.scale
    changes = Changes(request.posterior, *counts, scale, request.ledger)
    try:
        asked = read_answers(request.file or questions_file(), changes)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    problems += option_problems(Wanted(1, 1, False, request.out, 1))
    if problems:
        raise ScenarioError(problems)
    runs = sum(len(one.scenarios) * one.n_draws * one.n_seeds for one in asked.sweeps)
    if not (request.dry_run or request.quiet) and runs > _MANY:
        say(f"planning {runs:,} runs")
    how = How(request.out, request.workers or processors()[1], request.retry)
    return asked, planned(asked, how, roughly=request.dry_run)


def _option_problems(request: Request) -> list[Problem]:
    limits = (
        ("--draws", request.draws, 1, MOST),
        ("--seeds", request.seeds, 1, MOST),
        ("--ledger", request.ledger, 0, MOST),
        ("--workers", request.workers, 1, MOST_WORKERS),
    )
    found = count_problems(limits)
    if request.scale is not None and not 0.0 < request.scale <= 1.0:
        found.append(Problem("--scale", "", f"got {request.scale:g}; allowed: above 0, up to 1"))
    if request.posterior is not None and not request.posterior.is_file():
        found.append(Problem("--posterior", "", f'no such file "{request.posterior}"'))
    if request.attribution is not None and not request.attribution.is_dir():
        found.append(Problem("--attribution", "", f'no such folder "{request.attribution}"'))
    return [*found, *page_problems(request.page)]


def _answered(asked: Asked, plans: list[Planned], request: Request) -> ExitCode:
    from bordersim.answering.answers import answers_of
    from bordersim.answering.divided import attributions_of
    from bordersim.cli.sweep import carried_out

    divided = attributions_of(asked, request.out, request.attribution)
    accounts = [carried_out(one.plan, one.manner, quiet=request.quiet) for one in plans]
    failed = sum(len(account.failed) for account in accounts)
    if failed:
        say(f"{failed:,} runs failed and are left out; --dry-run counts them, --retry tries again")
    listener = _Listener(quiet=request.quiet)
    folders = [Path(str(one.manner.folder)) for one in plans]
    found = answers_of(asked, folders, listener.read, listener.ledger, divided)
    if request.page is not None:
        _write(found, request.page)
    if request.as_json:
        simulated = sum(account.simulated for account in accounts)
        head = {"status": "failed" if failed else "ok", "simulated": simulated, "failed": failed}
        print_json({**head, **found.document()})
    else:
        from bordersim.cli.answers_text import print_answers

        print_answers(found)
    return ExitCode.RUN_FAILED if failed else ExitCode.OK


def _write(found: Answers, page: Path) -> None:
    from bordersim.plot import save_page

    picture = page.parent / "figures" / f"{page.stem}.png"
    save_page(found.plot(), picture)
    text = found.page(f"figures/{picture.name}")
    try:
        page.write_text(text, "utf-8")
    except OSError as error:
        raise BordersimError(f"{page}: cannot be written: {error.strerror or error}") from error
    say(f"written: {page} and {picture}")


class _Listener:
    """Says now and then how far reading and ledgers are."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._last = time.perf_counter()

    def read(self, done: int, n_runs: int) -> None:
        """Hear how many runs were read."""
        self._tell(f"read {done:,} of {n_runs:,} runs")

    def ledger(self, contrast: Contrast, done: int, n_runs: int) -> None:
        """Hear how many runs of a ledger were made again."""
        self._tell(f"ledger of {contrast.scenario}: {done} of {n_runs} runs made again")

    def _tell(self, text: str) -> None:
        now = time.perf_counter()
        if not self._quiet and now - self._last >= _SAY_EVERY:
            self._last = now
            say(text)


def _show_plans(asked: Asked, plans: list[Planned], *, as_json: bool) -> ExitCode:
    from bordersim.cli.answers_text import print_plans
    from bordersim.sweeping.carrying_out import missing, overview
    from bordersim.sweeping.cost import cost_of

    documents = []
    for one in plans:
        lacking = missing(one.plan, one.manner)
        cost = cost_of(one.plan.sweep, one.manner.folder)
        documents.append(overview(one.plan, one.manner, lacking, cost))
    if as_json:
        print_json({"status": "ok", "title": asked.title, "studies": documents})
    else:
        print_plans(asked, documents)
    return ExitCode.OK

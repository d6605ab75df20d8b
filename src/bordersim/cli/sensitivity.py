"""``bordersim sensitivity``: simulate what is missing, work out indices, print them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.compare import outcome_problems
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.sweep import Request as Sweeping
from bordersim.cli.sweep import carried_out, prepared_plan, tell
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.sensing import Sensitivity
    from bordersim.sweeping.carrying_out import Account, Manner
    from bordersim.sweeping.plan import Plan


@dataclass(frozen=True)
class Request:
    """Options of the command as typed; no metrics means the usual ones."""

    sweeping: Sweeping
    metrics: tuple[str, ...]
    window: str | None
    cut: tuple[str | None, str | None, str | None]
    figure: Path | None


def sensitivity(request: Request) -> ExitCode:
    """Do what is asked for; nothing starts unless all of it can be."""
    sweeping = request.sweeping
    problems = outcome_problems(request.window, request.metrics, request.figure)
    try:
        manner, plan = prepared_plan(sweeping)
        problems += _plan_problems(plan, request)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        return report_problems(map(_as_typed, dict.fromkeys(problems)), as_json=sweeping.as_json)
    try:
        if sweeping.only:
            return tell(plan, manner, sweeping)
        account = carried_out(plan, manner, quiet=sweeping.quiet)
        found = _indices(manner, request)
        if request.figure is not None:
            from bordersim.plot import save_page

            say(f"drawn: {save_page(found.plot(), request.figure)}")
    except BordersimError as error:
        say(f"{plan.sweep.name}: {error}")
        if sweeping.as_json:
            document = {"sweep": plan.sweep.name, "folder": str(manner.folder)}
            print_json({"status": "failed", **document, "error": str(error)})
        return ExitCode.RUN_FAILED
    return _show(found, plan, account, request)


def _plan_problems(plan: Plan, request: Request) -> list[Problem]:
    """What would be found wrong only after an hour of simulating."""
    from bordersim.comparing.pairing import read_window, window_problems
    from bordersim.comparing.quantities import Cut, cut_problems, name_problems, quantity_of
    from bordersim.reports import Period
    from bordersim.sensing.outcomes import DEFAULT
    from bordersim.sweeping.designs import INDICES

    sweep = plan.sweep
    kind = "none" if sweep.design is None else sweep.design.kind
    problems: list[Problem] = []
    if kind not in INDICES:
        message = f"got {kind}; indices need {' or '.join(INDICES)}"
        problems.append(Problem(str(request.sweeping.file), "design.kind", message))
    first = sweep.scenarios[0]
    starts, ends = zip(*((one.start_month, one.end_month) for one in sweep.scenarios), strict=True)
    window, wrong = read_window(request.window)
    names = request.metrics or DEFAULT
    if not wrong:
        problems += window_problems(window, Period(max(starts), min(ends)))
    if name_problems(names):
        return problems
    cut = Cut(*request.cut)
    problems += cut_problems(request.metrics, cut, first.places.homes, first.places.sectors)
    for part in dict.fromkeys(part for name in names for part in quantity_of(name).parts):
        if sweep.observables is not None and part not in sweep.observables:
            message = f"{part} is looked at and not kept; name it here, or other outcomes with -m"
            problems.append(Problem(str(request.sweeping.file), "observables", message))
    return problems


def _as_typed(problem: Problem) -> Problem:
    """Name the option of this command."""
    if problem.where != "compare":
        return problem
    return Problem(f"--{problem.key}", "", problem.message)


def _indices(manner: Manner, request: Request) -> Sensitivity:
    from bordersim.comparing.quantities import Cut
    from bordersim.sensing.analysis import of_study
    from bordersim.sensing.outcomes import DEFAULT
    from bordersim.study import Study

    study = Study.open(manner.folder)
    return of_study(study, request.metrics or DEFAULT, request.window, Cut(*request.cut))


def _show(found: Sensitivity, plan: Plan, account: Account, request: Request) -> ExitCode:
    from bordersim.cli.sensitivity_text import print_sensitivity

    failed = len(account.failed)
    if failed:
        say(
            f"{plan.sweep.name}: {failed:,} of {account.n_runs:,} runs failed; their blocks are "
            "left out. bordersim sweep --status tells why, --retry tries again"
        )
    if request.sweeping.as_json:
        status = "failed" if failed else "ok"
        document: dict[str, Any] = {
            "status": status,
            "sweep": plan.sweep.name,
            "title": plan.sweep.title,
        }
        document |= {"simulated": account.simulated, "failed": failed}
        print_json(document | found.document())
    else:
        print_sensitivity(found, plan.sweep.title)
    return ExitCode.RUN_FAILED if failed else ExitCode.OK

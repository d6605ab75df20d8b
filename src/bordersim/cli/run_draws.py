"""``bordersim run --draws``: a scenario over posterior draws, printed as bands beside reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.run import Request, prepared_scenarios
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.results import RunResults
    from bordersim.scenario import Scenario
    from bordersim.sweeping.carrying_out import Account, Manner
    from bordersim.sweeping.draws import Draws
    from bordersim.sweeping.plan import Plan
    from bordersim.sweeping.spec import Sweep

SHOWN = (
    "arrivals", "arrivals_paid", "arrivals_direct", "arrivals_under_year", "arrivals_delay",
    "arrivals_official", "arrests_report", "arrests_seizure", "arrests_patrol",
    "arrests_pursuit", "arrests_route", "bribe_sum", "chinese_cost_sum", "corrupt_guards",
    "custody_entries", "deals", "deals_border", "deals_interior", "deaths_custody",
    "deaths_drowned", "deaths_shot_china", "deaths_shot_river", "fee_sum", "fee_sum_border",
    "fee_sum_interior", "going_bribe", "guards", "interceptions", "perceived_punishment",
    "punishments", "repatriations", "stock_china", "willing_guards",
)  # fmt: skip
"""Observables that the tables of ``run`` look at: of many runs, no more is kept in memory."""


@dataclass(frozen=True)
class DrawOptions:
    """Options of the command that speak of draws, as typed."""

    count: int | None
    posterior: Path | None
    pinned: bool


def run_draws(request: Request, options: DrawOptions) -> ExitCode:
    """Run every scenario over the draws; nothing starts unless all can."""
    try:
        plans = _plans(request, options)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    documents: list[dict[str, Any]] = []
    code = ExitCode.OK
    for manner, plan in plans:
        try:
            document, result = _run_one(manner, plan, request, options.count or 1)
        except BordersimError as error:
            say(f"{plan.sweep.name}: {error}")
            document = {"scenario": plan.sweep.scenarios[0].name, "status": "failed"}
            document["error"] = str(error)
            result = ExitCode.RUN_FAILED
        documents.append(document)
        code = max(code, result)
    if request.as_json:
        status = "ok" if code is ExitCode.OK else "failed"
        print_json({"status": status, "scenarios": documents})
    return code


def _plans(request: Request, options: DrawOptions) -> list[tuple[Manner, Plan]]:
    from bordersim.machine import processors
    from bordersim.sweeping.api import prepared
    from bordersim.sweeping.carrying_out import Manner

    problems = _option_problems(request, options)
    scenarios: list[Scenario] = []
    try:
        scenarios = prepared_scenarios(request)
    except ScenarioError as error:
        problems += error.problems
    draws, mistakes = _draws(options) if options.count and not problems else (None, [])
    problems += mistakes
    if problems or draws is None:
        raise ScenarioError(problems)
    plans: list[tuple[Manner, Plan]] = []
    for scenario in scenarios:
        asked = _sweep(scenario, draws, request)
        for key, message in asked.conflicts():
            advice = "; leave it out there, or let it stand with --pinned"
            problems.append(Problem("--draws", key, f"is drawn, and {message}{advice}"))
        manner = Manner(request.out / asked.name, processors()[1])
        try:
            if not problems:
                plans.append((manner, prepared(asked, manner)))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return plans


def _option_problems(request: Request, options: DrawOptions) -> list[Problem]:
    found: list[Problem] = []
    if options.count is None:
        name = "--pinned" if options.posterior is None else "--posterior"
        found.append(Problem(name, "", "only with --draws N: how many of its draws"))
    elif not 1 <= options.count <= 1_000_000:
        found.append(Problem("--draws", "", f"got {options.count}; allowed: 1 to 1,000,000"))
    if request.check:
        found.append(Problem("--check", "", "not with --draws; check one run without"))
    return found


def _draws(options: DrawOptions) -> tuple[Draws | None, list[Problem]]:
    from bordersim.data_files import shipped_posterior
    from bordersim.sweeping.draws import read_draws
    from bordersim.vocabulary import read_vocabulary

    path, parameters = options.posterior, read_vocabulary().parameters
    if path is not None and not path.is_file():
        return None, [Problem("--posterior", "", f'no such file "{path}"')]
    draws, mistakes = read_draws(
        path or shipped_posterior(), options.count or 1, parameters, pinned=options.pinned
    )
    name = "--draws" if path is None else "--posterior"
    return draws, [Problem(name, "", message) for message in mistakes]


def _sweep(scenario: Scenario, draws: Draws, request: Request) -> Sweep:
    """The scenario over draws; what is set at the command line is not drawn."""
    from bordersim.sweeping.spec import Sweep

    given = {text.partition("=")[0].strip() for text in request.settings}
    kept = [at for at, key in enumerate(draws.keys) if key not in given]
    keys = tuple(draws.keys[at] for at in kept)
    rows = tuple(tuple(row[at] for at in kept) for row in draws.rows)
    return Sweep(
        name=f"{scenario.name}-draws",
        title=scenario.title or scenario.name,
        scenarios=(scenario,),
        first_seed=request.seed,
        n_seeds=request.replicates,
        draws=replace(draws, keys=keys, rows=rows),
        observables=None,
        events=request.events,
    )


def _run_one(
    manner: Manner, plan: Plan, request: Request, n_draws: int
) -> tuple[dict[str, Any], ExitCode]:
    """Have the runs of one scenario and show them: its part of the document, and the code."""
    from bordersim.cli.sweep import carried_out
    from bordersim.reported import tables
    from bordersim.reports import rows_of
    from bordersim.sweeping.carrying_out import failures

    account = carried_out(plan, manner, quiet=request.quiet)
    cells, runs = _finished(manner, plan, request, n_draws)
    failed = failures(manner.folder, account.failed)
    for row in failed:
        say(f"{plan.sweep.name}, seed {row['seed']} failed: {row['error']}")
    document: dict[str, Any] = {
        "scenario": plan.sweep.scenarios[0].name,
        "title": plan.sweep.title,
        "folder": str(manner.folder),
        "draws": len({cell["draw"] for cell in cells}),
        "stored_before": account.stored,
        "simulated": account.simulated,
        "runs": cells,
        "failed": failed,
    }
    code = ExitCode.RUN_FAILED if failed else ExitCode.OK
    if not runs:
        return document | {"tables": {}}, code
    shown = tables(runs)
    if not request.as_json:
        from bordersim.cli.printing import print_tables

        print_tables(_title(plan.sweep, document["draws"]), runs, shown)
        _close(account, manner, request)
    return document | {"tables": {name: rows_of(table) for name, table in shown.items()}}, code


def _finished(
    manner: Manner, plan: Plan, request: Request, n_draws: int
) -> tuple[list[dict[str, Any]], list[RunResults]]:
    """What was asked for and is there: draw, seed and run id of each, and its excerpt.

    The plan of a folder may hold more: draws that were once had stay in it.
    """
    from bordersim.study import Study
    from bordersim.validating.excerpt import Excerpt

    study = Study.open(Path(str(manner.folder)))
    there = {row["run_id"] for row in study.rows() if row["status"] == "ok"}
    seeds = range(request.seed, request.seed + request.replicates)
    chosen = [
        cell
        for cell in plan.cells
        if cell.draw < n_draws and cell.seed in seeds and cell.run_id in there
    ]
    entries = [{"run_id": c.run_id, "draw": c.draw, "seed": c.seed} for c in chosen]
    return entries, [Excerpt.of(study.loader(cell.run_id)(), SHOWN) for cell in chosen]


def _title(sweep: Sweep, n_draws: int) -> str:
    from bordersim.wording import count

    return f"{sweep.title}: {count(n_draws, 'posterior draw')}"


def _close(account: Account, manner: Manner, request: Request) -> None:
    if request.quiet:
        return
    if account.stored:
        say(f"{account.stored} of {account.n_runs} runs were stored already, not simulated")
    say(f'results in {manner.folder}; in Python: bordersim.open("{manner.folder}").cells')

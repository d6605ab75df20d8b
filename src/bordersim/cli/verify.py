"""``bordersim verify``: make stored runs again, and say whether every bit is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.progress import Reporter
from bordersim.cli.run import parse_setting
from bordersim.cli.stopping import last_words
from bordersim.errors import BordersimError, Problem, ScenarioError, StoreError, shortened

if TYPE_CHECKING:
    from bordersim.repetition import Repeat, Task
    from bordersim.run_catalogue import Entry


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    results: Path
    runs: tuple[str, ...]
    sample: int | None
    sample_seed: int
    threads: str
    scenarios: tuple[Path, ...]
    settings: tuple[str, ...]
    as_json: bool
    quiet: bool


def verify(request: Request) -> ExitCode:
    """Make the runs asked for again; nothing starts unless all of them can be."""
    from bordersim.repetition import repeat

    problems: list[Problem] = []
    threads = _threads(request.threads, problems)
    chosen, skipped = _chosen(request, problems)
    tasks = _tasks(chosen, request, problems)
    if problems:
        return report_problems(dict.fromkeys(problems), as_json=request.as_json)
    repeats: list[Repeat] = []
    label = f"verify {', '.join(request.runs)}"
    with last_words(lambda: "nothing was written; the same command starts again"):
        try:
            with Reporter(label, quiet=request.quiet) as reporter:
                repeats.extend(repeat(tasks, threads, reporter))
        except BordersimError as error:
            say(str(error))
            skipped.append({"run": label, "why": str(error), "damaged": True})
    document = _document(repeats, skipped)
    if request.as_json:
        print_json(document)
    else:
        from bordersim.cli.verify_text import print_verdicts

        print_verdicts(document)
    return {"ok": ExitCode.OK, "failed": ExitCode.RUN_FAILED}.get(
        document["status"], ExitCode.MISMATCH
    )


def _threads(text: str, problems: list[Problem]) -> tuple[int, ...]:
    from bordersim.repetition import MOST_THREADS

    words = [word.strip() for word in text.split(",")] if text else []
    numbers = [int(word) if word.isascii() and word.isdigit() else 0 for word in words]
    if all(1 <= number <= MOST_THREADS for number in numbers):
        return tuple(dict.fromkeys(numbers))
    message = f'got "{shortened(text)}"; write numbers of 1 to {MOST_THREADS}, for example 1,2'
    problems.append(Problem("--threads", "", message))
    return ()


def _chosen(request: Request, problems: list[Problem]) -> tuple[list[Entry], list[dict[str, Any]]]:
    """Runs to make again, and those that cannot be, each with the reason."""
    from bordersim.parts import FAILED, OK
    from bordersim.repetition import sampled
    from bordersim.run_catalogue import RunKeyError, find_runs, read_catalogue

    if request.sample is not None and request.sample < 1:
        message = f"got {request.sample}; at least 1 run is needed"
        problems.append(Problem("--sample", "", message))
    found: dict[str, Entry] = {}
    try:
        catalogue = read_catalogue(request.results)
    except StoreError as error:
        problems.append(Problem("--out", "", str(error)))
        return [], []
    for key in request.runs:
        try:
            found |= {entry.full_name: entry for entry in find_runs(catalogue, key)}
        except RunKeyError as error:
            problems.append(Problem("RUN", "", str(error)))
    whole = [entry for entry in found.values() if entry.status == OK]
    skipped: list[dict[str, Any]] = [
        {"run": entry.full_name, "why": _why_not(entry), "damaged": entry.status != FAILED}
        for entry in found.values()
        if entry.status != OK
    ]
    if not whole and not problems:
        problems.extend(Problem("RUN", row["run"], row["why"]) for row in skipped)
    if request.sample is not None and request.sample > 0:
        whole = sampled(whole, request.sample, request.sample_seed)
    return whole, skipped


def _why_not(entry: Entry) -> str:
    from bordersim.parts import FAILED

    if entry.status == FAILED:
        return "this run failed: there is nothing to verify; `bordersim run` tries it again"
    return str(entry.store.inventory().broken[entry.run_id])


def _tasks(entries: Sequence[Entry], request: Request, problems: list[Problem]) -> list[Task]:
    from bordersim.one_run import Job
    from bordersim.repetition import Task
    from bordersim.rerun import NoScenarioError, scenario_of
    from bordersim.scenario import load

    settings: dict[str, Any] = {}
    files = []
    tasks: list[Task] = []
    for text in request.settings:
        try:
            settings |= [parse_setting(text)]
        except ScenarioError as error:
            problems.extend(error.problems)
    for path in request.scenarios:
        try:
            files.append(load(path))
        except ScenarioError as error:
            problems.extend(error.problems)
    for entry in entries if not problems else ():
        try:
            scenario = scenario_of(entry, files, settings)
        except ScenarioError as error:
            problems.extend(error.problems)
        except NoScenarioError as error:
            problems.append(Problem("RUN", entry.full_name, str(error)))
        else:
            tasks.append(Task(entry, Job(scenario, entry.columns["seed"], entry.full_name)))
    return tasks


def _document(repeats: Sequence[Repeat], skipped: Sequence[dict[str, Any]]) -> dict[str, Any]:
    from bordersim._jit import engine_hash
    from bordersim.parts import environment

    runs = [_row(one) for one in repeats]
    failed = any(row["damaged"] for row in skipped) or any(row["error"] for row in runs)
    unequal = [row for row in runs if row["equal"] is False]
    status = "mismatch" if unequal else "failed" if failed else "ok"
    return {
        "status": status,
        "engine": engine_hash(),
        "environment": environment(),
        "equal": sum(row["equal"] is True for row in runs),
        "unequal": len(unequal),
        "runs": sorted(runs, key=lambda row: (row["study"], row["run_id"], row["threads"] or 0)),
        "skipped": list(skipped),
    }


def _row(one: Repeat) -> dict[str, Any]:
    """One run made again, as plain data."""
    from bordersim._jit import engine_hash
    from bordersim.parts import FailedRun

    columns = one.task.entry.columns
    own = ("scenario", "seed", "world_seed", "scale", "start", "end")
    stored = {name: columns[name] for name in ("engine", "version", "host")}
    row: dict[str, Any] = {
        "study": one.task.entry.study,
        "run_id": one.task.entry.run_id,
        **{name: columns[name] for name in own},
        "threads": one.threads,
        "wall_s": one.wall_s,
        "stored": stored
        | {
            "finished": columns["finished"].isoformat(),
            "environment": json.loads(columns["environment"]),
        },
        "same_engine": columns["engine"] == engine_hash(),
    }
    if isinstance(one.outcome, FailedRun):
        row |= {"equal": None, "years": [], "first": None, "error": one.outcome.error}
        return row | {"verdict": "could not be made again"}
    row |= one.outcome.document() | {"error": None}
    return row | {"verdict": _verdict(row)}


def _verdict(row: dict[str, Any]) -> str:
    if row["equal"]:
        other = "" if row["same_engine"] else ", though made by other code"
        return f"the same to the last bit{other}"
    if not row["same_engine"]:
        return (
            "not the same, and made by other code: only the version that made it can tell whether "
            "the stored numbers are what that version gives"
        )
    if all(year["equal"] for year in row["years"]):
        return "not the same: the digests agree, so the stored numbers have been changed since"
    return (
        "not the same, by the same code: either the store has been changed since, or this "
        "machine computes otherwise"
    )

"""``bordersim runs gc``: what nobody will miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, StoreError

if TYPE_CHECKING:
    from bordersim.housekeeping import Choice, Removable


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    results: Path
    runs: tuple[str, ...]
    older_engines: bool
    damaged: bool
    yes: bool
    as_json: bool


def collect(request: Request) -> ExitCode:
    """List what may be removed; remove it when told to."""
    from bordersim import housekeeping

    try:
        choice, problems = _choice(request)
        if problems:
            return report_problems(problems, as_json=request.as_json)
        if request.yes:
            items = housekeeping.remove(request.results, choice)
        else:
            items = housekeeping.removable(request.results, choice)
    except StoreError as error:
        return report_problems([Problem("--out", "", str(error))], as_json=request.as_json)
    kept = sorted(_named(choice) - {name for item in items for name in _names_in(item)})
    if request.as_json:
        print_json(
            {
                "status": "ok",
                "removed": request.yes,
                "size": sum(item.size for item in items),
                "items": [_entry(item) for item in items],
                "kept": kept,
            }
        )
    else:
        _print(items, request)
    for name in kept:
        say(f"{name} stays: it shares a part with runs that were not named")
    return ExitCode.OK


def _choice(request: Request) -> tuple[Choice, list[Problem]]:
    from bordersim.housekeeping import Choice
    from bordersim.run_catalogue import RunKeyError, find_run, read_catalogue

    problems: list[Problem] = []
    named: set[tuple[Path, str]] = set()
    catalogue = read_catalogue(request.results)
    for key in request.runs:
        try:
            entry = find_run(catalogue, key)
        except RunKeyError as error:
            problems.append(Problem("RUN", "", str(error)))
        else:
            named.add((entry.store.folder, entry.run_id))
    engine = None
    if request.older_engines:
        from bordersim._jit import engine_hash

        engine = engine_hash()
    return Choice(named=named, engine=engine, damaged=request.damaged), problems


def _named(choice: Choice) -> set[str]:
    return {f"{folder.name}/{run_id}" for folder, run_id in choice.named}


def _names_in(item: Removable) -> list[str]:
    return [f"{item.study.name}/{run_id}" for run_id in item.run_ids]


def _entry(item: Removable) -> dict[str, object]:
    return {
        "study": item.study.name,
        "reason": item.reason,
        "what": item.what,
        "runs": list(item.run_ids),
        "size": item.size,
        "paths": [str(path) for path in item.paths],
    }


def _print(items: Sequence[Removable], request: Request) -> None:
    from bordersim.cli.runs_text import print_removable, size_text

    print_removable([_entry(item) for item in items])
    size = size_text(sum(item.size for item in items))
    if not items:
        print("Nothing to remove.")
    elif request.yes:
        print(f"Removed {size}.")
    else:
        print(f"{size} in all. Nothing was removed; --yes removes what is listed.")

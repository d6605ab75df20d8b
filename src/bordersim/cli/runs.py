"""``bordersim runs list`` and ``runs show``: what is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, StoreError

if TYPE_CHECKING:
    from bordersim.run_catalogue import Entry


def list_runs(results: Path, *, scenario: str | None, failed: bool, as_json: bool) -> ExitCode:
    """Print a line for every stored run; say which parts cannot be used."""
    from bordersim.parts import FAILED
    from bordersim.run_catalogue import read_catalogue, totals

    try:
        catalogue = read_catalogue(results)
    except StoreError as error:
        return refuse("--out", error, as_json=as_json)
    chosen = [
        entry
        for entry in catalogue.entries
        if scenario in (None, entry.columns["scenario"]) and (not failed or entry.status == FAILED)
    ]
    arrivals = totals(chosen, "arrivals")
    rows = [_row(entry) | {"arrivals": arrivals.get(entry.full_name)} for entry in chosen]
    if as_json:
        damaged = [{"file": str(bad.path), "what": bad.what} for bad in catalogue.damaged]
        status = "damaged" if damaged else "ok"
        print_json({"status": status, "results": str(results), "runs": rows, "damaged": damaged})
    else:
        from bordersim.cli.runs_text import print_list

        print_list(rows, len(catalogue.entries))
    for bad in catalogue.damaged:
        say(str(bad))
    return ExitCode.RUN_FAILED if catalogue.damaged else ExitCode.OK


def show_run(results: Path, key: str, *, as_json: bool) -> ExitCode:
    """Print what made a run and what came of it."""
    from bordersim.run_catalogue import RunKeyError, find_run, read_catalogue

    try:
        entry = find_run(read_catalogue(results), key)
    except RunKeyError as error:
        return refuse("RUN", error, as_json=as_json)
    except StoreError as error:
        return refuse("--out", error, as_json=as_json)
    document = _document(entry)
    if as_json:
        print_json(document)
    else:
        from bordersim.cli.runs_text import print_run

        print_run(document)
    if document["damage"]:
        say(document["damage"])
    return ExitCode.OK if document["status"] == "ok" else ExitCode.RUN_FAILED


def refuse(where: str, error: StoreError, *, as_json: bool) -> ExitCode:
    """Report that a folder or a name of a run leads nowhere."""
    return report_problems([Problem(where, "", str(error))], as_json=as_json)


def _row(entry: Entry) -> dict[str, Any]:
    columns = entry.columns
    kept = ("scenario", "seed", "world_seed", "scale", "start", "end", "wall_s", "digest")
    return {
        "study": entry.study,
        "run_id": entry.run_id,
        "status": entry.status,
        **{name: columns[name] for name in kept},
        "finished": columns["finished"].isoformat(),
        "version": columns["version"],
        "engine": columns["engine"],
        "has_events": entry.has_events,
        "size": entry.size,
        "error": columns["error"],
    }


def _document(entry: Entry) -> dict[str, Any]:
    """Everything that is known about a run, as plain data."""
    from bordersim._jit import engine_hash
    from bordersim.run_catalogue import part_files
    from bordersim.run_record import inputs_of, results_of

    columns = entry.columns
    own = ("run_id", "scenario", "seed", "world_seed", "scale", "start", "end", "status")
    failed = entry.status == "failed"
    results, damage = results_of(entry)
    return {
        "status": "damaged" if damage else entry.status,
        "run": {
            "study": entry.study,
            **{name: columns[name] for name in (*own, "wall_s", "host", "version", "engine")},
            "finished": columns["finished"].isoformat(),
            "this_engine": columns["engine"] == engine_hash(),
            "has_events": entry.has_events,
            "size": entry.size,
            "files": [str(path) for path in part_files(entry.store, entry.row)],
        },
        "error": {name: columns[name] for name in ("error_type", "error", "traceback")}
        if failed
        else None,
        "damage": damage,
        "environment": json.loads(columns["environment"]),
        "inputs": inputs_of(entry),
        "digests": json.loads(columns["digests"]),
        "results": results,
    }

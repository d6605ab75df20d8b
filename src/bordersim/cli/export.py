"""``bordersim runs export``: runs as one table in a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, StoreError

if TYPE_CHECKING:
    from bordersim.run_catalogue import Entry


@dataclass(frozen=True)
class Request:
    """Options of the command as typed; ``kinds`` holds every kind of table asked for."""

    results: Path
    what: str
    kinds: tuple[str, ...]
    out: Path | None
    form: str | None
    overwrite: bool
    as_json: bool


def export(request: Request) -> ExitCode:
    """Write the table, or say everything that is wrong with the request."""
    from bordersim.run_catalogue import RunKeyError, find_runs, read_catalogue
    from bordersim.run_export import export_runs, write_runs

    problems, form = _problems(request)
    entries: tuple[Entry, ...] = ()
    try:
        entries = find_runs(read_catalogue(request.results), request.what)
    except RunKeyError as error:
        problems.append(Problem("RUN|STUDY", "", str(error)))
    except StoreError as error:
        problems.append(Problem("--results", "", str(error)))
    kind = request.kinds[0]
    chosen = _usable(entries, kind)
    if entries and not chosen:
        what = "finished run" if kind != "events" else "finished run with an event log"
        problems.append(Problem("RUN|STUDY", "", f'"{request.what}" holds no {what}'))
    if problems:
        return report_problems(problems, as_json=request.as_json)
    left_out = len(entries) - len(chosen)
    if left_out:
        say(f"{left_out} of {len(entries)} runs have no {kind} and are left out")
    try:
        if request.out is None:
            write_runs(chosen, kind, sys.stdout.buffer, form)
            sys.stdout.buffer.flush()
            return ExitCode.OK
        rows = export_runs(chosen, kind, request.out, form)
    except BrokenPipeError:
        raise
    except (StoreError, OSError) as error:
        return _failed(error, request)
    if request.as_json:
        ids = [entry.run_id for entry in chosen]
        fields = {"file": str(request.out), "format": form, "kind": kind, "rows": rows}
        print_json({"status": "ok", **fields, "runs": ids, "left_out": left_out})
    else:
        print(f"{request.out}: {rows:,} rows of {len(chosen)} runs")
    return ExitCode.OK


def _problems(request: Request) -> tuple[list[Problem], str]:
    """What is wrong with the options, and the format they come to."""
    from bordersim.run_export import FORMATS, format_of

    problems: list[Problem] = []
    out, allowed = request.out, ", ".join(FORMATS)
    form = request.form or ("csv" if out is None else format_of(out))
    if len(request.kinds) > 1:
        problems.append(Problem("--events", "", "choose one of --events and --ledger"))
    if form is None:
        message = f"{out} does not say in which format; name one of {allowed}"
        problems.append(Problem("--format", "", message))
    elif form not in FORMATS:
        problems.append(Problem("--format", "", f'got "{form}"; allowed: {allowed}'))
    elif out is None and form != "csv":
        problems.append(Problem("--out", "", f"{form} is no text; name a file"))
    if out is None and request.as_json:
        problems.append(Problem("--out", "", "stdout holds the JSON document; name a file"))
    if out is not None and out.is_dir():
        problems.append(Problem("--out", "", f"{out} is a folder; name a file"))
    elif out is not None and out.exists() and not request.overwrite:
        problems.append(Problem("--out", "", f"{out} is there already; --overwrite replaces it"))
    elif out is not None and not out.parent.is_dir():
        problems.append(Problem("--out", "", f"there is no folder {out.parent}"))
    return problems, form or "csv"


def _usable(entries: Sequence[Entry], kind: str) -> list[Entry]:
    finished = [entry for entry in entries if entry.status == "ok"]
    return [entry for entry in finished if kind != "events" or entry.has_events]


def _failed(error: Exception, request: Request) -> ExitCode:
    reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    message = f"{request.out}: nothing was written: {reason}"
    say(message)
    if request.as_json:
        print_json({"status": "failed", "error": message})
    return ExitCode.RUN_FAILED

"""``bordersim report``: tell what a folder holds, say where the page is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import BordersimError, ScenarioError


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    folder: Path
    out: Path
    title: str | None
    attributions: tuple[Path, ...]
    fates: int
    as_json: bool
    quiet: bool


def write_report(request: Request) -> ExitCode:
    """Write the page; nothing is written unless all of it can be."""
    from bordersim.reporting import report

    try:
        made = report(
            request.folder,
            request.out,
            title=request.title,
            attributions=request.attributions,
            fates=request.fates,
            told=None if request.quiet else lambda text: say(f"{text} ..."),
        )
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    except BordersimError as error:
        say(str(error))
        if request.as_json:
            print_json({"status": "failed", "error": str(error)})
        return ExitCode.RUN_FAILED
    size = made.path.stat().st_size
    told = {one.id: not one.empty for one in made.sections}
    if request.as_json:
        print_json(
            {
                "status": "ok",
                "report": str(made.path),
                "title": made.title,
                "bytes": size,
                "figures": made.n_pictures,
                "tables": made.n_tables,
                "sections": told,
            }
        )
        return ExitCode.OK
    print(f"{made.path}: {size / 1e6:.1f} MB, {made.n_pictures} figures, {made.n_tables} tables")
    if made.missing:
        print(f"Nothing to tell of: {', '.join(made.missing)}.")
    return ExitCode.OK

"""``bordersim validate``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, Quiet


def validate_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    what: Annotated[
        str | None,
        typer.Argument(metavar="[FILE|STUDY]", show_default=False, autocompletion=scenario_files),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="Only the first N draws of the posterior.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Seeds of each draw, where FILE says others.")
    ] = None,
    posterior: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draws; those that ship by default.")
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Share of the population; all by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Write scorecard.md, figures and tables here."
        ),
    ] = None,
    results: Annotated[
        Path, typer.Option("--results", metavar="DIR", help="Folder of results.")
    ] = Path("results"),
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes; one a processor by default.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Runs that failed, too.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be simulated, and its cost.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Judge the calibrated model against every report, patterns and bars.

    FILE is a sweep file of posterior draws, by default the one that ships:
    what RESULTS/<name> lacks is simulated first. STUDY is a folder, or the
    name of one in RESULTS, of which nothing is simulated. The bars stand in
    calibration/bars.yaml.

    Exit code 0 if every bar holds, 1 if one does not or cannot be judged,
    2 for invalid input.
    """
    from bordersim.cli.validate import Request, validate

    request = Request(
        what=what,
        draws=draws,
        seeds=seeds,
        posterior=posterior,
        scale=scale,
        out=out,
        results=results,
        workers=workers,
        retry=retry,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(validate(request))

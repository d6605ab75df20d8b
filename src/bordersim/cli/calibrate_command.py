"""Options of ``calibrate``. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, Quiet, Results


def calibrate_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files)
    ],
    out: Results = Path("results/calibration"),
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes; one a processor by default.")
    ] = None,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Fit the other structures FILE names, too.")
    ] = False,
    ship: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Copy draws and tables there once all is done."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Use runs made from another FILE or engine.")
    ] = False,
    redo: Annotated[
        bool, typer.Option("--redo", help="Make runs again that FILE or engine have changed.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Runs that failed, too.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and its cost.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only say what is done and what is not.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit parameters to what was reported, and say what the reports tell.

    FILE gives priors with reasons, and what may be spent: a screening, waves of
    runs, an emulator, draws. Everything goes to OUT/<name>; posterior.parquet
    there holds the draws, manifest.json how they were made. The same command
    goes on where it was stopped; the same FILE gives the same draws. --ship
    leaves out runs: what others need to use and to judge the draws.
    """
    from bordersim.cli.calibrate import Request, calibrate

    request = Request(
        file=file,
        out=out,
        workers=workers,
        keep=keep,
        redo=redo,
        retry=retry,
        alternatives=alternatives,
        ship=ship,
        only="plan" if dry_run else "status" if status else "",
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(calibrate(request))

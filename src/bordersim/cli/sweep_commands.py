"""``bordersim sweep``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, Quiet


def sweep_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files)
    ],
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Have N seeds, where FILE says fewer.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", help="Have N points of a Sobol design.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="Have N draws from the posterior.")
    ] = None,
    out: Annotated[
        str,
        typer.Option(
            "--out", "-o", metavar="PATH", help="Folder of results, or s3://BUCKET/PREFIX."
        ),
    ] = "results",
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes; one a processor by default.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://...", help="Dask cluster that simulates.")
    ] = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the I-th of N parts, as in a job array.")
    ] = "1/1",
    retry: Annotated[bool, typer.Option("--retry", help="Runs that failed, too.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and its cost.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only say what is there and what is not.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate scenarios over seeds, design points and posterior draws.

    Goes on where it was: only what OUT/<name> lacks is simulated. More seeds,
    points or draws are added to what is there, and stay planned. A run that
    fails is a row with its error; --retry has it tried again.
    """
    from bordersim.cli.sweep import Request, sweep
    from bordersim.remote_place import place_of

    request = Request(
        file=file,
        seeds=seeds,
        points=points,
        draws=draws,
        out=place_of(out),
        workers=workers,
        scheduler=scheduler,
        shard=shard,
        retry=retry,
        only="plan" if dry_run else "status" if status else "",
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(sweep(request))

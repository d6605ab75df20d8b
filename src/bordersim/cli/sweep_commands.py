"""``bordersim sweep``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from typing import Annotated

import typer

from bordersim.cli.options import (
    AsJson,
    Destination,
    DryRun,
    MoreSeeds,
    Quiet,
    Retry,
    Scheduler,
    SweepFile,
    Workers,
)


def sweep_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: SweepFile,
    seeds: MoreSeeds = None,
    points: Annotated[
        int | None,
        typer.Option(metavar="N", help="Have N points of a Sobol design, where FILE says fewer."),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="Have N draws from the posterior.")
    ] = None,
    out: Destination = "results",
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the I-th of N parts, as in a job array.")
    ] = "1/1",
    retry: Retry = False,
    dry_run: DryRun = False,
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

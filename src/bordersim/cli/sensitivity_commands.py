"""``bordersim sensitivity``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from typing import Annotated

import typer

from bordersim.cli.options import (
    AsJson,
    ClassOf,
    Destination,
    DryRun,
    Figure,
    MoreSeeds,
    Place,
    Quiet,
    Retry,
    Scheduler,
    SexOf,
    SweepFile,
    Window,
    Workers,
)


def sensitivity_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: SweepFile,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            metavar="NAME",
            help="Observable, deaths or fee; may be repeated. By default arrivals, and harm, "
            "fee and stock in China beside them.",
        ),
    ] = None,
    window: Window = None,
    place: Place = None,
    sex: SexOf = None,
    class_: ClassOf = None,
    figure: Figure = None,
    seeds: MoreSeeds = None,
    points: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Have N trajectories or base points, where FILE says fewer."
        ),
    ] = None,
    out: Destination = "results",
    workers: Workers = None,
    scheduler: Scheduler = None,
    retry: Retry = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Tell which levers and parameters matter, and which do no more than luck.

    FILE is a sweep file whose design is morris or sobol-indices; what OUT/<name>
    lacks is simulated first. Every index stands beside its floor: what an input
    that only changes luck would reach.
    """
    from bordersim.cli.sensitivity import Request, sensitivity
    from bordersim.cli.sweep import Request as Sweeping
    from bordersim.remote_place import place_of

    request = Request(
        sweeping=Sweeping(
            file=file,
            seeds=seeds,
            points=points,
            draws=None,
            out=place_of(out),
            workers=workers,
            scheduler=scheduler,
            shard="1/1",
            retry=retry,
            only="plan" if dry_run else "",
            as_json=as_json,
            quiet=quiet,
        ),
        metrics=tuple(metrics or ()),
        window=window,
        cut=(place, sex, class_),
        figure=figure,
    )
    raise typer.Exit(sensitivity(request))

"""``bordersim sensitivity``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, Quiet, Results


def sensitivity_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files)
    ],
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            metavar="NAME",
            help="Observable, deaths or fee; may be repeated. "
            "[default: arrivals, and harm, fee and stock in China beside them]",
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(metavar="2012:2015", help="Years or months looked at; all by default."),
    ] = None,
    place: Annotated[str | None, typer.Option(help="Only this home or sector.")] = None,
    sex: Annotated[str | None, typer.Option(help="Only female or male.")] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help="Only poor, trader or elite.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", metavar="FILE", help="Draw it (.png, .svg, .pdf).")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="Have N seeds, where FILE says fewer.")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Have N trajectories or base points, where FILE says fewer."
        ),
    ] = None,
    out: Results = Path("results"),
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes; one a processor by default.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://...", help="Dask cluster that simulates.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Runs that failed, too.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and its cost.")
    ] = False,
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

    request = Request(
        sweeping=Sweeping(
            file=file,
            seeds=seeds,
            points=points,
            draws=None,
            out=out,
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

"""``bordersim attribute``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, Quiet, Results


def attribute_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files)
    ],
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            metavar="NAME",
            help="What is shown in full, of what FILE divides; may be repeated. "
            "[default: the first]",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Draw the waterfall (.png, .svg, .pdf)."),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="N draws of each set, whatever FILE says.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="N seeds, whatever FILE says.")
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
    """Divide a change between two periods among factors, by Shapley's value.

    What OUT/<name> lacks is simulated first: every coalition of factors that are
    as reported while the others are held. Shares come with 90 % intervals, what
    the order of factors does, and whether the data say anything about them.
    """
    from bordersim.cli.attribute import Request, attribute

    request = Request(
        file=file,
        metrics=tuple(metrics or ()),
        figure=figure,
        draws=draws,
        seeds=seeds,
        out=out,
        workers=workers,
        scheduler=scheduler,
        retry=retry,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(attribute(request))

"""``bordersim next-facts``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, DryRun, Figure, Quiet, Results, Retry, Workers


def next_facts_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE.md", help="Write the page there, its figure in figures/."
        ),
    ] = None,
    figure: Figure = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="N draws, whatever the attribution says.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(metavar="N", help="N seeds, whatever the attribution says.")
    ] = None,
    out: Results = Path("results"),
    workers: Workers = None,
    retry: Retry = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say which report that could be made would narrow an attribution most.

    FILE lists reports, how each is read from a run, and how far it would err; by
    default those that could tell who did the fall of arrivals. Runs that OUT
    lacks, of the attribution and of history, are simulated first.
    """
    from bordersim.cli.next_facts import Request, next_facts

    request = Request(
        file=file,
        page=page,
        figure=figure,
        draws=draws,
        seeds=seeds,
        out=out,
        workers=workers,
        retry=retry,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(next_facts(request))

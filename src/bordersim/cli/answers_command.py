"""``bordersim answers``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson, DryRun, Quiet, Results, Retry, Workers


def answers_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
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
    posterior: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draws; those the study names by default.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="N draws of posterior and prior.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(metavar="N", help="N seeds of each draw.")] = None,
    scale: Annotated[
        float | None, typer.Option(help="Share of the population, for trials.")
    ] = None,
    ledger: Annotated[
        int | None,
        typer.Option(metavar="N", help="Follow every person through N pairs; 0 for none."),
    ] = None,
    attribution: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Runs of bordersim attribute; OUT and its name by default."
        ),
    ] = None,
    out: Results = Path("results"),
    workers: Workers = None,
    retry: Retry = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Answer questions: compare scenarios over posterior draws, and judge claims.

    FILE names a study, what is compared over which years, and what reports claim;
    by default the questions of the two reports. What OUT/<study> lacks is
    simulated first. Harm stands beside every count, and what the data do not say
    is told.
    """
    from bordersim.cli.answers import Request, answer

    request = Request(
        file=file,
        page=page,
        posterior=posterior,
        draws=draws,
        seeds=seeds,
        scale=scale,
        ledger=ledger,
        attribution=attribution,
        out=out,
        workers=workers,
        retry=retry,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(answer(request))

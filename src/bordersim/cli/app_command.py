"""``bordersim app``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import AsJson


def app_command(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SCENARIO", show_default=False, autocompletion=scenario_files),
    ] = None,
    scale: Annotated[
        float, typer.Option(help="Share of the population to begin with, 0 to 1.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(help="Seed of the dynamics to begin with.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; 0 for any that is free.")
    ] = 8765,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in this machine's browser.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whether it would work.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play a scenario month by month in the browser, beside its baseline.

    Offers the SCENARIO files, the first to begin with, and those that ship.
    The page is served to this machine alone, at 127.0.0.1, and needs no
    network. Ctrl-C stops it.
    """
    from bordersim.cli.app_serving import Request, play

    request = Request(
        scenarios=tuple(scenarios or ()),
        scale=scale,
        seed=seed,
        port=port,
        open_browser=open_browser,
        dry_run=dry_run,
        as_json=as_json,
    )
    raise typer.Exit(play(request))

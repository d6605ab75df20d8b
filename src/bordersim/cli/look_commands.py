"""Options of ``show`` and ``diff``, which look at scenarios and simulate nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import lever_keys, scenario_files, setting_keys
from bordersim.cli.options import AsJson, Results

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Lever or parameter, set last.",
        autocompletion=setting_keys,
    ),
]


def show_command(
    scenario: Annotated[
        Path | None,
        typer.Argument(metavar="SCENARIO", show_default=False, autocompletion=scenario_files),
    ] = None,
    settings: Settings = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="Who set what, with file and line.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="With --layers: also what nobody changed.")
    ] = False,
    lever: Annotated[
        list[str] | None,
        typer.Option(
            "--lever",
            metavar="KEY",
            help="A lever over time and place; may be repeated.",
            autocompletion=lever_keys,
        ),
    ] = None,
    levers: Annotated[
        bool, typer.Option("--levers", help="Every lever: unit, range, default, mechanism.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a scenario is; nothing is simulated or written."""
    from bordersim.cli.show import Request, show

    request = Request(
        scenario=scenario,
        settings=tuple(settings or ()),
        layers=layers or every,
        every=every,
        levers=tuple(lever or ()),
        catalogue=levers,
        as_json=as_json,
    )
    raise typer.Exit(show(request))


ScenarioFile = Annotated[Path, typer.Argument(show_default=False, autocompletion=scenario_files)]


def diff_command(
    a: ScenarioFile,
    b: ScenarioFile,
    out: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Show what differs in effect between two scenarios.

    Levers are compared as functions of time and place, however their policies
    are written. Stored runs of both with the same seeds, in OUT/<scenario>, are
    compared year by year. Exit code 0 whether or not anything differs.
    """
    from bordersim.cli.diff import show_difference

    raise typer.Exit(show_difference(a, b, out, as_json=as_json))

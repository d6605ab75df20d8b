"""``bordersim compare``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files
from bordersim.cli.options import (
    AsJson,
    ClassOf,
    Destination,
    Figure,
    Place,
    Quiet,
    SexOf,
    Window,
)

_Side = Annotated[
    str,
    typer.Argument(
        show_default=False,
        help="Scenario file, or a scenario or folder of stored runs.",
        autocompletion=scenario_files,
    ),
]


def compare_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    a: _Side,
    b: _Side,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            "-m",
            metavar="NAME",
            help="Observable, deaths or fee; may be repeated; arrivals by default.",
        ),
    ] = None,
    window: Window = None,
    place: Place = None,
    sex: SexOf = None,
    class_: ClassOf = None,
    precision: Annotated[
        str,
        typer.Option(
            metavar="5%|N", help="Count the pairs for +- so much of A, or so many people."
        ),
    ] = "5%",
    ledger: Annotated[
        bool,
        typer.Option("--ledger", help="What became of each person in A against B; drawn beside."),
    ] = False,
    split: Annotated[
        bool,
        typer.Option(
            "--split", help="With --ledger: the effect apart into direct and through prices."
        ),
    ] = False,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(
            "--scenario",
            metavar="FILE",
            help="With --ledger: what stored runs were made from, where none is shipped.",
            autocompletion=scenario_files,
        ),
    ] = None,
    figure: Figure = None,
    seeds: Annotated[
        int, typer.Option(help="With scenario files: so many pairs, from seed 1 on.")
    ] = 8,
    scale: Annotated[
        float | None, typer.Option(help="With scenario files: share of the population.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help="With scenario files: last month to simulate."),
    ] = None,
    out: Destination = "results",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenario B with A, the baseline, in pairs of one seed.

    A and B are scenario files, whose runs are simulated where they are not
    stored; or scenarios of a study in OUT, a folder or URL; or folders of
    results. Prints the effect with its 90 % interval, its Monte-Carlo error
    and what pairing saves; harm stands beside arrivals.
    """
    from bordersim.cli.compare import Request, compare_sides
    from bordersim.remote_place import place_of

    request = Request(
        sides=(a, b),
        metrics=tuple(metrics or ("arrivals",)),
        window=window,
        cut=(place, sex, class_),
        precision=precision,
        ledger=ledger or split,
        split=split,
        figure=figure,
        scenarios=tuple(scenarios or ()),
        seeds=seeds,
        scale=scale,
        until=until,
        out=place_of(out),
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(compare_sides(request))

"""``bordersim verify``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import run_and_study_keys
from bordersim.cli.options import AsJson, MadeFrom, MadeWith, Quiet, Results


def verify_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN|STUDY",
            show_default=False,
            help="Runs as `runs show` names them, or studies for all their runs.",
            autocompletion=run_and_study_keys,
        ),
    ],
    results: Results = Path("results"),
    sample: Annotated[
        int | None, typer.Option(metavar="N", help="Only N of these runs, chosen at random.")
    ] = None,
    sample_seed: Annotated[int, typer.Option(help="Seed of that choice.")] = 1,
    threads: Annotated[
        str,
        typer.Option(
            metavar="N,N",
            show_default=False,
            help="So many copies at once in a process, and threads for Numba; each in turn.",
        ),
    ] = "",
    scenarios: MadeFrom = None,
    settings: MadeWith = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate stored runs anew and compare every digest and number.

    Nothing is written. Exit code 0 when all is the same to the last bit, 3 when
    anything differs: the first month and column that do are named. A run made by
    other code is compared, too, and the verdict says so.
    """
    from bordersim.cli.quick import without_scipy
    from bordersim.cli.verify import Request, verify

    request = Request(
        results=results,
        runs=tuple(runs),
        sample=sample,
        sample_seed=sample_seed,
        threads=threads,
        scenarios=tuple(scenarios or ()),
        settings=tuple(settings or ()),
        as_json=as_json,
        quiet=quiet,
    )
    with without_scipy():
        code = verify(request)
    raise typer.Exit(code)

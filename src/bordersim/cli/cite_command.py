"""Options of ``cite``. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import run_and_study_keys, scenario_files
from bordersim.cli.options import AsJson, Results


def _offered(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Scenario files, studies and runs."""
    files = [(path, "scenario") for path in scenario_files(incomplete)]
    return [*files, *run_and_study_keys(context, incomplete)]


def cite_command(
    what: Annotated[
        str, typer.Argument(metavar="SCENARIO|RUN", show_default=False, autocompletion=_offered)
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Also every assumption and every figure, one by one.")
    ] = False,
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say what a result rests on: evidence, sources, assumptions.

    Policy by policy: lever, dates, whether its size is reported, assumed or
    fitted, and the evidence with claims, sources and grades; then parameters by
    kind, the sources of the data files, and which reports the model is fitted
    to or judged by. A run is named by its id or its study.
    """
    from bordersim.cli.cite import Request, show_citation

    request = Request(what=what, every=every, results=results, as_json=as_json)
    raise typer.Exit(show_citation(request))

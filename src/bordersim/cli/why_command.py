"""Options of ``why``. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import pick_kinds, run_and_study_keys
from bordersim.cli.options import AsJson, MadeFrom, MadeWith, Results


def why_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            show_default=False,
            help="Id of a run or the start of one, STUDY/ID, or a study of one run.",
            autocompletion=run_and_study_keys,
        ),
    ],
    uid: Annotated[
        int | None,
        typer.Argument(metavar="UID", show_default=False, help="Whose life; or --pick."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="YYYY-MM", help="Only this month, with every number."),
    ] = None,
    versus: Annotated[
        str | None,
        typer.Option(
            "--vs",
            metavar="RUN",
            help="Another run of the same people: where the two lives part.",
            autocompletion=run_and_study_keys,
        ),
    ] = None,
    pick: Annotated[
        str | None,
        typer.Option(
            "--pick",
            metavar="KIND",
            help="Somebody to whom it happened: arrived, died, hired, any, ...",
            autocompletion=pick_kinds,
        ),
    ] = None,
    scenarios: MadeFrom = None,
    settings: MadeWith = None,
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Explain one simulated life: every decision, and what would have flipped it.

    The run is simulated again, with nothing logged beforehand; each decision is
    worked out anew and compared with the event log. Exit code 3 if they differ.
    """
    from bordersim.cli.quick import without_scipy
    from bordersim.cli.why import Request, explain

    request = Request(
        run=run,
        uid=uid,
        at=at,
        versus=versus,
        pick=pick,
        scenarios=tuple(scenarios or ()),
        settings=tuple(settings or ()),
        results=results,
        as_json=as_json,
    )
    with without_scipy():
        code = explain(request)
    raise typer.Exit(code)

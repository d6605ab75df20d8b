"""`bordersim runs`: commands and options. Everything heavy is imported inside a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import export_formats, run_and_study_keys, run_keys
from bordersim.cli.options import AsJson, Results

runs_app = typer.Typer(help="Look at, export and tidy up stored runs.", no_args_is_help=True)

RunKey = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        show_default=False,
        help="Id of a run or the start of one; STUDY/ID where two studies share it.",
        autocompletion=run_keys,
    ),
]


@runs_app.command(name="list")
def list_command(
    results: Results = Path("results"),
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only runs of this scenario.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only runs that failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List every stored run of every study under OUT."""
    from bordersim.cli.runs import list_runs

    raise typer.Exit(list_runs(results, scenario=scenario, failed=failed, as_json=as_json))


@runs_app.command(name="show")
def show_command(run: RunKey, results: Results = Path("results"), as_json: AsJson = False) -> None:
    """Show what made one run, its digests, and its results with the harm done."""
    from bordersim.cli.runs import show_run

    raise typer.Exit(show_run(results, run, as_json=as_json))


@runs_app.command(name="export")
def export_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|STUDY",
            show_default=False,
            help="A run, or a study for all its finished runs.",
            autocompletion=run_and_study_keys,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write; CSV to stdout without."),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="csv, parquet or feather; as FILE ends.",
            autocompletion=export_formats,
        ),
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="The event log instead of the series.")
    ] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="The payments instead of the series.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
    results: Annotated[Path, typer.Option(help="Folder of results.")] = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Write the tidy series of a run or a study as one table."""
    from bordersim.cli.export import Request, export

    asked = tuple(kind for kind, wanted in (("events", events), ("ledger", ledger)) if wanted)
    request = Request(
        results=results,
        what=what,
        kinds=asked or ("series",),
        out=out,
        form=form,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(export(request))


@runs_app.command(name="gc")
def gc_command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            show_default=False,
            help="Complete runs to remove, too.",
            autocompletion=run_keys,
        ),
    ] = None,
    results: Results = Path("results"),
    older_engines: Annotated[
        bool,
        typer.Option("--older-engines", help="Complete runs of any engine but this one, too."),
    ] = False,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Parts that cannot be used, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove; without it, only list.")] = False,
    as_json: AsJson = False,
) -> None:
    """List, and with --yes remove, what nobody will miss.

    That is what a killed process left unfinished, the rows of failed runs, and
    second copies. A complete run only goes when it is named, or with
    --older-engines. What another process is writing at the time is left alone.
    """
    from bordersim.cli.gc import Request, collect

    request = Request(
        results=results,
        runs=tuple(runs or ()),
        older_engines=older_engines,
        damaged=damaged,
        yes=yes,
        as_json=as_json,
    )
    raise typer.Exit(collect(request))


@runs_app.command(name="compact")
def compact_command(
    study: Annotated[
        str,
        typer.Argument(
            metavar="STUDY", show_default=False, help="A study, as `runs list` names it."
        ),
    ],
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Put the many small parts of a study into few large ones.

    Nothing changes but the files. Runs can be read through bordersim all the
    while; another program may find a run twice until it is through.
    """
    from bordersim.cli.compact import compact_study

    raise typer.Exit(compact_study(results, study, as_json=as_json))

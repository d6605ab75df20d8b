"""Commands and their options. Everything heavy is imported inside a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="bordersim",
    help="Agent-based model of leaving North Korea, 1995-2025, one resident to one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 ok, 1 a run failed, 2 invalid input, 3 verification mismatch.",
)

Files = Annotated[list[Path], typer.Argument(metavar="SCENARIO...", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


@app.callback()
def _commands() -> None:
    """Keep `run` a command of its own even while there are few."""


@app.command(name="run")
def run_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    scenarios: Files,
    seed: Annotated[int, typer.Option(min=0, help="First seed of the dynamics.")] = 1,
    replicates: Annotated[int, typer.Option(min=1, help="Runs of each scenario, by seed.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Lever or parameter, set last."),
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Share of the population, 0 to 1.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Last month to simulate.")
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="Keep the event log.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of results.")] = Path("results"),
    check: Annotated[
        bool, typer.Option("--check", help="Verify people and money after every month.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate scenarios and print them beside what was reported.

    A run already stored is not simulated again. Results go to OUT/<scenario name>.
    """
    from bordersim.cli.run import Request, run_scenarios

    request = Request(
        scenarios=tuple(scenarios),
        seed=seed,
        replicates=replicates,
        settings=tuple(settings or ()),
        scale=scale,
        until=until,
        events=events,
        check=check,
        out=out,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(run_scenarios(request))


@app.command(name="check")
def check_command(files: Files, as_json: AsJson = False) -> None:
    """Validate scenario files; nothing is simulated or written."""
    from bordersim.cli.check import check_files

    raise typer.Exit(check_files(files, as_json=as_json))

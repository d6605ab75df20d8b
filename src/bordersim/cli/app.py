"""Commands and their options. Everything heavy is imported inside a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim._version import __version__
from bordersim.cli.answers_command import answers_command
from bordersim.cli.app_command import app_command
from bordersim.cli.attribute_commands import attribute_command
from bordersim.cli.calibrate_command import calibrate_command
from bordersim.cli.cite_command import cite_command
from bordersim.cli.compare_commands import compare_command
from bordersim.cli.completion import setting_keys
from bordersim.cli.look_commands import diff_command, show_command
from bordersim.cli.next_facts_command import next_facts_command
from bordersim.cli.options import AsJson, Files, Quiet, Results
from bordersim.cli.report_command import report_command
from bordersim.cli.runs_commands import runs_app
from bordersim.cli.sensitivity_commands import sensitivity_command
from bordersim.cli.sweep_commands import sweep_command
from bordersim.cli.validate_command import validate_command
from bordersim.cli.verify_commands import verify_command
from bordersim.cli.why_command import why_command

app = typer.Typer(
    name="bordersim",
    help="Agent-based model of leaving North Korea, 1995-2025, one resident to one.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 ok, 1 a run failed, 2 invalid input, 3 verification mismatch.",
)

app.add_typer(runs_app, name="runs")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"bordersim {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Agent-based model of leaving North Korea, 1995-2025, one resident to one."""


@app.command(name="run")
def run_command(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    scenarios: Files,
    seed: Annotated[int, typer.Option(help="First seed of the dynamics.")] = 1,
    replicates: Annotated[int, typer.Option(help="Runs of each scenario, by seed.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Lever or parameter, set last.",
            autocompletion=setting_keys,
        ),
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Share of the population, 0 to 1.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Last month to simulate.")
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(metavar="N", help="Run the first N posterior draws, each with every seed."),
    ] = None,
    posterior: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draws; those that ship by default.")
    ] = None,
    pinned: Annotated[
        bool, typer.Option("--pinned", help="What a scenario sets itself is not drawn.")
    ] = False,
    events: Annotated[bool, typer.Option("--events", help="Keep the event log.")] = False,
    out: Results = Path("results"),
    check: Annotated[
        bool, typer.Option("--check", help="Verify people and money after every month.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate scenarios and print them beside what was reported.

    A run already stored is not simulated again. Results go to OUT/<scenario>,
    those of posterior draws to OUT/<scenario>-draws.
    """
    from bordersim.cli.quick import without_scipy
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
    if draws is not None or posterior is not None or pinned:
        from bordersim.cli.run_draws import DrawOptions, run_draws

        raise typer.Exit(run_draws(request, DrawOptions(draws, posterior, pinned)))
    with without_scipy():
        code = run_scenarios(request)
    raise typer.Exit(code)


@app.command(name="check")
def check_command(files: Files, as_json: AsJson = False) -> None:
    """Validate scenario files; nothing is simulated or written."""
    from bordersim.cli.check import check_files

    raise typer.Exit(check_files(files, as_json=as_json))


app.command(name="show")(show_command)
app.command(name="diff")(diff_command)
app.command(name="compare")(compare_command)
app.command(name="verify")(verify_command)
app.command(name="sweep")(sweep_command)
app.command(name="sensitivity")(sensitivity_command)
app.command(name="attribute")(attribute_command)
app.command(name="answers")(answers_command)
app.command(name="next-facts")(next_facts_command)
app.command(name="calibrate")(calibrate_command)
app.command(name="validate")(validate_command)
app.command(name="report")(report_command)
app.command(name="app")(app_command)
app.command(name="why")(why_command)
app.command(name="cite")(cite_command)


@app.command(name="schema")
def schema_command(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema of a scenario file, for editors.

    Begin a scenario with  # yaml-language-server: $schema=FILE  and an editor
    that knows YAML completes keys, levers, parameters, places and evidence,
    shows what they mean, and underlines most mistakes. `bordersim check` finds
    them all.
    """
    from bordersim.cli.schema import write_schema

    raise typer.Exit(write_schema(out, as_json=as_json))


@app.command(name="init")
def init_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    name: Annotated[
        str | None, typer.Option(help="Name of the scenario; the folder's by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a folder with a commented scenario to start from; nothing is overwritten."""
    from bordersim.cli.init import make_scaffold

    raise typer.Exit(make_scaffold(folder, name, as_json=as_json))


@app.command(name="doctor")
def doctor_command(
    results: Results = Path("results"),
    clean_cache: Annotated[
        bool,
        typer.Option("--clean-cache", help="Remove compiled kernels of engines other than this."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a run would work here, and what to do where it would not.

    Exit code 0 when it would, 1 when it would not.
    """
    from bordersim.cli.doctor import examine

    raise typer.Exit(examine(results, clean_cache=clean_cache, as_json=as_json))

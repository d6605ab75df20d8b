"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files, setting_keys

Files = Annotated[
    list[Path],
    typer.Argument(metavar="SCENARIO", show_default=False, autocompletion=scenario_files),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


def _of_this_machine(folder: Path) -> Path:
    """Refuse a URL, which as a path would be a folder of an odd name."""
    from bordersim.remote_place import looks_like_url

    if looks_like_url(folder):
        raise typer.BadParameter(
            f'got "{folder}"; expected a folder of this machine, not a URL: sweep, sensitivity '
            "and compare work at one, and bs.open() reads it"
        )
    return folder


Results = Annotated[
    Path, typer.Option("--out", "-o", help="Folder of results.", callback=_of_this_machine)
]
Destination = Annotated[
    str,
    typer.Option("--out", "-o", metavar="PATH", help="Folder of results, or s3://BUCKET/PREFIX."),
]
MadeFrom = Annotated[
    list[Path] | None,
    typer.Option(
        "--scenario",
        metavar="FILE",
        help="What a run was made from, where it does not say so itself; may be repeated.",
        autocompletion=scenario_files,
    ),
]
MadeWith = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Lever the runs were made with on top of it.",
        autocompletion=setting_keys,
    ),
]

# What is looked at in runs

Window = Annotated[
    str | None,
    typer.Option(metavar="2012:2015", help="Years or months that count; all by default."),
]
Place = Annotated[str | None, typer.Option(help="Only this home or sector.")]
SexOf = Annotated[str | None, typer.Option("--sex", help="Only female or male.")]
ClassOf = Annotated[str | None, typer.Option("--class", help="Only poor, trader or elite.")]
Figure = Annotated[
    Path | None, typer.Option("--figure", metavar="FILE", help="Draw it (.png, .svg, .pdf).")
]

# How a sweep is carried out

SweepFile = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, autocompletion=scenario_files)
]
MoreSeeds = Annotated[
    int | None, typer.Option(metavar="N", help="Have N seeds, where FILE says fewer.")
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes; one a processor by default.")
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="tcp://...", help="Dask cluster that simulates.")
]
Retry = Annotated[bool, typer.Option("--retry", help="Runs that failed, too.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be done, and its cost.")
]

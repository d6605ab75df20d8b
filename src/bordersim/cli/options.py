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
Results = Annotated[Path, typer.Option("--out", "-o", help="Folder of results.")]
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

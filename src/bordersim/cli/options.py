"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.completion import scenario_files

Files = Annotated[
    list[Path],
    typer.Argument(metavar="SCENARIO", show_default=False, autocompletion=scenario_files),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Results = Annotated[Path, typer.Option("--out", "-o", help="Folder of results.")]
